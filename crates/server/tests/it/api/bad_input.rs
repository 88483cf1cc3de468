//! What is wrong is refused in words, and what is another tenant's is not there.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use doorstep_store::testing::create_tenant;
use serde_json::{Value, json};

use super::{Program, kind, open};
use crate::wire::ask;

on_both! {
    async fn wrong_types_and_unknown_fields_are_named(store: TestStore) {
        let house = open(&store).await;
        let program = Program::new(&house, store.tenant.id, Role::Admin).await;
        let id = program.customer("Ann Miller", "617 471 0142").await;
        let place = format!("/customers/{id}");
        let check = async |method: &str, place: &str, body: Option<Value>, status: u16, part: &str| {
            let answer = program.ask(method, place, &[], body.as_ref()).await;
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(answer.status == status && detail.contains(part), "{place} {body:?}: {} {detail}", answer.status);
            assert!(!detail.contains("617 471"), "{detail}");
        };
        check("POST", "/customers", Some(json!({ "phones": "617 471 0142" })), 422, "`phones`").await;
        check("POST", "/customers", Some(json!({ "phones": [7] })), 422, "`phones`").await;
        check("POST", "/customers", Some(json!({ "phnes": [] })), 422, "`phnes`").await;
        check("POST", "/customers", Some(json!({ "phones": ["nonsense"] })), 422, "`phones[0]`").await;
        check("POST", "/customers", Some(json!({ "name": "x".repeat(10_000), "phones": ["617 471 0142"] })), 422, "`name`").await;
        check("POST", "/customers", Some(json!({})), 409, "phone").await;
        check("POST", "/customers", Some(json!([])), 422, "is a list").await;
        check("PATCH", &place, Some(json!({})), 409, "no field").await;
        check("PATCH", &place, Some(json!({ "name": null })), 422, "`name`").await;
        check("PATCH", &place, Some(json!({ "version": 3 })), 422, "`version`").await;
        check("POST", "/merges", Some(json!({ "a": id, "b": "rvw_01h455vb4pex5vsknk084sn02q" })), 422, "`b`").await;
        let mark = |kind: &str, value: &str, verdict: &str| Some(json!({ "kind": kind, "value": value, "verdict": verdict }));
        check("POST", "/identity/marks", mark("phone", "nonsense", "shared"), 422, "`value`").await;
        check("POST", "/identity/marks", mark("email", "617 471 0142", "shared"), 422, "`value`").await;
        check("POST", "/identity/marks", mark("fax", "617 471 0142", "shared"), 422, "`kind`").await;
        // What records are found by is nobody's identifier.
        check("POST", "/identity/marks", mark("name_place", "n0123456789abcdef", "shared"), 422, "`kind`").await;
        check("POST", "/identity/marks", mark("phone", "617 471 0142", "fax"), 422, "`verdict`").await;
        check("POST", "/identity/marks", mark("phone", "617 555 0123", "shared"), 409, "placeholder already").await;
        let long = json!({ "kind": "phone", "value": "617 471 0142", "verdict": "shared", "reason": "x".repeat(501) });
        check("POST", "/identity/marks", Some(long), 422, "`reason`").await;
        check("POST", "/identity/marks/nonsense/undo", None, 404, "id").await;
        check("POST", "/api-keys", Some(json!({ "name": "till", "role": "king" })), 422, "`role`").await;
        check("POST", "/api-keys", Some(json!({ "name": "till", "role": "agent", "scopes": ["fly"] })), 422, "`scopes`").await;
        check("GET", "/customers?limit=0", None, 400, "`limit`").await;
        check("GET", "/customers?limit=many", None, 400, "`limit`").await;
        check("GET", "/customers?cursor=%00", None, 400, "NUL").await;
        check("POST", "/customers", Some(json!({ "phones": ["617 471 0142"], "notes": "a\0b" })), 422, "NUL").await;
        check("GET", "/customers?page=2", None, 400, "`page`").await;
        check("GET", "/customers?order=oldest", None, 400, "oldest").await;
        check("GET", &format!("{place}?include=everything"), None, 400, "`include`").await;
        check("GET", "/audit?act=flown", None, 400, "flown").await;
        check("GET", "/customers/nobody", None, 404, "id").await;
        let answer = program.ask("PATCH", &place, &["if-match: three"], Some(&json!({ "company": "Ace" }))).await;
        assert!(answer.status == 400 && answer.text().contains("If-Match"), "{}", answer.text());
        let answer = program.ask("PATCH", &place, &["idempotency-key: k"], Some(&json!({ "company": "Ace" }))).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let large = json!({ "name": "x".repeat(10 << 20) });
        assert_eq!(program.post("/customers", large).await.status, 413);
        let lines = [program.key.as_str(), "content-type: application/json"];
        let deep = format!("{{\"phones\": {}", "[".repeat(100_000));
        let answer = ask(house.address, "POST", "/api/v1/customers", &lines, deep.as_bytes()).await;
        assert!(matches!(answer.status, 400 | 422), "{}", answer.text());
        let lines = [program.key.as_str(), "content-type: text/plain"];
        assert_eq!(ask(house.address, "POST", "/api/v1/customers", &lines, b"{}").await.status, 415);
    }

    async fn what_is_another_tenants_is_not_there(store: TestStore) {
        let house = open(&store).await;
        let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
        let (ours, them) = (
            Program::new(&house, store.tenant.id, Role::Admin).await,
            Program::new(&house, theirs.id, Role::Admin).await,
        );
        let mine = ours.customer("Ann Miller", "617 471 0142").await;
        let id = them.customer("Zelda Quist", "617 471 0142").await;
        for number in 0..3 {
            them.customer("Bob Reed", &format!("617 471 011{number}")).await;
            ours.customer("Dan Reed", &format!("617 471 012{number}")).await;
        }
        for place in ["", "/timeline", "/conversations", "?include=calls"] {
            let answer = ours.get(&format!("/customers/{id}{place}")).await;
            assert!(answer.status == 404 && !answer.text().contains("Quist"), "{place}: {}", answer.text());
        }
        assert_eq!(ours.patch(&format!("/customers/{id}"), json!({ "company": "Ace" })).await.status, 404);
        assert_eq!(ours.post("/merges", json!({ "a": mine, "b": id })).await.status, 404);
        assert_eq!(ours.get("/customers?q=quist").await.json()["items"], json!([]));
        // A cursor of theirs, of another list, and those made by hand.
        let cursor = |page: Value| page["next"].as_str().unwrap().to_owned();
        let foreign = cursor(them.get("/customers?limit=1").await.json());
        let other = cursor(ours.get("/customers?limit=1&order=name").await.json());
        let own = cursor(ours.get("/customers?limit=1").await.json());
        let cut = own[..own.len() - 1].to_owned();
        for made in [foreign.as_str(), &other, &cut, "", "1", "5b22637573-00", "-"] {
            let answer = ours.get(&format!("/customers?limit=1&cursor={made}")).await;
            assert_eq!((answer.status, kind(&answer).as_str()), (400, "bad-cursor"), "{made}");
        }
        assert_eq!(ours.get(&format!("/customers?limit=1&cursor={own}")).await.status, 200);
        for list in ["/users", "/api-keys", "/audit", "/imports", "/reviews", "/merges", "/identity/marks", "/changes"] {
            assert_eq!(kind(&ours.get(&format!("{list}?cursor={foreign}")).await), "bad-cursor", "{list}");
        }
        // The same idempotency key is another one there.
        let (body, key) = (json!({ "name": "Eve Lund", "phones": ["617 471 0150"] }), "idempotency-key: one");
        let here = ours.ask("POST", "/customers", &[key], Some(&body)).await;
        let there = them.ask("POST", "/customers", &[key], Some(&body)).await;
        assert_eq!((here.status, there.status), (201, 201));
        assert_ne!(here.json()["customer"], there.json()["customer"]);
        // And keys and users of theirs can neither be seen nor ended.
        let keys = them.get("/api-keys").await.json();
        let key = keys["items"][0]["id"].as_str().unwrap();
        assert_eq!(ours.ask("DELETE", &format!("/api-keys/{key}"), &[], None).await.status, 404);
        assert_eq!(them.get("/me").await.json()["tenant"]["name"], "Charles River Heating");
    }
}
