//! Who is who: contact records in, customers out.
//!
//! [`cluster`] is a function of the *set* of records, decisions and rules: any order gives the same customers, so
//! that "import, then import more" and "import all at once" agree, and a customer can be computed again at any
//! time. A customer's id is the id of its oldest record (docs/decisions/0002): the partition and the record ids
//! determine everything, and an id once given out resolves for ever by looking up that record.
//!
//! How records become customers: what is decided by hand first, then versions of one upstream object, then
//! [record linkage](crate::linkage), the surest pairs first. No union is made across a decision to keep apart (which also
//! beats a decision to link that is in force at the same time), nor between customers whose names are two people's. A
//! record that could go to either of two customers who exclude each other (a voice mail from the landline of spouses,
//! "J Smith" between John and Jane) goes to neither. Customers that share an identifier which tells and are not one are
//! for a person to look at, unless one has.

mod block;
mod component;
pub mod evaluation;
pub mod explain;
mod link;
mod review;
pub mod side_by_side;
mod strength;

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
/// Spellings of a name that a customer may have before it takes in nobody under yet another one.
pub const MAX_NAMES_PER_CUSTOMER: usize = crate::linkage::MAX_PERSONAS;

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
    /// How sure it is that they are one: log2 of the odds, in 1/256.
    pub score: i32,
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
    let records = by_age(records);
    let prepared = link::prepare(&records, decisions, rules, hubs);
    let linkage = prepared.linkage(rules);
    let linked = linkage.link();
    let mut of = vec![0; records.len()];
    for (number, group) in (0u32..).zip(&linked.groups) {
        group.iter().for_each(|place| of[*place as usize] = number);
    }
    let place_of = |id: RecordId| records.binary_search_by_key(&id, |record| record.id).ok().map(|at| at as u32);
    let apart = decisions.iter().filter(|decision| decision.verb == Verb::KeepApart);
    let apart: Vec<(u32, u32)> =
        apart.filter_map(|decision| Some((place_of(decision.a)?, place_of(decision.b)?))).collect();
    let customers = review::Customers { groups: &linked.groups, of: &of, apart: &apart };
    let mut reviews = review::reviews(&customers, &records, &block::blocks(&records, rules, hubs));
    let number = |id: CustomerId| place_of(RecordId::from_uuid(id.uuid())).map(|place| of[place as usize]);
    strength::rate(&mut reviews, &linkage, &linked, &of, number);
    let cluster = |places: &Vec<u32>| {
        let ids: Vec<RecordId> = places.iter().map(|place| records[*place as usize].id).collect();
        Cluster { id: CustomerId::from_uuid(ids[0].uuid()), records: ids }
    };
    Partition { clusters: linked.groups.iter().map(cluster).collect(), reviews }
}

/// The records from the oldest to the youngest, each once. A record's place in this list stands for it below.
fn by_age(records: &[ContactRecord]) -> Vec<&ContactRecord> {
    let mut sorted: Vec<&ContactRecord> = records.iter().collect();
    sorted.sort_by_key(|record| record.id);
    sorted.dedup_by_key(|record| record.id);
    sorted
}
