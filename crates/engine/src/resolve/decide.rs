//! What follows from a neighbourhood and new records. Pure: nothing is read or written here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use doorstep_core::contact::ContactRecord;
use doorstep_core::id::{CustomerId, RecordId, ReviewId};
use doorstep_core::identity::ReviewPair;
use doorstep_core::matching::Rules;
use doorstep_core::planted;
use doorstep_core::survivorship::{golden, search_words};
use doorstep_store::customer::Put;

use super::Neighbourhood;

/// By how much, in 1/256 bits, a score may differ and be the same.
const HAIR: u64 = 8;

/// The difference between what is stored and what should be.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The customer of every new record.
    pub of_new: HashMap<RecordId, CustomerId>,
    /// Stored records that move to another customer.
    pub moved: Vec<(RecordId, CustomerId)>,
    /// Golden records that are new or differ from the stored ones.
    pub put: Vec<Put>,
    /// What is stored of them, where something is.
    pub known: Vec<Put>,
    /// Customers that no longer exist under their own id, with the one that holds their oldest record now.
    pub removed: Vec<(CustomerId, Option<CustomerId>)>,
    /// Reviews to open.
    pub opened: Vec<ReviewPair>,
    /// Reviews to take away.
    pub closed: Vec<ReviewId>,
    /// Reviews that stay, and are surer or less sure than they were.
    pub rated: Vec<(ReviewId, i64)>,
    /// Customers of reviews that open or close.
    pub in_question: BTreeSet<CustomerId>,
}

impl Outcome {
    /// Whether what is stored is what should be.
    pub fn is_unchanged(&self) -> bool {
        self.moved.is_empty()
            && self.put.is_empty()
            && self.removed.is_empty()
            && self.opened.is_empty()
            && self.closed.is_empty()
            && self.rated.is_empty()
    }
}

pub(crate) fn decide(rules: &Rules, around: &Neighbourhood) -> Outcome {
    let partition = around.decided.clone().unwrap_or_else(|| around.partition(rules));
    let mut outcome = Outcome::default();
    let mut holder: HashMap<RecordId, CustomerId> = HashMap::new();
    for cluster in partition.clusters.iter().filter(|cluster| !around.unchanged.contains(&cluster.id)) {
        for record in &cluster.records {
            holder.insert(*record, cluster.id);
            if around.new.contains(record) {
                outcome.of_new.insert(*record, cluster.id);
            } else if around.customer_of.get(record) != Some(&cluster.id) {
                if planted!("an-unmerge-gives-nothing-back") && around.customer_of.get(record) < Some(&cluster.id) {
                    continue;
                }
                outcome.moved.push((*record, cluster.id));
            }
        }
        let records: Vec<&ContactRecord> = cluster.records.iter().filter_map(|id| around.candidates.get(*id)).collect();
        let Some(customer) = golden(&records, &around.pins_on(&records)) else { continue };
        let sources: BTreeSet<&str> = records.iter().map(|record| record.source.as_str()).collect();
        let put = Put {
            words: search_words(&customer, &records),
            customer,
            source_count: i64::try_from(sources.len()).unwrap_or(i64::MAX),
        };
        let stored = around.golden.get(&cluster.id);
        if stored.is_none_or(|stored| differs(stored, &put)) {
            outcome.known.extend(stored.cloned());
            outcome.put.push(put);
        }
    }
    let alive: BTreeSet<CustomerId> = partition.clusters.iter().map(|cluster| cluster.id).collect();
    let stored_ids: BTreeSet<CustomerId> = around.golden.keys().copied().collect();
    for id in stored_ids.difference(&alive) {
        let successor = holder.get(&RecordId::from_uuid(id.uuid())).copied();
        let successor = successor.or_else(|| successor_of(*id, around, &holder));
        outcome.removed.push((*id, successor));
    }
    compare_reviews(around, partition.reviews, &mut outcome);
    outcome
}

/// Where the records of a customer whose oldest record is gone went: to the one that holds the oldest left.
fn successor_of(id: CustomerId, around: &Neighbourhood, holder: &HashMap<RecordId, CustomerId>) -> Option<CustomerId> {
    let left = around.customer_of.iter().filter(|(_, customer)| **customer == id).map(|(record, _)| *record).min()?;
    holder.get(&left).copied()
}

fn differs(stored: &Put, now: &Put) -> bool {
    let mut stored_identities = stored.customer.identities.clone();
    let mut identities = now.customer.identities.clone();
    stored_identities.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    identities.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    let bare = |put: &Put| {
        let mut customer = put.customer.clone();
        customer.identities.clear();
        customer
    };
    stored_identities != identities
        || stored.words != now.words
        || stored.source_count != now.source_count
        || bare(stored) != bare(now)
}

fn compare_reviews(around: &Neighbourhood, wanted: Vec<ReviewPair>, outcome: &mut Outcome) {
    let mut wanted: BTreeMap<(CustomerId, CustomerId), ReviewPair> =
        wanted.into_iter().map(|pair| ((pair.a, pair.b), pair)).collect();
    for open in &around.reviews {
        match wanted.get(&(open.a, open.b)) {
            Some(pair) if pair.evidence == open.evidence => {
                // Another machine may round otherwise.
                if i64::from(pair.score).abs_diff(open.score) > HAIR {
                    outcome.rated.push((open.id, pair.score.into()));
                }
                wanted.remove(&(open.a, open.b));
            }
            _ => {
                outcome.closed.push(open.id);
                outcome.in_question.extend([open.a, open.b]);
            }
        }
    }
    outcome.in_question.extend(wanted.keys().flat_map(|(a, b)| [*a, *b]));
    outcome.opened = wanted.into_values().collect();
}
