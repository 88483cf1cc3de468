//! Failure stories of others (`I1` and so on) and of households and offices, one test each.

use super::*;
use crate::matching::fixture::{decision, record};

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const E: &str = "jane@smithco.com";
const JOHN: &str = "John Smith";
const MARY: &str = "Mary Jones";

#[test]
fn i1_a_customer_merged_with_itself_stays() {
    let records = vec![record(1).named(JOHN).phone(P), record(2).named(JOHN).phone(P)];
    let with_itself = vec![decision(9, Verb::Link, 1, 1), decision(8, Verb::KeepApart, 2, 2)];
    check(records, with_itself, &[&[1, 2]], &[]);
}

#[test]
fn i5_a_number_edited_upstream_stays_one_customer() {
    let before = record(1).named(JOHN).key("k").phone(P);
    check(vec![before.clone(), record(2).named(JOHN).key("k").phone(Q)], vec![], &[&[1, 2]], &[]);
    check(vec![before, record(2).named(MARY).key("k").phone(P)], vec![], &[&[1, 2]], &[]);
}

#[test]
fn i6_a_customer_is_found_by_number_or_by_address() {
    let records = vec![
        record(1).named(JOHN).phone(P),
        record(2).named(JOHN).phone(Q).email(E),
        record(3).named(JOHN).phone(P).email(E),
    ];
    check(records, vec![], &[&[1, 2, 3]], &[]);
}

#[test]
fn i7_an_equal_name_alone_joins_nobody() {
    check(vec![record(1).named(JOHN).phone(P), record(2).named(JOHN).phone(Q)], vec![], &[&[1], &[2]], &[]);
}

#[test]
fn i8_test_numbers_and_own_numbers_join_nobody() {
    let own: &str = "+16174440000";
    let records: Vec<ContactRecord> = ["+16175550123", "+10000000000", own]
        .iter()
        .enumerate()
        .flat_map(|(n, phone)| [2 * n as u32, 2 * n as u32 + 1].map(|n| record(n).phone(phone).email("none@none.com")))
        .collect();
    let rules = Rules { own_numbers: [crate::phone::Phone::from_normal(own.to_owned())].into(), ..Rules::default() };
    let found = cluster(&records, &[], &rules);
    assert_eq!((found.clusters.len(), found.reviews.len()), (6, 0));
}

#[test]
fn i13_a_rule_made_stricter_takes_old_joins_apart() {
    let records = [record(1).phone(P), record(2).phone(P)];
    assert_eq!(customers(&cluster(&records, &[], &Rules::default())), [[1, 2]]);
    let stricter = Rules { own_numbers: [crate::phone::Phone::from_normal(P.to_owned())].into(), ..Rules::default() };
    assert_eq!(customers(&cluster(&records, &[], &stricter)), [[1], [2]]);
}

#[test]
fn i15_blank_identifiers_chain_nobody() {
    let blank = |n| {
        let mut record = record(n).named(JOHN).phone("").email("");
        record.source_key = "phone_history:contacts:".to_owned();
        record
    };
    check(vec![blank(1), blank(2), blank(3)], vec![], &[&[1], &[2], &[3]], &[]);
}

#[test]
fn i16_an_office_line_of_many_proves_nothing() {
    let line = |count: u32| (0..count).map(|n| record(n).phone(P)).collect::<Vec<_>>();
    let limit = HUB_LIMIT as u32;
    assert_eq!(cluster(&line(limit), &[], &Rules::default()).clusters.len(), 1);
    let over = cluster(&line(limit + 1), &[], &Rules::default());
    assert_eq!((over.clusters.len(), over.reviews.len()), (HUB_LIMIT + 1, 0));
}

#[test]
fn i16_a_source_key_said_ever_again_is_no_hub() {
    let records: Vec<ContactRecord> = (0..200).map(|n| record(n).named(JOHN).key("k")).collect();
    assert_eq!(cluster(&records, &[], &Rules::default()).clusters.len(), 1);
}

#[test]
fn i16_one_object_in_many_versions_makes_no_hub() {
    let mut records: Vec<ContactRecord> = (0..200).map(|n| record(n).named(JOHN).key("k").phone(P)).collect();
    records.push(record(200).named(JOHN).phone(P));
    assert_eq!(cluster(&records, &[], &Rules::default()).clusters.len(), 1);
}

#[test]
fn i16_a_chain_under_ever_new_names_ends() {
    let records: Vec<ContactRecord> = (0..400)
        .map(|n| {
            let link = |n: u32| format!("+1617444{:04}", 1_000 + n);
            record(n).named(JOHN).of_company(&format!("Business {n}")).phone(&link(n)).phone(&link(n + 1))
        })
        .collect();
    let found = cluster(&records, &[], &Rules::default());
    let sizes: Vec<usize> = found.clusters.iter().map(|cluster| cluster.records.len()).collect();
    assert!(sizes.iter().all(|size| *size <= MAX_NAMES_PER_CUSTOMER) && sizes.len() < 20, "{sizes:?}");
}

#[test]
fn i17_a_recycled_number_starts_a_new_person() {
    let records = vec![record(1).named(JOHN).phone(P).email(E), record(2).named(MARY).phone(P)];
    check(records, vec![], &[&[1], &[2]], &[]);
}

