//! The work grows with the records, not with their square.

use std::collections::BTreeSet;

use super::*;
use crate::matching::fixture::record;

fn compared(records: &[ContactRecord]) -> (Partition, usize) {
    let rules = Rules::default();
    let mut all = Candidates::default();
    records.iter().for_each(|record| assert!(all.add(record.clone(), &rules)));
    let beside = Beside { decisions: &[], rules: &rules, hubs: &BTreeSet::new() };
    (all.cluster(None, &beside), candidates::compared(&all, &beside))
}

/// A phone number that is nobody's placeholder.
fn phone(number: u32) -> String {
    format!("+1617{:07}", 2_000_003 + number * 7)
}

#[test]
fn names_are_compared_only_where_an_identifier_is_shared() {
    let given = ["John", "Mary", "Hugo", "Ann", "Carl", "Dora", "Emil", "Ruth", "Gus", "Ida"];
    let family = ["Smith", "Jones", "Ives", "Abbot", "Cole", "Dunn", "Engel", "Frost", "Gray", "Hale"];
    let count = 20_000u32;
    let records: Vec<ContactRecord> = (0..count)
        .map(|n| {
            let name = format!("{} {}", given[(n / 2 % 10) as usize], family[(n / 20 % 10) as usize]);
            // Every second record says its neighbour again; every tenth household shares a landline.
            let own = record(n).named(if n % 7 == 0 { "" } else { &name }).phone(&phone(n / 2));
            if n % 10 == 0 { own.phone(&phone(1_000_000 + n / 40)) } else { own }
        })
        .collect();
    let (partition, compared) = compared(&records);
    assert!(partition.clusters.len() > 9_000, "{}", partition.clusters.len());
    assert!(compared < count as usize, "{compared} comparisons of names for {count} records");
}

#[test]
fn a_line_shared_by_all_costs_no_comparison() {
    let records: Vec<ContactRecord> = (0..20_000)
        .map(|n| record(n).named(&format!("John Smith{n}")).phone(&phone(1)).email("info@smithco.com"))
        .collect();
    assert_eq!(compared(&records).1, 0);
}

#[test]
fn a_source_key_shared_by_many_names_costs_no_comparison() {
    let names: Vec<String> = (0..26u8)
        .flat_map(|a| (0..26u8).map(move |b| (a, b)))
        .map(|(a, b)| format!("{}ohn {}mith", char::from(b'A' + a), char::from(b'A' + b)))
        .collect();
    let records: Vec<ContactRecord> =
        (0u32..).zip(&names).map(|(n, name)| record(n).named(name).key("1").phone(&phone(n))).collect();
    let (partition, compared) = compared(&records);
    assert!(partition.clusters.len() > names.len() / 2);
    assert!(compared <= HUB_LIMIT * HUB_LIMIT, "{compared}");
}

#[test]
fn full_office_lines_cost_what_the_limit_allows() {
    let count = 2_000u32;
    let size = HUB_LIMIT as u32;
    let records: Vec<ContactRecord> =
        (0..count).map(|n| record(n).named(&format!("Person{n} Family{n}")).phone(&phone(n / size))).collect();
    let (_, compared) = compared(&records);
    assert!(compared <= (count * (size - 1) / 2) as usize, "{compared}");
}
