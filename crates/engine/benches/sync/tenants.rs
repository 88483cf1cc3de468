//! A thousand tenants that are due in the same minute, some of them with a source that answers slowly.

use std::time::{Duration, Instant};

use doorstep_core::sync::Run;

use crate::house::{House, INTERVAL_SECONDS};
use crate::load::shown;
use crate::memory::{connections, peak_mb, reset_peak};
use crate::world::{Made, World};

/// The head of the table.
pub const HEAD: &str = "| tenants due at once | slow ones | all of the others done | the slow ones done | \
                        longest of the others | peak memory | most connections |\n|---|---|---|---|---|---|---|";

/// Customers of each: small, so that what is measured is the number of tenants.
const CUSTOMERS: u32 = 5;
/// One in so many has a slow source.
const SLOW_SHARE: usize = 50;
/// How long each answer of a slow one takes, in milliseconds.
const SLOW_MILLISECONDS: u64 = 8_000;
/// Most megabytes, and most connections over TCP and to the database.
const MAX_PEAK_MB: f64 = 250.0;
const MAX_CONNECTIONS: usize = 400;

/// Lets so many tenants be due at the same moment.
#[tokio::main(worker_threads = 2)]
pub async fn measure(database: &str, count: u32) {
    let made = Made { customers: CUSTOMERS, tenants: count as usize, is_limited: true, page: 500 };
    let mut world = World::start(made);
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::open(database, dir.path(), &world).await;
    let mut connected = Vec::with_capacity(count as usize);
    for business in &world.businesses.clone() {
        connected.push(house.connect(&world, business).await);
    }
    // All of them for the first time, and then all of them by the clock.
    let is_slow = |place: usize| place.is_multiple_of(SLOW_SHARE);
    let slow: Vec<i64> =
        world.businesses.iter().enumerate().filter(|(at, _)| is_slow(*at)).map(|(_, it)| it.number).collect();
    let slow_count = slow.len();
    world.slow(slow, SLOW_MILLISECONDS);
    for round in ["first load", "by the clock"] {
        reset_peak();
        let (took, most) = watched(&house).await;
        let mut runs = Vec::with_capacity(connected.len());
        for it in &connected {
            runs.push(house.newest(it).await);
        }
        let ended = |slow: bool| last_end(&runs, &|place| is_slow(place) == slow);
        let longest = runs.iter().enumerate().filter(|(at, _)| !is_slow(*at)).map(|(_, run)| length(run)).max();
        println!(
            "| {count}, {}, {round} | {slow_count} | {:.1} s | {:.1} s | {:.1} s | {:.0} MB | {most} |",
            shown(database),
            ended(false).as_secs_f64(),
            ended(true).max(took).as_secs_f64(),
            longest.unwrap_or_default().as_secs_f64(),
            peak_mb()
        );
        assert!(peak_mb() <= MAX_PEAK_MB, "{:.0} MB", peak_mb());
        assert!(most <= MAX_CONNECTIONS, "{most} connections");
        assert!(ended(false) < ended(true), "others waited for the slow ones");
        house.clock.turn_seconds(INTERVAL_SECONDS + 60);
    }
}

/// Lets everything run; how long it took, and the most connections meanwhile.
async fn watched(house: &House) -> (Duration, usize) {
    let began = Instant::now();
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    let (mut most, work) = (0, house.work());
    tokio::pin!(work);
    loop {
        tokio::select! {
            () = &mut work => return (began.elapsed(), most),
            _ = looks.tick() => most = most.max(connections()),
        }
    }
}

/// From the first beginning to the last end of these runs.
fn last_end(runs: &[Run], of: &dyn Fn(usize) -> bool) -> Duration {
    let first = runs.iter().filter_map(|run| run.started_at).min().expect("a beginning").micros();
    let ends = runs.iter().enumerate().filter(|(place, _)| of(*place)).filter_map(|(_, run)| run.finished_at);
    let last = ends.max().expect("an end").micros();
    Duration::from_micros((last - first).unsigned_abs())
}

fn length(run: &Run) -> Duration {
    let (began, ended) = (run.started_at.expect("a beginning"), run.finished_at.expect("an end"));
    Duration::from_micros((ended.micros() - began.micros()).unsigned_abs())
}
