//! Bringing a backup back, on an empty store or, if forced, in place of what is there.

use std::path::Path;
use std::sync::Arc;

use doorstep_core::Clock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};

use super::check::{self, Checked};
use super::{Summary, copy, file};
use crate::db::{Db, FILE_NAME, Location};
use crate::error::{Error, Result};
use crate::migrate;
use crate::schema::PASSING;
use crate::sql::Native;
use crate::system;

/// Puts the content of the backup `file` into the store at `location`, all of it or nothing. A backup of an
/// older schema is brought up to date. With `force`, what the store holds now is replaced; without, a store
/// that has tenants is refused.
///
/// # Errors
/// [`Error::Damaged`] if `file` is not a whole SQLite database, [`Error::Newer`] if a newer version wrote it,
/// [`Error::Setup`] if it is not a backup, if the store has tenants, or if another process has it open.
#[crate::boxed]
pub async fn restore(location: &Location, file: &Path, clock: Arc<dyn Clock>, force: bool) -> Result<Summary> {
    match location {
        Location::DataDir(dir) => into_sqlite(dir, file, clock, force).await,
        Location::Postgres { .. } => into_postgres(location, file, clock, force).await,
    }
}

fn has_tenants(place: &str) -> Error {
    Error::Setup(format!("`{place}` holds tenants already: restore into an empty store, or replace it with `--force`"))
}

async fn into_sqlite(dir: &Path, file: &Path, clock: Arc<dyn Clock>, force: bool) -> Result<Summary> {
    check::open(file).await?.pool.close().await;
    std::fs::create_dir_all(dir)
        .map_err(|error| Error::Setup(format!("the data directory `{}` cannot be created: {error}", dir.display())))?;
    let target = dir.join(FILE_NAME);
    if !force {
        refuse_tenants(&target).await?;
    }
    let staged = file::beside(&target, "restoring");
    let put = async {
        let checked = stage(file, &staged, clock).await?;
        let rows = checked.count_rows().await?;
        checked.pool.close().await;
        file::sync(&staged)?;
        replace(&staged, &target).await?;
        Ok(Summary { schema_version: checked.version, bytes: file::bytes(file)?, rows })
    };
    let put = put.await;
    if put.is_err() {
        // The error that stopped us matters more than one of tidying up.
        let _ = file::remove(&staged);
    }
    put
}

/// A copy of a backup, brought up to date and checked; the backup itself is never touched.
async fn stage(file: &Path, staged: &Path, clock: Arc<dyn Clock>) -> Result<Checked> {
    file::remove(staged)?;
    file::copy(file, staged).await?;
    let pool = file::pool(without_log(staged)).await?;
    let mut native = Native::Sqlite(pool.begin().await?);
    migrate::apply(&mut native, clock.now()).await?;
    for table in PASSING {
        native.execute(&format!("delete from {table}"), vec![]).await?;
    }
    native.commit().await?;
    pool.close().await;
    let checked = check::open(staged).await?;
    check::refuse_other_shape(&checked.pool, file).await?;
    Ok(checked)
}

/// All in one file, with nothing beside it.
fn without_log(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Delete)
}

/// Refuses a file that has tenants, and one that cannot be asked.
async fn refuse_tenants(target: &Path) -> Result<()> {
    if !target.exists() {
        return Ok(());
    }
    let asked = async {
        let pool = file::pool(SqliteConnectOptions::new().filename(target)).await?;
        let sql = "select count(*) from sqlite_master where type = 'table' and name = 'tenant'";
        let known: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await?;
        let tenants: i64 = match known {
            0 => 0,
            _ => sqlx::query_scalar("select count(*) from tenant").fetch_one(&pool).await?,
        };
        pool.close().await;
        Ok::<_, Error>(tenants)
    };
    match asked.await.map_err(|error| check::damaged(error, target))? {
        0 => Ok(()),
        _ => Err(has_tenants(&target.display().to_string())),
    }
}

/// Gives the staged file the target's name. Until that one step the old store is whole, after it the new one.
async fn replace(staged: &Path, target: &Path) -> Result<()> {
    let old = take_alone(target).await?;
    // A log left behind by a crash would be read into the new file: it goes first. If the old file is healthy,
    // its log is folded into it by now.
    for companion in file::companions(target) {
        file::remove_one(&companion)?;
    }
    file::rename(staged, target)?;
    if let Some(old) = old {
        old.close().await;
    }
    Ok(())
}

/// Locks the old file against everybody else until it is replaced: leaving the write-ahead log needs to be
/// alone, and folds it. A file that is no healthy database has nothing to lock.
async fn take_alone(target: &Path) -> Result<Option<SqlitePool>> {
    if !target.exists() {
        return Ok(None);
    }
    let alone = async {
        let pool = file::pool(without_log(target).pragma("locking_mode", "exclusive")).await?;
        sqlx::raw_sql("begin exclusive; commit").execute(&pool).await?;
        Ok(pool)
    };
    match alone.await {
        Ok(pool) => Ok(Some(pool)),
        Err(Error::Busy) => {
            Err(Error::Setup(format!("another process has `{}` open: stop it, then restore", target.display())))
        }
        Err(Error::Damaged(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

async fn into_postgres(location: &Location, file: &Path, clock: Arc<dyn Clock>, force: bool) -> Result<Summary> {
    let mut checked = check::open(file).await?;
    let staged = if checked.version < migrate::NEWEST {
        checked.pool.close().await;
        let staged = file::beside(file, "restoring");
        checked = match stage(file, &staged, clock.clone()).await {
            Ok(checked) => checked,
            Err(error) => {
                let _ = file::remove(&staged);
                return Err(error);
            }
        };
        Some(staged)
    } else {
        check::refuse_other_shape(&checked.pool, file).await?;
        None
    };
    let rows = fill(location, &checked, clock, force).await;
    checked.pool.close().await;
    staged.as_deref().map(file::remove).transpose()?;
    Ok(Summary { schema_version: checked.version, bytes: file::bytes(file)?, rows: rows? })
}

/// All rows in one transaction.
async fn fill(
    location: &Location,
    checked: &Checked,
    clock: Arc<dyn Clock>,
    force: bool,
) -> Result<Vec<(&'static str, u64)>> {
    let mut expected = checked.count_rows().await?;
    expected.iter_mut().filter(|(table, _)| PASSING.contains(table)).for_each(|(_, rows)| *rows = 0);
    let db = Db::open(location, clock).await?;
    let filled = async {
        let mut target = db.begin(true).await?;
        if !system::tenant_ids(&mut target).await?.is_empty() {
            if !force {
                return Err(has_tenants("the PostgreSQL database"));
            }
            copy::clear(&mut target).await?;
        }
        let mut source = Native::Sqlite(checked.pool.begin().await?);
        let keys = copy::Keys::of(&mut source).await?;
        let rows = copy::all(&mut source, &mut target, &keys, PASSING).await?;
        // A row of no tenant would be left behind silently.
        if rows != expected {
            return Err(Error::Unreadable { what: "the backup", why: "it holds rows of no tenant".to_owned() });
        }
        target.commit().await?;
        Ok(rows)
    };
    let filled = filled.await;
    db.close().await;
    filled
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_staged_file_lies_beside_its_target() {
        let staged = file::beside(Path::new("/data/doorstep.sqlite"), "restoring");
        assert_eq!(staged, PathBuf::from("/data/doorstep.sqlite.restoring"));
    }
}
