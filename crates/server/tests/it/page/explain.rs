//! Why two customers are one or two, as people read it.

use doorstep_core::identifier::Identifier;
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Role;
use doorstep_engine::merge::Answer;
use doorstep_server::Settings;
use doorstep_store::on_both;

use super::search::link;
use super::{HTML, check_whole, contact, post, signed_in};
use crate::entry::operator;
use crate::house::House;
use crate::wire::get;

on_both! {
    async fn two_stand_side_by_side_with_the_evidence_and_are_decided_there(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let john = contact(&house, &store, "John Smith", "617 471 0117").await;
        let mary = contact(&house, &store, "Mary Smith", "617 471 0117").await;
        let page = async |path: &str, session: &str| {
            let answer = get(house.address, path, &[HTML, session]).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            check_whole(path, &answer.text());
            answer.text()
        };
        // From the list of reviews and from the card.
        let reviews = page("/reviews", &staff).await;
        let why = link(&reviews, "/explain?with=").unwrap();
        assert_eq!(why, format!("/customers/{john}/explain?with={mary}"));
        assert!(link(&page(&format!("/customers/{mary}"), &reader).await, "/explain?with=").is_some());
        let told = page(&why, &staff).await;
        for part in ["Two, and in review", "≠ different", "= the same", "name 2 people", "Given name", "John Smith", "Mary Smith",
            "bits in all", "By hand", "It would be otherwise if", "class=\"evidence-bar against\"", "class=\"evidence-bar for\""] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(told.contains("/decide\"") && !page(&why, &reader).await.contains("/decide\""));
        // The other way round it is the same.
        assert!(page(&format!("/customers/{mary}/explain?with={john}"), &reader).await.contains("Two, and in review"));
        let review = house.engine.reviews(&operator(store.tenant.id), None, 9).await.unwrap()[0].id;
        let reason = "one <b>bill</b>";
        assert_eq!(post(&house, &format!("/reviews/{review}/decide"), &staff, &[("answer", "merge"), ("reason", reason)]).await.status, 303);
        let told = page(&why, &reader).await;
        assert!(told.contains("One customer") && told.contains("Ann Lee</bdi>") && told.contains("one &#60;b&#62;bill"), "{told}");
        assert!(told.contains("on the way between the two") && !told.contains("/decide\""), "{told}");
        let card = page(&format!("/customers/{}", john.min(mary)), &reader).await;
        assert!(card.contains("Why are these one customer?"), "{card}");
        let alone = contact(&house, &store, "Kim Park", "617 471 0119").await;
        assert!(!page(&format!("/customers/{alone}"), &reader).await.contains("Why are these one customer?"));
        assert!(page(&format!("/customers/{alone}/explain"), &reader).await.contains("There is one record only"));
    }

    async fn who_is_nobody_is_not_found_and_nobody_looks_without_signing_in(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let ann = contact(&house, &store, "Ann Smith", "617 471 0117").await;
        for (path, status) in [
            (format!("/customers/{ann}/explain?with="), 200),
            (format!("/customers/{ann}/explain?with={ann}"), 200),
            (format!("/customers/{ann}/explain?with=cus_01h455vb4pex5vsknk084sn02q"), 404),
            (format!("/customers/{ann}/explain?with=nobody"), 404),
            ("/customers/nobody/explain".to_owned(), 404),
            ("/customers/cus_01h455vb4pex5vsknk084sn02q/explain".to_owned(), 404),
        ] {
            assert_eq!(get(house.address, &path, &[HTML, &reader]).await.status, status, "{path}");
        }
        let closed = get(house.address, &format!("/customers/{ann}/explain"), &[HTML]).await;
        assert!(closed.status == 303 && closed.header("location").unwrap().starts_with("/login"));
    }

    async fn two_who_are_kept_apart_are_told_by_whom(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let john = contact(&house, &store, "John Smith", "617 471 0117").await;
        let mary = contact(&house, &store, "Mary Smith", "617 471 0117").await;
        let scope = operator(store.tenant.id);
        let review = house.engine.reviews(&scope, None, 9).await.unwrap()[0].id;
        house.engine.decide_review(&scope, review, Answer::Apart, Some("spouses")).await.unwrap();
        let told = get(house.address, &format!("/customers/{john}/explain?with={mary}"), &[HTML, &reader]).await.text();
        for part in ["Somebody keeps them apart.", "sam (operator)", "spouses", "somebody took the decision back"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    async fn of_two_who_are_never_compared_nothing_is_said_to_speak_for_one(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let reader = signed_in(&house, &store, "bob@example.com", Role::ReadOnly).await;
        let (ann, luca) = (contact(&house, &store, "Ann Lee", "617 471 0117").await, contact(&house, &store, "Luca Lee", "617 471 0117").await);
        let far = contact(&house, &store, "Zoe Quist", "617 471 0777").await;
        let phone = Identifier::from(&Phone::parse("617 471 0117", Region::US).unwrap());
        let shared = IdentifierMark { identifier: phone, verdict: Verdict::Shared };
        house.engine.mark_identifier(&operator(store.tenant.id), &shared, None).await.unwrap();
        for other in [luca, far] {
            let path = format!("/customers/{ann}/explain?with={other}");
            let told = get(house.address, &path, &[HTML, &reader]).await.text();
            check_whole(&path, &told);
            assert!(told.contains("never compared") && told.contains("What decides nothing here"), "{told}");
            for part in ["What speaks for one person", "that it is one person", "bits in all)"] {
                assert!(!told.contains(part), "{part}: {told}");
            }
        }
    }
}
