//! Every door, asked by nobody and by every role (I-14), and rights that are taken away (I-17).

use doorstep_core::tenant::{Permission, Role};
use doorstep_server::api::{Doorway, doorways};
use doorstep_store::on_both;
use serde_json::json;

use super::{Program, open, schema};
use crate::entry::{cookie, key, operator, user};
use crate::wire::{ask, get};

const NOTHING: &str = "01h455vb4pex5vsknk084sn02q";

/// A path with ids that nobody has.
fn filled(doorway: &Doorway) -> String {
    let id = |part: &str| match part {
        "{customer}" => format!("cus_{NOTHING}"),
        "{conversation}" => format!("cnv_{NOTHING}"),
        "{review}" => format!("rvw_{NOTHING}"),
        "{import}" => format!("imp_{NOTHING}"),
        "{user}" => format!("usr_{NOTHING}"),
        "{session}" => format!("ses_{NOTHING}"),
        "{api_key}" => format!("key_{NOTHING}"),
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
