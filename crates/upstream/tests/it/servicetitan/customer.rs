//! One customer, read by itself: what cannot be had, what is too much, and who was merged.

use doorstep_core::source::Gone;
use doorstep_sim::{Edit, Fault, Rule};
use doorstep_upstream::source::{Failure, OneCustomer, Source};

use crate::house::House;

/// Customers in use with jobs, those with the most first.
fn busy(house: &House) -> Vec<i64> {
    house.sim.world(|world| {
        let tenant = world.first();
        let jobs = |id: i64| tenant.jobs.iter().filter(|job| job.customer == id).count();
        let mut ids: Vec<i64> = tenant.customers.iter().filter(|it| it.head.active).map(|it| it.head.id).collect();
        ids.sort_by_key(|id| std::cmp::Reverse(jobs(*id)));
        ids
    })
}

async fn read(house: &House, id: i64) -> OneCustomer {
    house.source(0).customer(&id.to_string()).await.unwrap().unwrap()
}

fn whole(found: &OneCustomer, stream: &str) -> Option<bool> {
    found.portions.iter().find(|portion| portion.stream == stream).map(|portion| portion.is_whole)
}

#[tokio::test]
async fn what_the_application_may_not_read_is_left_out_and_told() {
    let house = House::small().await;
    let id = busy(&house)[0];
    house.sim.fault(Rule { fault: Fault::Status(403), matching: "/appointments".to_owned(), after: 0, times: None });
    let found = read(&house, id).await;
    let left_out: Vec<&str> = found.left_out.iter().map(|(stream, _)| *stream).collect();
    // Who was sent is asked for by the appointments.
    assert_eq!(left_out, ["appointments", "assignments"]);
    assert!(found.left_out.iter().all(|(_, failure)| matches!(failure, Failure::Auth { .. })));
    assert_eq!((whole(&found, "jobs"), whole(&found, "appointments")), (Some(true), None));
    // The customer itself cannot be left out.
    house.sim.fault(Rule { fault: Fault::Status(403), matching: "/customers/".to_owned(), after: 0, times: None });
    let failure = house.source(0).customer(&id.to_string()).await.unwrap_err();
    assert!(matches!(failure, Failure::Auth { .. }), "{failure:?}");
}

#[tokio::test]
async fn more_than_is_read_at_once_says_that_it_is_not_all() {
    let house = House::sized(200).await;
    let id = busy(&house)[0];
    let jobs = house.sim.world(|world| world.first().jobs.iter().filter(|job| job.customer == id).count());
    assert!(jobs > 5, "{jobs}");
    house.sim.faults(|faults| faults.manners.page_cap = Some(1));
    let found = read(&house, id).await;
    assert_eq!(whole(&found, "jobs"), Some(false));
    assert_eq!(whole(&found, "customers"), Some(true));
    let told = found.portions.iter().find(|portion| portion.stream == "jobs").unwrap();
    assert_eq!(told.rows.len(), 5, "a page each, of as many as are read");
    // Nothing is known of the visits of the others.
    assert_eq!(whole(&found, "assignments"), whole(&found, "appointments"));
}

#[tokio::test]
async fn one_that_was_merged_says_into_whom() {
    let house = House::small().await;
    let ids = busy(&house);
    let (from, into) = (ids[0], ids[1]);
    house.sim.world(|world| {
        let number = world.first().number;
        assert!(world.edit(number, Edit::Merge { from, into }));
    });
    let found = read(&house, from).await;
    let own = &found.portions[0];
    assert_eq!((own.stream, own.rows[0].gone.clone()), ("customers", Some(Gone::Merged { into: into.to_string() })));
    let jobs = found.portions.iter().find(|portion| portion.stream == "jobs").unwrap();
    assert!(jobs.is_whole && jobs.rows.is_empty(), "they went along");
}
