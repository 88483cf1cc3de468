//! People who are found by a name and a place, with nothing else in common.

use doorstep_core::address::Address;
use doorstep_core::contact::Contact;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::record::Source;
use doorstep_engine::resolve::{self, Draft, Start};
use doorstep_engine::rule_set::rules;
use doorstep_store::testing::START;
use doorstep_store::{Tx, identifier, on_both, record};

use crate::house::House;

/// Objects that may share a name and a place.
const LIMIT: usize = 40;

fn living(name: &str, address: &str) -> Contact {
    Contact { name: Name::parse(name), addresses: Address::parse(address).into_iter().collect(), ..Contact::default() }
}

/// Comes in as from a source that brings addresses.
async fn arrive(house: &House, contacts: Vec<Contact>) -> Vec<RecordId> {
    let mut tx = house.engine.db.write(&house.scope()).await.unwrap();
    tx.lock_identity().await.unwrap();
    let rules = rules(&mut tx).await.unwrap();
    let draft = |contact: Contact| {
        let id: RecordId = house.engine.ids.make(START);
        let payload = serde_json::to_value(&contact).unwrap();
        Draft { id, source: Source::Hub, stream: "contacts", key: id.to_string(), import: None, payload, contact }
    };
    let drafts: Vec<Draft> = contacts.into_iter().map(draft).collect();
    let ids = drafts.iter().map(|draft| draft.id).collect();
    resolve::ingest(&mut tx, &house.engine.ids, &rules, drafts, house.engine.max_component).await.unwrap();
    tx.commit().await.unwrap();
    ids
}

/// Goes as with an import that is undone.
async fn go(house: &House, id: RecordId) {
    let mut tx = house.engine.db.write(&house.scope()).await.unwrap();
    tx.lock_identity().await.unwrap();
    let rules = rules(&mut tx).await.unwrap();
    let going = record::get_many(&mut tx, &[id]).await.unwrap();
    let identifiers = rules.compared_by(&going[0].record);
    let customers: Vec<CustomerId> = going[0].customer.into_iter().collect();
    let staying = record::ids_of_customers(&mut tx, &customers).await.unwrap();
    record::remove(&mut tx, &[id]).await.unwrap();
    let staying: Vec<RecordId> = staying.into_iter().filter(|one| *one != id).collect();
    let start = Start { identifiers: &identifiers, records: &staying, customers: &customers, ..Start::default() };
    resolve::again(&mut tx, &house.engine.ids, &rules, &start).await.unwrap();
    tx.commit().await.unwrap();
}

async fn keys(tx: &mut Tx, ids: &[RecordId]) -> Vec<(RecordId, Identifier)> {
    let mut links = identifier::of_records(tx, ids).await.unwrap();
    links.retain(|(_, identifier)| identifier.kind == IdentifierKind::NamePlace);
    links
}

on_both! {
    async fn who_lives_there_under_that_name_is_known_without_a_number(store: TestStore) {
        let house = House::new(store);
        let with = |phone: &str, contact| Contact { phones: vec![Phone::parse(phone, Region::US).unwrap()], ..contact };
        arrive(&house, vec![with("617 444 1001", living("Ola Okonkwo", "12 Elm St, Quincy, MA 02169"))]).await;
        arrive(&house, vec![
            with("617 444 1002", living("Okonkwo, Ola", "12 Elm Street, Quincy, MA 02169-1234")),
            with("617 444 1003", living("Uma Okonkwo", "12 Elm St, Quincy, MA 02169")),
            living("Hugo Ives", "12 Elm St, Quincy, MA 02169"),
            living("Ola Okonkwo", "500 Congress Ave, Austin, TX 78701"),
        ]).await;
        assert_eq!(house.picture().await.len(), 4);
        house.assert_rebuilt_the_same().await;
        let reviews = house.engine.reviews(&house.scope(), None, 10).await.unwrap();
        let told: Vec<_> = reviews.iter().map(|review| (review.evidence[0].kind, review.evidence[0].value.as_str())).collect();
        assert_eq!(told, [(IdentifierKind::NamePlace, "12 Elm St, Quincy, MA 02169")]);
    }

    /// The last of them parts all the others, and brings them together again by going.
    async fn too_many_of_a_name_in_a_quarter_prove_nothing(store: TestStore) {
        let house = House::new(store);
        let people: Vec<Contact> =
            (0..=LIMIT).map(|n| living("Ola Okonkwo", &format!("{} Elm St, Quincy, MA 02169", n / 2))).collect();
        arrive(&house, people[..LIMIT - 1].to_vec()).await;
        arrive(&house, people[LIMIT - 1..LIMIT].to_vec()).await;
        assert_eq!(house.picture().await.len(), 1);
        let last = arrive(&house, people[LIMIT..].to_vec()).await[0];
        assert_eq!(house.picture().await.len(), LIMIT / 2 + 1);
        house.assert_rebuilt_the_same().await;
        go(&house, last).await;
        assert_eq!(house.picture().await.len(), 1);
        house.assert_rebuilt_the_same().await;
    }

    /// A store of an older program has records without these keys: the task that the upgrade wakes finds them.
    async fn a_rebuild_finds_who_was_never_found_by_a_place(store: TestStore) {
        let house = House::new(store);
        let ids = arrive(&house, vec![living("Ola Okonkwo", "12 Elm St, Quincy, MA 02169")]).await;
        let mut tx = house.engine.db.write(&house.scope()).await.unwrap();
        let links = keys(&mut tx, &ids).await;
        assert_eq!(links.len(), 4);
        identifier::remove(&mut tx, &links).await.unwrap();
        tx.commit().await.unwrap();
        arrive(&house, vec![living("Ola Okonkwo", "12 Elm St, Quincy, MA 02169")]).await;
        assert_eq!(house.picture().await.len(), 2);
        house.engine.rebuild(&house.scope(), false, |_| {}).await.unwrap();
        assert_eq!(house.picture().await.len(), 1);
        house.assert_rebuilt_the_same().await;
    }
}
