//! What must hold for every set of records, and the stories of households and offices.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::address::Address;
use crate::contact::ContactRecord;
use crate::matching::Rules;
use crate::matching::fixture::record;

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const HOME: &str = "12 Elm St, Quincy, MA 02169";

fn descriptions(records: &[ContactRecord]) -> Vec<Description> {
    let frequencies = Frequencies::shipped();
    let prepare = |record: &ContactRecord| {
        // No object said twice here: each record speaks for itself.
        let mut description =
            Description::of(&ContactRecord { source_key: String::new(), ..record.clone() }, &Rules::default());
        description.weigh(&frequencies);
        description
    };
    records.iter().map(prepare).collect()
}

fn linked(records: &[ContactRecord], given: &Given) -> Linked {
    let descriptions = descriptions(records);
    let (weights, frequencies) = (Weights::default(), Frequencies::shipped());
    Linkage::of(&descriptions, given, &weights, &frequencies).link()
}

/// The groups, of records in this order.
fn groups(records: &[ContactRecord]) -> Vec<Vec<u32>> {
    linked(records, &Given::default()).groups
}

fn explained(a: ContactRecord, b: ContactRecord) -> Explanation {
    let descriptions = descriptions(&[a, b]);
    let (given, weights, frequencies) = (Given::default(), Weights::default(), Frequencies::shipped());
    Linkage::of(&descriptions, &given, &weights, &frequencies).explain(0, 1)
}

fn said(name: &str) -> ContactRecord {
    record(1).named(name)
}

trait At {
    fn at(self, address: &str) -> Self;
}

impl At for ContactRecord {
    fn at(mut self, address: &str) -> Self {
        self.contact.addresses.extend(Address::parse(address));
        self
    }
}

#[test]
fn one_person_in_many_spellings_is_one() {
    let records = [
        said("John Smith").phone(P).at(HOME),
        said("SMITH, JOHN").phone(P),
        said("Jon Smith").at("12 Elm Street, Quincy MA 02169"),
        said("Johnny Smith").phone(P).email("jsmith77@gmail.com"),
        said("John Smtih").email("jsmith77@gmail.com"),
    ];
    assert_eq!(groups(&records), [vec![0, 1, 2, 3, 4]]);
}

#[test]
fn spouses_on_one_landline_and_in_one_house_are_two() {
    let records =
        [said("John Smith").phone(P).at(HOME), said("Mary Smith").phone(P).at(HOME), said("John Smith").phone(P)];
    assert_eq!(groups(&records), [vec![0, 2], vec![1]]);
    let why = explained(records[0].clone(), records[1].clone());
    assert!(!why.links && why.other == Story::Household, "{why:?}");
    assert_eq!(why.pieces[0].field, "given name");
    assert!(why.would_change.contains(&"the given name was the same".to_owned()), "{:?}", why.would_change);
}

#[test]
fn father_and_son_are_two_and_a_record_without_a_suffix_is_not_guessed() {
    let father = said("John Smith Sr").phone(P).at(HOME);
    let son = said("John Smith Jr").phone(Q).at(HOME);
    assert_eq!(groups(&[father.clone(), son.clone()]), [[0], [1]]);
    let found = linked(&[father, son, said("John Smith").at(HOME)], &Given::default());
    assert_eq!(found.groups.len(), 3, "{found:?}");
    assert!(!found.doubts.is_empty());
}

#[test]
fn a_nameless_caller_joins_the_one_who_has_the_number_and_none_of_two() {
    let caller = || record(1).phone(P);
    assert_eq!(groups(&[said("John Smith").phone(P), caller()]), [[0, 1]]);
    let found = linked(&[said("John Smith").phone(P), said("Mary Smith").phone(P), caller()], &Given::default());
    assert_eq!(found.groups.len(), 3);
}

#[test]
fn two_smiths_agree_less_than_two_okonkwos() {
    let bits = |family: &str| {
        let elsewhere = |street: &str| said(&format!("James {family}")).at(&format!("{street}, Quincy, MA 02169"));
        explained(elsewhere("5 Oak St"), elsewhere("")).bits
    };
    assert!(bits("Okonkwo") > bits("Smith") + 3.0, "{} {}", bits("Okonkwo"), bits("Smith"));
}

#[test]
fn a_managers_line_proves_nothing_about_tenants() {
    let names = ["Ann Abbot", "Ben Cole", "Carl Dunn", "Dora Engel", "Emil Frost", "Ann Gray", "Ann Hale", "Ann Ives"];
    let records: Vec<ContactRecord> = (1..)
        .zip(names)
        .map(|(unit, name)| said(name).phone(P).at(&format!("9 Mill Rd Apt {unit}, Quincy, MA 02169")))
        .collect();
    assert_eq!(groups(&records).len(), names.len());
}

