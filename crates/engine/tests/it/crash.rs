//! Imports that stop half-way: the process dies, the disk fills up, the lease goes to another.

use std::time::Duration;

use doorstep_core::id::ImportId;
use doorstep_core::import::{Import, State};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::{LEASE, Worker};
use doorstep_store::dialect::Dialect;
use doorstep_store::on_both;
use doorstep_store::testing::TestStore;
use doorstep_store::testing::broken::{allow_progress, refuse_progress_beyond, rows_of_imports};
use doorstep_store::testing::disk::{limit_pages, writer_setting};

use crate::house::{House, many_files};

/// Longer than it takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Lets one worker after the other look for work until the import is there. The first may find nothing: the lease is
/// held until it has ended, and what a dying process had sent to the server goes in or out while others begin, who pass
/// over its task for as long as the server holds it, or try again later.
async fn looked_after_until(house: &House, id: ImportId, state: State) -> Import {
    let there = async {
        loop {
            house.store.clock.turn_seconds(i64::try_from(LEASE.as_secs()).unwrap() * 2);
            house.settle().await;
            let import = house.engine.import(&house.scope(), id).await.unwrap().import;
            if import.state == state {
                return import;
            }
            tokio::task::yield_now().await;
        }
    };
    let Ok(import) = tokio::time::timeout(LIMIT, there).await else { panic!("{:?}", house.tasks().await) };
    import
}

/// Rows that are in when the process dies, of some 2,900.
const DIES_AT: [u64; 4] = [1, 150, 1_200, 2_700];

on_both! {
    async fn a_process_that_dies_while_applying_leaves_an_import_that_goes_on(store: TestStore) {
        let house = House::new(store);
        let (contacts, messages) = many_files(400, 2_500);
        let files = [("contacts.csv", contacts.as_str()), ("messages.csv", messages.as_str())];
        let whole = House::new(TestStore::new(Dialect::Sqlite).await);
        whole.import(&files).await;
        let whole = whole.picture().await;
        for dies_at in DIES_AT {
            let planned = house.plan(&house.archive(&files)).await.unwrap();
            house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
            let engine = house.engine.clone();
            let dying = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await });
            loop {
                let import = house.engine.import(&house.scope(), planned.import.id).await.unwrap().import;
                if import.rows_done >= dies_at || import.state == State::Applied {
                    break;
                }
                tokio::task::yield_now().await;
            }
            dying.abort();
            let _ = dying.await;
            let import = looked_after_until(&house, planned.import.id, State::Applied).await;
            assert_eq!((import.state, import.rows_done), (State::Applied, import.rows_total), "{dies_at}");
            assert_eq!(house.picture().await, whole, "{dies_at}");
            house.assert_rebuilt_the_same().await;
            house.engine.undo_import(&house.scope(), planned.import.id).await.unwrap();
            looked_after_until(&house, planned.import.id, State::Undone).await;
            assert!(house.picture().await.is_empty());
        }
    }
}

on_both! {
    /// The database takes the rows of a page and then refuses to note that they are in.
    async fn a_page_whose_progress_cannot_be_written_is_not_in(store: TestStore) {
        let house = House::new(store);
        let (contacts, messages) = many_files(300, 1_500);
        let files = [("contacts.csv", contacts.as_str()), ("messages.csv", messages.as_str())];
        let planned = house.plan(&house.archive(&files)).await.unwrap();
        let id = planned.import.id;
        house.engine.apply_import(&house.scope(), id, &|_| {}).await.unwrap();
        for beyond in [0, 400] {
            refuse_progress_beyond(&house.store, beyond).await;
            house.engine.resume_import(&house.scope(), id).await.unwrap();
            house.store.clock.turn_seconds(3_600);
            house.settle().await;
            allow_progress(&house.store).await;
            let stopped = house.engine.import(&house.scope(), id).await.unwrap().import;
            assert_eq!((stopped.state, stopped.rows_done > 0), (State::Applying, beyond > 0));
            let mut tx = house.store.db.read(&house.scope()).await.unwrap();
            assert_eq!(rows_of_imports(&mut tx).await, stopped.rows_done, "{beyond}");
        }
        house.engine.resume_import(&house.scope(), id).await.unwrap();
        house.store.clock.turn_seconds(3_600);
        house.settle().await;
        let done = house.engine.import(&house.scope(), id).await.unwrap().import;
        assert_eq!((done.state, done.rows_done), (State::Applied, done.rows_total));
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        assert_eq!(rows_of_imports(&mut tx).await, done.rows_done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_while_applying_keeps_whole_pages_and_the_import_goes_on_with_space() {
    let house = House::new(TestStore::new(Dialect::Sqlite).await);
    let (contacts, messages) = many_files(300, 6_000);
    let files = [("contacts.csv", contacts.as_str()), ("messages.csv", messages.as_str())];
    let planned = house.plan(&house.archive(&files)).await.unwrap();
    house.engine.apply_import(&house.scope(), planned.import.id, &|_| {}).await.unwrap();
    let pages: i64 = writer_setting(&house.store.db, "page_count").await.parse().unwrap();
    limit_pages(&house.store.db, pages + 350).await;
    house.settle().await;
    let stopped = house.engine.import(&house.scope(), planned.import.id).await.unwrap().import;
    assert_eq!(stopped.state, State::Applying);
    assert!(stopped.rows_done > 0 && stopped.rows_done < stopped.rows_total, "{}", stopped.rows_done);
    let task = &house.tasks().await[0];
    assert!(task.reason.as_ref().unwrap().contains("disk is full"), "{task:?}");
    house.assert_rebuilt_the_same().await;
    limit_pages(&house.store.db, 10_000_000).await;
    house.engine.resume_import(&house.scope(), planned.import.id).await.unwrap();
    house.settle().await;
    let done = house.engine.import(&house.scope(), planned.import.id).await.unwrap().import;
    assert_eq!((done.state, done.rows_done), (State::Applied, done.rows_total));
    let whole = House::new(TestStore::new(Dialect::Sqlite).await);
    whole.import(&files).await;
    assert_eq!(house.picture().await, whole.picture().await);
}

#[test]
fn the_lease_is_long_enough_for_a_page_and_short_enough_to_wait_for() {
    assert!(LEASE >= Duration::from_secs(5) && LEASE <= Duration::from_secs(60));
}
