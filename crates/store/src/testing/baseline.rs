//! What the databases themselves need to load rows in bulk: the measure that benchmarks hold imports against.
//!
//! The rows are those that an import left behind. They go into empty tables of the same columns, keys and indexes
//! but without references, row-level security or triggers, in one transaction: on SQLite by `insert … select` from
//! the attached file, on PostgreSQL by `copy` from a file. Nothing that has to parse, bind or decide can be faster.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection};

use crate::dialect::Dialect;
use crate::migrate;
use crate::schema::TABLES;

/// How long SQLite takes to load all rows of the store in `source` into a fresh file `target`; rows, time. `target` must
/// not exist.
pub async fn sqlite(source: &Path, target: &Path) -> (i64, Duration) {
    let options = SqliteConnectOptions::new()
        .filename(target)
        .create_if_missing(true)
        .foreign_keys(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-49152");
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a fresh file");
    run_sqlite(&mut connection, &migrate::tables(Dialect::Sqlite)).await;
    run_sqlite(&mut connection, &format!("attach '{}' as source", source.display())).await;
    let mut rows = 0;
    for table in TABLES {
        let sql = format!("select count(*) from source.{}", table.name);
        rows += sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("a count");
    }
    let began = Instant::now();
    run_sqlite(&mut connection, "begin immediate").await;
    for table in TABLES {
        // The condition is always true. Without one SQLite would copy whole pages of a table that is alike, which
        // is no load of rows; with it each row is put into the table and each of its indexes.
        let sql = format!("insert into main.{0} select * from source.{0} where tenant_id > 0", table.name);
        run_sqlite(&mut connection, &sql).await;
    }
    run_sqlite(&mut connection, "commit").await;
    (rows, began.elapsed())
}

async fn run_sqlite(connection: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.expect("SQLite obeys");
}

/// How long PostgreSQL takes to `copy` all rows of the database at `source` from files into the fresh database at
/// `target`; rows, time. Both URLs must be a superuser's; `dir` must be writable for the server.
pub async fn postgres(source: &str, target: &str, dir: &Path) -> (i64, Duration) {
    let mut from = PgConnection::connect(source).await.expect("the filled database");
    let mut to = PgConnection::connect(target).await.expect("the empty database");
    let bare: String = migrate::tables(Dialect::Postgres);
    run_postgres(&mut to, &without_references(&bare)).await;
    let mut rows = 0;
    let file = |name: &str| dir.join(format!("{name}.copy")).display().to_string();
    for table in TABLES {
        let sql = format!("copy {0} to '{1}' (format binary)", table.name, file(table.name));
        let copied = sqlx::query(AssertSqlSafe(sql)).execute(&mut from).await.expect("the rows come out");
        rows += i64::try_from(copied.rows_affected()).unwrap_or_default();
    }
    let began = Instant::now();
    run_postgres(&mut to, "begin").await;
    for table in TABLES {
        run_postgres(&mut to, &format!("copy {0} from '{1}' (format binary)", table.name, file(table.name))).await;
    }
    run_postgres(&mut to, "commit").await;
    (rows, began.elapsed())
}

async fn run_postgres(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.expect("PostgreSQL obeys");
}

/// The table definitions without their references to other tables.
fn without_references(tables: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in tables.lines() {
        if line.trim_start().starts_with("foreign key") {
            if let Some(last) = lines.last_mut().filter(|_| !line.trim_end().ends_with(',')) {
                *last = last.trim_end().trim_end_matches(',').to_owned();
            }
            continue;
        }
        let cut = line.find(" references ").map_or(line.to_owned(), |at| {
            let comma = if line.trim_end().ends_with(',') { "," } else { "" };
            format!("{}{comma}", &line[..at])
        });
        lines.push(cut);
    }
    lines.join("\n")
}
