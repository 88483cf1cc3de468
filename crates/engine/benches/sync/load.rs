//! The first load, and a run by the clock after it that finds nothing new.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use doorstep_core::sync::Run;

use crate::house::{House, INTERVAL_SECONDS, fetched};
use crate::memory::{peak_mb, reset_peak};
use crate::world::{Made, World};

/// The head of the table of first loads.
pub const HEAD: &str = "| first load, customers | records | seconds | records/s | peak memory | \
                        nothing new: requests | once an hour | our own time |\n|---|---|---|---|---|---|---|---|";
/// The head of the table of loads within the vendor's limits.
pub const LIMITS_HEAD: &str = "| within the vendor's limits, SQLite | requests | too many | seconds | requests/s |\n\
                               |---|---|---|---|---|";

/// Rows of a page of a feed: what the sim gives unless told otherwise.
const PAGE: usize = 500;
/// Rows of a page so small that the limit of requests is what counts.
const SMALL_PAGE: usize = 20;
/// Records a second that a first load must make on SQLite.
const MIN_RECORDS_PER_SECOND: f64 = 5_000.0;
/// Requests of a run that finds nothing, at most, and how long we may take ourselves.
const MAX_REQUESTS: usize = 10;
const MAX_OWN: Duration = Duration::from_millis(50);
/// Runs that find nothing; the middle one counts.
const QUIET_RUNS: usize = 9;
/// Requests a second that the vendor allows, and the part of them that must be used where they are what counts.
const ALLOWED_PER_SECOND: f64 = 60.0;
const MIN_PART: f64 = 0.9;

/// Loads a world of so many customers without a limit.
#[tokio::main(worker_threads = 2)]
pub async fn measure(database: &str, customers: u32) {
    let mut world = World::start(Made { customers, tenants: 1, is_limited: false, page: PAGE });
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::open(database, dir.path(), &world).await;
    let connected = house.connect(&world, &world.businesses[0]).await;
    reset_peak();
    let (run, took) = match std::env::args().any(|arg| arg == "--parts") {
        true => {
            let (run, took, parts) = house.read_in_parts(&connected).await;
            tell_parts(&run, &parts);
            (run, took)
        }
        false => house.read(&connected).await,
    };
    let (peak, records) = (peak_mb(), fetched(&run));
    let (mut own, mut requests) = (Vec::with_capacity(QUIET_RUNS), Vec::with_capacity(QUIET_RUNS));
    for _ in 0..QUIET_RUNS {
        house.clock.turn_seconds(INTERVAL_SECONDS + 1);
        world.asked();
        house.waited.take();
        let began = Instant::now();
        house.work().await;
        own.push(began.elapsed().saturating_sub(house.waited.take()));
        assert!(house.newest(&connected).await.id != run.id, "it ran by the clock");
        requests.push(world.asked().requests);
    }
    own.sort_unstable();
    requests.sort_unstable();
    let (own, usual, most) = (own[QUIET_RUNS / 2], requests[QUIET_RUNS / 2], requests[QUIET_RUNS - 1]);
    let speed = records as f64 / took.as_secs_f64();
    println!(
        "| {customers}, {} | {records} | {:.1} s | {speed:.0} | {peak:.0} MB | {usual} | {most} | {:.1} ms |",
        shown(database),
        took.as_secs_f64(),
        own.as_secs_f64() * 1e3
    );
    assert!(usual <= MAX_REQUESTS, "{usual} requests for nothing new");
    assert!(own <= MAX_OWN, "{own:?} of our own time for nothing new");
    assert!(database != "sqlite" || speed >= MIN_RECORDS_PER_SECOND, "{speed:.0} records a second");
}

/// Loads a world that refuses more than its vendor allows: with usual pages, and with pages so small that the limit of
/// requests is what counts.
#[tokio::main(worker_threads = 2)]
pub async fn measure_limits(customers: u32) {
    for (page, customers) in [(PAGE, customers), (SMALL_PAGE, customers / 5)] {
        let mut world = World::start(Made { customers, tenants: 1, is_limited: true, page });
        let dir = tempfile::tempdir().expect("a directory");
        let house = House::open("sqlite", dir.path(), &world).await;
        let connected = house.connect(&world, &world.businesses[0]).await;
        world.asked();
        let (run, took) = house.read(&connected).await;
        let asked = world.asked();
        let speed = asked.requests as f64 / took.as_secs_f64();
        println!(
            "| {} records, {page} a page | {} | {} | {:.1} s | {speed:.1} |",
            fetched(&run),
            asked.requests,
            asked.refused,
            took.as_secs_f64()
        );
        let is_bound = page == SMALL_PAGE;
        assert!(!is_bound || speed >= ALLOWED_PER_SECOND * MIN_PART, "{speed:.1} requests a second");
        assert!(asked.refused == 0, "{} requests were too many", asked.refused);
    }
}

/// How a database is called.
pub fn shown(database: &str) -> &'static str {
    if database == "sqlite" { "SQLite" } else { "PostgreSQL" }
}

/// What each stream brought, and how long it took.
fn tell_parts(run: &Run, parts: &BTreeMap<String, Duration>) {
    for (stream, entry) in &run.report {
        let took = parts.get(stream).copied().unwrap_or_default();
        eprintln!("{stream:24} {:8} rows {:8.2} s", entry.counts.fetched, took.as_secs_f64());
    }
}
