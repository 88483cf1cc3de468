//! Who may import whom: the crates in one straight line, and third parties behind walls (ARCHITECTURE.md).

use toml::{Table, Value};

use super::Finding;
use super::config::Config;
use super::source::has_word;
use super::tree::Tree;

/// Each crate with those of ours that it may import. A new crate is a change to be thought about: here.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("store", &["core"]),
    ("upstream", &["core"]),
    ("engine", &["store", "upstream", "core"]),
    ("agent", &["engine", "store", "core"]),
    ("server", &["agent", "engine", "store", "core"]),
    ("doorstep", &["server", "agent", "engine", "store", "upstream", "core", "sim"]),
    ("sim", &[]),
    ("xtask", &[]),
];

/// Each crate with those of ours that its tests and measurements may import besides: what stands for the world outside.
const IN_TESTS: &[(&str, &[&str])] = &[("upstream", &["sim"]), ("engine", &["sim"]), ("server", &["sim", "upstream"])];

/// Each third party with the paths that may import it, so that replacing it stays one change.
const WALLS: &[(&str, &[&str])] = &[
    ("sqlx", &["crates/store/"]),
    ("clap", &["crates/doorstep/", "crates/xtask/"]),
    ("clap_complete", &["crates/doorstep/"]),
    ("comfy_table", &["crates/doorstep/"]),
    ("indicatif", &["crates/doorstep/"]),
    // The program writes the demo's archive.
    ("zip", &["crates/upstream/", "crates/doorstep/", "crates/engine/tests/", "crates/engine/Cargo.toml"]),
    ("csv", &["crates/upstream/"]),
    ("rlibphonenumber", &["crates/core/"]),
    ("argon2", &["crates/engine/"]),
    ("chacha20poly1305", &["crates/engine/"]),
    ("getrandom", &["crates/engine/"]),
    ("axum", &["crates/server/", "crates/sim/"]),
    ("hyper", &["crates/server/", "crates/sim/"]),
    ("hyper_util", &["crates/server/", "crates/sim/"]),
    ("tower_service", &["crates/server/"]),
    ("askama", &["crates/server/"]),
    ("brotli", &["crates/server/"]),
    // Its tests speak to us as its client does.
    ("rmcp", &["crates/server/", "crates/doorstep/tests/", "crates/doorstep/Cargo.toml"]),
    ("reqwest", &["crates/upstream/"]),
    ("rustls", &["crates/upstream/"]),
    ("webpki_roots", &["crates/upstream/"]),
];

/// The names of our crates in code, from the folder's name.
fn code_name(krate: &str) -> String {
    if matches!(krate, "doorstep" | "xtask") { krate.to_owned() } else { format!("doorstep_{krate}") }
}

fn may_import(krate: &str, other: &str, is_test: bool) -> bool {
    let has = |table: &[(&str, &[&str])]| table.iter().any(|(from, to)| *from == krate && to.contains(&other));
    // A crate's own tests may ask for its features by depending on itself.
    krate == other || has(DIRECTIONS) || is_test && has(IN_TESTS)
}

fn advice(krate: &str, other: &str) -> String {
    format!(
        "`{krate}` must not import `{other}`: move the code to where it belongs, or change the table in ARCHITECTURE.md and in crates/xtask/src/tidy/imports.rs"
    )
}

fn wall_advice(name: &str, allowed: &[&str]) -> String {
    let places = if allowed.is_empty() { "nowhere".to_owned() } else { format!("only under {}", allowed.join(", ")) };
    format!("`{name}` may be imported {places}: put the code behind a function there")
}

/// Looks at what the crates' manifests ask for.
pub fn manifests(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|it| it.path.ends_with("/Cargo.toml")) {
        let Some(krate) = file.krate() else { continue };
        let mut find = |item: &str, message: String| {
            let line = file.text.lines().position(|line| has_word(line, item)).map_or(1, |at| at + 1);
            let item = item.to_owned();
            findings.push(Finding { path: file.path.clone(), line, rule: "imports", item, message });
        };
        if !DIRECTIONS.iter().any(|(name, _)| *name == krate) {
            find(krate, format!("crate `{krate}` is new: say in crates/xtask/src/tidy/imports.rs what it may import"));
        }
        let manifest: Table = match file.text.parse() {
            Ok(table) => table,
            Err(_) => continue,
        };
        for (name, is_test) in dependencies(&manifest) {
            let code = name.replace('-', "_");
            if let Some((other, _)) = DIRECTIONS.iter().find(|(other, _)| code_name(other) == code) {
                if !may_import(krate, other, is_test) {
                    find(&name, advice(krate, other));
                }
            } else if let Some((_, allowed)) = WALLS.iter().find(|(wall, _)| *wall == code)
                && !allowed.iter().any(|it| file.path.starts_with(it))
            {
                find(&name, wall_advice(&name, allowed));
            }
        }
    }
    findings
}

