//! The server as people and programs meet it: `doorstep serve` as a process, asked over loopback by a load on the same
//! machine, on a small and on a large house.
//!
//! `cargo bench --package doorstep-server --bench http -- 10000 1000000` after `cargo build --release --package
//! doorstep`; the numbers are the customers of the two houses. `source` instead measures only how soon an edit at a live
//! source is told.

#![allow(missing_docs, clippy::print_stdout, clippy::print_stderr)]

mod ask;
mod house;
mod live;
mod load;
mod misses;
mod source;

use std::time::Duration;

use ask::Question;
use house::{House, Running, get};
use load::{Outcome, Wire};
use misses::Misses;

/// How long a server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(3);
/// Each question is asked so many times, of one house and the other in turn; the middle counts.
const ROUNDS: usize = 5;
/// Asked before each round.
const WARM_UP: usize = 1_000;
/// Starts, of which the slowest counts.
const STARTS: usize = 5;
/// Pages that are open and hear nothing.
const PAGES: usize = 1_000;

/// Most megabytes of an idle server.
const MAX_IDLE_MB: f64 = 60.0;
/// Most megabytes of one with [`PAGES`] open pages.
const MAX_PAGES_MB: f64 = 150.0;
/// Most kilobytes of script and style, compressed.
const MAX_FILES_KB: f64 = 30.0;
/// Longest start.
const MAX_START: Duration = Duration::from_millis(300);
/// Longest until a change elsewhere is told, and in the middle.
const MAX_LATE: Duration = Duration::from_millis(500);
const MAX_MEDIAN_LATE: Duration = Duration::from_millis(150);
/// Longest from the end of a run until an edit at the source is told that it brought.
const MAX_EDIT_LATE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // `cargo bench` and `cargo test` pass switches of their own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let mut sizes = args.iter().filter_map(|arg| arg.parse::<u64>().ok());
    let (small, large) = (sizes.next().unwrap_or(10_000), sizes.next().unwrap_or(1_000_000));
    let chosen = |name: &str| !args.iter().any(|arg| ["sqlite", "postgres"].contains(&arg.as_str()) && arg != name);
    let mut misses = Misses::default();
    for (database, shown) in [("sqlite", "SQLite"), ("postgres", "PostgreSQL")] {
        if chosen(database) {
            edits(database, shown, &mut misses).await;
        }
        if chosen(database) && !args.iter().any(|arg| arg == "source") {
            measure(database, shown, (small, large), &mut misses).await;
        }
    }
    assert!(misses.0.is_empty(), "figures miss their limits:\n{}", misses.0.join("\n"));
}

async fn measure(database: &str, shown: &str, sizes: (u64, u64), misses: &mut Misses) {
    let houses = (House::filled(database, sizes.0).await, House::filled(database, sizes.1).await);
    starts(shown, &houses.1, misses).await;
    let servers = (houses.0.serve().await, houses.1.serve().await);
    let cookies = (servers.0.sign_in().await, servers.1.sign_in().await);
    tokio::time::sleep(IDLE).await;
    let fresh_mb = servers.1.memory_mb();
    let small = ask::questions(&houses.0, &servers.0, &cookies.0).await;
    let large = ask::questions(&houses.1, &servers.1, &cookies.1).await;
    println!(
        "\n| {shown} | {} customers: requests/s | p50 | p95 | p99 | {} customers: requests/s | p50 | p95 | p99 | ratio |",
        sizes.0, sizes.1
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for pair in small.iter().zip(&large) {
        compare(shown, pair, (&houses.0, &houses.1), misses).await;
    }
    if database == "sqlite" {
        files(&servers.1, misses).await;
    }
    // What is said of memory is that of a server that was used.
    for question in &large {
        load::run(servers.1.address, &question.requests, question.connections, question.count, 200).await;
    }
    lateness(shown, &houses.1, &servers.1, &cookies.1, misses).await;
    tokio::time::sleep(IDLE).await;
    let used_mb = servers.1.memory_mb();
    let pages_mb = live::memory_with_pages(&servers.1, &cookies.1, PAGES).await;
    println!("\n| {shown}, resident memory | after sign-in | idle after use | {PAGES} idle live pages |");
    println!("|---|---|---|---|\n| {} customers | {fresh_mb:.0} MB | {used_mb:.0} MB | {pages_mb:.0} MB |", sizes.1);
    misses
        .unless(fresh_mb.max(used_mb) <= MAX_IDLE_MB, format!("{shown}: idle with {fresh_mb:.0} and {used_mb:.0} MB"));
    misses.unless(pages_mb <= MAX_PAGES_MB, format!("{shown}: {pages_mb:.0} MB with {PAGES} pages"));
}

/// Asks both houses in turn and prints a line. Each round asks servers that were started for it: where a process lies in
/// memory and which of its threads meet on a core can make a quarter of its speed, for as long as it lives.
async fn compare(shown: &str, (small, large): (&Question, &Question), of: (&House, &House), misses: &mut Misses) {
    let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let on = (of.0.serve().await, of.1.serve().await);
        for (question, server, outcomes) in [(small, &on.0, &mut of_small), (large, &on.1, &mut of_large)] {
            load::run(server.address, &question.requests, question.connections, WARM_UP, 200).await;
            let outcome =
                load::run(server.address, &question.requests, question.connections, question.count, 200).await;
            outcomes.push(outcome);
        }
        let last = |outcomes: &[Outcome]| outcomes.last().map_or(0.0, |outcome| outcome.per_second);
        house::tell(&format!("{shown}, {}: {:.0} and {:.0}", small.name, last(&of_small), last(&of_large)));
    }
    let ratio = middle_ratio(&of_small, &of_large);
    let (of_small, of_large) = (Outcome::middle(of_small), Outcome::middle(of_large));
    let cells = |of: &Outcome| {
        let ms = |percent: usize| of.at(percent).as_secs_f64() * 1e3;
        format!("{:.0} | {:.1} ms | {:.1} ms | {:.1} ms", of.per_second, ms(50), ms(95), ms(99))
    };
    println!("| {} | {} | {} | {ratio:.2} |", small.name, cells(&of_small), cells(&of_large));
    let limits = small.limits;
    let name = format!("{shown}, {}", small.name);
    for of in [&of_small, &of_large] {
        let enough = limits.per_second.is_none_or(|least| of.per_second >= least);
        misses.unless(enough, format!("{name}: {:.0} requests/s", of.per_second));
        for (percent, most) in [(95, limits.p95), (99, limits.p99)] {
            let late = of.at(percent);
            misses.unless(most.is_none_or(|most| late <= most), format!("{name}: p{percent} {late:.1?}"));
        }
    }
    misses.unless(limits.ratio.is_none_or(|least| ratio >= least), format!("{name}: ratio {ratio:.2}"));
}

