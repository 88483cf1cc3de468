//! Marks of phones and e-mail addresses over REST.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use serde_json::{Value, json};

use super::{Program, kind, open};

fn line(verdict: &str) -> Value {
    json!({ "kind": "phone", "value": "(617) 471-0101", "verdict": verdict, "reason": "the front desk" })
}

on_both! {
    async fn a_number_is_marked_listed_and_the_mark_taken_back(store: TestStore) {
        let house = open(&store).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let ann = staff.customer("Ann Lee", "617 471 0101").await;
        let both = json!({ "name": "Ann Lee", "phones": ["617 471 0101"], "emails": ["ann@quincyplumbing.com"] });
        assert_eq!(staff.post("/customers", both).await.status, 200);
        let marked = staff.post("/identity/marks", line("shared")).await;
        assert_eq!(marked.status, 201, "{}", marked.text());
        let marked = marked.json();
        let shown = [&marked["mark"]["kind"], &marked["mark"]["value"], &marked["mark"]["verdict"], &marked["mark"]["reason"]];
        assert_eq!(shown, ["phone", "+16174710101", "shared", "the front desk"]);
        let apart = json!({ "holders": 1, "created": 1, "changed": 1, "joined": 0, "by_task": false });
        assert_eq!(marked["customers"], apart, "what had only the number in common comes apart");
        let again = staff.post("/identity/marks", line("shared")).await;
        assert_eq!((again.status, kind(&again).as_str()), (409, "conflict"), "{}", again.text());
        // A number that becomes the business' own says how imports are read: that is for admins.
        assert_eq!(staff.post("/identity/marks", line("mine")).await.status, 403);
        let reader = Program::new(&house, store.tenant.id, Role::ReadOnly).await;
        let listed = reader.get("/identity/marks").await.json();
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]), (1, &marked["mark"]));
        assert_eq!(reader.post("/identity/marks", line("placeholder")).await.status, 403);
        let id = marked["mark"]["id"].as_str().unwrap().to_owned();
        let undo = async |lines: &[&str]| staff.ask("POST", &format!("/identity/marks/{id}/undo"), lines, None).await;
        let back = undo(&["idempotency-key: undo"]).await;
        assert_eq!(back.status, 200, "{}", back.text());
        assert_eq!((&back.json()["customers"]["joined"], &back.json()["mark"]["retracted_by"]["kind"]), (&json!(1), &json!("api_key")));
        assert_eq!(staff.get(&format!("/customers/{ann}")).await.json()["email"], "ann@quincyplumbing.com");
        let again = undo(&["idempotency-key: undo"]).await;
        assert_eq!((again.status, again.header("idempotency-replayed").as_deref()), (200, Some("true")));
        assert_eq!((undo(&[]).await.status, staff.post("/identity/marks/nonsense/undo", json!({})).await.status), (409, 404));
        // Each of it is a change of the feed.
        let changes = staff.get("/changes?limit=200").await.json();
        let told = changes["items"].as_array().unwrap().iter().filter(|one| one["subject"] == "mark" && one["id"] == json!(id));
        assert_eq!(told.count(), 2, "{changes}");
        let admin = Program::new(&house, store.tenant.id, Role::Admin).await;
        assert_eq!(admin.post("/identity/marks", line("mine")).await.status, 201);
        let audit = admin.get("/audit?act=identifier.marked").await.json();
        assert_eq!(audit["items"].as_array().unwrap().len(), 2, "{audit}");
    }

    async fn marks_are_paged_both_ways(store: TestStore) {
        let house = open(&store).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        for number in 0..5 {
            let wanted = json!({ "kind": "email", "value": format!("desk{number}@harborflats.com"), "verdict": "mine" });
            assert_eq!(staff.post("/identity/marks", wanted).await.status, 201);
        }
        let values = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()[4..5].to_owned()).collect()
        };
        let first = staff.get("/identity/marks?limit=2").await.json();
        let second = staff.get(&format!("/identity/marks?limit=2&cursor={}", first["next"].as_str().unwrap())).await.json();
        let back = staff.get(&format!("/identity/marks?limit=2&cursor={}", second["previous"].as_str().unwrap())).await.json();
        assert_eq!([values(&first), values(&second), values(&back)], [["4", "3"], ["2", "1"], ["4", "3"]]);
    }
}
