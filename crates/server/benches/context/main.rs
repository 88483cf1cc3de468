//! What an answerer is told, in a house of 100,000 customers, 1,000,000 messages and 300,000 jobs: made anew, handed out
//! by the server beside one that looks nothing up, and asked of two servers on one store while somebody writes.
//!
//! `cargo bench --package doorstep-server --bench context` after `cargo build --release --package doorstep`; `sqlite` or
//! `postgres` behind it measures on one of them, `anew`, `again`, `text`, `beside` or `race` only that part, and two numbers
//! are the contacts and messages of a smaller house.

#![allow(missing_docs, clippy::print_stdout, clippy::print_stderr)]

mod bare;
#[allow(dead_code, reason = "the other measurement uses more of it")]
#[path = "../http/house.rs"]
mod house;
#[allow(dead_code, reason = "the other measurement uses more of it")]
#[path = "../http/load.rs"]
mod load;
#[path = "../http/misses.rs"]
mod misses;
mod race;
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use doorstep_core::context::{Assurance, Budget, tokens};
use doorstep_core::id::CustomerId;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::Engine;
use doorstep_engine::context::{Form, Found, Whom};
use doorstep_store::{Db, customer, system};
use house::{House, get, tell};
use load::{Outcome, Wire};
use misses::Misses;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Contacts of the house and messages; it has some 97 customers for each 100 of them.
const CONTACTS: &str = "103000";
const MESSAGES: &str = "1000000";
/// What is measured, in this order.
const PARTS: [&str; 5] = ["anew", "again", "text", "beside", "race"];
/// Contexts that are made anew.
const ANEW: usize = 20_000;
/// Who asks for them at once: as many as there are cores.
const ASKERS: usize = 2;
/// Contexts that are asked for again.
const AGAIN: usize = 20_000;
/// Customers who call again and again.
const CALLERS: usize = 500;
/// Requests of one round, and over how many connections at once.
const REQUESTS: usize = 20_000;
const CONNECTIONS: usize = 32;
/// Each server is asked so often in turn; the middle counts.
const ROUNDS: usize = 5;

/// Half of all contexts must be made within this, and 99 of 100.
const MAX_P50: Duration = Duration::from_millis(2);
const MAX_P99: Duration = Duration::from_millis(10);
/// The part of a server's throughput that looks nothing up.
const MIN_RATIO: f64 = 0.5;
/// What the text of a rich customer may have.
const MAX_TOKENS: usize = 1_200;

#[tokio::main(worker_threads = 2)]
async fn main() {
    // `cargo bench` and `cargo test` pass switches of their own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let [bare, said @ ..] = args.as_slice()
        && bare == "bare"
    {
        return bare::serve(said).await;
    }
    let mut sizes = args.iter().filter(|arg| arg.parse::<u32>().is_ok()).map(String::as_str);
    let size = (sizes.next().unwrap_or(CONTACTS), sizes.next().unwrap_or(MESSAGES));
    let is_said = |name: &str| args.iter().any(|arg| arg == name);
    let is_chosen = |of: &[&str], name: &str| is_said(name) || !of.iter().any(|other| is_said(other));
    let parts: Vec<&str> = PARTS.into_iter().filter(|part| is_chosen(&PARTS, part)).collect();
    let mut misses = Misses::default();
    for (database, shown) in [("sqlite", "SQLite"), ("postgres", "PostgreSQL")] {
        if is_chosen(&["sqlite", "postgres"], database) {
            measure(database, shown, size, &parts, &mut misses).await;
        }
    }
    assert!(misses.0.is_empty(), "figures miss their limits:\n{}", misses.0.join("\n"));
}

