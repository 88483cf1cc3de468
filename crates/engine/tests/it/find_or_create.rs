//! Find-or-create.

use doorstep_core::contact::Contact;
use doorstep_core::identity::HUB_LIMIT;
use doorstep_engine::Error;
use doorstep_engine::customer::Found;
use doorstep_store::{customer, on_both};

use crate::house::{House, contact};

async fn count(house: &House) -> i64 {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    customer::count(&mut tx).await.unwrap()
}

on_both! {
    async fn ten_parallel_calls_for_one_new_phone_make_one_customer(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let calls = (0..10).map(|_| {
            let (engine, scope) = (house.engine.clone(), scope.clone());
            tokio::task::spawn(async move {
                engine.find_or_create(&scope, &contact(None, "617 471 0117"), false).await.unwrap()
            })
        });
        let mut ids = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Found::Existing { customer } => ids.push(customer),
                Found::Created { customer, .. } => ids.push(customer.unwrap()),
                Found::Several { candidates } => panic!("{candidates:?}"),
            }
        }
        ids.dedup();
        assert_eq!((ids.len(), count(&house).await), (1, 1));
        house.assert_rebuilt_the_same().await;
    }

    async fn a_preview_writes_nothing(store: TestStore) {
        let house = House::new(store);
        let new = contact(Some("Ann Lee"), "617 471 0117");
        let preview = house.engine.find_or_create(&house.scope(), &new, true).await.unwrap();
        assert_eq!(preview, Found::Created { customer: None, resembles: vec![] });
        assert_eq!(count(&house).await, 0);
    }

    async fn spouses_on_one_landline_stay_two_and_a_nameless_caller_is_not_guessed(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let john = house.engine.find_or_create(&scope, &contact(Some("John Smith"), "617 471 0117"), false).await.unwrap();
        let Found::Created { customer: Some(john), .. } = john else { panic!("{john:?}") };
        let mary = house.engine.find_or_create(&scope, &contact(Some("Mary Smith"), "617 471 0117"), false).await.unwrap();
        let Found::Created { customer: Some(mary), resembles } = mary else { panic!("{mary:?}") };
        assert_eq!(resembles, [john]);
        let reviews = house.engine.reviews(&scope, None, 10).await.unwrap();
        assert_eq!(reviews.iter().map(|review| (review.a, review.b)).collect::<Vec<_>>(), [(john, mary)]);
        let nobody = house.engine.find_or_create(&scope, &contact(None, "617 471 0117"), false).await.unwrap();
        assert_eq!(nobody, Found::Several { candidates: vec![john, mary] });
        let again = house.engine.find_or_create(&scope, &contact(Some("Johnny Smith"), "6174710117"), false).await.unwrap();
        assert_eq!(again, Found::Existing { customer: john });
        house.assert_rebuilt_the_same().await;
    }

    /// An office line proves nothing, but whoever calls from it again and again is not a new customer each time.
    async fn a_nameless_caller_from_an_office_line_of_many_makes_nobody(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let line = "617 471 0117";
        let starts = ["Al", "Bro", "Cu", "Dez", "Fri", "Gom", "Hux", "Jip"];
        let ends = ["mundo", "stavia", "kerrin", "lothew", "nazar", "phira", "quell"];
        for number in 0..HUB_LIMIT + 2 {
            // Names that no slip of the pen makes of each other.
            let (start, end) = (number % starts.len(), number / starts.len());
            let name = format!("{}{} {}{}", starts[start], ends[end], starts[(start + 3) % 8], ends[(end + 2) % 7]);
            let found = house.engine.find_or_create(&scope, &contact(Some(&name), line), false).await.unwrap();
            assert!(matches!(found, Found::Created { .. }), "{name}: {found:?}");
        }
        let before = count(&house).await;
        for _ in 0..2 {
            let found = house.engine.find_or_create(&scope, &contact(None, line), false).await.unwrap();
            assert!(matches!(&found, Found::Several { candidates } if candidates.len() > 1), "{found:?}");
        }
        assert_eq!(count(&house).await, before);
        house.assert_rebuilt_the_same().await;
    }

    async fn placeholders_and_own_numbers_are_refused_with_what_to_give(store: TestStore) {
        let house = House::new(store);
        for contact in [contact(None, "+1 617 471 2000"), Contact::default()] {
            let refused = house.engine.find_or_create(&house.scope(), &contact, false).await.unwrap_err();
            assert!(refused.to_string().contains("give a phone number"), "{refused}");
        }
        assert_eq!(count(&house).await, 0);
        // Nor does it where somebody is said to have it: the business's own line stands in many a contact.
        let mut ann = contact(Some("Ann Lee"), "617 471 0117");
        ann.phones.extend(contact(None, "+1 617 471 2000").phones);
        house.engine.find_or_create(&house.scope(), &ann, false).await.unwrap();
        let refused = house.engine.find_or_create(&house.scope(), &contact(None, "+1 617 471 2000"), false).await;
        assert!(matches!(refused, Err(Error::Unfit(_))), "{refused:?}");
    }

    async fn merge_and_unmerge_give_back_what_was(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let mut ids = Vec::new();
        for (name, phone) in [("John Smith", "617 471 0117"), ("J. Smyth", "617 471 0118"), ("Kim Park", "617 471 0119")] {
            let found = house.engine.find_or_create(&scope, &contact(Some(name), phone), false).await.unwrap();
            let Found::Created { customer: Some(id), .. } = found else { panic!("{found:?}") };
            ids.push(id);
        }
        let before = house.picture().await;
        assert!(house.engine.merge(&scope, ids[0], ids[0], None).await.is_err(), "a merge with itself is refused");
        let merged = house.engine.merge(&scope, ids[1], ids[0], Some("same voice")).await.unwrap();
        assert_eq!((merged.a, merged.b), (ids[0], ids[0]));
        assert_eq!(count(&house).await, 2);
        house.assert_rebuilt_the_same().await;
        let unmerged = house.engine.unmerge(&scope, ids[1], None).await.unwrap();
        assert_eq!((unmerged.a, unmerged.b), (ids[0], ids[1]));
        assert_eq!(house.picture().await, before);
        house.assert_rebuilt_the_same().await;
    }
}
