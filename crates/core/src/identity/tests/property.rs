//! What must hold for every set of records and decisions. Few names, phones and addresses, so that they collide.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::matching::Persona;
use crate::matching::fixture::{decision, record, record_id};
use crate::name::Agreement;

const NAMES: [&str; 12] = [
    "",
    "",
    "John Smith",
    "J Smith",
    "Jane Smith",
    "John & Jane Smith",
    "Smith",
    "Robert Jones",
    "Bob Jones",
    "Bob",
    "Acme Plumbing",
    "Hugo Ives",
];
pub(super) const PHONES: [&str; 5] = ["+16174441001", "+16174441002", "+16174441003", "+16174441004", "+16175550123"];
pub(super) const EMAILS: [&str; 4] = ["jane@smithco.com", "bob@jonesco.com", "hugo@ivesco.com", "none@none.com"];

/// What a record says, by numbers into the tables.
type Said = (usize, bool, Vec<usize>, Vec<usize>, u32);

fn said() -> impl Strategy<Value = Said> {
    (
        0..NAMES.len(),
        prop::bool::weighted(0.1),
        prop::collection::vec(0..PHONES.len(), 0..3),
        prop::collection::vec(0..EMAILS.len(), 0..2),
        // Few of the records say an object again.
        0u32..40,
    )
}

fn records_of(said: &[Said], repeated_keys: bool) -> Vec<ContactRecord> {
    (0u32..)
        .zip(said)
        .map(|(n, (name, at_acme, phones, emails, key))| {
            let mut record = record(n).named(NAMES[*name]);
            if *at_acme {
                record = record.of_company("Acme Plumbing");
            }
            record = phones.iter().fold(record, |record, phone| record.phone(PHONES[*phone]));
            record = emails.iter().fold(record, |record, email| record.email(EMAILS[*email]));
            if repeated_keys && *key < 4 { record.key(&format!("again{key}")) } else { record }
        })
        .collect()
}

pub(super) fn records() -> impl Strategy<Value = Vec<ContactRecord>> {
    prop::collection::vec(said(), 1..14).prop_map(|said| records_of(&said, true))
}

/// Decisions about the first `count` records.
pub(super) fn decisions(count: u32) -> impl Strategy<Value = Vec<Decision>> {
    prop::collection::vec((any::<bool>(), 0..count, 0..count), 0..5).prop_map(|all| {
        let verb = |link: bool| if link { Verb::Link } else { Verb::KeepApart };
        (100u32..).zip(all).map(|(n, (link, a, b))| decision(n, verb(link), a, b)).collect()
    })
}

fn cluster_of(partition: &Partition) -> BTreeMap<RecordId, CustomerId> {
    partition.clusters.iter().flat_map(|cluster| cluster.records.iter().map(|id| (*id, cluster.id))).collect()
}

