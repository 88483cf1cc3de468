//! The same noun is the same file name in every crate that it touches (STYLE.md, "Shape").

use std::collections::BTreeMap;

use super::Finding;
use super::config::Config;
use super::tree::Tree;
use super::words::singular;

/// The crates in the order in which they name things: an earlier spelling is the right one.
const ORDER: &[&str] = &["core", "store", "upstream", "engine", "agent", "server", "doorstep"];

/// Finds file names that spell another crate's noun differently (`imports.rs` beside `import.rs`).
pub fn check(tree: &Tree, _: &Config) -> Vec<Finding> {
    let mut spellings: BTreeMap<String, Vec<(usize, &str, &str)>> = BTreeMap::new();
    for (file, _) in tree.rust() {
        let Some(rank) = ORDER.iter().position(|it| Some(*it) == file.krate()) else { continue };
        let Some(noun) = noun(&file.path) else { continue };
        spellings.entry(key(noun)).or_default().push((rank, noun, &file.path));
    }
    let mut findings = Vec::new();
    for files in spellings.values_mut() {
        files.sort();
        let Some((_, right, example)) = files.first().copied() else { continue };
        for (_, noun, path) in files.iter().filter(|(_, noun, _)| *noun != right) {
            let message = format!("`{noun}` is named `{right}` in {example}: use one name");
            let (path, item) = ((*path).to_owned(), (*noun).to_owned());
            findings.push(Finding { path, line: 1, rule: "nouns", item, message });
        }
    }
    findings
}

/// The noun that a file at the top of a crate (or a command, or the root of a folder) is named for.
fn noun(path: &str) -> Option<&str> {
    let (_, inside) = path.split_once("/src/")?;
    let inside = inside.strip_prefix("command/").unwrap_or(inside);
    let noun = match inside.split_once('/') {
        Some((folder, _)) => folder,
        None => inside.strip_suffix(".rs")?,
    };
    (!matches!(noun, "lib" | "main" | "mod" | "tests" | "testing" | "command")).then_some(noun)
}

/// What two spellings of one noun have in common: neither plural, underscore nor `ies` tells them apart.
fn key(noun: &str) -> String {
    let words: Vec<String> = noun
        .split('_')
        .map(|word| match word.strip_suffix("ies") {
            Some(rest) => format!("{rest}y"),
            None => singular(word).to_owned(),
        })
        .collect();
    words.concat()
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn finds_two_spellings_of_a_noun() {
        let check = |paths: &[&str], expected: &[&str]| {
            let files: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "")).collect();
            assert_eq!(found(super::check, &files), expected, "{paths:?}");
        };
        check(&["crates/core/src/import.rs", "crates/store/src/import.rs", "crates/engine/src/import/plan.rs"], &[]);
        check(
            &["crates/core/src/import.rs", "crates/engine/src/imports/mod.rs"],
            &["crates/engine/src/imports/mod.rs:1 imports"],
        );
        check(
            &["crates/core/src/identity.rs", "crates/doorstep/src/command/identities.rs"],
            &["crates/doorstep/src/command/identities.rs:1 identities"],
        );
        check(
            &["crates/store/src/own_number.rs", "crates/core/src/ownnumber.rs"],
            &["crates/store/src/own_number.rs:1 own_number"],
        );
        check(&["crates/core/src/address.rs", "crates/store/src/address.rs", "crates/core/src/status.rs"], &[]);
    }
}
