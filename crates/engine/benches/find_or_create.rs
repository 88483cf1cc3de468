//! Find-or-create of a known phone among 100,000 customers, in process, on SQLite with durable writes.

#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code, unused_imports, reason = "the demo uses more of it, and its tests are not run here")]
#[path = "../../doorstep/src/demo"]
mod demo {
    pub mod archive;
}
#[path = "history.rs"]
mod history;

use std::time::{Duration, Instant};

use doorstep_core::contact::Contact;
use doorstep_core::phone::Phone;
use doorstep_engine::customer::Found;
use doorstep_store::{Location, customer};
use history::House;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Calls that are measured.
const CALLS: usize = 20_000;
/// 99 of 100 calls must be done within this.
const MAX_P99: Duration = Duration::from_millis(2);

#[tokio::main(worker_threads = 2)]
async fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let archive = dir.path().join("history.zip");
    history::write(&archive, 100_000, 20_000);
    let house = House::open(&Location::DataDir(dir.path().join("data")), dir.path()).await;
    house.import(&archive).await;
    let phones = known_phones(&house).await;
    let mut known = measure(&house, &phones, false).await;
    let mut fresh: Vec<Duration> = Vec::new();
    for line in 0..500 {
        let contact = contact(&format!("+1413{:03}{:04}", 550 + line % 40, 1000 + line));
        let began = Instant::now();
        house.engine.find_or_create(&house.scope, &contact, false).await.expect("a customer");
        fresh.push(began.elapsed());
    }
    println!("| find-or-create, {} customers, SQLite | p50 | p99 |", count(&house).await);
    println!("|---|---|---|");
    println!("| known phone ({CALLS} calls) | {:.3} ms | {:.3} ms |", ms(at(&mut known, 50)), ms(at(&mut known, 99)));
    println!(
        "| new phone (500 calls, durable) | {:.3} ms | {:.3} ms |",
        ms(at(&mut fresh, 50)),
        ms(at(&mut fresh, 99))
    );
    assert!(at(&mut known, 99) <= MAX_P99, "p99 {:?}", at(&mut known, 99));
}

async fn measure(house: &House, phones: &[String], preview: bool) -> Vec<Duration> {
    let mut times = Vec::with_capacity(CALLS);
    for call in 0..CALLS {
        let contact = contact(&phones[(call * 7919) % phones.len()]);
        let began = Instant::now();
        let found = house.engine.find_or_create(&house.scope, &contact, preview).await.expect("an answer");
        times.push(began.elapsed());
        assert!(!matches!(found, Found::Created { .. }), "the phone is known");
    }
    times
}

fn contact(phone: &str) -> Contact {
    Contact { phones: vec![Phone::from_normal(phone.to_owned())], ..Contact::default() }
}

async fn known_phones(house: &House) -> Vec<String> {
    let mut tx = house.engine.db.read(&house.scope).await.expect("a transaction");
    let listed = customer::list(&mut tx, None, 1_000_000).await.expect("customers");
    listed.into_iter().filter_map(|customer| customer.phone).filter(|phone| !phone.contains("000000")).collect()
}

async fn count(house: &House) -> i64 {
    let mut tx = house.engine.db.read(&house.scope).await.expect("a transaction");
    customer::count(&mut tx).await.expect("a count")
}

fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
