//! What people see when a source is read.

use doorstep_core::identity::Verb;
use doorstep_core::sync::{Cause, Counts, State};
use doorstep_core::tenant::Actor;
use doorstep_engine::connection::Said;
use doorstep_engine::sync::Now;
use doorstep_sim::world::row::{ContactKind, CustomerKind};
use doorstep_sim::{Edit, Kind, NewCustomer, Options};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{consent, decision, live_record, on_both};

use super::connected::{Connected, new_connection};

/// A customer in use with a phone, and that contact's key.
fn with_phone(connected: &Connected) -> (String, String) {
    let active = connected.keys(Kind::Customers);
    let contacts = connected.truth(Kind::Contacts);
    let phone = contacts
        .iter()
        .find(|(_, row)| row["type"] == "MobilePhone" && active.contains(&row["customerId"].to_string()));
    let (key, row) = phone.expect("somebody has a mobile");
    (row["customerId"].to_string(), key.clone())
}

on_both! {
    async fn a_first_reading_brings_everyone_with_what_is_theirs(store: TestStore) {
        let connected = Connected::new(store, Options::default()).await;
        let run = connected.run().await;
        assert_eq!((run.state, run.cause), (State::Finished, Cause::Manual), "{:?}", run.reason);
        connected.assert_equal().await;
        let customers = connected.truth(Kind::Customers).len() as u64;
        let counts = &run.report["customers"].counts;
        assert_eq!((counts.fetched, counts.new), (customers, customers));
        assert!(run.report.values().all(|stream| stream.is_done && stream.counts.skipped == 0), "{:?}", run.report);
        let connection = connected.connection().await;
        assert_eq!((connection.failures, connection.is_parked, connection.last_run_at), (0, false, run.started_at));
    }

    async fn the_same_again_changes_nothing(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let before = (connected.house.picture().await, connected.sizes(&connected.scope()).await);
        connected.pass(3_600);
        let totals = connected.run().await.totals();
        assert_eq!((totals.new, totals.changed, totals.gone), (0, 0, 0), "{totals:?}");
        // Also read from the very beginning.
        let again = connected.run_and(Now { sweeps: true, removes_missing: false }).await;
        assert_eq!(again.state, State::Finished, "{:?}", again.reason);
        let Counts { new, changed, gone, .. } = again.totals();
        assert_eq!((new, changed, gone), (0, 0, 0));
        assert_eq!((connected.house.picture().await, connected.sizes(&connected.scope()).await), before);
        connected.assert_equal().await;
    }

    /// D5: phones come from a stream of their own, and the customer's stamp does not move with them.
    async fn a_phone_that_alone_was_changed_reaches_the_customer(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (customer, contact) = with_phone(&connected);
        connected.edit(Edit::SetContact { contact: contact.parse().unwrap(), value: "(617) 482-0199".to_owned() });
        let id = connected.customer(&customer).await;
        let run = connected.run().await;
        assert_eq!(run.report["customers"].counts.changed, 0);
        assert!(connected.card(&customer).await.contains("+16174820199"), "{}", connected.card(&customer).await);
        assert_eq!(connected.customer(&customer).await, id, "the id stays");
        connected.assert_equal().await;
        // What was said before is kept.
        let object = connected.objects("customers").await.remove(&customer).unwrap();
        let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
        let versions = live_record::versions(&mut tx, object.id, 9).await.unwrap();
        assert!(!versions.is_empty() && versions[0].contact != object.contact);
    }

    async fn what_happens_at_the_source_happens_here(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (customer, _) = with_phone(&connected);
        let id: i64 = customer.parse().unwrap();
        connected.edit(Edit::Rename { customer: id, name: "Ada Marsh".to_owned() });
        let open = connected.truth(Kind::Jobs).into_iter().find(|(_, row)| row["jobStatus"] == "Scheduled");
        if let Some((job, _)) = open {
            connected.edit(Edit::CompleteJob { job: job.parse().unwrap(), total_cents: 12_345 });
        }
        let location = connected.truth(Kind::Locations).into_iter().find(|(_, row)| row["customerId"] == id).unwrap().0;
        let business = connected.business();
        connected.sim.world(|world| world.add_job(business, id, location.parse().unwrap(), "<p>No hot water</p>")).unwrap();
        connected.pass(60);
        connected.run().await;
        assert!(connected.card(&customer).await.starts_with("Ada Marsh"));
        connected.assert_equal().await;
        // I-30: what is owed is known to the cent, and what was paid is told at once.
        for cents in [12_345, -1, 0] {
            connected.edit(Edit::SetBalance { customer: id, cents });
            connected.pass(60);
            connected.run().await;
            connected.assert_equal().await;
        }
    }

    /// Hugo has nothing to do with either Mary; but while he has their number, too, it says less of them.
    async fn a_number_that_a_stranger_gives_up_says_more_of_the_others_again(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let business = connected.business();
        let add = |name: &str| {
            let blank = String::new;
            let contacts = vec![(ContactKind::MobilePhone, "(617) 482-0177".to_owned())];
            let kind = CustomerKind::Residential;
            let (street, city, state, zip, unit) = (blank(), blank(), blank(), blank(), None);
            let new = NewCustomer { name: name.to_owned(), kind, street, unit, city, state, zip, contacts };
            connected.sim.world(|world| world.add_customer(business, new)).unwrap().to_string()
        };
        let [smith, jones, hugo] = ["Mary Smith", "Mary Jones", "Hugo Ives"].map(add);
        connected.pass(60);
        connected.run().await;
        assert_ne!(connected.customer(&smith).await, connected.customer(&jones).await);
        connected.assert_equal().await;
        let contacts = connected.truth(Kind::Contacts);
        let (contact, _) = contacts.iter().find(|(_, row)| row["customerId"].as_i64() == hugo.parse().ok()).unwrap();
        connected.edit(Edit::SetContact { contact: contact.parse().unwrap(), value: "(617) 482-0188".to_owned() });
        connected.run().await;
        assert_eq!(connected.customer(&smith).await, connected.customer(&jones).await);
        connected.assert_equal().await;
    }

    async fn customers_merged_at_the_source_are_one_here_and_can_be_parted(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let keys = connected.keys(Kind::Customers);
        let objects = connected.objects("customers").await;
        let (from, into) = (&keys[3], keys.iter().find(|key| objects[*key].customer != objects[&keys[3]].customer).unwrap());
        let (a, b) = (objects[from].customer.unwrap(), objects[into].customer.unwrap());
        connected.edit(Edit::Merge { from: from.parse().unwrap(), into: into.parse().unwrap() });
        let run = connected.run().await;
        assert_eq!(run.report["customers"].counts.gone, 1);
        assert_eq!(connected.customer(from).await, connected.customer(into).await);
        connected.assert_equal().await;
        let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
        let links = decision::list(&mut tx, 9).await.unwrap();
        drop(tx);
        let link = links.iter().find(|it| it.actor == Actor::Worker).expect("a decision of the worker");
        assert_eq!(link.verb, Verb::Link);
        // A person knows better, and the next reading does not.
        connected.engine().retract_decision(&connected.scope(), link.id).await.unwrap();
        assert_ne!(connected.customer(from).await, connected.customer(into).await);
        connected.pass(3_600);
        connected.run_and(Now { sweeps: true, removes_missing: false }).await;
        let now = (connected.customer(from).await.unwrap(), connected.customer(into).await.unwrap());
        assert_eq!(now, (a, b));
        connected.assert_equal().await;
    }

    async fn who_is_switched_off_stays_and_comes_back(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (customer, _) = with_phone(&connected);
        let (id, before) = (connected.customer(&customer).await, connected.card(&customer).await);
        for (active, gone) in [(false, true), (true, false)] {
            connected.edit(Edit::SetActive { customer: customer.parse().unwrap(), active });
            let run = connected.run().await;
            assert_eq!(run.report["customers"].counts.gone, u64::from(gone));
            assert_eq!((connected.customer(&customer).await, connected.card(&customer).await), (id, before.clone()));
            let object = connected.objects("customers").await.remove(&customer).unwrap();
            assert_eq!(object.gone.is_some(), gone);
        }
        connected.assert_equal().await;
    }

    /// O1: elsewhere a later reading allowed what somebody had forbidden.
    async fn who_must_not_be_texted_stays_so_whatever_the_source_says_later(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (_, contact) = with_phone(&connected);
        let (contact, phone) = (contact.parse().unwrap(), "+16174820177");
        connected.edit(Edit::SetContact { contact, value: "617-482-0177".to_owned() });
        for (refused, number) in [(true, "+16174820188"), (false, "+16174820188")] {
            connected.edit(Edit::SetDoNotText { contact, refused });
            let number = number.to_owned();
            connected.edit(if refused { Edit::OptOut { number } } else { Edit::OptIn { number } });
            connected.run().await;
            let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
            let forbidden = consent::forbidden(&mut tx, &[phone, "+16174820188"]).await.unwrap();
            let phones: std::collections::BTreeSet<&str> = forbidden.iter().map(|(_, it)| it.phone.as_str()).collect();
            assert_eq!(phones.len(), 2, "{forbidden:?}");
        }
    }

    /// I12, I-12: elsewhere thousands were merged without a look at who had asked not to be texted.
    async fn i12_after_a_merge_and_after_its_end_what_was_forbidden_is(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        let (refuses, contact) = with_phone(&connected);
        let contacts = connected.truth(Kind::Contacts);
        let active = connected.keys(Kind::Customers);
        let mobiles = contacts.values().filter(|row| row["type"] == "MobilePhone");
        let mut others = mobiles.map(|row| row["customerId"].to_string());
        let free = others.find(|key| *key != refuses && active.contains(key)).unwrap();
        connected.edit(Edit::SetDoNotText { contact: contact.parse().unwrap(), refused: true });
        connected.run().await;
        let a = connected.customer(&refuses).await.unwrap();
        let b = connected.customer(&free).await.unwrap();
        let forbidden = async |key: &str| {
            let whom = doorstep_engine::context::Kind::ServiceTitanId.whom(key).unwrap();
            let form = doorstep_engine::context::Form::Json;
            let level = doorstep_core::context::Assurance::Staff;
            let told = engine.customer_context(&scope, &whom, level, form).await.unwrap();
            let consent = serde_json::to_value(&told.context).unwrap()["consent"]["numbers"].clone();
            let numbers = consent.as_array().unwrap().iter().filter(|it| it["do_not_text"] != "nothing");
            numbers.map(|it| it["phone"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (before, free_before) = (forbidden(&refuses).await, forbidden(&free).await);
        assert!(before.len() == 1 && free_before.is_empty(), "{before:?} {free_before:?}");
        // Whichever of the two goes into the other.
        for (one, other) in [(a, b), (b, a)] {
            let decided = engine.merge(&scope, one, other, None).await.unwrap();
            assert_eq!(connected.customer(&refuses).await, connected.customer(&free).await);
            assert_eq!((forbidden(&refuses).await, forbidden(&free).await), (before.clone(), before.clone()));
            engine.retract_decision(&scope, decided.decision.unwrap()).await.unwrap();
            assert_eq!((forbidden(&refuses).await, forbidden(&free).await), (before.clone(), free_before.clone()));
        }
    }

    /// D2: elsewhere keys of a source were unique without the tenant.
    async fn two_tenants_with_the_same_keys_do_not_meet_and_the_same_books_are_read_once(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let other = owner_of(&create_tenant(&connected.engine().db, "Quincy Roofing", "+16174712001").await);
        let mine = connected.sizes(&connected.scope()).await;
        let new = new_connection(&connected.sim, 0, "the same business");
        let theirs = connected.engine().add_connection(&other, &new).await.unwrap();
        connected.engine().sync_now(&other, theirs.id, Now::default()).await.unwrap();
        connected.settle().await;
        assert_eq!((connected.sizes(&other).await, connected.sizes(&connected.scope()).await), (mine, mine));
        // Once more in the same tenant, everything would be there twice.
        let refused = connected.engine().add_connection(&connected.scope(), &new).await.unwrap_err().to_string();
        assert!(refused.contains("connected already"), "{refused}");
        let run = connected.engine().runs(&connected.scope(), connected.id, None, 1).await.unwrap().remove(0);
        assert!(connected.engine().run(&other, run.id).await.is_err(), "another tenant's run");
        connected.house.assert_rebuilt_the_same().await;
    }

    async fn a_connection_says_what_is_wrong_with_it(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        let checked = engine.check_connection(&scope, connected.id).await.unwrap();
        assert!(checked.streams.iter().all(|stream| stream.found.is_ok()), "{checked:?}");
        let mut wrong = new_connection(&connected.sim, 0, "wrong");
        wrong.settings.0.insert("client_secret".to_owned(), "cs1.not-this-one-0123456789".to_owned());
        let refused = engine.check_settings(&scope, wrong.source, &wrong.settings).await;
        assert!(!format!("{refused:?}").contains("not-this-one"));
        let answers = refused.map(|checked| checked.streams.iter().all(|stream| stream.found.is_err()));
        assert!(!matches!(answers, Ok(false)), "{answers:?}");
        for (name, value) in [("client_secret", ""), ("colour", "red"), ("servicetitan_tenant", "twelve")] {
            let mut bad = new_connection(&connected.sim, 0, "bad");
            bad.settings.0.insert(name.to_owned(), value.to_owned());
            let error = engine.add_connection(&scope, &bad).await.expect_err(name).to_string();
            assert!(error.contains(name), "{error}");
        }
        // The secret is in no row that anybody reads.
        let connection = connected.connection().await;
        assert!(!connection.settings.contains_key("client_secret") && !connection.settings.contains_key("app_key"));
        // A new secret is taken without saying the rest.
        let said = Said([("client_secret".to_owned(), wrong.settings.0["client_secret"].clone())].into());
        engine.set_settings(&scope, connected.id, &said).await.unwrap();
        let run = connected.run().await;
        assert_eq!(run.state, State::Failed);
        let connection = connected.connection().await;
        assert!(connection.is_parked && connection.reason.is_some(), "{connection:?}");
        let right = new_connection(&connected.sim, 0, "right").settings.0["client_secret"].clone();
        engine.set_settings(&scope, connected.id, &Said([("client_secret".to_owned(), right)].into())).await.unwrap();
        connected.settle().await;
        let connection = connected.connection().await;
        assert_eq!((connection.is_parked, connection.failures), (false, 0), "{connection:?}");
    }
}
