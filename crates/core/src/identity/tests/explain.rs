//! What decided that two are one or two, told as it was decided.

use std::collections::HashSet;

use super::*;
use crate::identifier::Identifier;
use crate::identity::explain::{Around, Because, Between, By, Counts, between, how_much, how_sure, percent, within};
use crate::identity::side_by_side::{Agreed, SideField, side_by_side};
use crate::linkage::Why;
use crate::matching::fixture::{decision, record};
use crate::matching::{IdentifierMark, Verdict};
use crate::phone::Phone;

const P: &str = "+16174441001";
const Q: &str = "+16174441002";

fn ids(numbers: &[u32]) -> HashSet<RecordId> {
    numbers.iter().map(|number| record_id(*number)).collect()
}

fn two(records: &[ContactRecord], decisions: &[Decision], rules: &Rules, a: &[u32], b: &[u32]) -> Between {
    let (all, hubs) = (All::of(records, rules), BTreeSet::new());
    between(all.beside(Beside { decisions, rules, hubs: &hubs }), &ids(a), &ids(b))
}

/// Records, all of which are looked at.
struct All {
    candidates: Candidates,
    inside: HashSet<RecordId>,
}

impl All {
    fn of(records: &[ContactRecord], rules: &Rules) -> Self {
        let mut candidates = Candidates::default();
        records.iter().for_each(|record| assert!(candidates.add(record.clone(), rules)));
        Self { candidates, inside: records.iter().map(|record| record.id).collect() }
    }

    fn beside<'a>(&'a self, beside: Beside<'a>) -> Around<'a> {
        Around { candidates: &self.candidates, inside: &self.inside, beside }
    }
}

#[test]
fn spouses_are_two_by_the_evidence_and_two_people_have_the_number() {
    let records = [record(1).named("John Smith").phone(P), record(2).named("Mary Smith").phone(P)];
    let found = two(&records, &[], &Rules::default(), &[1], &[2]);
    assert!(matches!(found.because, Because::Evidence { why: None | Some(Why::Weak) }), "{:?}", found.because);
    assert_eq!((found.shared[0].counts, found.shared[0].people), (Counts::Yes, Some(2)));
    let explanation = &found.pairs[0].explanation;
    assert!(!explanation.links && explanation.bits < 0.0, "{explanation:?}");
    let said = |field: &str| explanation.pieces.iter().find(|piece| piece.field == field).unwrap();
    assert!(said("phone").bits > 0.0 && said("given name").bits < -4.0, "{explanation:?}");
    assert!(found.would_change.iter().any(|fact| fact == "the given name was the same"), "{:?}", found.would_change);
    assert_eq!((found.compared, found.pairs_in_all, found.is_outdated), (1, 1, false));
}

#[test]
fn a_decision_stands_above_the_evidence() {
    let records = [record(1).named("Ann Lee").phone(P), record(2).named("Ann Lee").phone(P)];
    let apart = [decision(9, Verb::KeepApart, 2, 1)];
    let found = two(&records, &apart, &Rules::default(), &[1], &[2]);
    assert_eq!(found.because, Because::Decision { decision: apart[0].id });
    assert_eq!(found.would_change, ["somebody took the decision back"]);
    // Stored as two, though no decision says so: the rules say otherwise.
    assert!(two(&records, &[], &Rules::default(), &[1], &[2]).is_outdated);
}

