#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::identity::{Verb, cluster};
use crate::matching::Rules;
use crate::matching::fixture::{at, decision, pin, record, record_id};

const P: &str = "+16174441001";
const Q: &str = "+16174441002";

fn golden_of(records: &[ContactRecord], pins: &[Pin]) -> Customer {
    golden(&records.iter().collect::<Vec<_>>(), &pins.iter().collect::<Vec<_>>()).unwrap()
}

#[test]
fn what_a_person_pinned_stands_above_all_and_says_so() {
    let records = [record(1).named("Bob").phone(P).by_hand(), record(2).named("Robert Smith").phone(Q).seen(1, 99)];
    let pins = [pin(5, 1, Field::Name, Some("Rob Smith")), pin(6, 1, Field::Phone, Some(P))];
    let customer = golden_of(&records, &pins);
    assert_eq!((customer.display_name.as_str(), customer.phone.as_deref()), ("Rob Smith", Some(P)));
    let said = &customer.provenance[&Field::Name];
    assert_eq!((said.rule, said.record, said.said_at), (Rule::Pinned, record_id(1), at(5)));
    assert_eq!((said.pin, said.pinned_by.clone()), (Some(pins[0].id), Some(pins[0].actor.clone())));
    assert!(search_words(&customer, &records.iter().collect::<Vec<_>>()).contains(&"rob".to_owned()));
}

#[test]
fn the_newest_pin_that_holds_stands() {
    let records = [record(1).named("Ann").phone(P).seen(1, 9), record(2).phone(Q).seen(1, 99)];
    let old = pin(5, 1, Field::Phone, Some(P));
    let gone = pin(6, 1, Field::Phone, Some("+16174441003"));
    assert_eq!(golden_of(&records, &[gone.clone(), old]).phone.as_deref(), Some(P));
    assert_eq!(golden_of(&records, &[gone]).phone.as_deref(), Some(Q), "nobody has the number that was pinned");
    let (first, second) = (pin(5, 2, Field::Company, Some("Acme")), pin(6, 1, Field::Company, None));
    let customer = golden_of(&records, &[second, first]);
    assert_eq!((customer.company, customer.provenance[&Field::Company].rule), (None, Rule::Pinned));
    let elsewhere = pin(9, 77, Field::Name, Some("Somebody Else"));
    assert_eq!(golden_of(&records, &[elsewhere]).display_name, "Ann");
}

/// Pins on the records of three people: who, which field, which value.
fn pins() -> impl Strategy<Value = Vec<Pin>> {
    let one = (0u32..6, 0..Field::ALL.len(), prop::option::of(0..3usize));
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let value = |field: Field, n: usize| match field {
            Field::Phone => [P, Q, "+16174441003"][n],
            Field::Email => ["a@smithco.com", "b@smithco.com", "c@smithco.com"][n],
            _ => ["Acme", "Robert", "12 Elm St"][n],
        };
        (10u32..)
            .zip(all)
            .map(|(n, (on, field, said))| {
                let field = Field::ALL[field];
                let mut made = pin(n, on, field, said.map(|n| value(field, n)));
                // Some are of one instant.
                made.pinned_at = at(i64::from(n / 2));
                made
            })
            .collect()
    })
}

fn people() -> Vec<ContactRecord> {
    vec![
        record(0).named("Robert Smith").phone(P).seen(1, 5),
        record(1).named("Ann Lee").phone(Q).email("a@smithco.com").seen(1, 6),
        record(2).named("Bob Smith").phone(P).email("b@smithco.com").seen(1, 7),
        record(3).named("Kim Park").phone("+16174441003").seen(1, 8),
        record(4).of_company("Acme").email("a@smithco.com").by_hand(),
    ]
}

/// The customers of all people.
fn hub(pins: &[Pin]) -> Vec<Customer> {
    let records = people();
    let by_id: BTreeMap<RecordId, &ContactRecord> = records.iter().map(|record| (record.id, record)).collect();
    let pins: Vec<&Pin> = pins.iter().collect();
    let clusters = cluster(&records, &[], &Rules::default()).clusters;
    let of = |ids: &[RecordId]| ids.iter().map(|id| by_id[id]).collect::<Vec<_>>();
    clusters.iter().map(|cluster| golden(&of(&cluster.records), &pins).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_pins_does_not_matter(pins in pins(), keys in prop::collection::vec(any::<u32>(), 8)) {
        let mut shuffled: Vec<_> = pins.iter().cloned().zip(keys).collect();
        shuffled.sort_by_key(|(pin, key)| (*key, pin.id));
        let mut shuffled: Vec<Pin> = shuffled.into_iter().map(|(pin, _)| pin).collect();
        shuffled.extend(pins.first().cloned());
        let records = people();
        let mut backwards = records.clone();
        backwards.reverse();
        prop_assert_eq!(golden_of(&backwards, &shuffled), golden_of(&records, &pins));
    }

    #[test]
    fn pins_go_with_their_records_into_a_merge_and_the_newest_stands(pins in pins(), a in 0u32..5, b in 0u32..5) {
        let records = people();
        let link = decision(99, Verb::Link, a, b);
        for cluster in cluster(&records, &[link], &Rules::default()).clusters {
            let own: Vec<&ContactRecord> = records.iter().filter(|record| cluster.records.contains(&record.id)).collect();
            let customer = golden(&own, &pins.iter().collect::<Vec<_>>()).unwrap();
            for (field, shown) in [(Field::Company, &customer.company), (Field::Notes, &customer.notes)] {
                let on = pins.iter().filter(|pin| pin.field == field && cluster.records.contains(&pin.record));
                if let Some(newest) = on.max_by_key(|pin| (pin.pinned_at, pin.id)) {
                    prop_assert_eq!((shown, customer.provenance[&field].pin), (&newest.value, Some(newest.id)));
                }
            }
        }
    }

    #[test]
    fn each_field_is_a_pin_or_what_the_records_say(pins in pins()) {
        for customer in hub(&pins) {
            for (field, said) in &customer.provenance {
                let Some(id) = said.pin else { continue };
                let pin = pins.iter().find(|pin| pin.id == id).unwrap();
                prop_assert_eq!((pin.field, pin.record), (*field, said.record));
                let shown = match field {
                    Field::Name => Some(customer.display_name.clone()),
                    Field::Company => customer.company.clone(),
                    Field::Phone => customer.phone.clone(),
                    Field::Email => customer.email.clone(),
                    Field::Address => customer.address.clone(),
                    Field::Notes => customer.notes.clone(),
                };
                prop_assert_eq!(&shown, &pin.value);
                let kind = match field { Field::Phone => IdentifierKind::Phone, _ => IdentifierKind::Email };
                if let (Field::Phone | Field::Email, Some(value)) = (field, &shown) {
                    prop_assert!(customer.identities_of(kind).any(|known| known.identifier.value == *value));
                }
            }
        }
    }
}
