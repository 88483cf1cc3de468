//! Opening a store: SQLite in a file, or PostgreSQL at an address.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::{Clock, Scope, TenantId, planted};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Postgres, Transaction};

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::idle::Use;
use crate::migrate;
use crate::signal::Signal;
use crate::sql::Native;
use crate::tx::Tx;
use crate::value::Value;

/// The database's file in a data directory.
pub const FILE_NAME: &str = "doorstep.sqlite";

/// How long a transaction waits for the writer of SQLite or for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long SQLite waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// Readers run beside the writer; more than a few only add memory.
const SQLITE_READERS: u32 = 4;
/// Connections of one process to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// Page cache of the writer, in KiB: the working set of a large import's indexes. Readers get a quarter each.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
const READER_CACHE_KIB: i64 = 8 * 1024;

/// Rows that SQLite's thread reads ahead of whoever takes them; a row of a look-up has some hundred bytes.
const ROWS_AHEAD: usize = 1_000;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// SQLite in this directory.
    DataDir(PathBuf),
    /// PostgreSQL at `url`; `owner_url` names the role that owns the tables and runs migrations.
    Postgres {
        /// The application's role.
        url: String,
        /// The owning role, if this process may migrate.
        owner_url: Option<String>,
    },
}

/// An open store. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) signal: Signal,
}

#[derive(Clone)]
pub(crate) enum Backend {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        file: PathBuf,
        /// Of the writer and of the readers.
        used: Arc<(Use, Use)>,
    },
    Postgres(PgPool),
}

/// Begins on PostgreSQL, to the end even if whoever asked has gone by then.
///
/// A request that is dropped while `begin` is on its way would else give its connection back inside a transaction that
/// nobody knows of: the driver counts a transaction only once it has been answered. The next to come would read what was
/// true then, or be told that it may not write.
async fn begin_whole(pool: &PgPool, statement: String) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "it is the beginning of one transaction, and is over when that is answered"
    )]
    let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await });
    match begun.await {
        Ok(begun) => Ok(begun?),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The program is ending.
            Err(_) => Err(sqlx::Error::PoolClosed.into()),
        },
    }
}

impl Db {
    /// Opens the store and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Newer`] if a newer version wrote it, [`Error::Setup`] if PostgreSQL is set up in a way that
    /// would break tenant isolation, [`Error::Damaged`] if the file is not a healthy database.
    #[crate::boxed]
    pub async fn open(location: &Location, clock: Arc<dyn Clock>) -> Result<Self> {
        let db = Self::connect(location, clock).await?;
        match location {
            Location::DataDir(_) => migrate::run(&db).await?,
            Location::Postgres { url, owner_url: Some(owner) } => {
                let owner = connect_postgres(owner, 2).await?;
                migrate::run_postgres(&owner, &app_role(url)?, db.clock.now()).await?;
                owner.close().await;
            }
            Location::Postgres { owner_url: None, .. } => {}
        }
        if let Backend::Postgres(pool) = &db.backend {
            migrate::refuse_unsafe_role(pool).await?;
        }
        migrate::check(&db).await?;
        Ok(db)
    }

    async fn connect(location: &Location, clock: Arc<dyn Clock>) -> Result<Self> {
        let backend = match location {
            Location::DataDir(dir) => connect_sqlite(&dir.join(FILE_NAME)).await?,
            Location::Postgres { url, .. } => Backend::Postgres(connect_postgres(url, POSTGRES_CONNECTIONS).await?),
        };
        Ok(Self { backend, clock, signal: Signal::default() })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match &self.backend {
            Backend::Sqlite { .. } => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The file, on SQLite.
    pub fn file(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Sqlite { file, .. } => Some(file),
            Backend::Postgres(_) => None,
        }
    }

    /// The clock that stamps what is stored.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// A transaction that reads one consistent state of the scope's tenant.
    #[crate::boxed]
    pub async fn read(&self, scope: &Scope) -> Result<Tx> {
        let native = self.begin_for(Some(scope.tenant()), false).await?;
        Ok(Tx::new(native, scope.tenant(), self.clock.now(), None))
    }

    /// A transaction for one statement that reads: what it finds is one state of the scope's tenant.
    #[crate::boxed]
    pub async fn glance(&self, scope: &Scope) -> Result<Tx> {
        let native = match &self.backend {
            Backend::Sqlite { readers, used, .. } => {
                used.1.begin();
                Native::Glance(readers.acquire().await?, false)
            }
            Backend::Postgres(_) => self.begin_for(Some(scope.tenant()), false).await?,
        };
        Ok(Tx::new(native, scope.tenant(), self.clock.now(), None))
    }

    /// A transaction that may write rows of the scope's tenant. Nothing is kept unless it is committed.
    #[crate::boxed]
    pub async fn write(&self, scope: &Scope) -> Result<Tx> {
        let native = self.begin_for(Some(scope.tenant()), true).await?;
        Ok(Tx::new(native, scope.tenant(), self.clock.now(), Some(self.signal.clone())))
    }

    #[crate::boxed]
    pub(crate) async fn begin(&self, writing: bool) -> Result<Native> {
        self.begin_for(None, writing).await
    }

    /// Begins, and on PostgreSQL binds to the tenant (see [`set_tenant`]) within the same round trip.
    async fn begin_for(&self, tenant: Option<TenantId>, writing: bool) -> Result<Native> {
        let bound = tenant.map(|tenant| format!("; set local app.tenant = '{}'", tenant.number())).unwrap_or_default();
        let postgres = |begin: &str| format!("{begin}{bound}");
        if let Backend::Sqlite { used, .. } = &self.backend {
            if writing { used.0.begin() } else { used.1.begin() }
        }
        Ok(match (&self.backend, writing) {
            // `immediate` takes the write lock at once: no transaction fails half-way because it began as a reader.
            (Backend::Sqlite { writer, .. }, true) => Native::Sqlite(writer.begin_with("begin immediate").await?),
            (Backend::Sqlite { readers, .. }, false) => Native::Sqlite(readers.begin().await?),
            (Backend::Postgres(pool), true) => Native::Postgres(begin_whole(pool, postgres("begin")).await?),
            (Backend::Postgres(pool), false) => {
                let begin = postgres("begin isolation level repeatable read read only");
                Native::Postgres(begin_whole(pool, begin).await?)
            }
        })
    }

    /// Closes all connections; on SQLite also folds the write-ahead log into the file.
    #[crate::boxed]
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Backend::Postgres(pool) => pool.close().await,
        }
    }
}

