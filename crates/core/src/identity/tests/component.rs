//! A connected component by itself gives what it gives among all.

use super::*;
use crate::matching::fixture::{decision, record};

const P: &str = "+16174441001";
const Q: &str = "+16174441002";

#[test]
fn components_hang_together_by_identifiers_and_decisions() {
    let records = [
        record(1).phone(P),
        record(2).phone("+16175550123"),
        record(3).phone(Q).phone(P),
        record(4).phone("+16175550123"),
        record(5).key("c2"),
    ];
    let numbers = |decisions: &[Decision]| -> Vec<Vec<u32>> {
        let found = components(&records, decisions, &Rules::default());
        found.iter().map(|component| component.iter().map(|id| number(*id)).collect()).collect()
    };
    assert_eq!(numbers(&[]), [vec![1, 3], vec![2, 5], vec![4]]);
    assert_eq!(numbers(&[decision(9, Verb::KeepApart, 4, 1)]), [vec![1, 3, 4], vec![2, 5]]);
}

#[test]
fn hubs_hold_no_component_together() {
    let largest = |records: &[ContactRecord], hubs: &BTreeSet<Identifier>| {
        largest_component(records, &[decision(9, Verb::Link, 3, 4)], &Rules::default(), hubs)
    };
    let line: Vec<ContactRecord> = (0..=HUB_LIMIT as u32).map(|n| record(n).phone(P)).collect();
    assert_eq!(largest(&line[1..], &BTreeSet::new()), HUB_LIMIT);
    assert_eq!(largest(&line, &BTreeSet::new()), 2, "one more and the number proves nothing");
    let hubs = Rules::default().identifying(&line[0]).into_iter().filter(|key| key.value == P).collect();
    assert_eq!(largest(&line[1..10], &hubs), 2);
    assert_eq!(largest(&line[5..7], &hubs), 1);
    assert_eq!(largest(&[], &hubs), 0);
}

#[test]
fn a_known_hub_need_not_be_read_in_full() {
    let line: Vec<ContactRecord> = (0..60).map(|n| record(n).named("John Smith").phone(P)).collect();
    let all = cluster(&line, &[], &Rules::default());
    let hubs = Rules::default().identifying(&line[0]).into_iter().filter(|key| key.value == P).collect();
    let few = cluster_beside_hubs(&line[..3], &[], &Rules::default(), &hubs);
    assert_eq!(few.clusters, all.clusters[..3]);
    assert_eq!(cluster(&line[..3], &[], &Rules::default()).clusters.len(), 1);
}
