//! Only the engine and the store ask the database: a door that read for itself would have to ask again whether it may,
//! and would be another way by which data leaves (ARCHITECTURE.md, law 2). Types of the store may be named anywhere.

use super::Finding;
use super::config::Config;
use super::source::words_of;
use super::tree::Tree;

/// Where nothing is read or written but through the engine.
const DOORS: &[&str] = &["crates/server/src/"];
/// The field by which an engine reaches its database.
const DATABASE: &str = ".db";
/// What is no query and may be asked of it.
const HARMLESS: &[&str] = &[".clock()", ".wakes()"];

/// Finds transactions, and databases that are handed on.
pub fn check(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        if file.is_test() || !DOORS.iter().any(|it| file.path.starts_with(it)) {
            continue;
        }
        for (at, line) in source.code.lines().enumerate().filter(|(at, _)| !source.is_test_line(at + 1)) {
            let item = match () {
                () if words_of(line).any(|word| word == "Tx") => "Tx",
                () if asks(line) => "db",
                () => continue,
            };
            let message = format!("`{item}` in a door: let a call of the engine that takes the scope do the reading");
            let (path, item) = (file.path.clone(), item.to_owned());
            findings.push(Finding { path, line: at + 1, rule: "queries", item, message });
        }
    }
    findings
}

/// Whether a line does more with a database than look at its clock or wait for its signals.
fn asks(line: &str) -> bool {
    let after = line.match_indices(DATABASE).map(|(at, found)| &line[at + found.len()..]);
    let continues = |rest: &&str| !rest.starts_with(|c: char| c == '_' || c.is_alphanumeric());
    after.filter(continues).any(|rest| !HARMLESS.iter().any(|it| rest.starts_with(it)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn finds_doors_that_read_for_themselves() {
        let check = |path: &str, text: &str, expected: &[&str]| {
            assert_eq!(found(super::check, &[(path, text)]), expected, "{text}");
        };
        let door = "crates/server/src/page/a.rs";
        check(door, "let tx = app.engine.db.read(&scope).await?;\n", &["crates/server/src/page/a.rs:1 db"]);
        check(door, "\nsystem::tenants(&app.engine.db).await?;\n", &["crates/server/src/page/a.rs:2 db"]);
        check(door, "app\n    .engine\n    .db\n    .write(&scope)\n", &["crates/server/src/page/a.rs:3 db"]);
        check(door, "async fn a(tx: &mut Tx) {}\n", &["crates/server/src/page/a.rs:1 Tx"]);
        check(door, "use doorstep_store::{Tx, user};\n", &["crates/server/src/page/a.rs:1 Tx"]);
        check(
            door,
            "engine.db.clock().now(); engine.db.wakes().await; a.dbx; use doorstep_store::mark::Stored;\n",
            &[],
        );
        check(door, "#[cfg(test)]\nmod tests { fn a() { store.db.read(&scope); } }\n", &[]);
        check("crates/server/tests/it/a.rs", "store.db.read(&scope);\n", &[]);
        check("crates/engine/src/a.rs", "self.db.read(scope);\n", &[]);
    }
}
