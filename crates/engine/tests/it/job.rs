//! A customer's jobs by pages.

use doorstep_core::address::Address;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::job::{Appointment, Job, JobStatus, Which};
use doorstep_core::position::Position;
use doorstep_core::property::Property;
use doorstep_core::{Clock, Timestamp};
use doorstep_engine::Error;
use doorstep_engine::customer::Found;
use doorstep_engine::job::{Filter, Listed};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{job, on_both, property};

use crate::house::{House, contact};

const HOUR: i64 = 3_600;

fn visit(starts_at: Timestamp) -> Appointment {
    let said = serde_json::json!({ "key": "1", "status": "scheduled" });
    let appointment: Appointment = serde_json::from_value(said).unwrap();
    Appointment { starts_at: Some(starts_at), ends_at: Some(starts_at.plus_seconds(HOUR)), ..appointment }
}

fn new_job(number: &str, status: JobStatus, booked_at: Timestamp) -> Job {
    let job: Job = serde_json::from_value(serde_json::json!({ "customer_key": "7", "is_active": true })).unwrap();
    let completed_at = (status == JobStatus::Completed).then(|| booked_at.plus_seconds(HOUR));
    Job { number: Some(number.to_owned()), status: Some(status), booked_at: Some(booked_at), completed_at, ..job }
}

async fn numbers(house: &House, id: CustomerId, filter: Filter, limit: i64) -> Vec<String> {
    let (mut found, mut at): (Vec<Listed>, Option<Position>) = (Vec::new(), None);
    loop {
        let page = house.engine.list_jobs(&house.scope(), id, &filter, at.as_ref(), limit).await.unwrap();
        if let Some(back) = page.previous.as_ref().filter(|_| at.is_some()) {
            let before = house.engine.list_jobs(&house.scope(), id, &filter, Some(back), limit).await.unwrap();
            assert_eq!(before.rows, found[found.len() - limit as usize..], "the page before is the one we came from");
        }
        found.extend(page.rows);
        at = page.next;
        if at.is_none() {
            break;
        }
    }
    found.into_iter().filter_map(|listed| listed.job.number).collect()
}

on_both! {
    async fn jobs_are_listed_by_how_they_stand_and_when(store: TestStore) {
        let house = House::new(store);
        let found = house.engine.find_or_create(&house.scope(), &contact(Some("John Smith"), "617 471 0117"), false).await.unwrap();
        let Found::Created { customer: Some(id), .. } = found else { panic!("{found:?}") };
        let now = house.store.clock.now();
        let ago = |hours: i64| now.plus_seconds(-hours * HOUR);
        let mut jobs = vec![
            new_job("old", JobStatus::Completed, ago(900)),
            new_job("new", JobStatus::Completed, ago(30)),
            new_job("off", JobStatus::Canceled, ago(20)),
            Job { is_active: false, ..new_job("unlisted", JobStatus::Completed, ago(10)) },
            Job { appointments: vec![visit(ago(-48))], ..new_job("later", JobStatus::Scheduled, ago(9)) },
            Job { appointments: vec![visit(ago(3)), visit(ago(-24))], ..new_job("next", JobStatus::InProgress, ago(60)) },
            Job { appointments: vec![visit(ago(5))], ..new_job("missed", JobStatus::Hold, ago(8)) },
            Job { booked_at: None, ..new_job("undated", JobStatus::Scheduled, ago(0)) },
        ];
        let home = RecordId::from_uuid(id.uuid());
        let place: RecordId = house.engine.ids.make(now);
        let mut tx = house.store.db.write(&house.scope()).await.unwrap();
        let at_home = Property { customer_key: "7".to_owned(), name: None, address: Address::parse("123 Main St, Quincy, MA"), is_active: true };
        property::put(&mut tx, &[property::Stored { record: place, customer_record: home, property: at_home }]).await.unwrap();
        let stored: Vec<job::Stored> = jobs
            .drain(..)
            .map(|job| job::Stored { record: house.engine.ids.make(now), customer_record: home, property_record: Some(place), job })
            .collect();
        job::put(&mut tx, &stored).await.unwrap();
        tx.commit().await.unwrap();
        let any = |which| Filter { which, from: None, to: None };
        let all = ["missed", "later", "unlisted", "off", "new", "next", "old", "undated"];
        for limit in [1, 3, 50] {
            assert_eq!(numbers(&house, id, any(Which::All), limit).await, all);
            assert_eq!(numbers(&house, id, any(Which::Open), limit).await, ["missed", "later", "next", "undated"]);
            assert_eq!(numbers(&house, id, any(Which::Recent), limit).await, ["new", "old"]);
            assert_eq!(numbers(&house, id, any(Which::Upcoming), limit).await, ["next", "later"]);
        }
        let span = |which, from, to| Filter { which, from: Some(from), to: Some(to) };
        assert_eq!(numbers(&house, id, span(Which::All, ago(61), ago(9)), 50).await, ["off", "new", "next"]);
        assert_eq!(numbers(&house, id, span(Which::Upcoming, ago(-30), ago(-72)), 50).await, ["later"]);
        let page = house.engine.list_jobs(&house.scope(), id, &any(Which::Upcoming), None, 1).await.unwrap();
        assert_eq!(page.rows[0].next_visit_at, Some(ago(-24)));
        assert_eq!(page.rows[0].address.as_deref(), Some("123 Main St, Quincy, MA"));
        // A position is of its list.
        let other = house.engine.list_jobs(&house.scope(), id, &any(Which::All), page.next.as_ref(), 1).await;
        assert!(matches!(other, Err(Error::BadPosition(_))), "{other:?}");
        let stranger = owner_of(&create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await);
        assert!(matches!(house.engine.list_jobs(&stranger, id, &any(Which::All), None, 9).await, Err(Error::NoCustomer(_))));
    }
}