#[test]
fn a_number_that_was_given_to_somebody_new_starts_somebody_new() {
    assert_eq!(groups(&[said("John Smith").phone(P).at(HOME), said("Wanda Okonkwo").phone(P)]), [[0], [1]]);
}

#[test]
fn a_mailbox_of_one_name_at_two_providers_is_no_evidence() {
    let why = explained(said("Donna Perry").email("dperry@gmail.com"), said("Donna Perry").email("dperry@aol.com"));
    let email = why.pieces.iter().find(|piece| piece.field == "e-mail");
    assert!(email.is_some_and(|piece| piece.bits < 0.0), "{why:?}");
}

#[test]
fn a_bridge_between_two_people_joins_them_not() {
    let records = [
        said("John Smith").phone(P),
        said("J Smith").phone(P).phone(Q),
        said("Jane Smith").phone(Q),
        said("Jane Smith").phone(Q).email("jane.smith@smithco.com"),
    ];
    let found = groups(&records);
    assert!(!found.iter().any(|group| group.contains(&0) && group.contains(&2)), "{found:?}");
}

#[test]
fn namesakes_in_one_house_who_never_share_a_number_are_two() {
    let own = |phone: &str, email: &str| said("John Smith").phone(phone).email(email).at(HOME);
    let (father, son) = (own(P, "jsmith@smithco.com"), own("+17812428899", "john88@smithco.com"));
    let two = [father.clone(), father.clone(), father, son.clone(), son.clone(), son];
    assert_eq!(groups(&two), [vec![0, 1, 2], vec![3, 4, 5]]);
    // A record that says nothing but name and house goes with one of few.
    let one = [said("John Smith").phone(P).at(HOME), said("John Smith").at(HOME)];
    assert_eq!(groups(&one), [[0, 1]]);
}

#[test]
fn on_a_line_of_very_many_an_equal_given_name_is_chance() {
    let given = ["Mary", "John", "Karen", "James"];
    let families =
        ["Abbot", "Cole", "Dunn", "Engel", "Frost", "Gray", "Hale", "Ives", "Jensen", "Knox", "Lund", "Moss", "Nye"];
    let records: Vec<ContactRecord> = given
        .iter()
        .flat_map(|given| families.iter().map(move |family| said(&format!("{given} {family}")).phone(P)))
        .collect();
    assert!(records.len() > crate::identity::HUB_LIMIT);
    // Somebody of that line is also found by where they live.
    let mut records: Vec<ContactRecord> = records;
    records[0] = records[0].clone().at(HOME);
    records[1] = records[1].clone().at(HOME);
    assert_eq!(groups(&records).len(), records.len());
}

