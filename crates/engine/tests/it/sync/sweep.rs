//! What is deleted at the source without a word: found, confirmed, and not believed in masses.

use doorstep_core::sync::State;
use doorstep_engine::customer::Lookup;
use doorstep_engine::sync::{Now, SWEEP_EVERY_SECONDS};
use doorstep_sim::{Edit, Fault, Kind, Options, Rule, Size};
use doorstep_store::on_both;

use super::connected::Connected;

fn delete(connected: &Connected, kind: Kind, count: usize) -> Vec<String> {
    let keys: Vec<String> = connected.truth(kind).into_keys().take(count).collect();
    for key in &keys {
        connected.edit(Edit::Delete { kind, id: key.parse().unwrap() });
    }
    keys
}

on_both! {
    async fn one_that_is_deleted_is_found_within_a_day_and_its_id_still_tells(store: TestStore) {
        let connected = Connected::loaded(store).await;
        // Somebody whom nobody else is one with.
        let objects = connected.objects("customers").await;
        let is_alone = |id| objects.values().filter(|it| it.customer == Some(id)).count() == 1;
        let mut active = connected.keys(Kind::Customers);
        active.retain(|key| objects[key].customer.is_some_and(is_alone));
        let customer = active.remove(5);
        let id = connected.customer(&customer).await.unwrap();
        connected.edit(Edit::Delete { kind: Kind::Customers, id: customer.parse().unwrap() });
        connected.run().await;
        assert!(connected.customer(&customer).await.is_some(), "no reading from a cursor tells of it");
        connected.pass(SWEEP_EVERY_SECONDS as u64);
        let run = connected.run().await;
        assert_eq!((run.state, run.report["customers"].counts.gone), (State::Finished, 1), "{:?}", run.reason);
        assert_eq!(connected.customer(&customer).await, None);
        let found = connected.engine().look_up(&connected.scope(), id).await.unwrap();
        assert!(matches!(found, Lookup::TakenOut(None)), "{found:?}");
        connected.house.assert_rebuilt_the_same().await;
    }

    /// I-05: where one is more than one in twenty it waits for a person, too, however surely its source says that it is gone.
    async fn one_of_few_that_is_missing_waits_for_a_persons_word(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let few = connected.truth(Kind::Technicians).len();
        assert!(few < 20, "{few} technicians are not few");
        let going = delete(&connected, Kind::Technicians, 1);
        let run = connected.run_and(Now { sweeps: true, removes_missing: false }).await;
        assert_eq!((run.report["technicians"].missing, run.report["technicians"].counts.gone), (Some(1), 0));
        assert!(connected.connection().await.is_parked);
        assert!(connected.objects("technicians").await.contains_key(&going[0]));
        let run = connected.run_and(Now { sweeps: true, removes_missing: true }).await;
        assert_eq!((run.report["technicians"].missing, run.report["technicians"].counts.gone), (None, 1));
        assert!(!connected.objects("technicians").await.contains_key(&going[0]));
        assert!(!connected.connection().await.is_parked);
    }

    /// S8, S9: a page that is cut, or a list that forgets, is no reason to delete anybody.
    async fn absence_is_not_deletion(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let before = connected.house.picture().await;
        connected.pass(60);
        // Each page comes in an order of its own: the sweep misses some, and each of those is asked for.
        connected.sim.faults(|faults| (faults.manners.page_cap, faults.manners.ignores_sort) = (Some(7), 1.0));
        connected.sim.fault(Rule::next(1, "/crm/", Fault::Truncated).after(3));
        connected.sim.clear_log();
        let run = connected.run_and(Now { sweeps: true, removes_missing: false }).await;
        assert_eq!((run.state, run.totals().gone), (State::Finished, 0), "{:?}", run.report);
        assert!(run.report.values().all(|stream| stream.missing.is_none()), "{:?}", run.report);
        let asked_for_one = |path: &str| path.rsplit('/').next().is_some_and(|last| last.parse::<i64>().is_ok());
        assert!(connected.sim.log().iter().any(|entry| asked_for_one(&entry.path)), "the sweep missed nobody");
        assert_eq!(connected.house.picture().await, before);
    }

    /// S8: elsewhere what had not been listed yet when a page failed was taken for deleted.
    async fn a_sweep_that_breaks_off_takes_nobody_out(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let before = connected.house.picture().await;
        delete(&connected, Kind::Customers, 1);
        // Lists fail from their second page on; feeds are read to their end.
        connected.sim.faults(|faults| faults.manners.page_cap = Some(5));
        let fault = Rule { fault: Fault::Status(500), matching: "/customers".to_owned(), after: 3, times: None };
        connected.sim.fault(fault);
        let sweeps = Now { sweeps: true, removes_missing: true };
        let run = connected.run_and(sweeps).await;
        assert_eq!((run.state, run.totals().gone), (State::Incomplete, 0), "{:?}", run.report);
        assert_eq!(connected.house.picture().await, before);
        // The next one goes on where it broke off, and then takes out the one that is gone.
        connected.sim.faults(|faults| faults.clear());
        connected.pass(3_600);
        let run = connected.run_and(sweeps).await;
        assert_eq!((run.state, run.report["customers"].counts.gone), (State::Finished, 1), "{:?}", run.report);
        connected.assert_equal().await;
    }

    /// I-05: a pass that would remove many stops for a person.
    async fn many_that_are_missing_wait_for_a_persons_word(store: TestStore) {
        let connected = Connected::new(store, Options { size: Size::of(60), ..Options::default() }).await;
        connected.run().await;
        let going = delete(&connected, Kind::Customers, 9);
        let sweeps = Now { sweeps: true, removes_missing: false };
        let run = connected.run_and(sweeps).await;
        assert_eq!(run.report["customers"].missing, Some(9), "{:?}", run.report);
        assert_eq!(run.report["customers"].counts.gone, 0);
        let connection = connected.connection().await;
        let reason = connection.reason.clone().unwrap();
        assert!(connection.is_parked && reason.contains("9 of customers") && reason.contains("--remove-missing"), "{reason}");
        assert!(connection.next_at().is_some(), "what is new is read all the same");
        // It is still asked after a reading that swept nothing.
        connected.pass(900);
        connected.settle().await;
        assert!(connected.connection().await.is_parked);
        let run = connected.run_and(Now { sweeps: true, removes_missing: true }).await;
        assert_eq!(run.report["customers"].counts.gone, 9, "{:?}", run.report);
        for key in going {
            assert_eq!(connected.customer(&key).await, None);
        }
        assert!(!connected.connection().await.is_parked);
        connected.house.assert_rebuilt_the_same().await;
    }
}
