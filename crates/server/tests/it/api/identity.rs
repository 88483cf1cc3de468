//! Decisions about who is who over REST: each is listed, and taken back by itself.

use doorstep_core::tenant::Role;
use doorstep_store::on_both;
use serde_json::{Value, json};

use super::{Program, kind, open};

fn decision(answer: &Value) -> String {
    answer["decision"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

on_both! {
    async fn a_decision_is_taken_back_by_its_id_and_no_other(store: TestStore) {
        let house = open(&store).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let john = staff.customer("John Smith", "617 471 0101").await;
        let smyth = staff.customer("J. Smyth", "617 471 0102").await;
        let kim = staff.customer("Kim Park", "617 471 0103").await;
        let first = decision(&staff.post("/merges", json!({ "a": john, "b": smyth })).await.json());
        let second = decision(&staff.post("/merges", json!({ "a": john, "b": kim })).await.json());
        let undo = async |id: &str| staff.ask("POST", &format!("/merges/{id}/undo"), &[], None).await;
        let back = undo(&second).await;
        assert_eq!(back.status, 200, "{}", back.text());
        assert_eq!((&back.json()["decision"], &back.json()["verb"]), (&json!(second), &json!("link")));
        let listed = staff.get("/merges").await.json();
        let in_force = |listed: &Value| -> Vec<String> {
            let of = listed["items"].as_array().unwrap().iter().filter(|one| one["retracted_at"].is_null());
            of.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(in_force(&listed), [first.as_str()]);
        assert_eq!(listed["items"][0]["retracted_by"]["kind"], "api_key");
        assert_eq!(staff.get(&format!("/customers/{kim}")).await.json()["display_name"], "Kim Park");
        let again = undo(&second).await;
        assert_eq!((again.status, kind(&again).as_str()), (409, "conflict"), "{}", again.text());
        assert!(again.text().contains("taken back already"), "{}", again.text());
        // Two who are kept apart: the question is open again.
        staff.post("/customers", json!({ "name": "Zelda Park", "phones": ["617 471 0103"] })).await;
        let review = staff.get("/reviews").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let apart = decision(&staff.post(&format!("/reviews/{review}/decide"), json!({ "answer": "apart" })).await.json());
        assert_eq!(staff.get("/reviews").await.json()["items"], json!([]));
        assert_eq!(undo(&apart).await.json()["verb"], "keep_apart");
        assert_eq!(staff.get("/reviews").await.json()["items"].as_array().unwrap().len(), 1);
        // What is no decision, and a merge that something else makes, too.
        assert_eq!(undo("nonsense").await.status, 404);
        staff.post("/customers", json!({ "name": "John Smith", "phones": ["617 471 0101", "617 471 0102"] })).await;
        let other = staff.customer("John Smith", "617 471 0104").await;
        let third = decision(&staff.post("/merges", json!({ "a": john, "b": other })).await.json());
        let both = json!({ "name": "John Smith", "phones": ["617 471 0101", "617 471 0104"] });
        assert_eq!(staff.post("/customers", both).await.status, 200);
        let refused = undo(&third).await;
        assert!(refused.status == 409 && refused.text().contains("something else joins"), "{}", refused.text());
        assert!(in_force(&staff.get("/merges").await.json()).contains(&third));
        // Each of them is a change of the feed, made or taken back.
        let changes = staff.get("/changes?limit=200").await.json();
        let told = |id: &str| changes["items"].as_array().unwrap().iter().filter(|one| one["id"] == json!(id)).count();
        assert_eq!([told(&first), told(&second), told(&apart), told(&third)], [1, 2, 2, 1], "{changes}");
    }

    async fn why_nobody_is_found_is_told(store: TestStore) {
        let house = open(&store).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let john = staff.customer("John Smith", "617 471 0101").await;
        let kim = staff.customer("Kim Park", "617 471 0103").await;
        staff.post("/merges", json!({ "a": john, "b": kim, "reason": "married" })).await;
        let kinds = async |asked: &str| {
            let told = staff.get(&format!("/identity/why-missing?{asked}")).await;
            assert_eq!(told.status, 200, "{asked}: {}", told.text());
            let told = told.json();
            let kinds = told["findings"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned());
            (kinds.collect::<Vec<_>>(), told)
        };
        let (found, told) = kinds("phone=%28617%29%20471-0103").await;
        assert_eq!((found, &told["findings"][0]["merges"][0]["reason"]), (vec!["known".to_owned()], &json!("married")));
        let (found, told) = kinds(&format!("id={kim}")).await;
        assert_eq!((found, &told["findings"][0]["into"]["id"]), (vec!["merged".to_owned()], &json!(john)));
        let (found, told) = kinds("email=zoe%40acehvac.com").await;
        assert_eq!((found, &told["sources"][0]["source"]), (vec!["nowhere".to_owned()], &json!("hub")));
        assert!(told["sources"][0]["last_came_at"].is_string() && told["sources"][1]["last_came_at"].is_null());
        assert_eq!(kinds("name=park").await.0, ["known"]);
        for (asked, status) in [("", 400), ("phone=1&name=x", 400), ("phone=12", 422), ("email=x", 422), ("id=x", 400), ("q=x", 400)] {
            assert_eq!(staff.get(&format!("/identity/why-missing?{asked}")).await.status, status, "{asked}");
        }
    }

    async fn why_two_are_one_or_two_is_told_with_the_evidence(store: TestStore) {
        let house = open(&store).await;
        let staff = Program::new(&house, store.tenant.id, Role::Staff).await;
        let reader = Program::new(&house, store.tenant.id, Role::ReadOnly).await;
        let john = staff.customer("John Smith", "617 471 0101").await;
        let mary = staff.customer("Mary Smith", "617 471 0101").await;
        let review = staff.get("/reviews").await.json()["items"][0]["id"].clone();
        let asked = format!("/identity/explain?a={john}&b={mary}");
        let told = reader.get(&asked).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let told = told.json();
        assert_eq!((&told["standing"], &told["because"], &told["review"]), (&json!("review"), &json!("evidence"), &review));
        assert_eq!((&told["shared"][0]["people"], &told["shared"][0]["counts"]), (&json!(2), &json!("yes")));
        let pieces = told["pairs"][0]["pieces"].as_array().unwrap();
        assert!(pieces.iter().any(|piece| piece["field"] == "phone" && piece["bits"].as_f64().unwrap() > 0.0), "{told}");
        assert!(pieces.iter().any(|piece| piece["field"] == "given name" && piece["bits"].as_f64().unwrap() < 0.0), "{told}");
        assert!(!told["would_change"].as_array().unwrap().is_empty());
        // Made one: who, when and why, under either id.
        staff.post(&format!("/reviews/{}/decide", review.as_str().unwrap()), json!({ "answer": "merge", "reason": "one bill" })).await;
        for (a, b) in [(&john, &mary), (&mary, &john)] {
            let told = reader.get(&format!("/identity/explain?a={a}&b={b}")).await.json();
            assert_eq!((&told["standing"], &told["decision"]["reason"]), (&json!("one"), &json!("one bill")), "{told}");
            assert_eq!((&told["links"][0]["by"], &told["b"]), (&json!("decision"), &Value::Null));
        }
        assert_eq!(reader.get(&format!("/identity/explain?a={mary}")).await.json()["a"]["customer"], john.min(mary).as_str());
        // What is no customer, and what is no question.
        for (asked, status) in [("a=cus_01h455vb4pex5vsknk084sn02q", 404), ("a=nobody", 400), ("b=nobody", 400), ("", 400), ("a=&b=", 400)] {
            assert_eq!(reader.get(&format!("/identity/explain?{asked}")).await.status, status, "{asked}");
        }
    }
}
