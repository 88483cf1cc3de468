//! What the pairs of a set of records say, added up: equal answers once, with their number.
//!
//! Training asks the same of every pair again and again; a million records make millions of pairs and some ten thousand
//! different answers. How common a name is goes in by half bits, so that Millers and Moores are one answer.

use std::collections::{BTreeMap, HashMap};

use super::description::Description;
use super::key::{Key, KeyKind};
use super::level::{Levels, Part};
use super::rates::Scores;
use super::score::{Context, MOST_BEHIND};

/// Descriptions that are compared with each other, to see what strangers have in common: half a million pairs.
pub(super) const SAMPLE: usize = 1_000;
/// Steps of a bit by which shares are told apart.
const STEPS: f32 = 2.0;

/// The fields, in the order of [`super::score::Scale::rows`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Given,
    Family,
    Middle,
    Generation,
    Kind,
    Company,
    Phone,
    Email,
    Place,
}

const ALL: u16 = (1 << 9) - 1;

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fields(u16);

impl Fields {
    const fn of(fields: &[Field]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < fields.len() {
            bits |= 1 << fields[at] as u16;
            at += 1;
        }
        Self(bits)
    }

    pub(super) fn holds(self, field: Field) -> bool {
        self.0 & (1 << field as u16) != 0
    }

    /// The fields that a key says nothing of: a pair that was found by it teaches these and no others. Of the fields that
    /// it is made of, pairs that differ there would have been missed.
    fn besides(kind: KeyKind) -> Self {
        use Field::{Company, Email, Family, Given, Kind, Phone, Place};
        let made_of = match kind {
            KeyKind::Phone => Self::of(&[Phone]),
            KeyKind::Email => Self::of(&[Email]),
            // Two address books that both count from one, or one object said again.
            KeyKind::Object => Self(ALL),
            KeyKind::NameZip | KeyKind::SoundZip => Self::of(&[Given, Family, Place]),
            KeyKind::GivenHouse => Self::of(&[Given, Place]),
            KeyKind::FamilyHouse => Self::of(&[Family, Place]),
            KeyKind::House => Self::of(&[Place]),
            KeyKind::Name => Self::of(&[Given, Family]),
            KeyKind::BusinessZip => Self::of(&[Kind, Company, Place]),
            KeyKind::Business => Self::of(&[Kind, Company]),
        };
        Self(ALL & !made_of.0)
    }
}

/// All that decides what a pair comes to, and what it may teach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    pub(super) levels: Levels,
    /// People behind the most private identifier that the two share, no more than make a difference.
    pub(super) behind: Option<u8>,
    /// The fields that it may teach.
    pub(super) teaches: Fields,
    couple: bool,
    businesses: bool,
    versions: bool,
    /// Log2 of the names' shares, in half bits; 0 where they say nothing.
    given: i8,
    family: i8,
}

impl Answer {
    /// Of two records that were compared because of keys that are no hubs.
    pub(super) fn of(
        a: &Description,
        b: &Description,
        levels: Levels,
        behind: Option<u32>,
        is_hub: impl Fn(&Key) -> bool,
    ) -> Self {
        let context = Context::of(a, b, &levels);
        let halves = |share: f32, says: bool| if says { (share.log2() * STEPS).round() as i8 } else { 0 };
        let shared = a.keys.iter().filter(|key| b.keys.binary_search(key).is_ok() && !is_hub(key));
        Self {
            levels,
            behind: behind.map(|people| people.min(MOST_BEHIND + 1) as u8),
            teaches: Fields(shared.fold(0, |bits, key| bits | Fields::besides(key.kind).0)),
            couple: context.couple,
            businesses: context.businesses,
            versions: context.versions,
            given: halves(context.given_share, matches!(levels.given, Part::Equal | Part::Swapped)),
            family: halves(context.family_share, levels.family == Part::Equal),
        }
    }

    pub(super) fn context(&self) -> Context {
        let share = |halves: i8| (f32::from(halves) / STEPS).exp2();
        Context {
            couple: self.couple,
            businesses: self.businesses,
            versions: self.versions,
            given_share: share(self.given),
            family_share: share(self.family),
        }
    }
}

/// What the pairs of one or several sets of records say.
#[derive(Default)]
pub struct Observed {
    /// The pairs' scores.
    pub scores: Scores,
    answers: HashMap<Answer, u64>,
    /// The descriptions of the smallest content hashes: a sample that does not hang on the order of records.
    sample: BTreeMap<u64, Description>,
}

impl Observed {
    pub(super) fn add(&mut self, answer: Answer) {
        *self.answers.entry(answer).or_default() += 1;
    }

    pub(super) fn sample(&mut self, description: &Description) {
        let last = self.sample.last_key_value().map(|(content, _)| *content);
        if self.sample.len() >= SAMPLE && last.is_some_and(|last| description.content >= last) {
            return;
        }
        self.sample.entry(description.content).or_insert_with(|| description.clone());
        if self.sample.len() > SAMPLE {
            self.sample.pop_last();
        }
    }

    /// Takes in what others say.
    pub(super) fn join(&mut self, other: Self) {
        self.scores.join(&other.scores);
        for (answer, pairs) in other.answers {
            *self.answers.entry(answer).or_default() += pairs;
        }
        other.sample.values().for_each(|description| self.sample(description));
    }

    /// The answers with the number of pairs that gave them, in an order that is the same in every run.
    pub(super) fn answers(&self) -> Vec<(Answer, u64)> {
        let mut answers: Vec<(Answer, u64)> = self.answers.iter().map(|(answer, pairs)| (*answer, *pairs)).collect();
        answers.sort_by_cached_key(|(answer, _)| super::description::hash_of(answer));
        answers
    }

    /// How two records that were drawn by chance compare: mostly strangers.
    pub(super) fn strangers(&self) -> impl Iterator<Item = Levels> {
        let sample: Vec<&Description> = self.sample.values().collect();
        (0..sample.len()).flat_map(move |at| {
            let one = sample[at];
            let others: Vec<Levels> = sample[at + 1..].iter().map(|other| Levels::of(one, other)).collect();
            others
        })
    }
}
