//! Lists by position: every row once, in order, both ways, whatever happens meanwhile.

use std::collections::BTreeSet;

use doorstep_core::id::CustomerId;
use doorstep_core::phone::Region;
use doorstep_core::position::{MAX_PAGE, Page, Position};
use doorstep_engine::Error;
use doorstep_engine::change::Changed;
use doorstep_store::listing::{Order, Row};
use doorstep_store::on_both;

use crate::house::{House, contact, files, many_files};

async fn page(house: &House, order: Order, position: Option<&Position>, limit: i64) -> Page<Row> {
    house.engine.customers(&house.scope(), order, position, limit).await.unwrap()
}

/// All rows by walking forward, and the positions before each page.
async fn walk(house: &House, order: Order, limit: i64) -> Vec<Page<Row>> {
    let mut pages = vec![page(house, order, None, limit).await];
    while let Some(next) = pages.last().unwrap().next.clone() {
        pages.push(page(house, order, Some(&next), limit).await);
    }
    pages
}

on_both! {
    async fn a_walk_sees_every_customer_once_and_comes_back_the_same_way(store: TestStore) {
        let house = House::new(store);
        let (contacts, messages) = many_files(120, 200);
        house.import(&[("contacts.csv", &contacts), ("messages.csv", &messages)]).await;
        for order in [Order::Newest, Order::Name] {
            let pages = walk(&house, order, 17).await;
            let rows: Vec<&Row> = pages.iter().flat_map(|page| &page.rows).collect();
            assert!(pages.len() > 5 && pages[0].previous.is_none());
            let ids: BTreeSet<CustomerId> = rows.iter().map(|row| row.id).collect();
            let whole = page(&house, order, None, 10_000).await;
            assert_eq!((ids.len(), whole.rows.len(), whole.next), (rows.len(), rows.len(), None));
            assert!(rows.iter().zip(&whole.rows).all(|(a, b)| **a == *b));
            match order {
                Order::Newest => assert!(rows.is_sorted_by(|a, b| a.id > b.id)),
                Order::Name => assert!(rows.is_sorted_by(|a, b| (&a.sort_name, a.id) < (&b.sort_name, b.id))),
            }
            // Back from the last page to the first: the same windows.
            let mut at = pages.last().unwrap().previous.clone();
            for forward in pages.iter().rev().skip(1) {
                let back = page(&house, order, at.as_ref(), 17).await;
                assert_eq!(back.rows, forward.rows);
                at = back.previous;
            }
            assert_eq!(at, None);
        }
        let other = page(&house, Order::Newest, None, 5).await.next.unwrap();
        for bad in [other, Position::from_text("5b22637573746f6d657273225d"), Position::from_text("' or 1=1")] {
            let refused = house.engine.customers(&house.scope(), Order::Name, Some(&bad), 5).await;
            assert!(matches!(refused, Err(Error::BadPosition(_))), "{refused:?}");
        }
    }

    /// A number that is nobody's is no identity, and still somebody said it.
    async fn a_source_counts_even_if_all_it_says_is_a_placeholder(store: TestStore) {
        let house = House::new(store);
        let contacts = "contact_id,display_name,phone_number\n1,Ann Miller,000-000-0000\n2,Bob Reed,617-471-0118\n";
        house.import(&[("contacts.csv", contacts)]).await;
        house.engine.find_or_create(&house.scope(), &contact(Some("Robert Reed"), "617 471 0118"), false).await.unwrap();
        let rows = page(&house, Order::Name, None, 50).await.rows;
        let shown: Vec<_> = rows.iter().map(|row| (row.display_name.as_str(), row.sources)).collect();
        assert_eq!(shown, [("Ann Miller", 1), ("Robert Reed", 2)]);
    }

    async fn a_row_shows_what_a_list_shows(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        house.engine.find_or_create(&house.scope(), &contact(Some("Zoë Smyth"), "617 471 0118"), false).await.unwrap();
        let rows = page(&house, Order::Name, None, 50).await.rows;
        let shown: Vec<_> = rows.iter().map(|row| (row.display_name.as_str(), row.sources, row.in_review)).collect();
        assert_eq!(
            shown,
            [
                ("(617) 471-0120", 1, false),
                ("(781) 843-0140", 1, false),
                ("(781) 843-0141", 1, false),
                ("Jack Smyth", 1, true),
                ("John Smith", 1, true),
                ("Mary Smith", 1, true),
                ("Zoë Smyth", 1, true),
            ]
        );
        let john = rows.iter().find(|row| row.display_name == "John Smith").unwrap();
        let card = house.engine.card(&house.scope(), john.id, 1, 1).await.unwrap().unwrap();
        let last = card.customer.identities.iter().map(|identity| identity.last_seen_at).max();
        assert_eq!((john.last_seen_at, john.version, &john.phone), (last, card.version, &card.customer.phone));
        assert!(last.is_some());
    }

    async fn rows_that_go_between_two_pages_hide_none(store: TestStore) {
        let house = House::new(store);
        let (contacts, _) = many_files(40, 0);
        house.import(&[("contacts.csv", &contacts)]).await;
        let before = page(&house, Order::Name, None, 1_000).await.rows;
        let first = page(&house, Order::Name, None, 10).await;
        // The customer beside whom the next page begins is joined to the one before it.
        let (gone, other) = (first.rows[9].id, first.rows[8].id);
        house.engine.merge(&house.scope(), gone, other, None).await.unwrap();
        let second = page(&house, Order::Name, first.next.as_ref(), 10).await;
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        let expected: Vec<_> = ids(&before)[10..].iter().copied().filter(|id| *id != gone && *id != other).take(10).collect();
        assert_eq!(ids(&second.rows), expected);
    }

    async fn another_tenant_lists_nothing_with_a_position_of_ours(store: TestStore) {
        let house = House::new(store);
        house.import(&files()).await;
        let stranger = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let stranger = doorstep_store::testing::owner_of(&stranger);
        let position = page(&house, Order::Newest, None, 2).await.next.unwrap();
        let page = house.engine.customers(&stranger, Order::Newest, Some(&position), MAX_PAGE as i64).await.unwrap();
        assert_eq!((page.rows.len(), page.next, page.previous), (0, None, None));
    }

    async fn search_finds_by_any_spelling_whole_words_first_by_pages(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        for (n, name) in ["Johnny Cash", "John Smith", "Smith Johnson", "Ann John"].iter().enumerate() {
            let mut contact = contact(Some(name), &format!("617 471 010{n}"));
            contact.emails.extend(doorstep_core::email::Email::parse(&format!("p{n}@smithco.com")));
            house.engine.find_or_create(&scope, &contact, false).await.unwrap();
        }
        let find = async |query: &str| {
            let found = house.engine.search_page(&scope, Region::US, query, None, 50).await.unwrap();
            assert!(!found.stopped && found.next.is_none());
            found.rows.into_iter().map(|row| row.display_name).collect::<Vec<_>>()
        };
        for query in ["(617) 471-0101", "617.471.0101", "+1 617 471 0101", "4710101", "0101", "p1@smithco.com", "smi joh 0101"] {
            assert_eq!(find(query).await, ["John Smith"], "{query}");
        }
        assert_eq!(find("smith").await[..2], ["John Smith", "Smith Johnson"]);
        assert_eq!(find("zoe").await, Vec::<String>::new());
        let whole = find("john").await;
        assert_eq!(whole.last().map(String::as_str), Some("Smith Johnson"), "{whole:?}");
        let (mut paged, mut position) = (Vec::new(), None);
        loop {
            let found = house.engine.search_page(&scope, Region::US, "john", position.as_ref(), 1).await.unwrap();
            paged.extend(found.rows.into_iter().map(|row| row.display_name));
            position = found.next;
            if position.is_none() {
                break;
            }
        }
        assert_eq!(paged, whole);
        let refused = house.engine.search_page(&scope, Region::US, "john", Some(&Position::from_text("00")), 1).await;
        assert!(matches!(refused, Err(Error::BadPosition(_))), "{refused:?}");
    }

    /// One look is not enough for somebody with many words that begin alike; whoever then looks again must have given back
    /// what they looked with, or enough of them at once wait for each other.
    async fn many_who_search_at_once_do_not_wait_for_each_other(store: TestStore) {
        let house = House::new(store);
        let scope = house.scope();
        let many = contact(Some("Aaron Aabel Aachen Aadland Aagaard Aalto"), "617 471 0100");
        house.engine.find_or_create(&scope, &many, false).await.unwrap();
        let mut searching = tokio::task::JoinSet::new();
        for number in 0..60 {
            let (engine, scope, query) = (house.engine.clone(), scope.clone(), ["aa", "aaron aabel"][number % 2]);
            searching.spawn(async move { engine.search_page(&scope, Region::US, query, None, 1).await });
        }
        for found in searching.join_all().await {
            assert_eq!(found.unwrap().rows.len(), 1);
        }
    }

    async fn reviews_and_merges_show_who_they_are_about(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        house.import(&files()).await;
        let reviews = engine.review_page(&scope, None, 50).await.unwrap().rows;
        assert_eq!(reviews.len(), engine.reviews(&scope, None, 50).await.unwrap().len());
        let shown = &reviews[0];
        assert_eq!(shown.a_customer.as_ref().map(|row| (row.id, row.in_review)), Some((shown.review.a, true)));
        assert!(shown.b_customer.is_some() && !shown.review.evidence.is_empty());
        let ids: Vec<CustomerId> = page(&house, Order::Newest, None, 50).await.rows.iter().map(|row| row.id).collect();
        for (n, reason) in ["first", "second", "third"].into_iter().enumerate() {
            house.store.clock.turn_seconds(1);
            engine.merge(&scope, ids[2 * n], ids[2 * n + 1], Some(reason)).await.unwrap();
        }
        // What an edit ties together is no merge.
        let mut edit = doorstep_core::edit::Edit::default();
        edit.set(doorstep_core::customer::Field::Phone, Some("617 471 0166"), doorstep_core::phone::Region::US).unwrap();
        engine.edit_customer(&scope, ids[1], &edit, None, false).await.unwrap();
        engine.unmerge(&scope, ids[0], None).await.unwrap();
        let newest = engine.merges(&scope, None, 2).await.unwrap();
        let oldest = engine.merges(&scope, newest.next.as_ref(), 2).await.unwrap();
        let all: Vec<_> = newest.rows.iter().chain(&oldest.rows).collect();
        let reasons: Vec<_> = all.iter().map(|shown| shown.decision.reason.as_deref()).collect();
        assert_eq!(reasons, [Some("third"), Some("second"), Some("first")]);
        let (third, first) = (all[0], all[2]);
        assert_eq!(third.a_customer, third.b_customer, "joined, both are one customer");
        assert_eq!((third.decision.retracted_at, third.retracted_by.as_ref()), (None, None));
        assert!(first.decision.retracted_at.is_some() && first.a_customer != first.b_customer);
        assert_eq!((&first.decision.actor, first.retracted_by.as_ref()), (scope.actor(), Some(scope.actor())));
        let back = engine.merges(&scope, oldest.previous.as_ref(), 2).await.unwrap();
        assert_eq!(back.rows, newest.rows);
    }

    async fn the_feed_says_what_changed_with_typed_ids(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        assert_eq!(engine.last_change(&scope).await.unwrap(), 0);
        let import = house.import(&files()).await.import.id;
        let mut seen = Vec::new();
        loop {
            let page = engine.changes(&scope, seen.len() as i64, 7).await.unwrap();
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        assert!(seen.iter().zip(1..).all(|(change, number)| change.number == number));
        assert_eq!(engine.last_change(&scope).await.unwrap(), seen.len() as i64);
        let all: Vec<Changed> = seen.iter().map(|change| change.changed).collect();
        let customer = page(&house, Order::Newest, None, 1).await.rows[0].id;
        assert!(all.contains(&Changed::Import(import)) && all.contains(&Changed::Customer(customer)));
        assert_eq!(all.iter().filter(|changed| matches!(changed, Changed::Call(_))).count(), 2);
        let json = serde_json::to_value(seen.iter().find(|change| change.changed == Changed::Import(import))).unwrap();
        assert_eq!((&json["subject"], &json["id"]), (&"import".into(), &import.to_string().into()));
        house.undo(import).await;
        let after = engine.changes(&scope, seen.len() as i64, 1_000).await.unwrap();
        assert!(after.iter().any(|change| matches!(change.changed, Changed::Call(_))), "going is a change, too");
    }
}