#[test]
fn what_proves_nothing_is_told_as_that() {
    let named = |number: u32, name: &str, phone: &str| record(number).named(name).phone(phone);
    let own = Rules { own_numbers: BTreeSet::from([Phone::from_normal(P.to_owned())]), ..Rules::default() };
    let check = |phone: &str, rules: &Rules, hubs: &BTreeSet<Identifier>, counts: Counts| {
        let records = [named(1, "Ann Lee", phone), named(2, "Bob Ray", phone)];
        let all = All::of(&records, rules);
        let found = between(all.beside(Beside { decisions: &[], rules, hubs }), &ids(&[1]), &ids(&[2]));
        assert_eq!(
            (found.because, found.shared[0].counts, found.shared[0].people),
            (Because::NotCounted, counts, None)
        );
        assert!(!found.would_change.is_empty(), "{found:?}");
        assert!(counts.words().is_some());
    };
    let hub = BTreeSet::from([Identifier::from(&Phone::from_normal(P.to_owned()))]);
    check(P, &own, &BTreeSet::new(), Counts::OwnNumber);
    check(P, &Rules::default(), &hub, Counts::Hub);
    check("+16175550123", &Rules::default(), &BTreeSet::new(), Counts::Placeholder);
    for (verdict, counts) in [
        (Verdict::Shared, Counts::Shared),
        (Verdict::Mine, Counts::OwnNumber),
        (Verdict::Placeholder, Counts::Placeholder),
    ] {
        let identifier = Identifier::from(&Phone::from_normal(P.to_owned()));
        let marks = [IdentifierMark { identifier, verdict }].into_iter().collect();
        check(P, &Rules { marks, ..Rules::default() }, &BTreeSet::new(), counts);
    }
    let strangers = [named(1, "Ann Lee", P), named(2, "Bob Ray", Q)];
    let found = two(&strangers, &[], &Rules::default(), &[1], &[2]);
    assert_eq!(found.because, Because::NothingShared);
    // Two of one name in one house are compared by that, and what is said of them is evidence.
    let home = "12 Elm St, Quincy, MA 02169";
    let spouses = [named(1, "Ann Lee", P).living_at(home), named(2, "Bob Lee", Q).living_at(home)];
    let found = two(&spouses, &[], &Rules::default(), &[1], &[2]);
    assert!(matches!(found.because, Because::Evidence { .. }), "{found:?}");
    // Of two who share nothing no name would make one.
    let namesakes = [named(1, "Ann Lee", P), named(2, "Ann Lee", "+17812428899")];
    let found = two(&namesakes, &[], &Rules::default(), &[1], &[2]);
    assert!(found.would_change.iter().all(|fact| fact.starts_with("they shared")), "{:?}", found.would_change);
    assert!(!found.would_change.is_empty());
}

/// An initial that fits two who are not one.
#[test]
fn what_fits_two_goes_to_neither_and_says_so() {
    let records = [
        record(1).named("John Smith").phone(P),
        record(2).named("J. Smith").phone(P).phone(Q),
        record(3).named("Jane Smith").phone(Q),
    ];
    let found = two(&records, &[], &Rules::default(), &[1], &[2]);
    assert_eq!(found.because, Because::Evidence { why: Some(Why::Ambiguous) });
    assert!(found.would_change[0].contains("only one whom it fits"), "{:?}", found.would_change);
}

#[test]
fn one_customer_is_told_link_by_link_with_the_way_from_one_to_the_other() {
    let records = [
        record(1).named("Ann Lee").phone(P),
        record(2).named("Ann Lee").phone(P).phone(Q),
        record(3).named("Ann Lee").phone(Q),
        record(4).named("A. Ray").phone("+16174441003"),
    ];
    let decisions = [decision(9, Verb::Link, 3, 4)];
    let (rules, hubs) = (Rules::default(), BTreeSet::new());
    let all = All::of(&records, &rules);
    let around = all.beside(Beside { decisions: &decisions, rules: &rules, hubs: &hubs });
    let found = within(around, &all.inside, Some((record_id(1), record_id(4))));
    assert_eq!((found.links.len(), found.links_in_all, found.is_outdated), (3, 3, false));
    let ends: Vec<(u32, u32)> = found.links.iter().map(|link| (number(link.a), number(link.b))).collect();
    let path: Vec<bool> = found.links.iter().map(|link| link.on_path).collect();
    assert!(ends.contains(&(3, 4)) && path.iter().filter(|on| **on).count() >= 2, "{ends:?} {path:?}");
    assert!(path.is_sorted_by(|one, other| one >= other), "the way comes first: {path:?}");
    let by_hand = found.links.iter().find(|link| (number(link.a), number(link.b)) == (3, 4)).unwrap();
    assert_eq!((by_hand.by, by_hand.explanation.is_none()), (By::Decision { decision: decisions[0].id }, true));
    assert!(found.links.iter().filter(|link| link.by == By::Evidence).all(|link| link.explanation.is_some()));
    // Stored as one although nothing makes one of them.
    let around = all.beside(Beside { decisions: &[], ..around.beside });
    assert!(within(around, &all.inside, None).is_outdated);
}

