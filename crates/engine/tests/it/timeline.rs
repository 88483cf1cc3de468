//! The timeline: messages and calls of a customer in one list.

use doorstep_core::Timestamp;
use doorstep_core::conversation::Entry;
use doorstep_core::id::CustomerId;
use doorstep_core::position::{Page, Position};
use doorstep_engine::Error;
use doorstep_store::on_both;

use crate::house::{House, contact, files};

fn said(entry: &Entry) -> (Timestamp, String) {
    let text = match entry {
        Entry::Message { message, channel } => format!("{} {}", channel.as_str(), message.body),
        Entry::Call { call } => format!("call {:?} {:?}", call.duration_seconds, call.voicemail_text),
    };
    (entry.place().0, text)
}

async fn page(house: &House, id: CustomerId, position: Option<&Position>, limit: i64) -> Page<Entry> {
    house.engine.timeline(&house.scope(), id, position, limit).await.unwrap()
}

/// A customer whose history is spread over so many conversations that they do not fit into one statement.
async fn talkative(house: &House) -> CustomerId {
    let mut conversations = "conversation_id,participants,channel\n".to_owned();
    let mut messages = "conversation_id,from_number,to_number,direction,body,sent_at\n".to_owned();
    let mut calls = "from_number,to_number,started_at,duration_seconds\n".to_owned();
    for n in 0..100 {
        conversations.push_str(&format!("t{n},+16174710117;+1617472{n:04},sms\n"));
        for m in 0..3 {
            let at = 1_709_287_200 + (n * 37 + m * 1_000) % 2_500;
            messages.push_str(&format!("t{n},+16174710117,+16174712000,inbound,text {n} {m},{at}\n"));
        }
        calls.push_str(&format!("+16174710117,+16174712000,{},{n}\n", 1_709_287_200 + n * 29));
    }
    let contacts = "contact_id,display_name,phone_number\nc1,John Smith,+16174710117\n";
    house
        .import(&[
            ("contacts.csv", contacts),
            ("conversations.csv", &conversations),
            ("messages.csv", &messages),
            ("calls.csv", &calls),
        ])
        .await;
    house.engine.search(&house.scope(), "john smith", 10).await.unwrap()[0].id
}

on_both! {
    async fn messages_and_calls_are_one_list_each_once_both_ways(store: TestStore) {
        let house = House::new(store);
        let id = talkative(&house).await;
        let mut pages = vec![page(&house, id, None, 50).await];
        while let Some(next) = pages.last().unwrap().next.clone() {
            pages.push(page(&house, id, Some(&next), 50).await);
        }
        let all: Vec<&Entry> = pages.iter().flat_map(|page| &page.rows).collect();
        assert!(all.is_sorted_by(|a, b| a.place() > b.place()), "newest first, and none twice");
        let calls = all.iter().filter(|entry| matches!(entry, Entry::Call { .. })).count();
        assert_eq!((all.len(), calls, pages[0].previous.is_none()), (400, 100, true));
        let mut at = pages.last().unwrap().previous.clone();
        for forward in pages.iter().rev().skip(1) {
            let back = page(&house, id, at.as_ref(), 50).await;
            assert_eq!(back.rows, forward.rows);
            at = back.previous;
        }
        assert_eq!(at, None);
    }

    async fn a_timeline_follows_who_is_who(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        house.import(&files()).await;
        let jack = engine.search(&scope, "jack smyth", 10).await.unwrap()[0].id;
        let john = engine.search(&scope, "john smith", 10).await.unwrap()[0].id;
        let of = async |id| page(&house, id, None, 50).await.rows.iter().map(|entry| said(entry).1).collect::<Vec<_>>();
        let (his, johns) = (of(jack).await, of(john).await);
        assert_eq!(his, ["call Some(61) None", "sms two\nlines"]);
        assert_eq!(johns, ["sms On my way", "sms ok", "sms ok"]);
        engine.merge(&scope, jack, john, None).await.unwrap();
        let both = page(&house, jack, None, 50).await.rows;
        assert_eq!(both.len(), 5);
        assert!(both.is_sorted_by(|a, b| a.place() > b.place()));
        engine.unmerge(&scope, jack.max(john), None).await.unwrap();
        assert_eq!((of(jack).await, of(john).await), (his, johns));
    }

    async fn conversations_and_their_messages_go_by_pages(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let id = talkative(&house).await;
        let mut seen = Vec::new();
        let mut position = None;
        loop {
            let page = engine.conversations(&scope, id, position.as_ref(), 30).await.unwrap();
            seen.extend(page.rows);
            position = page.next;
            if position.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 100);
        assert!(seen.is_sorted_by(|a, b| (a.last_message_at, a.id) > (b.last_message_at, b.id)));
        let one = &seen[50];
        assert_eq!(engine.conversation(&scope, one.id).await.unwrap().as_ref(), Some(one));
        let newest = engine.messages(&scope, one.id, None, 2).await.unwrap();
        let oldest = engine.messages(&scope, one.id, newest.next.as_ref(), 2).await.unwrap();
        let back = engine.messages(&scope, one.id, oldest.previous.as_ref(), 2).await.unwrap();
        assert_eq!((newest.rows.len(), oldest.rows.len(), &back.rows), (2, 1, &newest.rows));
        assert_eq!(newest.rows[0].sent_at, one.last_message_at.unwrap());
        let refused = engine.messages(&scope, one.id, Some(&Position::from_text("00")), 2).await;
        assert!(matches!(refused, Err(Error::BadPosition(_))), "{refused:?}");
    }

    async fn of_nobody_there_is_no_timeline(store: TestStore) {
        let house = House::new(store);
        house.engine.find_or_create(&house.scope(), &contact(Some("Kim Park"), "617 471 0199"), false).await.unwrap();
        let kim = house.engine.search(&house.scope(), "kim", 10).await.unwrap()[0].id;
        assert!(page(&house, kim, None, 10).await.rows.is_empty());
        let stranger = doorstep_store::testing::create_tenant(&house.store.db, "Other", "+16174712001").await;
        let stranger = doorstep_store::testing::owner_of(&stranger);
        for refused in [house.engine.timeline(&stranger, kim, None, 5).await.map(|_| ()), house.engine.conversations(&stranger, kim, None, 5).await.map(|_| ())] {
            assert!(matches!(refused, Err(Error::NoCustomer(_))), "{refused:?}");
        }
    }
}
