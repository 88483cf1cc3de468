//! What goes wrong between here and a source, and in here.

use std::sync::Arc;
use std::time::Duration;

use doorstep_core::IdMaker;
use doorstep_core::sync::State;
use doorstep_engine::Error;
use doorstep_engine::seal::Keys;
use doorstep_engine::sync::{Now, PARK_AFTER};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Fault, Kind, Manners, Options, RetryAfter, Rule, Size};
use doorstep_store::on_both;

use super::connected::Connected;

/// Waits for the thing itself, with a limit.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waited).await.expect(what);
}

/// What the paths of all feeds have in common.
const FEEDS: &str = "/export/";

/// The queries of requests for a path, in their order.
fn asked(connected: &Connected, path: &str) -> Vec<String> {
    let log = connected.sim.log();
    log.into_iter()
        .filter(|entry| entry.path.ends_with(path) || path == FEEDS && entry.path.contains(path))
        .map(|entry| entry.query)
        .collect()
}

on_both! {
    /// A process that dies between two pages: what was committed stays, and the next goes on there.
    async fn a_reading_that_was_cut_off_goes_on_at_the_last_page(store: TestStore) {
        let options = Options { size: Size::of(90), ..Options::default() };
        let connected = Connected::new(store, options).await;
        let manners = Manners { export_size: 10, ..Manners::default() };
        connected.sim.faults(|faults| faults.manners = manners);
        const PATH: &str = "/export/customers";
        connected.sim.fault(Rule::next(1_000, PATH, Fault::Slow(100)).after(3));
        let run = connected.start(Now::default()).await.unwrap();
        let engine = connected.engine_on(connected.house.store.another_process().await, 99);
        let dying = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await });
        until("some pages", || asked(&connected, PATH).len() > 4).await;
        dying.abort();
        let _ = dying.await;
        let first = asked(&connected, PATH).len();
        connected.sim.faults(|faults| { faults.clear(); faults.manners.export_size = 10; });
        connected.pass(120);
        connected.settle().await;
        let after = connected.engine().run(&connected.scope(), run.id).await.unwrap();
        assert_eq!((after.state, after.id), (State::Finished, run.id), "{:?}", after.reason);
        let went_on = &asked(&connected, PATH)[first];
        assert!(went_on.contains("from="), "{went_on}");
        assert_ne!(*went_on, asked(&connected, PATH)[0], "it began anew");
        connected.assert_equal().await;
    }

    async fn a_storm_of_refusals_loses_nothing(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        let storm = vec![
            (Fault::TooMany(Some(RetryAfter::Seconds(3))), 0.1),
            (Fault::TooMany(None), 0.1),
            (Fault::Status(503), 0.1),
            (Fault::Html(502), 0.05),
            (Fault::Cut, 0.05),
            (Fault::Truncated, 0.05),
            (Fault::Expired, 0.05),
        ];
        connected.sim.faults(|faults| faults.at_random(5, storm));
        let mut run = connected.run().await;
        for _ in 0..20 {
            if run.state == State::Finished {
                break;
            }
            connected.pass(4_000);
            run = connected.run().await;
        }
        connected.sim.faults(|faults| faults.clear());
        connected.pass(4_000);
        assert_eq!(connected.run().await.state, State::Finished);
        connected.assert_equal().await;
    }

    /// I-06: of two processes one reads, and "now" while it does names the run that is under way.
    async fn two_processes_read_a_connection_once(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        connected.sim.fault(Rule::next(1_000, "/export/", Fault::Slow(20)));
        let run = connected.start(Now::default()).await.unwrap();
        let mut workers = Vec::new();
        for seed in 0..3 {
            let engine = connected.engine_on(connected.house.store.another_process().await, 100 + seed);
            workers.push(tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await.unwrap() }));
        }
        until("a page", || !asked(&connected, FEEDS).is_empty()).await;
        match connected.start(Now::default()).await {
            Err(Error::AlreadyRunning { run: under_way, connection }) => {
                assert_eq!((under_way, connection), (run.id, connected.id));
            }
            other => panic!("{other:?}"),
        }
        for worker in workers {
            worker.await.unwrap();
        }
        let runs = connected.engine().runs(&connected.scope(), connected.id, None, 9).await.unwrap();
        assert_eq!(runs.iter().filter(|run| run.state == State::Finished).count(), 1, "{runs:?}");
        let customers = connected.truth(Kind::Customers).len() as u64;
        assert_eq!(runs[0].report["customers"].counts.new, customers);
        // Each page was asked for once.
        let mut asked = asked(&connected, "/export/customers");
        asked.sort();
        let all = asked.len();
        asked.dedup();
        assert_eq!(asked.len(), all);
        connected.assert_equal().await;
    }

    /// Law: no network inside a transaction. While a source lets us wait, everybody else writes.
    async fn others_write_while_a_source_is_slow(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        connected.sim.fault(Rule { fault: Fault::Slow(300), matching: FEEDS.to_owned(), after: 0, times: None });
        connected.start(Now::default()).await.unwrap();
        let engine = connected.engine().clone();
        let working = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await });
        let waited_for = || connected.sim.log().into_iter().rfind(|it| it.path.contains(FEEDS) && it.status == 0);
        let mut wrote = false;
        for _ in 0..8 {
            let mut asked = None;
            until("a page is waited for", || { asked = waited_for(); asked.is_some() || working.is_finished() }).await;
            let mut tx = connected.engine().db.write(&connected.scope()).await.unwrap();
            tx.lock_identity().await.unwrap();
            tx.commit().await.unwrap();
            wrote |= asked.is_some_and(|asked| waited_for().is_some_and(|still| still.number == asked.number));
            if wrote || working.is_finished() {
                break;
            }
        }
        working.abort();
        let _ = working.await;
        assert!(wrote, "nobody could write until the source had answered");
    }

    async fn one_stream_that_fails_stops_none_of_the_others(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        connected.sim.fault(Rule { fault: Fault::Status(403), matching: "/export/memberships".to_owned(), after: 0, times: None });
        let run = connected.run().await;
        assert_eq!(run.state, State::Incomplete, "{:?}", run.report);
        assert!(run.reason.as_ref().is_some_and(|reason| reason.starts_with("memberships")), "{:?}", run.reason);
        assert!(run.report["jobs"].is_done && !run.report["memberships"].is_done);
        connected.sim.faults(|faults| faults.clear());
        assert_eq!(connected.run().await.state, State::Finished);
        connected.assert_equal().await;
    }

    async fn a_source_that_is_down_is_tried_less_and_less_and_when_it_is_due_stays(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let due = connected.connection().await.next_run_at.unwrap();
        connected.sim.fault(Rule { fault: Fault::Status(503), matching: String::new(), after: 0, times: None });
        connected.pass(900);
        let mut waits = Vec::new();
        for failures in 1..=PARK_AFTER {
            connected.settle().await;
            let connection = connected.connection().await;
            assert_eq!((connection.failures, connection.next_run_at), (failures, Some(due)), "when it is due stays");
            assert_eq!(connection.is_parked, failures == PARK_AFTER);
            assert!(connection.reason.is_some());
            let now = connected.house.store.db.clock().now();
            let wait = (connection.next_try_at.unwrap().micros() - now.micros()) / 1_000_000;
            waits.push(wait);
            connected.pass(wait as u64);
        }
        assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
        connected.sim.faults(|faults| faults.clear());
        connected.settle().await;
        let connection = connected.connection().await;
        assert_eq!((connection.failures, connection.is_parked, connection.reason), (0, false, None));
        assert!(connection.next_run_at.unwrap() > due);
    }

    async fn a_run_that_is_stopped_keeps_whole_pages_and_is_over(store: TestStore) {
        let connected = Connected::new(store, Options { size: Size::of(90), ..Options::default() }).await;
        connected.sim.faults(|faults| faults.manners.export_size = 10);
        connected.sim.fault(Rule::next(1_000, "/export/customers", Fault::Slow(50)).after(2));
        let run = connected.start(Now::default()).await.unwrap();
        let engine = connected.engine().clone();
        let working = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await.unwrap() });
        until("some pages", || asked(&connected, "/export/customers").len() > 3).await;
        let stopped = connected.engine().cancel_run(&connected.scope(), run.id).await.unwrap();
        assert_eq!(stopped.state, State::Canceled);
        working.await.unwrap();
        let held = connected.objects("customers").await.len();
        assert!(held > 0 && held < 90 && held % 10 == 0, "{held}");
        assert!(connected.engine().cancel_run(&connected.scope(), run.id).await.is_err(), "it is over");
        assert_eq!(connected.run().await.state, State::Finished);
        connected.assert_equal().await;
    }

    /// S16: elsewhere the keys of a trial environment read nothing, and all looked well for weeks.
    async fn a_source_without_anybody_in_it_says_that_something_is_odd(store: TestStore) {
        let connected = Connected::new(store, Options { size: Size::of(0), ..Options::default() }).await;
        let run = connected.run().await;
        assert_eq!(run.state, State::Finished, "{:?}", run.reason);
        let problems = connected.engine().run_problems(&connected.scope(), run.id, 0, 9).await.unwrap();
        let told = |reason: &str| reason.contains("another environment");
        assert!(problems.iter().any(|it| it.stream == "customers" && told(&it.reason)), "{problems:?}");
        // Once is enough.
        assert_eq!(connected.run().await.problem_count, 0);
    }

    async fn a_process_without_the_key_parks_the_connection_and_says_so(store: TestStore) {
        let mut connected = Connected::new(store, Options::default()).await;
        connected.house.engine.seal_keys = Arc::new(Keys::parse(&"08".repeat(32)).unwrap());
        connected.house.engine.ids = Arc::new(IdMaker::seeded(5));
        let run = connected.run().await;
        assert_eq!(run.state, State::Failed);
        let connection = connected.connection().await;
        assert!(connection.is_parked && connection.reason.is_some_and(|reason| reason.contains("key")));
    }
}
