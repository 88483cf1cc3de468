//! Pairs and decisions, page by page, and each decision taken back.

use doorstep_core::id::CustomerId;
use doorstep_core::tenant::Role;
use doorstep_core::{Clock, IdMaker};
use doorstep_engine::merge::Answer;
use doorstep_server::Settings;
use doorstep_store::on_both;
use doorstep_store::review::{self, Review};
use doorstep_store::testing::{TestStore, create_tenant};

use super::search::link;
use super::{FORM, HTML, check_whole, contact, post, signed_in};
use crate::entry::{cookie, operator, user};
use crate::house::House;
use crate::wire::{ask, get};

/// Two who share a number and little else.
async fn pair(house: &House, store: &TestStore, n: usize) -> (CustomerId, CustomerId) {
    let phone = format!("617 471 {:04}", 100 + n);
    (contact(house, store, "Carmela Marinelli", &phone).await, contact(house, store, "Luca Marinelli", &phone).await)
}

fn count(page: &str, what: &str) -> usize {
    page.matches(what).count()
}

on_both! {
    async fn pairs_are_paged_both_ways_and_a_decision_keeps_the_page(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        for n in 0..13 {
            pair(&house, &store, n).await;
        }
        let first = get(house.address, "/reviews", &[HTML, &staff]).await.text();
        check_whole("/reviews", &first);
        assert_eq!((count(&first, "<article"), link(&first, "rel=\"prev\"")), (10, None));
        for key in ["m", "a", "l"] {
            assert_eq!(count(&first, &format!("aria-keyshortcuts=\"{key}\"")), 10, "{key}");
        }
        let next = link(&first, "rel=\"next\"").unwrap();
        let second = get(house.address, &next, &[HTML, &staff]).await.text();
        assert_eq!((count(&second, "<article"), link(&second, "rel=\"next\"")), (3, None));
        // Later leads to the next pair, and from the last of a page to the next page.
        assert_eq!((count(&first, "href=\"#rvw_"), count(&second, "data-key=\"l\"")), (9, 2));
        let back = get(house.address, &link(&second, "rel=\"prev\"").unwrap(), &[HTML, &staff]).await.text();
        assert_eq!(count(&back, "<article"), 10);
        let at = next.split("at=").nth(1).unwrap();
        let review = second.split("action=\"/reviews/").nth(1).unwrap().split('"').next().unwrap();
        let reason = "<b>same</b> voice \u{202e}";
        let decided = post(&house, &format!("/reviews/{review}"), &staff, &[("answer", "merge"), ("reason", reason), ("at", at)]).await;
        let place = decided.header("location").unwrap();
        assert!(place.starts_with(&format!("/reviews?at={at}&done=merged&decision=dec_")), "{place}");
        let after = get(house.address, &place, &[HTML, &staff]).await.text();
        assert!(count(&after, "<article") == 2 && after.contains("one customer now"), "{after}");
        let long = post(&house, &format!("/reviews/{review}"), &staff, &[("answer", "merge"), ("reason", &"x".repeat(501))]).await;
        assert!(long.status == 422 && long.text().contains("at most 500"), "{}", long.status);
        let listed = get(house.address, "/reviews/decided", &[HTML, &staff]).await.text();
        assert!(listed.contains("&#60;b&#62;same&#60;/b&#62; voice") && !listed.contains("<b>same"), "{listed}");
        // From a card to its pair, wherever in the list it stands.
        let wanted = second.split("<article class=\"review\" id=\"").nth(3).unwrap().split('"').next().unwrap();
        let customer = second.rsplit("href=\"/customers/").next().unwrap().split('"').next().unwrap();
        let card = get(house.address, &format!("/customers/{customer}"), &[HTML, &staff]).await.text();
        let to_pair = link(&card, "/reviews?at=").unwrap();
        let (page, anchor) = to_pair.split_once('#').unwrap();
        let there = get(house.address, page, &[HTML, &staff]).await.text();
        assert!(anchor == wanted && there.contains(&format!("id=\"{wanted}\"")), "{to_pair}");
        for bad in ["/reviews?at=00", "/reviews/decided?at=rvw_1"] {
            assert_eq!(get(house.address, bad, &[HTML, &staff]).await.status, 400, "{bad}");
        }
    }

    /// The likeliest first, each with how sure it is, and how far the day's work is.
    async fn pairs_stand_in_the_order_of_how_sure_they_are(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        pair(&house, &store, 0).await;
        contact(&house, &store, "John Smith", "617 471 0201").await;
        contact(&house, &store, "Mary Smith", "617 471 0201").await;
        let reviews = house.engine.reviews(&operator(store.tenant.id), None, 9).await.unwrap();
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        review::rate(&mut tx, &[(reviews[0].id, -1_800), (reviews[1].id, -100)]).await.unwrap();
        tx.commit().await.unwrap();
        let page = get(house.address, "/reviews", &[HTML, &staff]).await.text();
        let at = |name: &str| page.find(name).unwrap_or_else(|| panic!("{name}: {page}"));
        assert!(at("Mary Smith") < at("Luca Marinelli"), "{page}");
        assert!(page.contains("almost surely two") && page.contains("less than 1 % that it is one person"), "{page}");
        assert!(page.contains("0 of 2 decided today"), "{page}");
        let review = page.split("action=\"/reviews/").nth(1).unwrap().split('"').next().unwrap();
        post(&house, &format!("/reviews/{review}"), &staff, &[("answer", "apart")]).await;
        let page = get(house.address, "/reviews", &[HTML, &staff]).await.text();
        assert!(page.contains("1 of 2 decided today") && page.contains("<progress max=\"2\" value=\"1\""), "{page}");
        store.clock.turn_seconds(86_400);
        let page = get(house.address, "/reviews", &[HTML, &staff]).await.text();
        assert!(page.contains("0 of 1 decided today"), "{page}");
    }

    /// Only what is surer than even odds can be decided together; each is one decision, and what changed is left.
    async fn the_surest_are_made_one_together_and_each_is_taken_back_by_itself(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let scope = operator(store.tenant.id);
        for n in 0..4 {
            pair(&house, &store, n).await;
        }
        let reviews = house.engine.reviews(&scope, None, 9).await.unwrap();
        // As sure as pairs can be that are not joined by themselves.
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        review::rate(&mut tx, &[(reviews[0].id, 512), (reviews[1].id, 400), (reviews[2].id, 0)]).await.unwrap();
        tx.commit().await.unwrap();
        let page = get(house.address, "/reviews/surest", &[HTML, &staff]).await.text();
        check_whole("/reviews/surest", &page);
        assert!(count(&page, "type=\"checkbox\" name=\"review\"") == 2 && page.contains("80 %"), "{page}");
        assert_eq!(count(&get(house.address, "/reviews/surest?least=80", &[HTML, &staff]).await.text(), "name=\"review\""), 1);
        assert!(get(house.address, "/reviews/surest?least=90", &[HTML, &staff]).await.text().contains("No pair is that sure"));
        let (one, other) = (reviews[0].id.to_string(), reviews[1].id.to_string());
        let gone = "rvw_01h455vb4pex5vsknk084sn02q";
        let reader = signed_in(&house, &store, "bob@example.com", Role::Agent).await;
        assert_eq!(post(&house, "/reviews/surest", &reader, &[("review", &one)]).await.status, 403);
        assert_eq!(get(house.address, "/reviews/surest", &[HTML, &reader]).await.status, 403);
        assert_eq!(post(&house, "/reviews/surest", &staff, &[]).await.status, 422);
        let many: Vec<(&str, &str)> = (0..51).map(|_| ("review", one.as_str())).collect();
        assert_eq!(post(&house, "/reviews/surest", &staff, &many).await.status, 422);
        assert_eq!(house.engine.reviews(&scope, None, 9).await.unwrap().len(), 4, "nothing was decided yet");
        let fields = [("review", one.as_str()), ("review", &other), ("review", gone), ("review", "nonsense")];
        let place = post(&house, "/reviews/surest", &staff, &fields).await.header("location").unwrap();
        assert_eq!(place, "/reviews?done=many&count=2&changed=2");
        let after = get(house.address, &place, &[HTML, &staff]).await.text();
        assert!(after.contains("2 pairs made one.") && count(&after, "<article") == 2, "{after}");
        let listed = get(house.address, "/reviews/decided", &[HTML, &staff]).await.text();
        assert_eq!(count(&listed, "/retract\""), 2, "{listed}");
        let first = listed.split("action=\"").find(|rest| rest.contains("/retract")).unwrap().split('"').next().unwrap();
        assert_eq!(post(&house, first, &staff, &[]).await.status, 303);
        assert_eq!(house.engine.reviews(&scope, None, 9).await.unwrap().len(), 3);
    }

    async fn every_decision_is_listed_and_taken_back_by_itself(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let (scope, evil) = (operator(store.tenant.id), "\"><img src=x onerror=alert(1)>");
        let (a, b) = pair(&house, &store, 0).await;
        let review = house.engine.reviews(&scope, None, 9).await.unwrap()[0].id;
        house.engine.decide_review(&scope, review, Answer::Merge, Some(evil)).await.unwrap();
        pair(&house, &store, 1).await;
        let review = house.engine.reviews(&scope, None, 9).await.unwrap()[0].id;
        house.engine.decide_review(&scope, review, Answer::Apart, None).await.unwrap();
        let page = get(house.address, "/reviews/decided", &[HTML, &staff]).await.text();
        check_whole("/reviews/decided", &page);
        assert!(!page.contains("<img") && page.contains("sam (operator)"), "{page}");
        // Both are told apart although they are one by now.
        for shown in ["<bdi>Carmela Marinelli</bdi>", "<bdi>Luca Marinelli</bdi>"] {
            assert_eq!(count(&page, shown), 2, "{shown}: {page}");
        }
        let forms: Vec<&str> = page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).filter(|to| to.ends_with("/retract")).collect();
        let [apart, merge] = forms[..] else { panic!("{forms:?}") };
        // Nobody who may not decide, nobody from elsewhere, and nothing without the token of a page.
        let reader = signed_in(&house, &store, "bob@example.com", Role::Agent).await;
        assert!(!get(house.address, "/reviews/decided", &[HTML, &reader]).await.text().contains("/retract"));
        assert_eq!(post(&house, apart, &reader, &[]).await.status, 403);
        let other = create_tenant(&store.db, "Other", "+16174719999").await;
        user(&house, other.id, "eve@example.com", Role::Owner).await;
        let eve = cookie(&house, "eve@example.com").await;
        assert_eq!(post(&house, apart, &eve, &[]).await.status, 404);
        assert!(get(house.address, "/reviews/decided", &[HTML, &eve]).await.text().contains("Nothing was decided yet"));
        assert_eq!(ask(house.address, "POST", apart, &[HTML, FORM, &staff], b"at=").await.status, 403);
        assert_eq!(post(&house, "/reviews/decided/nonsense/retract", &staff, &[]).await.status, 404);
        // Kept apart: the question is open again. Merged: both are back under their own addresses.
        assert_eq!(post(&house, apart, &staff, &[]).await.header("location").as_deref(), Some("/reviews/decided?done=undone"));
        assert_eq!(house.engine.reviews(&scope, None, 9).await.unwrap().len(), 1);
        assert_eq!(post(&house, merge, &staff, &[]).await.status, 303);
        for id in [a, b] {
            assert_eq!(get(house.address, &format!("/customers/{id}"), &[HTML, &staff]).await.status, 200);
        }
        let again = post(&house, merge, &staff, &[]).await;
        assert!(again.status == 409 && again.text().contains("has taken it back already"), "{}", again.text());
        let page = get(house.address, "/reviews/decided", &[HTML, &staff]).await.text();
        assert_eq!((count(&page, "Taken back by <bdi>Ann Lee</bdi>"), count(&page, "/retract")), (2, 0), "{page}");
    }

    async fn decisions_are_paged_both_ways(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let scope = operator(store.tenant.id);
        let one = contact(&house, &store, "Kim Park", "617 471 0100").await;
        for n in 1..34 {
            let other = contact(&house, &store, &format!("Al{n} Green{n}"), &format!("617 471 {:04}", 100 + n)).await;
            house.engine.keep_apart(&scope, one, other, Some(&format!("reason {n}."))).await.unwrap();
        }
        let first = get(house.address, "/reviews/decided", &[HTML, &staff]).await.text();
        assert!(count(&first, "<li id=\"dec_") == 30 && first.contains("reason 33.") && !first.contains("reason 3."));
        let second = get(house.address, &link(&first, "rel=\"next\"").unwrap(), &[HTML, &staff]).await.text();
        assert!(count(&second, "<li id=\"dec_") == 3 && second.contains("reason 3.") && link(&second, "rel=\"next\"").is_none());
        let back = get(house.address, &link(&second, "rel=\"prev\"").unwrap(), &[HTML, &staff]).await.text();
        assert_eq!(count(&back, "<li id=\"dec_"), 30);
    }

    async fn a_merge_that_stays_says_why(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let scope = operator(store.tenant.id);
        let one = contact(&house, &store, "John Smith", "617 471 0117").await;
        let other = contact(&house, &store, "John Smith", "617 471 0118").await;
        let decision = house.engine.merge(&scope, one, other, None).await.unwrap().decision.unwrap();
        let mut both = doorstep_core::contact::Contact { name: doorstep_core::name::Name::parse("John Smith"), ..Default::default() };
        for phone in ["617 471 0117", "617 471 0118"] {
            both.phones.extend(doorstep_core::phone::Phone::parse(phone, doorstep_core::phone::Region::US));
        }
        house.engine.find_or_create(&scope, &both, false).await.unwrap();
        let refused = post(&house, &format!("/reviews/decided/{decision}/retract"), &staff, &[]).await;
        let page = refused.text();
        assert!(refused.status == 409 && page.contains("Something else makes these two one"), "{page}");
        assert!(page.contains("/retract"), "it is still in force");
    }

    /// Beside its section, on every page, and no further than anybody reads.
    async fn the_navigation_counts_what_waits_up_to_a_hundred(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let staff = signed_in(&house, &store, "ann@example.com", Role::Staff).await;
        let (maker, now) = (IdMaker::seeded(9), store.clock.now());
        let shown = async |path: &str| {
            let page = get(house.address, path, &[HTML, &staff]).await.text();
            let counted = page.split("id=\"open-reviews\"").nth(1).unwrap().split('>').nth(1).unwrap();
            if counted.starts_with("<span class=\"count\"") {
                page.split("<span class=\"count\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
            } else {
                String::new()
            }
        };
        for (more, expected) in [(0, ""), (1, "1"), (98, "99"), (1, "99+"), (30, "99+")] {
            let open = |_| Review {
                id: maker.make(now),
                a: maker.make(now),
                b: maker.make(now),
                evidence: Vec::new(),
                created_at: now,
                score: 0,
            };
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            review::insert(&mut tx, &(0..more).map(open).collect::<Vec<_>>()).await.unwrap();
            tx.commit().await.unwrap();
            for path in ["/reviews/open", "/customers", "/reviews/decided"] {
                assert_eq!(shown(path).await, expected, "{path}");
            }
        }
    }
}
