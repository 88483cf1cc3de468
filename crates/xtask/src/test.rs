//! `cargo xtask test`: installs what the tests need, starts one PostgreSQL for all of them, adds up.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::postgres::{self, Server, Settings};
use crate::repository;

mod schemathesis;

/// A program that tests cannot do without.
struct Need {
    /// Fails with a sentence that says what to install.
    find: fn() -> Result<(), String>,
    /// The package of Debian and Ubuntu.
    package: &'static str,
}

/// What must be on the machine before the tests start.
const NEEDS: &[Need] = &[
    Need { find: || postgres::find_binaries().map(|_| ()), package: "postgresql" },
    Need { find: find_browser, package: "chromium" },
    Need { find: schemathesis::find_python, package: "python3-venv" },
];

/// The names under which systems install the browser that the dashboard is looked at with.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

fn find_browser() -> Result<(), String> {
    let runs = |name: &str| {
        let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|ended| ended.success())
    };
    let found = BROWSERS.into_iter().any(runs);
    found.then_some(()).ok_or_else(|| {
        "no Chromium is installed, with which the dashboard is tested: install it (Debian: `apt-get install chromium`; \
         Fedora: `dnf install chromium`; macOS: `brew install --cask google-chrome`)"
            .to_owned()
    })
}

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
    for need in NEEDS {
        ensure(need)?;
    }
    schemathesis::ensure()?;
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

/// Installs what a need lacks where that takes no question to anybody: as root with apt.
fn ensure(need: &Need) -> Result<()> {
    let Err(reason) = (need.find)() else { return Ok(()) };
    if !can_install() {
        bail!("{reason}");
    }
    eprintln!("installing `{}` with apt-get", need.package);
    let installed = without_services(Path::new("/usr/sbin/policy-rc.d"), || {
        apt_get(&["install", "-y", "--no-install-recommends", need.package]).or_else(|_| {
            apt_get(&["update"])?;
            apt_get(&["install", "-y", "--no-install-recommends", need.package])
        })
    });
    installed.with_context(|| reason)?;
    (need.find)().map_err(|reason| anyhow!("`{}` was installed, but {reason}", need.package))
}

fn can_install() -> bool {
    let id = Command::new("id").arg("-u").output();
    let is_root = id.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).trim() == "0");
    is_root && Path::new("/usr/bin/apt-get").exists()
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    // Standard output is for the tests' sum.
    let mut command = repository::command("apt-get", arguments);
    repository::run(command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
}

/// Keeps Debian from starting the services of what `install` installs: we start our own PostgreSQL.
/// A policy that somebody else has put there stays as it is.
fn without_services(policy: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let ours = !policy.exists()
        && std::fs::write(policy, "#!/bin/sh\nexit 101\n").is_ok()
        && std::fs::set_permissions(policy, std::fs::Permissions::from_mode(0o755)).is_ok();
    let installed = install();
    if ours {
        let _ = std::fs::remove_file(policy);
    }
    installed
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

    #[test]
    fn services_stay_off_while_installing_and_a_policy_of_others_stays() {
        let dir = tempfile::tempdir().unwrap();
        let policy = dir.path().join("policy-rc.d");
        without_services(&policy, || {
            assert!(std::fs::read_to_string(&policy).unwrap().contains("exit 101"));
            Ok(())
        })
        .unwrap();
        assert!(!policy.exists());
        std::fs::write(&policy, "theirs").unwrap();
        assert!(without_services(&policy, || bail!("no network")).is_err());
        assert_eq!(std::fs::read_to_string(&policy).unwrap(), "theirs");
    }
}
