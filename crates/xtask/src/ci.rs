//! `cargo xtask ci`: the whole of CI as a list that a person can read.
//!
//! What is quick comes first. Clippy and rustdoc share the checked dependencies, the pages and the tests
//! share the built ones, so a clean clone builds each dependency twice at most. The planted bugs come last: they run the
//! programs of the tests again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::repository;
use crate::{deny, docs, planted, test, tidy};

/// One step; the first that fails ends the run.
struct Step {
    name: &'static str,
    /// For a person whose step has failed.
    hint: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", hint: "run `cargo fmt --all`", run: || cargo(&["fmt", "--all", "--check"]) },
    Step { name: "tidy", hint: "`cargo xtask tidy` says what to do on each line", run: tidy::run },
    Step { name: "deny", hint: "see deny.toml", run: deny::run },
    Step {
        name: "clippy",
        hint: "run `cargo clippy --workspace --all-targets`",
        run: || cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    },
    Step { name: "rustdoc", hint: "run `cargo doc --workspace --no-deps`", run: rustdoc },
    Step { name: "docs", hint: "run `cargo xtask docs`", run: || docs::run(true) },
    Step { name: "test", hint: "run `cargo xtask test`", run: || test::run(&[]) },
    Step { name: "planted", hint: "run `cargo xtask planted`", run: planted::run_after_tests },
];

/// Runs all steps.
///
/// # Errors
/// A step has failed; its name and what to do about it.
pub fn run() -> Result<()> {
    let start = Instant::now();
    let mut done = Vec::new();
    for step in STEPS {
        eprintln!("── {}", step.name);
        let began = Instant::now();
        let result = (step.run)();
        done.push((step.name, result.is_ok(), began.elapsed()));
        if let Err(error) = result {
            eprint!("\n{}", list(&done));
            return Err(error).with_context(|| format!("the step `{}` failed: {}", step.name, step.hint));
        }
    }
    done.push(("all", true, start.elapsed()));
    eprint!("\n{}", list(&done));
    Ok(())
}

fn list(done: &[(&str, bool, Duration)]) -> String {
    let line = |(name, succeeded, time): &(&str, bool, Duration)| {
        let verdict = if *succeeded { "ok" } else { "failed" };
        format!("{name:<10}{verdict:<8}{:>7.1} s\n", time.as_secs_f64())
    };
    done.iter().map(line).collect()
}

fn cargo(arguments: &[&str]) -> Result<()> {
    repository::run(&mut repository::command("cargo", arguments))
}

fn rustdoc() -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--locked"];
    repository::run(repository::command("cargo", &arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_each_step_with_its_time() {
        let done = [("format", true, Duration::from_millis(340)), ("tidy", false, Duration::from_secs(61))];
        assert_eq!(list(&done), "format    ok          0.3 s\ntidy      failed     61.0 s\n");
    }
}
