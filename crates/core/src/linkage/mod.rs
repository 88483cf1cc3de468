//! Record linkage: which records are one person's, by the weight of evidence.
//!
//! 1. [`Description`]: a record prepared for comparing.
//! 2. Blocking (`key`, `block`): only records that share a key are compared.
//! 3. Comparison (`level`) and weights (`weights`, `frequency`, `score`): log2 of the odds that two records are one
//!    person's.
//! 4. Grouping (`group`): pairs become groups, the surest first, and no group holds two people.
//!
//! Beside that, what a set of records says of the weights themselves: the errors to be expected (`rates`), and weights
//! learnt from it (`answer`, `train`).
//!
//! All of it is a function of the *set* of records: ties are decided by what records say, never by when they came.
//! docs/concepts/identity.md tells the model with its sources.

mod answer;
mod asked;
mod block;
mod description;
mod explain;
mod frequency;
mod group;
mod key;
mod level;
mod rates;
mod score;
mod sets;
mod train;
mod turn;
mod weights;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use answer::Observed;
pub use asked::Asked;
pub(crate) use description::names_with;
pub use description::{Description, names_with_places};
pub use explain::{Explanation, Piece, probability};
pub(crate) use explain::{SHARED_EMAIL, SHARED_PHONE};
pub use frequency::Frequencies;
pub use group::{Doubt, Linked, MAX_PERSONAS, Why};
pub(crate) use key::NAME_PLACE_LIMIT;
pub use key::{Key, KeyKind};
pub use level::{Fit, Generation, Kind, Levels, Part, Reach, Where};
pub use rates::{Rate, Scores};
pub use score::Story;
pub use train::{Moved, Trained, Training, train};
pub use weights::{Row, SHIPPED_VERSION, Weights};

use crate::identifier::Identifier;
use crate::parallel;
use block::{Blocked, places};
use score::Scale;
pub(crate) use sets::Sets;

/// What is fixed beside the records: hand decisions, by places in the slice of descriptions.
#[derive(Debug, Default, Clone)]
pub struct Given {
    /// One person's, the strongest first.
    pub links: Vec<(u32, u32)>,
    /// Two people's, for ever.
    pub apart: Vec<(u32, u32)>,
    /// Two versions of one upstream object, by the same rules as `links`, but after them.
    pub objects: Vec<(u32, u32)>,
    /// Keys that are known to be too common, though not all who have them are among the descriptions.
    pub hubs: HashSet<Key>,
    /// Which pairs are looked at.
    pub asked: Asked,
}

/// Whose pairs count otherwise because of what is new, by place; see `turn`.
pub(crate) fn turned<'a>(
    descriptions: impl IntoIterator<Item = &'a Description>,
    given: &Given,
    is_new: &[bool],
    weights: &Weights,
    frequencies: &Frequencies,
) -> Vec<bool> {
    let descriptions: Vec<&Description> = descriptions.into_iter().collect();
    turn::turned(&descriptions, given, is_new, weights, frequencies)
}

/// Two records that may be one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The smaller place.
    pub a: u32,
    /// The larger place.
    pub b: u32,
    /// Log2 of the odds, in 1/256: whole numbers, so that equal evidence is equal.
    pub score: i32,
}

impl Given {
    /// Who is one by what is given, as the smallest place of each: first what is kept apart, then the links in their order,
    /// as far as that allows.
    pub(crate) fn settle(&self, count: usize) -> Vec<u32> {
        let mut sets = Sets::of(count, &self.apart);
        for (a, b) in self.links.iter().chain(&self.objects) {
            let (a, b) = (sets.find(*a), sets.find(*b));
            if a != b && !sets.kept_apart(a, b) {
                sets.unite(a, b);
            }
        }
        // Going up, whoever comes first of a set is the smallest of it.
        let mut first: Vec<Option<u32>> = vec![None; count];
        (0..count as u32).map(|place| *first[sets.find(place) as usize].get_or_insert(place)).collect()
    }
}

/// Scores of one bit.
pub(crate) const BIT: f32 = 256.0;

/// A set of descriptions with what of it decides about each pair.
pub struct Linkage<'a> {
    descriptions: Vec<&'a Description>,
    given: &'a Given,
    weights: &'a Weights,
    frequencies: &'a Frequencies,
    /// Who is one by what is given, by place.
    one: Vec<u32>,
    blocked: Blocked,
}

impl<'a> Linkage<'a> {
    /// Finds what is to be compared.
    pub fn of(
        descriptions: impl IntoIterator<Item = &'a Description>,
        given: &'a Given,
        weights: &'a Weights,
        frequencies: &'a Frequencies,
    ) -> Self {
        let descriptions: Vec<&Description> = descriptions.into_iter().collect();
        let one = given.settle(descriptions.len());
        let blocked = block::block(&descriptions, &one, given);
        Self { descriptions, given, weights, frequencies, one, blocked }
    }

    /// Which of the descriptions are one person's.
    pub fn link(&self) -> Linked {
        group::group(self, &self.edges())
    }

