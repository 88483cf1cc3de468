//! Connected components: what must be clustered together, and need not be with anything else.

use std::collections::HashMap;

use crate::contact::ContactRecord;
use crate::id::RecordId;
use crate::identifier::Identifier;
use crate::matching::Rules;

use super::Decision;

/// The records that hang together by identifiers or decisions, each component oldest first, the components by
/// their oldest record. [`super::cluster`] of each gives together what it gives for all.
pub fn components(records: &[ContactRecord], decisions: &[Decision], rules: &Rules) -> Vec<Vec<RecordId>> {
    let records = super::by_age(records);
    let mut parent: Vec<usize> = (0..records.len()).collect();
    let mut first_with: HashMap<Identifier, usize> = HashMap::new();
    for (place, record) in records.iter().enumerate() {
        for key in rules.identifying(record) {
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
