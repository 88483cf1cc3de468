//! Every door, asked by nobody and by every role (I-14), and rights that are taken away (I-17).

use doorstep_core::tenant::{Permission, Role};
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;
use doorstep_server::api::{Doorway, doorways};
use doorstep_store::on_both;
use serde_json::json;

use super::{Program, open, schema};
use crate::entry::{cookie, key, operator, user};
use crate::wire::{Wire, ask, get};

const NOTHING: &str = "01h455vb4pex5vsknk084sn02q";

/// A path with ids that nobody has.
fn filled(doorway: &Doorway) -> String {
    let id = |part: &str| match part {
        "{customer}" => format!("cus_{NOTHING}"),
        "{conversation}" => format!("cnv_{NOTHING}"),
        "{decision}" => format!("dec_{NOTHING}"),
        "{remark}" => format!("rmk_{NOTHING}"),
        "{mark}" => format!("mrk_{NOTHING}"),
        "{review}" => format!("rvw_{NOTHING}"),
        "{connection}" => format!("con_{NOTHING}"),
        "{run}" => format!("run_{NOTHING}"),
        "{import}" => format!("imp_{NOTHING}"),
        "{user}" => format!("usr_{NOTHING}"),
        "{session}" => format!("ses_{NOTHING}"),
        "{api_key}" => format!("key_{NOTHING}"),
        "{receipt}" => format!("rcp_{NOTHING}"),
        "{field}" => "name".to_owned(),
        other => other.to_owned(),
    };
    doorway.path.split('/').map(id).collect::<Vec<_>>().join("/")
}

