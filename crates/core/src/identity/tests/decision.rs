//! What people decide stands above what the rules say.

use super::*;
use crate::matching::fixture::{decision, record};

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const JOHN: &str = "John Smith";
const MARY: &str = "Mary Jones";

fn link(number: u32, a: u32, b: u32) -> Decision {
    decision(number, Verb::Link, a, b)
}

fn keep_apart(number: u32, a: u32, b: u32) -> Decision {
    decision(number, Verb::KeepApart, a, b)
}

#[test]
fn a_link_joins_what_shares_nothing_and_has_different_names() {
    let records = vec![record(1).named(JOHN).phone(P), record(2).named(MARY).phone(Q)];
    check(records.clone(), vec![], &[&[1], &[2]], &[]);
    check(records, vec![link(9, 2, 1)], &[&[1, 2]], &[]);
}

#[test]
fn keep_apart_parts_what_the_rules_would_join() {
    let records = vec![record(1).named(JOHN).phone(P), record(2).named(JOHN).phone(P)];
    check(records, vec![keep_apart(9, 2, 1)], &[&[1], &[2]], &[]);
}

#[test]
fn keep_apart_beats_link_and_one_source_key() {
    let records = vec![record(1).named(JOHN).key("k").phone(P), record(2).named(JOHN).key("k").phone(P)];
    check(records, vec![keep_apart(8, 1, 2), link(9, 1, 2)], &[&[1], &[2]], &[]);
}

#[test]
fn keep_apart_holds_for_customers_and_not_only_for_the_two_records() {
    let records =
        vec![record(1).named(JOHN).phone(P), record(2).named(JOHN).phone(Q), record(3).named(JOHN).phone(P).phone(Q)];
    check(records.clone(), vec![], &[&[1, 2, 3]], &[]);
    // Whose of the two the third is, nobody can tell.
    check(records, vec![keep_apart(9, 1, 2)], &[&[1], &[2], &[3]], &[(1, 3), (2, 3)]);
}

#[test]
fn of_links_that_cannot_all_hold_the_latest_do() {
    let records = vec![record(1), record(2), record(3)];
    check(records.clone(), vec![link(7, 1, 2), keep_apart(8, 1, 3), link(9, 2, 3)], &[&[1], &[2, 3]], &[]);
    check(records, vec![link(9, 1, 2), keep_apart(8, 1, 3), link(7, 2, 3)], &[&[1, 2], &[3]], &[]);
}

#[test]
fn names_joined_by_hand_do_not_contradict_each_other_later() {
    let mut records = vec![record(1).named(JOHN).phone(P), record(2).named(MARY).phone(Q)];
    records.push(record(3).named(JOHN).phone(P));
    records.push(record(4).named(MARY).phone(P));
    check(records.clone(), vec![link(9, 1, 2)], &[&[1, 2, 3, 4]], &[]);
    // A third name contradicts both.
    records.push(record(5).named("Hugo Ives").phone(P));
    check(records, vec![link(9, 1, 2)], &[&[1, 2, 3, 4], &[5]], &[]);
}

#[test]
fn a_decision_about_a_record_that_is_gone_is_passed_over() {
    let records = vec![record(1).named(JOHN).phone(P), record(2).named(JOHN).phone(P)];
    check(records, vec![keep_apart(8, 1, 77), link(9, 78, 2)], &[&[1, 2]], &[]);
}

#[test]
fn merge_then_unmerge_gives_back_what_was() {
    let records = vec![
        record(1).named(JOHN).phone(P),
        record(2).named(MARY).phone(Q),
        record(3).named(MARY).phone(Q),
        record(4).phone(P),
    ];
    let before = check(records.clone(), vec![], &[&[1, 4], &[2, 3]], &[]);
    check(records.clone(), vec![link(9, 1, 2)], &[&[1, 2, 3, 4]], &[]);
    assert_eq!(cluster(&records, &[], &Rules::default()), before);
}
