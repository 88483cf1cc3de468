//! Finding customers: search by the beginnings of words, lists in pages, and who has a number. Any number of keys.

use doorstep_core::IdMaker;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::record::Source;
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{conversation, customer, on_both, record};

use crate::world::{Person, STREAM, new_conversation, person, phone};

async fn put(store: &TestStore, people: &[Person]) {
    let mut tx = store.db.write(&store.scope()).await.unwrap();
    let puts: Vec<_> = people.iter().map(Person::customer).collect();
    customer::put(&mut tx, &puts, &[]).await.unwrap();
    tx.commit().await.unwrap();
}

fn named(maker: &IdMaker, number: u32, words: &[&str]) -> Person {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Person { words, ..person(maker, number) }
}

async fn search(store: &TestStore, words: &[&str], limit: i64) -> Vec<String> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut tx = store.db.read(&store.scope()).await.unwrap();
    let found = customer::search(&mut tx, &words, limit).await.unwrap();
    found.into_iter().map(|listed| listed.display_name).collect()
}

on_both! {
    /// Every word asked for must begin one of the customer's words; the oldest come first.
    async fn search_is_by_the_beginnings_of_words(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let people = [
            named(&maker, 1, &["anna", "smith"]),
            named(&maker, 2, &["annabel", "smithers"]),
            named(&maker, 3, &["joanna", "jones"]),
            named(&maker, 4, &["ann", "o'hara"]),
            named(&maker, 5, &["z\u{fc}rich", "gmbh"]),
            named(&maker, 6, &["50%", "off_shop"]),
        ];
        put(&store, &people).await;
        let cases: &[(&[&str], &[&str])] = &[
            (&["anna"], &["anna smith", "annabel smithers"]),
            (&["ann"], &["anna smith", "annabel smithers", "ann o'hara"]),
            (&["smi", "annab"], &["annabel smithers"]),
            (&["jo"], &["joanna jones"]),
            (&["anna", "anna"], &["anna smith", "annabel smithers"]),
            (&["o'h"], &["ann o'hara"]),
            (&["z\u{fc}"], &["z\u{fc}rich gmbh"]),
            (&["50%"], &["50% off_shop"]),
            (&["%"], &[]),
            (&["_"], &[]),
            (&["offxshop"], &[]),
            (&["anna", "jones"], &[]),
            (&["nna"], &[]),
            (&[], &[]),
            (&[""], &[]),
            (&["", "jones"], &["joanna jones"]),
            (&["a", "s", "a", "s", "a", "s", "a", "s", "zzz"], &["anna smith", "annabel smithers"]),
            (&["'; drop table customer; --"], &[]),
        ];
        for (words, expected) in cases {
            assert_eq!(search(&store, words, 10).await, *expected, "{words:?}");
        }
        assert_eq!(search(&store, &["ann"], 2).await, ["anna smith", "annabel smithers"]);
    }

    /// A customer stored again is found by its new words and number and no longer by the old ones.
    async fn what_changed_is_found_by_its_new_words(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let before = named(&maker, 1, &["anna", "smith"]);
        put(&store, &[before.clone(), named(&maker, 2, &["anna", "jones"])]).await;
        let after = Person { words: vec!["anna".into(), "miller".into()], phone: phone(9), ..before.clone() };
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        customer::put(&mut tx, &[after.customer()], &[before.customer()]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(search(&store, &["smith"], 10).await, Vec::<String>::new());
        assert_eq!(search(&store, &["anna"], 10).await, ["anna miller", "anna jones"]);
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        assert_eq!(customer::find_by_identifier(&mut tx, &before.phone, 10).await.unwrap(), []);
        assert_eq!(customer::find_by_identifier(&mut tx, &after.phone, 10).await.unwrap(), [after.customer]);
        let stored = customer::get(&mut tx, after.customer).await.unwrap().unwrap();
        assert_eq!(stored, after.customer().customer, "what was put comes back");
        drop(tx);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        customer::remove(&mut tx, &[after.customer]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(search(&store, &["anna"], 10).await, ["anna jones"]);
    }

    /// Pages by keyset: all of them, once, in the order of age, also while new ones arrive.
    async fn lists_page_through_all(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let people: Vec<Person> = (0..25).map(|number| person(&maker, number)).collect();
        put(&store, &people).await;
        let mut seen: Vec<CustomerId> = Vec::new();
        for round in 0..10 {
            let mut tx = store.db.read(&store.scope()).await.unwrap();
            let page = customer::list(&mut tx, seen.last().copied(), 10).await.unwrap();
            drop(tx);
            assert!(page.len() <= 10);
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|listed| listed.id));
            if round == 0 {
                put(&store, &[person(&maker, 100)]).await;
            }
        }
        assert_eq!(seen.len(), 26);
        assert!(seen.is_sorted());
        assert_eq!(seen[..25], people.iter().map(|p| p.customer).collect::<Vec<_>>());
    }

    /// One number may be several customers': oldest first, bounded. An e-mail of the same text is not a phone.
    async fn an_identifier_finds_whoever_has_it(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let people: Vec<Person> = (0..4).map(|number| Person { phone: phone(7), ..person(&maker, number) }).collect();
        put(&store, &people).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let all = customer::find_by_identifier(&mut tx, &phone(7), 10).await.unwrap();
        assert_eq!(all, people.iter().map(|p| p.customer).collect::<Vec<_>>());
        assert_eq!(customer::find_by_identifier(&mut tx, &phone(7), 2).await.unwrap(), all[..2]);
        assert_eq!(customer::find_by_identifier(&mut tx, &phone(8), 2).await.unwrap(), []);
        let mut email = phone(7);
        email.kind = doorstep_core::identifier::IdentifierKind::Email;
        assert_eq!(customer::find_by_identifier(&mut tx, &email, 2).await.unwrap(), []);
        let known = customer::known_phones(&mut tx, &[&phone(7).value, &phone(8).value]).await.unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [phone(7).value]);
    }

    /// Keys and addresses are compared letter by letter on both databases: only what reads them may fold them.
    async fn a_key_in_other_letters_is_another_key(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let mut one = person(&maker, 1);
        one.key = "Ab".to_owned();
        one.phone = Identifier { kind: IdentifierKind::Email, value: "Ab@example.net".to_owned() };
        put(&store, std::slice::from_ref(&one)).await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        record::insert(&mut tx, vec![one.record(None)]).await.unwrap();
        conversation::insert(&mut tx, vec![new_conversation(maker.make(START), "Ab", None, vec![])]).await.unwrap();
        let keys = ["Ab", "AB", "ab", "ab ", "Äb"];
        let mut found = Vec::new();
        for key in keys {
            let address = Identifier { kind: IdentifierKind::Email, value: format!("{key}@example.net") };
            found.push([
                conversation::by_keys(&mut tx, Source::PhoneHistory, &[key]).await.unwrap().len(),
                record::said(&mut tx, Source::PhoneHistory, STREAM, &[(key, one.hash)]).await.unwrap().len(),
                customer::find_by_identifier(&mut tx, &address, 10).await.unwrap().len(),
                record::sharing(&mut tx, &[address], |_| 10).await.unwrap().links.len(),
            ]);
        }
        assert_eq!(found, [[1; 4], [0; 4], [0; 4], [0; 4], [0; 4]]);
    }

    /// An identifier that more records share than the bound is a hub: counted, and its records not listed (I16).
    async fn a_shared_identifier_is_listed_up_to_the_bound(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let mut people: Vec<Person> = (0..5).map(|number| Person { phone: phone(7), ..person(&maker, number) }).collect();
        people.push(person(&maker, 9));
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        record::insert(&mut tx, people.iter().map(|p| p.record(None)).collect()).await.unwrap();
        for (bound, links, hubs) in [(5, 6, 0), (4, 1, 1), (0, 0, 2)] {
            let found = record::sharing(&mut tx, &[phone(7), phone(9), phone(8)], |_| bound).await.unwrap();
            assert_eq!((found.links.len(), found.hubs.len()), (links, hubs), "{bound}");
            assert_eq!(found.hubs.contains(&phone(7)), bound < 5);
        }
    }

    /// Many rows go out in statements of a few sizes; the borders of those sizes lose and double nothing.
    async fn any_number_of_rows_goes_in_and_is_found(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let mut first = 0;
        for count in [0, 1, 3, 4, 19, 499, 500, 501, 1_203] {
            let people: Vec<Person> = (first..first + count).map(|number| person(&maker, number)).collect();
            first += count;
            let count = count as usize;
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            record::insert(&mut tx, people.iter().map(|p| p.record(None)).collect()).await.unwrap();
            tx.commit().await.unwrap();
            put(&store, &people).await;
            let ids: Vec<_> = people.iter().map(|p| p.record).collect();
            let customers: Vec<_> = people.iter().map(|p| p.customer).collect();
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            let mut found: Vec<_> = record::get_many(&mut tx, &ids).await.unwrap().into_iter().map(|s| s.record.id).collect();
            found.sort();
            assert_eq!(found, ids, "{count} records");
            let found = customer::get_many(&mut tx, &customers).await.unwrap();
            assert_eq!(found.iter().map(|put| put.customer.id).collect::<Vec<_>>(), customers);
            assert!(found.iter().all(|put| put.customer.identities.len() == 1), "{count}: an identity lost or doubled");
            customer::remove(&mut tx, &customers).await.unwrap();
            assert_eq!(customer::count(&mut tx).await.unwrap(), 0, "{count}");
            let moved: Vec<_> = ids.iter().map(|id| (*id, CustomerId::from_uuid(uuid::Uuid::from_u128(1)))).collect();
            record::assign(&mut tx, &moved).await.unwrap();
            let of = record::of_customers(&mut tx, &[moved.first().map_or(maker.make(START), |(_, to)| *to)]).await.unwrap();
            assert_eq!(of.len(), count, "{count} assigned");
            drop(tx);
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            customer::remove(&mut tx, &customers).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}
