//! Messages and calls: in pages, each once, counted from their rows (I-03), the same on both databases (I-25).

use doorstep_core::IdMaker;
use doorstep_core::conversation::Message;
use doorstep_core::id::{ConversationId, ImportId, MessageId};
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{call, conversation, customer, message, on_both, record};

use crate::world::{Person, at, fill, new_call, new_conversation, new_message, person};

/// A conversation of `count` messages, two to a second.
async fn conversation_of(
    store: &TestStore,
    maker: &IdMaker,
    key: &str,
    numbers: std::ops::Range<i64>,
) -> ConversationId {
    let id = maker.make(START);
    let mut tx = store.db.write(&store.scope()).await.unwrap();
    conversation::insert(&mut tx, vec![new_conversation(id, key, None, vec![])]).await.unwrap();
    let new = numbers.map(|number| new_message(maker, id, None, number)).collect();
    message::insert(&mut tx, new).await.unwrap();
    conversation::count_messages(&mut tx, &[id]).await.unwrap();
    tx.commit().await.unwrap();
    id
}

on_both! {
    /// Newest first in pages; messages of the same second, also across a page border, come once each.
    async fn messages_page_through_all(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let id = conversation_of(&store, &maker, "a", 0..21).await;
        conversation_of(&store, &maker, "b", 100..103).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        for limit in [1, 2, 3, 20, 21, 22] {
            let mut seen: Vec<Message> = Vec::new();
            loop {
                let before = seen.last().map(|message| (message.sent_at, message.id));
                let page = message::list(&mut tx, id, before, limit).await.unwrap();
                if page.is_empty() {
                    break;
                }
                seen.extend(page);
            }
            assert_eq!(seen.len(), 21, "pages of {limit}");
            let keys: Vec<(_, MessageId)> = seen.iter().map(|message| (message.sent_at, message.id)).collect();
            assert!(keys.iter().rev().is_sorted(), "pages of {limit}");
        }
    }

    /// What is stored comes back as it was, to the microsecond and the last character.
    async fn a_message_comes_back_as_it_was(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let id: ConversationId = maker.make(START);
        let mut new = new_message(&maker, id, None, 6);
        new.message.body = "  \u{1f6bf} \"quoted\"\r\n\tna\u{ef}ve \\ ' % _ \u{202e}".to_owned();
        new.message.sent_at = START.plus_micros(-1_772_463_600_000_001);
        new.message.attachments = vec!["a \"b\".jpg".to_owned(), String::new()];
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        conversation::insert(&mut tx, vec![new_conversation(id, "a", None, vec![])]).await.unwrap();
        message::insert(&mut tx, vec![new.clone()]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        assert_eq!(message::list(&mut tx, id, None, 10).await.unwrap(), [new.message]);
    }

    /// I-03: the same messages again change nothing; counts follow the rows, down as well as up.
    async fn counts_follow_the_rows(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let (maker, id) = (IdMaker::seeded(7), world.conversation);
        let import: ImportId = maker.make(START);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        // `fill` has put five in.
        let again = (2_001..2_006).map(|number| new_message(&maker, id, Some(import), number)).collect();
        assert_eq!(message::insert(&mut tx, again).await.unwrap(), 0, "the same messages");
        let more = (2_004..2_009).map(|number| new_message(&maker, id, Some(import), number)).collect();
        assert_eq!(message::insert(&mut tx, more).await.unwrap(), 3, "two known, three new");
        let counted = async |tx: &mut doorstep_store::Tx| {
            conversation::count_messages(tx, &[id]).await.unwrap();
            let of_customer = conversation::of_customer(tx, world.people[0].customer, 10).await.unwrap();
            (of_customer[0].message_count, message::list(tx, id, None, 100).await.unwrap().len())
        };
        assert_eq!(counted(&mut tx).await, (8, 8));
        assert_eq!(counted(&mut tx).await, (8, 8), "counted twice");
        assert_eq!(message::remove_of_import(&mut tx, import, 2).await.unwrap(), [id, id]);
        assert_eq!(message::remove_of_import(&mut tx, import, 2).await.unwrap(), [id]);
        assert_eq!(counted(&mut tx).await, (5, 5));
        tx.commit().await.unwrap();
    }

    /// A conversation is its participants' customers': by record where the source names one, else by number.
    async fn a_customer_has_the_conversations_it_takes_part_in(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        for (person, expected) in world.people.iter().zip([1, 1, 0]) {
            let found = conversation::of_customer(&mut tx, person.customer, 10).await.unwrap();
            assert_eq!(found.len(), expected);
            for conversation in found {
                assert_eq!((conversation.id, conversation.message_count), (world.conversation, 5));
                assert_eq!(conversation.last_message_at, Some(at(1_002)));
                assert_eq!(conversation.participants, [world.people[0].phone.value.clone(), world.people[1].phone.value.clone()]);
            }
        }
        // The record moves, and the conversation and the call with it, without a row of theirs changing.
        record::assign(&mut tx, &[(world.people[0].record, world.people[2].customer)]).await.unwrap();
        assert_eq!(conversation::of_customer(&mut tx, world.people[2].customer, 10).await.unwrap().len(), 1);
        assert_eq!(conversation::of_customer(&mut tx, world.people[0].customer, 10).await.unwrap().len(), 0);
        assert_eq!(call::of_customer(&mut tx, world.people[2].customer, 10).await.unwrap().len(), 1);
    }

    /// Calls newest first, each once, whether they name the record or only the number.
    async fn calls_come_newest_first_and_once(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let one = person(&maker, 1);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        record::insert(&mut tx, vec![one.record(None)]).await.unwrap();
        customer::put(&mut tx, &[Person::customer(&one)], &[]).await.unwrap();
        let new: Vec<call::New> = (1..=6).map(|number| new_call(&maker, &one, None, number)).collect();
        assert_eq!(call::insert(&mut tx, new.clone()).await.unwrap(), 6);
        assert_eq!(call::insert(&mut tx, new).await.unwrap(), 0, "said again");
        let found = call::of_customer(&mut tx, one.customer, 4).await.unwrap();
        let times: Vec<_> = found.iter().map(|call| call.started_at).collect();
        assert_eq!(times, [at(6), at(5), at(4), at(3)]);
    }

    /// Taking out an import takes its conversations unless somebody else's messages are in them.
    async fn a_conversation_with_other_messages_stays(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        message::insert(&mut tx, vec![new_message(&world.maker, world.conversation, None, 9)]).await.unwrap();
        assert_eq!(message::remove_of_import(&mut tx, world.import, 100).await.unwrap().len(), 5);
        assert_eq!(conversation::remove_of_import(&mut tx, world.import, 100).await.unwrap(), 0);
        conversation::count_messages(&mut tx, &[world.conversation]).await.unwrap();
        let left = conversation::of_customer(&mut tx, world.people[0].customer, 10).await.unwrap();
        assert_eq!(left[0].message_count, 1);
    }
}