/// Whether two people are named; that a business is somebody's, a third record may say.
fn conflict(a: &ContactRecord, b: &ContactRecord) -> bool {
    let is_person = |record: &ContactRecord| record.contact.name.as_ref().is_some_and(|name| !name.is_business());
    is_person(a) && is_person(b) && Persona::of(a).agreement(&Persona::of(b)) == Agreement::Conflict
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_order_gives_the_same_customers(
        records in records(),
        decisions in decisions(14),
        seed in prop::collection::vec(any::<u32>(), 20),
    ) {
        let expected = cluster(&records, &decisions, &Rules::default());
        let mut shuffled: Vec<_> = records.iter().cloned().zip(&seed).collect();
        shuffled.sort_by_key(|(record, key)| (**key, record.id));
        let mut shuffled: Vec<_> = shuffled.into_iter().map(|(record, _)| record).collect();
        // Said twice is said once.
        shuffled.push(records[0].clone());
        let mut decisions: Vec<_> = decisions.into_iter().zip(&seed).collect();
        decisions.sort_by_key(|(decision, key)| (**key, decision.id));
        let decisions: Vec<_> = decisions.into_iter().map(|(decision, _)| decision).collect();
        prop_assert_eq!(cluster(&shuffled, &decisions, &Rules::default()), expected);
    }

    #[test]
    fn any_order_of_decisions_that_contradict_each_other_gives_the_same_customers(
        decisions in decisions(3),
        seed in prop::collection::vec(any::<u32>(), 5),
    ) {
        let records: Vec<ContactRecord> = (0..3).map(record).collect();
        let mut shuffled: Vec<_> = decisions.iter().cloned().zip(seed).collect();
        shuffled.sort_by_key(|(decision, key)| (*key, decision.id));
        let shuffled: Vec<_> = shuffled.into_iter().map(|(decision, _)| decision).collect();
        let expected = cluster(&records, &decisions, &Rules::default());
        prop_assert_eq!(cluster(&records, &shuffled, &Rules::default()), expected);
    }

    #[test]
    fn every_record_is_in_one_customer_named_for_its_oldest(records in records(), decisions in decisions(14)) {
        let found = cluster(&records, &decisions, &Rules::default());
        let mut members: Vec<RecordId> = found.clusters.iter().flat_map(|cluster| cluster.records.clone()).collect();
        members.sort();
        prop_assert_eq!(members, records.iter().map(|record| record.id).collect::<Vec<_>>());
        for cluster in &found.clusters {
            prop_assert_eq!(Some(cluster.id.uuid()), cluster.records.iter().min().map(|id| id.uuid()));
            prop_assert!(cluster.records.is_sorted());
        }
        prop_assert!(found.clusters.is_sorted_by(|a, b| a.id < b.id));
        prop_assert!(found.reviews.is_sorted_by(|a, b| (a.a, a.b) < (b.a, b.b)));
        for review in &found.reviews {
            prop_assert!(review.a < review.b && !review.evidence.is_empty());
        }
    }

    #[test]
    fn decisions_are_respected(records in records(), decisions in decisions(14)) {
        let found = cluster(&records, &decisions, &Rules::default());
        let customer_of = cluster_of(&found);
        let any_apart = decisions.iter().any(|decision| decision.verb == Verb::KeepApart);
        for decision in decisions.iter().filter(|decision| decision.a != decision.b) {
            let (Some(a), Some(b)) = (customer_of.get(&decision.a), customer_of.get(&decision.b)) else { continue };
            match decision.verb {
                Verb::KeepApart => {
                    prop_assert!(a != b);
                    let in_review = found.reviews.iter().any(|pair| (pair.a, pair.b) == (*a.min(b), *a.max(b)));
                    prop_assert!(!in_review, "asked again about a pair that is decided");
                }
                Verb::Link => prop_assert!(a == b || any_apart),
            }
        }
    }

    #[test]
    fn i12_no_customer_has_conflicting_names_unless_decided(said in prop::collection::vec(said(), 1..14), decisions in decisions(14)) {
        let records = records_of(&said, false);
        let found = cluster(&records, &decisions, &Rules::default());
        let by_id: BTreeMap<RecordId, &ContactRecord> = records.iter().map(|record| (record.id, record)).collect();
        let rules = Rules::default();
        let mut all = Candidates::default();
        records.iter().for_each(|record| assert!(all.add(record.clone(), &rules)));
        let prepared = all.prepared(None, &Beside { decisions: &decisions, rules: &rules, hubs: &BTreeSet::new() });
        let linkage = prepared.linkage(&rules);
        // Where all else would link the two by themselves in spite of the names, the model goes by that.
        let in_spite = |a: RecordId, b: RecordId| {
            let place = |id| records.iter().position(|record| record.id == id).unwrap() as u32;
            linkage.explain(place(a), place(b)).bits >= rules.weights.link
        };
        for cluster in &found.clusters {
            let linked = decisions.iter().any(|decision| {
                decision.verb == Verb::Link && decision.a != decision.b
                    && cluster.records.contains(&decision.a) && cluster.records.contains(&decision.b)
            });
            for (at, a) in cluster.records.iter().enumerate() {
                for b in &cluster.records[at + 1..] {
                    let told = linked || !conflict(by_id[a], by_id[b]) || in_spite(*a, *b);
                    prop_assert!(told, "{a} and {b} in one customer");
                }
            }
        }
    }

    #[test]
    fn i12_a_nameless_record_joins_none_of_several(said in prop::collection::vec(said(), 1..14)) {
        let mut records = records_of(&said, false);
        for record in &mut records {
            record.contact.emails.clear();
        }
        let found = cluster(&records, &[], &Rules::default());
        let customer_of = cluster_of(&found);
        let rules = Rules::default();
        let shares = |a: &ContactRecord, b: &ContactRecord| {
            let of_b = rules.identifying(b);
            rules.identifying(a).iter().any(|identifier| of_b.contains(identifier))
        };
        // A second number may say whose the first is.
        let telling = |record: &&ContactRecord| Persona::of(record).is_nobody() && record.contact.phones.len() == 1;
        for nameless in records.iter().filter(telling) {
            let callers: Vec<_> = records
                .iter()
                .filter(|record| !Persona::of(record).is_nobody() && shares(nameless, record))
                .collect();
            let torn = callers.iter().any(|a| callers.iter().any(|b| conflict(a, b)));
            let joined = records.iter().any(|record| {
                !Persona::of(record).is_nobody() && customer_of[&record.id] == customer_of[&nameless.id]
            });
            prop_assert!(!(torn && joined), "{} was given to one of several", nameless.id);
            if torn {
                let own = customer_of[&nameless.id];
                prop_assert!(found.reviews.iter().any(|pair| pair.a == own || pair.b == own), "no review asks about it");
            }
        }
    }

    #[test]
    fn i12_placeholders_join_nobody(
        said in prop::collection::vec((0..NAMES.len(), any::<bool>(), any::<bool>()), 1..14),
    ) {
        let records: Vec<ContactRecord> = (0u32..)
            .zip(&said)
            .map(|(n, (name, phone, email))| {
                let mut record = record(n).named(NAMES[*name]);
                if *phone { record = record.phone(PHONES[4]); }
                if *email { record = record.email(EMAILS[3]); }
                record
            })
            .collect();
        let found = cluster(&records, &[], &Rules::default());
        prop_assert_eq!((found.clusters.len(), found.reviews.len()), (records.len(), 0));
    }

    #[test]
    fn i11_merge_and_unmerge_are_inverses_and_ids_resolve(
        records in records(),
        decisions in decisions(14),
        a in 0u32..14,
        b in 0u32..14,
    ) {
        let before = cluster(&records, &decisions, &Rules::default());
        let mut merged = decisions.clone();
        merged.push(decision(999, Verb::Link, a, b));
        let after = cluster(&records, &merged, &Rules::default());
        let customer_of = cluster_of(&after);
        for cluster in &before.clusters {
            prop_assert!(customer_of.contains_key(&RecordId::from_uuid(cluster.id.uuid())), "an id does not resolve");
        }
        let keep_apart = decisions.iter().any(|decision| decision.verb == Verb::KeepApart);
        if let (Some(a), Some(b), false) = (customer_of.get(&record_id(a)), customer_of.get(&record_id(b)), keep_apart) {
            prop_assert_eq!(a, b);
        }
        merged.pop();
        prop_assert_eq!(cluster(&records, &merged, &Rules::default()), before);
    }
}
