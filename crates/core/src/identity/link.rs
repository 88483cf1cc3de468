//! From records and decisions to what record linkage works with, and back.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::contact::ContactRecord;
use crate::id::RecordId;
use crate::identifier::Identifier;
use crate::linkage::{Asked, Description, Given, Key, Linkage, turned};
use crate::matching::{Rules, is_blank_source_key};

use super::{Beside, Verb};

/// Members of a customer put together by hand or by its source whose identifiers are all held to be each one's. No person
/// has more records that others than the rules have put together.
const MAX_SPREAD: usize = 256;

/// What record linkage works with.
pub(super) struct Prepared<'d> {
    descriptions: Vec<Cow<'d, Description>>,
    given: Given,
}

/// Prepares records, which are in the order of age, with the descriptions of each.
pub(super) fn prepare<'d>(
    records: &[&ContactRecord],
    mut descriptions: Vec<Cow<'d, Description>>,
    asked: Asked,
    beside: &Beside<'_>,
) -> Prepared<'d> {
    let mut given = given(records, beside);
    given.asked = asked;
    spread(&mut descriptions, &given.settle(records.len()));
    Prepared { descriptions, given }
}

impl Prepared<'_> {
    /// What is decided beforehand.
    pub(super) fn given(&self) -> &Given {
        &self.given
    }

    /// Whose pairs count otherwise because of what is new, by place.
    pub(super) fn turned(&self, is_new: &[bool], rules: &Rules) -> Vec<bool> {
        let descriptions = self.descriptions.iter().map(Cow::as_ref);
        turned(descriptions, &self.given, is_new, &rules.weights, &rules.frequencies)
    }

    /// With what of the set decides about each pair.
    pub(super) fn linkage<'a>(&'a self, rules: &'a Rules) -> Linkage<'a> {
        Linkage::of(self.descriptions.iter().map(Cow::as_ref), &self.given, &rules.weights, &rules.frequencies)
    }
}

/// What is decided beforehand. Of decisions that contradict each other in a ring (a is b, b is c, a is not c) the oldest
/// link gives way.
fn given(records: &[&ContactRecord], beside: &Beside<'_>) -> Given {
    let place_of = |id: RecordId| records.binary_search_by_key(&id, |record| record.id).ok().map(|at| at as u32);
    let mut given = Given { hubs: beside.hubs.iter().filter_map(Key::of).collect(), ..Given::default() };
    let mut links = Vec::new();
    for decision in beside.decisions.iter().filter(|decision| decision.a != decision.b) {
        let (Some(a), Some(b)) = (place_of(decision.a), place_of(decision.b)) else { continue };
        match decision.verb {
            Verb::KeepApart => given.apart.push((a, b)),
            Verb::Link => links.push((decision.id, a.min(b), a.max(b))),
        }
    }
    if !crate::planted!("links-in-the-order-of-arrival") {
        links.sort_unstable();
    }
    given.links = links.into_iter().rev().map(|(_, a, b)| (a, b)).collect();
    given.objects = objects(records, beside.rules);
    given
}

/// Records of one source key that also share a phone or an e-mail address, whatever their names: the object was renamed
/// upstream. With nothing else in common two address books that both count from one are as likely.
fn objects(records: &[&ContactRecord], rules: &Rules) -> Vec<(u32, u32)> {
    let mut said: HashMap<&str, u32> = HashMap::with_capacity(records.len());
    records.iter().for_each(|record| *said.entry(&record.source_key).or_default() += 1);
    let mut first_with: HashMap<(&str, Identifier), u32> = HashMap::new();
    let mut pairs = Vec::new();
    for (place, record) in (0u32..).zip(records) {
        let key = record.source_key.as_str();
        // Most are said once.
        if said.get(key) == Some(&1) || is_blank_source_key(key) {
            continue;
        }
        for identifier in rules.identifying(record).into_iter().filter(|identifier| identifier.value != key) {
            let first = *first_with.entry((key, identifier)).or_insert(place);
            if first != place {
                pairs.push((first, place));
            }
        }
    }
    pairs
}

/// Gives each member of a customer that was put together beforehand what all of them have: whoever shares the number of
/// one and the name of another is that customer.
fn spread(descriptions: &mut [Cow<'_, Description>], one: &[u32]) {
    let mut members: HashMap<u32, Vec<usize>> = HashMap::new();
    for (place, first) in one.iter().enumerate().filter(|(place, first)| *place != **first as usize) {
        members.entry(*first).or_insert_with(|| vec![*first as usize]).push(place);
    }
    for places in members.values().filter(|places| places.len() <= MAX_SPREAD) {
        Description::share(descriptions, places);
    }
}