async fn measure(database: &str, shown: &str, (contacts, messages): (&str, &str), parts: &[&str], misses: &mut Misses) {
    let mut house = House::imported(database, &["--contacts", contacts, "--messages", messages]).await;
    house.make_key("staff");
    let db = house.open().await;
    let scope = owner(&db).await;
    let began = Instant::now();
    let work = work::add(&db, &scope).await;
    tell(&format!("{database}: {} jobs are in after {:.0?}", work.jobs, began.elapsed()));
    let customers = customers(&db, &scope).await;
    println!("\n| {shown}: {} customers, {messages} messages, {} jobs | p50 | p99 |", customers.len(), work.jobs);
    println!("|---|---|---|");
    for part in parts {
        match *part {
            "anew" => anew(shown, &db, &scope, &customers, misses).await,
            "again" => again(&db, &scope, &customers).await,
            "text" => {
                println!("\n| {shown}, as text | middle | largest |\n|---|---|---|");
                told(shown, "everybody", &db, &scope, &customers[..customers.len().min(ANEW)], misses).await;
                told(shown, "the richest", &db, &scope, &work.rich, misses).await;
            }
            "beside" => beside(shown, &house, &db, &scope, &customers, misses).await,
            _ => race::run(shown, &house, &db, &scope, misses).await,
        }
    }
    db.close().await;
}

/// Who acts for the house that is measured: it has one tenant.
async fn owner(db: &Db) -> Scope {
    let tenant = system::tenants(db).await.expect("the tenants")[0].id;
    Scope::new(tenant, Actor::Operator("bench".to_owned()), Role::Owner)
}

fn engine(db: &Db) -> Engine {
    Engine::new(db.clone(), Arc::new(IdMaker::seeded(7)), std::env::temp_dir())
}

/// All customers, in an order in which neighbours are far from each other.
async fn customers(db: &Db, scope: &Scope) -> Vec<CustomerId> {
    let mut tx = db.read(scope).await.expect("a transaction");
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = customer::list(&mut tx, after, 10_000).await.expect("customers");
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        all.extend(page.iter().map(|listed| listed.id));
    }
    let count = all.len();
    for place in 0..count {
        all.swap(place, (place * 7_919) % count);
    }
    all
}

/// Contexts of customers whom nobody has asked about yet, inside the server: from the question to the text.
async fn anew(shown: &str, db: &Db, scope: &Scope, customers: &[CustomerId], misses: &mut Misses) {
    let engine = engine(db);
    let mut asking = tokio::task::JoinSet::new();
    let asked: Vec<CustomerId> = customers.iter().copied().take(ANEW).collect();
    for part in asked.chunks(asked.len().div_ceil(ASKERS)) {
        let (engine, scope, part) = (engine.clone(), scope.clone(), part.to_vec());
        asking.spawn(async move {
            let mut times = Vec::with_capacity(part.len());
            for customer in part {
                let began = Instant::now();
                let form = Form::Text(Budget::default());
                let whom = Whom::Customer(customer);
                let answer = engine.customer_context(&scope, &whom, Assurance::Staff, form).await.expect("a context");
                times.push(began.elapsed());
                assert!(!answer.is_cached, "it was asked for before");
            }
            times
        });
    }
    let mut times: Vec<Duration> = asking.join_all().await.into_iter().flatten().collect();
    times.sort_unstable();
    let (p50, p99) = (at(&times, 50), at(&times, 99));
    println!("| a context made anew, {} of them, {ASKERS} at once | {} | {} |", times.len(), ms(p50), ms(p99));
    misses.unless(p50 <= MAX_P50, format!("{shown}: a context made anew, p50 {}", ms(p50)));
    misses.unless(p99 <= MAX_P99, format!("{shown}: a context made anew, p99 {}", ms(p99)));
}

/// The same of whoever was asked about a moment ago, by their number as a caller has it.
async fn again(db: &Db, scope: &Scope, customers: &[CustomerId]) {
    let (engine, numbers) = (engine(db), callers(db, scope, customers).await);
    let mut times = Vec::with_capacity(AGAIN);
    for place in 0..numbers.len() + AGAIN {
        let whom = Whom::Phone(numbers[place % numbers.len()].clone());
        let began = Instant::now();
        let form = Form::Text(Budget::default());
        let answer = engine.customer_context(scope, &whom, Assurance::Staff, form).await.expect("a context");
        // The first time each is read.
        if place >= numbers.len() {
            assert!(answer.is_cached, "it was asked for before");
            times.push(began.elapsed());
        }
    }
    times.sort_unstable();
    println!("| one at hand, {AGAIN} of them, one at a time | {} | {} |", ms(at(&times, 50)), ms(at(&times, 99)));
}

