//! Whom an arrival concerns beside itself: it is one more behind what it has in common with others.
//!
//! How many people are behind a number goes into every pair of those who have it. Most of these pairs are two strangers on
//! a line and stay that, however many more there are; so only those count who are in a pair that speaks for one person
//! before or after.

use std::collections::{HashMap, HashSet};

use super::block::{Blocked, CROWD, says};
use super::description::Description;
use super::frequency::Frequencies;
use super::group::SURELY_ONE;
use super::key::Key;
use super::level::Levels;
use super::weights::Weights;
use super::{Given, Linkage};

/// The pairs before and after.
struct Turn<'a> {
    before: Linkage<'a>,
    now: Linkage<'a>,
    /// Keys of what is new: all who have one of them are among the descriptions.
    of_new: HashSet<Key>,
    /// Scores below it decide nothing.
    least: f32,
}

/// Who is in a pair that scores otherwise because of what is new, as far as it makes a difference, and whoever shares with
/// it what is a hub now and was none. By place; what is new is not among them.
///
/// Of what is new all who share a key with it must be among the descriptions, and it must be tied to nobody by what is
/// given.
pub(super) fn turned(
    descriptions: &[&Description],
    given: &Given,
    is_new: &[bool],
    weights: &Weights,
    frequencies: &Frequencies,
) -> Vec<bool> {
    let one = given.settle(descriptions.len());
    let of_new: HashSet<Key> = (descriptions.iter().zip(is_new).filter(|(_, is_new)| **is_new))
        .flat_map(|(description, _)| description.keys.iter().copied())
        .collect();
    let mut found: Vec<(Key, u32)> = Vec::with_capacity(of_new.len() * 2);
    for (place, description) in (0u32..).zip(descriptions) {
        let keys = description.keys.iter().filter(|key| of_new.contains(key) && !given.hubs.contains(key));
        found.extend(keys.map(|key| (*key, place)));
    }
    found.sort_unstable();
    let hubs = given.hubs.iter().filter(|key| key.kind.is_identifier()).map(|key| (*key, CROWD));
    let mut behind_now: HashMap<Key, u32> = hubs.collect();
    let mut behind_before = behind_now.clone();
    let mut is_turned = vec![false; descriptions.len()];
    let mut blocks: Vec<Vec<u32>> = Vec::new();
    for block in found.chunk_by(|a, b| a.0 == b.0) {
        let old: Vec<(Key, u32)> = block.iter().filter(|(_, place)| !is_new[*place as usize]).copied().collect();
        // A pair needs two.
        if old.len() < 2 {
            continue;
        }
        let (key, before, now) = (block[0].0, says(descriptions, &one, &old), says(descriptions, &one, block));
        behind_before.insert(key, before);
        behind_now.insert(key, now);
        if before != now && (before == CROWD || now == CROWD) {
            old.iter().for_each(|(_, place)| is_turned[*place as usize] = true);
        } else if before != now {
            blocks.push(old.into_iter().map(|(_, place)| place).collect());
        }
    }
    if blocks.is_empty() {
        return is_turned;
    }
    let linkage = |behind| Linkage {
        descriptions: descriptions.to_vec(),
        given,
        weights,
        frequencies,
        one: one.clone(),
        blocked: Blocked { pairs: Vec::new(), behind },
    };
    let least = weights.review.min(weights.link).min(SURELY_ONE);
    let turn = Turn { before: linkage(behind_before), now: linkage(behind_now), of_new, least };
    for places in blocks {
        for (at, a) in places.iter().enumerate() {
            for b in &places[at + 1..] {
                let known = is_turned[*a as usize] && is_turned[*b as usize];
                if !known && turn.is_turned(descriptions[*a as usize], descriptions[*b as usize]) {
                    (is_turned[*a as usize], is_turned[*b as usize]) = (true, true);
                }
            }
        }
    }
    is_turned
}

impl Turn<'_> {
    fn is_turned(&self, a: &Description, b: &Description) -> bool {
        let mut shared = a.keys.iter().filter(|key| key.kind.is_identifier() && b.keys.binary_search(key).is_ok());
        // Of what else the two share not everybody who has it may be known, nor how many people those are.
        if shared.any(|key| !self.of_new.contains(key) && !self.now.given.hubs.contains(key)) {
            return true;
        }
        let levels = Levels::of(a, b);
        let (before, now) = (self.before.behind(a, b, &levels), self.now.behind(a, b, &levels));
        let bits = |behind| self.now.scale().weigh(a, b, &levels, behind).bits();
        before != now && bits(before).max(bits(now)) >= self.least
    }
}
