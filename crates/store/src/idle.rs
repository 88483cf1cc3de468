//! What SQLite's page caches hold, given back while hardly anybody asks.
//!
//! A connection keeps the pages that it read until it is closed, and ours are never closed: one import, or one busy
//! morning, and the process would stay as large as it ever was. Reading the pages again costs microseconds each, out of
//! the system's own cache.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePool;

use crate::db::{Backend, Db};

/// Transactions between two looks that count as hardly any: the worker's own, and a person who turns pages. An import
/// or a busy office has far more.
const FEW: u64 = 4;

/// What was done with the connections of a pool.
#[derive(Debug, Default)]
pub(crate) struct Use {
    /// Transactions begun since somebody looked.
    begun: AtomicU64,
    /// Whether there may be pages to give back.
    holds_pages: AtomicBool,
}

impl Use {
    pub(crate) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.holds_pages.store(true, Ordering::Relaxed);
    }

    /// Whether hardly anything was done since the last time, and something before.
    fn is_over(&self) -> bool {
        self.begun.swap(0, Ordering::Relaxed) <= FEW && self.holds_pages.swap(false, Ordering::Relaxed)
    }
}

impl Db {
    /// Gives the page caches of connections back that were hardly used since this was called last; to be called about
    /// once a second. Who comes meanwhile waits for some microseconds.
    #[crate::boxed]
    pub async fn give_back_memory(&self) {
        let Backend::Sqlite { writer, readers, used, .. } = &self.backend else { return };
        for (pool, used) in [(writer, &used.0), (readers, &used.1)] {
            if used.is_over() {
                shrink(pool).await;
            }
        }
    }
}

/// All connections at once that nobody has: one after the other would be the same one each time.
async fn shrink(pool: &SqlitePool) {
    let mut idle: Vec<PoolConnection<Sqlite>> = std::iter::from_fn(|| pool.try_acquire()).collect();
    for connection in &mut idle {
        if let Err(error) = sqlx::raw_sql("pragma shrink_memory").execute(&mut **connection).await {
            tracing::debug!(%error, "a page cache was not given back");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_given_back_once_after_the_work() {
        let used = Use::default();
        assert!(!used.is_over(), "nothing was done");
        for _ in 0..=FEW {
            used.begin();
        }
        assert!(!used.is_over(), "at work");
        assert!(used.is_over());
        assert!(!used.is_over(), "nothing since");
        used.begin();
        assert!(used.is_over(), "hardly anything");
    }
}
