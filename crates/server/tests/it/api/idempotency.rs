//! A create that is sent again: the same answer, no second effect, no secret, and nothing of anybody else's.

use doorstep_core::email::Email;
use doorstep_core::tenant::{Actor, Role};
use doorstep_store::testing::create_tenant;
use doorstep_store::{idempotency as kept, on_both};
use serde_json::{Value, json};

use super::imports::{CONTACTS, settle, spooled, upload, zip};
use super::{Program, kind, open};
use crate::entry::{cookie, operator, user};
use crate::house::House;
use crate::wire::Answer;

const KEY: &str = "idempotency-key: 2f1c-77";

/// A browser of somebody who has signed in, with the token of its page.
async fn browser<'a>(house: &'a House, email: &str) -> Program<'a> {
    let session = cookie(house, email).await;
    let visit = house.engine.authenticate_session(session.split_once('=').unwrap().1).await.unwrap().unwrap();
    Program { house, key: format!("{session}\r\nx-csrf-token: {}", visit.page_token.reveal()) }
}

async fn send(program: &Program<'_>, place: &str, key: &str, body: &Value) -> Answer {
    program.ask("POST", place, &[key], Some(body)).await
}

/// How many entries the audit log has: one for each act.
async fn acts(program: &Program<'_>) -> usize {
    program.get("/audit?limit=200").await.json()["items"].as_array().unwrap().len()
}

