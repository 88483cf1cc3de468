//! The same request twice is one create with one answer.

use doorstep_core::tenant::{Permission, Role};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::customer::Found;
use doorstep_engine::idempotency::{Keep, Once};
use doorstep_engine::{Engine, Error};
use doorstep_store::{customer, on_both};
use serde_json::json;
use std::sync::Arc;

use crate::house::{House, contact};

fn answer(found: &Found) -> (u16, serde_json::Value) {
    (201, json!({ "found": found }))
}

fn keep(key: &str, request: u8) -> Keep<'_, Found> {
    Keep { key, request_hash: [request; 32], answer: &answer }
}

on_both! {
    async fn a_request_that_is_sent_again_creates_nothing(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let john = contact(Some("John Smith"), "(617) 471-0117");
        let Once::Done(found) = engine.find_or_create_once(&scope, &john, Some(&keep("k", 1))).await.unwrap() else {
            panic!("kept before it was done")
        };
        let again = engine.find_or_create_once(&scope, &john, Some(&keep("k", 1))).await.unwrap();
        let Once::Kept(kept) = again else { panic!("{again:?}") };
        assert_eq!((kept.status, kept.body), answer(&found));
        let other = engine.find_or_create_once(&scope, &john, Some(&keep("k", 2))).await;
        assert!(matches!(other, Err(Error::OtherRequest)), "{other:?}");
        for bad in ["", &"k".repeat(256)] {
            assert!(matches!(engine.find_or_create_once(&scope, &john, Some(&keep(bad, 1))).await, Err(Error::Unfit(_))));
        }
        // A key belongs to who gave it.
        let jo = house.scope_of(&house.user("jo", Role::Staff).await);
        let Once::Done(Found::Existing { .. }) = engine.find_or_create_once(&jo, &john, Some(&keep("k", 2))).await.unwrap() else {
            panic!("somebody else's answer")
        };
        let reader = jo.narrowed_to([Permission::Read].into_iter().collect());
        assert!(matches!(engine.find_or_create_once(&reader, &john, Some(&keep("x", 2))).await, Err(Error::Denied(_))));
        // Who may not create any more is not told what was created.
        let barred = scope.clone().narrowed_to([Permission::Read].into_iter().collect());
        let refused = engine.find_or_create_once(&barred, &john, Some(&keep("k", 1))).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        house.store.clock.turn_seconds(24 * 60 * 60);
        let next_day = engine.find_or_create_once(&scope, &john, Some(&keep("k", 3))).await.unwrap();
        assert!(matches!(next_day, Once::Done(Found::Existing { .. })), "{next_day:?}");
    }

    /// Ten at once, from two processes, each about somebody whom only the key tells from the others.
    async fn ten_at_once_create_one(store: TestStore) {
        let house = House::new(store);
        let other = house.store.another_process().await;
        let other = Engine::new(other, Arc::new(IdMaker::seeded(8)), house.store.dir.path().to_owned());
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..10u32 {
            let engine = if number % 2 == 0 { house.engine.clone() } else { other.clone() };
            let scope: Scope = house.scope();
            calls.spawn(async move {
                // Different people: without the key they would be ten customers.
                let somebody = contact(Some("John Smith"), &format!("(617) 471-01{number:02}"));
                engine.find_or_create_once(&scope, &somebody, Some(&keep("k", 1))).await.unwrap()
            });
        }
        let answers = calls.join_all().await;
        let done: Vec<_> = answers.iter().filter_map(|once| match once {
            Once::Done(found) => Some(answer(found).1),
            Once::Kept(_) => None,
        }).collect();
        assert_eq!(done.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|once| !matches!(once, Once::Kept(kept) if kept.body != done[0])), "{answers:?}");
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        assert_eq!(customer::count(&mut tx).await.unwrap(), 1);
    }
}
