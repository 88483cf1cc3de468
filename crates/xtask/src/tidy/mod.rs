//! `cargo xtask tidy`: the house rules that a program can hold.
//!
//! Every rule is a function from the tree of files to findings, with a test that plants a violation.
//! Words and exceptions are data (tidy.toml); an exception that no longer matches is a finding too.

use anyhow::{Context, Result, bail};

use crate::repository;

mod config;

mod futures;
mod imports;
mod nouns;
mod queries;
mod sizes;
mod source;
mod sql;
mod text;
mod tree;
mod unfinished;
mod words;

use config::Config;
use tree::Tree;

/// Where the words and exceptions are.
const CONFIG: &str = "crates/xtask/tidy.toml";

/// One violation: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: String,
    /// Counted from 1.
    line: usize,
    /// The name of the rule, as exceptions use it.
    rule: &'static str,
    /// What it is about (a word, a table, a function), as exceptions use it.
    item: String,
    /// What is wrong, and what to do.
    message: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {} [{}: {}]", self.path, self.line, self.message, self.rule, self.item)
    }
}

/// A rule.
type Rule = fn(&Tree, &Config) -> Vec<Finding>;

const RULES: &[Rule] = &[
    sizes::check,
    imports::manifests,
    imports::uses,
    words::check,
    words::names,
    nouns::check,
    queries::check,
    sql::portable,
    sql::style,
    sql::keys,
    sql::place,
    unfinished::check,
    futures::check,
    text::check,
];

/// Checks the working tree and prints what it finds.
///
/// # Errors
/// There is something to put right, or the tree cannot be read.
pub fn run() -> Result<()> {
    let config = std::fs::read_to_string(repository::root().join(CONFIG)).with_context(|| format!("`{CONFIG}`"))?;
    let config = Config::parse(&config).with_context(|| format!("`{CONFIG}`"))?;
    let tree = Tree::read()?;
    let findings = check(&tree, &config);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("tidy found 1 thing to put right"),
        n => bail!("tidy found {n} things to put right"),
    }
}

/// What remains of all rules' findings after the exceptions, and the exceptions that match nothing.
fn check(tree: &Tree, config: &Config) -> Vec<Finding> {
    let all: Vec<Finding> = RULES.iter().flat_map(|rule| rule(tree, config)).collect();
    let stale = config.allow.iter().filter(|it| !all.iter().any(|finding| it.covers(finding))).map(|it| Finding {
        path: CONFIG.to_owned(),
        line: it.line,
        rule: "exceptions",
        item: it.rule.clone(),
        message: format!("nothing under `{}` needs this exception: remove it", it.path),
    });
    let mut left: Vec<Finding> = stale.collect();
    left.extend(all.iter().filter(|finding| !config.allow.iter().any(|it| it.covers(finding))).cloned());
    left.sort();
    left.dedup();
    left
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What one rule says about files, as `path:line item`.
    pub fn found(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
        let config = Config::parse(include_str!("../../tidy.toml")).unwrap();
        let findings = rule(&Tree::of(files), &config);
        findings.iter().map(|it| format!("{}:{} {}", it.path, it.line, it.item)).collect()
    }

    #[test]
    fn exceptions_cover_and_stale_ones_are_found() {
        let tree = Tree::of(&[("crates/engine/src/a.rs", "fn a() { todo!() }\n")]);
        let with = |exceptions: &str| check(&tree, &Config::parse(exceptions).unwrap());
        assert_eq!(with("").len(), 1);
        let fits = "[[allow]]\nrule = 'unfinished'\npath = 'crates/engine/'\nitem = 'todo!'\nreason = 'x'\n";
        assert_eq!(with(fits), []);
        let other = with(&fits.replace("engine", "store"));
        assert_eq!(
            other.iter().map(|it| (it.rule, it.line)).collect::<Vec<_>>(),
            [("unfinished", 1), ("exceptions", 1)]
        );
    }

    #[test]
    fn a_finding_reads_as_a_place_and_an_advice() {
        let found = check(&Tree::of(&[("crates/engine/src/a.rs", "\nfn a() { todo!() }\n")]), &Config::default());
        assert!(found[0].to_string().starts_with("crates/engine/src/a.rs:2: `todo!`"), "{}", found[0]);
    }
}
