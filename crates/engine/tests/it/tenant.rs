//! A tenant is changed: who hangs together by its own numbers is worked out again, and nothing half-way.

use doorstep_core::Scope;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Actor, Role};
use doorstep_engine::Error;
use doorstep_engine::import::Applied;
use doorstep_engine::tenant::{Change, MAX_AT_ONCE, Reached};
use doorstep_store::change::{self, Subject};
use doorstep_store::{on_both, tenant};

use crate::house::{House, contact, files};

fn phone(text: &str) -> Phone {
    Phone::parse(text, Region::US).unwrap()
}

fn adding(text: &str) -> Change {
    Change { add_own_numbers: vec![phone(text)], ..Change::default() }
}

fn removing(text: &str) -> Change {
    Change { remove_own_numbers: vec![phone(text)], ..Change::default() }
}

async fn head(house: &House) -> i64 {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    change::head(&mut tx).await.unwrap()
}

async fn own_numbers(house: &House) -> Vec<Phone> {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    tenant::get(&mut tx).await.unwrap().own_numbers
}

on_both! {
    async fn a_number_that_becomes_an_own_one_joins_nobody_any_more_and_back(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let before = house.picture().await;
        assert_eq!(house.engine.reviews(&house.scope(), None, 10).await.unwrap().len(), 1);
        let changed = house.engine.change_tenant(&house.scope(), &adding("617 471 0117"), false).await.unwrap();
        let expected = Reached { holders: 2, created: 1, changed: 1, joined: 0, by_task: false };
        assert_eq!(changed.customers, expected, "John and Johnny had only the number in common");
        assert_eq!(own_numbers(&house).await, [phone("617 471 0117"), phone("617 471 2000")]);
        assert_eq!(house.picture().await.len(), before.len() + 1);
        assert!(house.engine.reviews(&house.scope(), None, 10).await.unwrap().is_empty(), "nothing to ask about");
        house.assert_rebuilt_the_same().await;
        let changed = house.engine.change_tenant(&house.scope(), &removing("617 471 0117"), false).await.unwrap();
        let expected = Reached { holders: 3, created: 0, changed: 1, joined: 1, by_task: false };
        assert_eq!(changed.customers, expected);
        assert_eq!(house.picture().await, before);
        assert_eq!(house.engine.reviews(&house.scope(), None, 10).await.unwrap().len(), 1);
        house.assert_rebuilt_the_same().await;
    }

    async fn what_came_in_while_a_number_was_an_own_one_is_found_by_it_afterwards(store: TestStore) {
        let house = House::new(store);
        let rows = "contact_id,display_name,phone_number\nc1,Ann Lee,617 471 2000; 617 471 0150\nc2,Ann Lee,617 471 2000\n";
        house.import(&[("contacts.csv", rows)]).await;
        assert_eq!(house.picture().await, ["Ann Lee [+16174710150 +16174712000]", "Ann Lee [+16174712000]"]);
        house.engine.change_tenant(&house.scope(), &removing("617 471 2000"), false).await.unwrap();
        assert_eq!(house.picture().await, ["Ann Lee [+16174710150 +16174712000]"]);
        house.assert_rebuilt_the_same().await;
        house.engine.find_or_create(&house.scope(), &contact(Some("Ann Lee"), "617 471 2000"), false).await.unwrap();
        assert_eq!(house.picture().await.len(), 1);
        house.assert_rebuilt_the_same().await;
    }

    async fn a_preview_says_what_would_be_and_writes_nothing(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let (picture, at) = (house.picture().await, head(&house).await);
        let change = Change { time_zone: Some("UTC".parse().unwrap()), ..adding("617 471 0117") };
        let would_be = house.engine.change_tenant(&house.scope(), &change, true).await.unwrap();
        assert_eq!((house.picture().await, head(&house).await), (picture, at));
        assert_eq!(own_numbers(&house).await, [phone("617 471 2000")]);
        let is = house.engine.change_tenant(&house.scope(), &change, false).await.unwrap();
        assert_eq!(would_be, is);
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        let announced = change::list(&mut tx, at, 100).await.unwrap();
        assert_eq!(announced.iter().filter(|change| change.subject == Subject::Tenant).count(), 1);
        drop(tx);
        let at = head(&house).await;
        house.engine.change_tenant(&house.scope(), &change, false).await.unwrap();
        assert_eq!(head(&house).await, at, "what is so already changes nothing");
    }

    async fn more_than_one_transaction_holds_is_left_to_a_task(store: TestStore) {
        let house = House::new(store);
        let mut rows = "contact_id,display_name,phone_number\n".to_owned();
        for n in 0..=MAX_AT_ONCE {
            rows.push_str(&format!("c{n},Person{n} Number{n},617 471 0150; 617 472 {n:04}\n"));
        }
        house.import(&[("contacts.csv", &rows)]).await;
        let changed = house.engine.change_tenant(&house.scope(), &adding("617 471 0150"), false).await.unwrap();
        let holders = MAX_AT_ONCE as u64 + 1;
        assert_eq!(changed.customers, Reached { holders, by_task: true, ..Reached::default() });
        assert_eq!(house.tasks().await[0].key, "rebuild");
        let found = house.engine.rebuild(&house.scope(), true, |_| {}).await.unwrap();
        assert_eq!(found.different, holders, "they are found by the number still");
        house.settle().await;
        assert!(house.tasks().await.is_empty());
        house.assert_rebuilt_the_same().await;
    }

    async fn while_an_import_is_coming_in_only_the_name_can_be_changed(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        let started = house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
        assert_eq!(started, Applied::Started);
        for change in [
            Change { time_zone: Some("UTC".parse().unwrap()), ..Change::default() },
            Change { country: Some("GB".parse().unwrap()), ..Change::default() },
            adding("617 471 0117"),
        ] {
            let refused = house.engine.change_tenant(&house.scope(), &change, false).await.unwrap_err();
            assert!(refused.to_string().contains(&planned.import.id.to_string()), "{refused}");
        }
        let renamed = Change { name: Some("Bay State".to_owned()), ..Change::default() };
        house.engine.change_tenant(&house.scope(), &renamed, false).await.unwrap();
        house.settle().await;
        house.engine.change_tenant(&house.scope(), &adding("617 471 0117"), false).await.unwrap();
        house.assert_rebuilt_the_same().await;
    }

    async fn a_plan_made_before_the_tenant_was_changed_is_another_plan(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        let renamed = Change { name: Some("Bay State".to_owned()), ..Change::default() };
        house.engine.change_tenant(&house.scope(), &renamed, false).await.unwrap();
        let moved = Change { time_zone: Some("America/Denver".parse().unwrap()), ..Change::default() };
        house.engine.change_tenant(&house.scope(), &moved, false).await.unwrap();
        let answer = house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
        let Applied::WorldChanged(new) = answer else { panic!("{answer:?}") };
        house.settle().await;
        assert!(house.picture().await.is_empty());
        let renamed = Change { name: Some("Bay State Plumbing".to_owned()), ..Change::default() };
        house.engine.change_tenant(&house.scope(), &renamed, false).await.unwrap();
        house.apply(new.import.id).await;
    }

    async fn a_tenant_changed_while_its_plan_is_looked_at_keeps_the_plan_out(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        house.engine.find_or_create(&house.scope(), &contact(Some("Kim Park"), "617 471 0199"), false).await.unwrap();
        let (engine, scope) = (house.engine.clone(), house.scope());
        let once = std::sync::Once::new();
        // Called while the plan is made again.
        let progress = move |_| {
            once.call_once(|| {
                let moved = Change { time_zone: Some("America/Denver".parse().unwrap()), ..Change::default() };
                let change = engine.change_tenant(&scope, &moved, false);
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(change)).unwrap();
            });
        };
        let refused = house.engine.apply_import(&house.scope(), planned.import.id, &progress).await.unwrap_err();
        assert!(refused.to_string().contains("the tenant was changed at this very moment"), "{refused}");
        let stored = house.engine.import(&house.scope(), planned.import.id).await.unwrap();
        assert_eq!(stored.import.state.as_str(), "planned");
        assert!(house.tasks().await.is_empty());
    }

    async fn a_change_that_makes_no_sense_is_refused_whole(store: TestStore) {
        let house = House::new(store);
        let other = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let at = head(&house).await;
        let taken = Change { name: Some(other.name.clone()), ..adding("617 471 0117") };
        let refused = house.engine.change_tenant(&house.scope(), &taken, false).await.unwrap_err();
        assert!(matches!(refused, Error::Store(doorstep_store::Error::Conflict(_))), "{refused:?}");
        let refused = house.engine.change_tenant(&house.scope(), &removing("617 471 0117"), false).await.unwrap_err();
        assert!(refused.to_string().contains("is not one of the own numbers"), "{refused}");
        let both = Change { remove_own_numbers: vec![phone("617 471 2000")], ..adding("617 471 2000") };
        house.engine.change_tenant(&house.scope(), &both, false).await.unwrap_err();
        let staff = Scope::new(house.store.tenant.id, Actor::Operator("test".to_owned()), Role::Staff);
        let denied = house.engine.change_tenant(&staff, &adding("617 471 0117"), true).await.unwrap_err();
        assert!(matches!(denied, Error::Denied(_)), "{denied:?}");
        assert_eq!((own_numbers(&house).await, head(&house).await), (vec![phone("617 471 2000")], at));
    }
}
