//! `cargo xtask planted`: plants bugs one by one and sees that the tests of the broken promise find each.
//!
//! A test that stays green while its promise is broken is no test. The bugs are in every build that has debug assertions
//! (crates/core/src/planted.rs says how); an environment variable makes one of them active, so the test programs are those
//! of `cargo xtask test`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::postgres::{self, Server, Settings};
use crate::repository;

mod bugs;
mod program;

use bugs::{BUGS, Bug};
use program::{Built, Ended, Program};

/// Sees that the tests are green without a bug, then red with theirs, and prints a line for each bug.
///
/// # Errors
/// A test stays green with its bug or is red without one; or the list of bugs is not that of the code.
pub fn run() -> Result<()> {
    Garden::open()?.are_green()?.are_found()
}

/// The same where `cargo xtask test` has just seen every test green.
///
/// # Errors
/// A test stays green with its bug, or the list of bugs is not that of the code.
pub fn run_after_tests() -> Result<()> {
    Garden::open()?.are_found()
}

/// The test programs, and the database server for them.
struct Garden {
    built: BTreeMap<(String, String), Built>,
    server: Server,
}

impl Garden {
    fn open() -> Result<Self> {
        check_names(&names_in_code()?)?;
        Ok(Self { built: program::build()?, server: Server::start(Settings::default()).map_err(|e| anyhow!(e))? })
    }

    /// How the tests of a program end with a bug, or with none.
    fn ends(&self, program: Program, bug: Option<&str>, tests: &[&'static str]) -> Result<Vec<(&'static str, Ended)>> {
        let key = (program.package.to_owned(), program.target.to_owned());
        let built = self.built.get(&key).with_context(|| format!("cargo built no `{}` of `{}`", key.1, key.0))?;
        program::run(built, bug, tests, (postgres::ADDRESS_VARIABLE, &self.server.address()))
    }

    fn are_green(self) -> Result<Self> {
        for (program, tests) in tests_by_program() {
            for (test, ended) in self.ends(program, None, &tests)? {
                match ended {
                    Ended::Passed => {}
                    Ended::Failed => bail!("`{test}` is red without any bug: `cargo xtask test` says why"),
                    Ended::Never => bail!("there is no test `{test}`: correct crates/xtask/src/planted/bugs.rs"),
                }
            }
        }
        Ok(self)
    }

    /// Bug after bug, as many at a time as there are processors: one test alone leaves the others idle.
    fn are_found(&self) -> Result<()> {
        let next = AtomicUsize::new(0);
        let missed = Mutex::new(Vec::new());
        let work = || -> Result<()> {
            while let Some(bug) = BUGS.get(next.fetch_add(1, Ordering::Relaxed)) {
                let began = Instant::now();
                let ended = self.ends(bug.program, Some(bug.name), bug.found_by)?;
                let green: Vec<&str> =
                    ended.iter().filter(|(_, ended)| *ended != Ended::Failed).map(|(test, _)| *test).collect();
                println!("{}", line(bug, &green, began.elapsed().as_secs_f64()));
                let told = green.into_iter().map(|test| format!("`{test}` does not notice `{}`", bug.name));
                missed.lock().map_err(|e| anyhow!("{e}"))?.extend(told);
            }
            Ok(())
        };
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            handles.into_iter().try_for_each(|handle| handle.join().map_err(|_| anyhow!("a thread ended early"))?)
        })?;
        let missed = missed.into_inner().map_err(|e| anyhow!("{e}"))?;
        if !missed.is_empty() {
            let missed = missed.join("; ");
            bail!("{missed}: make the test see it, or name one that does in crates/xtask/src/planted/bugs.rs");
        }
        println!("{} planted bugs, all found", BUGS.len());
        Ok(())
    }
}

/// All tests that are named, by program, each once.
fn tests_by_program() -> BTreeMap<Program, Vec<&'static str>> {
    let mut all: BTreeMap<Program, BTreeSet<&'static str>> = BTreeMap::new();
    for bug in BUGS {
        all.entry(bug.program).or_default().extend(bug.found_by);
    }
    all.into_iter().map(|(program, tests)| (program, tests.into_iter().collect())).collect()
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
    fn a_line_says_what_was_found() {
        let bug = BUGS.iter().find(|bug| bug.name == "synchronous-normal").unwrap();
        assert_eq!(
            line(bug, &[], 0.42),
            "synchronous-normal                  I-21  found     0.4 s  disk::the_writer_waits_for_the_disk"
        );
        assert!(line(bug, bug.found_by, 0.4).contains("MISSED"));
    }
}
