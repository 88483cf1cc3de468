//! Which pairs of customers a person should look at: those in doubt.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::contact::ContactRecord;
use crate::id::CustomerId;
use crate::identifier::Identifier;
use crate::linkage::{Doubt, Linkage, Why, names_with, names_with_places};
use crate::matching::{Evidence, Persona, Rules, evidence, rank};
use crate::name::Agreement;

use super::{MAX_NAMES_PER_CUSTOMER, REVIEWS_PER_CUSTOMER, ReviewPair};

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
    /// By place, the record.
    pub(super) records: &'a [&'a ContactRecord],
}

/// The pairs of customers whose records are in doubt: none that a decision keeps apart, none twice, and of each customer at
/// most [`REVIEWS_PER_CUSTOMER`], the likeliest.
pub(super) fn reviews(
    customers: &Customers<'_>,
    doubts: &[Doubt],
    linkage: &Linkage<'_>,
    rules: &Rules,
) -> Vec<ReviewPair> {
    let mut surest: BTreeMap<Pair, (i32, Why)> = BTreeMap::new();
    for doubt in doubts {
        let (a, b) = (customers.of[doubt.a as usize], customers.of[doubt.b as usize]);
        let held = surest.entry((a.min(b), a.max(b))).or_insert((doubt.score, doubt.why));
        *held = (doubt.score, doubt.why).max(*held);
    }
    let mut wanted: BTreeMap<Pair, i32> = surest.into_iter().map(|(pair, doubt)| (pair, how_sure(doubt))).collect();
    wanted.retain(|pair, _| !customers.kept_apart(*pair));
    let mut of_customer: HashMap<u32, Vec<(std::cmp::Reverse<i32>, Pair)>> = HashMap::new();
    for (pair, score) in &wanted {
        for customer in [pair.0, pair.1] {
            of_customer.entry(customer).or_default().push((std::cmp::Reverse(*score), *pair));
        }
    }
    // Among the first of both: what one is asked about hangs on its own doubts and on nobody else's.
    let mut votes: BTreeMap<Pair, u32> = BTreeMap::new();
    for mut pairs in of_customer.into_values() {
        pairs.sort_unstable();
        pairs.into_iter().take(REVIEWS_PER_CUSTOMER).for_each(|(_, pair)| *votes.entry(pair).or_default() += 1);
    }
    let id = |customer: u32| {
        CustomerId::from_uuid(customers.records[customers.groups[customer as usize][0] as usize].id.uuid())
    };
    let asked = votes.into_iter().filter(|(_, votes)| *votes == 2).map(|(pair, _)| pair);
    asked
        .map(|pair| ReviewPair {
            a: id(pair.0),
            b: id(pair.1),
            evidence: customers.evidence(pair, linkage, rules),
            score: wanted.get(&pair).copied().unwrap_or_default(),
        })
        .collect()
}

/// How sure it is that two are one, of the surest doubt about them. Where that would link and the two are not one all the
/// same (their names are two people's, or it fits somebody else as well), it is even odds at most: a person has to look.
fn how_sure((score, why): (i32, Why)) -> i32 {
    if why == Why::Weak { score } else { score.min(0) }
}

impl Customers<'_> {
    fn kept_apart(&self, (a, b): Pair) -> bool {
        self.apart.iter().any(|(p, q)| {
            let (p, q) = (self.of[*p as usize], self.of[*q as usize]);
            (p.min(q), p.max(q)) == (a, b)
        })
    }

    /// The identifiers that two customers share, as the oldest record of the older one says each, and where they live under
    /// names alike.
    fn evidence(&self, pair: Pair, linkage: &Linkage<'_>, rules: &Rules) -> Vec<Evidence> {
        let agreement = self.worst_agreement(pair);
        let of_other: BTreeSet<Identifier> =
            self.members(pair.1).flat_map(|record| rules.identifying(record)).collect();
        let mut shared: BTreeMap<Identifier, &str> = BTreeMap::new();
        for (key, said) in self.members(pair.0).flat_map(|record| rules.identifying_as_said(record)) {
            if of_other.contains(&key) && !linkage.is_crowd(&key) {
                shared.entry(key).or_insert(said);
            }
        }
        shared.extend(self.shared_place(pair, linkage));
        let mut found: Vec<(u8, Evidence)> =
            shared.into_iter().map(|(key, said)| (rank(key.kind), evidence(key.kind, said, agreement))).collect();
        found.sort_by(|one, other| (one.0, &one.1.value).cmp(&(other.0, &other.1.value)));
        found.into_iter().map(|(_, evidence)| evidence).collect()
    }

    /// A name with a place by which two customers are compared, with the address as one of them writes it.
    fn shared_place(&self, pair: Pair, linkage: &Linkage<'_>) -> Option<(Identifier, &str)> {
        let of_other: BTreeSet<Identifier> =
            self.members(pair.1).flat_map(|record| names_with_places(&record.contact)).collect();
        if of_other.is_empty() {
            return None;
        }
        let is_shared = |key: &Identifier| of_other.contains(key) && !linkage.is_crowd(key);
        let addresses =
            self.members(pair.0).flat_map(|record| record.contact.addresses.iter().map(|one| (&record.contact, one)));
        addresses
            .filter_map(|(contact, address)| {
                let key = names_with(contact, std::slice::from_ref(address)).into_iter().find(is_shared)?;
                Some((key, address.as_written()))
            })
            .next()
    }

    fn members(&self, customer: u32) -> impl Iterator<Item = &ContactRecord> {
        self.groups[customer as usize].iter().map(|place| self.records[*place as usize])
    }

    /// The worst agreement between names of two customers, for the words of a review.
    fn worst_agreement(&self, (a, b): Pair) -> Agreement {
        let personas = |customer: u32| -> Vec<Persona<'_>> {
            let records = self.members(customer).take(MAX_NAMES_PER_CUSTOMER);
            records.map(Persona::of).filter(|persona| !persona.is_nobody()).collect()
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
