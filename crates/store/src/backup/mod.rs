//! Backup and restore, in one format for both databases: a SQLite file in Doorstep's own schema.
//!
//! So a backup of PostgreSQL restores into SQLite and the other way round, which is also how a tenant's
//! house moves from the one to the other. What would surprise:
//! - A backup is written under a temporary name (`….part`), checked, made durable, and only then given its
//!   own name. A file of that name is therefore whole.
//! - PostgreSQL is read tenant by tenant in one transaction, with row-level security on: backup has no door
//!   of its own past the wall between tenants.
//! - A backup holds sessions and one-time links (their hashes), and a restore leaves them out: what was ended after
//!   the backup must not open the door again. Users, passwords and API keys come back as they were, so whoever was
//!   disabled or revoked since must be so again.

mod check;
mod copy;
mod file;
mod restore;

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};

use crate::db::{Backend, Db};
use crate::error::{Error, Result};
use crate::migrate;
use crate::schema::TABLES;
use crate::sql::Native;

pub use restore::restore;

/// What a backup holds, or a restore brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The file's schema.
    pub schema_version: i64,
    /// How large the backup file is.
    pub bytes: u64,
    /// Rows of each table, in the order of [`TABLES`].
    pub rows: Vec<(&'static str, u64)>,
}

impl Summary {
    /// Rows of one table; 0 for a table that there is not.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.rows.iter().find(|(name, _)| *name == table).map_or(0, |(_, rows)| *rows)
    }
}

/// Writes a backup of the whole store, all tenants, to `file` while others go on reading and writing.
/// It holds one consistent state: every transaction that was committed when it began, whole, and no other.
///
/// # Errors
/// [`Error::Setup`] if `file` is there already or its folder is not; [`Error::DiskFull`]; [`Error::Damaged`]
/// if what was written does not pass its check. No file of that name is left then.
#[crate::boxed]
pub async fn backup(db: &Db, file: &Path) -> Result<Summary> {
    file::refuse_existing(file)?;
    let part = file::beside(file, "part");
    file::remove(&part)?;
    let written = write(db, &part).await;
    match written {
        Ok(summary) => {
            file::refuse_existing(file)?;
            file::rename(&part, file)?;
            Ok(summary)
        }
        Err(error) => {
            // The error that stopped us matters more than one of tidying up.
            let _ = file::remove(&part);
            Err(error)
        }
    }
}

async fn write(db: &Db, part: &Path) -> Result<Summary> {
    file::create_private(part)?;
    match &db.backend {
        Backend::Sqlite { file, .. } => vacuum_into(file, part).await?,
        Backend::Postgres(_) => copy_into(db, part).await?,
    }
    let checked = check::open(part).await?;
    check::refuse_other_shape(&checked.pool, part).await?;
    let rows = checked.count_rows().await?;
    checked.pool.close().await;
    file::sync(part)?;
    Ok(Summary { schema_version: checked.version, bytes: file::bytes(part)?, rows })
}

/// SQLite's own online copy: one read transaction, so writers go on beside it, and a compact file.
async fn vacuum_into(file: &Path, part: &Path) -> Result<()> {
    let part = part.to_str().ok_or_else(|| Error::Setup(format!("`{}` is not a path in UTF-8", part.display())))?;
    let pool = file::pool(SqliteConnectOptions::new().filename(file)).await?;
    let copied = sqlx::query("vacuum into $1").bind(part).execute(&pool).await;
    pool.close().await;
    copied?;
    Ok(())
}

/// A logical copy of PostgreSQL into a fresh file of the same schema.
async fn copy_into(db: &Db, part: &Path) -> Result<()> {
    let pool = unsafe_but_fast(part).await?;
    let mut target = Native::Sqlite(pool.begin().await?);
    migrate::apply(&mut target, db.clock.now()).await?;
    let mut source = db.begin(false).await?;
    let keys = copy::Keys::of(&mut target).await?;
    copy::all(&mut source, &mut target, &keys, &[]).await?;
    target.commit().await?;
    pool.close().await;
    Ok(())
}

/// Nobody relies on a `.part`: it is checked and made durable as a whole when it is done, or thrown away.
/// References are checked at the end, too, in one go.
async fn unsafe_but_fast(part: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(part)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .statement_cache_capacity(200)
        // In KiB: the indexes of the largest tables while they grow.
        .pragma("cache_size", "-49152");
    file::pool(options).await
}

fn zero_rows() -> Vec<(&'static str, u64)> {
    TABLES.iter().map(|table| (table.name, 0)).collect()
}
