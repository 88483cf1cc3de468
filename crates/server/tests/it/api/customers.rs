//! Customers over REST: find-or-create, pages, search, versions, who is who, the feed.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;
use serde_json::json;

use super::{Program, kind, open};
use crate::wire::Wire;

on_both! {
    async fn a_customer_is_made_once_looked_up_and_edited(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let ann = json!({ "name": "Ann Miller", "phones": ["(617) 471-0142"], "emails": ["ann@quincy.example.net"] });
        let mut preview = ann.clone();
        preview["preview"] = json!(true);
        assert_eq!(program.post("/customers", preview).await.json()["customer"], json!(null));
        let key = "idempotency-key: one";
        let made = program.ask("POST", "/customers", &[key], Some(&ann)).await;
        let again = program.ask("POST", "/customers", &[key], Some(&ann)).await;
        assert_eq!((made.status, again.status, made.json()), (201, 201, again.json()));
        assert_eq!(again.header("idempotency-replayed").as_deref(), Some("true"));
        let other = json!({ "phones": ["617 471 0143"] });
        assert_eq!(program.ask("POST", "/customers", &[key], Some(&other)).await.status, 422);
        let id = made.json()["customer"].as_str().unwrap().to_owned();
        let found = program.post("/customers", json!({ "phones": ["617.471.0142"] })).await;
        assert_eq!((found.status, &found.json()["customer"]), (200, &json!(id)));

        let place = format!("/customers/{id}");
        let got = program.get(&place).await;
        assert_eq!(got.json()["display_name"], "Ann Miller");
        let tag = got.header("etag").unwrap();
        assert_eq!(program.ask("GET", &place, &[&format!("if-none-match: {tag}")], None).await.status, 304);
        assert_eq!(program.ask("GET", &place, &["if-none-match: \"0\", W/\"x\""], None).await.status, 200);
        let whole = program.get(&format!("{place}?include=conversations,calls,in_review_with")).await;
        assert!(whole.json()["calls"].is_array() && whole.header("etag").is_none());

        let line = format!("if-match: {tag}");
        let edit = json!({ "company": "Ace", "notes": null });
        let edited = program.ask("PATCH", &place, &[&line], Some(&edit)).await;
        assert_eq!((edited.status, &edited.json()["company"]), (200, &json!("Ace")));
        let stale = program.ask("PATCH", &place, &[&line], Some(&json!({ "company": "Bay" }))).await;
        assert_eq!((stale.status, kind(&stale).as_str()), (412, "stale"));
        assert_eq!(program.get(&place).await.json()["company"], "Ace");
        let unpinned = program.ask("DELETE", &format!("{place}/pins/company"), &[], None).await;
        assert_eq!((unpinned.status, &unpinned.json()["company"]), (200, &json!(null)));
    }

    async fn customers_are_looked_up_by_exactly_one_thing(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::ReadOnly).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let them = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
        let them = Program::new(&house, them.id, Role::Staff).await;
        let ann = json!({ "name": "Ann Lee", "phones": ["617 471 0117"], "emails": ["ann@quincy.example.net"] });
        let ann = staff.post("/customers", ann).await.json()["customer"].as_str().unwrap().to_owned();
        let luca = staff.customer("Luca Lee", "617 471 0117").await;
        staff.customer("Annie Leer", "617 471 0118").await;
        them.customer("Ann Lee", "617 471 0117").await;
        let ids = |answer: &crate::wire::Answer| -> Vec<String> {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!((&answer.json()["next"], &answer.json()["previous"]), (&json!(null), &json!(null)));
            answer.json()["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        for (by, expected) in [
            ("phone=(617)%20471-0117", vec![ann.clone(), luca]),
            ("phone=%2B16174710117", ids(&program.get("/customers?phone=617.471.0117").await)),
            ("email=Ann%40Quincy.Example.net", vec![ann]),
            ("email=ann%40quincy.example", vec![]),
            ("phone=617%20471%200119", vec![]),
        ] {
            assert_eq!(ids(&program.get(&format!("/customers?{by}")).await), expected, "{by}");
        }
        for by in ["phone=x", "phone=", "email=ann", "web_user_id=two%20words", "web_user_id=", "phone=617%20471%200117&email=ann%40quincy.example.net",
            "phone=617%20471%200117&q=ann", "email=ann%40quincy.example.net&cursor=x"] {
            assert_eq!(program.get(&format!("/customers?{by}")).await.status, 400, "{by}");
        }
    }

    async fn lists_are_read_page_by_page_both_ways(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let names = ["Ann Reed", "Bob Reed", "Cara Reed", "Dan Reed", "Eve Reed"];
        for (number, name) in names.iter().enumerate() {
            program.customer(name, &format!("617 471 010{number}")).await;
        }
        let named = |answer: &crate::wire::Answer| -> Vec<String> {
            let items = answer.json()["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["display_name"].as_str().unwrap().to_owned()).collect()
        };
        for base in ["/customers?order=name&limit=2", "/customers?q=reed&limit=2"] {
            let (mut seen, mut place) = (Vec::new(), base.to_owned());
            let last = loop {
                let page = program.get(&place).await;
                seen.extend(named(&page));
                match page.json()["next"].as_str() {
                    Some(next) => place = format!("{base}&cursor={next}"),
                    None => break page,
                }
                assert!(seen.len() <= names.len(), "{seen:?}");
            };
            seen.sort();
            assert_eq!(seen, names, "{base}");
            let back = last.json()["previous"].as_str().unwrap().to_owned();
            let before = program.get(&format!("{base}&cursor={back}")).await;
            assert_eq!(named(&before), ["Cara Reed", "Dan Reed"], "{base}");
        }
        assert_eq!(named(&program.get("/customers?q=617.471.0103").await), ["Dan Reed"]);
        assert_eq!(named(&program.get("/customers?limit=1").await), ["Eve Reed"]);
    }

    async fn people_decide_who_is_who(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let one = program.customer("John Smith", "617 471 0101").await;
        let other = program.customer("Jack Smith", "617 471 0102").await;
        let merged = program.post("/merges", json!({ "a": one, "b": other, "reason": "brothers in law" })).await;
        assert_eq!((merged.status, &merged.json()["b"]), (201, &json!(one)));
        assert_eq!(program.post("/merges", json!({ "a": one, "b": other })).await.status, 409);
        assert_eq!(program.get(&format!("/customers/{other}")).await.json()["was"], json!(other));
        assert_eq!(program.get("/merges").await.json()["items"][0]["reason"], "brothers in law");
        let undone = program.post("/merges/undo", json!({ "customer": other })).await;
        assert_eq!((undone.status, &undone.json()["b"]), (200, &json!(other)));
        // A family's telephone asks a person.
        program.post("/customers", json!({ "name": "Zelda Smith", "phones": ["617 471 0101"] })).await;
        let reviews = program.get("/reviews").await.json();
        let review = reviews["items"][0]["id"].as_str().unwrap().to_owned();
        let place = format!("/reviews/{review}/decide");
        assert_eq!(program.post(&place, json!({ "answer": "apart" })).await.status, 200);
        assert_eq!(program.post(&place, json!({ "answer": "apart" })).await.status, 404);
    }

    async fn the_feed_is_read_by_pages_and_goes_on_as_a_stream(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Agent).await;
        let first = program.customer("Ann Miller", "617 471 0142").await;
        let page = program.get("/changes?limit=200").await.json();
        assert!(page["items"].as_array().unwrap().iter().any(|change| change["id"] == json!(first)), "{page}");
        let next = page["next"].as_str().unwrap().to_owned();
        let after = program.get(&format!("/changes?cursor={next}")).await.json();
        assert_eq!((after["items"].as_array().unwrap().len(), after["next"].as_str()), (0, Some(next.as_str())));
        let second = program.customer("Bob Reed", "617 471 0143").await;
        let stream = async |line: String| {
            let mut wire = Wire::to(house.address).await;
            let lines = format!("host: localhost\r\naccept: text/event-stream\r\n{}\r\n{line}", program.key);
            wire.send(format!("GET /api/v1/changes HTTP/1.1\r\n{lines}\r\n\r\n")).await;
            assert_eq!(wire.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
            wire
        };
        let until = async |wire: &mut Wire, wanted: &str| loop {
            let line = wire.line().await.expect("the stream ended");
            if let Some(id) = line.strip_prefix("id: ") {
                let id = id.to_owned();
                assert_eq!(wire.line().await.as_deref(), Some("event: change"));
                if wire.line().await.unwrap().contains(wanted) {
                    return id;
                }
            }
        };
        // Who comes back is told what it missed, and then what comes.
        let mut wire = stream(format!("last-event-id: {next}")).await;
        let last = until(&mut wire, &second).await;
        let third = program.customer("Cara Lund", "617 471 0144").await;
        until(&mut wire, &third).await;
        let mut wire = stream(format!("last-event-id: {last}")).await;
        until(&mut wire, &third).await;
    }
}