#[test]
fn fields_stand_side_by_side_with_who_says_them() {
    let a = [record(1).named("Bob Smith").phone(P).email("bob@smithco.com"), record(2).named("BOB SMITH").by_hand()];
    let b = [record(3).named("Robert Smith").phone(Q).phone(P)];
    let rows = side_by_side(&a.iter().collect::<Vec<_>>(), &b.iter().collect::<Vec<_>>());
    let row = |field: SideField| rows.iter().find(|row| row.field == field).unwrap();
    assert_eq!(row(SideField::Name).agreement, Agreed::Fits);
    assert_eq!((row(SideField::Name).a.len(), row(SideField::Name).a[0].sources.len()), (1, 2));
    let phones = row(SideField::Phone);
    assert_eq!((phones.agreement, phones.b[0].value.as_str(), phones.b[0].is_shared), (Agreed::Same, P, true));
    assert!(phones.a[0].is_shared && !phones.b[1].is_shared);
    assert_eq!(row(SideField::Email).agreement, Agreed::OneSided);
    assert!(rows.iter().all(|row| row.field != SideField::Address), "nobody says one");
}

#[test]
fn much_is_compared_and_told_in_bounds() {
    let many = |from: u32, name: &str| -> Vec<ContactRecord> {
        (from..from + 150)
            .map(|n| record(n).named(name).key(&format!("k{from}")).phone(&format!("+1617444{n:04}")))
            .collect()
    };
    let (a, b) = (many(1_000, "Ann Lee"), many(2_000, "Bob Ray"));
    let records: Vec<ContactRecord> = a.iter().chain(&b).cloned().collect();
    let of = |side: &[ContactRecord]| side.iter().map(|record| record.id).collect::<HashSet<_>>();
    let (rules, hubs) = (Rules::default(), BTreeSet::new());
    let all = All::of(&records, &rules);
    let around = all.beside(Beside { decisions: &[], rules: &rules, hubs: &hubs });
    let found = between(around, &of(&a), &of(&b));
    assert_eq!((found.compared, found.pairs_in_all, found.pairs.len()), (10_000, 22_500, 3));
    let found = within(around, &of(&a), None);
    assert_eq!(found.links.len(), super::super::explain::MAX_LINKS);
    assert!(found.links_in_all >= 149, "{}", found.links_in_all);
    let sides = side_by_side(&a.iter().collect::<Vec<_>>(), &b.iter().collect::<Vec<_>>());
    assert!(sides.iter().any(|row| (row.a.len(), row.more) == (20, 260)));
}

#[test]
fn words_follow_the_numbers() {
    assert_eq!(
        (how_sure(0.995), how_sure(0.5), how_sure(0.0)),
        ("almost surely one", "could be either", "almost surely two")
    );
    assert_eq!((how_much(9.0), how_much(0.3)), ("speaks very strongly for one", "speaks a little for one"));
    assert_eq!((how_much(0.0), how_much(-0.2)), ("says nothing either way", "says nothing either way"));
    assert_eq!((how_much(-0.3), how_much(-30.0)), ("speaks a little for two", "speaks very strongly for two"));
    let shares = [1.0, 0.934, 0.0001].map(percent);
    assert_eq!(shares, ["more than 99 %", "93 %", "less than 1 %"], "nobody is told that it is certain");
}
