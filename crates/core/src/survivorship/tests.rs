#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::customer::Rule;
use crate::matching::fixture::{at, record};
use crate::record::Source;

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const E: &str = "jane@smithco.com";

fn golden_of(records: &[ContactRecord]) -> Customer {
    golden(&records.iter().collect::<Vec<_>>(), &[]).unwrap()
}

/// The name shown and the rule that chose it.
#[track_caller]
fn check_name(records: &[ContactRecord], expected: &str, rule: Rule) {
    let customer = golden_of(records);
    assert_eq!((customer.display_name.as_str(), customer.provenance[&Field::Name].rule), (expected, rule));
}

#[test]
fn i3_the_fuller_name_stands_whoever_said_it_last() {
    let full = record(1).named("Robert Smith").seen(1, 10);
    check_name(std::slice::from_ref(&full), "Robert Smith", Rule::OnlyValue);
    check_name(&[full.clone(), record(2)], "Robert Smith", Rule::OnlyValue);
    check_name(&[full.clone(), record(2).named("Bob").seen(1, 99)], "Robert Smith", Rule::Completeness);
    check_name(&[full.clone(), record(2).named("Bob").seen(1, 99), record(3)], "Robert Smith", Rule::Completeness);
    check_name(&[full.clone(), record(2).named("Robert Smitt").seen(1, 99)], "Robert Smitt", Rule::Recency);
    check_name(&[full.clone(), record(2).named("Robert Smitt").seen(1, 9)], "Robert Smith", Rule::Recency);
    // Said at one instant, the younger record stands.
    check_name(&[full.clone(), record(2).named("Robert Smitt").seen(1, 10)], "Robert Smitt", Rule::Recency);
    check_name(&[full, record(2).named("Robert Smith").seen(1, 99)], "Robert Smith", Rule::Recency);
}

#[test]
fn what_was_entered_by_hand_stands_above() {
    let hand = record(1).named("Bob").by_hand().seen(1, 10);
    check_name(&[hand.clone(), record(2).named("Robert Smith").seen(1, 99)], "Bob", Rule::HandEdit);
    // The later entry by hand is the correction.
    let later = record(2).named("Bo").by_hand().seen(1, 11);
    check_name(&[hand, later, record(3).named("Robert Smith")], "Bo", Rule::HandEdit);
}

#[test]
fn provenance_names_the_record() {
    let customer = golden_of(&[record(1).phone(P).seen(1, 20), record(2).phone(Q).email(E).seen(2, 10).by_hand()]);
    let phone = &customer.provenance[&Field::Phone];
    assert_eq!((phone.record, phone.source, phone.said_at), (record(2).id, Source::Hub, at(10)));
    assert_eq!(customer.provenance[&Field::Email].rule, Rule::OnlyValue);
    assert!(!customer.provenance.contains_key(&Field::Name));
    assert_eq!(customer.id.uuid(), record(1).id.uuid());
}

#[test]
fn without_a_last_sight_a_record_was_said_when_it_was_stored() {
    let mut stored_late = record(1).phone(P);
    stored_late.created_at = at(50);
    assert_eq!(golden_of(&[stored_late.clone(), record(2).phone(Q).seen(1, 40)]).phone.as_deref(), Some(P));
    assert_eq!(golden_of(&[stored_late, record(2).phone(Q).seen(1, 60)]).phone.as_deref(), Some(Q));
}

#[test]
fn the_name_shown_falls_back() {
    let check = |record: ContactRecord, expected: &str| assert_eq!(golden_of(&[record]).display_name, expected);
    check(record(1).named("Robert Smith").of_company("Acme").phone(P).email(E), "Robert Smith");
    check(record(1).of_company("Acme").phone(P).email(E), "Acme");
    check(record(1).phone(P).email(E), "(617) 444-1001");
    check(record(1).phone("+442079460958"), "+44 20 7946 0958");
    check(record(1).email(E), E);
    check(record(1), UNKNOWN_CALLER);
    assert_eq!(golden(&[], &[]), None);
}

