//! `/_control`: what a program in another language does with a sim.

use doorstep_sim::Sim;
use serde_json::{Value, json};

use crate::house::{Caller, send, world};

async fn control(sim: &Sim, asked: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (method, path) = asked.split_once(' ').unwrap();
    let answer = send(sim, &format!("{method} /_control/{path} HTTP/1.1"), &body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_world_is_changed_and_looked_at_over_http() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let done = async |asked: &str, body: Value| {
        let (status, answer) = control(&sim, asked, &body).await;
        assert_eq!(status, 200, "{asked} {answer}");
        answer
    };
    let before = done("GET clock", Value::Null).await["now"].clone();
    assert_ne!(done("POST clock", json!({ "seconds": 5 })).await["now"], before);
    let new = json!({
        "name": "Ada Marsh", "street": "12 Elm St", "city": "Quincy", "state": "MA", "zip": "02169",
        "contacts": [["MobilePhone", "6177821234"]],
    });
    let id = done("POST customer", new).await["id"].as_i64().unwrap();
    let rename = json!({ "do": "rename", "customer": id, "name": "Ada M. Marsh" });
    done("POST edit", rename).await;
    done("POST contact", json!({ "customer": id, "kind": "Email", "value": "ada@home.alt" })).await;
    let truth = done(&format!("GET truth/{id}"), Value::Null).await;
    assert_eq!(truth["customer"]["name"], "Ada M. Marsh");
    assert_eq!(truth["contacts"].as_array().unwrap().len(), 2);
    let location = truth["locations"][0]["id"].clone();
    let job =
        done("POST job", json!({ "customer": id, "location": location, "summary": "No heat" })).await["id"].clone();
    done("POST edit", json!({ "do": "complete_job", "job": job, "total_cents": 45_000 })).await;
    let row = caller.get(&format!("jpm/jobs/{job}")).await.json();
    assert_eq!(
        (&row["jobStatus"], &row["total"], &row["customerId"]),
        (&"Completed".into(), &450.0.into(), &id.into())
    );
    done("POST edit?tenant=410000002", json!({ "do": "set_active", "customer": 1_000_001, "active": false })).await;
    assert_eq!(done("GET counts", Value::Null).await["customers"], 41);
    done("POST edit", json!({ "do": "delete", "kind": "customers", "id": id })).await;
    assert_eq!(caller.get(&format!("crm/customers/{id}")).await.status, 404);
    done("POST drift", json!({ "count": 5 })).await;
    done("POST fault", json!({ "fault": { "too_many": { "seconds": 3 } }, "times": 1 })).await;
    assert_eq!(caller.get("crm/customers").await.status, 429);
    done("POST chances", json!({ "seed": 1, "chances": [["cut", 0.0], [{ "status": 502 }, 1.0]] })).await;
    assert_eq!(caller.get("crm/customers").await.status, 502);
    done("DELETE fault", Value::Null).await;
    done("PUT manners", json!({ "page_cap": 3 })).await;
    assert_eq!(caller.get("crm/customers").await.ids().len(), 3);
    let log = done("GET log", Value::Null).await;
    assert_eq!(log["requests"].as_array().unwrap().last().unwrap()["status"], 200);
    done("DELETE log", Value::Null).await;
    assert!(sim.log().is_empty());
    done("POST revoke", Value::Null).await;
    assert_eq!(caller.get("crm/customers").await.status, 401);
}

#[tokio::test]
async fn what_it_does_not_understand_it_says_with_what_it_would() {
    let sim = world().await;
    let check = async |asked: &str, body: Value, expected: u16| {
        let (status, answer) = control(&sim, asked, &body).await;
        assert_eq!(status, expected, "{asked}");
        assert!(answer["error"].is_string() && answer["doors"].is_array());
    };
    check("GET nothing", Value::Null, 404).await;
    check("GET truth/1", Value::Null, 404).await;
    check("POST edit", json!({ "do": "fly" }), 400).await;
    check("POST edit", json!({ "do": "rename", "customer": 1, "name": "x" }), 404).await;
    check("POST customer?tenant=1", json!({}), 400).await;
    check("GET counts?tenant=1", Value::Null, 404).await;
}