    /// How many pairs are compared.
    pub fn compared(&self) -> usize {
        self.blocked.pairs.len()
    }

    /// Who is one by what is given: by place, the first place of each.
    pub(crate) fn one(&self) -> &[u32] {
        &self.one
    }

    /// Whether too many share this identifier for it to say anything.
    pub(crate) fn is_crowd(&self, identifier: &Identifier) -> bool {
        Key::of(identifier).is_some_and(|key| self.blocked.is_hub(&key))
    }

    /// What speaks for and against two of the descriptions being one person's.
    pub fn explain(&self, a: u32, b: u32) -> Explanation {
        let (a, b) = (self.descriptions[a as usize], self.descriptions[b as usize]);
        let levels = Levels::of(a, b);
        explain::explain(&self.scale(), a, b, levels, self.behind(a, b, &levels))
    }

    /// Notes what the pairs say, for [`train()`] and [`Rate`]. Who is one by what is given is left out: a person decided
    /// it, or it is one object said again, and neither says how people write.
    pub fn observe(&self, observed: &mut Observed) {
        // The older of a pair has the smaller place.
        let is_counted = |place: u32| match &self.given.asked {
            Asked::All => true,
            Asked::Within(within) => within[place as usize],
            Asked::Reach { from, .. } => from[place as usize],
        };
        for (_, description) in (0u32..).zip(&self.descriptions).filter(|(place, _)| is_counted(*place)) {
            observed.sample(description);
        }
        let parts = parallel::parts(&self.blocked.pairs, |pairs| {
            let mut part = Observed::default();
            for pair in pairs {
                let (a, b) = places(*pair);
                if is_counted(a) && self.one[a as usize] != self.one[b as usize] {
                    self.observe_pair(a, b, &mut part);
                }
            }
            part
        });
        parts.into_iter().for_each(|part| observed.join(part));
    }

    /// The scores of the pairs that are to be counted, by their places: to hold what is expected against the truth.
    pub fn scores(&self, is_counted: impl Fn(u32, u32) -> bool + Sync) -> Scores {
        let parts = parallel::parts(&self.blocked.pairs, |pairs| {
            let mut scores = Scores::default();
            for (a, b) in pairs.iter().map(|pair| places(*pair)).filter(|(a, b)| is_counted(*a, *b)) {
                scores.add(self.score(a, b));
            }
            scores
        });
        let mut all = Scores::default();
        parts.iter().for_each(|part| all.join(part));
        all
    }

    fn observe_pair(&self, a: u32, b: u32, observed: &mut Observed) {
        let (a, b) = (self.descriptions[a as usize], self.descriptions[b as usize]);
        let levels = Levels::of(a, b);
        let behind = self.behind(a, b, &levels);
        observed.scores.add(self.scale().weigh(a, b, &levels, behind).bits());
        observed.add(answer::Answer::of(a, b, levels, behind, |key| self.blocked.is_hub(key)));
    }

    fn scale(&self) -> Scale<'_> {
        Scale { weights: self.weights, people: self.frequencies.people }
    }

    /// Log2 of the odds that two of the descriptions are one person's.
    pub(crate) fn bits(&self, a: u32, b: u32) -> f32 {
        self.score(a, b)
    }

    /// How many people the records name that share an identifier.
    pub(crate) fn people_behind(&self, identifier: &Identifier) -> u32 {
        Key::of(identifier).and_then(|key| self.blocked.behind.get(&key).copied()).unwrap_or(1)
    }

    /// The pairs that are worth a look.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let parts = parallel::parts(&self.blocked.pairs, |pairs| {
            let mut edges = Vec::new();
            for pair in pairs {
                let (a, b) = places(*pair);
                let score = self.score(a, b);
                if score >= self.weights.review {
                    edges.push(Edge { a, b, score: (score * BIT) as i32 });
                }
            }
            edges
        });
        parts.into_iter().flatten().collect()
    }

    fn score(&self, a: u32, b: u32) -> f32 {
        let (a, b) = (self.descriptions[a as usize], self.descriptions[b as usize]);
        let levels = Levels::of(a, b);
        self.scale().weigh(a, b, &levels, self.behind(a, b, &levels)).bits()
    }

    /// The people behind the most private identifier that the two share; `None` where they share none.
    fn behind(&self, a: &Description, b: &Description, levels: &Levels) -> Option<u32> {
        let shared = |reach| matches!(reach, Reach::One | Reach::Several);
        if !shared(levels.phone) && !shared(levels.email) {
            return None;
        }
        let shared = a.keys.iter().filter(|key| key.kind.is_identifier() && b.keys.binary_search(key).is_ok());
        let people = shared.map(|key| self.blocked.behind.get(key).copied().unwrap_or(1)).min().unwrap_or(1);
        // Two family names of which one may be a slip or a maiden name are counted as two people; that is what is asked
        // here, not the answer. Two given names are two people more often than not.
        let doubled = levels.family == Part::Different && levels.given != Part::Different;
        Some(if doubled { people.saturating_sub(1).max(1) } else { people })
    }
}
