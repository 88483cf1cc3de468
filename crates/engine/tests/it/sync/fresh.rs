//! Contexts of customers who come from a live source: never older than they may be for long, and waited for by who asks.

use std::time::Duration;

use doorstep_core::context::Assurance;
use doorstep_core::id::CustomerId;
use doorstep_core::record::Source;
use doorstep_core::schedule::Schedule;
use doorstep_engine::context::{Answer, Form, Freshness, Whom};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Edit, Fault, Kind, Rule};
use doorstep_store::on_both;

use super::connected::Connected;

/// The longest that these tests wait for what is on its way.
const PATIENCE: Duration = Duration::from_secs(30);

async fn told(connected: &Connected, id: CustomerId) -> Answer {
    let whom = Whom::Customer(id);
    connected.engine().customer_context(&connected.scope(), &whom, Assurance::Staff, Form::Json).await.unwrap()
}

async fn fresh(connected: &Connected, whom: &Whom, level: Assurance, timeout: Duration) -> (Answer, Freshness) {
    connected.engine().fresh_context(&connected.scope(), whom, level, Form::Json, timeout).await.unwrap()
}

fn name(answer: &Answer) -> String {
    serde_json::to_value(&answer.context).unwrap()["who"].to_string()
}

/// Keys of the tasks that read single customers.
async fn queued(connected: &Connected) -> Vec<String> {
    let tasks = connected.house.tasks().await.into_iter();
    tasks.map(|task| task.key).filter(|key| key.starts_with("refresh:")).collect()
}

/// Somebody in use whom nobody else is one with: the key, and who it is here.
async fn somebody(connected: &Connected) -> (String, CustomerId) {
    let objects = connected.objects("customers").await;
    let is_alone = |id| objects.values().filter(|it| it.customer == Some(id)).count() == 1;
    let mut keys = connected.keys(Kind::Customers).into_iter();
    let key = keys.find(|key| objects[key].customer.is_some_and(is_alone)).unwrap();
    let id = objects[&key].customer.unwrap();
    (key, id)
}

on_both! {
    async fn who_is_read_when_what_is_known_is_old_and_not_before(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = somebody(&connected).await;
        // No run comes in between.
        let daily = Schedule::every(24 * 60 * 60, None).unwrap();
        connected.engine().set_schedule(&connected.scope(), connected.id, &daily).await.unwrap();
        let first = told(&connected, id).await;
        assert!(first.known_at.is_some());
        connected.edit(Edit::Rename { customer: key.parse().unwrap(), name: "Ada Marsh".to_owned() });
        connected.pass(3_500);
        told(&connected, id).await;
        assert_eq!(queued(&connected).await, [] as [String; 0], "an hour is not over");
        connected.pass(100);
        let old = told(&connected, id).await;
        assert!(!name(&old).contains("Ada Marsh"), "nobody waits");
        assert_eq!(queued(&connected).await, [format!("refresh:{id}")]);
        // With every turn of a conversation.
        for _ in 0..5 {
            told(&connected, id).await;
        }
        connected.settle().await;
        let new = told(&connected, id).await;
        assert!(name(&new).contains("Ada Marsh"), "{}", name(&new));
        assert!(new.known_at > old.known_at);
        assert_eq!(queued(&connected).await, [] as [String; 0]);
    }

    async fn whoever_waits_is_told_what_the_source_says_now(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = somebody(&connected).await;
        connected.edit(Edit::Rename { customer: key.parse().unwrap(), name: "Ada Marsh".to_owned() });
        let engine = connected.engine_on(connected.house.store.another_process().await, 9);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let working = tokio::task::spawn(async move {
            let stopped = async { _ = stopped.await; };
            Worker::new(engine, Tasks).run_until(stopped).await.unwrap();
        });
        let at_source = Whom::AtSource(Source::ServiceTitan, key.clone());
        let (answer, freshness) = fresh(&connected, &at_source, Assurance::Staff, PATIENCE).await;
        assert_eq!(freshness, Freshness { asked: true, came: true, reason: None });
        assert_eq!(answer.customer, Some(id));
        assert!(name(&answer).contains("Ada Marsh"), "{}", name(&answer));
        let now = connected.house.store.db.clock().now();
        assert_eq!(answer.known_at, Some(now), "nothing else is older");
        // Whether there is such a customer is not told by how long it takes.
        let (_, freshness) = fresh(&connected, &at_source, Assurance::Claimed, PATIENCE).await;
        assert!(!freshness.asked && freshness.reason.is_some());
        let nobody = Whom::AtSource(Source::ServiceTitan, "77".to_owned());
        let (_, freshness) = fresh(&connected, &nobody, Assurance::Staff, PATIENCE).await;
        assert!(!freshness.asked && freshness.reason.is_some());
        _ = stop.send(());
        working.await.unwrap();
    }

    /// A caller is on the line: a source that is down costs the time that was allowed, and no more.
    async fn a_source_that_is_down_costs_the_time_that_was_allowed(store: TestStore) {
        let connected = Connected::loaded(store).await;
        let (key, id) = somebody(&connected).await;
        connected.edit(Edit::Rename { customer: key.parse().unwrap(), name: "Ada Marsh".to_owned() });
        connected.sim.fault(Rule { fault: Fault::Never, matching: String::new(), after: 0, times: None });
        let engine = connected.engine_on(connected.house.store.another_process().await, 9);
        let working = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await });
        let before = told(&connected, id).await.known_at;
        let (answer, freshness) = fresh(&connected, &Whom::Customer(id), Assurance::Staff, Duration::from_millis(100)).await;
        assert!(freshness.asked && !freshness.came && freshness.reason.is_some(), "{freshness:?}");
        assert!(!name(&answer).contains("Ada Marsh"));
        assert_eq!((answer.customer, answer.known_at), (Some(id), before), "with its age");
        working.abort();
        _ = working.await;
    }
}
