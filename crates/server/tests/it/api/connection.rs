//! Live sources over REST: connected after a check, read, looked into, taken away; and what comes of bad settings.

use doorstep_core::tenant::Role;
use doorstep_sim::Options;
use doorstep_store::on_both;
use serde_json::{Value, json};

use super::imports::settle;
use super::{Program, kind};
use crate::connected::{first_customer, nobodys, open, settings};

fn new(settings: Value) -> Value {
    json!({ "source": "servicetitan", "name": "Our ServiceTitan", "settings": settings })
}

on_both! {
    async fn a_source_is_connected_read_and_taken_away(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let sources = program.get("/sources").await.json();
        assert_eq!(sources["items"][0]["source"], "servicetitan");
        let made = program.post("/connections", new(settings(&sim, 0))).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        assert_eq!(made["check"]["streams"][0]["can_be_read"], true, "{made}");
        assert_eq!(made["connection"]["schedule"]["window"], "06:00-20:00");
        let place = format!("/connections/{}", made["connection"]["id"].as_str().unwrap());
        // One run at a time, and the second asker is told which.
        let run = program.post(&format!("{place}/runs"), json!({})).await;
        assert_eq!(run.status, 202, "{}", run.text());
        let run = run.json()["id"].as_str().unwrap().to_owned();
        let again = program.post(&format!("{place}/runs"), json!({})).await;
        assert_eq!((again.status, kind(&again).as_str(), &again.json()["run"]), (409, "already-running", &json!(run)));
        assert_eq!(program.get(&place).await.json()["run"]["id"], json!(run));
        settle(&house).await;
        let done = program.get(&format!("/runs/{run}")).await.json();
        assert_eq!(done["state"], "finished", "{done}");
        assert!(done["totals"]["new"].as_u64().unwrap() > 40, "{done}");
        let shown = program.get(&place).await.json();
        assert_eq!((&shown["run"], &shown["last"]["id"]), (&Value::Null, &json!(run)));
        // Runs and problems are read a page at a time.
        assert_eq!(program.post(&format!("{place}/runs?sweep=true"), json!({})).await.status, 202);
        settle(&house).await;
        let page = program.get(&format!("{place}/runs?limit=1")).await.json();
        let next = page["next"].as_str().unwrap();
        let page = program.get(&format!("{place}/runs?limit=1&cursor={next}")).await.json();
        assert_eq!((&page["items"][0]["id"], &page["next"]), (&json!(run), &Value::Null));
        assert!(program.get(&format!("/runs/{run}/problems")).await.json()["items"].is_array());
        let stopped = program.post(&format!("/runs/{run}/cancel"), json!({})).await;
        assert_eq!(stopped.status, 409, "{}", stopped.text());
        // What was said of one customer, word for word, and whose it is.
        let key = first_customer(&sim);
        let told = program.get(&format!("{place}/record?stream=customers&key={key}")).await.json();
        assert_eq!(told["payload"]["id"].to_string(), key);
        let card = program.get(&format!("/customers/{}", told["customer"].as_str().unwrap())).await;
        assert_eq!(card.status, 200);
        assert_eq!(program.get(&format!("{place}/record?stream=customers&key=1")).await.status, 404);
        // Taken away, it is asked for nothing any more, and what it said stays.
        let gone = program.ask("DELETE", &place, &[], None).await;
        assert_eq!((gone.status, &gone.json()["removal"]), (200, &Value::Null), "{}", gone.text());
        assert_eq!(program.post(&format!("{place}/runs"), json!({})).await.status, 404);
        assert_eq!(program.get(&place).await.json()["secrets"]["client_secret"], "forgotten");
        assert_eq!(program.get("/connections").await.json()["items"], json!([]));
        assert_eq!(program.get(&format!("{place}/record?stream=customers&key={key}")).await.status, 200);
    }

    async fn what_a_source_said_goes_with_it_where_somebody_says_so(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let made = program.post("/connections", new(settings(&sim, 0))).await.json();
        let place = format!("/connections/{}", made["connection"]["id"].as_str().unwrap());
        assert_eq!(program.post(&format!("{place}/runs"), json!({})).await.status, 202);
        settle(&house).await;
        assert!(!program.get("/customers").await.json()["items"].as_array().unwrap().is_empty());
        let odd = program.ask("DELETE", &format!("{place}?records=some"), &[], None).await;
        assert_eq!((odd.status, &odd.json()["field"]), (422, &json!("records")));
        let going = program.ask("DELETE", &format!("{place}?records=remove"), &[], None).await.json();
        assert!(going["removal"]["left"].as_u64().unwrap() > 100, "{going}");
        assert_eq!(program.get(&place).await.json()["removal"], going["removal"]);
        settle(&house).await;
        let total = &going["removal"]["total"];
        assert_eq!(program.get(&place).await.json()["removal"], json!({ "left": 0, "total": total }));
        assert_eq!(program.get("/customers").await.json()["items"], json!([]));
        assert_eq!(program.ask("DELETE", &format!("{place}?records=remove"), &[], None).await.status, 404);
    }

    async fn a_source_that_is_connected_or_read_twice_with_one_key_is_once(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let key = ["idempotency-key: once-1"];
        let body = new(settings(&sim, 0));
        let made = program.ask("POST", "/connections", &key, Some(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        sim.clear_log();
        let again = program.ask("POST", "/connections", &key, Some(&body)).await;
        assert_eq!((again.status, again.json()), (201, made.json()));
        assert_eq!(again.header("idempotency-replayed").as_deref(), Some("true"));
        assert_eq!(sim.log().len(), 0, "the source was asked again");
        assert_eq!(program.get("/connections").await.json()["items"].as_array().unwrap().len(), 1);
        let place = format!("/connections/{}", made.json()["connection"]["id"].as_str().unwrap());
        let key = ["idempotency-key: once-2"];
        let run = program.ask("POST", &format!("{place}/runs"), &key, Some(&json!({}))).await;
        assert_eq!(run.status, 202, "{}", run.text());
        settle(&house).await;
        let again = program.ask("POST", &format!("{place}/runs"), &key, Some(&json!({}))).await;
        assert_eq!((again.status, &again.json()["id"]), (202, &run.json()["id"]));
        assert_eq!(program.get(&format!("{place}/runs")).await.json()["items"].as_array().unwrap().len(), 1);
        // The same key for something else is a mistake.
        let other = program.ask("POST", &format!("{place}/runs?sweep=true"), &key, Some(&json!({}))).await;
        assert_eq!(other.status, 422, "{}", other.text());
        // It is called otherwise, all of a change or nothing.
        let renamed = program.patch(&place, json!({ "name": "Quincy", "interval_seconds": 3600 })).await.json();
        assert_eq!((&renamed["name"], &renamed["schedule"]["interval_seconds"]), (&json!("Quincy"), &json!(3600)));
        let wrong = json!({ "name": "Boston", "settings": { "client_secret": "ak1.other" } });
        assert_eq!(program.patch(&place, wrong).await.status, 422);
        assert_eq!(program.get(&place).await.json()["name"], "Quincy");
    }

    async fn secrets_go_in_and_never_come_out(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let said = settings(&sim, 0);
        let made = program.post("/connections", new(said.clone())).await;
        let place = format!("/connections/{}", made.json()["connection"]["id"].as_str().unwrap());
        let paused = program.patch(&place, json!({ "enabled": false, "open_hours": null, "interval_seconds": 3600 })).await;
        let wrong = program.patch(&place, json!({ "settings": { "client_secret": "ak1.other" } })).await;
        assert_eq!((wrong.status, &wrong.json()["field"]), (422, &json!("settings.client_secret")), "{}", wrong.text());
        let all = [
            made, paused, wrong, program.get(&place).await, program.get("/connections").await,
            program.post(&format!("{place}/check"), json!({})).await, program.get("/audit").await,
        ];
        for answer in all {
            for name in ["client_secret", "app_key"] {
                assert!(!answer.text().contains(said[name].as_str().unwrap()), "{}", answer.text());
            }
        }
        let shown = program.get(&place).await.json();
        assert_eq!(shown["secrets"], json!({ "client_secret": "set", "app_key": "set" }));
        assert_eq!(shown["schedule"], json!({ "enabled": false, "interval_seconds": 3600, "window": null }));
        assert_eq!(shown["next_at"], Value::Null);
    }

    async fn what_does_not_fit_is_refused_with_its_field_and_nothing_is_kept(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Owner).await;
        let good = settings(&sim, 0);
        let with = |name: &str, value: Value| {
            let mut settings = good.clone();
            settings[name] = value;
            settings
        };
        let cases = [
            (new(with("client_id", json!("cs1.mixed-up"))), "settings.client_id"),
            (new(with("app_key", json!(""))), "settings.app_key"),
            (new(with("servicetitan_tenant", json!("four"))), "settings.servicetitan_tenant"),
            (new(with("api_url", json!("http://169.254.169.254"))), "settings.api_url"),
            (new(with("<script>\u{202e}", json!("x"))), "settings"),
            (json!({ "source": "phone_history", "settings": {} }), "source"),
            (json!({ "source": "servicetitan", "settings": good, "interval_seconds": 1 }), "interval_seconds"),
            (json!({ "source": "servicetitan", "settings": good, "open_hours": "late" }), "open_hours"),
        ];
        for (body, field) in cases {
            let answer = program.post("/connections", body).await;
            assert_eq!((answer.status, &answer.json()["field"]), (422, &json!(field)), "{}", answer.text());
        }
        // The source itself says no.
        for path in ["/connections", "/connections/check"] {
            let mut body = json!({ "source": "servicetitan", "settings": with("client_secret", json!("cs1.wrong")) });
            let answer = program.post(path, body.take()).await;
            assert_eq!((answer.status, kind(&answer).as_str()), (409, "source"), "{}", answer.text());
        }
        assert_eq!(program.get("/connections").await.json()["items"], json!([]));
        // Without a check it is connected, and a name is there once.
        let mut unasked = new(nobodys());
        unasked["check"] = json!(false);
        assert_eq!(program.post("/connections", unasked.clone()).await.status, 201);
        assert_eq!(program.post("/connections", unasked).await.status, 409);
    }

    async fn owners_and_admins_look_into_a_source_and_nothing_is_stored(store: TestStore) {
        let (house, sim) = open(&store, Options::default()).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let made = program.post("/connections", new(settings(&sim, 0))).await.json();
        let place = format!("/connections/{}", made["connection"]["id"].as_str().unwrap());
        let key = first_customer(&sim);
        let raw = program.get(&format!("{place}/diagnostics/customer?key={key}")).await.json();
        assert_eq!(raw["customer"]["id"].to_string(), key);
        assert!(raw["contacts"].is_array() && raw["tags"].is_array() && raw["jobs"].is_array(), "{raw}");
        assert_eq!(program.get(&format!("{place}/diagnostics/customer?key=1")).await.status, 404);
        let note = json!({ "customer": key, "text": "A test from Doorstep" });
        assert_eq!(program.post(&format!("{place}/diagnostics/notes"), note).await.status, 201);
        let acts = program.get("/audit?act=connection.tried").await.json();
        assert_eq!(acts["items"][0]["details"]["key"], json!(key), "{acts}");
        let mut page = program.get(&format!("{place}/diagnostics/page?stream=customers")).await.json();
        let mut rows = page["rows"].as_array().unwrap().len();
        while let Some(next) = page["next"].as_str() {
            page = program.get(&format!("{place}/diagnostics/page?stream=customers&cursor={next}")).await.json();
            rows += page["rows"].as_array().unwrap().len();
        }
        assert!(rows >= 40, "{rows}");
        let none = program.get(&format!("{place}/diagnostics/page?stream=customer")).await;
        assert_eq!((none.status, &none.json()["field"]), (422, &json!("stream")));
        assert_eq!(program.get("/customers").await.json()["items"], json!([]));
        // Staff see connections and what was said, and no more.
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        assert_eq!(staff.get(&place).await.status, 200);
        assert_eq!(staff.get(&format!("{place}/diagnostics/customer?key={key}")).await.status, 403);
        assert_eq!(staff.post(&format!("{place}/runs"), json!({})).await.status, 403);
    }
}
