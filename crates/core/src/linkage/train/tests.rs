use super::super::{Description, Frequencies, Given, Linkage};
use super::*;
use crate::contact::ContactRecord;
use crate::matching::Rules;
use crate::matching::fixture::record;

const GIVEN: [&str; 12] =
    ["Kelvin", "Maribel", "Ruth", "Otto", "Greta", "Silas", "Nadia", "Boris", "Wanda", "Hugo", "Edna", "Felix"];
const FAMILY: [&str; 15] = [
    "Okonkwo",
    "Brandt",
    "Castell",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Grabowski",
    "Halloran",
    "Ibsen",
    "Jansson",
    "Keogh",
    "Lindqvist",
    "Mancini",
    "Novak",
    "Ostrow",
];

/// People with two records each, who have a phone in common; of every `moved`th the second e-mail address is another.
fn people(count: u32, moved: u32) -> Vec<ContactRecord> {
    let mut records = Vec::new();
    for n in 0..count {
        let name = format!("{} {}", GIVEN[(n % 12) as usize], FAMILY[(n / 12 % 15) as usize]);
        let phone = format!("+1617444{:04}", 1_000 + n);
        let email = format!("{}{n}@quincyplumbing.com", GIVEN[(n % 12) as usize].to_lowercase());
        let other = if n % moved == 0 { format!("moved{n}.away@bostonheating.com") } else { email.clone() };
        records.push(record(n * 2 + 1).named(&name).phone(&phone).email(&email));
        records.push(record(n * 2 + 2).named(&name).phone(&phone).email(&other));
    }
    records
}

fn observed(records: &[ContactRecord]) -> Observed {
    let frequencies = Frequencies::shipped();
    let prepare = |record: &ContactRecord| {
        let mut description =
            Description::of(&ContactRecord { source_key: String::new(), ..record.clone() }, &Rules::default());
        description.weigh(&frequencies);
        description
    };
    let descriptions: Vec<Description> = records.iter().map(prepare).collect();
    let mut observed = Observed::default();
    Linkage::of(&descriptions, &Given::default(), &Weights::default(), &frequencies).observe(&mut observed);
    observed
}

fn trained(records: &[ContactRecord]) -> Trained {
    train(&observed(records), &Weights::default(), Frequencies::shipped().people())
}

#[test]
fn what_often_differs_counts_less_against() {
    let shipped = Weights::default();
    let different = Reach::Different as usize;
    let (steady, restless) = (trained(&people(3_000, 100)).weights, trained(&people(3_000, 2)).weights);
    assert!(steady.email[different].same < shipped.email[different].same, "{:?}", steady.email);
    assert!(restless.email[different].same > shipped.email[different].same, "{:?}", restless.email);
    // All of these were found by their phones alone: that those are equal teaches nothing about phones.
    let others = trained(&people(3_000, 1)).weights;
    let moved = (others.phone[Reach::One as usize].same / shipped.phone[Reach::One as usize].same).log2();
    assert!(moved.abs() < 0.001, "{:?}", others.phone);
    assert_eq!((restless.link, restless.review, restless.never_mix), (shipped.link, shipped.review, shipped.never_mix));
}

#[test]
fn a_few_pairs_move_little_and_many_no_further_than_they_may() {
    let shipped = Weights::default();
    let few = all_moved(&shipped, &trained(&people(10, 2)).weights);
    assert!(few.iter().all(|moved| bits(moved) < 0.2), "{:?}", most_moved(&shipped, &trained(&people(10, 2)).weights));
    let many = all_moved(&shipped, &trained(&people(4_000, 1)).weights);
    let learnt = many.iter().filter(|moved| moved.story != "stranger");
    assert!(learnt.clone().all(|moved| bits(moved) < MOST_BITS + 0.01));
    assert!(learnt.clone().any(|moved| bits(moved) > 0.5), "nothing was learnt");
    assert!(many.iter().all(|moved| moved.to > 0.0 && moved.to.is_finite()));
}

#[test]
fn nothing_is_learnt_from_nothing() {
    let nothing = train(&Observed::default(), &Weights::default(), 5_000.0);
    let moved = all_moved(&Weights::default(), &nothing.weights);
    assert!(moved.iter().all(|moved| bits(moved) < 0.001) && nothing.training.pairs == 0);
}

#[test]
fn the_order_of_records_and_how_they_are_looked_at_teach_nothing() {
    let mut records = people(150, 3);
    let whole = trained(&records);
    records.reverse();
    assert_eq!(trained(&records), whole);
    // Half by half, as a store is walked: no pair is of both halves.
    records.reverse();
    let (one, other) = records.split_at(150);
    let mut joined = observed(other);
    joined.join(observed(one));
    let joined = train(&joined, &Weights::default(), Frequencies::shipped().people());
    assert_eq!(joined.training.pairs, whole.training.pairs);
    for (a, b) in all_moved(&whole.weights, &joined.weights).iter().map(|moved| (moved.from, moved.to)) {
        assert!((a / b).log2().abs() < 0.01, "{a} {b}");
    }
}
