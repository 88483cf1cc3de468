//! One customer, read again over REST.

use doorstep_core::tenant::Role;
use doorstep_sim::{Edit, Fault, Options, Rule};
use doorstep_store::on_both;
use serde_json::{Value, json};

use super::Program;
use super::imports::settle;
use crate::connected::{first_customer, open, settings};

on_both! {
    async fn a_customer_is_read_again_when_somebody_says_so(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let new = json!({ "source": "servicetitan", "settings": settings(&sim, 0), "open_hours": null });
        assert_eq!(program.post("/connections", new).await.status, 201);
        settle(&house).await;
        let key = first_customer(&sim);
        let whom = json!({ "identifier": key, "type": "servicetitan_id" });
        let asked = program.post("/customer-context/sync", whom.clone()).await;
        let told = asked.json();
        assert_eq!((asked.status, &told["asked"], &told["came"]), (202, &json!("woken"), &Value::Null), "{told}");
        let id = told["customer"].as_str().unwrap().to_owned();
        // Nobody works here: whoever waits is answered in time, and it goes on.
        let waiting = json!({ "identifier": id, "type": "customer_id", "wait": true, "timeout_ms": 20 });
        let waited = program.post("/customer-context/sync", waiting.clone()).await;
        let told = waited.json();
        assert_eq!((waited.status, &told["asked"], &told["came"]), (202, &json!("already"), &json!(false)), "{told}");
        sim.world(|world| {
            let number = world.first().number;
            world.edit(number, Edit::Rename { customer: key.parse().unwrap(), name: "Ada Marsh".to_owned() })
        });
        settle(&house).await;
        let done = program.post("/customer-context/sync", waiting).await;
        let told = done.json();
        assert_eq!((done.status, &told["came"], &told["reason"]), (200, &json!(true), &Value::Null), "{told}");
        assert!(told["read_at"].is_string(), "{told}");
        assert!(program.get(&format!("/customers/{id}")).await.text().contains("Ada Marsh"));
        // What fails is told, and left alone for a while.
        store.clock.turn_seconds(60);
        sim.fault(Rule { fault: Fault::Status(503), matching: String::new(), after: 0, times: None });
        assert_eq!(program.post("/customer-context/sync", whom.clone()).await.status, 202);
        settle(&house).await;
        let resting = program.post("/customer-context/sync", whom).await;
        let told = resting.json();
        assert_eq!((resting.status, &told["asked"]), (200, &json!("resting")), "{told}");
        assert!(told["reason"].as_str().is_some_and(|why| why.contains("503")) && told["again_at"].is_string(), "{told}");
        let counted = crate::wire::get(house.address, "/metrics", &[]).await.text();
        assert!(counted.contains("doorstep_customer_context_refreshes_total{outcome=\"read\"} 1"), "{counted}");
        assert!(counted.contains("doorstep_customer_context_refreshes_total{outcome=\"failed\"} 1"), "{counted}");
    }

    async fn a_context_waits_for_what_the_source_says_now_and_says_whether_it_came(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let new = json!({ "source": "servicetitan", "settings": settings(&sim, 0), "open_hours": null });
        assert_eq!(program.post("/connections", new).await.status, 201);
        settle(&house).await;
        let key = first_customer(&sim);
        let place = format!("/customer-context/{key}?type=servicetitan_id&assurance=staff");
        assert!(program.get(&place).await.json().get("freshness").is_none());
        // Nobody works here.
        let late = program.get(&format!("{place}&fresh=wait&timeout_ms=20")).await;
        assert_eq!((late.status, late.header("doorstep-fresh").as_deref()), (200, Some("no")), "{}", late.text());
        let told = late.json();
        assert_eq!((&told["freshness"]["asked"], &told["freshness"]["came"]), (&json!(true), &json!(false)), "{told}");
        assert!(told["context"]["who"].is_object() && told["freshness"]["reason"].is_string(), "{told}");
        settle(&house).await;
        let came = program.get(&format!("{place}&fresh=wait")).await;
        assert_eq!(came.json()["freshness"], json!({ "asked": true, "came": true }));
        let text = format!("/api/v1{place}&fresh=wait&format=text");
        let text = crate::wire::get(house.address, &text, &[&program.key]).await;
        assert_eq!((text.status, text.header("doorstep-fresh").as_deref()), (200, Some("yes")), "{}", text.text());
        for wrong in ["fresh=now", "fresh=wait&timeout_ms=20001", "fresh=wait&timeout_ms=soon"] {
            assert_eq!(program.get(&format!("{place}&{wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn who_cannot_be_read_again_is_refused_in_words(store: TestStore) {
        let (house, _sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let status = async |body: Value| program.post("/customer-context/sync", body).await.status;
        assert_eq!(status(json!({ "identifier": "(617) 555-0143", "type": "phone" })).await, 404);
        assert_eq!(status(json!({ "identifier": "77", "type": "servicetitan_id" })).await, 404);
        assert_eq!(status(json!({ "identifier": "77", "type": "shoe_size" })).await, 422);
        assert_eq!(status(json!({ "identifier": "x".repeat(600), "type": "email" })).await, 422);
        let long = json!({ "identifier": "77", "type": "servicetitan_id", "wait": true, "timeout_ms": 20_001 });
        assert_eq!(status(long).await, 422);
        // A key of an agent may not name whom it likes.
        let agent = Program::new(&house, store.tenant.id, Role::Agent).await;
        let named = agent.post("/customer-context/sync", json!({ "identifier": "77", "type": "servicetitan_id" })).await;
        assert_eq!(named.status, 403, "{}", named.text());
    }
}
