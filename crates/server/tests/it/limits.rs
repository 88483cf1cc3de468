//! Nobody takes more than their share: slow, huge, deep, many, and gone half-way.

use std::time::Duration;

use doorstep_server::{Limits, Settings};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

use crate::house::House;
use crate::wire::{Wire, ask, get};

const JSON: &str = "content-type: application/json";

async fn house(limits: Limits) -> (TestStore, House) {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings { limits, ..Settings::default() }).await;
    (store, house)
}

#[tokio::test]
async fn a_million_headers_are_refused() {
    let (_store, house) = house(Limits::default()).await;
    let mut wire = Wire::to(house.address).await;
    wire.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n").await;
    let many = "a: b\r\n".repeat(10_000);
    for _ in 0..100 {
        wire.send(&many).await;
    }
    // The answer may be lost when the connection is cut while we still send: refused is refused.
    let answer = wire.answer().await;
    assert!(matches!(answer.status, 431 | 0), "{answer:?}");
    let few: Vec<String> = (0..101).map(|number| format!("a{number}: b")).collect();
    let few: Vec<&str> = few.iter().map(String::as_str).collect();
    assert_eq!(get(house.address, "/healthz", &few).await.status, 431);
    assert_eq!(get(house.address, "/healthz", &few[..90]).await.status, 200);
    let long = format!("a: {}", "b".repeat(64 * 1024));
    assert!(matches!(get(house.address, "/healthz", &[&long]).await.status, 431 | 0));
    assert_eq!(get(house.address, &format!("/{}", "b".repeat(30_000)), &[]).await.status, 404);
}

#[tokio::test]
async fn who_is_slow_to_ask_is_cut_off() {
    let (_store, house) = house(Limits { head_time: Duration::from_millis(200), ..Limits::default() }).await;
    let mut slow = Wire::to(house.address).await;
    slow.send("GET /healthz HTTP/1.1\r\nhost: local").await;
    let began = tokio::time::Instant::now();
    assert_eq!(slow.rest().await, b"");
    assert!(began.elapsed() >= Duration::from_millis(150), "cut off at once");
    // Also between requests.
    let mut idle = Wire::to(house.address).await;
    idle.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(idle.rest().await.ends_with(b"ok\n"));
}

#[tokio::test]
async fn a_body_has_a_size_a_pace_and_an_end() {
    let limits = Limits { body_pause: Duration::from_millis(200), body_bytes: 100_000, ..Limits::default() };
    let (_store, house) = house(limits).await;
    let large = vec![b' '; 10 * 1024 * 1024];
    let announced = ask(house.address, "POST", "/dev/json", &[JSON], &large).await;
    assert!(matches!(announced.status, 413 | 0), "{announced:?}");
    let mut wire = Wire::to(house.address).await;
    let head = format!("POST /dev/json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{JSON}\r\n");
    wire.send(format!("{head}transfer-encoding: chunked\r\n\r\n")).await;
    for _ in 0..20 {
        wire.send(format!("2710\r\n{}\r\n", " ".repeat(10_000))).await;
    }
    let unannounced = wire.answer().await;
    assert_eq!((unannounced.status, &unannounced.json()["type"]), (413, &"urn:doorstep:problem:too-large".into()));
    let mut wire = Wire::to(house.address).await;
    wire.send(format!("{head}content-length: 10\r\n\r\n[1")).await;
    let silent = wire.answer().await;
    assert_eq!((silent.status, &silent.json()["type"]), (408, &"urn:doorstep:problem:too-slow".into()));
    assert_eq!(ask(house.address, "POST", "/dev/json", &[JSON], b"{\"a\": 2}").await.text(), "7");
}

#[tokio::test]
async fn json_is_refused_in_words() {
    let (_store, house) = house(Limits::default()).await;
    let check = async |lines: &[&str], body: &str, expected: (u16, &str)| {
        let answer = ask(house.address, "POST", "/dev/json", lines, body.as_bytes()).await;
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(answer.status == expected.0 && detail.contains(expected.1), "{body:.20}: {} {detail}", answer.status);
    };
    check(&[JSON], &"[".repeat(500_000), (400, "nested too deeply")).await;
    check(&[JSON], "{\"a\": ", (400, "not JSON (line 1")).await;
    check(&[JSON], " [1, 2]", (422, "a list")).await;
    check(&[JSON], "[1, ", (400, "not JSON")).await;
    check(&["content-type: text/plain"], "{}", (415, "application/json")).await;
    check(&[], "{}", (415, "application/json")).await;
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let limits = Limits { write_pause: Duration::from_millis(200), connections: 1, ..Limits::default() };
    let (_store, house) = house(limits).await;
    let mut deaf = Wire::to(house.address).await;
    deaf.send("GET /dev/large HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    // There is one place, and it is free again only once the other has been cut off.
    assert_eq!(get(house.address, "/healthz", &[]).await.status, 200);
    assert!(deaf.rest().await.len() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn stopping_ends_what_is_under_way_politely() {
    let limits = Limits { request_time: Duration::from_millis(300), ..Limits::default() };
    let (_store, mut house) = house(limits).await;
    let mut under_way = Wire::to(house.address).await;
    under_way.send("GET /dev/never HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut idle = Wire::to(house.address).await;
    idle.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(idle.line().await.as_deref(), Some("HTTP/1.1 200 OK"));
    house.tell_to_stop();
    assert_eq!(under_way.answer().await.status, 503, "it was let finish");
    idle.rest().await;
    let address = house.address;
    house.ended().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "it still takes connections");
}

#[tokio::test]
async fn what_does_not_end_when_stopping_is_cut_off() {
    let (_store, mut house) = house(Limits { farewell: Duration::from_millis(200), ..Limits::default() }).await;
    let mut under_way = Wire::to(house.address).await;
    under_way.send("GET /dev/never HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    let mut other = Wire::to(house.address).await;
    other.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    other.line().await.unwrap();
    house.tell_to_stop();
    house.ended().await;
    assert_eq!(under_way.rest().await, b"");
}
