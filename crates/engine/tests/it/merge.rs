//! Decisions taken back one by one, and what a card tells of what was done to its customer.

use doorstep_core::Scope;
use doorstep_core::audit::{Act, AuditEntry};
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::id::{CustomerId, DecisionId};
use doorstep_core::identity::Verb;
use doorstep_core::phone::Region;
use doorstep_core::position::Position;
use doorstep_core::tenant::Role;
use doorstep_engine::Error;
use doorstep_engine::customer::Found;
use doorstep_engine::merge::Answer;
use doorstep_store::on_both;
use doorstep_store::testing::{create_tenant, owner_of};

use crate::house::{House, contact, files};

async fn create(house: &House, name: &str, phone: &str) -> CustomerId {
    let found = house.engine.find_or_create(&house.scope(), &contact(Some(name), phone), false).await.unwrap();
    let Found::Created { customer: Some(id), .. } = found else { panic!("{found:?}") };
    id
}

async fn in_force(house: &House) -> Vec<DecisionId> {
    let shown = house.engine.merges(&house.scope(), None, 50).await.unwrap().rows;
    shown.into_iter().filter(|one| one.decision.retracted_at.is_none()).map(|one| one.decision.id).collect()
}

async fn activity(house: &House, scope: &Scope, id: CustomerId) -> Vec<Act> {
    let page = house.engine.activity(scope, id, None, 50).await.unwrap();
    assert_eq!((page.next, page.previous), (None, None));
    page.rows.into_iter().map(|entry| entry.act).collect()
}

