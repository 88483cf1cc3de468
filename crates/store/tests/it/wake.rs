//! A commit wakes whoever listens: in this process and in every other one on the same store.

use std::time::Duration;

use doorstep_store::change::Subject;
use doorstep_store::testing::{TestStore, create_tenant, owner_of};
use doorstep_store::{Db, Wake, Wakes, on_both};
use uuid::Uuid;

/// How long a wake may take: fifty times what the slowest way (SQLite's poll) needs.
const LIMIT: Duration = Duration::from_secs(10);
/// How long we look for a wake that must not come.
const QUIET: Duration = Duration::from_millis(50);

async fn next(wakes: &mut Wakes) -> Option<Wake> {
    tokio::time::timeout(LIMIT, wakes.next()).await.expect("the listener was not woken")
}

async fn announce(db: &Db, store: &TestStore) {
    let mut tx = db.write(&store.scope()).await.unwrap();
    tx.announce(Subject::Customer, Uuid::from_u128(1));
    tx.commit().await.unwrap();
}

on_both! {
    /// In the same process a wake names the tenant.
    async fn a_listener_in_this_process_is_woken(store: TestStore) {
        let mut wakes = store.db.wakes().await.unwrap();
        announce(&store.db, &store).await;
        loop {
            // A watcher that has just connected says `Anything` first.
            match next(&mut wakes).await.unwrap() {
                Wake::Tenant(tenant) => break assert_eq!(tenant, store.tenant.id),
                Wake::Anything => {}
            }
        }
    }

    /// A listener in another process is woken by each commit, or told to look at everything.
    async fn a_listener_in_another_process_is_woken(store: TestStore) {
        let other = store.another_process().await;
        let mut wakes = other.wakes().await.unwrap();
        // A commit right after the subscription counts, though the watcher has not looked yet.
        announce(&store.db, &store).await;
        next(&mut wakes).await.unwrap();
        for _ in 0..3 {
            while tokio::time::timeout(QUIET * 6, wakes.next()).await.is_ok() {}
            announce(&store.db, &store).await;
            next(&mut wakes).await.unwrap();
        }
    }

    /// What changed nothing, or was given up, wakes nobody in this process.
    async fn nothing_wakes_without_a_change(store: TestStore) {
        create_tenant(&store.db, "Quincy Roofing", "+16174712001").await;
        let mut wakes = store.db.wakes().await.unwrap();
        while tokio::time::timeout(QUIET * 6, wakes.next()).await.is_ok() {}
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        tx.announce(Subject::Customer, Uuid::from_u128(1));
        drop(tx);
        store.db.write(&owner_of(&store.tenant)).await.unwrap().commit().await.unwrap();
        assert!(tokio::time::timeout(QUIET, wakes.next()).await.is_err(), "woken by nothing");
    }
}