#[test]
fn i30_what_is_owed_is_what_all_accounts_come_to() {
    let account = |number: u32, cents: Option<i64>| {
        let mut record = record(number).phone(P);
        record.contact.balance = cents.map(Money::from_cents);
        record
    };
    let owed = |of: &[(u32, Option<i64>)]| {
        let records: Vec<ContactRecord> = of.iter().map(|(number, cents)| account(*number, *cents)).collect();
        golden_of(&records).balance.map(Money::cents)
    };
    assert_eq!(owed(&[(1, None), (2, None)]), None);
    assert_eq!(owed(&[(1, None), (2, Some(0))]), Some(0));
    assert_eq!(owed(&[(1, Some(12_050)), (2, None), (3, Some(-50))]), Some(12_000));
    assert_eq!(owed(&[(1, Some(50)), (1, Some(50))]), Some(50), "one record said twice");
}

#[test]
fn i04_blank_never_replaces_a_value() {
    let mut blank = record(2).of_company("  ").seen(1, 99).by_hand();
    blank.contact.notes = Some("\n ".to_owned());
    let mut said = record(1).of_company("Acme").seen(1, 10);
    said.contact.notes = Some("dog in the yard".to_owned());
    let customer = golden_of(&[said, blank]);
    assert_eq!((customer.company.as_deref(), customer.notes.as_deref()), (Some("Acme"), Some("dog in the yard")));
    assert_eq!(customer.provenance[&Field::Notes].rule, Rule::OnlyValue);
}

#[test]
fn notes_are_the_latest() {
    let noted = |n, last, text: &str| {
        let mut record = record(n).seen(1, last);
        record.contact.notes = Some(text.to_owned());
        record
    };
    let customer = golden_of(&[noted(1, 30, "new"), noted(2, 20, "a much longer old note")]);
    assert_eq!(customer.notes.as_deref(), Some("new"));
}

#[test]
fn identities_are_all_phones_then_all_addresses_by_first_sight() {
    let customer = golden_of(&[
        record(1).phone(Q).email(E).seen(20, 30),
        record(2).phone("+16175550123").phone(Q).seen(10, 15).by_hand(),
        record(3).phone(P).email(E).seen(25, 99),
    ]);
    let found: Vec<_> = customer
        .identities
        .iter()
        .map(|i| (i.identifier.value.as_str(), i.record, i.source, i.first_seen_at, i.last_seen_at))
        .collect();
    assert_eq!(
        found,
        [
            ("+16175550123", record(2).id, Source::Hub, at(10), at(15)),
            (Q, record(2).id, Source::Hub, at(10), at(30)),
            (P, record(3).id, Source::PhoneHistory, at(25), at(99)),
            (E, record(1).id, Source::PhoneHistory, at(20), at(99)),
        ]
    );
    assert_eq!(customer.first_seen_at, at(10));
}

#[test]
fn a_first_sight_after_the_last_one_is_not_believed() {
    let customer = golden_of(&[record(1).phone(P).seen(50, 20)]);
    assert_eq!((customer.first_seen_at, customer.identities[0].first_seen_at), (at(20), at(20)));
}

#[test]
fn adds_to_is_what_a_person_would_see() {
    let before = golden_of(&[record(1).named("Robert Smith").phone(P).seen(1, 10)]);
    let check = |more: ContactRecord, adds: bool| {
        let after = golden_of(&[record(1).named("Robert Smith").phone(P).seen(1, 10), more]);
        assert_eq!(adds_to(Some(&before), &after), adds);
    };
    check(record(2), false);
    check(record(2).named("Robert Smith").phone(P).seen(0, 99), false);
    check(record(2).named("Bob").seen(0, 99), false);
    check(record(2).named("Robert James Smith").seen(0, 99), true);
    check(record(2).phone(Q).seen(0, 1), true);
    check(record(2).email(E), true);
    check(record(2).of_company("Acme"), true);
    assert!(adds_to(None, &before));
}

