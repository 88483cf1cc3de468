//! Names that are not ours, pages that are not ours, tokens that are not right.

use doorstep_server::Settings;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

use crate::house::House;
use crate::wire::{ask, get};

#[tokio::test]
async fn a_name_that_is_not_ours_is_not_answered() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    let port = house.address.port();
    for (line, expected) in [
        (format!("host: 127.0.0.1:{port}"), 200),
        (format!("host: localhost:{port}"), 200),
        ("host: evil.example".to_owned(), 421),
        ("host: localhost.evil.example".to_owned(), 421),
        ("host: hub.example\r\nhost: localhost".to_owned(), 421),
        ("host:".to_owned(), 421),
    ] {
        assert_eq!(get(house.address, "/healthz", &[&line]).await.status, expected, "{line}");
    }
    let public = Settings { public_url: Some("https://hub.example".parse().unwrap()), ..Settings::default() };
    let house = House::open(&store, public).await;
    assert_eq!(get(house.address, "/healthz", &["host: hub.example"]).await.status, 200);
}

#[tokio::test]
async fn what_changes_something_comes_from_our_own_pages_with_their_token() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    let form = "content-type: application/x-www-form-urlencoded";
    let check = async |lines: &[&str], body: &str, expected: u16| {
        let answer = ask(house.address, "POST", "/dev/form", &[&[form], lines].concat(), body.as_bytes()).await;
        assert_eq!(answer.status, expected, "{lines:?} {body}: {}", answer.text());
        answer.text()
    };
    let (browser, key) = ("authorization: Bearer browser", "authorization: Bearer owner");
    let same = "sec-fetch-site: same-origin";
    let right = "csrf_token=0123456789abcdef";
    assert_eq!(check(&[browser, same], &format!("name=Ann&{right}&name=Bo"), 200).await, "name=Ann;name=Bo;");
    check(&[browser, same, "x-csrf-token: 0123456789abcdef"], "name=Ann", 200).await;
    check(&[browser, same], "name=Ann", 403).await;
    check(&[browser, same], "name=Ann&csrf_token=0123456789abcdee", 403).await;
    check(&[browser, "sec-fetch-site: cross-site"], &format!("name=Ann&{right}"), 403).await;
    check(&[browser, "sec-fetch-site: same-site"], &format!("name=Ann&{right}"), 403).await;
    check(&[browser, "origin: https://evil.example"], &format!("name=Ann&{right}"), 403).await;
    check(&[browser, "origin: http://localhost"], &format!("name=Ann&{right}"), 200).await;
    // A program has a key, which no browser sends by itself.
    check(&[key], "name=Ann", 200).await;
    check(&[], "name=Ann", 401).await;
}
