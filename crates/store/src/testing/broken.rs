//! A database that refuses or holds what it should not, made so by its administrator: nothing in the program can do
//! that, and the program has to bear it.

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::{TestStore, superuser_url};
use crate::tx::Tx;

/// Runs statements as the administrator: no tenant, no walls. Not logged, since they may say anything.
///
/// # Panics
/// If the database refuses.
pub async fn run(store: &TestStore, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    let ran = match superuser_url(&store.location) {
        Some(url) => {
            let options: PgConnectOptions = url.parse().expect("a URL");
            let mut connection = options.disable_statement_logging().connect().await.expect("the server answers");
            sqlx::raw_sql(sql).execute(&mut connection).await.map(|_| ())
        }
        None => {
            let options = SqliteConnectOptions::new().filename(store.db.file().expect("a file"));
            let mut connection = options.disable_statement_logging().connect().await.expect("the file opens");
            sqlx::raw_sql(sql).execute(&mut connection).await.map(|_| ())
        }
    };
    ran.expect("the database obeys");
}

/// From now on the database refuses to store an import's progress beyond `rows`.
pub async fn refuse_progress_beyond(store: &TestStore, rows: u64) {
    let sql = match superuser_url(&store.location) {
        Some(_) => format!(
            "create function refuse() returns trigger language plpgsql as \
               $$ begin raise exception 'no progress'; end $$; \
             create trigger refuse before update of rows_done on import for each row \
               when (new.rows_done > {rows}) execute function refuse()"
        ),
        None => format!(
            "create trigger refuse before update of rows_done on import when new.rows_done > {rows} \
             begin select raise(abort, 'no progress'); end"
        ),
    };
    run(store, &sql).await;
}

/// Takes [`refuse_progress_beyond`] back.
pub async fn allow_progress(store: &TestStore) {
    run(
        store,
        match superuser_url(&store.location) {
            Some(_) => "drop trigger refuse on import; drop function refuse()",
            None => "drop trigger refuse",
        },
    )
    .await;
}

/// From now on the database refuses to store the progress of a changeover beyond `records`.
pub async fn refuse_looking_beyond(store: &TestStore, records: u64) {
    let sql = match superuser_url(&store.location) {
        Some(_) => format!(
            "create function refuse() returns trigger language plpgsql as \
               $$ begin raise exception 'no progress'; end $$; \
             create trigger refuse before update of records_done on changeover for each row \
               when (new.records_done > {records}) execute function refuse()"
        ),
        None => format!(
            "create trigger refuse before update of records_done on changeover when new.records_done > {records} \
             begin select raise(abort, 'no progress'); end"
        ),
    };
    run(store, &sql).await;
}

/// Takes [`refuse_looking_beyond`] back.
pub async fn allow_looking(store: &TestStore) {
    run(
        store,
        match superuser_url(&store.location) {
            Some(_) => "drop trigger refuse on changeover; drop function refuse()",
            None => "drop trigger refuse",
        },
    )
    .await;
}

/// How many rows the tables that an import fills have, in the transaction's state.
pub async fn rows_of_imports(tx: &mut Tx) -> u64 {
    let sql = "select (select count(*) from record where tenant_id = $1 and removed_at is null) \
                 + (select count(*) from conversation where tenant_id = $1) \
                 + (select count(*) from message where tenant_id = $1) \
                 + (select count(*) from call where tenant_id = $1)";
    let (rows,): (i64,) = tx.fetch_one(sql, crate::args![]).await.expect("the tables are there");
    rows.unsigned_abs()
}
