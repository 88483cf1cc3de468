//! Several people behind one number, with the names that address books give them.

use super::*;
use crate::matching::fixture::record;

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const E: &str = "smiths@smithco.com";

fn named(names: &[&str]) -> Vec<ContactRecord> {
    (1u32..).zip(names).map(|(n, name)| record(n).named(name).phone(P)).collect()
}

#[test]
fn spellings_of_one_name_are_one_customer() {
    check(named(&["Robert Smith", "Bob Smith", "SMITH, ROBERT", "Robert J. Smith"]), vec![], &[&[1, 2, 3, 4]], &[]);
}

#[test]
fn spouses_are_two_customers_and_a_review() {
    check(named(&["John Smith", "Mary Smith", "john smith"]), vec![], &[&[1, 3], &[2]], &[(1, 2)]);
}

#[test]
fn an_initial_that_fits_two_goes_to_neither() {
    check(named(&["John Smith", "Jane Smith", "J. Smith"]), vec![], &[&[1], &[2], &[3]], &[(1, 2), (1, 3), (2, 3)]);
    // With nobody else behind the number it goes to John.
    check(named(&["John Smith", "J. Smith"]), vec![], &[&[1, 2]], &[]);
}

#[test]
fn who_comes_first_decides_nothing_for_an_initial() {
    check(named(&["J. Smith", "Jane Smith", "John Smith"]), vec![], &[&[1], &[2], &[3]], &[(1, 2), (1, 3), (2, 3)]);
}

#[test]
fn an_address_of_their_own_tells_initials_apart() {
    let mut records = named(&["John Smith", "Jane Smith", "J. Smith"]);
    records[1] = records[1].clone().email(E);
    records[2] = records[2].clone().email(E);
    check(records, vec![], &[&[1], &[2, 3]], &[(1, 2)]);
}

#[test]
fn father_and_son_are_two_customers() {
    check(named(&["John Smith Sr.", "John Smith Jr."]), vec![], &[&[1], &[2]], &[(1, 2)]);
}

#[test]
fn a_couple_of_one_entry_bridges_nobody() {
    let found = cluster(&named(&["John Smith", "Mary Smith", "John & Mary Smith"]), &[], &Rules::default());
    let of = |n: u32| found.clusters.iter().position(|cluster| cluster.records.contains(&record_id(n)));
    assert_ne!(of(1), of(2), "John and Mary are one customer");
}

#[test]
fn initials_through_two_numbers_bridge_nobody() {
    let records = vec![
        record(1).named("John Smith").phone(P),
        record(2).named("J. Smith").phone(P).phone(Q),
        record(3).named("Jane Smith").phone(Q),
    ];
    check(records, vec![], &[&[1], &[2], &[3]], &[(1, 2), (2, 3)]);
}

/// What fits two comes before spouses, and is even odds at most, however well it fits.
#[test]
fn a_review_says_how_sure_it_is() {
    let score = |records: Vec<ContactRecord>, a: u32, b: u32| {
        let found = cluster(&records, &[], &Rules::default());
        let pair = found.reviews.iter().find(|pair| {
            let number = |id: CustomerId| number(RecordId::from_uuid(id.uuid()));
            (number(pair.a), number(pair.b)) == (a, b)
        });
        pair.unwrap().score
    };
    let spouses = score(named(&["John Smith", "Mary Smith"]), 1, 2);
    let fits_two = vec![
        record(1).named("John Smith").phone(P),
        record(2).named("J. Smith").phone(P).phone(Q),
        record(3).named("Jane Smith").phone(Q),
    ];
    let either = score(fits_two, 1, 2);
    assert!(either <= 0 && spouses < either, "{either} {spouses}");
}

#[test]
fn a_nameless_entry_bridges_no_two_colleagues_of_one_family() {
    let at_work =
        |n: u32, name: &str, phone: &str| record(n).named(name).of_company("Acme Plumbing").phone(phone).email(E);
    let records = vec![record(1).phone(P).email(E), at_work(2, "John Smith", P), at_work(3, "Jane Smith", Q)];
    let found = cluster(&records, &[], &Rules::default());
    let of = |n: u32| found.clusters.iter().position(|cluster| cluster.records.contains(&record_id(n)));
    assert_ne!(of(2), of(3), "{found:?}");
}
