//! Live pages: how soon a change is told that another process commits, and what a thousand of them cost.

use std::time::{Duration, Instant};

use doorstep_core::IdMaker;
use doorstep_core::contact::Contact;
use doorstep_core::phone::Phone;
use doorstep_engine::Engine;
use std::sync::Arc;

use crate::ask::owner;
use crate::house::{House, Running, get};
use crate::load::Wire;

/// Changes that are told.
const CHANGES: u32 = 60;

/// A page that is open: its stream, which has said hello.
pub async fn open_page(server: &Running, cookie: &str) -> Wire {
    let mut wire = Wire::to(server.address).await;
    wire.send(&get("/events", &format!("accept: text/event-stream\r\ncookie: {cookie}\r\n"))).await;
    wire.wait_for("event: live:hello").await;
    wire
}

/// From the end of a commit in this process until an open page of the server hears of it; shortest first.
pub async fn lateness(house: &House, server: &Running, cookie: &str) -> Vec<Duration> {
    let mut page = open_page(server, cookie).await;
    let db = house.open().await;
    let scope = owner(&db).await;
    let engine = Engine::new(db, Arc::new(IdMaker::seeded(7)), std::env::temp_dir());
    let mut late = Vec::new();
    for number in 0..CHANGES {
        // Longer than a topic rests, and never in step with what the server does by the clock.
        tokio::time::sleep(Duration::from_micros(300_000 + u64::from(number) * 7_919 % 230_000)).await;
        let phone = Phone::from_normal(format!("+1413{:03}{:04}", 550 + number % 40, 1_000 + number));
        let contact = Contact { phones: vec![phone], ..Contact::default() };
        engine.find_or_create(&scope, &contact, false).await.expect("a customer");
        let committed = Instant::now();
        late.push(page.wait_for("event: customers").await.saturating_duration_since(committed));
    }
    engine.db.close().await;
    late.sort_unstable();
    late
}

/// Resident memory of the server with so many pages open that hear nothing.
pub async fn memory_with_pages(server: &Running, cookie: &str, pages: usize) -> f64 {
    let mut open = Vec::with_capacity(pages);
    for _ in 0..pages {
        open.push(open_page(server, cookie).await);
    }
    tokio::time::sleep(crate::IDLE).await;
    let memory = server.memory_mb();
    drop(open);
    memory
}