on_both! {
    async fn a_decision_that_is_sent_again_is_one_decision(store: TestStore) {
        let house = open(&store).await;
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let one = admin.customer("John Smith", "617 471 0101").await;
        let other = admin.customer("Jack Smith", "617 471 0102").await;
        admin.post("/customers", json!({ "name": "Zelda Smith", "phones": ["617 471 0101"] })).await;
        let review = admin.get("/reviews").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let creates = [
            ("/merges".to_owned(), json!({ "a": one, "b": other, "reason": "brothers" }), 201),
            ("/merges/undo".to_owned(), json!({ "customer": other }), 200),
            (format!("/reviews/{review}/decide"), json!({ "answer": "apart" }), 200),
            ("/identity/marks".to_owned(), json!({ "kind": "phone", "value": "617 471 0199", "verdict": "shared" }), 201),
        ];
        for (number, (place, body, status)) in creates.iter().enumerate() {
            let key = format!("idempotency-key: {number}");
            let done = send(&admin, place, &key, body).await;
            assert_eq!((done.status, done.header("idempotency-replayed")), (*status, None), "{place}: {}", done.text());
            let after = acts(&admin).await;
            // Without the key it would be refused now: it is done.
            let again = send(&admin, place, &key, body).await;
            assert_eq!((again.status, again.json()), (*status, done.json()), "{place}");
            assert_eq!(again.header("idempotency-replayed").as_deref(), Some("true"), "{place}");
            assert!(matches!(admin.post(place, body.clone()).await.status, 404 | 409), "{place}");
            assert_eq!(acts(&admin).await, after, "{place}");
            let mut changed = body.clone();
            changed["reason"] = json!("something else");
            let refused = send(&admin, place, &key, &changed).await;
            assert_eq!((refused.status, kind(&refused).as_str()), (422, "other-request"), "{place}");
        }
        // What is said by the address alone, too.
        let decision = admin.get("/merges").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let place = format!("/merges/{decision}/undo");
        let undo = async |lines: &[&str]| admin.ask("POST", &place, lines, None).await;
        let done = undo(&["idempotency-key: undo"]).await;
        assert_eq!((done.status, done.header("idempotency-replayed")), (200, None), "{}", done.text());
        let (after, again) = (acts(&admin).await, undo(&["idempotency-key: undo"]).await);
        assert_eq!((again.status, again.json(), acts(&admin).await), (200, done.json(), after));
        assert_eq!(again.header("idempotency-replayed").as_deref(), Some("true"));
        assert_eq!((undo(&[]).await.status, kind(&undo(&["idempotency-key: 0"]).await).as_str()), (409, "other-request"));
        // The same body elsewhere is another request.
        let refused = send(&admin, "/merges/undo", "idempotency-key: 0", &creates[0].1).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        let refused = send(&admin, "/customers", "idempotency-key: 1", &json!({ "phones": ["617 471 0150"] })).await;
        assert_eq!(kind(&refused), "other-request");
        // Somebody else's key of the same name is another key, and says nothing of this one.
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let theirs = send(&staff, &creates[0].0, "idempotency-key: 2", &creates[0].1).await;
        assert_eq!((theirs.status, theirs.header("idempotency-replayed")), (201, None), "{}", theirs.text());
        store.clock.turn_seconds(24 * 60 * 60);
        let late = send(&staff, &creates[0].0, "idempotency-key: 2", &creates[0].1).await;
        assert_eq!((late.status, late.header("idempotency-replayed")), (409, None), "{}", late.text());
    }

    async fn a_secret_is_shown_once_even_to_who_asks_with_the_same_key(store: TestStore) {
        let house = open(&store).await;
        user(&house, store.tenant.id, "ann@example.com", Role::Admin).await;
        let ann = browser(&house, "ann@example.com").await;
        let creates = [
            ("/users", json!({ "email": "bo@example.com", "name": "Bo", "role": "staff" }), "/link/", "/user/id"),
            ("/api-keys", json!({ "name": "till", "role": "agent" }), "dsk_", "/api_key/id"),
        ];
        for (place, body, secret, id) in &creates {
            let key = format!("{KEY}{}", place.len());
            let made = send(&ann, place, &key, body).await;
            assert!(made.status == 201 && made.text().contains(secret), "{place}: {}", made.text());
            let after = acts(&ann).await;
            let again = send(&ann, place, &key, body).await;
            assert_eq!((again.status, kind(&again).as_str()), (409, "made-already"), "{place}: {}", again.text());
            assert_eq!(Some(&again.json()["id"]), made.json().pointer(id), "{place}");
            assert!(!again.text().contains(secret), "{place}: {}", again.text());
            assert_eq!(acts(&ann).await, after, "{place}");
        }
        assert_eq!(ann.get("/api-keys").await.json()["items"].as_array().unwrap().len(), 1);
        let ann = house.engine.user_by_email(&operator(store.tenant.id), &Email::parse("ann@example.com").unwrap()).await.unwrap();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        for (place, ..) in creates {
            let key = format!("{}{}", KEY.trim_start_matches("idempotency-key: "), place.len());
            let kept = kept::find(&mut tx, &Actor::User(ann.as_ref().unwrap().id), &key).await.unwrap().unwrap();
            assert!(kept.body.as_object().unwrap().keys().eq(["id"]), "{place}: {}", kept.body);
        }
    }

    async fn an_archive_that_is_sent_again_is_one_import(store: TestStore) {
        let house = open(&store).await;
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let archive = zip("contacts.csv", CONTACTS);
        let fields: [(&str, &[u8]); 2] = [("file", &archive), ("notes", b"from the old phone")];
        let planned = upload(&admin, &[KEY], &fields).await;
        let again = upload(&admin, &[KEY], &fields).await;
        assert_eq!((planned.status, again.status, planned.json()), (200, 200, again.json()), "{}", again.text());
        assert_eq!(admin.get("/imports").await.json()["items"].as_array().unwrap().len(), 1);
        assert_eq!(spooled(store.dir.path()), 1, "the archive that was sent again is kept");
        for other in [&[("file", archive.as_slice())][..], &[fields[0], fields[1], ("dry_run", b"false")]] {
            let refused = upload(&admin, &[KEY], other).await;
            assert_eq!((refused.status, kind(&refused).as_str()), (422, "other-request"));
        }
        // One that is to be brought in goes on, and says how far it is.
        let whole = [fields[0], ("dry_run", b"false" as &[u8])];
        let key = "idempotency-key: whole";
        let begun = upload(&admin, &[key], &whole).await;
        assert_eq!(begun.status, 202, "{}", begun.text());
        settle(&house).await;
        let again = upload(&admin, &[key], &whole).await;
        assert_eq!((again.status, &again.json()["state"]), (202, &json!("applied")), "{}", again.text());
        assert_eq!(again.json()["batch_id"], begun.json()["batch_id"]);
        assert_eq!(admin.get("/imports").await.json()["items"].as_array().unwrap().len(), 2);
        // What was refused leaves the key free.
        let key = "idempotency-key: refused";
        assert_eq!(upload(&admin, &[key], &[("file", b"no archive")]).await.status, 422);
        assert_eq!(upload(&admin, &[key], &fields).await.status, 200);
    }

    async fn a_key_is_its_tenants_and_says_so_when_it_is_none(store: TestStore) {
        let house = open(&store).await;
        let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
        let ours = Program::new(&house, store.tenant.id, Role::Admin).await;
        let them = Program::new(&house, theirs.id, Role::Admin).await;
        let body = json!({ "name": "Eve Lund", "phones": ["617 471 0150"] });
        let (here, there) = (send(&ours, "/customers", KEY, &body).await, send(&them, "/customers", KEY, &body).await);
        assert_eq!((here.status, there.status, there.header("idempotency-replayed")), (201, 201, None));
        assert_ne!(here.json()["customer"], there.json()["customer"]);
        let other = json!({ "phones": ["617 471 0151"] });
        assert_eq!(send(&them, "/customers", "idempotency-key: theirs", &other).await.status, 201);
        assert_eq!(send(&ours, "/customers", "idempotency-key: theirs", &body).await.status, 200);
        let long = "k".repeat(256);
        for bad in ["", "a b", "schl\u{fc}ssel", &long, &format!("{KEY}\r\nidempotency-key: second")] {
            let answer = send(&ours, "/customers", &format!("idempotency-key: {bad}"), &body).await;
            assert!(answer.status == 400 && answer.text().contains("Idempotency-Key"), "{bad}: {}", answer.text());
        }
    }
}
