//! The worker: once at a time, again after a failure, parked with a reason, fair.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use doorstep_core::{Scope, Timestamp};
use doorstep_engine::task::{Next, Runner};
use doorstep_engine::worker::{MAX_ATTEMPTS, Worker};
use doorstep_engine::{Engine, Error, Result};
use doorstep_store::task::{self, Claim};
use doorstep_store::{on_both, testing};

use crate::house::House;

/// Counts how often each task runs and how many of one key run at once.
#[derive(Default, Clone)]
struct Counting {
    ran: Arc<Mutex<HashMap<String, usize>>>,
    inside: Arc<Mutex<HashMap<String, usize>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Runner for Counting {
    async fn run(&self, _: &Engine, claim: &Claim) -> Result<Next> {
        let now_inside = {
            let mut inside = self.inside.lock().unwrap();
            let count = inside.entry(claim.key.clone()).or_default();
            *count += 1;
            *count
        };
        self.most_at_once.fetch_max(now_inside, Ordering::SeqCst);
        tokio::task::yield_now().await;
        *self.inside.lock().unwrap().entry(claim.key.clone()).or_default() -= 1;
        *self.ran.lock().unwrap().entry(claim.key.clone()).or_default() += 1;
        match claim.key.as_str() {
            "fails" => Err(Error::Store(doorstep_store::Error::Busy)),
            "senseless" => Err(Error::Unfit("this can never work".to_owned())),
            "panics" => panic!("a planted mistake"),
            _ => Ok(Next::Done),
        }
    }
}

async fn wake(house: &House, scope: &Scope, key: &str) {
    let mut tx = house.store.db.write(scope).await.unwrap();
    let now: Timestamp = tx.now();
    task::wake(&mut tx, key, now).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn several_workers_run_every_task_once_and_none_twice_at_once(store: TestStore) {
        let house = House::new(store);
        for number in 0..40 {
            wake(&house, &house.scope(), &format!("task {number}")).await;
        }
        let runner = Counting::default();
        let mut workers = Vec::new();
        for seed in 0..4 {
            let db = house.store.another_process().await;
            let ids = Arc::new(doorstep_core::IdMaker::seeded(seed));
            let engine = Engine::new(db, ids, house.engine.spool_dir.clone());
            let worker = Worker::new(engine, runner.clone());
            workers.push(tokio::task::spawn(async move { worker.run_due().await.unwrap() }));
        }
        let mut ended = 0;
        for worker in workers {
            ended += worker.await.unwrap();
        }
        assert_eq!(ended, 40);
        assert_eq!(runner.most_at_once.load(Ordering::SeqCst), 1);
        assert!(runner.ran.lock().unwrap().values().all(|ran| *ran == 1));
        assert!(house.tasks().await.is_empty());
    }

    async fn a_failing_task_waits_longer_each_time_and_is_parked_with_its_reason(store: TestStore) {
        let house = House::new(store);
        wake(&house, &house.scope(), "fails").await;
        let worker = Worker::new(house.engine.clone(), Counting::default());
        let mut waits = Vec::new();
        for attempt in 1..=MAX_ATTEMPTS {
            assert_eq!(worker.run_due().await.unwrap(), 1, "attempt {attempt}");
            let task = house.tasks().await.remove(0);
            assert_eq!((task.attempts, task.reason.is_some()), (attempt, true));
            if attempt == MAX_ATTEMPTS {
                assert_eq!(task.state, "parked");
                break;
            }
            let wait = (task.due_at.micros() - house.store.db.clock().now().micros()) / 1_000_000;
            waits.push(wait);
            assert_eq!(worker.run_due().await.unwrap(), 0, "not before it is due");
            house.store.clock.turn_seconds(wait + 1);
        }
        assert!(waits.windows(2).all(|pair| pair[1] > pair[0]), "{waits:?}");
        house.store.clock.turn_seconds(1_000_000);
        assert_eq!(worker.run_due().await.unwrap(), 0, "parked until somebody wakes it");
        wake(&house, &house.scope(), "fails").await;
        assert_eq!(worker.run_due().await.unwrap(), 1);
    }

    async fn a_task_that_can_never_work_or_panics_is_parked_at_once(store: TestStore) {
        let house = House::new(store);
        for key in ["senseless", "panics", "fine"] {
            wake(&house, &house.scope(), key).await;
        }
        Worker::new(house.engine.clone(), Counting::default()).run_due().await.unwrap();
        let tasks = house.tasks().await;
        let parked: Vec<(&str, &str)> = tasks.iter().map(|task| (task.key.as_str(), task.state.as_str())).collect();
        assert_eq!(parked, [("panics", "parked"), ("senseless", "parked")]);
        assert_eq!(tasks[1].reason.as_deref(), Some("this can never work"));
    }

    async fn one_tenant_with_a_long_queue_does_not_keep_another_waiting(store: TestStore) {
        let house = House::new(store);
        for number in 0..200 {
            wake(&house, &house.scope(), &format!("bulk {number:03}")).await;
        }
        let other = testing::owner_of(&testing::create_tenant(&house.store.db, "Other", "+16174712001").await);
        wake(&house, &other, "other").await;
        let now = house.store.db.clock().now();
        let until = now.plus_seconds(15);
        let claims = doorstep_store::system::claim_tasks(&house.store.db, uuid::Uuid::nil(), now, until, 4).await.unwrap();
        assert!(claims.iter().any(|claim| claim.key == "other"), "{claims:?}");
    }
}