/// What part of the small house's answers the large one gives: in the middle of the rounds, in each of which they are
/// asked right after one another. A machine that is faster now and slower then changes both alike.
fn middle_ratio(small: &[Outcome], large: &[Outcome]) -> f64 {
    let mut ratios: Vec<f64> =
        small.iter().zip(large).map(|(small, large)| large.per_second / small.per_second).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// How long the server takes to be ready on a database that is there, again and again.
async fn starts(shown: &str, house: &House, misses: &mut Misses) {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(house.serve().await.ready_after);
    }
    times.sort_unstable();
    let (middle, slowest) = (times[STARTS / 2], times[STARTS - 1]);
    println!("\n| {shown}, from start to ready | median | slowest |\n|---|---|---|");
    println!("| {STARTS} starts | {middle:.0?} | {slowest:.0?} |");
    misses.unless(slowest <= MAX_START, format!("{shown}: ready only after {slowest:.0?}"));
}

async fn lateness(shown: &str, house: &House, server: &Running, cookie: &str, misses: &mut Misses) {
    let late = live::lateness(house, server, cookie).await;
    let (middle, last) = (late[late.len() / 2], late[late.len() - 1]);
    println!("\n| {shown}, a change by another process on an open page | median | slowest |\n|---|---|---|");
    println!("| {} changes | {middle:.0?} | {last:.0?} |", late.len());
    misses.unless(middle <= MAX_MEDIAN_LATE, format!("{shown}: told after {middle:.0?} in the middle"));
    misses.unless(last <= MAX_LATE, format!("{shown}: told only after {last:.0?}"));
}

async fn edits(database: &str, shown: &str, misses: &mut Misses) {
    let late = source::lateness(database).await;
    let (middle, last) = (late[late.len() / 2], late[late.len() - 1]);
    println!("\n| {shown}, an edit at a source on an open page, after its run | median | slowest |\n|---|---|---|");
    println!("| {} edits | {middle:.0?} | {last:.0?} |", late.len());
    misses.unless(last <= MAX_EDIT_LATE, format!("{shown}: an edit is told only {last:.0?} after its run"));
}

/// Script and style as the sign-in page names them.
async fn files(server: &Running, misses: &mut Misses) {
    let mut wire = Wire::to(server.address).await;
    let page = wire.ask(&get("/login", "accept: text/html\r\n")).await.text();
    let mut kb = [0.0, 0.0];
    for (place, coding) in ["br", "gzip"].iter().enumerate() {
        for path in page.split('"').filter(|part| part.starts_with("/assets/app-")) {
            let answer = wire.ask(&get(path, &format!("accept-encoding: {coding}\r\n"))).await;
            assert!(answer.status == 200 && answer.header("content-encoding") == *coding, "{path}: {}", answer.head);
            kb[place] += answer.body.len() as f64 / 1e3;
        }
    }
    println!("\n| script and style | brotli | gzip |\n|---|---|---|\n| bytes | {:.1} KB | {:.1} KB |", kb[0], kb[1]);
    misses.unless(kb[0] > 0.0 && kb[0] <= MAX_FILES_KB, format!("script and style have {:.1} KB", kb[0]));
}
