//! Acknowledged means durable and whole, also when the disk is full (I-21). SQLite's side of it.

use doorstep_core::IdMaker;
use doorstep_core::id::ConversationId;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::disk::{limit_pages, source_of_setting, writer_setting};
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{Error, conversation, message};

use crate::raw::Raw;
use crate::world::{new_conversation, new_message};

/// One page of an import: a hundred messages in one transaction.
async fn page(store: &TestStore, maker: &IdMaker, id: ConversationId, number: i64) -> Result<(), Error> {
    let mut tx = store.db.write(&store.scope()).await?;
    let new = (number * 100..number * 100 + 100).map(|number| new_message(maker, id, None, number)).collect();
    message::insert(&mut tx, new).await?;
    conversation::count_messages(&mut tx, &[id]).await?;
    tx.commit().await
}

async fn count(raw: &mut Raw, sql: &str) -> i64 {
    raw.texts(&format!("select cast(({sql}) as text)")).await[0][0].parse().unwrap()
}

/// The disk fills up in the middle of an import: what was acknowledged is there, the page that failed is not, the
/// file is sound, and with space it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_keeps_what_was_acknowledged_and_nothing_else() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let maker = IdMaker::seeded(1);
    let id: ConversationId = maker.make(START);
    let mut tx = store.db.write(&store.scope()).await.unwrap();
    conversation::insert(&mut tx, vec![new_conversation(id, "a", None, vec![])]).await.unwrap();
    tx.commit().await.unwrap();
    page(&store, &maker, id, 0).await.unwrap();
    let pages: i64 = writer_setting(&store.db, "page_count").await.parse().unwrap();
    limit_pages(&store.db, pages + 40).await;
    let mut acknowledged = 1;
    let error = loop {
        match page(&store, &maker, id, acknowledged).await {
            Ok(()) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 100, "the limit does not bite");
    };
    assert!(acknowledged > 1, "some pages must fit");
    assert!(matches!(error, Error::DiskFull), "{error:?}");
    assert!(error.to_string().contains("free some space"));
    let mut raw = Raw::of(&store).await;
    assert_eq!(raw.texts("pragma integrity_check").await, [["ok"]]);
    assert_eq!(count(&mut raw, "select count(*) from message").await, acknowledged * 100);
    assert_eq!(count(&mut raw, "select message_count from conversation").await, acknowledged * 100);
    assert!(matches!(page(&store, &maker, id, acknowledged).await, Err(Error::DiskFull)), "it is still full");
    let mut tx = store.db.read(&store.scope()).await.unwrap();
    assert_eq!(message::list(&mut tx, id, None, 10).await.unwrap().len(), 10, "reading goes on");
    drop(tx);
    limit_pages(&store.db, 1_000_000).await;
    page(&store, &maker, id, acknowledged).await.unwrap();
    assert_eq!(count(&mut raw, "select count(*) from message").await, (acknowledged + 1) * 100);
    assert_eq!(raw.texts("pragma integrity_check").await, [["ok"]]);
}

/// A kill test cannot tell FULL from NORMAL, so the settings themselves are the test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_writer_waits_for_the_disk() {
    let store = TestStore::new(Dialect::Sqlite).await;
    for (setting, value) in [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1")] {
        assert_eq!(writer_setting(&store.db, setting).await, value, "{setting}");
    }
}

/// PostgreSQL waits for the disk unless it is told not to; whoever runs the server may, we may not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_turns_waiting_for_the_disk_off() {
    let store = TestStore::new(Dialect::Postgres).await;
    assert_eq!(source_of_setting(&store.db, "statement_timeout").await, "client", "what we ask for shows as that");
    assert_ne!(source_of_setting(&store.db, "synchronous_commit").await, "client");
}
