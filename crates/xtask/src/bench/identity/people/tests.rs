#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use super::super::cells::cells;
use super::*;

/// A set of this size in memory: its three files.
fn made(seed: u64, records: usize) -> (Made, [String; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let made = make(seed, records, folder.path()).unwrap();
    (made, [RECORDS, TRUTH, KINDS].map(|name| std::fs::read_to_string(folder.path().join(name)).unwrap()))
}

#[test]
fn a_set_is_a_function_of_its_seed_wherever_and_however_often_it_is_made() {
    let (first, files) = made(7, 3_000);
    let others = std::thread::scope(|scope| {
        let all: Vec<_> = (0..2).map(|_| scope.spawn(|| made(7, 3_000))).collect();
        all.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
    });
    for (other, same) in others {
        assert_eq!((other, &same), (first, &files));
    }
    assert_ne!(made(8, 3_000).1[0], files[0]);
}

#[test]
fn every_record_has_its_truth_and_its_kind_and_ids_tell_nothing() {
    let (made, [records, truth, kinds]) = made(7, 5_000);
    let ids =
        |text: &str| text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(records.lines().next().unwrap(), HEADER.join(","));
    assert_eq!(truth.lines().next().unwrap(), "record_id,person_id");
    assert_eq!(ids(&records).len(), 5_000);
    assert_eq!(ids(&records), ids(&truth));
    assert_eq!(ids(&records), ids(&kinds));
    assert_eq!(ids(&records).iter().collect::<BTreeSet<_>>().len(), 5_000);
    assert!(records.lines().all(|line| cells(line).len() == HEADER.len()));
    let people: Vec<&str> = truth.lines().skip(1).map(|line| line.split_once(',').unwrap().1).collect();
    assert_eq!(people.iter().collect::<BTreeSet<_>>().len() as u64, made.people);
    // Records of one person do not stand together.
    let beside = people.windows(2).filter(|two| two[0] == two[1]).count();
    assert!(beside < 20, "{beside}");
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    people.iter().for_each(|it| *sizes.entry(it).or_default() += 1);
    assert_eq!(sizes.values().map(|n| n * (n - 1) / 2).sum::<u64>(), made.pairs);
    assert!(sizes.values().all(|size| (1..=8).contains(size)));
}

#[test]
fn what_is_there_is_near_what_the_rates_say() {
    let (made, [records, truth, kinds]) = made(11, 40_000);
    let rows: Vec<Vec<String>> = records.lines().skip(1).map(cells).collect();
    let check = |what: &str, share: f64, low: f64, high: f64| {
        assert!((low..high).contains(&share), "{what}: {share}");
    };
    let share =
        |test: &dyn Fn(&Vec<String>) -> bool| rows.iter().filter(|row| test(row)).count() as f64 / rows.len() as f64;
    for source in &rates::SOURCES {
        check(source.name, share(&|row| row[1] == source.name), source.share - 0.015, source.share + 0.015);
        let of_source: Vec<_> = rows.iter().filter(|row| row[1] == source.name).collect();
        let reached: Vec<_> = of_source.iter().filter(|row| !row[7].is_empty() || !row[8].is_empty()).collect();
        let streets = reached.iter().filter(|row| !row[9].is_empty()).count() as f64 / reached.len() as f64;
        check(source.name, streets, source.street - 0.02, source.street + 0.02);
        let nameless = of_source.iter().filter(|row| row[3..6].iter().all(String::is_empty)).count() as f64;
        check(source.name, nameless / of_source.len() as f64, source.name_form[7] - 0.01, source.name_form[7] + 0.04);
    }
    check("placeholder e-mails", share(&|row| row[8] == "none@none.com"), 0.0005, 0.003);
    let kind = |name: &str| kinds.lines().filter(|line| line.split(',').nth(1) == Some(name)).count() as f64 / 40_000.0;
    check("fathers and sons", kind("father_and_son"), 0.02, 0.06);
    check("households", kind("household"), 0.30, 0.55);
    check("tenants", kind("tenant"), 0.02, 0.14);
    check("recycled", kind("recycled"), 0.001, 0.02);
    check(
        "zips",
        rows.iter().map(|row| &row[13]).filter(|zip| zip.len() == 5).collect::<BTreeSet<_>>().len() as f64,
        50.0,
        75.0,
    );
    let people = truth.lines().count() as f64 / made.people as f64;
    check("records of a person", people, 2.3, 3.3);
    check("bound", made.bound(), 0.945, 0.97);
}
