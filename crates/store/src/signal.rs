//! Waking whoever listens for committed changes: in this process at once, from other processes by
//! PostgreSQL's `notify` or by watching SQLite's data version. A wake carries no data: the listener reads
//! the change feed from its own cursor, so a wake lost or doubled does no harm.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorstep_core::TenantId;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;

use crate::db::{Backend, Db};
use crate::error::Result;

/// PostgreSQL's channel; the payload is the tenant's number.
pub(crate) const CHANNEL: &str = "doorstep_change";
/// Wakes that a slow listener may fall behind before it is told to look at everything.
const BACKLOG: usize = 1024;
/// How often SQLite is asked whether another process has written: a change elsewhere is seen within this time.
const POLL_EVERY: Duration = Duration::from_millis(200);
/// How long to wait before connecting to PostgreSQL's notifications again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// What a listener is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something of this tenant was committed.
    Tenant(TenantId),
    /// Anything may have been committed: another process wrote, or wakes were missed.
    Anything,
}

#[derive(Clone)]
pub(crate) struct Signal {
    sender: broadcast::Sender<Wake>,
    watching: Arc<AtomicBool>,
}

impl Default for Signal {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, watching: Arc::default() }
    }
}

impl Signal {
    pub(crate) fn wake(&self, wake: Wake) {
        // No receiver is not an error: nobody listens yet.
        let _ = self.sender.send(wake);
    }
}

/// A stream of wakes.
#[derive(Debug)]
pub struct Wakes(broadcast::Receiver<Wake>);

impl Wakes {
    /// The next wake; falls back to [`Wake::Anything`] after missing some. `None` once the store is gone.
    #[crate::boxed]
    pub async fn next(&mut self) -> Option<Wake> {
        match self.0.recv().await {
            Ok(wake) => Some(wake),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Wake::Anything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

impl Db {
    /// Listens for commits of this and every other process on the same store.
    #[crate::boxed]
    pub async fn wakes(&self) -> Result<Wakes> {
        let receiver = self.signal.sender.subscribe();
        if !self.signal.watching.swap(true, Ordering::SeqCst) {
            self.watch_other_processes();
        }
        Ok(Wakes(receiver))
    }

    #[allow(clippy::disallowed_methods, reason = "the watcher belongs to the store and ends with it")]
    fn watch_other_processes(&self) {
        let sender = self.signal.sender.clone();
        match &self.backend {
            Backend::Sqlite { readers, .. } => {
                tokio::spawn(watch_sqlite(readers.clone(), sender));
            }
            Backend::Postgres(pool) => {
                tokio::spawn(watch_postgres(pool.clone(), sender));
            }
        }
    }
}

async fn watch_sqlite(pool: sqlx::SqlitePool, sender: broadcast::Sender<Wake>) {
    let mut last = None;
    // `data_version` moves only for commits of other connections, so it must be asked of one and the same.
    let Ok(mut connection) = pool.acquire().await else { return };
    while !pool.is_closed() {
        let asked = sqlx::query_scalar::<_, i64>("pragma data_version").fetch_one(&mut *connection).await;
        if let Ok(version) = asked {
            // Also at the first look: it says what was committed before we looked.
            if last.replace(version) != Some(version) {
                let _ = sender.send(Wake::Anything);
            }
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

async fn watch_postgres(pool: sqlx::PgPool, sender: broadcast::Sender<Wake>) {
    while !pool.is_closed() {
        let Ok(mut listener) = PgListener::connect_with(&pool).await else {
            tokio::time::sleep(RECONNECT_AFTER).await;
            continue;
        };
        if listener.listen(CHANNEL).await.is_err() {
            continue;
        }
        // What was committed while nobody listened.
        let _ = sender.send(Wake::Anything);
        while let Ok(notification) = listener.recv().await {
            let tenant = notification.payload().parse().map(TenantId::from_number);
            let _ = sender.send(tenant.map_or(Wake::Anything, Wake::Tenant));
        }
    }
}
