//! The test programs that hold the tests, as `cargo test` built them, run by name.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::repository;

/// Longer than the slowest of the tests takes on a busy machine: a bug that makes a test hang ends here.
const LIMIT: Duration = Duration::from_secs(180);
/// As `doorstep_core::planted::VARIABLE`.
const VARIABLE: &str = "PLANTED_BUG";

/// A test program: a package and the name of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Program {
    /// The package.
    pub package: &'static str,
    /// `it`, or the library for its unit tests.
    pub target: &'static str,
}

pub const CORE: Program = Program { package: "doorstep-core", target: "doorstep_core" };
pub const STORE: Program = Program { package: "doorstep-store", target: "it" };
pub const UPSTREAM: Program = Program { package: "doorstep-upstream", target: "it" };
pub const ENGINE: Program = Program { package: "doorstep-engine", target: "it" };
pub const SERVER: Program = Program { package: "doorstep-server", target: "it" };

/// A built test program.
#[derive(Debug)]
pub struct Built {
    executable: PathBuf,
    /// Of its package: where `cargo test` would run it.
    dir: PathBuf,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Passed,
    Failed,
    /// There is none of that name, or the whole program ended before it.
    Never,
}

/// All of them, built if they are not.
///
/// # Errors
/// The code does not compile.
pub fn build() -> Result<BTreeMap<(String, String), Built>> {
    let mut command = repository::command("cargo", &["test", "--workspace", "--no-run", "--locked"]);
    let told = repository::output(command.arg("--message-format=json-render-diagnostics"))?;
    told.lines().filter_map(|line| artifact(line).transpose()).collect()
}

/// The test program that a message of cargo tells of.
fn artifact(line: &str) -> Result<Option<((String, String), Built)>> {
    let message: serde_json::Value = serde_json::from_str(line).context("cannot read what cargo says")?;
    let (Some(executable), Some(manifest)) = (message["executable"].as_str(), message["manifest_path"].as_str()) else {
        return Ok(None);
    };
    let dir = PathBuf::from(manifest).parent().context("a package has a folder")?.to_owned();
    let folder = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
    Ok(Some(((format!("doorstep-{folder}"), target), Built { executable: executable.into(), dir })))
}

/// Runs tests of a program by their full names, with a bug or with none; how each ended.
///
/// # Errors
/// The program cannot be run, or does not end.
pub fn run(
    built: &Built,
    bug: Option<&str>,
    tests: &[&'static str],
    postgres: (&str, &str),
) -> Result<Vec<(&'static str, Ended)>> {
    let mut command = Command::new(&built.executable);
    command.current_dir(&built.dir).env(postgres.0, postgres.1).env_remove(VARIABLE).arg("--exact").args(tests);
    command.envs(bug.map(|bug| (VARIABLE, bug)));
    // What tests that fail have to say is expected here; `cargo test` says it for those that should not.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot run a test program")?;
    let mut stdout = child.stdout.take().context("a test program has no output")?;
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = stdout.read_to_end(&mut said);
        let _ = sender.send(said);
    });
    let said = receiver.recv_timeout(LIMIT);
    if said.is_err() {
        child.kill().context("cannot end a test program")?;
    }
    child.wait().context("cannot wait for a test program")?;
    let Ok(said) = said else {
        bail!("{} did not end within {} s", tests.join(", "), LIMIT.as_secs());
    };
    reader.join().ok();
    let said = String::from_utf8_lossy(&said);
    Ok(tests.iter().map(|test| (*test, ended(&said, test))).collect())
}

/// How the test of that name ended, from what libtest printed.
fn ended(said: &str, test: &str) -> Ended {
    let line = |end: &str| said.lines().any(|line| line.strip_prefix("test ") == Some(&format!("{test} ... {end}")));
    match (line("ok"), line("FAILED")) {
        (_, true) => Ended::Failed,
        (true, false) => Ended::Passed,
        (false, false) => Ended::Never,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_how_a_test_ended() {
        let said = "running 3 tests\ntest a::b ... ok\ntest a::c ... FAILED\n\nfailures:\n    a::c\n";
        let check = |test, expected| assert_eq!(ended(said, test), expected, "{test}");
        check("a::b", Ended::Passed);
        check("a::c", Ended::Failed);
        check("b", Ended::Never);
        check("a", Ended::Never);
    }

    #[test]
    fn finds_test_programs_among_the_messages_of_cargo() {
        let line = r#"{"reason":"compiler-artifact","manifest_path":"/x/crates/store/Cargo.toml",
            "target":{"name":"it"},"executable":"/x/target/debug/deps/it-1"}"#;
        let ((package, target), built) = artifact(line).unwrap().unwrap();
        assert_eq!((package.as_str(), target.as_str()), (STORE.package, STORE.target));
        assert_eq!(built.dir, PathBuf::from("/x/crates/store"));
        assert!(
            artifact(r#"{"reason":"compiler-artifact","executable":null,"manifest_path":"/x"}"#).unwrap().is_none()
        );
        assert!(artifact("warning: text").is_err());
    }
}
