//! One record after another, each beside what it reaches, gives what all of them give at once.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::mark::marks;
use super::property::{decisions, records};
use super::*;
use crate::identifier::Identifier;
use crate::matching::fixture::{decision, record};

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const HOMES: [&str; 3] =
    ["12 Elm St, Quincy, MA 02169", "12 Elm Street Apt 4, Quincy 02169", "77 Oak Ave, Boston, MA 02110"];

/// A hub that keeps customers as a store does: it reads no more of them than it has to.
#[derive(Default)]
struct Hub {
    records: Vec<ContactRecord>,
    decisions: Vec<Decision>,
    customer_of: BTreeMap<RecordId, CustomerId>,
    reviews: BTreeMap<(CustomerId, CustomerId), ReviewPair>,
    rules: Rules,
    /// Records read for the last arrival.
    read: usize,
}

/// What is read around some records.
struct Reading<'a> {
    hub: &'a Hub,
    rules: &'a Rules,
    candidates: Candidates,
}

impl Reading<'_> {
    /// Records, with whom a decision or a source key ties them to.
    fn load(&mut self, ids: impl IntoIterator<Item = RecordId>) -> Vec<RecordId> {
        let (mut left, mut loaded): (Vec<RecordId>, Vec<RecordId>) = (ids.into_iter().collect(), Vec::new());
        while let Some(id) = left.pop() {
            let Some(record) = self.hub.records.iter().find(|record| record.id == id) else { continue };
            if !self.candidates.add(record.clone(), self.rules) {
                continue;
            }
            loaded.push(id);
            let ties = self.hub.decisions.iter().filter(|decision| decision.a == id || decision.b == id);
            left.extend(ties.flat_map(|decision| [decision.a, decision.b]));
            let again = self.hub.records.iter().filter(|other| other.source_key == record.source_key);
            left.extend(again.map(|other| other.id));
        }
        loaded
    }

    fn compared_by(&self, ids: &HashSet<RecordId>) -> HashSet<Identifier> {
        let of = self.hub.records.iter().filter(|record| ids.contains(&record.id));
        of.flat_map(|record| self.rules.compared_by(record)).collect()
    }

    fn having(&self, wanted: &HashSet<Identifier>) -> Vec<RecordId> {
        let shares = |record: &&ContactRecord| {
            self.rules.compared_by(record).iter().any(|identifier| wanted.contains(identifier))
        };
        self.hub.records.iter().filter(shares).map(|record| record.id).collect()
    }
}

impl Hub {
    /// Takes in what is new, or looks again at what a decision is about.
    fn resolve(&mut self, seeds: Vec<RecordId>) {
        let beside = Beside { decisions: &self.decisions, rules: &self.rules, hubs: &BTreeSet::new() };
        let mut reading = Reading { hub: self, rules: &self.rules, candidates: Candidates::default() };
        let mut inside: HashSet<RecordId> = reading.load(seeds).into_iter().collect();
        // Whoever shares something with them is compared; and where the people behind it are counted otherwise, theirs are
        // the customers that may change, too.
        let shared = reading.compared_by(&inside);
        let mates = reading.having(&shared);
        reading.load(mates);
        let new: HashSet<RecordId> = inside.iter().filter(|id| !self.customer_of.contains_key(id)).copied().collect();
        if new.len() == inside.len() {
            inside.extend(reading.candidates.turned(&new, &beside));
        } else {
            let has = |identifier: &Identifier| {
                self.records.iter().filter(|record| self.rules.compared_by(record).contains(identifier)).count()
            };
            let turns = |one: &Identifier| one.kind.counts_people() || has(one) > one.kind.hub_limit();
            inside.extend(reading.having(&shared.into_iter().filter(turns).collect()));
        }
        let mut fresh = inside.clone();
        loop {
            let customers: HashSet<CustomerId> =
                inside.iter().filter_map(|id| self.customer_of.get(id)).copied().collect();
            let whole = self.customer_of.iter().filter(|(_, customer)| customers.contains(customer));
            let whole: Vec<RecordId> = whole.map(|(id, _)| *id).collect();
            reading.load(whole.iter().copied());
            fresh.extend(whole.iter().filter(|id| !inside.contains(id)));
            inside.extend(whole);
            let beside_them = reading.having(&reading.compared_by(&inside));
            reading.load(beside_them);
            fresh = reading.candidates.reached(&inside, &fresh, &beside).into_iter().collect();
            if fresh.is_empty() {
                break;
            }
            inside.extend(fresh.iter().copied());
        }
        let found = reading.candidates.cluster(Some(&inside), &beside);
        self.read = reading.candidates.len();
        let touched: HashSet<CustomerId> = inside.iter().filter_map(|id| self.customer_of.get(id)).copied().collect();
        self.reviews.retain(|(a, b), _| !touched.contains(a) && !touched.contains(b));
        for cluster in &found.clusters {
            assert!(cluster.records.iter().all(|id| inside.contains(id)));
            self.customer_of.extend(cluster.records.iter().map(|id| (*id, cluster.id)));
        }
        self.reviews.extend(found.reviews.into_iter().map(|pair| ((pair.a, pair.b), pair)));
    }

