//! A million contexts of two nodes on one store, one writer, and readers who check of each answer that it is not older
//! than the last commit before they asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorstep_core::context::Assurance;
use doorstep_core::conversation::{Direction, Message};
use doorstep_core::id::{ConversationId, CustomerId};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::context::{Form, Whom};
use doorstep_store::{Db, conversation, customer, message};

use crate::house::House;
use crate::{Misses, at, engine, ms};

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

/// Lets two nodes answer while a third writes. A stale answer ends it.
pub async fn run(shown: &str, house: &House, db: &Db, scope: &Scope, misses: &mut Misses) {
    let people = Arc::new(people(db, scope).await);
    let nodes = [engine(&house.open().await), engine(&house.open().await)];
    let (done, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let mut readers = Vec::new();
    for reader in 0..READERS {
        let (engine, scope) = (nodes[reader % 2].clone(), scope.clone());
        let (people, done) = (people.clone(), done.clone());
        #[allow(clippy::disallowed_methods, reason = "a benchmark stands for several callers")]
        readers.push(tokio::spawn(async move {
            let mut times = Vec::with_capacity(READS / READERS);
            for read in 0..READS / READERS {
                let person = &people[(read * 7919 + reader) % people.len()];
                let (least, asked) = (person.committed.load(Ordering::SeqCst), Instant::now());
                let whom = Whom::Customer(person.id);
                let told = engine.customer_context(&scope, &whom, Assurance::Verified, Form::Json).await;
                times.push(asked.elapsed());
                let told = told.expect("a context").context;
                let newest = told.conversations.iter().flat_map(|said| said.content.messages.last());
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
    while done.load(Ordering::Relaxed) < READS && !readers.iter().any(tokio::task::JoinHandle::is_finished) {
        let person = &people[(writes as usize * 31) % people.len()];
        writes += 1;
        write(db, scope, &maker, person, writes).await;
        person.committed.store(writes, Ordering::SeqCst);
        tokio::time::sleep(PAUSE).await;
    }
    let mut times: Vec<Duration> = Vec::new();
    for reader in readers {
        times.extend(reader.await.expect("a reader"));
    }
    times.sort_unstable();
    let seconds = began.elapsed().as_secs_f64();
    let ratios = nodes.map(|node| node.context_figures().hit_ratio().unwrap_or_default());
    let from_memory = (ratios[0] + ratios[1]) / 2.0;
    println!("\n| {shown}, two nodes: {READS} contexts of {} customers beside {writes} writes | |", people.len());
    println!("|---|---|");
    println!("| older than a commit before the question | 0 |");
    println!("| a second, {READERS} readers | {:.0} |", READS as f64 / seconds);
    println!("| p50, p99 | {}, {} |", ms(at(&times, 50)), ms(at(&times, 99)));
    println!("| from memory | {:.1} % |", from_memory * 100.0);
    misses.unless(at(&times, 99) <= MAX_P99, format!("{shown}: a context of two nodes, p99 {}", ms(at(&times, 99))));
}

/// Customers with a conversation.
async fn people(db: &Db, scope: &Scope) -> Vec<Person> {
    let mut tx = db.read(scope).await.expect("a transaction");
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

async fn write(db: &Db, scope: &Scope, maker: &IdMaker, person: &Person, number: i64) {
    let now = db.clock().now();
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
    let mut tx = db.write(scope).await.expect("a transaction");
    let new = message::New { message, external_id: None, row_key, import: None };
    message::insert(&mut tx, vec![new]).await.expect("a message");
    conversation::count_messages(&mut tx, &[person.chat]).await.expect("a count");
    tx.commit().await.expect("a commit");
}
