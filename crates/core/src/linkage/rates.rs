//! The errors to be expected at a threshold, from the scores themselves.
//!
//! A score is log2 of the odds that two records are one person's. If that is right, a pair of score s is wrong to join
//! with probability 1/(1 + 2^s), and wrong to leave apart with the rest. Added up over the pairs at or above a threshold
//! and over those below, these are Fellegi and Sunter's (1969) two errors: false links (their μ) and missed ones (λ).

use serde::{Deserialize, Serialize};

use super::explain::probability;

/// Steps of a bit by which scores are told apart.
const STEPS: f32 = 16.0;
/// Bits beyond which scores are one: the share of errors there is nothing.
const MOST_BITS: f32 = 40.0;

/// Scores of pairs, counted by sixteenths of a bit: the sums are the same in whatever order pairs come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores(Vec<u64>);

impl Default for Scores {
    fn default() -> Self {
        Self(vec![0; place(MOST_BITS) + 1])
    }
}

/// What is to be expected at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Bits from which a pair links by itself.
    pub link: f32,
    /// Pairs at or above it.
    pub pairs: u64,
    /// Those of them that are expected to be two people's.
    pub wrong: f64,
    /// Their share: one minus the precision to be expected.
    pub wrong_share: f64,
    /// Pairs below that are expected to be one person's.
    pub missed: f64,
    /// Their share of all that are: one minus the recall to be expected, among the pairs that were compared.
    pub missed_share: f64,
}

fn place(bits: f32) -> usize {
    // Not a number is no evidence at all.
    let bits = if bits.is_nan() { -MOST_BITS } else { bits.clamp(-MOST_BITS, MOST_BITS) };
    ((bits + MOST_BITS) * STEPS).floor() as usize
}

impl Scores {
    pub(super) fn add(&mut self, bits: f32) {
        self.0[place(bits)] += 1;
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Pairs in all.
    pub fn pairs(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Pairs at or above a threshold.
    pub fn pairs_from(&self, link: f32) -> u64 {
        self.0[place(link)..].iter().sum()
    }

    /// What is to be expected at a threshold.
    pub fn rate(&self, link: f32) -> Rate {
        let (mut right, mut wrong, mut missed, mut pairs) = (0.0, 0.0, 0.0, 0);
        let from = place(link);
        for (place, count) in self.0.iter().enumerate().filter(|(_, count)| **count > 0) {
            let bits = (place as f32 + 0.5) / STEPS - MOST_BITS;
            let one = f64::from(probability(bits)) * *count as f64;
            if place >= from {
                pairs += count;
                right += one;
                wrong += *count as f64 - one;
            } else {
                missed += one;
            }
        }
        let share = |part: f64, rest: f64| if part + rest > 0.0 { part / (part + rest) } else { 0.0 };
        let (wrong_share, missed_share) = (rounded(share(wrong, right), 1e6), rounded(share(missed, right), 1e6));
        Rate { link, pairs, wrong: rounded(wrong, 100.0), wrong_share, missed: rounded(missed, 100.0), missed_share }
    }
}

/// To so many parts: what is said is what is stored and read back, and nobody takes it for more exact than it is.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_what_the_odds_say() {
        let mut scores = Scores::default();
        for bits in [10.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            scores.add(bits);
        }
        let rate = scores.rate(0.0);
        assert_eq!((scores.pairs(), rate.pairs, scores.pairs_from(5.0)), (10, 5, 2));
        // Three pairs at two to one: one of the three is wrong; three below at one to two: one of the three was missed.
        assert!((rate.wrong - 1.0).abs() < 0.05 && (rate.missed - 1.0).abs() < 0.05, "{rate:?}");
        assert!((rate.wrong_share - 0.2).abs() < 0.01 && (rate.missed_share - 0.2).abs() < 0.01, "{rate:?}");
        let nobody = Scores::default().rate(2.0);
        assert_eq!((nobody.wrong_share, nobody.missed_share), (0.0, 0.0));
        let bolder = scores.rate(-5.0);
        assert!(bolder.wrong_share > rate.wrong_share && bolder.missed < rate.missed);
    }

    #[test]
    fn joined_they_are_what_they_are_together() {
        let (mut one, mut other, mut both) = (Scores::default(), Scores::default(), Scores::default());
        for n in 0..200 {
            let bits = (n * 37 % 91) as f32 / 3.0 - 15.0;
            both.add(bits);
            if n % 3 == 0 { one.add(bits) } else { other.add(bits) }
        }
        one.join(&other);
        assert_eq!(one, both);
    }
}
