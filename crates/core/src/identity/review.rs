//! Which pairs of customers a person should look at.

use std::collections::{BTreeMap, BTreeSet};

use crate::contact::ContactRecord;
use crate::id::CustomerId;
use crate::matching::{Evidence, evidence, rank};

use super::block::Block;
use super::join::Doubt;
use super::pool::Pool;
use super::{HUB_LIMIT, REVIEWS_PER_IDENTIFIER, ReviewPair};

/// Two customers by the places of their oldest records, older first.
type Pair = (u32, u32);

/// The pairs that share an identifier and have conflicting names, and those in doubt; none that a decision
/// keeps apart, none twice, and at most [`REVIEWS_PER_IDENTIFIER`] of one identifier.
pub(super) fn reviews(
    pool: &mut Pool<'_>,
    records: &[&ContactRecord],
    blocks: &[Block<'_>],
    doubts: &[Doubt],
) -> Vec<ReviewPair> {
    let mut in_doubt: BTreeMap<usize, BTreeSet<Pair>> = BTreeMap::new();
    for doubt in doubts {
        let (a, b) = (pool.find(doubt.who), pool.find(doubt.oldest));
        if a != b && !pool.kept_apart(a, b) {
            let (a, b) = (pool.oldest(a), pool.oldest(b));
            in_doubt.entry(doubt.block).or_default().insert((a.min(b), a.max(b)));
        }
    }
    let mut wanted: BTreeMap<Pair, Vec<(u8, Evidence)>> = BTreeMap::new();
    for (number, block) in blocks.iter().enumerate() {
        let mut pairs = conflicts(pool, block);
        pairs.extend(in_doubt.remove(&number).into_iter().flatten());
        wanted.extend(pairs.into_iter().take(REVIEWS_PER_IDENTIFIER).map(|pair| (pair, vec![])));
    }
    if !wanted.is_empty() {
        for block in blocks {
            explain(pool, block, &mut wanted);
        }
    }
    let id = |place: u32| CustomerId::from_uuid(records[place as usize].id.uuid());
    wanted
        .into_iter()
        .map(|((a, b), mut found)| {
            found.sort_by(|one, other| (one.0, &one.1.value).cmp(&(other.0, &other.1.value)));
            ReviewPair { a: id(a), b: id(b), evidence: found.into_iter().map(|(_, evidence)| evidence).collect() }
        })
        .collect()
}

/// The first pairs of customers in a block whose names conflict.
fn conflicts(pool: &mut Pool<'_>, block: &Block<'_>) -> BTreeSet<Pair> {
    let customers = customers(pool, block);
    let mut pairs = BTreeSet::new();
    for (at, &one) in customers.iter().enumerate() {
        for &other in &customers[at + 1..] {
            if pairs.len() == REVIEWS_PER_IDENTIFIER {
                return pairs;
            }
            let (a, b) = (pool.find(one), pool.find(other));
            if !pool.kept_apart(a, b) && pool.names_conflict(a, b) {
                pairs.insert((one, other));
            }
        }
    }
    pairs
}

/// Adds what the block says to the pairs that are wanted.
fn explain(pool: &mut Pool<'_>, block: &Block<'_>, wanted: &mut BTreeMap<Pair, Vec<(u8, Evidence)>>) {
    let customers = customers(pool, block);
    for (at, &one) in customers.iter().enumerate() {
        for &other in &customers[at + 1..] {
            if let Some(found) = wanted.get_mut(&(one, other)) {
                let agreement = pool.worst_agreement(pool.find(one), pool.find(other));
                found.push((rank(block.kind), evidence(block.kind, block.said, agreement)));
            }
        }
    }
}

/// The customers in a block by the places of their oldest records, oldest first. Only a source key can have more
/// than [`HUB_LIMIT`]; the rest of them would never come up before these are decided.
fn customers(pool: &Pool<'_>, block: &Block<'_>) -> Vec<u32> {
    let oldest: BTreeSet<u32> = block.records.iter().map(|place| pool.oldest(pool.find(*place))).collect();
    oldest.into_iter().take(HUB_LIMIT).collect()
}
