//! A run: one reading of a connection, stream by stream, with what came of it.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, RunId};
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Problems that a run keeps with their reasons; all are counted.
pub const MAX_PROBLEMS: u64 = 1_000;
/// Runs of one connection that are kept, the newest: a year of one an hour.
pub const KEPT_RUNS: i64 = 9_000;

/// What began a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It was due.
    Schedule,
    /// Somebody said so.
    Manual,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for, not begun.
    Waiting,
    /// Reading.
    Running,
    /// All streams were read to their end.
    Finished,
    /// Some streams were read, others failed.
    Incomplete,
    /// Nothing could be read to its end.
    Failed,
    /// Somebody stopped it. What had been read stays.
    Canceled,
}

macro_rules! words {
    ($name:ident $noun:literal: $($variant:ident $word:literal),+) => {
        impl $name {
            /// The name in the store and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err(UnknownWord { noun: $noun, text: other.chars().take(64).collect() }),
                }
            }
        }
    };
}

words!(Cause "a cause of runs": Schedule "schedule", Manual "manual");
words!(State "a state of runs":
    Waiting "waiting", Running "running", Finished "finished", Incomplete "incomplete", Failed "failed",
    Canceled "canceled");

/// A word of a closed set that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {noun}")]
pub struct UnknownWord {
    noun: &'static str,
    text: String,
}

impl State {
    /// Whether nothing more will come of it.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// What became of the rows of one stream. Each row counts once, under `new`, `changed`, `unchanged`, `gone` or `skipped`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Rows that were read.
    pub fetched: u64,
    /// Objects that were never said before.
    pub new: u64,
    /// Objects of which something else is said now.
    pub changed: u64,
    /// Objects of which nothing else is said, or something older.
    pub unchanged: u64,
    /// Objects that are no longer in use since: switched off, merged away, or taken out.
    pub gone: u64,
    /// Rows that could not be taken; each has its reason among the problems.
    pub skipped: u64,
    /// Objects that were taken and become nothing of ours, such as a person without any name; with the reason.
    pub failed: u64,
}

impl Counts {
    /// Adds what became of further rows.
    pub fn add(&mut self, other: &Self) {
        self.fetched += other.fetched;
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.gone += other.gone;
        self.skipped += other.skipped;
        self.failed += other.failed;
    }
}

/// How one stream fared in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StreamReport {
    /// What became of its rows.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether it was read to its end.
    pub is_done: bool,
    /// Why it was not, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Objects that no reading tells of any more, too many to be taken out without a person's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<u64>,
}

/// How the streams fared, by their names.
pub type Report = BTreeMap<String, StreamReport>;

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Of which connection.
    pub connection: ConnectionId,
    /// What began it.
    pub cause: Cause,
    /// Who.
    pub actor: Actor,
    /// How far it is.
    pub state: State,
    /// Whether every stream that can lose objects unseen is swept, whenever that was done last.
    pub sweeps: bool,
    /// Whether a person has said that what is missing is to be taken out, however much it is.
    pub removes_missing: bool,
    /// The stream that is being read.
    pub stream: Option<String>,
    /// How the streams fared so far.
    pub report: Report,
    /// Problems with single rows, those that are not kept included.
    pub problem_count: u64,
    /// Why it failed or was stopped, for people.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

impl Run {
    /// What became of all rows.
    pub fn totals(&self) -> Counts {
        let mut totals = Counts::default();
        self.report.values().for_each(|stream| totals.add(&stream.counts));
        totals
    }
}

/// Something about one row that its owner should know.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The stream.
    pub stream: String,
    /// The source's key of the row, if it has one.
    pub key: Option<String>,
    /// What is wrong with it; nothing of what it says.
    pub reason: String,
}

crate::masked_debug!(Problem: stream, reason);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_was_written() {
        for state in
            [State::Waiting, State::Running, State::Finished, State::Incomplete, State::Failed, State::Canceled]
        {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for cause in [Cause::Schedule, Cause::Manual] {
            assert_eq!(cause.as_str().parse(), Ok(cause));
        }
        assert!("stuck".parse::<State>().is_err());
    }

    #[test]
    fn a_report_survives_the_store_and_one_of_an_older_program_is_read() {
        let report = StreamReport { counts: Counts { fetched: 3, new: 2, ..Counts::default() }, ..Default::default() };
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<StreamReport>(&text).unwrap(), report);
        assert_eq!(serde_json::from_str::<StreamReport>("{}").unwrap(), StreamReport::default());
    }
}
