//! Searching what was written with a customer.

use doorstep_core::id::CustomerId;
use doorstep_core::position::Position;
use doorstep_engine::Error;
use doorstep_engine::passage::Found;
use doorstep_store::on_both;
use doorstep_store::testing::{TestStore, create_tenant, owner_of};

use crate::house::House;

const CONTACTS: &str = "contact_id,display_name,phone_number\nc1,John Smith,+16174710117\nc2,Ann Lee,+16174710118\n";

/// John writes in two conversations, Ann in one; the newest message has the highest number.
async fn house_with(store: TestStore, bodies: &[&str]) -> (House, CustomerId, CustomerId) {
    let house = House::new(store);
    let mut messages = "conversation_id,from_number,to_number,direction,body,sent_at\n".to_owned();
    for (n, body) in bodies.iter().enumerate() {
        let at = 1_709_287_200 + n;
        let (conversation, from) = [("t1", "+16174710117"), ("t2", "+16174710117"), ("t3", "+16174710118")][n % 3];
        messages.push_str(&format!("{conversation},{from},+16174712000,inbound,\"{body} {n}\",{at}\n"));
    }
    let conversations =
        "conversation_id,participants,channel\nt1,+16174710117,sms\nt2,+16174710117,sms\nt3,+16174710118,sms\n";
    house
        .import(&[("contacts.csv", CONTACTS), ("conversations.csv", conversations), ("messages.csv", &messages)])
        .await;
    let john = house.engine.search(&house.scope(), "john smith", 1).await.unwrap()[0].id;
    let ann = house.engine.search(&house.scope(), "ann lee", 1).await.unwrap()[0].id;
    (house, john, ann)
}

/// All that is found, by pages of that length; how many pages it took.
async fn all(house: &House, id: CustomerId, question: &str, limit: i64) -> (Vec<String>, usize) {
    let (mut found, mut at, mut pages): (Vec<Found>, Option<Position>, usize) = (Vec::new(), None, 0);
    loop {
        let page = house.engine.search_conversations(&house.scope(), id, question, at.as_ref(), limit).await.unwrap();
        assert!(page.rows.len() as i64 <= limit);
        found.extend(page.rows);
        pages += 1;
        at = page.next;
        if at.is_none() {
            break;
        }
    }
    assert!(found.is_sorted_by(|a, b| a.message.sent_at > b.message.sent_at), "newest first, and none twice");
    (found.iter().map(|found| found.passage.marked("[", "]")).collect(), pages)
}

on_both! {
    async fn words_are_found_in_ones_own_messages_newest_first(store: TestStore) {
        let (house, john, ann) = house_with(store, &["Agua caliente mañana", "the heater leaks", "my Heater", "HEATERS!"]).await;
        assert_eq!(all(&house, john, "heater", 10).await.0, ["[HEATERS]! 3", "the [heater] leaks 1"]);
        assert_eq!(all(&house, john, "leak heat", 10).await.0, ["the [heater] [leaks] 1"]);
        assert_eq!(all(&house, john, "manana", 10).await.0, ["Agua caliente [mañana] 0"]);
        assert_eq!(all(&house, ann, "heater", 10).await.0, ["my [Heater] 2"]);
        for nothing in ["", "?!", "eater", "heater mañana", "%", "_"] {
            assert_eq!(all(&house, john, nothing, 10).await.0, [""; 0], "{nothing}");
        }
        // Who is who decides whose messages they are.
        house.engine.merge(&house.scope(), john, ann, None).await.unwrap();
        assert_eq!(all(&house, ann, "heater", 10).await.0.len(), 3);
        house.engine.unmerge(&house.scope(), ann.max(john), None).await.unwrap();
        assert_eq!(all(&house, ann, "heater", 10).await.0.len(), 1);
        let other = owner_of(&create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await);
        let strangers = house.engine.search_conversations(&other, john, "heater", None, 10).await;
        assert!(matches!(strangers, Err(Error::NoCustomer(_))), "{strangers:?}");
    }

    /// More than one look goes through: what is rare and old is found by going on.
    async fn a_long_history_is_gone_through_in_bounded_looks(store: TestStore) {
        let mut bodies = vec!["we talk of the weather"; 9_000];
        for at in [0, 3, 4_500, 8_997] {
            bodies[at] = "a burst pipe";
        }
        let (house, john, _) = house_with(store, &bodies).await;
        let expected = ["a [burst] pipe 8997", "a [burst] pipe 4500", "a [burst] pipe 3", "a [burst] pipe 0"];
        assert_eq!(all(&house, john, "burst", 50).await, (expected.map(str::to_owned).to_vec(), 2));
        assert_eq!(all(&house, john, "burst", 2).await.0, expected);
        let one = house.engine.search_conversations(&house.scope(), john, "no such words", None, 50).await.unwrap();
        assert!(one.rows.is_empty() && one.next.is_some(), "there is more to look through");
        assert_eq!(all(&house, john, "weather", 200).await.0.len(), 5_996);
    }
}
