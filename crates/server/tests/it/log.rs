//! What the log says of a request: where it led, never whom it was about.

use std::io::Write;
use std::sync::{Arc, Mutex};

use doorstep_server::Settings;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;

use crate::house::House;
use crate::wire::{ask, get};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_one_line_that_says_where_it_led_and_not_whom_it_was_about() {
    let kept = Kept::default();
    let writer = kept.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    // A place that logs for the first time asks the thread that is there whether anybody listens, for as long as there has
    // been one listener only; and other tests' threads, who have none, may be there first.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // Everything of this test runs on this thread.
    let _guard = tracing::subscriber::set_default(log.with_writer(move || writer.clone()).finish());
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    let answer = get(house.address, "/dev/looks/Ann-Smith?q=6175550142", &["cookie: doorstep_session=s3cret"]).await;
    get(house.address, "/dev/panic", &["authorization: Bearer owner"]).await;
    let form = "content-type: application/x-www-form-urlencoded";
    ask(house.address, "POST", "/dev/form", &[form, "authorization: Bearer owner"], b"name=Ann").await;
    ask(house.address, "POST", "/dev/json", &["content-type: application/json"], b"{\"Ann\": 5").await;
    ask(house.address, "ANN", "/Ann", &["host: ann.example"], b"").await;
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let id = answer.header("x-request-id").unwrap();
    let line = said.lines().find(|line| line.contains(&id)).unwrap_or_else(|| panic!("{id} is not in\n{said}"));
    for part in ["answered", "method=GET", "route=\"/dev/looks/{name}\"", "status=404", "ms="] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(said.contains("a handler panicked") && said.contains("method=OTHER route=\"none\" status=421"), "{said}");
    for forbidden in ["Ann", "ann", "61755", "s3cret", "owner", "Bay State"] {
        assert!(!said.contains(forbidden), "{forbidden} is in\n{said}");
    }
}
