//! Who comes in, and what is said to those who do not.

use doorstep_core::tenant::Role;
use doorstep_server::Settings;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use serde_json::json;

use super::{Agent, open};
use crate::entry::{cookie, user};
use crate::house::House;
use crate::wire::{ask, get};

#[tokio::test]
async fn whoever_has_no_key_is_told_where_to_look() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let (house, _) = open(&store).await;
    user(&house, store.tenant.id, "ann@example.com", Role::Owner).await;
    let session = cookie(&house, "ann@example.com").await;
    for lines in [
        vec![],
        vec!["authorization: Bearer wrong".to_owned()],
        vec!["authorization: Basic YTpi".to_owned()],
        vec![session],
    ] {
        let nobody = Agent { house: &house, lines: lines.clone() };
        let answer = nobody.send("tools/list", json!({})).await;
        assert_eq!(answer.status, 401, "{lines:?}: {}", answer.text());
        let challenge = answer.header("www-authenticate").unwrap();
        let place = challenge.split('"').nth(1).unwrap().to_owned();
        assert!(challenge.starts_with("Bearer resource_metadata=\""), "{challenge}");
        let path = place.strip_prefix("http://localhost").unwrap();
        let told = get(house.address, path, &[]).await;
        assert_eq!((told.status, &told.json()["resource"]), (200, &json!("http://localhost/mcp")), "{}", told.text());
        assert!(told.json()["scopes_supported"].as_array().unwrap().contains(&json!("read")));
    }
    // Also for whoever looks before asking.
    assert_eq!(get(house.address, "/.well-known/oauth-protected-resource", &[]).await.status, 200);
}

#[tokio::test]
async fn the_public_address_is_the_one_that_is_told() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let settings = Settings { public_url: Some("https://hub.example.com".parse().unwrap()), ..Settings::default() };
    let house = House::real(&store, settings).await;
    let nobody = Agent { house: &house, lines: vec!["host: hub.example.com".to_owned()] };
    let challenge = nobody.send("tools/list", json!({})).await.header("www-authenticate").unwrap();
    assert!(challenge.contains("\"https://hub.example.com/.well-known/oauth-protected-resource/mcp\""), "{challenge}");
}

#[tokio::test]
async fn only_our_own_name_and_no_page_elsewhere() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let (house, _) = open(&store).await;
    let agent = Agent::new(&house, store.tenant.id, Role::Staff).await;
    let status = async |line: &str| {
        let lines = agent.lines.iter().cloned().chain([line.to_owned()]).collect();
        Agent { house: &house, lines }.send("tools/list", json!({})).await.status
    };
    assert_eq!(status("host: localhost").await, 200);
    assert_eq!(status("host: evil.example").await, 421);
    assert_eq!(status("origin: https://evil.example").await, 403);
    assert_eq!(status("origin: null").await, 403);
    assert_eq!(status("origin: http://localhost").await, 200);
    for method in ["GET", "DELETE", "PUT"] {
        let lines = [agent.lines[0].as_str(), "accept: text/event-stream"];
        assert_eq!(ask(house.address, method, "/mcp", &lines, b"").await.status, 405, "{method}");
    }
}
