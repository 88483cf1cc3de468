//! Which pairs of customers a person should look at: those that share an identifier which tells and are not one.

use std::collections::BTreeMap;

use crate::contact::ContactRecord;
use crate::id::CustomerId;
use crate::matching::{Evidence, Persona, evidence, rank};
use crate::name::Agreement;

use super::block::Block;
use super::{HUB_LIMIT, MAX_NAMES_PER_CUSTOMER, REVIEWS_PER_IDENTIFIER, ReviewPair};

/// Two customers by their numbers, older first.
type Pair = (u32, u32);

/// The customers, and how they are told apart.
pub(super) struct Customers<'a> {
    /// By customer, places of its records, oldest first; the customers by their oldest record.
    pub(super) groups: &'a [Vec<u32>],
    /// By place, the number of its customer.
    pub(super) of: &'a [u32],
    /// Places that decisions keep apart.
    pub(super) apart: &'a [(u32, u32)],
}

/// The pairs that share an identifier; none that a decision keeps apart, none twice, and at most
/// [`REVIEWS_PER_IDENTIFIER`] of one identifier, those of the oldest customers.
pub(super) fn reviews(customers: &Customers<'_>, records: &[&ContactRecord], blocks: &[Block<'_>]) -> Vec<ReviewPair> {
    let mut wanted: BTreeMap<Pair, Vec<(u8, Evidence)>> = BTreeMap::new();
    for block in blocks {
        let pairs = customers.pairs(block).into_iter().filter(|pair| !customers.kept_apart(*pair));
        wanted.extend(pairs.take(REVIEWS_PER_IDENTIFIER).map(|pair| (pair, vec![])));
    }
    if !wanted.is_empty() {
        for block in blocks {
            for pair in customers.pairs(block) {
                if let Some(found) = wanted.get_mut(&pair) {
                    let agreement = customers.worst_agreement(records, pair);
                    found.push((rank(block.kind), evidence(block.kind, block.said, agreement)));
                }
            }
        }
    }
    let id = |customer: u32| CustomerId::from_uuid(records[customers.groups[customer as usize][0] as usize].id.uuid());
    wanted
        .into_iter()
        .map(|((a, b), mut found)| {
            found.sort_by(|one, other| (one.0, &one.1.value).cmp(&(other.0, &other.1.value)));
            ReviewPair {
                a: id(a),
                b: id(b),
                evidence: found.into_iter().map(|(_, evidence)| evidence).collect(),
                score: 0,
            }
        })
        .collect()
}

impl Customers<'_> {
    /// The pairs of different customers in a block, oldest first. Only a source key can have more customers than
    /// [`HUB_LIMIT`]; the rest of them would never come up before these are decided.
    fn pairs(&self, block: &Block<'_>) -> Vec<Pair> {
        let mut all: Vec<u32> = block.records.iter().map(|place| self.of[*place as usize]).collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(HUB_LIMIT);
        all.iter().enumerate().flat_map(|(at, a)| all[at + 1..].iter().map(move |b| (*a, *b))).collect()
    }

    fn kept_apart(&self, (a, b): Pair) -> bool {
        self.apart.iter().any(|(p, q)| {
            let (p, q) = (self.of[*p as usize], self.of[*q as usize]);
            (p.min(q), p.max(q)) == (a, b)
        })
    }

    /// The worst agreement between names of two customers, for the words of a review.
    fn worst_agreement(&self, records: &[&ContactRecord], (a, b): Pair) -> Agreement {
        let personas = |customer: u32| -> Vec<Persona<'_>> {
            let places = self.groups[customer as usize].iter().take(MAX_NAMES_PER_CUSTOMER);
            places.map(|place| Persona::of(records[*place as usize])).filter(|persona| !persona.is_nobody()).collect()
        };
        let (of_a, of_b) = (personas(a), personas(b));
        if of_a.is_empty() || of_b.is_empty() {
            return Agreement::Unknown;
        }
        let found: Vec<Agreement> = of_a.iter().flat_map(|p| of_b.iter().map(move |q| p.agreement(q))).collect();
        [Agreement::Conflict, Agreement::Unknown, Agreement::Compatible]
            .into_iter()
            .find(|one| found.contains(one))
            .unwrap_or(Agreement::Same)
    }
}
