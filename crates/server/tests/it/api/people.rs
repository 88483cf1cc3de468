//! Users, sessions, API keys and the audit log over REST.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use serde_json::json;

use super::{Program, open};
use crate::entry::{cookie, user};
use crate::wire::get;

on_both! {
    async fn users_are_invited_changed_and_thrown_out(store: TestStore) {
        let house = open(&store).await;
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let new = json!({ "email": "ann@example.com", "name": "Ann Lee", "role": "staff" });
        let invited = admin.post("/users", new.clone()).await;
        assert_eq!(invited.status, 201, "{}", invited.text());
        assert!(invited.json()["link"].as_str().unwrap().contains("/link/"));
        assert_eq!(admin.post("/users", new).await.status, 409);
        assert_eq!(admin.post("/users", json!({ "email": "x", "name": "A", "role": "staff" })).await.status, 422);
        let owner = json!({ "email": "bo@example.com", "name": "Bo", "role": "owner" });
        assert_eq!(admin.post("/users", owner).await.status, 403);
        let id = invited.json()["user"]["id"].as_str().unwrap().to_owned();
        let place = format!("/users/{id}");
        assert_eq!(admin.patch(&place, json!({ "role": "agent" })).await.json()["role"], "agent");
        assert_eq!(admin.patch(&place, json!({ "role": "agent", "disabled": true })).await.status, 422);
        assert_eq!(admin.post(&format!("{place}/links"), json!({ "purpose": "sign_in" })).await.status, 201);
        assert!(admin.patch(&place, json!({ "disabled": true })).await.json()["disabled_at"].is_string());
        assert_eq!(admin.get("/users").await.json()["items"].as_array().unwrap().len(), 1);
        let audit = admin.get("/audit?act=user.disabled").await.json();
        assert_eq!(audit["items"][0]["subject_id"], json!(id));
    }

    async fn sessions_are_seen_and_ended(store: TestStore) {
        let house = open(&store).await;
        let ann = user(&house, store.tenant.id, "ann@example.com", Role::Staff).await;
        let session = cookie(&house, "ann@example.com").await;
        let own = get(house.address, "/api/v1/sessions", &[&session]).await.json();
        let id = own["items"][0]["id"].as_str().unwrap().to_owned();
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let listed = admin.get(&format!("/users/{}/sessions", ann.id)).await.json();
        assert_eq!(listed["items"][0]["id"], json!(id));
        assert_eq!(admin.get("/sessions").await.status, 404);
        assert_eq!(admin.ask("DELETE", &format!("/sessions/{id}"), &[], None).await.status, 204);
        assert_eq!(get(house.address, "/api/v1/me", &[&session]).await.status, 401);
        let session = cookie(&house, "ann@example.com").await;
        assert_eq!(get(house.address, "/api/v1/me", &[&session]).await.json()["role"], "staff");
        let ended = admin.ask("DELETE", &format!("/users/{}/sessions", ann.id), &[], None).await;
        assert_eq!(ended.json()["ended"], 1);
        assert_eq!(get(house.address, "/api/v1/me", &[&session]).await.status, 401);
    }

    async fn a_keys_secret_is_shown_once_and_keys_make_no_keys(store: TestStore) {
        let house = open(&store).await;
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let new = json!({ "name": "till", "role": "agent", "scopes": ["read"], "expires_at": null });
        let refused = admin.post("/api-keys", new.clone()).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        user(&house, store.tenant.id, "ann@example.com", Role::Admin).await;
        let session = cookie(&house, "ann@example.com").await;
        let visit = house.engine.authenticate_session(session.split_once('=').unwrap().1).await.unwrap().unwrap();
        let browser = Program { house: &house, key: format!("{session}\r\nx-csrf-token: {}", visit.page_token.reveal()) };
        let made = browser.post("/api-keys", new).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let (id, secret) = (made.json()["api_key"]["id"].clone(), made.json()["secret"].clone());
        let key = Program { house: &house, key: format!("authorization: Bearer {}", secret.as_str().unwrap()) };
        assert_eq!(key.get("/customers").await.status, 200);
        assert_eq!(key.post("/customers", json!({ "phones": ["617 471 0142"] })).await.status, 403);
        assert!(!browser.get("/api-keys").await.text().contains(secret.as_str().unwrap()));
        let revoked = browser.ask("DELETE", &format!("/api-keys/{}", id.as_str().unwrap()), &[], None).await;
        assert_eq!((revoked.status, key.get("/customers").await.status), (204, 401));
    }
}
