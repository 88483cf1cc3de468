//! A section of a context: what it says, with where that comes from, how old it is and how sure.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::record::Source;
use crate::time::Timestamp;

use super::known::Known;

/// How far what a section says can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A review asks whether this is one customer: it may be about somebody else.
    Low,
    /// Only archives say so, which nobody reads again.
    Medium,
    /// A source that is read again and again says so, or it was entered by hand.
    High,
}

/// What a section says, with where it comes from. A part that may not be seen is not there: no sources, no age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section<T> {
    /// Which sources it comes from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Up to when it is known: the least of its sources' last reads. `None` where a source never said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// How sure it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// What it says.
    #[serde(flatten)]
    pub content: T,
}

impl<T> Section<T> {
    /// What `sources` say, at `now`.
    pub(super) fn new(content: T, sources: impl IntoIterator<Item = Source>, known: &Known, now: Timestamp) -> Self {
        let sources: BTreeSet<Source> = sources.into_iter().collect();
        let as_of = |source: &Source| match source {
            Source::Hub => Some(now),
            other => known.read_at.get(other).copied(),
        };
        // `None` is less than any instant: a source that never said makes all of it of unknown age.
        let as_of = sources.iter().map(as_of).min().flatten();
        let confidence = if known.is_in_review {
            Confidence::Low
        } else if sources.iter().any(|source| !is_archive(*source)) {
            Confidence::High
        } else {
            Confidence::Medium
        };
        Self { sources: sources.into_iter().collect(), as_of, confidence: Some(confidence), content }
    }
}

/// Whether a source is a file that was brought in once.
fn is_archive(source: Source) -> bool {
    match source {
        Source::PhoneHistory => true,
        Source::Hub | Source::ServiceTitan => false,
    }
}
