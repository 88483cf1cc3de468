//! Lists read for changes: the way of streams without a feed, shown with customers, of which there are many.

use std::time::Duration;

use doorstep_core::source::{Cursor, StreamSpec};
use doorstep_sim::{Edit, Kind};
use doorstep_upstream::servicetitan::{SPEC, ServiceTitan};
use doorstep_upstream::source::Source;

use crate::house::{House, Told, drain, swept_into};

fn customers() -> &'static StreamSpec {
    SPEC.stream("customers").unwrap()
}

/// Reads the list of customers from a cursor to its end.
async fn scan(source: &ServiceTitan, from: Option<Cursor>, told: &mut Told) -> Option<Cursor> {
    let mut cursor = from;
    for _ in 0..100 {
        let page = source.page_of_list("customers", cursor.as_ref()).await.unwrap();
        told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
        // As whoever stores cursors does: a page without one leaves the last in its place.
        cursor = page.cursor.or(cursor);
        if !page.more {
            return cursor;
        }
    }
    panic!("the list does not end");
}

/// All customers as they are now.
async fn truth(source: &ServiceTitan) -> Told {
    let mut told = Told::new();
    drain(source, customers(), None, &mut told).await.unwrap();
    told
}

/// Somebody gets another name.
fn rename(house: &House, customer: i64, name: &str) {
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, Edit::Rename { customer, name: name.to_owned() }));
    });
}

#[tokio::test]
async fn what_changed_since_is_told_whatever_our_clock_says() {
    for ahead in [-86_400, 0, 86_400] {
        let house = House::sized(30).await;
        let source = house.source(0);
        house.our_clock_is_ahead_by(ahead);
        let mut told = Told::new();
        let cursor = scan(&source, None, &mut told).await;
        house.sim.advance(Duration::from_secs(1));
        house.office(20);
        scan(&source, cursor, &mut told).await;
        assert_eq!(told, truth(&source).await, "{ahead}");
    }
}

#[tokio::test]
async fn a_clock_of_theirs_that_is_wrong_by_less_than_the_overlap_loses_nothing() {
    for skew in [-280, 280] {
        let house = House::sized(30).await;
        let source = house.source(0);
        house.sim.faults(|faults| faults.manners.date_skew_seconds = skew);
        let mut told = Told::new();
        let mut cursor = None;
        for _ in 0..5 {
            cursor = scan(&source, cursor, &mut told).await;
            house.office(6);
        }
        scan(&source, cursor, &mut told).await;
        assert_eq!(told, truth(&source).await, "{skew}");
    }
}

#[tokio::test]
async fn changes_that_become_visible_late_are_told_as_long_as_the_lag_is_the_declared_one() {
    let lag = SPEC.stream("job_types").unwrap().lag_seconds;
    // The overlap of the stream that is asked is what counts here: customers declare none, since their feed has none.
    assert_eq!((lag, customers().lag_seconds), (300, 0));
    let house = House::small().await;
    let source = house.source(0);
    let stream = SPEC.stream("job_types").unwrap();
    let mut told = Told::new();
    let mut cursor = drain(&source, stream, None, &mut told).await.unwrap().pop();
    // Fewer each time, so that there is one that is stamped for the last time in each round.
    for count in (1..=8).rev() {
        house.sim.faults(|faults| faults.manners.lag_seconds = u64::from(lag) - 10);
        house.sim.world(|world| {
            let number = world.first().number;
            assert!(world.edit(number, Edit::Restamp { kind: Kind::JobTypes, count }));
        });
        house.sim.advance(Duration::from_secs(40));
        cursor = drain(&source, stream, cursor, &mut told).await.unwrap().pop();
    }
    house.sim.advance(Duration::from_secs(u64::from(lag)));
    house.sim.faults(|faults| faults.clear());
    drain(&source, stream, cursor, &mut told).await.unwrap();
    let mut truth = Told::new();
    drain(&source, stream, None, &mut truth).await.unwrap();
    assert_eq!(told, truth);
}