/// How long texts are that are told of these.
async fn told(shown: &str, whose: &str, db: &Db, scope: &Scope, customers: &[CustomerId], misses: &mut Misses) {
    let engine = engine(db);
    let mut lengths = Vec::with_capacity(customers.len());
    for customer in customers {
        let form = Form::Text(Budget::default());
        let answer = engine.customer_context(scope, &Whom::Customer(*customer), Assurance::Staff, form).await;
        lengths.push(tokens(&answer.expect("a context").text.unwrap_or_default()));
    }
    lengths.sort_unstable();
    let (middle, largest) = (lengths[lengths.len() / 2], lengths[lengths.len() - 1]);
    println!("| {whose}, {} customers | {middle} tokens | {largest} tokens |", lengths.len());
    misses.unless(largest <= MAX_TOKENS, format!("{shown}: a text of {largest} tokens"));
}

/// `doorstep serve` beside a bare handler that answers the same bytes to whoever has the same key.
async fn beside(shown: &str, house: &House, db: &Db, scope: &Scope, customers: &[CustomerId], misses: &mut Misses) {
    let program = format!("accept: text/plain\r\nauthorization: Bearer {}\r\n", house.key);
    let requests: Vec<String> = callers(db, scope, customers)
        .await
        .iter()
        .map(|number| format!("/api/v1/customer-context/%2B{}?type=phone&assurance=staff", &number[1..]))
        .map(|path| get(&path, &program))
        .collect();
    let requests = Arc::new(requests);
    let (mut ours, mut bares) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let server = house.serve().await;
        let answer = Wire::to(server.address).await.ask(&requests[0]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        bytes = answer.body.len();
        let bare = bare::Bare::start(house, &answer.text());
        for (address, outcomes) in [(server.address, &mut ours), (bare.address, &mut bares)] {
            // Everybody once, so that all that follows is at hand.
            load::run(address, &requests, CONNECTIONS, requests.len() * 2, 200).await;
            outcomes.push(load::run(address, &requests, CONNECTIONS, REQUESTS, 200).await);
        }
        let last = |outcomes: &[Outcome]| outcomes.last().map_or(0.0, |outcome| outcome.per_second);
        tell(&format!("{shown}: {:.0} and, bare, {:.0} requests/s", last(&ours), last(&bares)));
    }
    let mut ratios: Vec<f64> = ours.iter().zip(&bares).map(|(ours, bare)| ours.per_second / bare.per_second).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    println!(
        "\n| {shown}, over HTTP, {bytes} bytes, by number | requests/s | p50 | p99 | ratio |\n|---|---|---|---|---|"
    );
    for (name, outcome) in [("contexts at hand", Outcome::middle(ours)), ("a bare handler", Outcome::middle(bares))] {
        let ratio = if name == "a bare handler" { "1".to_owned() } else { format!("{ratio:.2}") };
        let (p50, p99) = (ms(outcome.at(50)), ms(outcome.at(99)));
        println!("| {name} | {:.0} | {p50} | {p99} | {ratio} |", outcome.per_second);
    }
    misses.unless(ratio >= MIN_RATIO, format!("{shown}: {ratio:.2} of a bare handler's answers"));
}

/// The numbers of customers who alone have theirs.
async fn callers(db: &Db, scope: &Scope, customers: &[CustomerId]) -> Vec<String> {
    let engine = engine(db);
    let mut numbers = Vec::with_capacity(CALLERS);
    for customer in customers {
        if numbers.len() == CALLERS {
            break;
        }
        let mut tx = db.read(scope).await.expect("a transaction");
        let put = customer::get_many(&mut tx, &[*customer]).await.expect("customers").pop().expect("the customer");
        drop(tx);
        let Some(number) = put.customer.phone.clone().filter(|number| number.starts_with("+1")) else { continue };
        let whom = Whom::Phone(number.clone());
        let answer = engine.customer_context(scope, &whom, Assurance::Staff, Form::Json).await.expect("a context");
        if matches!(answer.found, Some(Found::One { .. })) {
            numbers.push(number);
        }
    }
    assert!(!numbers.is_empty(), "nobody has a number alone");
    numbers
}

/// So many of a hundred took at most this; `times` in ascending order.
fn at(times: &[Duration], percent: usize) -> Duration {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
