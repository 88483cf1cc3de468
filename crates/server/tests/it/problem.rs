//! What a caller reads when something does not work, and the headers on every answer.

use doorstep_server::{Limits, Settings};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

use crate::house::House;
use crate::wire::{ask, get};

const PERSON: &str = "accept: text/html,application/xhtml+xml";

#[tokio::test]
async fn a_problem_has_the_shape_that_its_reader_can_read() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    let program = get(house.address, "/api/v1/nothing", &[PERSON]).await;
    assert_eq!(program.header("content-type").as_deref(), Some("application/problem+json"));
    assert_eq!((program.status, &program.json()["type"]), (404, &"urn:doorstep:problem:not-found".into()));
    assert_eq!(Some(program.json()["request_id"].as_str().unwrap()), program.header("x-request-id").as_deref());
    let person = get(house.address, "/nothing", &[PERSON]).await;
    assert_eq!(person.status, 404);
    assert!(person.text().contains("<h2>There is nothing here</h2>"), "{}", person.text());
    assert!(!person.text().contains("class=\"side\""), "nobody has signed in");
    let known = get(house.address, "/nothing", &[PERSON, "authorization: Bearer browser"]).await.text();
    assert!(known.contains("class=\"side\"") && known.contains("Bay State Plumbing"), "{known}");
    let page = get(house.address, "/nothing", &[PERSON, "hx-request: true"]).await.text();
    assert!(page.starts_with("<div class=\"notice bad\"") && !page.contains("<html"), "{page}");
    let method = ask(house.address, "DELETE", "/healthz", &[], b"").await;
    assert_eq!((method.status, method.header("allow").as_deref()), (405, Some("GET,HEAD")));
    assert_eq!(method.json()["title"], "Not like this");
}

#[tokio::test]
async fn without_signing_in_there_is_nothing_to_see() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    let program = get(house.address, "/events", &[]).await;
    assert_eq!((program.status, &program.json()["type"]), (401, &"urn:doorstep:problem:sign-in".into()));
    let person = get(house.address, "/events?watch=a%26b", &[PERSON]).await;
    assert_eq!(person.header("location").as_deref(), Some("/login?next=%2Fevents%3Fwatch%3Da%2526b"));
    assert_eq!(get(house.address, "/", &[PERSON]).await.header("location").as_deref(), Some("/login"));
    let page = get(house.address, "/", &[PERSON, "hx-request: true"]).await;
    assert_eq!((page.status, page.header("hx-redirect").as_deref()), (401, Some("/login")));
    let forged = get(house.address, "/", &[PERSON, "authorization: Bearer nobody"]).await;
    assert_eq!(forged.status, 303);
}

#[tokio::test]
async fn a_mistake_of_ours_is_a_problem_and_tells_nothing() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let limits = Limits { request_time: std::time::Duration::from_millis(50), ..Limits::default() };
    let house = House::open(&store, Settings { limits, ..Settings::default() }).await;
    let answer = get(house.address, "/dev/panic", &[]).await;
    assert_eq!((answer.status, &answer.json()["title"]), (500, &"Something broke".into()));
    assert!(!answer.text().contains("Ann") && !answer.text().contains("555"), "{}", answer.text());
    assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    assert_eq!(get(house.address, "/healthz", &[]).await.status, 200);
    let never = get(house.address, "/dev/never", &[]).await;
    assert_eq!((never.status, never.header("retry-after").as_deref()), (503, Some("5")));
}

#[tokio::test]
async fn every_answer_keeps_browsers_careful() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let https = Settings { public_url: Some("https://hub.example".parse().unwrap()), ..Settings::default() };
    let (plain, https) = (House::open(&store, Settings::default()).await, House::open(&store, https).await);
    for path in ["/healthz", "/nothing", "/dev/looks/list", "/dev/panic", "/readyz"] {
        let answer = get(plain.address, path, &[PERSON]).await;
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name).as_deref(), Some(value), "{path}: {name}");
        }
        assert!(answer.header("permissions-policy").unwrap().contains("camera=()"));
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    let answer = get(https.address, "/healthz", &["host: hub.example"]).await;
    assert_eq!(answer.header("strict-transport-security").as_deref(), Some("max-age=31536000"));
}
