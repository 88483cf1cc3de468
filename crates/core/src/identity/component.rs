//! Connected components: what must be clustered together, and need not be with anything else.

use std::collections::{BTreeSet, HashMap};

use crate::contact::ContactRecord;
use crate::id::RecordId;
use crate::identifier::Identifier;
use crate::matching::Rules;

use super::{Decision, block};

/// The records that hang together by identifiers or decisions, each component oldest first, the components by
/// their oldest record. [`super::cluster`] of each gives together what it gives for all.
pub fn components(records: &[ContactRecord], decisions: &[Decision], rules: &Rules) -> Vec<Vec<RecordId>> {
    let records = super::by_age(records);
    let mut parent: Vec<usize> = (0..records.len()).collect();
    let mut first_with: HashMap<Identifier, usize> = HashMap::new();
    for (place, record) in records.iter().enumerate() {
        for key in rules.identifying(record).into_iter().filter(|key| rules.meet_by(key)) {
            let first = *first_with.entry(key).or_insert(place);
            unite(&mut parent, first, place);
        }
    }
    let place_of = |id: RecordId| records.binary_search_by_key(&id, |record| record.id).ok();
    for decision in decisions {
        if let (Some(a), Some(b)) = (place_of(decision.a), place_of(decision.b)) {
            unite(&mut parent, a, b);
        }
    }
    let mut components: Vec<Vec<RecordId>> = Vec::new();
    let mut number_of: HashMap<usize, usize> = HashMap::new();
    for (place, record) in records.iter().enumerate() {
        let number = *number_of.entry(find(&mut parent, place)).or_insert(components.len());
        if number == components.len() {
            components.push(vec![]);
        }
        components[number].push(record.id);
    }
    components
}

/// How many records the largest component has that [`super::cluster_beside_hubs`] would look at as a whole: hubs,
/// those known and those among `records`, hold nothing together.
pub fn largest_component(
    records: &[ContactRecord],
    decisions: &[Decision],
    rules: &Rules,
    hubs: &BTreeSet<Identifier>,
) -> usize {
    let records = super::by_age(records);
    let hubs: &BTreeSet<Identifier> = &rules.with_shared(hubs);
    let mut parent: Vec<usize> = (0..records.len()).collect();
    for block in block::blocks(&records, rules, hubs) {
        for pair in block.records.windows(2) {
            unite(&mut parent, pair[0] as usize, pair[1] as usize);
        }
    }
    let place_of = |id: RecordId| records.binary_search_by_key(&id, |record| record.id).ok();
    for decision in decisions {
        if let (Some(a), Some(b)) = (place_of(decision.a), place_of(decision.b)) {
            unite(&mut parent, a, b);
        }
    }
    let mut sizes: HashMap<usize, usize> = HashMap::new();
    for place in 0..records.len() {
        *sizes.entry(find(&mut parent, place)).or_default() += 1;
    }
    sizes.into_values().max().unwrap_or_default()
}

fn unite(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(parent, a), find(parent, b));
    parent[a.max(b)] = a.min(b);
}

/// The root, halving the path on the way.
fn find(parent: &mut [usize], mut place: usize) -> usize {
    while parent[place] != place {
        parent[place] = parent[parent[place]];
        place = parent[place];
    }
    place
}
