//! A disk that fills up, and what the writer's connection is set to: both belong to one connection of SQLite, so
//! they cannot be reached from outside.

use sqlx::AssertSqlSafe;

use crate::db::{Backend, Db};

/// Lets the file grow to `pages` and no further, as a full disk would.
///
/// # Panics
/// On PostgreSQL.
pub async fn limit_pages(db: &Db, pages: i64) {
    writer_setting(db, &format!("max_page_count = {pages}")).await;
}

/// Where PostgreSQL has a setting of this store's connections from: `client` if we ask for it ourselves.
///
/// # Panics
/// On SQLite.
pub async fn source_of_setting(db: &Db, name: &str) -> String {
    let Backend::Postgres(pool) = &db.backend else { panic!("SQLite has pragmas") };
    let sql = "select source from pg_settings where name = $1";
    sqlx::query_scalar::<_, String>(sql).bind(name).fetch_one(pool).await.expect("a setting of that name")
}

/// The value of a pragma on the connection that writes.
///
/// # Panics
/// On PostgreSQL.
pub async fn writer_setting(db: &Db, pragma: &str) -> String {
    let Backend::Sqlite { writer, .. } = &db.backend else { panic!("PostgreSQL has no pragmas") };
    let sql = format!("select cast((select * from pragma_{pragma}) as text)");
    let asked = if pragma.contains('=') {
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!("pragma {pragma}")))
            .fetch_one(writer)
            .await
            .map(|n| n.to_string())
    } else {
        sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_one(writer).await
    };
    asked.expect("the writer answers")
}
