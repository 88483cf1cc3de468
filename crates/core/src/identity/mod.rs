//! Who is who: contact records in, customers out.
//!
//! [`cluster`] is a function of the *set* of records, decisions and rules: any order gives the same customers, so
//! that "import, then import more" and "import all at once" agree, and a customer can be computed again at any
//! time. A customer's id is the id of its oldest record (docs/decisions/0002): the partition and the record ids
//! determine everything, and an id once given out resolves for ever by looking up that record.
//!
//! How records become customers, strongest evidence first; what is joined stays joined:
//! 1. decisions to link, the latest first;
//! 2. one upstream object said twice (equal source key, and a phone or e-mail address that stayed);
//! 3. equal source key, then equal e-mail address, then equal phone, with the same name;
//! 4. the same with names that may be one person's;
//! 5. the same where a name is missing or says too little.
//!
//! No union is made across a decision to keep apart (which also beats a decision to link that is in force at the
//! same time), nor, from step 3 on, between customers whose names conflict. A record that could go to either of
//! two customers who exclude each other (a voice mail from the landline of spouses, "J Smith" between John and
//! Jane) goes to neither: it stays a customer of its own, and a review asks about it and the oldest of them.

mod block;
mod component;
pub mod evaluation;
mod join;
mod pool;
mod review;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contact::ContactRecord;
use crate::id::{CustomerId, DecisionId, RecordId};
use crate::identifier::Identifier;
use crate::matching::{Evidence, Rules};

pub use component::{components, largest_component};

/// Upstream objects (records of different source keys) that may share a phone or an e-mail address before it proves
/// nothing: more than any household or small office, fewer than a call centre. It also bounds the pairs that one
/// identifier can make.
pub const HUB_LIMIT: usize = 50;
/// Reviews that one identifier may ask for, the oldest customers first: an office line of 50 people would make
/// 1,225, and nobody decides those. More come up as these are decided.
pub const REVIEWS_PER_IDENTIFIER: usize = 10;
/// Spellings of a name that a customer may have before it takes in nobody under yet another one: no person is
/// written in so many ways, but a chain of half-similar names is (failure story I16).
pub const MAX_NAMES_PER_CUSTOMER: usize = 64;

/// What a person decided about two records; stored, reversible, stronger than every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// These are one customer.
    Link,
    /// These are two customers, for ever.
    KeepApart,
}

/// A decision between the customers that hold two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Ours.
    pub id: DecisionId,
    /// What was decided.
    pub verb: Verb,
    /// One record (a customer's id is its oldest record's).
    pub a: RecordId,
    /// The other.
    pub b: RecordId,
}

/// One customer: the records that are one person or business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The id of the oldest record.
    pub id: CustomerId,
    /// Its records, oldest first.
    pub records: Vec<RecordId>,
}

/// Two customers that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewPair {
    /// The older id.
    pub a: CustomerId,
    /// The younger id.
    pub b: CustomerId,
    /// What they share and what speaks against.
    pub evidence: Vec<Evidence>,
}

/// A partition of the records given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    /// The customers, by id.
    pub clusters: Vec<Cluster>,
    /// The doubtful pairs, by ids.
    pub reviews: Vec<ReviewPair>,
}

/// The customers that `records` make under `decisions` and `rules`.
///
/// A function of the set: the order of records and decisions does not matter, and saying one twice changes
/// nothing. `decisions` are those in force; one whose records are equal or not among `records` is passed over.
/// `records` must be closed under [`Rules::identifying`] and under decisions, that is, a whole connected
/// component or several: then clustering each by itself and all at once agree.
pub fn cluster(records: &[ContactRecord], decisions: &[Decision], rules: &Rules) -> Partition {
    cluster_beside_hubs(records, decisions, rules, &BTreeSet::new())
}

/// As [`cluster`], for a caller that knows which identifiers more than [`HUB_LIMIT`] objects of the tenant share
/// and does not want to read all of those records: `hubs` speak for nothing, and `records` need not be closed
/// under them. When an identifier crosses the limit, all records that have it must be clustered again.
pub fn cluster_beside_hubs(
    records: &[ContactRecord],
    decisions: &[Decision],
    rules: &Rules,
    hubs: &BTreeSet<Identifier>,
) -> Partition {
    clustered(records, decisions, rules, hubs).0
}

/// The partition, and how many pairs of names were compared for it.
fn clustered(
    records: &[ContactRecord],
    decisions: &[Decision],
    rules: &Rules,
    hubs: &BTreeSet<Identifier>,
) -> (Partition, usize) {
    let records = by_age(records);
    let blocks = block::blocks(&records, rules, hubs);
    let mut pool = pool::Pool::new(&records);
    let doubts = join::join(&mut pool, &records, &blocks, decisions);
    let reviews = review::reviews(&mut pool, &records, &blocks, &doubts);
    let clusters = pool
        .customers()
        .into_iter()
        .map(|members| {
            let ids: Vec<RecordId> = members.into_iter().map(|place| records[place as usize].id).collect();
            Cluster { id: CustomerId::from_uuid(ids[0].uuid()), records: ids }
        })
        .collect();
    (Partition { clusters, reviews }, pool.compared())
}

/// The records from the oldest to the youngest, each once. A record's place in this list stands for it below.
fn by_age(records: &[ContactRecord]) -> Vec<&ContactRecord> {
    let mut sorted: Vec<&ContactRecord> = records.iter().collect();
    sorted.sort_by_key(|record| record.id);
    sorted.dedup_by_key(|record| record.id);
    sorted
}