#[test]
fn the_entry_of_a_couple_is_no_proof_for_either() {
    let found = groups(&[said("Mary Smith").phone(P), said("John & Mary Smith").phone(P), said("John Smith").phone(P)]);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn names_come_together() {
    let frequencies = Frequencies::shipped();
    let with = |names_together: f32| {
        let descriptions =
            descriptions(&[said("Mary Kelly").at("Quincy, MA 02169"), said("Mary Kelly").at("Quincy, MA 02169")]);
        let weights = Weights { names_together, ..Weights::default() };
        Linkage::of(&descriptions, &Given::default(), &weights, &frequencies).explain(0, 1).bits
    };
    assert!(with(8.0) < with(1.0) - 1.0);
}

#[test]
fn what_is_one_name_for_somebody_is_two_for_others() {
    let bridged = [said("Mary Miller").phone(P), said("Mary").phone(P).phone(Q), said("Mary Jones").phone(Q)];
    // Elsewhere one Mary Miller became Mary Jones.
    let married = |name| said(name).phone("+17812428899").email("mary@marysgarden.com").at(HOME);
    let alone = groups(&bridged);
    assert!(!alone.iter().any(|group| group.contains(&0) && group.contains(&2)), "{alone:?}");
    let mut all = bridged.to_vec();
    all.extend([married("Mary Miller"), married("Mary Jones")]);
    let found = groups(&all);
    assert!(found.contains(&vec![3, 4]), "{found:?}");
    assert!(found.starts_with(&alone), "{found:?} {alone:?}: a stranger's marriage says nothing about these");
}

#[test]
fn the_pieces_add_up_to_the_answer_against_the_other_story() {
    let why = explained(said("John Smith").phone(P).at(HOME), said("John Smith").phone(P));
    let sum = why.before + why.pieces.iter().map(|piece| piece.bits).sum::<f32>();
    // Answers of less than a quarter of a bit are left out, and the other stories are not quite nothing.
    assert!((sum - why.bits).abs() < 1.5, "{why:?}");
    assert!(why.links && why.probability > 0.9);
}

const NAMES: [&str; 14] = [
    "",
    "",
    "John Smith",
    "J Smith",
    "Jane Smith",
    "John Smith Jr",
    "John Smith Sr",
    "Smith",
    "Robert Jones",
    "Bob Jones",
    "Bob",
    "Acme Plumbing LLC",
    "Jones Robert",
    "Hugo Ives",
];
const PHONES: [&str; 4] = [P, Q, "+16174441003", "+16174441004"];
const EMAILS: [&str; 3] = ["jane@smithco.com", "bob@jonesco.com", "hugo@ivesco.com"];
const PLACES: [&str; 4] =
    [HOME, "12 Elm St Apt 2, Quincy, MA 02169", "9 Mill Rd, Quincy, MA 02169", "7 Oak Ave, Boston, MA 02108"];

/// What a record says, by numbers into the tables.
type Said = (usize, Vec<usize>, Vec<usize>, Vec<usize>);

fn records() -> impl Strategy<Value = Vec<ContactRecord>> {
    let one = (
        0..NAMES.len(),
        prop::collection::vec(0..PHONES.len(), 0..3),
        prop::collection::vec(0..EMAILS.len(), 0..2),
        prop::collection::vec(0..PLACES.len(), 0..2),
    );
    prop::collection::vec(one, 1..14).prop_map(|all| {
        let made = |(number, (name, phones, emails, places)): (u32, Said)| {
            let record = record(number).named(NAMES[name]);
            let record = phones.into_iter().fold(record, |record, phone| record.phone(PHONES[phone]));
            let record = emails.into_iter().fold(record, |record, email| record.email(EMAILS[email]));
            places.into_iter().fold(record, |record, place| record.at(PLACES[place]))
        };
        (0u32..).zip(all).map(made).collect()
    })
}

/// The groups by what their records say, whatever the order.
fn by_content(records: &[ContactRecord], found: &Linked) -> BTreeSet<Vec<u64>> {
    let descriptions = descriptions(records);
    let content = |group: &Vec<u32>| {
        let mut all: Vec<u64> = group.iter().map(|place| descriptions[*place as usize].content).collect();
        all.sort_unstable();
        all
    };
    found.groups.iter().map(content).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_order_gives_the_same_groups(records in records(), seed in prop::collection::vec(any::<u32>(), 14)) {
        let found = linked(&records, &Given::default());
        let mut shuffled: Vec<(u32, ContactRecord)> = seed.into_iter().zip(records.clone()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<ContactRecord> = shuffled.into_iter().map(|(_, record)| record).collect();
        let again = linked(&shuffled, &Given::default());
        prop_assert_eq!(by_content(&records, &found), by_content(&shuffled, &again));
        prop_assert_eq!(found.doubts.len(), again.doubts.len());
    }

    #[test]
    fn every_record_is_in_one_group(records in records()) {
        let found = linked(&records, &Given::default());
        let mut all: Vec<u32> = found.groups.concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..records.len() as u32).collect::<Vec<_>>());
        prop_assert!(found.groups.is_sorted_by_key(|group| group[0]));
    }

    #[test]
    fn what_is_kept_apart_is_never_one_and_what_is_linked_always(
        records in records(),
        pairs in prop::collection::vec((0u32..14, 0u32..14, any::<bool>()), 0..5),
    ) {
        let count = records.len() as u32;
        let pairs: Vec<_> = pairs.into_iter().filter(|(a, b, _)| a != b && *a < count && *b < count).collect();
        let of = |apart: bool| pairs.iter().filter(|it| it.2 == apart).map(|(a, b, _)| (*a, *b)).collect::<Vec<_>>();
        let given = Given { links: of(false), apart: of(true), ..Given::default() };
        let found = linked(&records, &given);
        let group = |place: u32| found.groups.iter().position(|group| group.contains(&place));
        for (a, b) in &given.apart {
            prop_assert!(group(*a) != group(*b), "{a} and {b}");
        }
        if given.apart.is_empty() {
            for (a, b) in &given.links {
                prop_assert_eq!(group(*a), group(*b));
            }
        }
    }

    #[test]
    fn junior_and_senior_are_never_one(records in records()) {
        let found = linked(&records, &Given::default());
        for group in &found.groups {
            let has = |suffix: &str| {
                group.iter().any(|place| {
                    records[*place as usize].contact.name.as_ref().and_then(|name| name.suffix()) == Some(suffix)
                })
            };
            prop_assert!(!(has("Jr") && has("Sr")), "{group:?}");
        }
    }

    #[test]
    fn explaining_is_symmetric(records in records()) {
        let descriptions = descriptions(&records);
        let (given, weights, frequencies) = (Given::default(), Weights::default(), Frequencies::shipped());
        let linkage = Linkage::of(&descriptions, &given, &weights, &frequencies);
        let last = records.len() as u32 - 1;
        prop_assert_eq!(linkage.explain(0, last), linkage.explain(last, 0));
    }
}
