//! `cargo xtask test`: installs what the tests need, starts one PostgreSQL for all of them, adds up.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result, anyhow, bail};

use crate::need;
use crate::postgres::{self, Server, Settings};
use crate::repository;

/// How tests went, summed over all test programs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    /// libtest calls them ignored.
    skipped: u64,
}

/// Runs the tests and prints `N passed, N failed, N skipped` as the last line.
///
/// # Errors
/// Something is missing that cannot be installed, a test failed, none ran, or `cargo test` itself failed.
pub fn run(arguments: &[String]) -> Result<()> {
    need::ensure_all()?;
    let server = Server::start(Settings::default()).map_err(|e| anyhow!(e))?;
    let (tally, succeeded) = run_cargo(arguments, &server)?;
    drop(server);
    println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    verdict(tally, succeeded)
}

fn verdict(tally: Tally, succeeded: bool) -> Result<()> {
    match tally {
        Tally { failed: 1.., .. } => bail!("a test failed; its output is above"),
        _ if !succeeded => bail!("`cargo test` failed: the code does not compile, or a test program crashed"),
        Tally { passed: 0, .. } => bail!("no test ran: is the filter right?"),
        _ => Ok(()),
    }
}

/// Runs `cargo test`, showing its output while it comes, and adds up; also whether cargo was content.
fn run_cargo(arguments: &[String], server: &Server) -> Result<(Tally, bool)> {
    let mut command = repository::command("cargo", &["test", "--locked", "--no-fail-fast"]);
    if !names_packages(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments).env(postgres::ADDRESS_VARIABLE, server.address()).stdout(Stdio::piped());
    let mut cargo = command.spawn().context("cannot run `cargo test`")?;
    let output = cargo.stdout.take().context("`cargo test` has no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line.context("cannot read the output of `cargo test`")?).into_owned();
        writeln!(std::io::stdout(), "{line}").context("cannot show the output of `cargo test`")?;
        if let Some(one) = parse(&line) {
            tally.passed += one.passed;
            tally.failed += one.failed;
            tally.skipped += one.skipped;
        }
    }
    let status = cargo.wait().context("cannot wait for `cargo test`")?;
    Ok((tally, status.success()))
}

fn names_packages(arguments: &[String]) -> bool {
    let own = arguments.iter().take_while(|it| *it != "--");
    own.into_iter().any(|it| it.starts_with("-p") || it.starts_with("--package") || it.starts_with("--manifest-path"))
}

/// The counts of a line such as
/// `test result: ok. 6 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.54s`.
fn parse(line: &str) -> Option<Tally> {
    let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let mut tally = Tally::default();
    for count in counts.split("; ") {
        match count.split_once(' ')? {
            (number, "passed") => tally.passed = number.parse().ok()?,
            (number, "failed") => tally.failed = number.parse().ok()?,
            (number, "ignored") => tally.skipped = number.parse().ok()?,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_the_result_lines() {
        let check = |line: &str, expected: Option<(u64, u64, u64)>| {
            let expected = expected.map(|(passed, failed, skipped)| Tally { passed, failed, skipped });
            assert_eq!(parse(line), expected, "{line}");
        };
        let ok = "test result: ok. 6 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.54s";
        check(ok, Some((6, 0, 1)));
        check(&ok.replace("ok. 6 passed; 0 failed", "FAILED. 12 passed; 3 failed"), Some((12, 3, 1)));
        check("test result: nonsense", None);
        check("test it::result ... ok", None);
        check("", None);
    }

    #[test]
    fn is_content_only_when_something_ran_and_nothing_failed() {
        let check = |passed, failed, succeeded, expected: Result<(), &str>| {
            let done = verdict(Tally { passed, failed, skipped: 0 }, succeeded).map_err(|e| e.to_string());
            match expected {
                Ok(()) => assert_eq!(done, Ok(())),
                Err(part) => assert!(done.unwrap_err().contains(part)),
            }
        };
        check(3, 0, true, Ok(()));
        check(0, 0, true, Err("no test ran"));
        check(3, 1, false, Err("a test failed"));
        check(3, 1, true, Err("a test failed"));
        check(3, 0, false, Err("crashed"));
    }

    #[test]
    fn a_named_package_is_tested_alone() {
        let check = |line: &str, expected| {
            let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(names_packages(&arguments), expected, "{line}");
        };
        check("", false);
        check("phone", false);
        check("-p doorstep-core", true);
        check("-pdoorstep-core phone", true);
        check("--package=doorstep-core", true);
        check("phone -- -p", false);
    }
}