/// Binds the transaction to a tenant. On PostgreSQL the row-level policies read this setting, which ends with
/// the transaction (PROMISES, rule 9).
#[crate::boxed]
pub(crate) async fn set_tenant(native: &mut Native, tenant: TenantId) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        let args = vec![Value::from(tenant.number().to_string())];
        native.execute("select set_config('app.tenant', $1, true)", args).await?;
    }
    Ok(())
}

async fn connect_sqlite(file: &Path) -> Result<Backend> {
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir).map_err(|error| {
            Error::Setup(format!("the data directory `{}` cannot be created: {error}", dir.display()))
        })?;
    }
    private::create(file)
        .map_err(|error| Error::Setup(format!("the database `{}` cannot be created: {error}", file.display())))?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was acknowledged survives a power cut (PROMISES, I-21).
        .synchronous(if planted!("synchronous-normal") { SqliteSynchronous::Normal } else { SqliteSynchronous::Full })
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(200)
        // Rows come from a thread of their own: it need not wait for whoever takes them before a set of usual size is read.
        .row_buffer_size(ROWS_AHEAD)
        .pragma("temp_store", "memory")
        // The log grows to some 128 MB before it is folded into the file: a page that many transactions touch is
        // then written there once. `journal_size_limit` bounds what stays on disk after a large import.
        .pragma("wal_autocheckpoint", "32000")
        .pragma("journal_size_limit", "67108864");
    let pool = |size: u32| {
        SqlitePoolOptions::new()
            .max_connections(size)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            // A file does not hang up: asking each time whether it is still there is a round trip to its thread.
            .test_before_acquire(false)
    };
    let unreadable = |error: sqlx::Error| match Error::from(error) {
        Error::Damaged(_) => Error::Damaged(file.display().to_string()),
        other => other,
    };
    let writer_options = options.clone().pragma("cache_size", format!("-{WRITER_CACHE_KIB}"));
    let writer = pool(1).connect_with(writer_options).await.map_err(unreadable)?;
    let reader_options = options.pragma("cache_size", format!("-{READER_CACHE_KIB}")).pragma("query_only", "on");
    let readers = pool(SQLITE_READERS).connect_with(reader_options).await.map_err(unreadable)?;
    Ok(Backend::Sqlite { writer, readers, file: file.to_owned(), used: Arc::default() })
}

/// A file that only its owner may read. SQLite gives its log and index the mode of the database itself.
mod private {
    use std::fs::OpenOptions;
    use std::path::Path;

    pub fn create(file: &Path) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(file).map(|_| ())
    }
}

#[crate::boxed]
pub(crate) async fn connect_postgres(url: &str, connections: u32) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse().map_err(|_| {
        Error::Setup("the database URL cannot be read: it looks like `postgres://user@host/name`".into())
    })?;
    let options = options.options([
        ("statement_timeout", "600s"),
        ("lock_timeout", "30s"),
        ("timezone", "UTC"),
        // Our statements are short: compiling one takes longer than running it.
        ("jit", "off"),
    ]);
    let options = match planted!("commits-do-not-wait") {
        true => options.options([("synchronous_commit", "off")]),
        false => options,
    };
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .map_err(|error| Error::Setup(format!("PostgreSQL cannot be reached: {error}")))
}

/// The role of the application's URL, which migrations grant to.
fn app_role(url: &str) -> Result<String> {
    let options: PgConnectOptions =
        url.parse().map_err(|_| Error::Setup("the database URL cannot be read".to_owned()))?;
    Ok(options.get_username().to_owned())
}