#[test]
fn names_of_one_family_on_one_number_are_asked_about() {
    let found = check(
        vec![record(1).named(JOHN).phone(P).email(E), record(2).named("Mary Smith").phone(P)],
        vec![],
        &[&[1], &[2]],
        &[(1, 2)],
    );
    let words: Vec<&str> = found.reviews[0].evidence.iter().map(|e| e.names.as_str()).collect();
    assert_eq!((words, found.reviews[0].evidence[0].value.as_str()), (vec!["different names"], P));
}

#[test]
fn spouses_on_a_landline_are_not_bridged_by_a_nameless_caller() {
    let spouses = || vec![record(1).named(JOHN).phone(P), record(2).named(MARY).phone(P)];
    let mut with_caller = spouses();
    with_caller.push(record(3).phone(P));
    with_caller.push(record(4).phone(P));
    // Whose the calls were may be asked; that John and Mary are two is plain.
    let all = [(1, 3), (1, 4), (2, 3), (2, 4), (3, 4)];
    check(with_caller, vec![], &[&[1], &[2], &[3], &[4]], &all);
    // An e-mail address says whose the call was.
    let mut told = spouses();
    told[1] = told[1].clone().email(E);
    told.push(record(3).phone(P).email(E));
    check(told, vec![], &[&[1], &[2, 3]], &[]);
}

#[test]
fn a_nameless_caller_with_the_numbers_of_two_people_joins_neither() {
    let records = vec![record(1).phone(P).phone(Q), record(2).named(JOHN).phone(P), record(3).named(MARY).phone(Q)];
    check(records, vec![], &[&[1], &[2], &[3]], &[(1, 2), (1, 3)]);
}

#[test]
fn a_nameless_caller_joins_the_one_customer_of_the_number() {
    let records = vec![record(1).phone(P), record(2).named(JOHN).phone(P), record(3).named(JOHN).phone(P).phone(Q)];
    check(records, vec![], &[&[1, 2, 3]], &[]);
}

#[test]
fn the_review_of_spouses_goes_when_they_are_kept_apart() {
    let records = vec![record(1).named(JOHN).phone(P), record(2).named(MARY).phone(P), record(3).phone(P)];
    check(records.clone(), vec![decision(9, Verb::KeepApart, 1, 2)], &[&[1], &[2], &[3]], &[(1, 3), (2, 3)]);
    // That it is not John does not make it Mary by itself.
    let decisions = vec![decision(8, Verb::KeepApart, 1, 2), decision(9, Verb::KeepApart, 3, 1)];
    check(records, decisions, &[&[1], &[2], &[3]], &[(2, 3)]);
}

#[test]
fn an_office_line_makes_no_reviews() {
    let names =
        ["Ann Abbot", "Ben Cole", "Carl Dunn", "Dora Engel", "Emil Frost", "Finn Gray", "Gus Hale", "Hugo Ives"];
    let records: Vec<ContactRecord> = (0u32..).zip(names).map(|(n, name)| record(n).named(name).phone(P)).collect();
    let found = cluster(&records, &[], &Rules::default());
    assert_eq!((found.clusters.len(), reviews(&found)), (names.len(), vec![]));
}

#[test]
fn a_family_business_makes_few_reviews() {
    let given = ["Ann", "Ben", "Carl", "Dora", "Emil", "Finn", "Gus", "Hugo", "Ida", "Jack", "Kurt", "Lea"];
    let records: Vec<ContactRecord> =
        (0u32..).zip(given).map(|(n, given)| record(n).named(&format!("{given} Smith")).phone(P)).collect();
    let found = cluster(&records, &[], &Rules::default());
    let mut asked: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    for (a, b) in reviews(&found) {
        *asked.entry(a).or_default() += 1;
        *asked.entry(b).or_default() += 1;
    }
    assert_eq!(found.clusters.len(), given.len());
    assert_eq!(asked.values().max(), Some(&REVIEWS_PER_CUSTOMER));
}

#[test]
fn a_pair_that_shares_much_is_reviewed_once_with_all_of_it() {
    let records = vec![
        record(1).named(JOHN).phone(Q).phone(P).email(E),
        record(2).named("Mary Smith").email(E).phone(P).phone(Q),
    ];
    let found = check(records, vec![], &[&[1], &[2]], &[(1, 2)]);
    let values: Vec<&str> = found.reviews[0].evidence.iter().map(|e| e.value.as_str()).collect();
    assert_eq!(values, [P, Q, E]);
}

#[test]
fn a_person_and_the_business_are_for_somebody_to_decide() {
    let records =
        vec![record(1).named("Acme Plumbing").phone(P), record(2).named(JOHN).of_company("Acme Plumbing").phone(P)];
    check(records, vec![], &[&[1], &[2]], &[(1, 2)]);
}

#[test]
fn address_books_of_two_phones_that_count_from_one_are_reviewed() {
    let records = vec![record(1).named(JOHN).key("1").phone(P), record(2).named(MARY).key("1").phone(Q)];
    check(records, vec![], &[&[1], &[2]], &[(1, 2)]);
}

#[test]
fn i14_the_id_is_that_of_the_oldest_record() {
    let found = cluster(&[record(7).phone(P), record(3).phone(P)], &[], &Rules::default());
    assert_eq!(found.clusters[0].id.uuid(), record(3).id.uuid());
    assert_eq!(cluster(&[], &[], &Rules::default()), Partition::default());
}
