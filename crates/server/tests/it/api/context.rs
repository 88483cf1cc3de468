//! Contexts over REST.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use serde_json::json;

use super::{Program, kind, open};
use crate::wire::{Wire, get as get_raw};

async fn told(program: &Program<'_>, place: &str, lines: &[&str]) -> crate::wire::Answer {
    program.ask("GET", &format!("/customer-context/{place}"), lines, None).await
}

on_both! {
    async fn a_program_is_told_who_calls_as_json_and_as_text(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let john = program.customer("John Smith", "617 471 0117").await;
        let answer = told(&program, "617-471-0117?type=phone&assurance=staff", &[]).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["outcome"], &body["customer"]), (200, &json!("one"), &json!(john)));
        assert_eq!(body["context"]["who"]["name"], "John Smith");
        assert_eq!(answer.header("doorstep-receipt").unwrap(), body["receipt"].as_str().unwrap());
        for (place, lines) in [
            (format!("{john}?type=customer_id&assurance=staff&format=text&budget=600"), vec![]),
            (format!("{john}?type=customer_id&assurance=staff"), vec!["accept: text/plain"]),
        ] {
            let answer = get_raw(house.address, &format!("/api/v1/customer-context/{place}"), &[&[program.key.as_str()][..], &lines].concat()).await;
            assert_eq!(answer.header("content-type").unwrap(), "text/plain; charset=utf-8");
            assert!(answer.text().starts_with("## Customer Profile\nName: John Smith\nPhone: (617) 471-0117\n"), "{}", answer.text());
        }
        // Whoever does not say how sure it is is not sure.
        let claimed = told(&program, "617-471-0117?type=phone", &[]).await.json();
        assert_eq!(claimed["context"], json!({ "assurance": "claimed", "request": "verify", "who": { "first_name": "John" } }));
        assert_eq!(claimed.as_object().unwrap().keys().collect::<Vec<_>>(), ["context", "receipt"]);
        for (place, wrong) in [
            ("617-471-0117", "`type`"),
            ("617-471-0117?type=fax", "`type`"),
            ("617-471-0117?type=phone&assurance=sure", "`assurance`"),
            ("617-471-0117?type=phone&format=xml", "`format`"),
            ("617-471-0117?type=phone&budget=11", "`budget`"),
            ("desk?type=phone", "phone"),
            ("nobody?type=email", "e-mail"),
            ("cus_1?type=customer_id", "customer id"),
            ("12?type=housecall_pro_id", "Housecall Pro"),
            ("12?type=phone&more=1", "more"),
        ] {
            let refused = told(&program, place, &[]).await;
            assert_eq!(refused.status, 400, "{place}: {}", refused.text());
            assert!(refused.json()["detail"].as_str().unwrap().contains(wrong), "{place}: {}", refused.text());
        }
    }

    async fn what_has_not_changed_is_not_sent_again(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let john = program.customer("John Smith", "617 471 0117").await;
        let place = format!("{john}?type=customer_id&assurance=staff");
        let tag = told(&program, &place, &[]).await.header("etag").unwrap().to_owned();
        store.clock.turn_seconds(60);
        let again = format!("if-none-match: {tag}");
        let answer = told(&program, &place, &[&again]).await;
        assert_eq!((answer.status, answer.body.len()), (304, 0));
        assert_eq!(told(&program, &format!("{john}?type=customer_id"), &[&again]).await.status, 200, "of another level");
        program.patch(&format!("/customers/{john}"), json!({ "notes": "Two dogs" })).await;
        let answer = told(&program, &place, &[&again]).await;
        assert_eq!((answer.status, answer.json()["context"]["who"]["notes"]["text"].as_str()), (200, Some("Two dogs")));
    }

    async fn several_and_nobody_are_told_to_the_office_and_to_nobody_else(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let john = program.customer("John Smith", "617 471 0117").await;
        program.post("/customers", json!({ "name": "Mary Jones", "phones": ["617 471 0117"] })).await;
        let several = told(&program, "617-471-0117?type=phone&assurance=staff", &[]).await.json();
        let names: Vec<&str> = several["candidates"].as_array().unwrap().iter().map(|row| row["display_name"].as_str().unwrap()).collect();
        assert_eq!((&several["outcome"], names), (&json!("several"), vec!["John Smith", "Mary Jones"]));
        let new = told(&program, "617-471-0118?type=phone&assurance=staff", &[]).await.json();
        assert_eq!((&new["outcome"], &new["needs"], &new["known"]["value"]), (&json!("unknown"), &json!("a_name"), &json!("+16174710118")));
        let own = told(&program, "617-471-2000?type=phone&assurance=staff", &[]).await.json();
        assert_eq!(own["needs"], "another_phone_or_email");
        let none = told(&program, "cus_01h455vb4pex5vsknk084sn02q?type=customer_id&assurance=staff", &[]).await;
        assert_eq!((none.status, kind(&none).as_str()), (404, "not-found"));
        // With nothing known, all are alike to the byte but for the receipt.
        let mut alike = Vec::new();
        for place in ["617-471-0117?type=phone", "617-471-0118?type=phone", &format!("{john}?type=customer_id"), "cus_01h455vb4pex5vsknk084sn02q?type=customer_id"] {
            let answer = told(&program, &format!("{place}&assurance=none"), &[]).await;
            let body = answer.json();
            alike.push((answer.status, answer.text().replace(body["receipt"].as_str().unwrap(), ""), answer.header("etag")));
        }
        alike.dedup();
        assert_eq!(alike.len(), 1, "{alike:?}");
    }

    async fn an_agents_key_is_refused_what_is_the_offices_or_unproven(store: TestStore) {
        let house = open(&store).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        staff.customer("John Smith", "617 471 0117").await;
        let agent = Program::new(&house, store.tenant.id, Role::Agent).await;
        for (level, status) in [("none", 200), ("claimed", 200), ("verified", 403), ("staff", 403)] {
            let answer = told(&agent, &format!("617-471-0117?type=phone&assurance={level}"), &[]).await;
            assert_eq!(answer.status, status, "{level}: {}", answer.text());
        }
        let stream = told(&agent, "617-471-0117?type=phone", &["accept: text/event-stream"]).await;
        assert_eq!(stream.status, 403);
        let receipt = told(&agent, "617-471-0117?type=phone", &[]).await.json()["receipt"].as_str().unwrap().to_owned();
        assert_eq!(agent.get(&format!("/context-receipts/{receipt}")).await.status, 403);
        assert_eq!(staff.get(&format!("/context-receipts/{receipt}")).await.status, 403);
    }

    async fn what_was_told_can_be_asked_for_later(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let john = program.customer("John Smith", "617 471 0117").await;
        let first = told(&program, "617-471-0117?type=phone&assurance=verified", &[]).await.json();
        let then = store.db.clock().now();
        store.clock.turn_seconds(60);
        program.patch(&format!("/customers/{john}"), json!({ "name": "Jon Smith" })).await;
        told(&program, "617-471-0117?type=phone&assurance=verified", &[]).await;
        let given = program.get(&format!("/context-receipts/{}", first["receipt"].as_str().unwrap())).await.json();
        assert_eq!((&given["context"], &given["asked_by"], &given["customer"]), (&first["context"], &json!("phone"), &json!(john)));
        let all = program.get(&format!("/customers/{john}/context-receipts")).await.json();
        assert_eq!(all["items"].as_array().unwrap().len(), 2);
        let until = program.get(&format!("/customers/{john}/context-receipts?until={then}")).await.json();
        assert_eq!((until["items"].as_array().unwrap().len(), &until["items"][0]["id"]), (1, &first["receipt"]));
        assert_eq!(program.get(&format!("/customers/{john}/context-receipts?until=then")).await.status, 400);
    }

    async fn what_could_have_been_told_at_an_instant_is_told_now(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let before = store.db.clock().now();
        store.clock.turn_seconds(60);
        let john = program.customer("John Smith", "617 471 0117").await;
        let text = async |place: &str| {
            let path = format!("/api/v1/customer-context/617-471-0117?type=phone&assurance=verified&format=text{place}");
            get_raw(house.address, &path, &[program.key.as_str()]).await
        };
        let then = text("").await.text();
        let at = store.db.clock().now();
        store.clock.turn_seconds(60);
        program.patch(&format!("/customers/{john}"), json!({ "name": "Jon Smith", "phone": "617 471 0118" })).await;
        let answer = text(&format!("&as_of={at}")).await;
        assert_eq!((answer.text(), answer.header("doorstep-as-of").unwrap().to_owned()), (then, at.to_string()));
        assert_eq!(answer.header("doorstep-untold").unwrap(), "business, ages");
        let body = told(&program, &format!("617-471-0117?type=phone&assurance=staff&as_of={at}"), &[]).await.json();
        assert_eq!((&body["as_of"], &body["customer"], &body["context"]["who"]["name"]), (&json!(at), &json!(john), &json!("John Smith")));
        assert_eq!((&body["untold"][0]["what"], &body["version"]), (&json!("business"), &serde_json::Value::Null));
        assert!(body["receipt"].as_str().unwrap().starts_with("rcp_"));
        // Nobody is told what is not known.
        let place = |at: &str| format!("{john}?type=customer_id&assurance=staff&as_of={at}");
        let (later, day_before) = (at.plus_seconds(3_600).to_string(), before.plus_seconds(-86_400).to_string());
        for (at, status, problem) in [
            (before.to_string(), 404, "not-found"),
            (later, 400, "not-then"),
            (day_before, 400, "not-then"),
            ("yesterday".to_owned(), 400, "bad-request"),
            ("2026-03-02".to_owned(), 400, "bad-request"),
        ] {
            let answer = told(&program, &place(&at), &[]).await;
            assert_eq!((answer.status, kind(&answer).as_str()), (status, problem), "{at}: {}", answer.text());
        }
        let place = place(&at.to_string());
        assert_eq!(told(&program, &format!("{place}&fresh=wait"), &[]).await.status, 400);
        assert_eq!(told(&program, &place, &["accept: text/event-stream"]).await.status, 400);
        // An agent's key is told nothing of what was, at no level.
        let agent = Program::new(&house, store.tenant.id, Role::Agent).await;
        for level in ["none", "claimed", "staff"] {
            let answer = told(&agent, &format!("617-471-0117?type=phone&assurance={level}&as_of={at}"), &[]).await;
            assert_eq!(answer.status, 403, "{level}: {}", answer.text());
        }
        // Another business' key finds nobody.
        let other = doorstep_store::testing::create_tenant(&store.db, "Quincy Roofing", "+16174712001").await;
        let stranger = Program::new(&house, other.id, Role::Staff).await;
        let now = store.db.clock().now();
        let answer = told(&stranger, &format!("{john}?type=customer_id&assurance=staff&as_of={now}"), &[]).await;
        assert_eq!(answer.status, 404, "{}", answer.text());
    }

    async fn a_stream_tells_when_a_context_changes_and_ends_with_the_right(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Staff).await;
        let john = program.customer("John Smith", "617 471 0117").await;
        let (id, line) = crate::entry::key(&house, store.tenant.id, Role::Staff).await;
        let mut wire = Wire::to(house.address).await;
        wire.send(format!("GET /api/v1/customer-context/617-471-0117?type=phone HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: text/event-stream\r\n{line}\r\n\r\n")).await;
        assert_eq!(wire.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
        let next = async |wire: &mut Wire| loop {
            let line = wire.line().await.expect("it ended");
            if let Some(data) = line.strip_prefix("data: ") {
                break serde_json::from_str::<serde_json::Value>(data).unwrap();
            }
        };
        let first = next(&mut wire).await;
        assert_eq!(first["customer"], json!(john));
        program.patch(&format!("/customers/{john}"), json!({ "notes": "Two dogs" })).await;
        let second = next(&mut wire).await;
        assert!(second["version"].as_i64() > first["version"].as_i64(), "{first} {second}");
        house.engine.revoke_api_key(&crate::entry::operator(store.tenant.id), id).await.unwrap();
        program.patch(&format!("/customers/{john}"), json!({ "notes": "Three dogs" })).await;
        let rest = String::from_utf8(wire.rest().await).unwrap();
        assert!(!rest.contains("event: context"), "{rest}");
    }
}
