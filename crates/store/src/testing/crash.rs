//! Processes that die: work that is dropped after so many statements, in the middle of a transaction as often as between two.
//!
//! Counted by statements and not by time, so that the same history dies at the same place each time.

use std::cell::RefCell;
use std::sync::Arc;

use tokio::sync::Notify;

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
