//! What a number is, said on the card beside it.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;
use serde_json::json;

use super::{HTML, check_whole, contact, encoded, post, signed_in};
use crate::api::Program;
use crate::entry::{cookie, user};
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
        let twice = post(&house, undo, &staff, &[]).await;
        assert!(twice.status == 409 && twice.text().contains("Somebody has taken it back already"), "{}", twice.text());
        // What was done is on the card's other tab.
        let acts = get(house.address, &format!("{card}?tab=activity"), &[HTML, &staff]).await.text();
        for part in ["marked a number or address here as shared", "took back that a number or address here is shared"] {
            assert!(acts.contains(part), "{part}: {acts}");
        }
        // From a list the card stays in its list.
        let listed = post(&house, &format!("{marks}?q={}", encoded("Ann Lee")), &staff, &[("identifier", LINE), ("verdict", "placeholder")]).await;
        assert!(listed.header("location").unwrap().contains("q=Ann"), "{:?}", listed.header("location"));
    }

    async fn all_marks_stand_in_one_list_with_who_and_why_and_are_taken_back_there(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let page = async |session: &str, path: &str| {
            let answer = get(house.address, path, &[HTML, session]).await;
            let text = answer.text();
            check_whole(path, &text);
            assert_eq!(answer.status, 200, "{path}: {text}");
            text
        };
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let admin = signed_in(&house, &store, "bo@example.com", Role::Admin).await;
        let reader = signed_in(&house, &store, "cy@example.com", Role::ReadOnly).await;
        assert!(page(&reader, "/reviews/marks").await.contains("Nothing was marked yet"));
        for (session, path) in [(&reader, "/reviews"), (&admin, "/settings/business")] {
            assert!(page(session, path).await.contains("href=\"/reviews/marks\""), "{path} leads there");
        }
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let mark = async |program: &Program<'_>, kind: &str, value: &str, verdict: &str, reason: &str| {
            let body = json!({ "kind": kind, "value": value, "verdict": verdict, "reason": reason });
            let made = program.post("/identity/marks", body).await;
            assert_eq!(made.status, 201, "{}", made.text());
            made.json()["mark"]["id"].as_str().unwrap().to_owned()
        };
        let line = mark(&program, "phone", "617 471 0117", "shared", "<b>front desk").await;
        let own = mark(&program, "phone", "617 471 0118", "mine", "the van").await;
        mark(&program, "email", "front@baystate-plumbing.com", "placeholder", "").await;
        // What another business says is its own.
        let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
        let them = Program::new(&house, theirs.id, Role::Admin).await;
        mark(&them, "phone", "617 471 0119", "shared", "theirs").await;
        user(&house, theirs.id, "eve@example.com", Role::Owner).await;
        let eve = page(&cookie(&house, "eve@example.com").await, "/reviews/marks").await;
        assert!(eve.contains("471-0119") && !eve.contains("471-0117") && !eve.contains("front desk"), "{eve}");
        let list = page(&staff, "/reviews/marks").await;
        for part in ["(617) 471-0117", "(617) 471-0118", "front@baystate-plumbing.com", "&#60;b&#62;front desk", "an API key", "/customers?q=%2B16174710117", ">shared</span>", ">ours</span>", ">a placeholder</span>"] {
            assert!(list.contains(part), "{part}: {list}");
        }
        assert!(!list.contains("471-0119") && !list.contains("<b>front"), "{list}");
        // Who may not, is not asked; own numbers are for whoever may change the business.
        let (undo, undo_own) = (format!("/marks/{line}/undo"), format!("/marks/{own}/undo"));
        assert!(list.contains(&undo) && !list.contains(&undo_own) && page(&admin, "/reviews/marks").await.contains(&undo_own));
        assert!(!page(&reader, "/reviews/marks").await.contains("/undo"));
        assert_eq!(post(&house, &undo, &reader, &[]).await.status, 403);
        assert_eq!(post(&house, &undo_own, &staff, &[]).await.status, 403);
        let back = post(&house, &undo, &staff, &[]).await;
        assert_eq!((back.status, back.header("location").as_deref()), (303, Some("/reviews/marks?done=undone")));
        let after = page(&staff, "/reviews/marks?done=undone").await;
        assert!(after.contains("Taken back. Whoever has it") && after.contains("Taken back by <bdi>Ann Lee</bdi>"), "{after}");
        assert!(!after.contains(&undo) && after.contains("&#60;b&#62;front desk"), "it stays in the list: {after}");
        // From page to page, and an address that was changed.
        for number in 0..30 {
            mark(&program, "phone", &format!("617 471 02{number:02}"), "shared", "").await;
        }
        let first = page(&reader, "/reviews/marks").await;
        let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let second = page(&reader, &next).await;
        assert!(!first.contains("471-0117") && second.contains("471-0117") && second.contains(">Newest</a>"), "{second}");
        assert_eq!(get(house.address, "/reviews/marks?at=nonsense", &[HTML, &reader]).await.status, 400);
    }
}
