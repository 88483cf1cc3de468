//! A well-known open loader beside ours, on the same world.

use std::time::Instant;

use doorstep_store::testing::{postgres_location, superuser_url};

use crate::house::{House, fetched};
use crate::world::{Made, World};

/// The head of the table.
pub const HEAD: &str = "| loader, customers | records | seconds | records/s |\n|---|---|---|---|";

/// Where the loader is: Python with its packages, and the program that runs it (`cargo xtask bench` says).
const PYTHON: &str = "DOORSTEP_BENCH_LOADER";

/// Loads one world with both, each into a new database.
#[tokio::main(worker_threads = 2)]
#[allow(clippy::disallowed_methods, reason = "a benchmark reads its settings itself")]
pub async fn measure(customers: u32) {
    let world = World::start(Made { customers, tenants: 1, is_limited: false, page: 500 });
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::open("sqlite", dir.path(), &world).await;
    let connected = house.connect(&world, &world.businesses[0]).await;
    let (run, took) = house.read(&connected).await;
    tell("Doorstep, SQLite", customers, fetched(&run), took.as_secs_f64());
    let Ok(loader) = std::env::var(PYTHON) else {
        println!("without the open loader: {PYTHON} names no Python that has it");
        return;
    };
    let (python, program) = loader.split_once(':').expect("a Python and a program");
    for database in ["sqlite", "postgres"] {
        let to = match database {
            "sqlite" => format!("sqlite:///{}", dir.path().join("loader.sqlite").display()),
            _ => superuser_url(&postgres_location().await).expect("a URL"),
        };
        let business = serde_json::to_string(&world.businesses[0]).expect("a business");
        let began = Instant::now();
        let mut command = std::process::Command::new(python);
        let output = command.args([program, &world.url, &business, &to]).env("HOME", dir.path()).output();
        let output = output.expect("the loader runs");
        let seconds = began.elapsed().as_secs_f64();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        let records: u64 = said.trim().lines().last().and_then(|line| line.parse().ok()).expect("how many it loaded");
        let name = if database == "sqlite" { "dlt, SQLite" } else { "dlt, PostgreSQL" };
        tell(name, customers, records, seconds);
    }
}

fn tell(name: &str, customers: u32, records: u64, seconds: f64) {
    println!("| {name}, {customers} | {records} | {seconds:.1} s | {:.0} |", records as f64 / seconds);
}
