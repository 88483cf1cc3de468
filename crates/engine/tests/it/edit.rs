//! Editing a customer: pins, added phones, versions.

use doorstep_core::customer::{Field, Rule};
use doorstep_core::edit::Edit;
use doorstep_core::id::CustomerId;
use doorstep_core::phone::Region;
use doorstep_core::tenant::Role;
use doorstep_core::{Scope, identifier::IdentifierKind};
use doorstep_engine::customer::{Found, Lookup};
use doorstep_engine::{Engine, Error};
use doorstep_store::{customer, on_both};

use crate::house::{House, contact, files};

fn edit(fields: &[(Field, Option<&str>)]) -> Edit {
    let mut edit = Edit::default();
    for (field, text) in fields {
        edit.set(*field, *text, Region::US).unwrap();
    }
    edit
}

async fn create(house: &House, name: &str, phone: &str) -> CustomerId {
    house.store.clock.turn_seconds(1);
    let found = house.engine.find_or_create(&house.scope(), &contact(Some(name), phone), false).await.unwrap();
    let Found::Created { customer: Some(id), .. } = found else { panic!("{found:?}") };
    id
}

async fn version(engine: &Engine, scope: &Scope, id: CustomerId) -> i64 {
    engine.card(scope, id, 1, 1).await.unwrap().unwrap().version
}

/// What the card of a customer says, provenance and all.
async fn whole(house: &House) -> Vec<customer::Put> {
    let mut tx = house.store.db.read(&house.scope()).await.unwrap();
    let ids: Vec<_> = customer::list(&mut tx, None, 100).await.unwrap().iter().map(|listed| listed.id).collect();
    customer::get_many(&mut tx, &ids).await.unwrap()
}

fn shown(puts: &[customer::Put]) -> Vec<String> {
    puts.iter().map(|put| format!("{:?} {:?} {:?}", put.customer, put.customer.identities, put.words)).collect()
}

