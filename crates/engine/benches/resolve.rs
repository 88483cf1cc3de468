//! A million contact records, a page at a time through the store, and then single ones beside them, on SQLite.
//!
//! The records are those of `cargo xtask people`, in the folder that `DOORSTEP_BENCH_PEOPLE` names; the last of them are
//! kept back and come one by one.

#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code, unused_imports, reason = "the demo uses more of it, and its tests are not run here")]
#[path = "../../doorstep/src/demo"]
mod demo {
    pub mod archive;
}
#[allow(dead_code, reason = "the archives are not made here")]
#[path = "history.rs"]
mod history;
#[path = "resolve/parts.rs"]
mod parts;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use doorstep_core::IdMaker;
use doorstep_core::contact::Contact;
use doorstep_core::identity::evaluation::{self, Figures, Placed};
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_engine::resolve::{self, Draft};
use doorstep_engine::rule_set;
use doorstep_store::{Location, customer, record};
use doorstep_upstream::contact_file::ContactFile;
use history::House;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A record: how the file calls it, and what it says.
type Said = (String, Contact);

/// Records of one transaction.
const PAGE: usize = 1_000;
/// Records that come one by one.
const SINGLE: usize = 3_000;
/// 99 of 100 single records must be resolved within this.
const MAX_P99: Duration = Duration::from_millis(5);
/// Records a second that must go through the store.
const MIN_RECORDS_PER_SECOND: f64 = 3_000.0;

#[tokio::main(worker_threads = 2)]
#[allow(clippy::disallowed_methods, reason = "a benchmark reads its settings itself")]
async fn main() {
    let people = std::env::var("DOORSTEP_BENCH_PEOPLE").expect("DOORSTEP_BENCH_PEOPLE names a folder with people");
    let people = PathBuf::from(people);
    let parts = parts::Parts::listen();
    let dir = tempfile::tempdir().expect("a directory");
    let house = House::open(&Location::DataDir(dir.path().join("data")), dir.path()).await;
    let mut file = ContactFile::open(&people.join("RECORDS.csv")).expect("the file opens");
    let ids = IdMaker::seeded(2);
    let mut pages = 0;
    let (mut all, mut kept): (Vec<Said>, Vec<Said>) = (Vec::new(), Vec::new());
    let (mut took, mut seconds) = (Vec::new(), 0.0);
    println!("| records in the store | records/s of the last tenth | customers |");
    println!("|---|---|---|");
    loop {
        let rows = file.rows(PAGE).expect("rows");
        all.extend(rows.iter().map(|row| (row.record_id().to_owned(), row.contact(Region::US))));
        let is_last = rows.is_empty();
        // What may be the last of all is kept back.
        while all.len() >= PAGE + SINGLE {
            let page: Vec<Said> = all.drain(..PAGE).collect();
            let began = Instant::now();
            ingest(&house, &ids, page).await;
            parts.add();
            took.push(began.elapsed().as_secs_f64());
            seconds += took.last().copied().unwrap_or_default();
            pages += 1;
            if pages % 100 == 0 {
                let last: f64 = took.drain(..).sum();
                println!("| {} | {:.0} | {} |", pages * PAGE, 100.0 * PAGE as f64 / last, customers(&house).await);
                parts.say(100);
            }
        }
        if is_last {
            kept.append(&mut all);
            break;
        }
    }
    let stored = pages * PAGE;
    let mut single: Vec<Duration> = Vec::with_capacity(kept.len());
    parts.say(pages % 100);
    let mut slow = Vec::new();
    for said in kept {
        let took = ingest(&house, &ids, vec![said]).await;
        single.push(took);
        if let Some(told) = parts.add_if(took > MAX_P99) {
            slow.push((took, told));
        }
    }
    parts.say(SINGLE);
    slow.sort();
    for (took, told) in slow.iter().rev().take(20) {
        eprintln!("{:.2} ms: {told}", ms(*took));
    }
    let speed = stored as f64 / seconds;
    let figures = figures(&house, &people).await;
    println!();
    println!(
        "| {stored} records, SQLite | records/s, all | one more record, p50 | p95 | p99 | precision | recall | F1 |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let (p50, p95, p99) = (at(&mut single, 50), at(&mut single, 95), at(&mut single, 99));
    println!(
        "| {PAGE} to a transaction, durable | {speed:.0} | {:.2} ms | {:.2} ms | {:.2} ms | {:.4} | {:.4} | {:.4} |",
        ms(p50),
        ms(p95),
        ms(p99),
        figures.pairwise.precision,
        figures.pairwise.recall,
        figures.pairwise.f1
    );
    assert!(p99 <= MAX_P99, "p99 {p99:?}");
    assert!(speed >= MIN_RECORDS_PER_SECOND, "{speed:.0} records a second");
}

/// Stores records with what follows from them; how long it took without the commit.
async fn ingest(house: &House, ids: &IdMaker, said: Vec<Said>) -> Duration {
    let mut tx = house.engine.db.write(&house.scope).await.expect("a transaction");
    tx.lock_identity().await.expect("the lock");
    let rules = rule_set::rules(&mut tx).await.expect("the rules");
    let now = tx.now();
    let draft = |(key, contact): Said| Draft {
        id: ids.make(now),
        source: Source::Hub,
        stream: "contacts",
        key,
        import: None,
        payload: serde_json::to_value(&contact).expect("a contact is JSON"),
        contact,
    };
    let drafts: Vec<Draft> = said.into_iter().map(draft).collect();
    let began = Instant::now();
    resolve::ingest(&mut tx, ids, &rules, drafts, resolve::MAX_COMPONENT).await.expect("they resolve");
    let took = began.elapsed();
    let _part = tracing::trace_span!(target: resolve::TARGET, "commit");
    tx.commit().await.expect("a commit");
    took
}

/// How good the customers are, against the truth.
async fn figures(house: &House, people: &Path) -> Figures {
    let truth = std::fs::read_to_string(people.join("TRUTH.csv")).expect("the truth");
    let person_of: HashMap<&str, &str> = truth.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    let (mut customers, mut persons) = (HashMap::new(), HashMap::new());
    let (mut placed, mut after) = (Vec::new(), None);
    let mut tx = house.engine.db.read(&house.scope).await.expect("a transaction");
    loop {
        let ids = record::ids_after(&mut tx, after, 10_000).await.expect("ids");
        let Some(last) = ids.last() else { return evaluation::figures(&placed) };
        after = Some(*last);
        for stored in record::get_many(&mut tx, &ids).await.expect("records") {
            let key = stored.record.source_key.rsplit(':').next().unwrap_or_default();
            let person = person_of[key];
            let (next_customer, next_person) = (customers.len() as u32, persons.len() as u32);
            placed.push(Placed {
                customer: *customers.entry(stored.customer).or_insert(next_customer),
                person: *persons.entry(person).or_insert(next_person),
            });
        }
    }
}

async fn customers(house: &House) -> i64 {
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