#[tokio::test]
async fn more_customers_of_one_stamp_than_a_page_holds_are_all_told() {
    let house = House::sized(5_001).await;
    let source = house.source(0);
    let first = scan(&source, None, &mut Told::new()).await;
    house.sim.advance(Duration::from_secs(3_600));
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, Edit::Restamp { kind: Kind::Customers, count: 5_001 }));
    });
    house.sim.advance(Duration::from_secs(60));
    let mut told = Told::new();
    let cursor = scan(&source, first, &mut told).await;
    assert_eq!(told, truth(&source).await);
    // And not all over again.
    house.sim.advance(Duration::from_secs(3_600));
    rename(&house, 1_000_001, "Ada Marsh");
    house.sim.advance(Duration::from_secs(60));
    let mut news = Told::new();
    scan(&source, cursor, &mut news).await;
    assert!(news.contains_key("1000001"));
}

#[tokio::test]
async fn an_edit_while_pages_of_one_stamp_are_counted_is_not_passed_over() {
    for is_first in [true, false] {
        let house = House::sized(2_500).await;
        let source = house.source(0);
        let before = if is_first { None } else { scan(&source, None, &mut Told::new()).await };
        house.sim.advance(Duration::from_secs(3_600));
        house.sim.world(|world| {
            let number = world.first().number;
            world.edit(number, Edit::Restamp { kind: Kind::Customers, count: 2_500 });
        });
        house.sim.advance(Duration::from_secs(60));
        let mut told = Told::new();
        let (mut cursor, mut pages) = (before, 0);
        loop {
            let page = source.page_of_list("customers", cursor.as_ref()).await.unwrap();
            told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
            cursor = page.cursor.or(cursor);
            pages += 1;
            if !page.more {
                break;
            }
            if pages == 2 {
                // The first of the list goes to its end, and all behind it move a place forward, over the page's edge.
                house.sim.advance(Duration::from_secs(2));
                rename(&house, 1_000_001, "Ada Marsh");
            }
        }
        assert_eq!(told.len(), 2_499, "this is how one is passed over");
        // The scan is done again from where it began.
        scan(&source, cursor, &mut told).await;
        assert_eq!(told, truth(&source).await);
    }
}

#[tokio::test]
async fn pages_go_from_stamp_to_stamp_and_edits_meanwhile_move_nobody_over_an_edge() {
    let house = House::sized(2_600).await;
    let source = house.source(0);
    house.sim.faults(|faults| {
        faults.manners.edits_between_pages = 60;
        faults.manners.tick_milliseconds = 1_000;
    });
    let mut told = Told::new();
    let cursor = scan(&source, None, &mut told).await;
    let asked = house.sim.log();
    let counted = asked.iter().filter(|entry| entry.query.contains("page=2")).count();
    assert_eq!(counted, 0);
    house.sim.faults(|faults| faults.clear());
    house.sim.advance(Duration::from_secs(600));
    scan(&source, cursor, &mut told).await;
    assert_eq!(told, truth(&source).await);
}

#[tokio::test]
async fn a_sort_that_is_ignored_loses_nothing_that_a_sweep_does_not_find() {
    for seed in 1..=3_u64 {
        let house = House::of(doorstep_sim::Options {
            seed,
            size: doorstep_sim::Size::of(1_300),
            ..doorstep_sim::Options::default()
        })
        .await;
        let source = house.source(0);
        house.sim.faults(|faults| {
            faults.manners.ignores_sort = 0.4;
            faults.manners.edits_between_pages = 5;
            faults.manners.page_cap = Some(400);
            faults.manners.tick_milliseconds = 500;
        });
        let (mut told, mut cursor) = (Told::new(), None);
        for _ in 0..3 {
            cursor = scan(&source, cursor, &mut told).await;
            house.office(30);
        }
        house.sim.faults(|faults| faults.clear());
        house.sim.advance(Duration::from_secs(600));
        scan(&source, cursor, &mut told).await;
        swept_into(&source, customers(), &mut told).await.unwrap();
        assert_eq!(told, truth(&source).await, "seed {seed}");
    }
}

#[tokio::test]
async fn a_cursor_in_their_future_is_none() {
    let house = House::small().await;
    let source = house.source(0);
    let far = Cursor::new("since:job_types:4102444800000000").unwrap();
    let found = source.page("job_types", Some(&far)).await;
    assert!(matches!(found, Err(doorstep_upstream::source::Failure::Cursor { .. })), "{found:?}");
}