/// The packages of all dependency tables, those of one platform included, and whether they are for tests only.
fn dependencies(manifest: &Table) -> Vec<(String, bool)> {
    let mut tables = vec![manifest];
    if let Some(Value::Table(targets)) = manifest.get("target") {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let lists = tables.iter().flat_map(|table| {
        kinds.iter().filter_map(|kind| Some((table.get(*kind)?.as_table()?, *kind == "dev-dependencies")))
    });
    let package =
        |(key, value): (&String, &Value)| value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned();
    let named = |(list, is_test): (&Table, bool)| list.iter().map(|it| (package(it), is_test)).collect::<Vec<_>>();
    lists.flat_map(named).collect()
}

/// Looks at what the code names.
pub fn uses(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let Some(krate) = file.krate() else { continue };
        let mut find = |lines: Vec<usize>, item: &str, message: &str| {
            findings.extend(lines.into_iter().map(|line| {
                let (item, message) = (item.to_owned(), message.to_owned());
                Finding { path: file.path.clone(), line, rule: "imports", item, message }
            }));
        };
        let is_test = ["tests", "benches"].iter().any(|dir| file.path.starts_with(&format!("crates/{krate}/{dir}/")));
        for (other, _) in DIRECTIONS.iter().filter(|(other, _)| !may_import(krate, other, is_test)) {
            let name = code_name(other);
            find(named(source, &name), &name, &advice(krate, other));
        }
        for (name, allowed) in WALLS {
            if !allowed.iter().any(|it| file.path.starts_with(it)) {
                find(named(source, name), name, &wall_advice(name, allowed));
            }
        }
    }
    findings
}

/// The lines that name a crate: `name::…` not after another path, or `use name…`, or `extern crate name`.
fn named(source: &super::source::Source, name: &str) -> Vec<usize> {
    let path = format!("{name}::");
    let names = |line: &str| {
        let as_path = line.match_indices(&path).any(|(at, _)| {
            let before = &line[..at];
            has_word(&line[at..], &path) && !before.ends_with(|c: char| c == '_' || c == ':' || c.is_alphanumeric())
        });
        let whole = |keyword: &str| {
            let rest = line.trim_start().trim_start_matches("pub ").strip_prefix(keyword);
            let rest = rest.and_then(|rest| rest.strip_prefix(name));
            rest.is_some_and(|rest| rest.starts_with([';', ' ']))
        };
        as_path || whole("use ") || whole("extern crate ")
    };
    source.code.lines().enumerate().filter(|(_, line)| names(line)).map(|(at, _)| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn finds_manifests_that_go_against_the_river() {
        let check = |krate: &str, text: &str, expected: &[&str]| {
            assert_eq!(found(manifests, &[(&format!("crates/{krate}/Cargo.toml"), text)]), expected, "{text}");
        };
        check("engine", "[dependencies]\ndoorstep-store.workspace = true\n", &[]);
        check("store", "[dev-dependencies]\ndoorstep-store = { path = '.' }\n", &[]);
        check(
            "store",
            "[dependencies]\n\ndoorstep-engine.workspace = true\n",
            &["crates/store/Cargo.toml:3 doorstep-engine"],
        );
        check(
            "core",
            "[dev-dependencies]\nx = { package = 'doorstep-store' }\n",
            &["crates/core/Cargo.toml:2 doorstep-store"],
        );
        check("engine", "[target.'cfg(unix)'.dependencies]\nsqlx = '1'\n", &["crates/engine/Cargo.toml:2 sqlx"]);
        check(
            "xtask",
            "[dependencies]\ndoorstep-core.workspace = true\n",
            &["crates/xtask/Cargo.toml:2 doorstep-core"],
        );
        check("upstream", "[dev-dependencies]\ndoorstep-sim.workspace = true\n", &[]);
        check(
            "upstream",
            "[dependencies]\ndoorstep-sim.workspace = true\n",
            &["crates/upstream/Cargo.toml:2 doorstep-sim"],
        );
        check("doorstep", "[dependencies]\naxum = '1'\n", &["crates/doorstep/Cargo.toml:2 axum"]);
        check("porch", "[package]\nname = 'x'\n", &["crates/porch/Cargo.toml:1 porch"]);
    }

    #[test]
    fn finds_code_that_goes_through_a_wall() {
        let check =
            |path: &str, text: &str, expected: &[&str]| assert_eq!(found(uses, &[(path, text)]), expected, "{text}");
        check("crates/store/src/a.rs", "use sqlx::Row;\n", &[]);
        check("crates/engine/src/a.rs", "use sqlx::Row;\n", &["crates/engine/src/a.rs:1 sqlx"]);
        check("crates/engine/src/a.rs", "\nfn a(b: sqlx::Row) {}\n", &["crates/engine/src/a.rs:2 sqlx"]);
        check(
            "crates/engine/src/a.rs",
            "// sqlx::Row\nlet a = \"sqlx::Row\"; use crate::sqlx::A; my_sqlx::b();\n",
            &[],
        );
        check("crates/engine/src/a.rs", "a.iter().zip(b); std::iter::zip(a, b);\n", &[]);
        check("crates/core/src/a.rs", "pub use doorstep_store;\n", &["crates/core/src/a.rs:1 doorstep_store"]);
        check("crates/upstream/tests/it/a.rs", "use doorstep_sim::Sim;\n", &[]);
        check("crates/engine/benches/a.rs", "use doorstep_sim::Sim;\n", &[]);
        check("crates/upstream/src/a.rs", "use doorstep_sim::Sim;\n", &["crates/upstream/src/a.rs:1 doorstep_sim"]);
        check("crates/store/src/a.rs", "use clap as c;\n", &["crates/store/src/a.rs:1 clap"]);
    }
}
