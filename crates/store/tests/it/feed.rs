//! The change feed: every committed change, once, in the order of commits, without gaps.

use doorstep_core::Scope;
use doorstep_store::change::{self, Change, Subject};
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{Db, on_both};
use tokio::sync::oneshot;
use uuid::Uuid;

const WRITERS: u128 = 8;
const TRANSACTIONS: u128 = 50;
/// More than any transaction here announces, and less than all: the reader has to come back.
const PAGE: i64 = 7;

async fn announce(db: &Db, scope: &Scope, ids: &[Uuid]) {
    let mut tx = db.write(scope).await.unwrap();
    for id in ids {
        tx.announce(Subject::Customer, *id);
    }
    tx.commit().await.unwrap();
}

async fn page(db: &Db, scope: &Scope, after: i64) -> Vec<Change> {
    change::list(&mut db.read(scope).await.unwrap(), after, PAGE).await.unwrap()
}

async fn head(db: &Db, scope: &Scope) -> i64 {
    change::head(&mut db.read(scope).await.unwrap()).await.unwrap()
}

/// Reads with a cursor until `count` entries are seen: each number must be the next one.
async fn follow(db: &Db, scope: &Scope, count: usize) -> Vec<Change> {
    let mut seen: Vec<Change> = Vec::new();
    while seen.len() < count {
        for change in page(db, scope, seen.len() as i64).await {
            assert_eq!(change.number, seen.len() as i64 + 1, "the reader met a gap: that entry is lost to it");
            seen.push(change);
        }
        tokio::task::yield_now().await;
    }
    seen
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(120);
    tokio::time::timeout(limit, future).await.unwrap_or_else(|_| panic!("{what} did not end"))
}

on_both! {
    /// Eight writers on two processes, a reader beside them: every entry once, in order, nothing skipped.
    async fn a_reader_beside_many_writers_skips_nothing(store: TestStore) {
        let (scope, second) = (store.scope(), store.another_process().await);
        let writer = |number: u128| {
            let db = if number.is_multiple_of(2) { store.db.clone() } else { second.clone() };
            let scope = scope.clone();
            async move {
                for transaction in 0..TRANSACTIONS {
                    let id = Uuid::from_u128(number << 64 | transaction);
                    announce(&db, &scope, &[id, Uuid::from_u128(id.as_u128() | 1 << 32)]).await;
                }
            }
        };
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            writers.spawn(writer(number));
        }
        let count = (WRITERS * TRANSACTIONS * 2) as usize;
        let seen = within("reading", follow(&store.db, &scope, count)).await;
        while let Some(ended) = writers.join_next().await {
            ended.unwrap();
        }
        assert_eq!(head(&store.db, &scope).await, count as i64);
        let mut ids: Vec<Uuid> = seen.iter().map(|change| change.subject_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "an entry came twice");
        for number in 0..WRITERS {
            let own = seen.iter().map(|change| change.subject_id.as_u128()).filter(|id| id >> 64 == number);
            let order: Vec<u128> = own.map(|id| id & 0xffff_ffff).collect();
            assert!(order.is_sorted(), "writer {number}'s commits are out of order: {order:?}");
        }
    }

    /// S4: a writer that takes its turn early and commits late. A reader must not pass its numbers meanwhile.
    async fn a_slow_writer_is_not_passed(store: TestStore) {
        let (scope, second) = (store.scope(), store.another_process().await);
        announce(&store.db, &scope, &[Uuid::from_u128(1)]).await;
        // The slow writer stands in its turn (it decides who is who) when the fast one comes.
        let mut slow = store.db.write(&scope).await.unwrap();
        slow.lock_identity().await.unwrap();
        slow.announce(Subject::Customer, Uuid::from_u128(2));
        let (started, starting) = oneshot::channel();
        let fast = async {
            started.send(()).unwrap();
            announce(&second, &scope, &[Uuid::from_u128(3)]).await;
        };
        let rest = async {
            starting.await.unwrap();
            for _ in 0..20 {
                assert_eq!(page(&store.db, &scope, 0).await.len(), 1, "nothing is visible before the slow one commits");
                tokio::task::yield_now().await;
            }
            slow.commit().await.unwrap();
        };
        within("both writers", async { tokio::join!(fast, rest) }).await;
        let seen = within("reading", follow(&second, &scope, 3)).await;
        let ids: Vec<u128> = seen.iter().map(|change| change.subject_id.as_u128()).collect();
        assert_eq!(ids, [1, 2, 3]);
    }

    /// A transaction that is given up takes no number.
    async fn giving_up_leaves_no_gap(store: TestStore) {
        let scope = store.scope();
        announce(&store.db, &scope, &[Uuid::from_u128(1)]).await;
        let mut tx = store.db.write(&scope).await.unwrap();
        tx.lock_identity().await.unwrap();
        tx.announce(Subject::Customer, Uuid::from_u128(2));
        drop(tx);
        announce(&store.db, &scope, &[Uuid::from_u128(3)]).await;
        let seen = follow(&store.db, &scope, 2).await;
        assert_eq!(seen[1].subject_id, Uuid::from_u128(3));
    }

    /// One transaction announces a thing once, however often it touched it; no change, no entry.
    async fn one_transaction_announces_a_thing_once(store: TestStore) {
        let (scope, id) = (store.scope(), Uuid::from_u128(9));
        announce(&store.db, &scope, &[]).await;
        assert_eq!(head(&store.db, &scope).await, 0);
        let mut tx = store.db.write(&scope).await.unwrap();
        tx.announce(Subject::Customer, id);
        tx.announce(Subject::Review, id);
        tx.announce(Subject::Customer, id);
        tx.commit().await.unwrap();
        let seen = follow(&store.db, &scope, 2).await;
        let subjects: Vec<Subject> = seen.iter().map(|change| change.subject).collect();
        assert_eq!(subjects, [Subject::Customer, Subject::Review]);
        assert_eq!(head(&store.db, &scope).await, 2);
        assert!(seen.iter().all(|change| change.changed_at == doorstep_store::testing::START));
    }

    /// Each tenant counts for itself: nobody can tell from the numbers how busy another is.
    async fn tenants_count_for_themselves(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        announce(&store.db, &store.scope(), &[Uuid::from_u128(1), Uuid::from_u128(2)]).await;
        announce(&store.db, &other, &[Uuid::from_u128(3)]).await;
        assert_eq!(head(&store.db, &other).await, 1);
        let seen = page(&store.db, &other, 0).await;
        assert_eq!(seen.iter().map(|change| change.subject_id).collect::<Vec<_>>(), [Uuid::from_u128(3)]);
    }

    /// Pages follow each other without repetition, and an exhausted feed is empty, not an error.
    async fn pages_follow_each_other(store: TestStore) {
        let ids: Vec<Uuid> = (0..20).map(Uuid::from_u128).collect();
        announce(&store.db, &store.scope(), &ids).await;
        let mut numbers = Vec::new();
        loop {
            let after = numbers.last().copied().unwrap_or(0);
            let next: Vec<i64> = page(&store.db, &store.scope(), after).await.iter().map(|c| c.number).collect();
            if next.is_empty() {
                break;
            }
            numbers.extend(next);
        }
        assert_eq!(numbers, (1..=20).collect::<Vec<i64>>());
    }
}
