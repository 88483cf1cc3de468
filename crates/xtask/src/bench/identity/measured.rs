//! Running the program as a person would, and what it took and came to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::repository;

/// Waits for a program and asks the system what it took, which takes a call that is not safe in Rust.
const MEASURED: &str = "crates/xtask/open-matcher/measured.py";

/// What a process took.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// Wall clock.
    pub seconds: f64,
    /// The most memory it had at once.
    pub bytes: u64,
}

/// Precision, recall and F1 by pairs, and F1 by records (B-cubed).
#[derive(Debug, Clone, Copy)]
pub struct Scored {
    /// By pairs.
    pub precision: f64,
    /// By pairs.
    pub recall: f64,
    /// By pairs.
    pub f1: f64,
    /// B-cubed.
    pub b_cubed: f64,
}

/// The release build.
///
/// # Errors
/// The system does not say where we are.
pub fn program() -> Result<PathBuf> {
    let programs = repository::dev_programs()?;
    Ok(programs.parent().unwrap_or(&programs).join("release").join("doorstep"))
}

/// Runs a program to its end.
///
/// # Errors
/// It cannot be run, or it failed.
pub fn run(program: &Path, arguments: &[&Path]) -> Result<Taken> {
    let mut command = repository::command("python3", &[MEASURED]);
    let text = repository::output(command.arg(program).args(arguments))?;
    let said: Value = serde_json::from_str(text.lines().last().unwrap_or_default()).context("what it took")?;
    let seconds = said["seconds"].as_f64().context("how long it took")?;
    Ok(Taken { seconds, bytes: said["bytes"].as_u64().context("what memory it took")? })
}

/// Compares customers with the truth.
///
/// # Errors
/// `doorstep identity evaluate` failed.
pub fn score(clusters: &Path, truth: &Path) -> Result<Scored> {
    let mut command = repository::command(&program()?.to_string_lossy(), &["identity", "evaluate", "--json"]);
    let text = repository::output(command.args(["--worst", "0"]).arg(clusters).arg("--truth").arg(truth))?;
    let said: Value = serde_json::from_str(&text).context("`doorstep identity evaluate --json`")?;
    let figure = |of: &str, name: &str| said[of][name].as_f64().with_context(|| format!("no figure `{of}.{name}`"));
    Ok(Scored {
        precision: figure("pairs", "precision")?,
        recall: figure("pairs", "recall")?,
        f1: figure("pairs", "f1")?,
        b_cubed: figure("b_cubed", "f1")?,
    })
}