/// A record by numbers: name, source, phones, last sight.
fn records() -> impl Strategy<Value = Vec<ContactRecord>> {
    const NAMES: [&str; 5] = ["", "Bob", "Robert Smith", "Robert J Smith", "Smith"];
    let said = (0..NAMES.len(), any::<bool>(), prop::collection::vec(0..3usize, 0..3), prop::option::of(0..4i64));
    prop::collection::vec(said, 1..8).prop_map(|all| {
        (0u32..)
            .zip(all)
            .map(|(n, (name, by_hand, phones, last))| {
                let mut record = record(n).named(NAMES[name]);
                record.created_at = at(2);
                record = phones.into_iter().fold(record, |record, phone| record.phone([P, Q, "+16174441003"][phone]));
                if phone_count(&record) == 2 {
                    record = record.email(E).of_company("Acme");
                }
                record.contact.last_seen_at = last.map(at);
                if by_hand { record.by_hand() } else { record }
            })
            .collect()
    })
}

fn phone_count(record: &ContactRecord) -> usize {
    record.contact.phones.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_records_does_not_matter(records in records(), keys in prop::collection::vec(any::<u32>(), 8)) {
        let expected = golden_of(&records);
        let mut shuffled: Vec<_> = records.iter().zip(keys).collect();
        shuffled.sort_by_key(|(record, key)| (*key, record.id));
        let mut shuffled: Vec<ContactRecord> = shuffled.into_iter().map(|(record, _)| record.clone()).collect();
        shuffled.push(records[0].clone());
        let found = golden_of(&shuffled);
        prop_assert_eq!(&found, &expected);
        prop_assert!(!adds_to(Some(&expected), &found));
        let references: Vec<&ContactRecord> = shuffled.iter().collect();
        prop_assert_eq!(search_words(&found, &references), search_words(&expected, &records.iter().collect::<Vec<_>>()));
    }

    #[test]
    fn every_identifier_survives_once(records in records()) {
        let customer = golden_of(&records);
        let mut found: Vec<_> = customer.identities.iter().map(|i| i.identifier.clone()).collect();
        found.sort();
        let mut said: Vec<Identifier> = records.iter().flat_map(ContactRecord::identifiers).collect();
        said.retain(|identifier| identifier.kind != IdentifierKind::SourceKey);
        said.sort();
        said.dedup();
        prop_assert_eq!(found, said);
        for identity in &customer.identities {
            prop_assert!(customer.first_seen_at <= identity.first_seen_at);
            prop_assert!(identity.first_seen_at <= identity.last_seen_at);
        }
    }

    #[test]
    fn a_further_record_from_a_source_never_takes_a_value_away(records in records()) {
        let (last, before) = records.split_last().unwrap();
        prop_assume!(!before.is_empty());
        let (before, after) = (golden_of(before), golden_of(&records));
        prop_assert!(before.phone.is_none() || after.phone.is_some());
        prop_assert!(before.company.is_none() || after.company.is_some());
        let named = |customer: &Customer| customer.provenance.contains_key(&Field::Name);
        prop_assert!(!named(&before) || named(&after));
        if last.source == Source::PhoneHistory && named(&before) && before.display_name == "Robert Smith" {
            prop_assert!(after.display_name != "Bob" && after.display_name != "Smith");
        }
    }
}

mod search {
    use super::*;

    /// Whether a search finds the customer of one record.
    fn finds(record: &ContactRecord, query: &str) -> bool {
        let words = search_words(&golden_of(std::slice::from_ref(record)), &[record]);
        let asked = query_words(query, Region::US);
        !asked.is_empty() && asked.iter().all(|word| words.iter().any(|known| known.starts_with(word)))
    }

