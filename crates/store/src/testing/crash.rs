//! Processes that die: work that is dropped after so many statements, in the middle of a transaction as often as between two.
//!
//! Counted by statements and not by time, so that the same history dies at the same place each time.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::db::{Backend, Db};

/// Longer than a rollback takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(1);

thread_local! {
    /// Statements until the process of this thread dies, and whom to tell.
    static LEFT: RefCell<Option<(u64, Arc<Notify>)>> = const { RefCell::new(None) };
}

/// Called by the seam for every statement; does nothing outside of [`after`].
pub(crate) fn note() {
    LEFT.with_borrow_mut(|left| {
        if let Some((count, dies)) = left {
            *count = count.saturating_sub(1);
            if *count == 0 {
                dies.notify_one();
            }
        }
    });
}

/// Does `work` until this thread has sent so many statements, and drops it then; `None` if it was dropped. The work and all
/// that it starts must run on this thread (a runtime of one thread).
pub async fn after<T>(statements: u64, work: impl Future<Output = T>) -> Option<T> {
    let dies = Arc::new(Notify::new());
    LEFT.set(Some((statements.max(1), Arc::clone(&dies))));
    let done = tokio::select! {
        biased;
        () = dies.notified() => None,
        done = work => Some(done),
    };
    LEFT.set(None);
    done
}

/// Waits until PostgreSQL has learnt of a death: until then what died holds its rows, and whoever comes next passes over
/// them. A connection is idle again when its transaction is rolled back.
///
/// # Panics
/// It does not learn of it.
pub async fn is_over(db: &Db) {
    let Backend::Postgres(pool) = &db.backend else { return };
    let over = async {
        while pool.num_idle() < pool.size() as usize {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(LIMIT, over).await.expect("a connection of what died is never given back");
}
