//! A million contexts on SQLite with durable writes: two engines on one store, one writer, and readers who check of each
//! answer that it is not older than the last commit before they asked.

#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code, unused_imports, reason = "the demo uses more of it, and its tests are not run here")]
#[path = "../../doorstep/src/demo"]
mod demo {
    pub mod archive;
}
#[allow(dead_code, reason = "other measurements use more of it")]
#[path = "history.rs"]
mod history;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorstep_core::IdMaker;
use doorstep_core::context::Assurance;
use doorstep_core::conversation::{Direction, Message};
use doorstep_core::id::{ConversationId, CustomerId};
use doorstep_engine::Engine;
use doorstep_engine::context::{Form, Whom};
use doorstep_store::{Location, conversation, customer, message};
use history::House;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Contexts that are asked for.
const READS: usize = 1_000_000;
/// Who asks at once.
const READERS: usize = 4;
/// Customers that are asked about, and written to.
const CUSTOMERS: usize = 1_000;
/// A pause between two writes, so that most answers come from memory, as in an office.
const PAUSE: Duration = Duration::from_millis(20);
/// 99 of 100 answers must be there within this.
const MAX_P99: Duration = Duration::from_millis(20);

/// Somebody, where they are written to, and the last message to them that is committed.
struct Person {
    id: CustomerId,
    chat: ConversationId,
    committed: AtomicI64,
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let archive = dir.path().join("history.zip");
    history::write(&archive, 20_000, 40_000);
    let house = House::open(&Location::DataDir(dir.path().join("data")), dir.path()).await;
    house.import(&archive).await;
    let people = Arc::new(people(&house).await);
    let engines =
        [house.engine.clone(), Engine::new(house.engine.db.clone(), Arc::new(IdMaker::seeded(2)), dir.path().into())];
    let (done, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut readers = Vec::new();
    for reader in 0..READERS {
        let (engine, scope) = (engines[reader % 2].clone(), house.scope.clone());
        let (people, done) = (people.clone(), done.clone());
        #[allow(clippy::disallowed_methods, reason = "a benchmark stands for several callers")]
        readers.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(READS / READERS);
            for read in 0..READS / READERS {
                let person = &people[(read * 7919 + reader) % people.len()];
                let (least, asked) = (person.committed.load(Ordering::SeqCst), Instant::now());
                let whom = Whom::Customer(person.id);
                let told =
                    engine.customer_context(&scope, &whom, Assurance::Verified, Form::Json).await.expect("a context");
                times.push(asked.elapsed());
                let newest = told.context.conversations.iter().flat_map(|said| said.content.messages.last());
                let newest =
                    newest.filter_map(|said| said.text.as_ref()?.strip_prefix("text ")?.parse::<i64>().ok()).next();
                assert!(newest.unwrap_or_default() >= least, "an answer is older than a commit before the question");
                done.fetch_add(1, Ordering::Relaxed);
            }
            times
        }));
    }
    let maker = IdMaker::seeded(3);
    let mut writes = 0;
    while done.load(Ordering::Relaxed) < READS {
        let person = &people[(writes as usize * 31) % people.len()];
        writes += 1;
        write(&house, &maker, person, writes).await;
        person.committed.store(writes, Ordering::SeqCst);
        tokio::time::sleep(PAUSE).await;
    }
    let mut times: Vec<Duration> = Vec::new();
    for reader in readers {
        times.extend(reader.await.expect("a reader"));
    }
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let (figures, seconds) = (house.engine.context_figures(), began.elapsed().as_secs_f64());
    println!("| {READS} contexts of {} customers beside {writes} writes, SQLite | |", people.len());
    println!("|---|---|");
    println!("| older than a commit before the question | 0 |");
    println!("| a second, {READERS} readers | {:.0} |", READS as f64 / seconds);
    println!("| p50, p99 | {:.3} ms, {:.3} ms |", at(50).as_secs_f64() * 1e3, at(99).as_secs_f64() * 1e3);
    println!("| from memory | {:.1} % |", figures.hit_ratio().unwrap_or_default() * 100.0);
    assert!(at(99) <= MAX_P99, "p99 {:?}", at(99));
}

/// Customers with a conversation.
async fn people(house: &House) -> Vec<Person> {
    let mut tx = house.engine.db.read(&house.scope).await.expect("a transaction");
    let mut people = Vec::new();
    for listed in customer::list(&mut tx, None, 20_000).await.expect("customers") {
        if let Some(chat) = conversation::of_customer(&mut tx, listed.id, 1).await.expect("conversations").pop() {
            people.push(Person { id: listed.id, chat: chat.id, committed: AtomicI64::new(0) });
        }
        if people.len() == CUSTOMERS {
            break;
        }
    }
    people
}

async fn write(house: &House, maker: &IdMaker, person: &Person, number: i64) {
    let now = house.engine.db.clock().now();
    let message = Message {
        id: maker.make(now),
        conversation_id: person.chat,
        direction: Direction::Inbound,
        from: None,
        to: None,
        body: format!("text {number}"),
        sent_at: now,
        status: None,
        attachments: Vec::new(),
    };
    let mut row_key = [0xff; 16];
    row_key[8..].copy_from_slice(&number.to_be_bytes());
    let mut tx = house.engine.db.write(&house.scope).await.expect("a transaction");
    let new = message::New { message, external_id: None, row_key, import: None };
    message::insert(&mut tx, vec![new]).await.expect("a message");
    conversation::count_messages(&mut tx, &[person.chat]).await.expect("a count");
    tx.commit().await.expect("a commit");
}
