//! Rules over REST: versions, a look, and exactly that or nothing.

use doorstep_core::tenant::Role;
use doorstep_store::testing::{TestStore, create_tenant};
use doorstep_store::{on_both, system, task};
use serde_json::{Value, json};

use super::imports::settle;
use super::{Program, kind, open};
use crate::house::House;

/// Puts a task aside, as the worker does after too many tries.
async fn park(house: &House, store: &TestStore, key: &str, reason: &str) {
    let (now, holder) = (store.db.clock().now(), uuid::Uuid::from_u128(1));
    let claimed = system::claim_tasks(&house.engine.db, holder, now, now.plus_seconds(60), 9).await.unwrap();
    let claim = claimed.into_iter().find(|claim| claim.key == key).unwrap();
    let mut tx = house.engine.db.write(&store.scope()).await.unwrap();
    task::park(&mut tx, &claim, reason).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn rules_are_looked_at_and_applied_as_they_were_looked_at(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
        let them = Program::new(&house, theirs.id, Role::Admin).await;
        program.customer("Ann Miller", "617 471 0142").await;
        let first = program.get("/identity/rules").await.json();
        assert_eq!((&first["in_force"], &first["newly_shipped"]), (&json!(1), &Value::Null));
        assert_eq!(program.get("/identity/resolve").await.json(), Value::Null);
        let made = program.post("/identity/rules", json!({ "link": 29.5, "review": 1 })).await;
        assert_eq!((made.status, &made.json()["version"]), (201, &json!(2)), "{}", made.text());
        for (body, status) in [
            (json!({ "link": 1, "review": 2 }), 409),
            (json!([null, null]), 422),
            (json!({ "link": 1, "review": null }), 422),
            (json!({ "link": 1, "of": 1.5 }), 422),
            (json!({ "link": 1e30 }), 422),
            (json!({ "review": 2 }), 422),
            (json!({ "links": 2 }), 422),
            (json!({ "link": 1, "of": 7 }), 404),
        ] {
            let answer = program.post("/identity/rules", body.clone()).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text());
        }
        assert_eq!(program.post("/identity/resolve/preview", json!({ "version": 9 })).await.status, 404);
        let early = program.post("/identity/resolve/apply", json!({ "version": 2, "digest": "x" })).await;
        assert_eq!((early.status, kind(&early).as_str()), (409, "not-previewed"));
        let nothing = program.post("/identity/resolve/resume", json!({})).await;
        assert_eq!(nothing.status, 409, "nothing is under way: {}", nothing.text());
        let begun = program.post("/identity/resolve/preview", json!({ "version": 2.0 })).await;
        assert_eq!((begun.status, &begun.json()["state"]), (202, &json!("previewing")), "{}", begun.text());
        // It stands still, and somebody lets it go on: a member of this business, and who may.
        park(&house, &store, "changeover", "no progress").await;
        let parked = program.get("/identity/resolve").await.json();
        assert_eq!((&parked["state"], &parked["stopped"]), (&json!("previewing"), &json!("no progress")), "{parked}");
        assert_eq!(them.post("/identity/resolve/resume", json!({})).await.status, 409);
        assert_eq!(Program::new(&house, store.tenant.id, Role::Staff).await.post("/identity/resolve/resume", json!({})).await.status, 403);
        assert_eq!(program.get("/identity/resolve").await.json()["stopped"], "no progress");
        let resumed = program.post("/identity/resolve/resume", json!({})).await;
        assert_eq!((resumed.status, &resumed.json()["stopped"]), (202, &Value::Null), "{}", resumed.text());
        settle(&house).await;
        let looked = program.get("/identity/resolve").await.json();
        assert_eq!((&looked["state"], &looked["summary"]["records"]), (&json!("previewed"), &json!(1)), "{looked}");
        let what = json!({ "version": 2, "digest": looked["digest"] });
        assert_eq!(them.get("/identity/resolve").await.json(), Value::Null, "another business sees nothing of it");
        assert_eq!(them.post("/identity/resolve/apply", what.clone()).await.status, 409);
        let begun = program.post("/identity/resolve/apply", what.clone()).await;
        assert_eq!((begun.status, &begun.json()["state"]), (202, &json!("applying")), "{}", begun.text());
        assert_eq!(program.post("/identity/resolve/apply", what).await.status, 409);
        settle(&house).await;
        assert_eq!(program.get("/identity/resolve").await.json()["state"], "applied");
        assert_eq!(program.get("/identity/rules").await.json()["in_force"], 2);
        assert_eq!(them.get("/identity/rules").await.json()["in_force"], 1);
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        assert_eq!(staff.get("/identity/rules").await.status, 403);
    }
}
