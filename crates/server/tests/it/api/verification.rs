//! Codes over REST: what is asked for, said, refused, and what nobody learns by it.

use std::sync::{Arc, Mutex};

use doorstep_core::tenant::Role;
use doorstep_engine::verification::{CodeMessage, Delivery, Sender, Sending};
use doorstep_server::Settings;
use doorstep_store::on_both;
use doorstep_store::testing::TestStore;
use doorstep_store::testing::create_tenant;
use serde_json::{Value, json};

use super::{Program, kind};
use crate::house::House;

#[derive(Default)]
struct Outbox(Mutex<Vec<CodeMessage>>);

impl Sender for Outbox {
    fn send<'a>(&'a self, message: &'a CodeMessage) -> Sending<'a> {
        self.0.lock().unwrap().push(message.clone());
        Box::pin(std::future::ready(Ok(Delivery::Sent)))
    }
}

async fn open(store: &TestStore) -> (House, Arc<Outbox>) {
    let outbox = Arc::new(Outbox::default());
    (House::sending(store, Settings::default(), outbox.clone()).await, outbox)
}

fn wanted(web_user: &str, value: &str) -> Value {
    json!({ "web_user": web_user, "kind": "phone", "value": value })
}

on_both! {
    async fn a_web_user_shows_to_be_reached_by_a_number(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let agent = Program::new(&house, store.tenant.id, Role::Agent).await;
        let ann = agent.customer("Ann Lee", "617 471 0101").await;
        let known = agent.post("/verifications", wanted("auth0|1", "(617) 471-0101")).await;
        let unknown = agent.post("/verifications", wanted("auth0|2", "(617) 471-0199")).await;
        assert_eq!((known.status, unknown.status), (202, 202), "{}", known.text());
        let bare = |answer: &Value| (answer["delivery"].clone(), answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>());
        assert_eq!(bare(&known.json()), bare(&unknown.json()), "who is known shows nowhere");
        let code = outbox.0.lock().unwrap()[0].code.reveal().to_owned();
        assert!(!known.text().contains(&code) && !known.text().contains(&ann), "{}", known.text());
        let say = async |web_user: &str, code: &str| agent.post("/verifications/confirm", json!({ "web_user": web_user, "code": code })).await;
        let last = outbox.0.lock().unwrap()[1].code.reveal().to_owned();
        let of_another = say("auth0|2", &code).await;
        assert!(code == last || of_another.status == 422, "{}", of_another.text());
        let confirmed = say("auth0|1", &code).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.text());
        assert_eq!((&confirmed.json()["customer"], &confirmed.json()["is_new"]), (&json!(ann), &json!(false)));
        let card = agent.get(&format!("/customers/{ann}")).await.json();
        let web_user = card["identities"].as_array().unwrap().iter().find(|one| one["kind"] == "web_user").unwrap().clone();
        assert_eq!((&web_user["value"], &web_user["verified"]), (&json!("auth0|1"), &json!(true)));
        // And is looked up by it, as by a number or an address: exactly, and at one's own business.
        let found = agent.get("/customers?web_user_id=auth0%7C1").await.json();
        assert_eq!((&found["items"][0]["id"], found["items"].as_array().unwrap().len()), (&json!(ann), 1), "{found}");
        let them = create_tenant(&house.engine.db, "Charles River Heating", "+16174719999").await;
        let them = Program::new(&house, them.id, Role::Owner).await;
        for (program, by) in [(&agent, "auth0%7C2"), (&agent, "auth0"), (&them, "auth0%7C1")] {
            let none = program.get(&format!("/customers?web_user_id={by}")).await;
            assert_eq!((none.status, none.json()["items"].as_array().unwrap().len()), (200, 0), "{by}");
        }
        let again = say("auth0|1", &code).await;
        assert_eq!((again.status, kind(&again).as_str()), (422, "wrong-code"), "{}", again.text());
        let reader = Program::new(&house, store.tenant.id, Role::ReadOnly).await;
        assert_eq!(reader.post("/verifications", wanted("auth0|3", "617 471 0101")).await.status, 403);
        assert_eq!(reader.post("/verifications/confirm", json!({ "web_user": "auth0|3", "code": "1" })).await.status, 403);
    }

    async fn what_is_wrong_is_refused_and_guessing_ends(store: TestStore) {
        let (house, outbox) = open(&store).await;
        let agent = Program::new(&house, store.tenant.id, Role::Agent).await;
        for (body, status, part) in [
            (wanted("", "617 471 0101"), 422, "web_user"),
            (wanted("two words", "617 471 0101"), 422, "web_user"),
            (wanted("u_1", "nonsense"), 422, "value"),
            (wanted("u_1", "617 555 0123"), 409, "placeholder"),
            (json!({ "web_user": "u_1", "kind": "fax", "value": "617 471 0101" }), 422, "kind"),
        ] {
            let refused = agent.post("/verifications", body).await;
            assert!(refused.status == status && refused.text().contains(part), "{}: {}", refused.status, refused.text());
        }
        let key = agent.ask("POST", "/verifications", &["idempotency-key: 1"], Some(&wanted("u_1", "617 471 0101"))).await;
        assert_eq!(key.status, 400, "an answer that is kept would say nothing new");
        for _ in 0..5 {
            assert_eq!(agent.post("/verifications", wanted("u_1", "617 471 0101")).await.status, 202);
        }
        let often = agent.post("/verifications", wanted("u_1", "617 471 0101")).await;
        assert_eq!((often.status, often.header("retry-after").is_some()), (429, true), "{}", often.text());
        let code = outbox.0.lock().unwrap().last().unwrap().code.reveal().to_owned();
        let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
        let say = async |code: &str| agent.post("/verifications/confirm", json!({ "web_user": "u_1", "code": code })).await.status;
        for _ in 0..5 {
            assert_eq!(say(&wrong).await, 422);
        }
        assert_eq!(say(&code).await, 422, "the right one, too late");
    }
}
