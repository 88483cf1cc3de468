#![allow(clippy::unwrap_used)]

mod decision;
mod explain;
mod household;
mod incremental;
mod mark;
mod near_linear;
mod property;
mod story;

use super::*;
use crate::matching::fixture::record_id;

/// Customers as the numbers of their records.
fn customers(partition: &Partition) -> Vec<Vec<u32>> {
    partition.clusters.iter().map(|cluster| cluster.records.iter().map(|id| number(*id)).collect()).collect()
}

/// Reviews as the numbers of the oldest records.
fn reviews(partition: &Partition) -> Vec<(u32, u32)> {
    let number = |id: CustomerId| number(RecordId::from_uuid(id.uuid()));
    partition.reviews.iter().map(|pair| (number(pair.a), number(pair.b))).collect()
}

/// The number that the fixture made a record with.
fn number(id: RecordId) -> u32 {
    (id.uuid().as_u128() - record_id(0).uuid().as_u128()) as u32
}

/// The customers and reviews that the records make, in this order and backwards.
#[track_caller]
fn check(
    records: Vec<ContactRecord>,
    decisions: Vec<Decision>,
    expected: &[&[u32]],
    in_review: &[(u32, u32)],
) -> Partition {
    let rules = Rules::default();
    let found = cluster(&records, &decisions, &rules);
    assert_eq!(customers(&found), expected);
    assert_eq!(reviews(&found), in_review);
    let (mut records, mut decisions) = (records, decisions);
    records.reverse();
    decisions.reverse();
    assert_eq!(cluster(&records, &decisions, &rules), found, "the order matters");
    found
}
