//! Why two customers are one or two, told over what is stored: as it was decided, whatever decided it.

use doorstep_core::id::CustomerId;
use doorstep_core::identity::explain::Counts;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Role;
use doorstep_engine::Error;
use doorstep_engine::customer::Found;
use doorstep_engine::explain::{Explained, Reason, Standing};
use doorstep_engine::tenant::Change;
use doorstep_store::on_both;
use doorstep_store::testing::{create_tenant, owner_of};

use crate::house::{House, contact, many_files};

async fn create(house: &House, name: Option<&str>, phone: &str) -> CustomerId {
    match house.engine.find_or_create(&house.scope(), &contact(name, phone), false).await.unwrap() {
        Found::Created { customer: Some(id), .. } | Found::Existing { customer: id } => id,
        other => panic!("{other:?}"),
    }
}

async fn explain(house: &House, a: CustomerId, b: CustomerId) -> Explained {
    house.engine.explain(&house.scope(), a, Some(b)).await.unwrap()
}

fn names(told: &Explained) -> Vec<&str> {
    told.shared.iter().flat_map(|shared| &shared.customers).map(|one| one.display_name.as_str()).collect()
}

on_both! {
    async fn two_who_share_a_line_are_told_with_all_who_are_behind_it(store: TestStore) {
        let house = House::new(store);
        let john = create(&house, Some("John Smith"), "617 471 0117").await;
        let mary = create(&house, Some("Mary Smith"), "617 471 0117").await;
        let long = create(&house, Some("Long Nguyen"), "617 471 0117").await;
        let told = explain(&house, mary, john).await;
        assert_eq!((told.standing, told.because), (Standing::Review, Reason::Evidence));
        let reviews = house.engine.reviews(&house.scope(), None, 9).await.unwrap();
        assert!(reviews.iter().any(|review| Some(review.id) == told.review && (review.a, review.b) == (john, mary)));
        assert_eq!((told.a.customer, told.b.as_ref().unwrap().customer), (mary, john));
        assert_eq!((told.shared[0].people, names(&told)), (Some(3), vec!["John Smith", "Mary Smith", "Long Nguyen"]));
        assert!(told.pairs[0].explanation.bits < 0.0 && told.would_change.iter().any(|fact| fact.contains("given name")));
        assert_eq!((told.pairs[0].a.name.as_str(), told.pairs[0].b.name.as_str()), ("Mary Smith", "John Smith"));
        assert!(!told.is_outdated && !told.looked_at.is_cut);
        let _ = long;
    }

    async fn a_decision_is_told_with_who_made_it_and_why_and_every_id_is_good(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let john = create(&house, Some("John Smith"), "617 471 0117").await;
        let jack = create(&house, Some("Jack Smyth"), "617 471 0118").await;
        let kim = create(&house, Some("Kim Park"), "617 471 0119").await;
        let before = explain(&house, john, jack).await;
        assert_eq!((before.standing, before.because), (Standing::Apart, Reason::NothingShared));
        let decision = engine.merge(&scope, john, jack, Some("same voice")).await.unwrap().decision.unwrap();
        let told = explain(&house, jack, john).await;
        assert_eq!((told.standing, told.because, told.a.asked, told.a.customer), (Standing::One, Reason::Decision, jack, john));
        let stored = told.decision.as_ref().unwrap();
        assert_eq!((stored.id, stored.reason.as_deref(), &stored.actor), (decision, Some("same voice"), scope.actor()));
        assert!(told.b.is_none() && told.links.len() == 1 && told.links[0].on_path);
        assert_eq!(told.would_change[0], "somebody took the decision back");
        // Through the id that was merged away, too.
        engine.keep_apart(&scope, kim, jack, Some("met both")).await.unwrap();
        let told = explain(&house, jack, kim).await;
        assert_eq!((told.standing, told.because, told.a.customer), (Standing::Apart, Reason::Decision, john));
        assert_eq!(told.decision.unwrap().reason.as_deref(), Some("met both"));
        let alone = engine.explain(&scope, kim, None).await.unwrap();
        assert_eq!((alone.standing, alone.because, alone.links.len()), (Standing::One, Reason::OneRecord, 0));
    }

    async fn what_proves_nothing_names_nobody(store: TestStore) {
        let house = House::new(store);
        let ann = create(&house, Some("Ann Lee"), "617 471 0117").await;
        let bob = create(&house, Some("Bob Ray"), "617 471 0117").await;
        let own = Change { add_own_numbers: vec![Phone::parse("617 471 0117", Region::US).unwrap()], ..Change::default() };
        house.engine.change_tenant(&house.scope(), &own, false).await.unwrap();
        let told = explain(&house, ann, bob).await;
        assert_eq!((told.standing, told.because), (Standing::Apart, Reason::NotCounted));
        assert_eq!((told.shared[0].counts, told.shared[0].people, names(&told).len()), (Counts::OwnNumber, None, 0));
        assert!(told.would_change[0].contains("not the business' own"), "{:?}", told.would_change);
        // A hub is one here as it is one when resolving.
        let rows: String = (0..60).map(|n| format!("c{n},Al{n} Green{n},617 471 0444\n")).collect();
        house.import(&[("contacts.csv", &format!("contact_id,display_name,phone_number\n{rows}"))]).await;
        let found = house.engine.search(&house.scope(), "green1", 20).await.unwrap();
        let told = explain(&house, found[0].id, found[1].id).await;
        assert_eq!((told.because, told.shared[0].counts), (Reason::NotCounted, Counts::Hub));
    }

    /// Over a whole house, what is told is what is stored: every customer hangs together by its links, every review is
    /// one, and nothing is out of date.
    async fn what_is_told_of_a_whole_house_is_what_is_stored(store: TestStore) {
        let house = House::new(store);
        let (people, texts) = many_files(120, 60);
        let twice = |n: u32| format!("d{n},Rosa Quist{n},+1617444{:04},r{n}@quincy.example.net,\ne{n},ROSA QUIST{n},+1617444{:04},q{n}@quincy.example.net,\nf{n},Otto Quist{n},+1617444{:04},,\n", n + 1_200, n + 1_200, n + 1_200);
        let people = people + &(0..10).map(twice).collect::<String>();
        house.import(&[("contacts.csv", &people), ("messages.csv", &texts)]).await;
        let (engine, scope) = (&house.engine, house.scope());
        let (mut joined, mut reviewed) = (0, 0);
        let mut tx = house.store.db.read(&scope).await.unwrap();
        let listed = doorstep_store::customer::list(&mut tx, None, 1_000).await.unwrap();
        drop(tx);
        for one in &listed {
            let told = engine.explain(&scope, one.id, None).await.unwrap();
            assert_eq!((told.standing, told.is_outdated), (Standing::One, false), "{told:?}");
            assert!(told.links.len() + 1 >= told.a.records, "{} links of {} records", told.links.len(), told.a.records);
            joined += usize::from(told.a.records > 1);
        }
        for review in engine.reviews(&scope, None, 1_000).await.unwrap() {
            let told = explain(&house, review.a, review.b).await;
            assert_eq!((told.standing, told.review, told.is_outdated), (Standing::Review, Some(review.id), false), "{told:?}");
            assert!(!told.shared.is_empty() && !told.pairs.is_empty());
            assert!(told.pairs.iter().all(|pair| pair.explanation.bits.is_finite()));
            reviewed += 1;
        }
        assert!(joined > 5 && reviewed > 5, "{joined} {reviewed}");
    }

    async fn a_strangers_customer_is_nobody_and_who_may_not_read_is_refused(store: TestStore) {
        let house = House::new(store);
        let ann = create(&house, Some("Ann Lee"), "617 471 0117").await;
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        for (a, b) in [(ann, None), (ann, Some(ann))] {
            let refused = house.engine.explain(&stranger, a, b).await.unwrap_err();
            assert!(matches!(refused, Error::NoCustomer(id) if id == ann), "{refused}");
        }
        let visitor = doorstep_core::Scope::visitor(house.store.tenant.id);
        assert!(matches!(house.engine.explain(&visitor, ann, None).await.unwrap_err(), Error::Denied(_)));
        let reader = house.scope_of(&house.user("reader", Role::ReadOnly).await);
        house.engine.explain(&reader, ann, None).await.unwrap();
    }
}
