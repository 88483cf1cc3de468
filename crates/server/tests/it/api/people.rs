//! Users, sessions, API keys and the audit log over REST.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;
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

    /// Under every id that a customer had, and with the other filters.
    async fn the_audit_log_is_read_by_what_it_is_about(store: TestStore) {
        let house = open(&store).await;
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        let (ann, bob) =
            (admin.customer("Ann Miller", "617 471 0142").await, admin.customer("Bob Reed", "617 471 0143").await);
        let kim = admin.customer("Kim Park", "617 471 0144").await;
        let acts = async |query: &str| -> Vec<String> {
            let page = admin.get(&format!("/audit?{query}")).await.json();
            page["items"].as_array().unwrap_or_else(|| panic!("{page}")).iter().map(|one| one["act"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(acts(&format!("subject={ann}")).await, ["customer.created"]);
        admin.patch(&format!("/customers/{bob}"), json!({ "company": "Ace" })).await;
        admin.post("/merges", json!({ "a": ann, "b": bob })).await;
        let all = ["customer.merged", "customer.edited", "customer.created", "customer.created"];
        for id in [&ann, &bob, &bob.to_uppercase()] {
            assert_eq!(acts(&format!("subject={id}")).await, all, "{id}");
        }
        assert_eq!(acts(&format!("subject={kim}")).await, ["customer.created"]);
        assert_eq!(acts(&format!("subject={ann}&act=customer.edited")).await, ["customer.edited"]);
        assert_eq!(acts(&format!("subject={ann}&actor=worker")).await, [""; 0]);
        // By pages, each once; a cursor is of this thing alone.
        let first = admin.get(&format!("/audit?subject={ann}&limit=3")).await.json();
        let next = first["next"].as_str().unwrap();
        assert_eq!(first["items"].as_array().unwrap().len(), 3);
        assert_eq!(acts(&format!("subject={ann}&limit=3&cursor={next}")).await, ["customer.created"]);
        assert_eq!(admin.get(&format!("/audit?subject={kim}&cursor={next}")).await.status, 400);
        // What is no id is said to be none; what another business did is not there.
        let refused = admin.get("/audit?subject=Ann").await;
        assert!(refused.status == 400 && refused.text().contains("`subject` must be the id of"), "{}", refused.text());
        let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
        let them = Program::new(&house, theirs.id, Role::Admin).await;
        assert_eq!(them.get(&format!("/audit?subject={ann}")).await.json()["items"], json!([]));
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        assert_eq!(staff.get(&format!("/audit?subject={ann}")).await.status, 403);
        // Not only customers.
        let invited = admin.post("/users", json!({ "email": "ann@example.com", "name": "Ann", "role": "staff" })).await.json();
        assert_eq!(acts(&format!("subject={}", invited["user"]["id"].as_str().unwrap())).await, ["user.created"]);
    }
}