on_both! {
    async fn what_a_person_pins_stands_whatever_comes_in_until_it_is_taken_back(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let id = create(&house, "Jack Smyth", "617 471 0118").await;
        let wish = edit(&[(Field::Name, Some("Jack “JJ” Smyth")), (Field::Company, Some("Smyth & Sons"))]);
        let preview = engine.edit_customer(&scope, id, &wish, None, true).await.unwrap();
        assert_eq!(preview.customer.display_name, "Jack “JJ” Smyth");
        assert_eq!(engine.card(&scope, id, 1, 1).await.unwrap().unwrap().customer.display_name, "Jack Smyth");
        let edited = engine.edit_customer(&scope, id, &wish, Some(preview.version), false).await.unwrap();
        assert_eq!((edited.customer.display_name.as_str(), edited.customer.company.as_deref()), ("Jack “JJ” Smyth", Some("Smyth & Sons")));
        let said = &edited.customer.provenance[&Field::Name];
        assert_eq!((said.rule, said.pinned_by.as_ref()), (Rule::Pinned, Some(scope.actor())));
        assert!(edited.version > preview.version);
        house.assert_rebuilt_the_same().await;
        house.import(&files()).await;
        let card = engine.card(&scope, id, 1, 1).await.unwrap().unwrap();
        assert_eq!(card.customer.display_name, "Jack “JJ” Smyth");
        house.assert_rebuilt_the_same().await;
        let back = engine.unpin(&scope, id, Field::Name, None).await.unwrap();
        assert_eq!((back.customer.display_name.as_str(), back.customer.company.as_deref()), ("Jack Smyth", Some("Smyth & Sons")));
        let refused = engine.unpin(&scope, id, Field::Name, None).await.unwrap_err();
        assert!(refused.to_string().contains("`name` is not pinned"), "{refused}");
        house.assert_rebuilt_the_same().await;
    }

    async fn a_stale_edit_is_refused_and_loses_nothing(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let id = create(&house, "Jack Smyth", "617 471 0118").await;
        let seen = version(engine, &scope, id).await;
        engine.edit_customer(&scope, id, &edit(&[(Field::Notes, Some("two dogs"))]), Some(seen), false).await.unwrap();
        let late = engine.edit_customer(&scope, id, &edit(&[(Field::Notes, Some("one dog"))]), Some(seen), false).await;
        let Err(Error::Stale { id: of, seen: told, found }) = late else { panic!("{late:?}") };
        assert_eq!((of, told, found), (id, seen, version(engine, &scope, id).await));
        let late = engine.unpin(&scope, id, Field::Notes, Some(seen)).await;
        assert!(matches!(late, Err(Error::Stale { .. })), "{late:?}");
        let card = engine.card(&scope, id, 1, 1).await.unwrap().unwrap();
        assert_eq!(card.customer.notes.as_deref(), Some("two dogs"));
        // The same again changes nothing, and a message coming in makes no edit stale.
        let again = edit(&[(Field::Notes, Some("two dogs"))]);
        assert_eq!(engine.edit_customer(&scope, id, &again, Some(found), false).await.unwrap().version, found);
        house.import(&[("messages.csv", "from_number,to_number,direction,body,sent_at\n6174710118,+16174712000,inbound,hi,1709287200\n")]).await;
        assert_eq!(version(engine, &scope, id).await, found);
    }

    async fn a_version_never_comes_back(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let one = create(&house, "John Smith", "617 471 0117").await;
        let two = create(&house, "J. Smyth", "617 471 0118").await;
        let mut seen = vec![version(engine, &scope, two).await];
        for _ in 0..2 {
            engine.merge(&scope, one, two, None).await.unwrap();
            engine.unmerge(&scope, two, None).await.unwrap();
            seen.push(version(engine, &scope, two).await);
        }
        engine.edit_customer(&scope, two, &edit(&[(Field::Name, Some("Jo"))]), None, false).await.unwrap();
        seen.push(version(engine, &scope, two).await);
        // A review that opens beside it shows on its card.
        create(&house, "Mary Smyth", "617 471 0118").await;
        seen.push(version(engine, &scope, two).await);
        assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    }

    async fn a_phone_that_is_pinned_and_not_there_is_added_by_the_usual_rules(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let id = create(&house, "John Smith", "617 471 0117").await;
        let other = create(&house, "Mary Smith", "617 471 0130").await;
        house.store.clock.turn_seconds(1);
        let wish = edit(&[(Field::Phone, Some("617-471-0121")), (Field::Email, Some("john@smithco.com"))]);
        let edited = engine.edit_customer(&scope, id, &wish, None, false).await.unwrap().customer;
        assert_eq!((edited.id, edited.phone.as_deref(), edited.email.as_deref()), (id, Some("+16174710121"), Some("john@smithco.com")));
        assert_eq!(edited.identities_of(IdentifierKind::Phone).count(), 2);
        let found = engine.find_or_create(&scope, &contact(None, "617 471 0121"), false).await.unwrap();
        assert_eq!(found, Found::Existing { customer: id });
        // Back to the first: it is there, so nothing is added.
        let first = edit(&[(Field::Phone, Some("617-471-0117"))]);
        let edited = engine.edit_customer(&scope, id, &first, None, false).await.unwrap().customer;
        assert_eq!((edited.phone.as_deref(), edited.identities.len()), (Some("+16174710117"), 3));
        // The number of somebody else of the family: both have it, and a review asks.
        house.store.clock.turn_seconds(1);
        engine.edit_customer(&scope, id, &edit(&[(Field::Phone, Some("617 471 0130"))]), None, false).await.unwrap();
        let reviews = engine.reviews(&scope, None, 10).await.unwrap();
        assert_eq!(reviews.iter().map(|review| (review.a, review.b)).collect::<Vec<_>>(), [(id, other)]);
        house.assert_rebuilt_the_same().await;
        for own in ["+1 617 471 2000", "000-000-0000"] {
            let mut bad = Edit::default();
            if bad.set(Field::Phone, Some(own), Region::US).is_ok() {
                let refused = engine.edit_customer(&scope, id, &bad, None, false).await.unwrap_err();
                assert!(matches!(refused, Error::BadValue(_)) && refused.to_string().contains("`phone` belongs to nobody"), "{refused}");
            }
        }
    }

    async fn merge_and_unmerge_give_pins_back(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let one = create(&house, "John Smith", "617 471 0117").await;
        let two = create(&house, "J. Smyth", "617 471 0118").await;
        engine.edit_customer(&scope, one, &edit(&[(Field::Name, Some("Johnny")), (Field::Company, None)]), None, false).await.unwrap();
        house.store.clock.turn_seconds(1);
        engine.edit_customer(&scope, two, &edit(&[(Field::Name, Some("Jo")), (Field::Phone, Some("617 471 0122"))]), None, false).await.unwrap();
        let before = whole(&house).await;
        engine.merge(&scope, one, two, None).await.unwrap();
        let merged = engine.card(&scope, one, 1, 1).await.unwrap().unwrap().customer;
        assert_eq!((merged.display_name.as_str(), merged.phone.as_deref()), ("Jo", Some("+16174710122")));
        house.assert_rebuilt_the_same().await;
        engine.unmerge(&scope, two, None).await.unwrap();
        assert_eq!(shown(&whole(&house).await), shown(&before));
        house.assert_rebuilt_the_same().await;
    }

    async fn pins_on_what_an_import_brought_go_with_it(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let stays = create(&house, "Kim Park", "617 471 0199").await;
        engine.edit_customer(&scope, stays, &edit(&[(Field::Notes, Some("stays"))]), None, false).await.unwrap();
        let before = house.picture().await;
        house.store.clock.turn_seconds(1);
        let import = house.import(&files()).await.import.id;
        assert_eq!(engine.pins_of_import(&scope, import).await.unwrap(), 0);
        let jack = engine.search(&scope, "jack smyth", 10).await.unwrap()[0].id;
        engine.edit_customer(&scope, jack, &edit(&[(Field::Notes, Some("goes")), (Field::Name, Some("JJ"))]), None, false).await.unwrap();
        assert_eq!(engine.pins_of_import(&scope, import).await.unwrap(), 2);
        house.undo(import).await;
        assert_eq!(house.picture().await, before);
        assert!(matches!(engine.look_up(&scope, jack).await.unwrap(), Lookup::TakenOut(Some(_))));
        assert_eq!(engine.pins_of_import(&scope, import).await.unwrap(), 0);
        let card = engine.card(&scope, stays, 1, 1).await.unwrap().unwrap();
        assert_eq!(card.customer.notes.as_deref(), Some("stays"));
        house.assert_rebuilt_the_same().await;
    }

    async fn who_may_not_edit_and_edits_of_nobody_are_refused(store: TestStore) {
        let house = House::new(store);
        let id = create(&house, "John Smith", "617 471 0117").await;
        let wish = edit(&[(Field::Name, Some("Jo"))]);
        let agent = Scope::new(house.scope().tenant(), house.scope().actor().clone(), Role::Agent);
        for preview in [true, false] {
            let refused = house.engine.edit_customer(&agent, id, &wish, None, preview).await;
            assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        }
        assert!(matches!(house.engine.unpin(&agent, id, Field::Name, None).await, Err(Error::Denied(_))));
        let stranger = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let stranger = doorstep_store::testing::owner_of(&stranger);
        let refused = house.engine.edit_customer(&stranger, id, &wish, None, false).await;
        assert!(matches!(refused, Err(Error::NoCustomer(_))), "{refused:?}");
        let refused = house.engine.edit_customer(&house.scope(), id, &Edit::default(), None, false).await;
        assert!(matches!(refused, Err(Error::Unfit(_))), "{refused:?}");
    }
}
