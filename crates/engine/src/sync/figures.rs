//! How often customers were read by themselves, as far as this process knows.

use std::sync::atomic::{AtomicU64, Ordering};

/// What can become of asking or reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A reading was asked for that was not yet.
    Woken,
    /// The last one failed a while ago: none was asked for.
    Resting,
    /// Too many wait.
    Full,
    /// A customer was read.
    Read,
    /// One could not be read.
    Failed,
}

impl Outcome {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Woken, "woken"),
        (Self::Resting, "resting"),
        (Self::Full, "full"),
        (Self::Read, "read"),
        (Self::Failed, "failed"),
    ];
}

/// The counts of this process.
#[derive(Debug, Default)]
pub(crate) struct Figures([AtomicU64; 5]);

impl Figures {
    pub fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Each outcome's name with its count.
    pub fn now(&self) -> [(&'static str, u64); 5] {
        Outcome::ALL.map(|(outcome, name)| (name, self.0[outcome as usize].load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_a_count_of_its_own() {
        let figures = Figures::default();
        for (place, (outcome, _)) in Outcome::ALL.iter().enumerate() {
            (0..=place).for_each(|_| figures.count(*outcome));
        }
        assert_eq!(figures.now(), [("woken", 1), ("resting", 2), ("full", 3), ("read", 4), ("failed", 5)]);
    }
}