    fn known() -> ContactRecord {
        record(1)
            .named("Seán O'Brien-Smith")
            .of_company("Acme Plumbing & Heating, Inc.")
            .phone(P)
            .phone("+442079461958")
            .email("s.ob@smithco.com")
    }

    #[test]
    fn finds_by_any_spelling() {
        for query in [
            "sean",
            "Seán",
            "SEAN smith",
            "smith, sean",
            "o'brien",
            "O’Brien",
            "obrien",
            "brien",
            "O Brien Smith",
            "O'Brien-Smith",
            "acme heat",
            "plumbing & heating",
            "(617) 444-1001",
            "617.444.1001",
            "6174441001",
            "+1 617 444 1001",
            "1-617-444-1001",
            "617 444",
            "444-1001",
            "4441001",
            "1001",
            "+44 20 7946 1958",
            "sean 617-444-1001",
            "s.ob@smithco.com",
            "S.OB@SmithCo.com",
            "Sean <s.ob@smithco.com>",
            "s.ob@sm",
            "smithc",
            "@smithco.com",
            "smithco.com",
        ] {
            assert!(finds(&known(), query), "`{query}` finds nothing");
        }
    }

    #[test]
    fn does_not_find_others() {
        for query in
            ["", "  ", "-", "&", "mary", "sean jones", "617 555", "(617) 444-1002", "444-1002", "bob@smithco.com"]
        {
            assert!(!finds(&known(), query), "`{query}` finds");
        }
    }

    #[test]
    fn a_number_is_read_as_dialled_at_home() {
        let london: Region = "GB".parse().unwrap();
        assert_eq!(query_words("020 7946 1958", london), ["442079461958"]);
        assert_eq!(query_words("020 79", london), ["2079"]);
        assert_eq!(query_words("617 444 1001", Region::US), ["16174441001"]);
    }

    #[test]
    fn the_names_of_all_records_are_searchable() {
        let records = [record(1).named("Robert Smith").seen(1, 9), record(2).named("Mary Jones").of_company("Acme")];
        let references: Vec<&ContactRecord> = records.iter().collect();
        let words = search_words(&golden_of(&records), &references);
        for word in ["robert", "smith", "mary", "jones", "acme"] {
            assert!(words.contains(&word.to_owned()), "{word}");
        }
        assert!(words.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn words_are_bounded_in_number_and_length() {
        let long = "é".repeat(100);
        let mut records: Vec<ContactRecord> = (0..200)
            .map(|n| record(n).of_company(&format!("Company{n} {long}")).phone(&format!("+1617444{n:04}")))
            .collect();
        records[0] = records[0].clone().named("Robert Smith").by_hand();
        let words = search_words(&golden_of(&records), &records.iter().collect::<Vec<_>>());
        assert_eq!(words.len(), MAX_SEARCH_WORDS);
        assert!(words.contains(&"robert".to_owned()), "the name goes first");
        assert!(words.iter().all(|word| word.len() <= MAX_WORD_BYTES));
        let many = vec!["word"; 1_000].join(" x");
        assert!(query_words(&many, Region::US).len() <= MAX_QUERY_WORDS);
        assert!(query_words(&long, Region::US)[0].len() <= MAX_WORD_BYTES);
    }

    proptest! {
        #[test]
        fn what_a_name_says_finds_it(name in "[A-Za-zéüñ' .-]{1,20}", last in 0..10_000u32) {
            let record = record(1).named(&name).phone(&format!("+1617444{last:04}"));
            let words = search_words(&golden_of(std::slice::from_ref(&record)), &[&record]);
            if record.contact.name.is_some() {
                for word in query_words(&name, Region::US) {
                    prop_assert!(words.iter().any(|known| known.starts_with(&word)), "{word} of {name}: {words:?}");
                }
            }
            let (full, tail) = (format!("617 444-{last:04}"), format!("{last:04}"));
            prop_assert!(finds(&record, &full) && finds(&record, &tail));
        }
    }
}
