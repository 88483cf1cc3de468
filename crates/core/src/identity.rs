//! Who is who: contact records in, customers out. SKELETON.

use serde::{Deserialize, Serialize};

use crate::contact::ContactRecord;
use crate::id::{CustomerId, DecisionId, RecordId};
use crate::matching::{Evidence, Rules};

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
/// A function of the set: the order of records and decisions does not matter. `records` must be closed
/// under sharing an identifier and under decisions, that is, a whole connected component or several.
pub fn cluster(records: &[ContactRecord], _decisions: &[Decision], _rules: &Rules) -> Partition {
    let clusters = records
        .iter()
        .map(|r| Cluster { id: CustomerId::from_uuid(r.id.uuid()), records: vec![r.id] })
        .collect();
    Partition { clusters, reviews: vec![] }
}
