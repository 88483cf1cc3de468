//! The seam over sqlx's two native drivers: one text, one list of values, either database.

use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::value::{self, Value};

/// A row type that both databases can fill; `#[derive(sqlx::FromRow)]` gives it.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A connection of either database.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// A row of either database.
enum Fetched<'r> {
    Sqlite(&'r SqliteRow),
    Postgres(&'r PgRow),
}

/// An open transaction of either database.
pub(crate) enum Native {
    /// SQLite's.
    Sqlite(Transaction<'static, Sqlite>),
    /// SQLite's for one statement that reads, which sees one state without being told where it begins and ends: each
    /// word to the connection's thread costs as much as looking up a row. Whether it has been asked.
    Glance(PoolConnection<Sqlite>, bool),
    /// PostgreSQL's.
    Postgres(Transaction<'static, Postgres>),
}

/// A statement: fixed text, or text put together here from fixed parts and numbers.
pub(crate) fn bad_bind(error: sqlx::error::BoxDynError) -> Error {
    Error::from(sqlx::Error::Encode(error))
}

impl Native {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) | Self::Glance(..) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// What the next statement goes to.
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(tx) => Connection::Sqlite(tx),
            Self::Glance(connection, was_asked) => {
                debug_assert!(!std::mem::replace(was_asked, true), "a second statement may see another state");
                Connection::Sqlite(connection)
            }
            Self::Postgres(tx) => Connection::Postgres(tx),
        }
    }

    #[crate::boxed]
    pub(crate) async fn execute(&mut self, sql: &str, args: Vec<Value>) -> Result<u64> {
        #[cfg(any(test, feature = "testing"))]
        crate::testing::trace::note(sql, &args);
        match self.connection() {
            Connection::Sqlite(connection) => {
                let args = value::sqlite(args).map_err(bad_bind)?;
                Ok(sqlx::query_with(AssertSqlSafe(sql), args).execute(connection).await?.rows_affected())
            }
            Connection::Postgres(connection) => {
                let args = value::postgres(args).map_err(bad_bind)?;
                Ok(sqlx::query_with(AssertSqlSafe(sql), args).execute(connection).await?.rows_affected())
            }
        }
    }

    pub(crate) async fn fetch_all<T: Row>(&mut self, sql: &str, args: Vec<Value>) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.fetch_each(sql, args, &mut |row| {
            rows.push(match row {
                Fetched::Sqlite(row) => T::from_row(row)?,
                Fetched::Postgres(row) => T::from_row(row)?,
            });
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Hands each row to `take` as it comes: what is made of it is all that depends on its type, and the rest of the
    /// drivers' code is made once.
    #[crate::boxed]
    async fn fetch_each(
        &mut self,
        sql: &str,
        args: Vec<Value>,
        take: &mut (dyn FnMut(Fetched<'_>) -> sqlx::Result<()> + Send),
    ) -> Result<()> {
        #[cfg(any(test, feature = "testing"))]
        crate::testing::trace::note(sql, &args);
        match self.connection() {
            Connection::Sqlite(connection) => {
                let args = value::sqlite(args).map_err(bad_bind)?;
                let mut rows = sqlx::query_with(AssertSqlSafe(sql), args).fetch(connection);
                while let Some(row) = rows.try_next().await? {
                    take(Fetched::Sqlite(&row))?;
                }
            }
            Connection::Postgres(connection) => {
                let args = value::postgres(args).map_err(bad_bind)?;
                let mut rows = sqlx::query_with(AssertSqlSafe(sql), args).fetch(connection);
                while let Some(row) = rows.try_next().await? {
                    take(Fetched::Postgres(&row))?;
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn fetch_optional<T: Row>(&mut self, sql: &str, args: Vec<Value>) -> Result<Option<T>> {
        Ok(self.fetch_all(sql, args).await?.into_iter().next())
    }

    /// Statements without values, several to a text: migrations and settings.
    #[crate::boxed]
    pub(crate) async fn run_script(&mut self, sql: &str) -> Result<()> {
        match self.connection() {
            Connection::Sqlite(connection) => {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ())?
            }
            Connection::Postgres(connection) => {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ())?;
            }
        }
        Ok(())
    }

    #[crate::boxed]
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Glance(..) => {}
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Inserts rows of `width` values each, many to a statement. `head` is `insert into t (…)`, `tail` what
    /// follows the rows (`on conflict …`). `first` leads every row.
    ///
    /// The rows of the next statement are taken from `rows` while the database works on the one before.
    #[crate::boxed]
    pub(crate) async fn insert_many(
        &mut self,
        head: &str,
        tail: &str,
        width: usize,
        first: &Value,
        rows: &mut (dyn Iterator<Item = Value> + Send),
    ) -> Result<u64> {
        let mut rows = rows.fuse();
        let most = match self.dialect() {
            Dialect::Sqlite => largest_statement(width),
            Dialect::Postgres => ROWS_PER_COLUMN,
        };
        let mut take = || rows.by_ref().take(most * width).collect::<Vec<Value>>();
        let (mut inserted, mut now) = (0, take());
        while !now.is_empty() {
            debug_assert_eq!(now.len() % width.max(1), 0, "rows of `{head}` are ragged");
            let insert = async {
                match self.dialect() {
                    Dialect::Sqlite => self.insert_values(head, tail, width, first, now).await,
                    Dialect::Postgres => self.insert_columns(head, tail, width, first, now).await,
                }
            };
            // The first of the two is asked first, and waits for its database while the second works.
            let (done, next) = tokio::join!(biased; insert, async { take() });
            inserted += done?;
            now = next;
        }
        Ok(inserted)
    }

    /// Statements come in a few fixed sizes so that SQLite finds them in its cache.
    async fn insert_values(
        &mut self,
        head: &str,
        tail: &str,
        width: usize,
        first: &Value,
        rows: Vec<Value>,
    ) -> Result<u64> {
        let mut left = rows.len() / width.max(1);
        let mut rows = rows.into_iter();
        let (most, mut inserted) = (largest_statement(width), 0);
        while left > 0 {
            let size = ROWS_PER_STATEMENT.into_iter().find(|size| *size <= left && *size <= most).unwrap_or(1);
            let sql = format!("{head} {} {tail}", Dialect::rows(size, width));
            let mut args = Vec::with_capacity(size * (width + 1));
            for _ in 0..size {
                args.push(first.clone());
                args.extend(rows.by_ref().take(width));
            }
            inserted += self.execute(&sql, args).await?;
            left -= size;
        }
        Ok(inserted)
    }

    /// One statement.
    async fn insert_columns(
        &mut self,
        head: &str,
        tail: &str,
        width: usize,
        first: &Value,
        rows: Vec<Value>,
    ) -> Result<u64> {
        let (set, args) = columns(first, width, rows.into_iter());
        self.execute(&format!("{head} select $1, u.* from {set} as u {tail}"), args).await
    }

    /// Runs `sql`, in which `values {set}` stands for a list of tuples, over `keys` of `width` values each,
    /// so many to a statement, and collects the rows. `first` is bound as `$1`.
    pub(crate) async fn fetch_in<T: Row>(
        &mut self,
        sql: &str,
        width: usize,
        first: &Value,
        keys: &[Value],
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let keys = distinct(keys, width);
        for chunk in keys.chunks(self.keys_per_statement()) {
            let (sql, args) = self.set_statement(sql, width, first, chunk);
            found.append(&mut self.fetch_all(&sql, args).await?);
        }
        Ok(found)
    }

    /// Like [`Self::fetch_in`] for statements that change rows; the number of changed rows.
    #[crate::boxed]
    pub(crate) async fn execute_in(&mut self, sql: &str, width: usize, first: &Value, keys: &[Value]) -> Result<u64> {
        let mut changed = 0;
        let keys = distinct(keys, width);
        for chunk in keys.chunks(self.keys_per_statement()) {
            let (sql, args) = self.set_statement(sql, width, first, chunk);
            changed += self.execute(&sql, args).await?;
        }
        Ok(changed)
    }

    fn keys_per_statement(&self) -> usize {
        match self.dialect() {
            Dialect::Sqlite => KEYS_PER_STATEMENT[0],
            Dialect::Postgres => ROWS_PER_COLUMN,
        }
    }

    fn set_statement(&self, sql: &str, width: usize, first: &Value, keys: &[&[Value]]) -> (String, Vec<Value>) {
        match self.dialect() {
            Dialect::Sqlite => statement_of_tuples(sql, width, first, keys),
            Dialect::Postgres => statement_of_columns(sql, width, first, keys),
        }
    }
}

/// Rows of one insert on SQLite: large enough that the per-statement cost vanishes, few enough sizes to stay cached.
const ROWS_PER_STATEMENT: [usize; 5] = [500, 100, 20, 4, 1];
/// Keys of one look-up on SQLite, at most those of a page of a source; a shorter list is filled up with nulls, which equal
/// nothing.
const KEYS_PER_STATEMENT: [usize; 5] = [500, 200, 50, 10, 1];
/// Rows or keys of one statement on PostgreSQL: one round trip, and a few megabytes at most for rows of usual size.
const ROWS_PER_COLUMN: usize = 2_000;

/// Rows of the largest statement on SQLite that may bind as many values.
fn largest_statement(width: usize) -> usize {
    let most = Dialect::MAX_BINDS / (width + 1);
    ROWS_PER_STATEMENT.into_iter().find(|size| *size <= most).unwrap_or(1)
}

fn statement_of_tuples(sql: &str, width: usize, first: &Value, keys: &[&[Value]]) -> (String, Vec<Value>) {
    let size = KEYS_PER_STATEMENT.into_iter().rev().find(|size| *size >= keys.len()).unwrap_or(keys.len());
    let mut args = Vec::with_capacity(size * width + 1);
    args.extend(keys.iter().flat_map(|key| key.iter().cloned()));
    let nothing: Vec<Value> = keys.first().map(|key| key.iter().map(Value::null_alike).collect()).unwrap_or_default();
    for _ in keys.len()..size {
        args.extend_from_slice(&nothing);
    }
    // The keys are nameless: see `Dialect::rows`. They count from the first, so that the one with a name comes last.
    let sql = sql.replace("$1", &format!("${}", args.len() + 1));
    args.push(first.clone());
    // A plain list goes by the index.
    let sql = if width == 1 { sql.replace("in (values {set})", &in_list(size)) } else { sql };
    (sql.replace("{set}", &tuples(size, width)), args)
}

fn statement_of_columns(sql: &str, width: usize, first: &Value, keys: &[&[Value]]) -> (String, Vec<Value>) {
    let (set, args) = columns(first, width, keys.iter().flat_map(|key| key.iter().cloned()));
    // PostgreSQL joins with a set, and may walk the table for it; a plain array goes by the index.
    let any = format!("= any({})", set.trim_start_matches("unnest(").trim_end_matches(')'));
    let sql = if width == 1 { sql.replace("in (values {set})", &any) } else { sql.to_owned() };
    (sql.replace("values {set}", &format!("select * from {set}")), args)
}

/// Rows turned into columns, after `first`; with the text that turns them back.
fn columns(first: &Value, width: usize, values: impl Iterator<Item = Value>) -> (String, Vec<Value>) {
    let mut columns: Vec<Vec<Value>> = vec![Vec::new(); width];
    for (place, value) in values.enumerate() {
        columns[place % width].push(value);
    }
    let types: Vec<&'static str> =
        columns.iter().map(|column| column.first().map_or("text", Value::postgres_type)).collect();
    let args = std::iter::once(first.clone()).chain(columns.into_iter().map(Value::Column)).collect();
    (Dialect::unnested(&types), args)
}

/// Each key once: a join with the list must not count anything twice.
fn distinct(keys: &[Value], width: usize) -> Vec<&[Value]> {
    let mut seen = std::collections::HashSet::with_capacity(keys.len() / width.max(1));
    keys.chunks(width.max(1)).filter(|key| seen.insert(*key)).collect()
}

/// `in (?, ?)`.
fn in_list(count: usize) -> String {
    format!("in ({})", vec!["?"; count].join(", "))
}

/// `(?, ?), (?, ?)`.
fn tuples(count: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(", "));
    vec![row; count].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_keys_are_nameless() {
        assert_eq!(Dialect::rows(2, 2), "values (?, ?, ?), (?, ?, ?)");
        assert_eq!(tuples(2, 2), "(?, ?), (?, ?)");
    }

    #[test]
    fn a_short_list_of_keys_is_filled_up_with_nulls_and_says_each_once() {
        let keys: Vec<Value> = [0i64, 1, 2, 1].map(Value::from).to_vec();
        let keys = distinct(&keys, 1);
        let (sql, args) = statement_of_tuples("x in ({set}) and y = $1", 1, &Value::from(9i64), &keys);
        assert_eq!(args.len(), 11);
        assert_eq!((&args[2], &args[3], &args[9]), (&Value::from(2i64), &Value::Int(None), &Value::Int(None)));
        // The tenant comes last, and is found by its name.
        assert_eq!(args[10], Value::from(9i64));
        assert!(sql.ends_with("(?)) and y = $11"), "{sql}");
    }

    #[test]
    fn keys_become_columns_on_postgresql() {
        let keys: Vec<Value> = [Value::from("a"), Value::from(1i64), Value::from("b"), Value::from(2i64)].to_vec();
        let keys = distinct(&keys, 2);
        let (sql, args) =
            statement_of_columns("with w (a, b) as (values {set}) select 1", 2, &Value::from(9i64), &keys);
        assert_eq!(sql, "with w (a, b) as (select * from unnest($2::text[], $3::bigint[])) select 1");
        assert_eq!(args[2], Value::Column(vec![Value::from(1i64), Value::from(2i64)]));
        let one = [Value::from("a")];
        let (sql, _) = statement_of_columns("x in (values {set})", 1, &Value::from(9i64), &distinct(&one, 1));
        assert_eq!(sql, "x = any($2::text[])");
    }
}
