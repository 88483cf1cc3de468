//! Notes, preferences and addresses over REST; jobs, and what is found in what was written.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use serde_json::{Value, json};

use super::imports::{settle, upload, zip};
use super::{Program, kind, open};

fn texts(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect()
}

on_both! {
    async fn an_agent_says_something_once_and_takes_it_back(store: TestStore) {
        let house = open(&store).await;
        let agent = Program::new(&house, store.tenant.id, Role::Agent).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let ann = agent.customer("Ann Lee", "617 471 0101").await;
        let at = |what: &str| format!("/customers/{ann}/{what}");
        let note = json!({ "text": "Side gate", "channel": "voice" });
        let once = async || agent.ask("POST", &at("notes"), &["idempotency-key: n1"], Some(&note)).await;
        let (added, again) = (once().await, once().await);
        assert_eq!((added.status, again.status, again.header("idempotency-replayed").as_deref()), (201, 201, Some("true")));
        let added = added.json();
        assert_eq!(added, again.json());
        let shown = [&added["kind"], &added["text"], &added["channel"], &added["said_by"]["kind"], &added["customer"]];
        assert_eq!(shown, ["note", "Side gate", "voice", "api_key", ann.as_str()]);
        // The same words without a key are the same note for a while, and say so.
        let same = agent.post(&at("notes"), note.clone()).await;
        assert_eq!((same.status, &same.json()["id"], &same.json()["is_new"]), (200, &added["id"], &json!(false)));
        for text in ["mornings", "evenings"] {
            let said = agent.post(&at("preferences"), json!({ "topic": "time", "text": text })).await;
            assert_eq!((said.status, &said.json()["topic"]), (201, &json!("time")), "{}", said.text());
        }
        let preferences = staff.get(&at("preferences")).await.json();
        assert_eq!(texts(&preferences), ["evenings", "mornings"]);
        assert_eq!([&preferences["items"][0]["retracted_at"], &preferences["items"][1]["retracted_by"]["kind"]], [&Value::Null, &json!("api_key")]);
        let address = json!({ "text": "123 main street, quincy, ma 02169" });
        assert_eq!(agent.post(&at("addresses"), address.clone()).await.json()["text"], "123 Main St, Quincy, MA 02169");
        let again = agent.post(&at("addresses"), address).await;
        assert_eq!((again.status, kind(&again).as_str()), (409, "conflict"), "{}", again.text());
        // What cannot be said is refused in words.
        for (what, body) in [
            ("notes", json!({ "text": " \u{0} " })), ("notes", json!({ "text": "x".repeat(4_001) })), ("addresses", json!({ "text": "n/a" })),
            ("preferences", json!({ "topic": "weather", "text": "sun" })), ("preferences", json!({ "text": "sun" })),
            ("notes", json!({ "text": "x", "channel": "pigeon" })), ("notes", json!({ "text": "x", "said_by": "owner" })),
        ] {
            let refused = agent.post(&at(what), body.clone()).await;
            assert!(matches!(refused.status, 400 | 422), "{body}: {} {}", refused.status, refused.text());
        }
        // Others' words are for who may edit.
        let ours = staff.post(&at("notes"), json!({ "text": "ours" })).await.json();
        let undo = |remark: &Value| format!("/remarks/{}/undo", remark["id"].as_str().unwrap());
        assert_eq!(agent.ask("POST", &undo(&ours), &[], None).await.status, 403);
        let back = agent.ask("POST", &undo(&added), &["idempotency-key: b1"], None).await;
        assert_eq!((back.status, &back.json()["retracted_by"]["kind"]), (200, &json!("api_key")), "{}", back.text());
        assert_eq!(agent.ask("POST", &undo(&added), &["idempotency-key: b1"], None).await.status, 200);
        assert_eq!(staff.ask("POST", &undo(&added), &[], None).await.status, 409);
        let reader = Program::new(&house, store.tenant.id, Role::ReadOnly).await;
        assert_eq!(reader.post(&at("notes"), note).await.status, 403);
        let first = reader.get(&at("notes?limit=1")).await.json();
        let second = reader.get(&format!("{}?limit=1&cursor={}", at("notes"), first["next"].as_str().unwrap())).await.json();
        assert_eq!((texts(&first), texts(&second)), (vec!["ours"], vec!["Side gate"]));
    }

    async fn words_are_found_in_what_was_written_and_jobs_are_listed(store: TestStore) {
        let house = open(&store).await;
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let ann = admin.customer("Ann Lee", "617 471 0117").await;
        let mut messages = "message_id,from_number,direction,body,sent_at\n".to_owned();
        for (n, body) in ["Hola, mañana", "the HEATER leaks", "heater again"].iter().enumerate() {
            messages += &format!("{n},617-471-0117,inbound,\"{body}\",2024-03-0{}T10:00:00Z\n", n + 1);
        }
        let archive = zip("messages.csv", &messages);
        upload(&admin, &[], &[("file", &archive), ("dry_run", b"false")]).await;
        settle(&house).await;
        let found = admin.get(&format!("/customers/{ann}/messages?q=heat&limit=1")).await.json();
        assert_eq!(found["items"][0]["passage"], json!([{ "text": "heater", "is_found": true }, { "text": " again", "is_found": false }]));
        let next = found["next"].as_str().unwrap();
        let older = admin.get(&format!("/customers/{ann}/messages?q=heat&cursor={next}")).await.json();
        assert_eq!((&older["items"][0]["message"]["body"], &older["next"]), (&json!("the HEATER leaks"), &Value::Null));
        // A cursor is of its question, and there is none without a question.
        assert_eq!(admin.get(&format!("/customers/{ann}/messages?q=hola&cursor={next}")).await.status, 400);
        assert_eq!(admin.get(&format!("/customers/{ann}/messages")).await.status, 400);
        assert_eq!(admin.get(&format!("/customers/{ann}/jobs?which=open&from=2024-01-01T00:00:00Z")).await.json()["items"], json!([]));
        for wrong in ["which=lost", "from=yesterday", "limit=0"] {
            assert_eq!(admin.get(&format!("/customers/{ann}/jobs?{wrong}")).await.status, 400, "{wrong}");
        }
    }
}