on_both! {
    async fn a_decision_is_taken_back_and_no_other(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let john = create(&house, "John Smith", "617 471 0117").await;
        let smyth = create(&house, "J. Smyth", "617 471 0118").await;
        let kim = create(&house, "Kim Park", "617 471 0119").await;
        let before = house.picture().await;
        let first = engine.merge(&scope, smyth, john, Some("same voice")).await.unwrap().decision.unwrap();
        let with_first = house.picture().await;
        let second = engine.merge(&scope, kim, john, None).await.unwrap().decision.unwrap();
        let back = engine.retract_decision(&scope, second).await.unwrap();
        assert_eq!((back.verb, back.a.min(back.b), back.a.max(back.b)), (Verb::Link, Some(john), Some(kim)));
        assert_eq!((house.picture().await, in_force(&house).await), (with_first, vec![first]));
        let again = engine.retract_decision(&scope, second).await.unwrap_err();
        assert!(again.to_string().contains("taken back already"), "{again}");
        engine.retract_decision(&scope, first).await.unwrap();
        assert_eq!(house.picture().await, before);
        house.assert_rebuilt_the_same().await;
        let shown = engine.merges(&scope, None, 50).await.unwrap().rows;
        assert!(shown.iter().all(|one| one.retracted_by.as_ref() == Some(scope.actor())));
    }

    /// Two who were kept apart are no merge when that is taken back: the question is open again.
    async fn a_pair_that_was_kept_apart_is_asked_about_again(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let (a, b) = (create(&house, "Carmela Marinelli", "617 471 0117").await, create(&house, "Luca Marinelli", "617 471 0117").await);
        let review = engine.reviews(&scope, None, 9).await.unwrap()[0].id;
        let before = house.picture().await;
        let decision = engine.decide_review(&scope, review, Answer::Apart, None).await.unwrap().decision.unwrap();
        assert_eq!(engine.reviews(&scope, None, 9).await.unwrap(), []);
        let agent = house.scope_of(&house.user("al", Role::Agent).await);
        assert!(matches!(engine.retract_decision(&agent, decision).await, Err(Error::Denied(_))));
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        assert!(matches!(engine.retract_decision(&stranger, decision).await, Err(Error::NoDecision(_))));
        let back = engine.retract_decision(&scope, decision).await.unwrap();
        assert_eq!((back.verb, back.a, back.b), (Verb::KeepApart, Some(a.min(b)), Some(a.max(b))));
        assert_eq!((house.picture().await, engine.reviews(&scope, None, 9).await.unwrap().len()), (before, 1));
        house.assert_rebuilt_the_same().await;
    }

    async fn a_merge_that_something_else_makes_too_stays_and_says_so(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let one = create(&house, "John Smith", "617 471 0117").await;
        let other = create(&house, "John Smith", "617 471 0118").await;
        let decision = engine.merge(&scope, one, other, None).await.unwrap().decision.unwrap();
        let mut both = contact(Some("John Smith"), "617 471 0117");
        both.phones.extend(contact(None, "617 471 0118").phones);
        engine.find_or_create(&scope, &both, false).await.unwrap();
        let (before, acts) = (house.picture().await, house.acts().await);
        let refused = engine.retract_decision(&scope, decision).await.unwrap_err();
        assert!(refused.to_string().contains("something else joins them"), "{refused}");
        assert_eq!((house.picture().await, house.acts().await, in_force(&house).await), (before, acts, vec![decision]));
    }

    async fn what_an_edit_ties_is_no_decision_and_what_is_gone_is_let_go(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let kim = create(&house, "Kim Park", "617 471 0119").await;
        let mut edit = Edit::default();
        edit.set(Field::Phone, Some("617 471 0166"), Region::US).unwrap();
        engine.edit_customer(&scope, kim, &edit, None, false).await.unwrap();
        let mut tx = house.store.db.read(&scope).await.unwrap();
        let tie = doorstep_store::decision::list(&mut tx, 9).await.unwrap()[0].id;
        drop(tx);
        assert!(matches!(engine.retract_decision(&scope, tie).await, Err(Error::NoDecision(_))));
        let import = house.import(&files()).await.import.id;
        let reviews = engine.reviews(&scope, None, 9).await.unwrap();
        let decision = engine.merge(&scope, reviews[0].a, reviews[0].b, None).await.unwrap().decision.unwrap();
        house.undo(import).await;
        let back = engine.retract_decision(&scope, decision).await.unwrap();
        assert_eq!((back.a, back.b), (None, None));
        assert!(in_force(&house).await.is_empty());
        house.assert_rebuilt_the_same().await;
    }

    async fn a_card_tells_what_was_done_to_its_customer_under_every_id_it_had(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let (a, b) = (create(&house, "Carmela Marinelli", "617 471 0117").await, create(&house, "Luca Marinelli", "617 471 0117").await);
        let (old, young) = (a.min(b), a.max(b));
        let kim = create(&house, "Kim Park", "617 471 0119").await;
        house.store.clock.turn_seconds(1);
        let review = engine.reviews(&scope, None, 9).await.unwrap()[0].id;
        let decision = engine.decide_review(&scope, review, Answer::Merge, None).await.unwrap().decision.unwrap();
        house.store.clock.turn_seconds(1);
        let mut edit = Edit::default();
        edit.set(Field::Notes, Some("rings twice"), Region::US).unwrap();
        engine.edit_customer(&scope, young, &edit, None, false).await.unwrap();
        let reader = house.scope_of(&house.user("reader", Role::ReadOnly).await);
        let joined = [Act::CustomerEdited, Act::ReviewDecided, Act::CustomerCreated, Act::CustomerCreated];
        assert_eq!(activity(&house, &reader, old).await, joined);
        house.store.clock.turn_seconds(1);
        engine.retract_decision(&scope, decision).await.unwrap();
        house.store.clock.turn_seconds(1);
        engine.keep_apart(&scope, kim, young, None).await.unwrap();
        // Both show what was decided about the two; each what was done to it alone.
        assert_eq!(activity(&house, &scope, old).await, [Act::CustomerUnmerged, Act::CustomerEdited, Act::ReviewDecided, Act::CustomerCreated]);
        assert_eq!(activity(&house, &scope, young).await, [Act::CustomersKeptApart, Act::CustomerUnmerged, Act::ReviewDecided, Act::CustomerCreated]);
        assert_eq!(activity(&house, &scope, kim).await, [Act::CustomersKeptApart, Act::CustomerCreated]);
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        assert_eq!(activity(&house, &stranger, old).await, []);
        // By pages: each once, newest first.
        let (mut paged, mut position) = (Vec::<AuditEntry>::new(), None::<Position>);
        loop {
            let page = engine.activity(&scope, young, position.as_ref(), 3).await.unwrap();
            paged.extend(page.rows);
            position = page.next;
            if position.is_none() { break; }
        }
        assert!(paged.len() == 4 && paged.is_sorted_by(|x, y| x.id > y.id));
        let refused = engine.activity(&scope, young, Some(&Position::from_text("00")), 3).await;
        assert!(matches!(refused, Err(Error::BadPosition(_))));
    }
}
