//! One customer, read again from its source.

use std::sync::Arc;
use std::time::Duration;

use doorstep_core::id::CustomerId;
use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::source::Gone;
use doorstep_core::sync::State;
use doorstep_engine::customer::Lookup;
use doorstep_engine::removal::Records;
use doorstep_engine::sync::{Asked, Came, MAX_QUEUED, REST_SECONDS};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_engine::{Engine, Error};
use doorstep_sim::{Edit, Fault, Kind, RetryAfter, Rule};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{change, on_both, stream_cursor, task};

use super::connected::{Connected, new_connection};
use super::gated::{Gate, Held};
use crate::house::contact;

/// The longest that a test waits for what is on its way.
const PATIENCE: Duration = Duration::from_secs(30);

/// Customers in use whom nobody else is one with, who have jobs and a phone: their keys and who they are here.
async fn alone(connected: &Connected) -> Vec<(String, CustomerId)> {
    let (objects, active) = (connected.objects("customers").await, connected.keys(Kind::Customers));
    let (jobs, contacts) = (connected.truth(Kind::Jobs), connected.truth(Kind::Contacts));
    let is_alone = |id| objects.values().filter(|it| it.customer == Some(id)).count() == 1;
    let has = |key: &String| {
        let theirs = |row: &serde_json::Value| row["customerId"].as_i64() == key.parse().ok();
        jobs.values().any(theirs) && contacts.values().any(|row| row["type"] == "MobilePhone" && theirs(row))
    };
    let found = active.into_iter().filter(has).filter_map(|key| Some((key.clone(), objects[&key].customer?)));
    found.filter(|(_, id)| is_alone(*id)).collect()
}

async fn ask(connected: &Connected, id: CustomerId) -> Asked {
    connected.engine().refresh_customer(&connected.scope(), id).await.unwrap()
}

/// Asks, lets it run, and tells what came.
async fn refresh(connected: &Connected, id: CustomerId) -> Came {
    let asked = ask(connected, id).await;
    let since = asked.since().unwrap_or_else(|| panic!("{asked:?}"));
    connected.settle().await;
    connected.engine().wait_refreshed(&connected.scope(), id, since, PATIENCE).await.unwrap()
}

/// The engine of another process, whose answers are held up.
async fn behind(connected: &Connected, gate: &Arc<Gate>) -> Engine {
    let mut engine = connected.engine_on(connected.house.store.another_process().await, 5);
    engine.sources = gate.clone();
    engine
}

/// How many calls were made, those for tokens left out.
fn calls(connected: &Connected) -> usize {
    connected.sim.log().iter().filter(|entry| entry.path != "/connect/token").count()
}

async fn cursors(connected: &Connected) -> std::collections::BTreeMap<String, stream_cursor::Progress> {
    let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
    stream_cursor::of_connection(&mut tx, connected.id).await.unwrap()
}

async fn head(connected: &Connected) -> i64 {
    let mut tx = connected.engine().db.read(&connected.scope()).await.unwrap();
    change::head(&mut tx).await.unwrap()
}

fn number(key: &str) -> i64 {
    key.parse().unwrap()
}

/// Something happens at the source, while no time goes by here: a lease that is held stays held.
fn there(connected: &Connected, edit: Edit) {
    let business = connected.business();
    assert!(connected.sim.world(|world| world.edit(business, edit)));
    connected.sim.advance(Duration::from_secs(60));
}

/// Everything of one customer is changed there.
fn change_all(connected: &Connected, key: &str) {
    there(connected, Edit::Rename { customer: number(key), name: "Ada Marsh".to_owned() });
    let theirs = |row: &serde_json::Value| row["customerId"].as_i64() == key.parse().ok();
    let phones = connected.truth(Kind::Contacts);
    let (phone, _) = phones.iter().find(|(_, row)| row["type"] == "MobilePhone" && theirs(row)).unwrap();
    there(connected, Edit::SetContact { contact: number(phone), value: "(617) 482-0155".to_owned() });
    let (location, _) = connected.truth(Kind::Locations).into_iter().find(|(_, row)| theirs(row)).unwrap();
    there(connected, Edit::MoveLocation { location: number(&location), street: "9 Wharf Rd".to_owned() });
    let business = connected.business();
    let booked = connected.sim.world(|world| world.add_job(business, number(key), number(&location), "No heat"));
    assert!(booked.is_some());
    connected.sim.advance(Duration::from_secs(60));
}

