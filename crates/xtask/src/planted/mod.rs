//! `cargo xtask planted`: plants bugs one by one and sees that the tests of the broken promise find each.
//!
//! A test that stays green while its promise is broken is no test. The bugs are built into the test programs by a
//! feature of doorstep-core that nothing else turns on (crates/core/src/planted.rs says how); an environment variable
//! makes one of them active, so that all share one build.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::postgres::{self, Server, Settings};
use crate::repository;

mod bugs;
mod program;

use bugs::{BUGS, Bug};
use program::{Built, Ended, Program};

/// Builds, sees that the tests are green without a bug, then red with theirs, and prints a line for each bug.
///
/// # Errors
/// A test stays green with its bug or is red without one; the list of bugs is not that of the code; or the program
/// has a trace of one.
pub fn run() -> Result<()> {
    check_names(&names_in_code()?)?;
    check_program()?;
    let built = program::build()?;
    let server = Server::start(Settings::default()).map_err(|e| anyhow!(e))?;
    let address = server.address();
    let postgres = (postgres::ADDRESS_VARIABLE, address.as_str());
    let built_of = |program: Program| {
        let key = (program.package.to_owned(), program.target.to_owned());
        built.get(&key).with_context(|| format!("cargo built no `{}` of `{}`", key.1, key.0))
    };
    for (program, tests) in tests_by_program() {
        are_green(built_of(program)?, &tests, postgres)?;
    }
    let mut missed = Vec::new();
    for bug in BUGS {
        let began = Instant::now();
        let ended = program::run(built_of(bug.program)?, Some(bug.name), bug.found_by, postgres)?;
        let green: Vec<&str> =
            ended.iter().filter(|(_, ended)| *ended != Ended::Failed).map(|(test, _)| *test).collect();
        println!("{}", line(bug, &green, began.elapsed().as_secs_f64()));
        missed.extend(green.into_iter().map(|test| format!("`{test}` does not notice `{}`", bug.name)));
    }
    if !missed.is_empty() {
        bail!("{}: make the test see it, or name one that does in crates/xtask/src/planted/bugs.rs", missed.join("; "));
    }
    println!("{} planted bugs, all found", BUGS.len());
    Ok(())
}

/// All tests that are named, by program, each once.
fn tests_by_program() -> BTreeMap<Program, Vec<&'static str>> {
    let mut all: BTreeMap<Program, BTreeSet<&'static str>> = BTreeMap::new();
    for bug in BUGS {
        all.entry(bug.program).or_default().extend(bug.found_by);
    }
    all.into_iter().map(|(program, tests)| (program, tests.into_iter().collect())).collect()
}

fn are_green(built: &Built, tests: &[&'static str], postgres: (&str, &str)) -> Result<()> {
    for (test, ended) in program::run(built, None, tests, postgres)? {
        match ended {
            Ended::Passed => {}
            Ended::Failed => bail!("`{test}` is red without any bug: `cargo xtask test` says why"),
            Ended::Never => bail!("there is no test `{test}`: correct crates/xtask/src/planted/bugs.rs"),
        }
    }
    Ok(())
}

/// `own-numbers-join  I-12  found  0.1 s  matching::tests::…`
fn line(bug: &Bug, green: &[&str], seconds: f64) -> String {
    let verdict = if green.is_empty() { "found" } else { "MISSED" };
    format!("{:<36}{:<6}{verdict:<8}{seconds:>5.1} s  {}", bug.name, bug.promise, bug.found_by.join(" "))
}

/// Every `planted!("…")` in the code of the crates.
fn names_in_code() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for path in repository::files()? {
        let is_code =
            path.ends_with(".rs") && !path.starts_with("crates/xtask/") && path != "crates/core/src/planted.rs";
        if is_code {
            let text = std::fs::read_to_string(repository::root().join(&path)).with_context(|| path.clone())?;
            names.extend(names_in(&text));
        }
    }
    Ok(names)
}

fn names_in(text: &str) -> impl Iterator<Item = String> {
    text.split("planted!(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
}

/// A bug that is listed but not in the code proves nothing, and one that is not listed nobody looks for.
fn check_names(in_code: &BTreeSet<String>) -> Result<()> {
    let listed: BTreeSet<String> = BUGS.iter().map(|bug| bug.name.to_owned()).collect();
    let differ: Vec<&String> = listed.symmetric_difference(in_code).collect();
    if !differ.is_empty() {
        bail!("{differ:?}: planted but not in crates/xtask/src/planted/bugs.rs, or there but not planted");
    }
    Ok(())
}

/// Even the program without optimisation has no trace of a bug, so no optimisation has to take one out.
fn check_program() -> Result<()> {
    repository::run(&mut repository::command("cargo", &["build", "--quiet", "--locked", "--package", "doorstep"]))?;
    let path = repository::dev_programs()?.join("doorstep");
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let words = BUGS.iter().map(|bug| bug.name).chain([program::VARIABLE]);
    match traces(&bytes, words).as_slice() {
        [] => Ok(()),
        found => bail!("the program has planted bugs in it: {}", found.join(", ")),
    }
}

/// Those of `words` that are among `bytes`.
fn traces<'a>(bytes: &[u8], words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let text = String::from_utf8_lossy(bytes);
    words.filter(|word| text.contains(word)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_list_is_what_the_code_has_and_names_each_once() {
        check_names(&names_in_code().unwrap()).unwrap();
        let names: BTreeSet<&str> = BUGS.iter().map(|bug| bug.name).collect();
        assert_eq!(names.len(), BUGS.len());
        assert!(BUGS.iter().all(|bug| !bug.found_by.is_empty()));
        assert!(check_names(&["own-numbers-join".to_owned()].into()).is_err());
    }

    #[test]
    fn finds_names_in_code() {
        let found: Vec<String> = names_in("if planted!(\"a-b\") {\n}\nlet x = !crate::planted!(\"c\") && y;").collect();
        assert_eq!(found, ["a-b", "c"]);
    }

    #[test]
    fn finds_traces_in_a_program() {
        let words = ["own-numbers-join", "PLANTED_BUG", "absent"];
        assert_eq!(
            traces(b"\0\x7fELFown-numbers-joinPLANTED_BU\0PLANTED_BUG", words.into_iter()),
            ["own-numbers-join", "PLANTED_BUG"]
        );
        assert!(traces(b"own-number", words.into_iter()).is_empty());
    }

    /// Nothing may turn the feature on but the command line of `cargo xtask planted`.
    #[test]
    fn no_manifest_names_the_feature() {
        for path in repository::files().unwrap().into_iter().filter(|path| path.ends_with("Cargo.toml")) {
            let text = std::fs::read_to_string(repository::root().join(&path)).unwrap();
            let is_setting = |line: &&str| !line.starts_with('#') && !line.starts_with("description");
            let lines = text.lines().filter(is_setting).filter(|line| line.contains("planted"));
            let expected: &[&str] = if path == "crates/core/Cargo.toml" { &["planted = []"] } else { &[] };
            assert_eq!(lines.collect::<Vec<_>>(), expected, "{path}");
        }
    }

    #[test]
    fn a_line_says_what_was_found() {
        let bug = BUGS.iter().find(|bug| bug.name == "synchronous-normal").unwrap();
        assert_eq!(
            line(bug, &[], 0.42),
            "synchronous-normal                  I-21  found     0.4 s  disk::the_writer_waits_for_the_disk"
        );
        assert!(line(bug, bug.found_by, 0.4).contains("MISSED"));
    }
}
