//! Notes and preferences on the card.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;

use super::{HTML, check_whole, contact, post, signed_in};
use crate::house::House;
use crate::wire::get;

on_both! {
    async fn what_is_said_of_a_customer_stands_on_the_card_with_who_and_when(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let ann = contact(&house, &store, "Ann Lee", "617 471 0117").await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let reader = signed_in(&house, &store, "cy@example.com", Role::ReadOnly).await;
        let (card, add) = (format!("/customers/{ann}"), format!("/customers/{ann}/remarks"));
        let page = async |session: &str| {
            let page = get(house.address, &card, &[HTML, session]).await.text();
            check_whole(&card, &page);
            page
        };
        assert!(page(&staff).await.contains("Nothing was noted yet.") && page(&staff).await.contains(&add));
        assert!(!page(&reader).await.contains(&add), "who may not is not asked");
        for (what, text) in [("note", "<b>dog</b>\nin the yard"), ("time", "mornings"), ("address", "123 main street, quincy, ma")] {
            let done = post(&house, &add, &staff, &[("what", what), ("text", text)]).await;
            assert_eq!((done.status, done.header("location")), (303, Some(format!("{card}?done=said"))), "{}", done.text());
        }
        let shown = page(&staff).await;
        for part in ["&#60;b&#62;dog&#60;/b&#62;\nin the yard", "When to come", "mornings", "Service address", "123 Main St, Quincy, MA", "<bdi>Ann Lee</bdi>"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("<b>dog"), "{shown}");
        // What does not go through is said, and what was typed is not lost.
        let long = "x".repeat(301);
        let refused = post(&house, &add, &staff, &[("what", "time"), ("text", &long)]).await;
        assert!(refused.status == 422 && refused.text().contains("300 characters fit") && refused.text().contains(&long));
        let refused = post(&house, &add, &staff, &[("what", "address"), ("text", "123 Main St, Quincy")]).await;
        assert!(refused.status == 422 && refused.text().contains("has this address already"), "{}", refused.text());
        assert_eq!(post(&house, &add, &staff, &[("what", "weather"), ("text", "sun")]).await.status, 422);
        assert_eq!(post(&house, &add, &reader, &[("what", "note"), ("text", "x")]).await.status, 403);
        // And taken back, by who may.
        let undo = shown.split("action=\"").map(|rest| rest.split('"').next().unwrap()).find(|to| to.starts_with("/remarks/")).unwrap();
        assert!(!page(&reader).await.contains("/remarks/rmk_") && page(&reader).await.contains("mornings"));
        assert_eq!(post(&house, undo, &reader, &[]).await.status, 403);
        let back = post(&house, undo, &staff, &[("customer", &ann.to_string())]).await;
        assert_eq!((back.status, back.header("location")), (303, Some(format!("{card}?done=unsaid"))));
        assert!(!page(&staff).await.contains("mornings"), "preferences stand first");
        let twice = post(&house, undo, &staff, &[("customer", &ann.to_string())]).await;
        assert!(twice.status == 422 && twice.text().contains("taken it back already"), "{}", twice.text());
        let acts = get(house.address, &format!("{card}?tab=activity"), &[HTML, &staff]).await.text();
        for part in ["said of the customer: a note", "a preference, When to come", "took back what was said of the customer:"] {
            assert!(acts.contains(part), "{part}: {acts}");
        }
    }
}
