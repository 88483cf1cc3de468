//! Taking a connection away, with what it said or without, and connecting the same books again.

use doorstep_core::audit::Act;
use doorstep_core::sync::State;
use doorstep_engine::Error;
use doorstep_engine::connection::Said as Settings;
use doorstep_engine::removal::Records;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Kind, Options, Size};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::{TestStore, crash};
use doorstep_store::{consent, on_both, removal};

use super::connected::{Connected, new_connection, settings};
use crate::house::files;

async fn take_away(connected: &Connected, records: Records) -> doorstep_core::connection::Connection {
    connected.engine().remove_connection(&connected.scope(), connected.id, records).await.unwrap()
}

async fn left(connected: &Connected) -> u64 {
    let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
    removal::count(&mut tx, connected.id).await.unwrap()
}

on_both! {
    /// With its records every customer is as if the source had never been.
    async fn a_source_that_goes_with_its_records_leaves_what_was_there_before(store: TestStore) {
        let connected = Connected::new(store, Options { size: Size::of(60), ..Options::default() }).await;
        // One whom both know, so that records of two sources stand behind a customer.
        connected.engine().set_enabled(&connected.scope(), connected.id, false).await.unwrap();
        let mut files = files();
        let known = connected.truth(Kind::Contacts).into_values().find(|row| row["type"] != "Email").unwrap();
        let more = format!("{}c9,Somebody Else,{},,,,,\n", files[0].1, known["value"].as_str().unwrap());
        files[0].1 = more.leak();
        connected.house.import(&files).await;
        let before = connected.house.picture().await;
        let sizes = connected.sizes(&connected.scope()).await;
        assert_eq!(connected.run().await.state, State::Finished);
        assert_ne!(connected.house.picture().await, before);
        let all = left(&connected).await;
        let gone = take_away(&connected, Records::Remove).await;
        let said = gone.removal.unwrap();
        assert_eq!((said.left, said.total, gone.removed_at.is_some()), (all, all, true));
        assert_eq!(connected.engine().removals(&connected.scope()).await.unwrap().len(), 1);
        connected.settle().await;
        assert_eq!(connected.house.picture().await, before);
        assert_eq!(connected.sizes(&connected.scope()).await, sizes);
        connected.house.assert_rebuilt_the_same().await;
        let after = connected.connection().await;
        assert_eq!((left(&connected).await, after.removal.unwrap().left, after.removal.unwrap().total), (0, 0, all));
        assert_eq!(connected.engine().removals(&connected.scope()).await.unwrap(), []);
        assert_eq!(connected.house.acts().await.last(), Some(&Act::ConnectionRemoved));
        // It is over: nothing is left to be taken away, and the same books are new ones.
        let again = connected.engine().remove_connection(&connected.scope(), connected.id, Records::Remove).await;
        assert!(matches!(again, Err(Error::NoConnection(_))));
        let new = new_connection(&connected.sim, 0, "Anew");
        assert_ne!(connected.engine().add_connection(&connected.scope(), &new).await.unwrap().id, connected.id);
    }

    /// Without its records it is history; connected again, it is the same one, and nobody is there twice.
    async fn the_same_books_connected_again_are_the_same(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (scope, engine) = (connected.scope(), connected.engine());
        let (picture, sizes) = (connected.house.picture().await, connected.sizes(&scope).await);
        let gone = take_away(&connected, Records::Keep).await;
        assert!(gone.removal.is_none());
        assert!(engine.remove_connection(&scope, connected.id, Records::Keep).await.is_err());
        assert_eq!(connected.house.picture().await, picture, "what it said stays");
        let business = connected.business();
        connected.sim.world(|world| world.drift(business, 20));
        connected.pass(3_600);
        let new = new_connection(&connected.sim, 0, "ServiceTitan, again");
        let again = engine.add_connection(&scope, &new).await.unwrap();
        assert_eq!((again.id, again.name.as_str(), again.removed_at), (connected.id, "ServiceTitan, again", None));
        assert_eq!(connected.run().await.state, State::Finished);
        connected.assert_equal().await;
        assert!(connected.sizes(&scope).await.0 < sizes.0 + 20);
        assert_eq!(engine.connections(&scope).await.unwrap().len(), 1);
        // Kept first, its records may go later.
        take_away(&connected, Records::Keep).await;
        take_away(&connected, Records::Remove).await;
        connected.settle().await;
        assert_eq!(connected.house.picture().await, [] as [String; 0]);
    }

    /// What somebody said must not be texted stays, whatever becomes of who said so (I-18, O1).
    async fn a_number_that_must_not_be_texted_outlives_its_source(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        let contacts = connected.truth(Kind::Contacts);
        let (key, row) = contacts.iter().find(|(_, row)| row["type"] == "MobilePhone").unwrap();
        connected.edit(doorstep_sim::Edit::SetDoNotText { contact: key.parse().unwrap(), refused: true });
        connected.run().await;
        let phone = doorstep_core::phone::Phone::parse(row["value"].as_str().unwrap(), doorstep_core::phone::Region::US);
        let phone = phone.unwrap();
        take_away(&connected, Records::Remove).await;
        connected.settle().await;
        let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
        assert_eq!(consent::forbidden(&mut tx, &[phone.as_str()]).await.unwrap().len(), 1);
    }

    async fn books_are_connected_once_and_settings_lead_to_no_others(store: TestStore) {
        let connected = Connected::new(store, Options { tenants: 2, ..Options::default() }).await;
        let (scope, engine) = (connected.scope(), connected.engine());
        let twice = engine.add_connection(&scope, &new_connection(&connected.sim, 0, "Twice")).await;
        let why = twice.unwrap_err().to_string();
        assert!(why.contains("connected already, as `ServiceTitan`"), "{why}");
        let other = engine.add_connection(&scope, &new_connection(&connected.sim, 1, "Other")).await.unwrap();
        // Nothing is read yet: a number that was mistyped is put right, but not to another's.
        assert!(engine.set_settings(&scope, other.id, &settings(&connected.sim, 0)).await.is_err());
        let mistyped = Settings([("servicetitan_tenant".to_owned(), "77".to_owned())].into());
        engine.set_settings(&scope, other.id, &mistyped).await.unwrap();
        engine.set_settings(&scope, other.id, &settings(&connected.sim, 1)).await.unwrap();
        assert_eq!(connected.run().await.state, State::Finished);
        let why = engine.set_settings(&scope, connected.id, &mistyped).await.unwrap_err().to_string();
        assert!(why.contains("other books"), "{why}");
        engine.set_settings(&scope, connected.id, &settings(&connected.sim, 0)).await.unwrap();
    }

    async fn a_connection_is_called_what_its_people_say(store: TestStore) {
        let connected = Connected::new(store, Options { tenants: 2, ..Options::default() }).await;
        let (scope, engine) = (connected.scope(), connected.engine());
        engine.add_connection(&scope, &new_connection(&connected.sim, 1, "Other")).await.unwrap();
        let renamed = engine.rename_connection(&scope, connected.id, " Quincy office ").await.unwrap();
        assert_eq!((renamed.name.as_str(), connected.connection().await.name.as_str()), ("Quincy office", "Quincy office"));
        for bad in ["", "other", "two\nlines", &"x".repeat(101)] {
            assert!(engine.rename_connection(&scope, connected.id, bad).await.is_err(), "{bad:?}");
        }
        let acts = connected.house.acts().await;
        engine.rename_connection(&scope, connected.id, "Quincy office").await.unwrap();
        assert_eq!(connected.house.acts().await, acts, "nothing was changed");
        assert_eq!(acts.last(), Some(&Act::ConnectionChanged));
    }
}