    fn partition(&self) -> Partition {
        let mut clusters: BTreeMap<CustomerId, Vec<RecordId>> = BTreeMap::new();
        for (record, customer) in &self.customer_of {
            clusters.entry(*customer).or_default().push(*record);
        }
        Partition {
            clusters: clusters.into_iter().map(|(id, records)| Cluster { id, records }).collect(),
            reviews: self.reviews.values().cloned().collect(),
        }
    }

    fn at_once(&self) -> Partition {
        cluster(&self.records, &self.decisions, &self.rules)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn one_after_another_gives_what_all_give_at_once(
        records in records(),
        decisions in decisions(14),
        marks in marks(),
        order in prop::collection::vec(any::<u32>(), 14),
        homes in prop::collection::vec(prop::option::weighted(0.6, 0..HOMES.len()), 14),
        at_once in 1usize..4,
    ) {
        let at_home = |(record, home): (ContactRecord, Option<usize>)| match home {
            Some(home) => record.living_at(HOMES[home]),
            None => record,
        };
        let mut arrivals: Vec<ContactRecord> = records.into_iter().zip(homes).map(at_home).collect();
        // Ids are given when a record is made, which is not always the order in which they arrive.
        let mut keyed: Vec<(u32, ContactRecord)> = order.into_iter().zip(arrivals.drain(..)).collect();
        keyed.sort_by_key(|(key, record)| (*key, record.id));
        let rules = Rules { marks: marks.into_iter().collect(), ..Rules::default() };
        let mut hub = Hub { rules, ..Hub::default() };
        let mut decisions = decisions.into_iter();
        let arrivals: Vec<ContactRecord> = keyed.into_iter().map(|(_, record)| record).collect();
        for page in arrivals.chunks(at_once) {
            hub.records.extend(page.iter().cloned());
            hub.resolve(page.iter().map(|record| record.id).collect());
            prop_assert_eq!(hub.partition(), hub.at_once());
            if let Some(decision) = decisions.next() {
                let known = |id| hub.records.iter().any(|record| record.id == id);
                if known(decision.a) && known(decision.b) {
                    hub.decisions.push(decision.clone());
                    hub.resolve(vec![decision.a, decision.b]);
                    prop_assert_eq!(hub.partition(), hub.at_once());
                }
            }
        }
        while let Some(decision) = hub.decisions.pop() {
            hub.resolve(vec![decision.a, decision.b]);
            prop_assert_eq!(hub.partition(), hub.at_once());
        }
    }
}

#[test]
fn a_line_of_strangers_is_not_read_beyond_who_answers_it() {
    let names =
        ["Ann Abbot", "Ben Cole", "Carl Dunn", "Dora Engel", "Emil Frost", "Finn Gray", "Gus Hale", "Hugo Ives"];
    let mut hub = Hub::default();
    // Everybody shares a line with the next: a chain through all of them, and no two are one.
    for (n, name) in (0u32..400).zip(names.iter().cycle()) {
        let line = |n: u32| format!("+1617444{:04}", 1_000 + n);
        hub.records.push(
            record(n)
                .named(&format!("{name}{}", "son".repeat((n / 8 % 5) as usize)))
                .phone(&line(n))
                .phone(&line(n + 1)),
        );
        let id = hub.records.last().unwrap().id;
        hub.resolve(vec![id]);
        assert!(hub.read < 12, "{} records were read for one", hub.read);
    }
    assert_eq!(hub.partition(), hub.at_once());
}

/// Each tenant has a flatmate, and a number with them: that one more came to the manager's line is no reason to read those.
#[test]
fn one_more_on_a_line_is_compared_with_who_has_it_and_nobody_is_read_around_them() {
    let given = ["Ann", "Ben", "Carl", "Dora", "Emil", "Finn", "Gus", "Hugo", "Ida", "Jack"];
    let family = ["Abbot", "Cole", "Dunn", "Engel", "Frost", "Gray", "Hale", "Ives", "Jones", "Kurz"];
    let flatmates = ["Lena Moss", "Mina Nash", "Nora Ochs", "Olga Park", "Rosa Quinn"];
    let mut hub = Hub::default();
    for (n, (given, family)) in (0u32..).zip(given.iter().zip(family)) {
        let own = format!("+1617444{:04}", 2_000 + n * 7);
        hub.records.push(record(2 * n).named(&format!("{given} {family}")).phone(P).phone(&own));
        hub.records.push(record(2 * n + 1).named(flatmates[n as usize % flatmates.len()]).phone(&own));
    }
    hub.resolve(hub.records.iter().map(|record| record.id).collect());
    hub.records.push(record(100).named("Uwe Volk").phone(P));
    hub.resolve(vec![record(100).id]);
    assert_eq!(hub.partition(), hub.at_once());
    assert_eq!(hub.read, given.len() + 1);
}

/// Where one name in one quarter is that of too many, nobody is compared because of it any more: not those either who were
/// one until then.
#[test]
fn one_too_many_of_a_name_and_a_place_parts_who_was_one_by_it() {
    let mut hub = Hub::default();
    let limit = crate::linkage::NAME_PLACE_LIMIT as u32;
    for n in 0..=limit {
        // Two by two in one house; all have one name and one ZIP code.
        hub.records.push(record(n).named("Ola Okonkwo").living_at(&format!("{} Elm St, Quincy, MA 02169", n / 2)));
        hub.resolve(vec![hub.records.last().unwrap().id]);
        assert_eq!(hub.partition(), hub.at_once(), "after {n}");
        // So rare a name is one person who moved within the quarter; of too many only the houses tell.
        let expected = if n < limit { 1 } else { n / 2 + 1 };
        assert_eq!(hub.partition().clusters.len(), expected as usize, "after {n}");
    }
}

#[test]
fn who_has_a_name_and_a_place_in_common_is_found_by_it() {
    let mut hub = Hub::default();
    for (n, name, phone) in [(0, "Ola Okonkwo", P), (1, "Okonkwo, Ola", Q), (2, "Uma Okonkwo", "+16174441003")] {
        hub.records.push(record(n).named(name).phone(phone).living_at(HOMES[0]));
        hub.resolve(vec![hub.records.last().unwrap().id]);
    }
    assert_eq!(hub.partition(), hub.at_once());
    let customers: Vec<usize> = hub.partition().clusters.iter().map(|cluster| cluster.records.len()).collect();
    assert_eq!(customers, [2, 1]);
    let evidence = &hub.partition().reviews[0].evidence;
    assert_eq!(evidence.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), [HOMES[0]]);
}

