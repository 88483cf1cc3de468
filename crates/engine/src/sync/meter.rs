//! What the readings of this process came to, for those who run the place: about no tenant, and gone with the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorstep_core::sync::{Counts, State};

/// The bounds of the buckets, in seconds: from a run that finds nothing new to a first one of a large business.
pub const BOUNDS_SECONDS: [u64; 8] = [1, 2, 5, 15, 60, 300, 900, 3_600];

/// How long runs took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Took {
    /// Runs up to each bound and beyond the one before; those beyond the last are in `count` alone.
    pub buckets: [u64; BOUNDS_SECONDS.len()],
    /// All runs that had begun.
    pub count: u64,
    /// How long they took together.
    pub sum: Duration,
}

/// What was counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    /// Runs that are over, by the name of their state.
    pub runs: BTreeMap<&'static str, u64>,
    /// How long they took.
    pub took: Took,
    /// What became of the rows of those runs.
    pub rows: Counts,
}

/// Counts runs.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Metered>);

impl Meter {
    /// One run is over.
    pub(super) fn count(&self, state: State, took: Option<Duration>, rows: &Counts) {
        let mut metered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *metered.runs.entry(state.as_str()).or_default() += 1;
        metered.rows.add(rows);
        if let Some(took) = took {
            let bucket = BOUNDS_SECONDS.iter().position(|bound| took <= Duration::from_secs(*bound));
            if let Some(bucket) = bucket {
                metered.took.buckets[bucket] += 1;
            }
            metered.took.count += 1;
            metered.took.sum = metered.took.sum.saturating_add(took);
        }
    }

    /// What was counted so far.
    pub fn read(&self) -> Metered {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_counts_once_with_its_rows() {
        let meter = Meter::default();
        let rows = Counts { fetched: 3, new: 2, unchanged: 1, ..Counts::default() };
        meter.count(State::Finished, Some(Duration::from_secs(4)), &rows);
        meter.count(State::Failed, Some(Duration::from_secs(9_000)), &Counts::default());
        meter.count(State::Canceled, None, &Counts::default());
        let read = meter.read();
        assert_eq!(read.runs, BTreeMap::from([("canceled", 1), ("failed", 1), ("finished", 1)]));
        assert_eq!((read.took.buckets[2], read.took.buckets.iter().sum::<u64>(), read.took.count), (1, 1, 2));
        assert_eq!((read.rows, read.took.sum), (rows, Duration::from_secs(9_004)));
    }
}
