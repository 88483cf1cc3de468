//! A well-known open matcher and public data sets, in Python, beside ours.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::measured::{Scored, Taken, run, score};
use super::people::TRUTH;
use crate::need::python::OPEN_MATCHER;
use crate::repository;

/// The matcher, and the sets.
const PROGRAMS: [&str; 2] = ["crates/xtask/open-matcher/matcher.py", "crates/xtask/open-matcher/febrl.py"];
/// How it is set up; matcher.py says what each is.
pub const MODES: [&str; 3] = ["untrained", "em", "labels"];

/// The matcher, installed.
pub struct OpenMatcher {
    python: PathBuf,
}

impl OpenMatcher {
    /// Installs it, if it can be had.
    pub fn find() -> Option<Self> {
        match OPEN_MATCHER.ensure() {
            Ok(python) => Some(Self { python }),
            Err(error) => {
                println!("\nwithout the open matcher and the public sets: {error:#}\n");
                None
            }
        }
    }

    /// Writes FEBRL 1 to 4 into a folder; where each is.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn febrl(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut command = repository::command(&self.python.to_string_lossy(), &[PROGRAMS[1]]);
        repository::run(command.arg(folder))?;
        Ok((1..=4).map(|number| folder.join(format!("febrl{number}"))).collect())
    }

    /// Matches the records of a folder.
    ///
    /// # Errors
    /// It failed.
    pub fn cluster(&self, folder: &Path, mode: &str) -> Result<(Taken, Scored)> {
        let out = folder.join(format!("OPEN-{mode}.csv"));
        let taken = run(&self.python, &[Path::new(PROGRAMS[0]), folder, Path::new(mode), &out])?;
        Ok((taken, score(&out, &folder.join(TRUTH))?))
    }
}
