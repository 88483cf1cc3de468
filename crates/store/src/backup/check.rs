//! Whether a file is a healthy backup of ours, found out without changing it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use super::file;
use crate::error::{Error, Result};
use crate::migrate;
use crate::schema::TABLES;
use crate::sql::Native;

/// How every SQLite file begins (sqlite.org/fileformat2.html, section 1.3).
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// A file that passed.
pub(super) struct Checked {
    pub(super) pool: SqlitePool,
    pub(super) version: i64,
}

impl Checked {
    /// Rows of each table.
    #[crate::boxed]
    pub(super) async fn count_rows(&self) -> Result<Vec<(&'static str, u64)>> {
        let mut rows = super::zero_rows();
        for (table, count) in &mut rows {
            let sql = format!("select count(*) from {table}");
            let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.pool).await?;
            *count = u64::try_from(found).unwrap_or_default();
        }
        Ok(rows)
    }
}

/// Opens `path` for reading, after every check that does not depend on its schema.
///
/// # Errors
/// [`Error::Damaged`] if it is no SQLite database or not a whole one, [`Error::Setup`] if it is one but not a
/// backup of ours, [`Error::Newer`] if a newer version wrote it.
#[crate::boxed]
pub(super) async fn open(path: &Path) -> Result<Checked> {
    refuse_other_format(path)?;
    refuse_live(path)?;
    // Immutable: SQLite makes no file beside it and changes nothing, also on a read-only disk.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let pool = file::pool(options).await.map_err(|error| damaged(error, path))?;
    let checked = inspect(&pool, path).await;
    match checked {
        Ok(version) => Ok(Checked { pool, version }),
        Err(error) => {
            pool.close().await;
            Err(damaged(error, path))
        }
    }
}

async fn inspect(pool: &SqlitePool, path: &Path) -> Result<i64> {
    let said: Vec<String> = sqlx::query_scalar("pragma integrity_check(1)").fetch_all(pool).await?;
    if said != ["ok"] {
        return Err(Error::Damaged(path.display().to_string()));
    }
    let sql = "select count(*) from sqlite_master where type = 'table' and name = 'schema_migration'";
    let ledgers: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
    if ledgers == 0 {
        return Err(not_ours(path));
    }
    let sql = "select coalesce(max(version), 0) from schema_migration";
    let version: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
    migrate::refuse_newer(version)?;
    let sql = "select count(*) from pragma_foreign_key_check";
    let dangling: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
    if dangling > 0 {
        return Err(Error::Damaged(path.display().to_string()));
    }
    Ok(version)
}

/// Refuses a file at our schema version whose tables, columns or indexes are not ours, or that has something
/// besides them: a trigger or view in it would run in our name.
#[crate::boxed]
pub(super) async fn refuse_other_shape(pool: &SqlitePool, path: &Path) -> Result<()> {
    let ours = file::pool(SqliteConnectOptions::new().in_memory(true)).await?;
    let mut native = Native::Sqlite(ours.begin().await?);
    migrate::apply(&mut native, doorstep_core::Timestamp::from_micros(0)).await?;
    native.commit().await?;
    let same = shape(pool).await? == shape(&ours).await?;
    ours.close().await;
    if same { Ok(()) } else { Err(not_ours(path)) }
}

/// Kind, name, table and columns of everything in a database but SQLite's own statistics.
async fn shape(pool: &SqlitePool) -> Result<BTreeSet<(String, String, String, String)>> {
    let sql = "select m.type, m.name, m.tbl_name, coalesce((select group_concat(c.name || ' ' || c.type || ' ' || c.pk, ', ') \
                 from pragma_table_info(m.name) c where m.type = 'table'), '') \
               from sqlite_master m where m.name not like 'sqlite\\_stat%' escape '\\'";
    Ok(sqlx::query_as(sql).fetch_all(pool).await?.into_iter().collect())
}

fn refuse_other_format(path: &Path) -> Result<()> {
    let mut start = Vec::with_capacity(HEADER.len());
    let read = File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut start));
    read.map_err(|error| Error::Setup(format!("`{}` cannot be read: {error}", path.display())))?;
    if start == HEADER { Ok(()) } else { Err(Error::Damaged(path.display().to_string())) }
}

/// A copy of a running store's file lacks what is still in the log beside it.
fn refuse_live(path: &Path) -> Result<()> {
    let [wal, _, journal] = file::companions(path);
    let is_filled = |path: &Path| std::fs::metadata(path).is_ok_and(|meta| meta.len() > 0);
    if is_filled(&wal) || is_filled(&journal) {
        return Err(Error::Setup(format!(
            "`{}` is a database in use, not a backup: make one with `doorstep backup`",
            path.display()
        )));
    }
    Ok(())
}

fn not_ours(path: &Path) -> Error {
    Error::Setup(format!(
        "`{}` is a database, but not a backup of doorstep (it should hold {} tables such as `customer`)",
        path.display(),
        TABLES.len()
    ))
}

/// Names the file in an error of SQLite about its content.
pub(super) fn damaged(error: Error, path: &Path) -> Error {
    match error {
        Error::Damaged(_) => Error::Damaged(path.display().to_string()),
        other => other,
    }
}
