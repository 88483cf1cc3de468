//! One customer, read by itself.

use std::collections::BTreeSet;

use doorstep_core::source::{Gone, Makes, Parent};
use doorstep_sim::{Fault, RetryAfter, Rule};
use doorstep_upstream::source::{Failure, Row, Source};

use super::{Live, all};
use crate::house::{House, Told, drain};

/// The stream of those whom all else belongs to.
fn customers(source: &dyn Source) -> &'static str {
    let of_people = source.spec().streams.iter().find(|stream| stream.makes.contains(&Makes::Contact));
    of_people.expect("a source of customers").name
}

/// What is one customer's of all that was told, by stream: theirs, and what belongs to that.
fn belonging(source: &dyn Source, told: &[(&'static str, Told)], key: &str) -> Vec<(&'static str, Told)> {
    let whose = customers(source);
    let mut found: Vec<(&'static str, Told)> = Vec::new();
    let mut left: Vec<&(&'static str, Told)> = told.iter().collect();
    // A parent may be declared after what belongs to it.
    for _ in 0..told.len() {
        left.retain(|(name, all)| {
            let parents: Vec<String> = match source.spec().stream(name).unwrap().parent {
                _ if *name == whose => vec![],
                Parent::None => return true,
                Parent::PartOf(parent) | Parent::HangsOn(parent) => {
                    match found.iter().find(|(stream, _)| *stream == parent) {
                        Some((_, parents)) => parents.keys().cloned().collect(),
                        None => return true,
                    }
                }
            };
            let is_theirs = |row: &Row| {
                if *name == whose { row.key == key } else { row.parent.as_ref().is_some_and(|it| parents.contains(it)) }
            };
            let theirs = all.iter().filter(|(_, row)| is_theirs(row) && row.gone != Some(Gone::Deleted));
            found.push((name, theirs.map(|(key, row)| (key.clone(), row.clone())).collect()));
            false
        });
    }
    found
}

pub async fn one_customer_is_read_as_pages_tell_it_with_few_calls(live: &Live) {
    let house = House::sized(60).await;
    house.office(200);
    let source = live.open(&house, 0);
    let told = all(&*source).await;
    let customers = customers(&*source);
    let (_, everybody) = told.iter().find(|(name, _)| *name == customers).unwrap();
    let mut seen = BTreeSet::new();
    for key in everybody.keys() {
        house.sim.clear_log();
        let found = source.customer(key).await.unwrap().expect("somebody whom the feed tells of");
        assert!(house.asked().len() <= 10, "{:?}", house.asked());
        assert_eq!(found.left_out, [], "{key}");
        let mut expected = belonging(&*source, &told, key);
        expected.sort_by_key(|(name, _)| *name);
        let mut read: Vec<(&'static str, Told)> = Vec::new();
        for portion in found.portions {
            assert!(portion.is_whole && portion.skipped.is_empty(), "{key} {}", portion.stream);
            seen.extend(portion.rows.first().map(|_| portion.stream));
            // What was deleted may be told or not.
            let rows = portion.rows.into_iter().filter(|row| row.gone != Some(Gone::Deleted));
            read.push((portion.stream, rows.map(|row| (row.key.clone(), row)).collect()));
        }
        read.sort_by_key(|(name, _)| *name);
        assert_eq!(read, expected, "{key}");
    }
    assert!(seen.len() > 3, "customers of this world have nothing: {seen:?}");
}

pub async fn a_customer_that_is_no_more_is_none_and_trouble_is_no_absence(live: &Live) {
    let house = House::small().await;
    let source = live.open(&house, 0);
    let mut told = Told::new();
    let stream = source.spec().stream(customers(&*source)).unwrap();
    drain(&*source, stream, None, &mut told).await.unwrap();
    let key = told.keys().next().unwrap();
    assert_eq!(source.customer("77").await.unwrap(), None);
    // One door that has nobody of the key is no proof.
    house.sim.fault(Rule::next(1, &format!("/{key}"), Fault::Status(404)));
    assert!(source.customer(key).await.unwrap().is_some());
    assert!(matches!(source.customer("a b").await, Err(Failure::Skip { .. })));
    let truth = source.customer(key).await.unwrap();
    for fault in [Fault::TooMany(Some(RetryAfter::Seconds(3))), Fault::Status(503), Fault::Cut, Fault::Html(200)] {
        // One of the calls, whichever it is.
        house.sim.fault(Rule::next(1, "/tenant/", fault.clone()).after(2));
        assert_eq!(source.customer(key).await.unwrap(), truth, "{fault:?}");
    }
    house.sim.fault(Rule { fault: Fault::Status(503), matching: "/tenant/".to_owned(), after: 3, times: None });
    let failure = source.customer(key).await.unwrap_err();
    assert!(failure.is_passing(), "{failure:?}");
}
