#![allow(clippy::unwrap_used)]

use super::fixture::record;
use super::*;
use crate::identity::cluster;

fn identifies(kind: IdentifierKind, value: &str) -> bool {
    let own = BTreeSet::from([Phone::from_normal("+16174440000".to_owned())]);
    Rules { own_numbers: own, ..Rules::default() }.identifies(&Identifier { kind, value: value.to_owned() })
}

#[test]
fn i8_i15_phones_that_are_nobodys() {
    for value in [
        "",
        "   ",
        "+",
        "+10000000000",
        "+15555555555",
        "+19999999999",
        "+16170000000",
        "+16175555555",
        "+16179999999",
        "+11234567890",
        "+16171234567",
        "+12345678901",
        "+19876543210",
        "+16177654321",
        "+16175550100",
        "+12125550123",
        "+19025550199",
        "+12125551212",
        "+440000000000",
        "+44",
        "+1911",
        "+266696687",
        "+17378742833",
        "+86282452253",
    ] {
        assert!(!identifies(IdentifierKind::Phone, value), "{value} identifies somebody");
    }
}

#[test]
fn phones_that_are_somebodys() {
    for value in [
        "+16174441234",
        "+16175550200",
        "+16175550099",
        "+12125551234",
        "+442079460958",
        "+4915112345689",
        "+16170000001",
        "+15550100",
        "+33612345670",
    ] {
        assert!(identifies(IdentifierKind::Phone, value), "{value} identifies nobody");
    }
}

#[test]
fn i8_own_numbers_are_nobodys() {
    assert!(!identifies(IdentifierKind::Phone, "+16174440000"));
    assert!(Rules::default().identifies(&Identifier { kind: IdentifierKind::Phone, value: "+16174440000".to_owned() }));
}

#[test]
fn i8_i15_addresses_that_are_nobodys() {
    for value in [
        "",
        "@",
        "none",
        "none@",
        "@gmail.com",
        "-@gmail.com",
        "none@none.com",
        "no@email.com",
        "noemail@smithco.com",
        "no.email@smithco.com",
        "NoEmail42@Gmail.com",
        "test@test.com",
        "test1@gmail.com",
        "na@na.com",
        "na@gmail.com",
        "x@x.com",
        "xx@xx.com",
        "a@a.com",
        "abc@abc.com",
        "123@123.com",
        "jane@example.com",
        "jane@mail.example.org",
        "jane@example.net",
        "jane@smith.invalid",
        "jane@none.com",
        "unknown@smithco.com",
        "unknown+2@smithco.com",
        "noreply@smithco.com",
        "no-reply@smithco.com",
        "do_not_reply@smithco.com",
        "donotreply-billing@smithco.com",
        "mailer-daemon@googlemail.com",
    ] {
        assert!(!identifies(IdentifierKind::Email, value), "{value} identifies somebody");
    }
}

#[test]
fn addresses_that_are_somebodys() {
    for value in [
        "jane@gmail.com",
        "na@smithco.com",
        "x@smithco.com",
        "info@smithco.com",
        "smith@smith.com",
        "6175551234@vtext.com",
        "12345678@qq.com",
        "norah@gmail.com",
        "nolan.test@gmail.com",
        "testa@gmail.com",
        "jane@examples.com",
        "null@smithco.com",
    ] {
        assert!(identifies(IdentifierKind::Email, value), "{value} identifies nobody");
    }
}

#[test]
fn a_source_key_without_a_key_is_nobodys() {
    for value in ["", " ", "phone_history:contacts:", "phone_history:contacts: "] {
        assert!(!identifies(IdentifierKind::SourceKey, value), "{value}");
    }
    assert!(identifies(IdentifierKind::SourceKey, "phone_history:contacts:1"));
}

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const E: &str = "jane@smithco.com";

/// What two records come to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Link,
    Review,
    Apart,
}

