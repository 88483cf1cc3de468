//! Many tenants that are read at once, and how much a run asks that finds nothing new.

use std::collections::BTreeSet;
use std::time::Duration;

use doorstep_core::sync::{Cause, State};
use doorstep_engine::sync::NAMES_EVERY_SECONDS;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::{CONCURRENCY, Worker};
use doorstep_sim::{Fault, Kind, Options, Rule};
use doorstep_store::stream_cursor::{self, Progress};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{job, live_record, on_both};

use super::connected::{Connected, new_connection, opened};
use crate::house::House;

/// The longest that anybody is waited for who should not wait for anybody.
const PATIENCE: Duration = Duration::from_secs(60);
/// Seconds between two runs by the clock.
const INTERVAL: u64 = 900;
/// What a run by the clock asks at most that finds nothing, the token included.
const MAX_REQUESTS: usize = 10;

/// The streams of which nothing but names is taken, by what their paths end with.
const NAMES: [&str; 4] = ["tag-types", "job-types", "technicians", "membership-types"];

/// Which of those were asked for since the log was cleared.
fn names_asked(connected: &Connected) -> BTreeSet<&'static str> {
    let log = connected.sim.log();
    NAMES.into_iter().filter(|name| log.iter().any(|entry| entry.path.ends_with(name))).collect()
}

/// A run by the clock.
async fn by_the_clock(connected: &Connected) {
    connected.pass(INTERVAL);
    connected.sim.clear_log();
    connected.settle().await;
    let runs = connected.engine().runs(&connected.scope(), connected.id, None, 1).await.unwrap();
    assert_eq!((runs[0].cause, runs[0].state), (Cause::Schedule, State::Finished), "{:?}", runs[0].reason);
}

on_both! {
    /// More upstreams than there are places of work give no answer: everybody else is read all the same.
    async fn upstreams_that_do_not_answer_keep_nobody_waiting(store: TestStore) {
        let house = House::new(store);
        let silent = CONCURRENCY + 2;
        let (engine, sim) = opened(&house, Options { tenants: silent + 1, ..Options::default() }).await;
        let mut last = None;
        for business in 0..=silent {
            let number = sim.world(|world| world.tenants()[business].number);
            let phone = format!("+1617471{:04}", 2_000 + business);
            let scope = owner_of(&create_tenant(&house.store.db, &format!("Business {number}"), &phone).await);
            let id = engine.add_connection(&scope, &new_connection(&sim, business, "theirs")).await.unwrap().id;
            if business < silent {
                // Nobody signs in to them twice, and what they are asked then they never answer.
                let matching = format!("/tenant/{number}/");
                sim.fault(Rule { fault: Fault::Never, matching, after: 0, times: None });
            } else {
                last = Some((scope, id));
            }
        }
        let (scope, id) = last.unwrap();
        let worker = engine.clone();
        let working = tokio::task::spawn(async move { Worker::new(worker, Tasks).run_due().await });
        let is_read = async {
            loop {
                let runs = engine.runs(&scope, id, None, 1).await.unwrap();
                if runs.first().is_some_and(|run| run.state == State::Finished) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, is_read).await.expect("the one whose source answers is read");
        assert!(!working.is_finished(), "the others still wait");
        let answered = sim.log().iter().filter(|entry| entry.fault.is_some() && entry.status != 0).count();
        assert_eq!(answered, 0, "nobody else was answered");
        working.abort();
        let _ = working.await;
    }

    async fn a_run_with_nothing_new_asks_little_and_names_by_the_hour(store: TestStore) {
        let connected = Connected::loaded(store).await;
        by_the_clock(&connected).await;
        assert_eq!(names_asked(&connected), BTreeSet::new());
        let asked = connected.sim.log().len();
        assert!(asked <= MAX_REQUESTS, "{asked} requests");
        connected.sim.clear_log();
        assert_eq!(connected.run().await.state, State::Finished);
        assert_eq!(names_asked(&connected), NAMES.into(), "a person's now asks for everything");
        for _ in 0..NAMES_EVERY_SECONDS.unsigned_abs() / INTERVAL - 1 {
            by_the_clock(&connected).await;
            assert_eq!(names_asked(&connected), BTreeSet::new());
        }
        by_the_clock(&connected).await;
        assert_eq!(names_asked(&connected), NAMES.into());
    }

    async fn a_name_that_is_not_known_is_asked_for_at_once(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let kinds: Vec<_> = connected.objects("job_types").await.into_values().map(|it| it.id).collect();
        let mut tx = connected.engine().db.write(&connected.scope()).await.unwrap();
        live_record::take_out(&mut tx, &kinds).await.unwrap();
        let read_at = Some(tx.now());
        let progress = Progress { read_at, swept_at: read_at, ..Progress::default() };
        stream_cursor::put(&mut tx, connected.id, "job_types", &progress).await.unwrap();
        tx.commit().await.unwrap();
        let (business, customer) = (connected.business(), connected.keys(Kind::Customers).swap_remove(0));
        let locations = connected.truth(Kind::Locations);
        let location = locations.into_iter().find(|(_, row)| row["customerId"].as_i64() == customer.parse().ok()).unwrap().0;
        let (of, at) = (customer.parse().unwrap(), location.parse().unwrap());
        connected.sim.world(|world| world.add_job(business, of, at, "No hot water")).unwrap();
        by_the_clock(&connected).await;
        assert_eq!(names_asked(&connected), ["job-types"].into());
        let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
        let owner = connected.customer(&customer).await.unwrap();
        let jobs = job::of_customer(&mut tx, owner, 100).await.unwrap();
        let new = jobs.iter().find(|it| it.job.summary.as_deref() == Some("No hot water")).expect("the job");
        assert!(new.job.type_name.is_some(), "{:?}", new.job);
    }
}