#[test]
fn a_third_name_behind_a_number_is_news_for_those_who_have_it() {
    let mut hub = Hub::default();
    for (n, name) in (0u32..).zip(["J. Smith", "John Smith", "Jane Smith"]) {
        hub.records.push(record(n).named(name).phone(P));
        let id = hub.records.last().unwrap().id;
        hub.resolve(vec![id]);
        assert_eq!(hub.partition(), hub.at_once(), "after {name}");
    }
    assert_eq!(hub.partition().clusters.len(), 3);
}

/// Hugo has nothing to do with either Mary, and yet the number says less of them now.
#[test]
fn a_stranger_behind_a_number_parts_who_was_one_by_it() {
    let mut hub = Hub::default();
    for (n, name) in (0u32..).zip(["Mary Smith", "Mary Jones"]) {
        hub.records.push(record(n).named(name).phone(P));
    }
    hub.resolve(hub.records.iter().map(|record| record.id).collect());
    assert_eq!(hub.partition().clusters.len(), 1);
    hub.records.push(record(2).named("Hugo Ives").phone(P));
    hub.resolve(vec![hub.records[2].id]);
    assert_eq!(hub.partition(), hub.at_once());
    assert_eq!(hub.partition().clusters.len(), 3);
}

#[test]
fn what_a_decision_ties_to_a_neighbour_speaks_with_it() {
    let mut hub = Hub { decisions: vec![decision(9, Verb::Link, 1, 2)], ..Hub::default() };
    hub.records = vec![record(1).named("John Smith").phone(P), record(2).named("Mary Jones").phone(Q)];
    hub.resolve(hub.records.iter().map(|record| record.id).collect());
    hub.records.push(record(3).named("Mary Jones").phone(P));
    hub.resolve(vec![hub.records[2].id]);
    assert_eq!(hub.partition(), hub.at_once());
    assert_eq!(hub.partition().clusters.len(), 1);
}
