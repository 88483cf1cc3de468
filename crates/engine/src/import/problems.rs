//! Problems of an import, in bounded memory: all are counted, the first of them are kept with their words.

use doorstep_core::import::{FileKind, Problem};
use doorstep_core::planted;

use super::outcome::{Fate, Fates};
use super::plan::MAX_PROBLEMS;

#[derive(Debug, Default)]
pub(super) struct Problems {
    pub kept: Vec<Problem>,
    pub count: u64,
}

impl Problems {
    pub fn push(&mut self, file: FileKind, line: u64, reason: String) {
        self.add(Problem { file: file.file_name().to_owned(), line, reason });
    }

    pub fn add(&mut self, problem: Problem) {
        self.count += 1;
        if planted!("a-log-line-quotes-the-row") {
            tracing::debug!(problem.file, problem.line, problem.reason, "a row was passed over");
        }
        if self.kept.len() < MAX_PROBLEMS {
            self.kept.push(problem);
        }
    }

    /// One entry for each run of neighbouring rows that were passed over for one reason.
    pub fn add_runs(&mut self, file: FileKind, fates: &Fates, fate: Fate, reason: &str) {
        for (first, last, rows) in fates.runs(fate) {
            let reason = match rows {
                1 => reason.to_owned(),
                rows => format!("{reason} (lines {first} to {last}, {rows} rows)"),
            };
            self.push(file, u64::from(first), reason);
        }
    }
}
