//! When connections are read by themselves.

use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::sync::{Cause, State};
use doorstep_engine::removal::Records;
use doorstep_engine::sync::Now;
use doorstep_sim::Options;
use doorstep_store::on_both;

use super::connected::Connected;

on_both! {
    /// D13, D15: elsewhere two processes read at once, and the next time moved though the run had failed.
    async fn what_is_due_is_read_by_itself_and_then_again(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        connected.settle().await;
        let runs = connected.engine().runs(&connected.scope(), connected.id, None, 9).await.unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].cause, runs[0].state), (Cause::Schedule, State::Finished), "{:?}", runs[0].reason);
        connected.pass(899);
        connected.settle().await;
        assert_eq!(connected.engine().runs(&connected.scope(), connected.id, None, 9).await.unwrap().len(), 1);
        connected.pass(1);
        connected.settle().await;
        assert_eq!(connected.engine().runs(&connected.scope(), connected.id, None, 9).await.unwrap().len(), 2);
    }

    async fn outside_its_hours_it_is_read_by_hand_only(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        let now = connected.house.store.db.clock().now();
        // An hour that begins in two hours, by the tenant's clock.
        let zone = connected.engine().tenant(&connected.scope()).await.unwrap().time_zone;
        let opens: u32 = now.in_zone(&zone)[11..13].parse::<u32>().unwrap() + 2;
        let window: Window = format!("{:02}:00-{:02}:30", opens % 24, opens % 24).parse().unwrap();
        let schedule = Schedule::every(900, Some(window)).unwrap();
        connected.engine().set_schedule(&connected.scope(), connected.id, &schedule).await.unwrap();
        connected.settle().await;
        let runs = || async { connected.engine().runs(&connected.scope(), connected.id, None, 9).await.unwrap() };
        assert_eq!(runs().await.len(), 0);
        assert_eq!(connected.run_and(Now::default()).await.state, State::Finished);
        connected.pass(2 * 3_600 + 300);
        connected.settle().await;
        assert_eq!(runs().await.len(), 2, "{:?}", connected.connection().await);
    }

    async fn one_that_is_switched_off_or_taken_away_is_not_read(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        engine.set_enabled(&scope, connected.id, false).await.unwrap();
        connected.pass(10_000);
        connected.settle().await;
        assert_eq!(engine.runs(&scope, connected.id, None, 9).await.unwrap().len(), 0);
        assert_eq!(connected.run().await.state, State::Finished, "by hand it is");
        engine.set_enabled(&scope, connected.id, true).await.unwrap();
        connected.pass(900);
        connected.settle().await;
        assert_eq!(engine.runs(&scope, connected.id, None, 9).await.unwrap().len(), 2);
        engine.remove_connection(&scope, connected.id, Records::Keep).await.unwrap();
        connected.pass(10_000);
        connected.settle().await;
        assert_eq!(engine.runs(&scope, connected.id, None, 9).await.unwrap().len(), 2);
        assert!(engine.sync_now(&scope, connected.id, Now::default()).await.is_err());
        assert!(engine.check_connection(&scope, connected.id).await.is_err());
        assert!(!connected.house.picture().await.is_empty(), "what it said stays");
    }
}