on_both! {
    async fn every_door_is_documented_and_opens_to_whom_it_says(store: TestStore) {
        let house = open(&store).await;
        let answer = get(house.address, "/openapi.json", &[]).await;
        assert_eq!((answer.status, &answer.json()), (200, &*schema::DOCUMENT));
        let doors = doorways();
        let documented: usize =
            schema::DOCUMENT["paths"].as_object().unwrap().values().map(|entry| entry.as_object().unwrap().len()).sum();
        assert_eq!(documented, doors.len());
        let mut keys = Vec::new();
        for role in Role::ALL {
            keys.push((role, key(&house, store.tenant.id, role).await.1));
        }
        for door in doors {
            let (method, path) = (door.method.as_str(), filled(&door));
            assert_eq!(ask(house.address, method, &path, &[], b"").await.status, 401, "nobody: {method} {path}");
            for (role, key) in &keys {
                let lines = [key.as_str(), "content-type: application/json"];
                let answer = ask(house.address, method, &path, &lines, b"").await;
                let is_closed = match door.need {
                    doorstep_server::api::Need::Permission(permission) => !role.grants(permission),
                    // About others than oneself, and keys are nobody's self.
                    doorstep_server::api::Need::Known => path.contains("_01h") && !role.grants(Permission::ManageUsers),
                };
                assert_eq!(answer.status == 403, is_closed, "{role:?}: {method} {path}: {}", answer.text());
                assert_ne!(answer.status, 401, "{role:?}: {method} {path}");
                assert!(answer.status < 500, "{role:?}: {method} {path}: {}", answer.text());
            }
        }
    }

    async fn a_right_that_is_taken_away_is_gone_at_the_next_request(store: TestStore) {
        let house = open(&store).await;
        let (tenant, sam) = (store.tenant.id, operator(store.tenant.id));
        let ann = user(&house, tenant, "ann@example.com", Role::Admin).await;
        let session = cookie(&house, "ann@example.com").await;
        let status = async |path: &str, line: &str| get(house.address, path, &[line]).await.status;
        assert_eq!(status("/api/v1/audit", &session).await, 200);
        house.engine.set_role(&sam, ann.id, Role::Staff).await.unwrap();
        assert_eq!(status("/api/v1/audit", &session).await, 403);
        assert_eq!(status("/api/v1/reviews", &session).await, 200);
        house.engine.disable_user(&sam, ann.id).await.unwrap();
        assert_eq!(status("/api/v1/reviews", &session).await, 401);
        let (id, key) = key(&house, tenant, Role::Admin).await;
        assert_eq!(status("/api/v1/audit", &key).await, 200);
        house.engine.revoke_api_key(&sam, id).await.unwrap();
        assert_eq!(status("/api/v1/audit", &key).await, 401);
    }

    /// Pages, REST, and by whatever somebody came in.
    async fn what_was_given_is_taken_away_everywhere_at_once(store: TestStore) {
        let house = open(&store).await;
        let (tenant, sam, engine) = (store.tenant.id, operator(store.tenant.id), &house.engine);
        let status = async |path: &str, line: &str| get(house.address, path, &["accept: text/html", line]).await.status;
        let ann = user(&house, tenant, "ann@example.com", Role::Admin).await;
        let (one, other) = (cookie(&house, "ann@example.com").await, cookie(&house, "ann@example.com").await);
        // A session that is ended from another one.
        let visit = engine.authenticate_session(one.split_once('=').unwrap().1).await.unwrap().unwrap();
        engine.revoke_session(&sam, visit.session.id).await.unwrap();
        assert_eq!([status("/customers", &one).await, status("/api/v1/customers", &one).await], [303, 401]);
        // A role, on the page and behind it.
        assert_eq!([status("/settings/audit", &other).await, status("/imports", &other).await], [200, 200]);
        let (_, lent) = key(&house, tenant, Role::Admin).await;
        engine.set_role(&sam, ann.id, Role::ReadOnly).await.unwrap();
        assert_eq!([status("/settings/audit", &other).await, status("/imports", &other).await], [403, 403]);
        assert_eq!(status("/api/v1/imports", &other).await, 403);
        assert_eq!(status("/customers", &other).await, 200);
        // A key that she made while she could, with what she has lost.
        let new = NewApiKey { name: Label::parse("hers").unwrap(), role: Role::Admin, scopes: None, expires_at: None };
        engine.set_role(&sam, ann.id, Role::Admin).await.unwrap();
        let visit = engine.authenticate_session(other.split_once('=').unwrap().1).await.unwrap().unwrap();
        let (_, hers) = engine.create_api_key(&visit.scope, &new).await.unwrap();
        let hers = format!("authorization: Bearer {}", hers.reveal());
        assert_eq!([status("/api/v1/users", &hers).await, status("/api/v1/users", &lent).await], [200, 200]);
        engine.set_role(&sam, ann.id, Role::Staff).await.unwrap();
        assert_eq!([status("/api/v1/users", &hers).await, status("/api/v1/users", &lent).await], [401, 200]);
        engine.disable_user(&sam, ann.id).await.unwrap();
        assert_eq!([status("/customers", &other).await, status("/api/v1/me", &other).await], [303, 401]);
    }

    /// Not even once, and however long it is until it is asked again by itself.
    async fn a_stream_tells_nothing_more_to_who_lost_the_right(store: TestStore) {
        let house = open(&store).await;
        let (tenant, sam) = (store.tenant.id, operator(store.tenant.id));
        let ann = user(&house, tenant, "ann@example.com", Role::Admin).await;
        let session = cookie(&house, "ann@example.com").await;
        let (id, till) = key(&house, tenant, Role::Agent).await;
        let stream = async |path: &str, line: &str| {
            let mut wire = Wire::to(house.address).await;
            wire.send(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\naccept: text/event-stream\r\n{line}\r\n\r\n")).await;
            assert_eq!(wire.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
            wire
        };
        let (mut page, mut feed) = (stream("/events", &session).await, stream("/api/v1/changes", &till).await);
        let program = Program::new(&house, tenant, Role::Staff).await;
        program.customer("Ann Miller", "617 471 0142").await;
        let until = async |wire: &mut Wire, wanted: &str| while wire.line().await.expect("it ended") != wanted {};
        until(&mut page, "event: customers").await;
        until(&mut feed, "event: change").await;
        house.engine.set_role(&sam, ann.id, Role::Staff).await.unwrap();
        house.engine.revoke_api_key(&sam, id).await.unwrap();
        let next = program.customer("Bob Reed", "617 471 0143").await;
        let rest = async |wire: &mut Wire| String::from_utf8(wire.rest().await).unwrap();
        let (page, feed) = (rest(&mut page).await, rest(&mut feed).await);
        assert!(page.contains("event: live:refresh") && !page.contains("event: customers"), "{page}");
        assert!(!feed.contains(&next), "{feed}");
    }

    async fn a_browser_brings_the_token_of_its_page_and_a_program_needs_none(store: TestStore) {
        let house = open(&store).await;
        user(&house, store.tenant.id, "ann@example.com", Role::Staff).await;
        let session = cookie(&house, "ann@example.com").await;
        let visit = house.engine.authenticate_session(session.split_once('=').unwrap().1).await.unwrap().unwrap();
        let token = format!("x-csrf-token: {}", visit.page_token.reveal());
        let body = json!({ "phones": ["617 471 0142"] }).to_string();
        let post = async |lines: &[&str]| {
            let lines = [&["content-type: application/json"], lines].concat();
            ask(house.address, "POST", "/api/v1/customers", &lines, body.as_bytes()).await.status
        };
        assert_eq!(post(&[&session]).await, 403);
        assert_eq!(post(&[&session, "x-csrf-token: 0123"]).await, 403);
        assert_eq!(post(&[&session, &token]).await, 201);
        let program = Program::new(&house, store.tenant.id, Role::Agent).await;
        assert_eq!(program.post("/customers", json!({ "phones": ["617 471 0142"] })).await.status, 200);
    }
}