/// A process that dies on the way leaves the rest to the next.
mod taking_out_goes_on_after_a_crash {
    use super::*;

    async fn on_each_database(dialect: Dialect) {
        let options = Options { size: Size::of(80), ..Options::default() };
        let connected = Connected::new(TestStore::new(dialect).await, options).await;
        assert_eq!(connected.run().await.state, State::Finished);
        let all = take_away(&connected, Records::Remove).await.removal.unwrap().total;
        let (mut deaths, mut seen) = (0, vec![all]);
        for statements in [20, 45, 30] {
            let worker = Worker::new(connected.engine().clone(), Tasks);
            deaths += usize::from(crash::after(statements, worker.run_due()).await.is_none());
            crash::is_over(&connected.engine().db).await;
            connected.pass(60);
            seen.push(left(&connected).await);
        }
        assert!(deaths > 1 && seen.is_sorted_by(|a, b| a >= b), "{deaths} {seen:?}");
        connected.settle().await;
        let after = connected.connection().await.removal.unwrap();
        assert_eq!((left(&connected).await, after.left, after.total), (0, 0, all));
        assert_eq!(connected.house.picture().await, [] as [String; 0]);
        connected.house.assert_rebuilt_the_same().await;
    }

    #[tokio::test]
    async fn sqlite() {
        on_each_database(Dialect::Sqlite).await;
    }

    #[tokio::test]
    async fn postgres() {
        on_each_database(Dialect::Postgres).await;
    }
}