on_both! {
    async fn what_no_feed_has_told_yet_is_here_and_the_next_run_reads_what_it_would_have_read(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        let jobs = connected.engine().work(&connected.scope(), id).await.unwrap().jobs.len();
        change_all(&connected, &key);
        let before = cursors(&connected).await;
        connected.sim.clear_log();
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        assert!(calls(&connected) <= 10, "{:?}", connected.sim.log());
        assert!(!connected.sim.log().iter().any(|entry| entry.path.contains("/export/")), "no feed was asked");
        let card = connected.house.card(id).await;
        assert!(card.starts_with("Ada Marsh") && card.contains("+16174820155"), "{card}");
        let work = connected.engine().work(&connected.scope(), id).await.unwrap();
        assert_eq!(work.jobs.len(), jobs + 1);
        let booked = work.jobs.iter().find(|it| it.job.summary.as_deref() == Some("No heat")).unwrap();
        assert!(booked.property_record.is_some() && booked.job.type_name.is_some(), "{booked:?}");
        assert!(!booked.job.appointments.is_empty(), "{booked:?}");
        let addresses = work.properties.iter().filter_map(|it| it.property.address.as_ref()).map(|it| it.display());
        assert!(addresses.clone().any(|it| it.contains("9 Wharf")), "{:?}", addresses.collect::<Vec<_>>());
        assert_eq!(cursors(&connected).await, before);
        let run = connected.run().await;
        assert_eq!(run.state, State::Finished);
        let (name, job) = (&run.report["customers"].counts, &run.report["jobs"].counts);
        assert!(name.fetched > 0 && job.fetched > 0, "{:?}", run.report);
        assert_eq!((name.changed, job.new), (0, 0), "what was read is known: {:?}", run.report);
        connected.assert_equal().await;
    }

    async fn that_nothing_has_changed_is_noted_and_changes_nothing(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (_, id) = alone(&connected).await.remove(0);
        connected.pass(600);
        let (before, picture) = (head(&connected).await, connected.house.picture().await);
        let read_at = async || {
            let found = connected.engine().refreshes(&connected.scope(), id).await.unwrap();
            assert_eq!((found.len(), found[0].connection), (1, connected.id));
            found[0].readings.as_ref().and_then(|it| it.read_at)
        };
        assert_eq!(read_at().await, None);
        let now = connected.house.store.db.clock().now();
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        assert_eq!((read_at().await, head(&connected).await), (Some(now), before));
        assert_eq!(connected.house.picture().await, picture);
        assert_eq!(connected.house.tasks().await.iter().filter(|it| it.key.starts_with("refresh")).count(), 0);
    }

    async fn at_two_in_the_morning_it_is_read_though_its_hours_are_over(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        let schedule = Schedule::every(900, Some(Window::WORKING_HOURS)).unwrap();
        connected.engine().set_schedule(&connected.scope(), connected.id, &schedule).await.unwrap();
        let zone = connected.engine().tenant(&connected.scope()).await.unwrap().time_zone;
        let until = |wanted: &str| {
            while !connected.house.store.db.clock().now().in_zone(&zone)[11..].starts_with(wanted) {
                connected.pass(600);
            }
        };
        // The last run of the day; after it none is due before the morning.
        until("19:50");
        connected.settle().await;
        until("02");
        let runs = connected.engine().runs(&connected.scope(), connected.id, None, 99).await.unwrap().len();
        connected.edit(Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        assert!(connected.house.card(id).await.starts_with("Ada Marsh"));
        let after = connected.engine().runs(&connected.scope(), connected.id, None, 99).await.unwrap().len();
        assert_eq!(after, runs, "nothing else was read");
    }

    async fn ten_who_ask_at_once_are_answered_by_one_reading(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (_, id) = alone(&connected).await.remove(0);
        connected.pass(60);
        connected.sim.clear_log();
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        let one = calls(&connected);
        connected.pass(60);
        connected.sim.clear_log();
        // With a worker that takes it at once, as in a server.
        let engine = connected.engine().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let working = tokio::task::spawn(async move {
            let stopped = async { _ = stopped.await; };
            Worker::new(engine, Tasks).run_until(stopped).await.unwrap();
        });
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (engine, scope) = (connected.engine().clone(), connected.scope());
            asking.spawn(async move {
                let since = engine.refresh_customer(&scope, id).await.unwrap().since().unwrap();
                engine.wait_refreshed(&scope, id, since, PATIENCE).await.unwrap()
            });
        }
        assert!(asking.join_all().await.iter().all(|came| *came == Came::Yes));
        _ = stop.send(());
        working.await.unwrap();
        assert_eq!(calls(&connected), one);
        // And who asks a moment later is content with that.
        assert!(matches!(ask(&connected, id).await, Asked::Already { .. }));
        connected.pass(60);
        assert!(matches!(ask(&connected, id).await, Asked::Woken { .. }));
    }

    async fn a_source_that_is_down_is_told_and_left_alone_for_a_while(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        let picture = connected.house.picture().await;
        connected.edit(Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        // Nobody works: whoever waits is answered in time.
        let since = ask(&connected, id).await.since().unwrap();
        let waited = connected.engine().wait_refreshed(&connected.scope(), id, since, Duration::from_millis(50)).await;
        assert_eq!(waited.unwrap(), Came::NotInTime);
        connected.sim.fault(Rule { fault: Fault::Status(503), matching: String::new(), after: 0, times: None });
        connected.settle().await;
        let came = connected.engine().wait_refreshed(&connected.scope(), id, since, PATIENCE).await.unwrap();
        assert!(matches!(&came, Came::Failed(why) if why.contains("503")), "{came:?}");
        assert_eq!(connected.house.picture().await, picture);
        connected.sim.clear_log();
        for _ in 0..5 {
            connected.pass(REST_SECONDS as u64 / 6);
            let asked = ask(&connected, id).await;
            assert!(matches!(&asked, Asked::Resting { why, .. } if why.contains("503")), "{asked:?}");
            connected.settle().await;
        }
        assert_eq!(calls(&connected), 0);
        connected.sim.faults(|faults| faults.clear());
        connected.pass(REST_SECONDS as u64);
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        assert!(connected.house.card(id).await.starts_with("Ada Marsh"));
    }

    async fn a_source_that_asks_for_a_long_wait_is_not_waited_for(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (_, id) = alone(&connected).await.remove(0);
        connected.pass(60);
        let wait = |seconds| Fault::TooMany(Some(RetryAfter::Seconds(seconds)));
        connected.sim.fault(Rule { fault: wait(7_200), matching: "/jobs".to_owned(), after: 0, times: None });
        assert!(matches!(refresh(&connected, id).await, Came::Failed(why) if why.contains("429")));
        assert!(matches!(ask(&connected, id).await, Asked::Resting { .. }));
        connected.sim.faults(|faults| faults.clear());
        connected.pass(REST_SECONDS as u64);
        // A short one is.
        connected.sim.fault(Rule::next(2, "/jobs", wait(2)));
        assert_eq!(refresh(&connected, id).await, Came::Yes);
    }

    async fn what_may_not_be_read_is_told_and_the_rest_comes(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        connected.edit(Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        connected.sim.fault(Rule { fault: Fault::Status(403), matching: "/memberships".to_owned(), after: 0, times: None });
        let came = refresh(&connected, id).await;
        assert!(matches!(&came, Came::Failed(why) if why.starts_with("memberships: ")), "{came:?}");
        assert!(connected.house.card(id).await.starts_with("Ada Marsh"));
    }

    /// I-04, beside a run: an answer is held up while a run stores a newer one.
    async fn an_answer_that_was_overtaken_by_a_run_changes_nothing(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        there(&connected, Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        let gate = Gate::before(connected.engine().sources.clone(), Held::Customer);
        let slow = behind(&connected, &gate).await;
        let since = ask(&connected, id).await.since().unwrap();
        let working = tokio::task::spawn(async move { Worker::new(slow, Tasks).run_due().await });
        gate.holds().await;
        // The answer says Ada; before it is stored she is Eve, has a number less, and lives elsewhere.
        there(&connected, Edit::Rename { customer: number(&key), name: "Eve Marsh".to_owned() });
        let theirs = |row: &serde_json::Value| row["customerId"].as_i64() == key.parse().ok();
        let phones = connected.truth(Kind::Contacts);
        let (phone, _) = phones.iter().find(|(_, row)| row["type"] == "MobilePhone" && theirs(row)).unwrap();
        there(&connected, Edit::DeleteContact { contact: number(phone) });
        let (location, _) = connected.truth(Kind::Locations).into_iter().find(|(_, row)| theirs(row)).unwrap();
        there(&connected, Edit::MoveLocation { location: number(&location), street: "9 Wharf Rd".to_owned() });
        assert_eq!(connected.run().await.state, State::Finished);
        connected.assert_equal().await;
        gate.let_go();
        working.await.unwrap().unwrap();
        assert_eq!(connected.engine().wait_refreshed(&connected.scope(), id, since, PATIENCE).await.unwrap(), Came::Yes);
        assert!(connected.house.card(id).await.starts_with("Eve Marsh"), "{}", connected.house.card(id).await);
        connected.assert_equal().await;
    }

    /// The other way round: a page is held up while the customer is read by itself.
    async fn a_page_that_was_overtaken_by_a_reading_changes_nothing(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        there(&connected, Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        let gate = Gate::before(connected.engine().sources.clone(), Held::Page("customers"));
        let slow = behind(&connected, &gate).await;
        let run = connected.start(Default::default()).await.unwrap();
        let working = tokio::task::spawn(async move { Worker::new(slow, Tasks).run_due().await });
        gate.holds().await;
        change_all(&connected, &key);
        there(&connected, Edit::Rename { customer: number(&key), name: "Eve Marsh".to_owned() });
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        gate.let_go();
        working.await.unwrap().unwrap();
        let run = connected.engine().run(&connected.scope(), run.id).await.unwrap();
        assert_eq!(run.state, State::Finished, "{:?}", run.reason);
        assert!(connected.house.card(id).await.starts_with("Eve Marsh"), "{}", connected.house.card(id).await);
        connected.run().await;
        connected.assert_equal().await;
    }

    async fn one_who_is_deleted_there_is_taken_out_when_two_doors_say_so(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let mut all = alone(&connected).await;
        let (key, id) = all.remove(0);
        connected.pass(60);
        connected.sim.fault(Rule::next(1, &format!("/customers/{key}"), Fault::Status(404)));
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        assert!(connected.customer(&key).await.is_some(), "one door is no proof");
        connected.edit(Edit::Delete { kind: Kind::Customers, id: number(&key) });
        assert!(matches!(ask(&connected, id).await, Asked::Woken { .. }));
        connected.settle().await;
        assert_eq!(connected.customer(&key).await, None);
        let found = connected.engine().look_up(&connected.scope(), id).await.unwrap();
        assert!(matches!(found, Lookup::TakenOut(None)), "{found:?}");
        connected.house.assert_rebuilt_the_same().await;
        let again = connected.engine().refresh_customer(&connected.scope(), id).await;
        assert!(matches!(again, Err(Error::NoCustomer(_))), "{again:?}");
        // A job and a phone that are gone without a word.
        let (key, id) = all.remove(0);
        let theirs = |row: &serde_json::Value| row["customerId"].as_i64() == key.parse().ok();
        let (phone, _) = connected.truth(Kind::Contacts).into_iter().find(|(_, row)| theirs(row)).unwrap();
        connected.edit(Edit::Delete { kind: Kind::Contacts, id: number(&phone) });
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        assert!(!connected.objects("customer_contacts").await.contains_key(&phone));
        connected.house.assert_rebuilt_the_same().await;
    }

    async fn one_who_was_merged_there_brings_the_other_along(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let all = alone(&connected).await;
        let ((from, id), (into, other)) = (all[0].clone(), all[1].clone());
        connected.edit(Edit::Merge { from: number(&from), into: number(&into) });
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        let objects = connected.objects("customers").await;
        assert_eq!(objects[&from].gone, Some(Gone::Merged { into: into.clone() }));
        assert_eq!(objects[&from].customer, objects[&into].customer);
        let one = objects[&into].customer.unwrap();
        let jobs = connected.truth(Kind::Jobs).values().filter(|row| row["customerId"].as_i64() == into.parse().ok()).count();
        assert_eq!(connected.engine().work(&connected.scope(), one).await.unwrap().jobs.len(), jobs);
        connected.house.assert_rebuilt_the_same().await;
        // Under either id it is the same customer.
        connected.pass(60);
        assert_eq!(refresh(&connected, other).await, Came::Yes);
        connected.run().await;
        connected.assert_equal().await;
    }

    /// D2: keys of a source are unique within a tenant only.
    async fn another_tenant_with_the_same_keys_is_not_read(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let theirs = owner_of(&create_tenant(&connected.engine().db, "Quincy Roofing", "+16174712001").await);
        let engine = connected.engine();
        let new = new_connection(&connected.sim, 0, "the same business");
        engine.add_connection(&theirs, &new).await.unwrap();
        connected.settle().await;
        let (key, id) = alone(&connected).await.remove(0);
        connected.edit(Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        let before = { let mut tx = engine.db.read(&theirs).await.unwrap(); change::head(&mut tx).await.unwrap() };
        assert!(matches!(engine.refresh_customer(&theirs, id).await, Err(Error::NoCustomer(_))));
        assert_eq!(refresh(&connected, id).await, Came::Yes);
        let mut tx = engine.db.read(&theirs).await.unwrap();
        assert_eq!(change::head(&mut tx).await.unwrap(), before);
        assert!(connected.house.card(id).await.starts_with("Ada Marsh"));
    }

    async fn who_is_at_no_live_source_and_who_comes_too_late_are_told_so(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (engine, scope) = (connected.engine(), connected.scope());
        let (_, id) = alone(&connected).await.remove(0);
        let new = contact(Some("Hugo Ives"), "+16174820166");
        let found = engine.find_or_create(&scope, &new, false).await.unwrap();
        let doorstep_engine::customer::Found::Created { customer: Some(here), .. } = found else { panic!("{found:?}") };
        assert_eq!(ask(&connected, here).await, Asked::NoSource);
        engine.set_enabled(&scope, connected.id, false).await.unwrap();
        assert_eq!(ask(&connected, id).await, Asked::NoSource, "who switched it off wants no calls");
        engine.set_enabled(&scope, connected.id, true).await.unwrap();
        let mut tx = engine.db.write(&scope).await.unwrap();
        let later = tx.now().plus_seconds(100_000);
        for number in 0..MAX_QUEUED {
            task::wake(&mut tx, &format!("refresh:{number}"), later).await.unwrap();
        }
        tx.commit().await.unwrap();
        connected.pass(60);
        assert_eq!(ask(&connected, id).await, Asked::Full);
    }

    /// A process that dies in the middle: the lease ends, and another goes on.
    async fn a_reading_that_was_cut_off_is_done_by_the_next(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        connected.edit(Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        let gate = Gate::before(connected.engine().sources.clone(), Held::Customer);
        let dying = behind(&connected, &gate).await;
        let since = ask(&connected, id).await.since().unwrap();
        let working = tokio::task::spawn(async move { Worker::new(dying, Tasks).run_due().await });
        gate.holds().await;
        working.abort();
        _ = working.await;
        connected.settle().await;
        assert!(!connected.house.card(id).await.starts_with("Ada Marsh"), "the lease holds");
        connected.pass(60);
        connected.settle().await;
        assert_eq!(connected.engine().wait_refreshed(&connected.scope(), id, since, PATIENCE).await.unwrap(), Came::Yes);
        assert!(connected.house.card(id).await.starts_with("Ada Marsh"));
    }

    /// Taken away with what it said, while an answer is on its way: nothing of it comes back.
    async fn an_answer_of_a_source_that_was_taken_away_is_not_kept(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = alone(&connected).await.remove(0);
        there(&connected, Edit::Rename { customer: number(&key), name: "Ada Marsh".to_owned() });
        let gate = Gate::before(connected.engine().sources.clone(), Held::Customer);
        let slow = behind(&connected, &gate).await;
        assert!(matches!(ask(&connected, id).await, Asked::Woken { .. }));
        let working = tokio::task::spawn(async move { Worker::new(slow, Tasks).run_due().await });
        gate.holds().await;
        connected.engine().remove_connection(&connected.scope(), connected.id, Records::Remove).await.unwrap();
        connected.settle().await;
        assert_eq!(connected.house.picture().await, [] as [String; 0]);
        gate.let_go();
        working.await.unwrap().unwrap();
        assert_eq!(connected.house.picture().await, [] as [String; 0]);
    }

    /// Whoever waits is told by a signal of another process, not by asking again and again.
    async fn a_reading_of_another_process_is_heard_of(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (_, id) = alone(&connected).await.remove(0);
        connected.pass(60);
        let since = ask(&connected, id).await.since().unwrap();
        let (engine, scope) = (connected.engine().clone(), connected.scope());
        let waiting = tokio::task::spawn(async move { engine.wait_refreshed(&scope, id, since, PATIENCE).await.unwrap() });
        let other = connected.engine_on(connected.house.store.another_process().await, 9);
        Worker::new(other, Tasks).run_due().await.unwrap();
        assert_eq!(waiting.await.unwrap(), Came::Yes);
    }
}
