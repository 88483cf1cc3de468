//! Importing 100,000 contacts and 1,000,000 messages, beside what the database needs to load the same rows in bulk.

#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code, unused_imports, reason = "the demo uses more of it, and its tests are not run here")]
#[path = "../../doorstep/src/demo"]
mod demo {
    pub mod archive;
}
#[path = "history.rs"]
mod history;

use std::time::Duration;

use doorstep_store::Location;
use doorstep_store::testing::{baseline, empty_database, postgres_location, superuser_url};
use history::House;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Not slower than this many times the bulk load of the same rows.
const MAX_RATIO: f64 = 4.0;
/// Not more memory than this at the peak.
const MAX_PEAK_MB: f64 = 200.0;

/// Bulk loads, of which the median counts: one alone takes a quarter more or less than the next.
const LOADS: usize = 3;

struct Figures {
    database: &'static str,
    planning: Duration,
    applying: Duration,
    rows: i64,
    bulk: Duration,
    peak_mb: f64,
}

impl Figures {
    fn ratio(&self) -> f64 {
        (self.planning + self.applying).as_secs_f64() / self.bulk.as_secs_f64()
    }
}

/// Each database is measured in a process of its own, so that the peak is that of one import and nothing else.
fn main() {
    // `cargo bench` and `cargo test` pass switches of their own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let [database, archive] = args.as_slice()
        && archive.parse::<u32>().is_err()
    {
        return measure(database, std::path::Path::new(archive));
    }
    let mut sizes = args.iter().filter_map(|arg| arg.parse::<u32>().ok());
    let (contacts, messages) = (sizes.next().unwrap_or(100_000), sizes.next().unwrap_or(1_000_000));
    let dir = tempfile::tempdir().expect("a directory");
    let archive = dir.path().join("history.zip");
    history::write(&archive, contacts, messages);
    println!(
        "| {contacts} contacts, {messages} messages | dry run | apply | rows stored | bulk load of the same rows | ratio | peak memory |"
    );
    println!("|---|---|---|---|---|---|---|");
    let this = std::env::current_exe().expect("this program");
    let ends = ["sqlite", "postgres"].map(|database| {
        std::process::Command::new(&this).arg(database).arg(&archive).status().expect("a process for the database")
    });
    assert!(ends.iter().all(std::process::ExitStatus::success), "a figure misses its limit");
}

#[tokio::main(worker_threads = 2)]
async fn measure(database: &str, archive: &std::path::Path) {
    let dir = tempfile::tempdir().expect("a directory");
    let figures = match database {
        "sqlite" => sqlite(dir.path(), archive).await,
        _ => postgres(dir.path(), archive).await,
    };
    println!(
        "| {} | {:.1} s | {:.1} s | {} | {:.1} s | {:.2} | {:.0} MB |",
        figures.database,
        figures.planning.as_secs_f64(),
        figures.applying.as_secs_f64(),
        figures.rows,
        figures.bulk.as_secs_f64(),
        figures.ratio(),
        figures.peak_mb
    );
    assert!(figures.ratio() <= MAX_RATIO, "{}: {:.2} times the bulk load", figures.database, figures.ratio());
    assert!(figures.peak_mb <= MAX_PEAK_MB, "{}: {:.0} MB at the peak", figures.database, figures.peak_mb);
}

async fn sqlite(dir: &std::path::Path, archive: &std::path::Path) -> Figures {
    let location = Location::DataDir(dir.join("data"));
    let house = House::open(&location, dir).await;
    reset_peak();
    let (_, planning, applying) = house.import(archive).await;
    let peak_mb = peak_mb();
    let file = house.engine.db.file().expect("a file").to_owned();
    house.engine.db.close().await;
    let mut loads = Vec::with_capacity(LOADS);
    for load in 0..LOADS {
        let bare = dir.join(format!("bare-{load}.sqlite"));
        loads.push(baseline::sqlite(&file, &bare).await);
        std::fs::remove_file(bare).expect("the file of this load");
    }
    let (rows, bulk) = median(loads);
    Figures { database: "SQLite", planning, applying, rows, bulk, peak_mb }
}

async fn postgres(dir: &std::path::Path, archive: &std::path::Path) -> Figures {
    let location = postgres_location().await;
    let house = House::open(&location, dir).await;
    reset_peak();
    let (_, planning, applying) = house.import(archive).await;
    let peak_mb = peak_mb();
    house.engine.db.close().await;
    let copies = tempfile::tempdir().expect("a directory");
    open_to_all(copies.path());
    let source = superuser_url(&location).expect("a URL");
    let mut loads = Vec::with_capacity(LOADS);
    for _ in 0..LOADS {
        loads.push(baseline::postgres(&source, &empty_database().await, copies.path()).await);
    }
    let (rows, bulk) = median(loads);
    Figures { database: "PostgreSQL", planning, applying, rows, bulk, peak_mb }
}

fn median(mut loads: Vec<(i64, Duration)>) -> (i64, Duration) {
    loads.sort_unstable_by_key(|(_, time)| *time);
    loads[loads.len() / 2]
}

/// The server runs as a user of its own and must be able to write here.
fn open_to_all(dir: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o777)).expect("permissions");
}

/// Starts a new peak (proc(5), clear_refs).
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux keeps the peak");
}

/// The peak of resident memory since then, in megabytes.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    let kib: f64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number");
    kib * 1024.0 / 1e6
}
