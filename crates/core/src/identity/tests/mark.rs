//! What people say of single identifiers, among all records and decisions.

use proptest::prelude::*;

use super::property::{EMAILS, PHONES, decisions, records};
use super::*;
use crate::email::Email;
use crate::identifier::{Identifier, IdentifierKind};
use crate::matching::fixture::{decision, record};
use crate::matching::{IdentifierMark, Verdict};
use crate::phone::Phone;

const P: &str = "+16174441001";
const Q: &str = "+16174441002";
const JOHN: &str = "John Smith";

fn phone(e164: &str) -> Identifier {
    Identifier { kind: IdentifierKind::Phone, value: e164.to_owned() }
}

fn email(address: &str) -> Identifier {
    Identifier { kind: IdentifierKind::Email, value: address.to_owned() }
}

fn marked(identifier: Identifier, verdict: Verdict) -> Rules {
    Rules { marks: [IdentifierMark { identifier, verdict }].into_iter().collect(), ..Rules::default() }
}

fn all(records: &[ContactRecord], rules: &Rules) -> Candidates {
    let mut all = Candidates::default();
    records.iter().for_each(|record| assert!(all.add(record.clone(), rules)));
    all
}

#[test]
fn what_shares_only_a_marked_number_stays_apart_and_nobody_is_asked() {
    let records = [record(1).named(JOHN).phone(P), record(2).named("J Smith").phone(P), record(3).phone(P)];
    assert_eq!(customers(&cluster(&records, &[], &Rules::default())), [[1, 2, 3]]);
    for verdict in Verdict::ALL {
        let rules = marked(phone(P), verdict);
        let found = cluster(&records, &[], &rules);
        assert_eq!(customers(&found), [[1], [2], [3]], "{verdict}");
        assert_eq!(reviews(&found), [], "{verdict}");
        let beside = Beside { decisions: &[], rules: &rules, hubs: &BTreeSet::new() };
        assert_eq!(all(&records, &rules).largest_neighbourhood(&beside), 1, "{verdict}");
    }
}

#[test]
fn a_shared_number_is_a_word_in_the_evidence_and_a_placeholder_is_none() {
    let one = record(1).named(JOHN).phone(P);
    for (verdict, speaks) in [(Verdict::Shared, true), (Verdict::Placeholder, false), (Verdict::Mine, false)] {
        let rules = marked(phone(P), verdict);
        assert_eq!(rules.identifies(&phone(P)), speaks, "{verdict}");
        assert!(!rules.meet_by(&phone(P)), "{verdict}");
        assert!(rules.identifies(&phone(Q)) && rules.meet_by(&phone(Q)), "{verdict}: another number");
        assert!(rules.stored_under(&one).contains(&phone(P)), "{verdict}: found when the mark is taken back");
    }
}

#[test]
fn an_address_is_marked_in_all_its_spellings() {
    let records =
        [record(1).named(JOHN).email("jane.smith+x@gmail.com"), record(2).named(JOHN).email("janesmith@gmail.com")];
    assert_eq!(customers(&cluster(&records, &[], &Rules::default())), [[1, 2]]);
    for spelling in ["jane.smith@googlemail.com", "janesmith@gmail.com"] {
        let found = cluster(&records, &[], &marked(email(spelling), Verdict::Mine));
        assert_eq!(customers(&found), [[1], [2]], "{spelling}");
    }
}

#[test]
fn what_a_person_linked_stays_linked_whatever_is_marked() {
    let records = [record(1).named(JOHN).phone(P), record(2).named("Mary Jones").phone(P)];
    let found = cluster(&records, &[decision(9, Verb::Link, 1, 2)], &marked(phone(P), Verdict::Shared));
    assert_eq!(customers(&found), [[1, 2]]);
}

/// Marks by numbers into the tables; of an identifier that is drawn twice the stricter counts.
pub(super) fn marks() -> impl Strategy<Value = Vec<IdentifierMark>> {
    let identifier = (any::<bool>(), 0..PHONES.len(), 0..EMAILS.len())
        .prop_map(|(is_phone, at, other)| if is_phone { phone(PHONES[at]) } else { email(EMAILS[other]) });
    let mark = (identifier, 0..Verdict::ALL.len())
        .prop_map(|(identifier, at)| IdentifierMark { identifier, verdict: Verdict::ALL[at] });
    prop::collection::vec(mark, 0..5)
}

fn under(marks: &[IdentifierMark]) -> Rules {
    Rules { marks: marks.iter().cloned().collect(), ..Rules::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_of_marks_and_arrivals_gives_the_same_customers(
        records in records(),
        decisions in decisions(14),
        marks in marks(),
        seed in prop::collection::vec(any::<u32>(), 20),
    ) {
        let expected = cluster(&records, &decisions, &under(&marks));
        let mut shuffled: Vec<_> = records.into_iter().zip(&seed).collect();
        shuffled.sort_by_key(|(record, key)| (**key, record.id));
        let shuffled: Vec<_> = shuffled.into_iter().map(|(record, _)| record).collect();
        let mut marks: Vec<_> = marks.into_iter().zip(&seed).collect();
        marks.sort_by_key(|(_, key)| **key);
        let marks: Vec<_> = marks.into_iter().map(|(mark, _)| mark).collect();
        prop_assert_eq!(cluster(&shuffled, &decisions, &under(&marks)), expected);
    }

    #[test]
    fn a_placeholder_is_as_good_as_never_said(records in records(), decisions in decisions(14), mine in any::<bool>()) {
        let verdict = if mine { Verdict::Mine } else { Verdict::Placeholder };
        let marks = [phone(PHONES[0]), email(EMAILS[0])].map(|identifier| IdentifierMark { identifier, verdict });
        let mut unsaid = records.clone();
        for record in &mut unsaid {
            record.contact.phones.retain(|phone| *phone != Phone::from_normal(PHONES[0].to_owned()));
            record.contact.emails.retain(|email| *email != Email::from_normal(EMAILS[0].to_owned()));
        }
        let found = cluster(&records, &decisions, &under(&marks));
        prop_assert_eq!(found, cluster(&unsaid, &decisions, &Rules::default()));
    }

    #[test]
    fn a_shared_identifier_is_what_a_hub_is(records in records(), decisions in decisions(14)) {
        let shared = [phone(PHONES[0]), phone(PHONES[1]), email(EMAILS[1])];
        let hubs = shared.iter().cloned().collect();
        let marks = shared.map(|identifier| IdentifierMark { identifier, verdict: Verdict::Shared });
        let found = cluster(&records, &decisions, &under(&marks));
        let rules = Rules::default();
        let beside = Beside { decisions: &decisions, rules: &rules, hubs: &hubs };
        prop_assert_eq!(found, all(&records, &rules).cluster(None, &beside));
    }
}
