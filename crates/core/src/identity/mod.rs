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
//! "J Smith" between John and Jane) goes to neither. Where the evidence is not enough for a link and not too little for a
//! question, a person looks, unless one has.

mod candidates;
pub mod evaluation;
pub mod explain;
mod link;
mod review;
pub mod side_by_side;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contact::ContactRecord;
use crate::id::{CustomerId, DecisionId, RecordId};
use crate::matching::{Evidence, Rules};

pub use candidates::{Beside, Candidates};

/// Upstream objects (records of different source keys) that may share a phone or an e-mail address before it proves
/// nothing: more than any household or small office, fewer than a call centre. It also bounds the pairs that one
/// identifier can make.
pub const HUB_LIMIT: usize = 50;
/// Other customers that somebody is asked about at once, the likeliest first: a family business of many who share a line
/// would make hundreds of pairs, and nobody decides those. More come up as these are decided.
pub const REVIEWS_PER_CUSTOMER: usize = 5;
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
    /// The identifiers that they share, and how their names agree.
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
/// `records` must be all that the tenant has; [`Candidates`] do with fewer.
pub fn cluster(records: &[ContactRecord], decisions: &[Decision], rules: &Rules) -> Partition {
    let mut all = Candidates::default();
    for record in records {
        all.add(record.clone(), rules);
    }
    all.cluster(None, &Beside { decisions, rules, hubs: &BTreeSet::new() })
}