/// The verdict, and what a person is told about the pair as `kind: words`; the same from both sides.
#[track_caller]
fn check(a: ContactRecord, b: ContactRecord, verdict: Verdict, evidence: &[&str]) {
    let expected = (verdict, evidence.to_vec());
    for records in [[a.clone(), b.clone()], [b, a]] {
        let found = cluster(&records, &[], &Rules::default());
        let told = match (found.clusters.len(), found.reviews.len()) {
            (1, _) => Verdict::Link,
            (_, 0) => Verdict::Apart,
            _ => Verdict::Review,
        };
        let said = found.reviews.iter().flat_map(|pair| &pair.evidence);
        let words: Vec<String> = said.map(|e| format!("{}: {}", e.kind.as_str(), e.names)).collect();
        assert_eq!((told, words.iter().map(String::as_str).collect::<Vec<_>>()), expected);
    }
}

#[test]
fn equal_phone_or_address_links_unless_names_conflict() {
    let john = || record(1).named("John Smith");
    check(john().phone(P), record(2).named("John Smith").phone(P), Verdict::Link, &[]);
    check(john().email(E), record(2).named("John Smith").email(E), Verdict::Link, &[]);
    check(john().phone(P), record(2).phone(P), Verdict::Link, &[]);
    check(record(1).phone(P), record(2).phone(P), Verdict::Link, &[]);
    check(john().phone(P), record(2).named("Mary Smith").phone(P), Verdict::Review, &["phone: different names"]);
    check(john().phone(P), record(2).named("Mary Jones").phone(P), Verdict::Apart, &[]);
    check(john().phone(P), record(2).named("John Smith").phone(Q), Verdict::Apart, &[]);
    check(john(), record(2).named("John Smith"), Verdict::Apart, &[]);
}

#[test]
fn i15_placeholders_link_nobody() {
    let john = |number| record(number).named("John Smith").phone("+16175550123").email("none@none.com");
    check(john(1), john(2), Verdict::Apart, &[]);
}

#[test]
fn one_upstream_object_said_again_is_one_customer() {
    let john = || record(1).named("John Smith").key("k");
    check(john(), record(2).named("John Smith").key("k"), Verdict::Link, &[]);
    check(john().phone(P), record(2).named("Mary Jones").key("k").phone(P), Verdict::Link, &[]);
    // Two address books that both count from 1.
    check(
        john().phone(P),
        record(2).named("Mary Jones").key("k").phone(Q),
        Verdict::Review,
        &["source_key: different names"],
    );
    check(
        john().phone("+16175550123"),
        record(2).named("Mary Jones").key("k").phone("+16175550123"),
        Verdict::Apart,
        &[],
    );
}

#[test]
fn a_business_name_that_is_the_others_company_is_no_conflict() {
    let bob = || record(1).named("Bob Smith").of_company("Acme Plumbing").phone(P);
    // Whether the plumber is the business, a person says.
    let may_be = ["phone: names that may be one person's"];
    check(bob(), record(2).named("Acme Plumbing").phone(P), Verdict::Review, &may_be);
    check(bob(), record(2).of_company("Acme Plumbing").phone(P), Verdict::Review, &may_be);
    check(
        record(1).named("Acme Plumbing").phone(P),
        record(2).of_company("Acme Plumbing").phone(P),
        Verdict::Link,
        &[],
    );
    check(bob(), record(2).named("Mary Jones").of_company("Acme Plumbing").phone(P), Verdict::Apart, &[]);
    check(
        record(1).of_company("Acme Plumbing").phone(P),
        record(2).of_company("Zenith Roofing").phone(P),
        Verdict::Review,
        &["phone: different names"],
    );
}

#[test]
fn evidence_is_listed_once_each_and_never_printed() {
    let a = record(1).named("John Smith").email(E).phone(Q).phone(P);
    let b = record(2).named("Mary Smith").phone(P).phone(Q).email(E);
    let found = cluster(&[a, b], &[], &Rules::default());
    let values: Vec<&str> = found.reviews[0].evidence.iter().map(|e| e.value.as_str()).collect();
    assert_eq!(values, [P, Q, E]);
    let printed = format!("{found:?}");
    assert!(!printed.contains("617") && !printed.contains("jane"), "{printed}");
}

#[test]
fn a_record_meets_others_by_each_identifier_once() {
    let mut twice = record(1).phone(P).phone(P).email("jane.smith@gmail.com").email("janesmith@gmail.com");
    twice.source_key = String::new();
    let keys: Vec<String> = Rules::default().identifying(&twice).into_iter().map(|key| key.value).collect();
    assert_eq!(keys, [P, "janesmith@gmail.com"]);
}
