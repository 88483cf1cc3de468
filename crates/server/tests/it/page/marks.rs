//! What a number is, said on the card beside it.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;

use super::{HTML, check_whole, contact, encoded, post, signed_in};
use crate::house::House;
use crate::wire::get;

const LINE: &str = "+16174710117";

on_both! {
    async fn a_number_is_marked_on_the_card_and_the_mark_taken_back(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let ann = contact(&house, &store, "Ann Lee", "617 471 0117").await;
        contact(&house, &store, "Luca Lee", "617 471 0117").await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let (card, marks) = (format!("/customers/{ann}"), format!("/customers/{ann}/marks"));
        let page = async |session: &str| {
            let page = get(house.address, &card, &[HTML, session]).await.text();
            check_whole(&card, &page);
            page
        };
        let before = page(&staff).await;
        assert!(before.contains("May be one with") && before.contains("value=\"shared\">Shared"), "{before}");
        // Own numbers are for whoever may change the business.
        let admin = signed_in(&house, &store, "bo@example.com", Role::Admin).await;
        assert!(!before.contains("value=\"mine\"") && page(&admin).await.contains("value=\"mine\">Ours"));
        let reader = signed_in(&house, &store, "cy@example.com", Role::ReadOnly).await;
        assert!(!page(&reader).await.contains("class=\"what\""));
        for (path, session, fields, status) in [
            (&marks, &reader, [("identifier", LINE), ("verdict", "shared")], 403),
            (&marks, &staff, [("identifier", LINE), ("verdict", "mine")], 403),
            (&marks, &staff, [("identifier", LINE), ("verdict", "nobody's")], 422),
            (&marks, &staff, [("identifier", "+16174710999"), ("verdict", "shared")], 422),
        ] {
            let refused = post(&house, path, session, &fields).await;
            assert_eq!(refused.status, status, "{fields:?}: {}", refused.text());
        }
        let long = post(&house, &marks, &staff, &[("identifier", LINE), ("verdict", "shared"), ("reason", &"x".repeat(501))]).await;
        assert!(long.status == 422 && long.text().contains("at most 500"), "{}", long.status);
        assert_eq!(page(&staff).await, before, "nothing was marked");
        let done = post(&house, &marks, &staff, &[("identifier", LINE), ("verdict", "shared"), ("reason", "<b>front desk")]).await;
        assert_eq!((done.status, done.header("location")), (303, Some(format!("{card}?done=marked"))), "{}", done.text());
        let after = page(&staff).await;
        assert!(!after.contains("May be one with"), "nobody is asked any more");
        assert!(after.contains("Marked by Ann Lee on ") && after.contains("&#60;b&#62;front desk") && !after.contains("<b>front"), "{after}");
        let undo = after.split("action=\"").map(|rest| rest.split('"').next().unwrap()).find(|to| to.starts_with("/marks/mrk_")).unwrap();
        assert!(page(&reader).await.contains("Marked by") && !page(&reader).await.contains("/marks/mrk_"));
        let again = post(&house, &marks, &staff, &[("identifier", LINE), ("verdict", "shared")]).await;
        assert!(again.status == 422 && again.text().contains("already"), "{}", again.text());
        assert_eq!(post(&house, undo, &reader, &[("customer", &ann.to_string())]).await.status, 403);
        let back = post(&house, undo, &staff, &[("customer", &ann.to_string())]).await;
        assert_eq!((back.status, back.header("location")), (303, Some(format!("{card}?done=unmarked"))));
        assert!(page(&staff).await.contains("May be one with"));
        let twice = post(&house, undo, &staff, &[("customer", &ann.to_string())]).await;
        assert!(twice.status == 422 && twice.text().contains("taken it back already"), "{}", twice.text());
        assert_eq!(post(&house, undo, &staff, &[]).await.status, 409);
        // What was done is on the card's other tab.
        let acts = get(house.address, &format!("{card}?tab=activity"), &[HTML, &staff]).await.text();
        for part in ["marked a number or address here as shared", "took back that a number or address here is shared"] {
            assert!(acts.contains(part), "{part}: {acts}");
        }
        // From a list the card stays in its list.
        let listed = post(&house, &format!("{marks}?q={}", encoded("Ann Lee")), &staff, &[("identifier", LINE), ("verdict", "placeholder")]).await;
        assert!(listed.header("location").unwrap().contains("q=Ann"), "{:?}", listed.header("location"));
    }
}
