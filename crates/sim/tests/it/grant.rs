//! Tokens, keys, and whose path is whose.

use std::time::Duration;

use crate::house::{Caller, send, token, world};

const FORM: &str = "POST /connect/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";

#[tokio::test]
async fn the_token_endpoint_takes_a_form_and_nothing_else() {
    let sim = world().await;
    let it = sim.credentials();
    let fields = format!("client_id={}&client_secret={}", it.client_id, it.client_secret);
    let check = async |head: &str, body: &str, status: u16, error: &str| {
        let answer = send(&sim, head, body).await;
        assert_eq!((answer.status, answer.json()["error"].as_str().unwrap_or_default()), (status, error), "{body}");
    };
    check(FORM, &format!("grant_type=client_credentials&{fields}"), 200, "").await;
    check(FORM, &format!("grant_type=password&{fields}"), 400, "unsupported_grant_type").await;
    check(FORM, "grant_type=client_credentials&client_id=a&client_secret=b", 400, "invalid_client").await;
    let json = "POST /connect/token HTTP/1.1\r\nContent-Type: application/json";
    check(json, &serde_json::json!({ "grant_type": "client_credentials" }).to_string(), 400, "invalid_request").await;
    let answer = send(&sim, FORM, &format!("grant_type=client_credentials&{fields}")).await.json();
    assert_eq!((answer["expires_in"].as_i64(), answer["token_type"].as_str()), (Some(900), Some("Bearer")));
}

#[tokio::test]
async fn nobody_comes_in_without_key_and_token() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let (key, tenant) = (sim.credentials().app_key, caller.tenant);
    let bearer = format!("Authorization: Bearer {}", caller.token);
    let check = async |headers: &str, path: &str, expected: u16| {
        let answer = send(&sim, &format!("GET {path} HTTP/1.1{headers}"), "").await;
        assert_eq!(answer.status, expected, "{path} {answer:?}");
        if expected != 200 {
            let body = answer.json();
            assert_eq!(body["status"], expected, "the error says its status");
            assert!(body["title"].is_string() && body["traceId"].is_string() && body["errors"].is_object());
        }
    };
    let own = format!("/crm/v2/tenant/{tenant}/customers");
    check(&format!("\r\nST-App-Key: {key}\r\n{bearer}"), &own, 200).await;
    check(&format!("\r\n{bearer}"), &own, 401).await;
    check(&format!("\r\nST-App-Key: {key}"), &own, 401).await;
    check(&format!("\r\nST-App-Key: wrong\r\n{bearer}"), &own, 401).await;
    check(&format!("\r\nST-App-Key: {key}\r\nAuthorization: Bearer wrong"), &own, 401).await;
    check(&format!("\r\nST-App-Key: {key}\r\n{bearer}"), &format!("/crm/v2/tenant/{}/customers", tenant + 1), 403)
        .await;
    check(&format!("\r\nST-App-Key: {key}\r\n{bearer}"), &format!("/crm/v2/tenant/{tenant}/nobody"), 404).await;
    check(&format!("\r\nST-App-Key: {key}\r\n{bearer}"), &format!("/crm/v1/tenant/{tenant}/customers"), 404).await;
    check(&format!("\r\nST-App-Key: {key}\r\n{bearer}"), "/crm/v2/customers", 404).await;
}

#[tokio::test]
async fn a_token_lives_a_quarter_of_an_hour() {
    let sim = world().await;
    let mut caller = Caller::new(&sim).await;
    sim.advance(Duration::from_secs(899));
    assert_eq!(caller.get("crm/customers").await.status, 200);
    sim.advance(Duration::from_secs(1));
    assert_eq!(caller.get("crm/customers").await.status, 401);
    caller.token = token(&sim, 0).await;
    assert_eq!(caller.get("crm/customers").await.status, 200);
    sim.revoke_tokens();
    assert_eq!(caller.get("crm/customers").await.status, 401);
}

#[tokio::test]
async fn the_log_keeps_no_secret() {
    let sim = world().await;
    let caller = Caller::new(&sim).await;
    let it = sim.credentials();
    caller.get(&format!("crm/customers?servicetitanapplicationkey={}", it.app_key)).await;
    let log = sim.log();
    let text = serde_json::to_string(&log).unwrap() + &format!("{sim:?} {log:?}");
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].path.as_str(), log[0].status, log[1].status), ("/connect/token", 200, 200));
    assert_eq!(log[1].tenant, Some(caller.tenant));
    for secret in [it.client_secret, it.client_id, it.app_key, caller.token.clone()] {
        assert!(!text.contains(&secret));
    }
}
