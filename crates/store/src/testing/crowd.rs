//! A crowd for benchmarks: the customers of a store many times over, within a minute or two. Bringing a million in as
//! people do takes a quarter of an hour and leaves the same rows behind.
//!
//! A copy has the names, the e-mail addresses and the history's dates of its original, and the same digits under
//! another area code; its id is older. What the list, the search and find-or-create read is copied; conversations and
//! reviews stay with the originals.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};

use crate::db::{FILE_NAME, Location};
use crate::dialect::Dialect;

use super::superuser_url;

/// Area codes that the copies live under: one a copy. The originals live under others.
const AREAS: [u16; 110] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
    239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 272, 276, 281, 301, 302, 303, 304, 305, 307, 308,
    309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 331, 334, 336, 337, 346, 347, 352, 360,
    361, 385, 386, 402, 404, 405, 406, 407, 408, 409, 410, 412, 414, 415, 417, 419, 423, 424, 425, 430, 432, 434, 435,
    440, 442, 443, 469, 470, 475, 478, 479, 480, 484, 501, 502, 503, 504, 505, 507, 508, 509,
];

/// What is copied, each column as its original has it or as said beside it. `{id:…}` is the id under which a copy goes,
/// `{area}` its area code.
const TABLES: [(&str, &[(&str, &str)]); 4] = [
    ("record", &[("id", "{id:id}"), ("customer_id", "{id:customer_id}"), ("key", "o.key || '-' || {area}")]),
    (
        "customer",
        &[
            ("id", "{id:id}"),
            ("phone", "case when o.phone like '+1%' then '+1' || {area} || substr(o.phone, 6) else o.phone end"),
            (
                "display_name",
                "case when o.display_name like '(___) ___-____' then '(' || {area} || substr(o.display_name, 5) \
                 else o.display_name end",
            ),
        ],
    ),
    (
        "identity",
        &[
            ("customer_id", "{id:customer_id}"),
            ("record_id", "{id:record_id}"),
            ("value", "case when o.value like '+1%' then '+1' || {area} || substr(o.value, 6) else o.value end"),
        ],
    ),
    (
        "customer_word",
        &[
            ("customer_id", "{id:customer_id}"),
            (
                "word",
                "case when length(o.word) = 11 and o.word like '1%' then '1' || {area} || substr(o.word, 5) \
                 when length(o.word) = 10 and o.word >= '2' and o.word < ':' then {area} || substr(o.word, 4) \
                 else o.word end",
            ),
        ],
    ),
];

/// Brings the customers of the store up to some `customers`, at most a hundredfold; what it does is told to `tell`.
/// Nobody else may have the store open.
///
/// # Panics
/// A statement fails.
pub async fn multiply(location: &Location, customers: u64, tell: &dyn Fn(&str)) {
    let mut open = Open::at(location).await;
    let before = open.number("select count(*) from customer").await.max(1);
    let copies = (customers.saturating_sub(before)).div_ceil(before).min(AREAS.len() as u64) as usize;
    let indexes = open.drop_indexes().await;
    open.run("begin").await;
    open.make_copies(copies).await;
    for (table, changes) in TABLES {
        tell(&format!("copying `{table}` {copies} times"));
        let columns = open.columns(table).await;
        let values: Vec<String> = columns
            .iter()
            .map(|column| {
                let changed = changes.iter().find(|(name, _)| name == column).map(|(_, value)| (*value).to_owned());
                open.spelled(&changed.unwrap_or_else(|| format!("o.{column}")))
            })
            .collect();
        // The originals are told apart from the copies by being there before: a copy's id begins with its tag.
        let sql = format!(
            "insert into {table} ({}) select {} from copy cross join original_{table} o order by copy.tag on conflict do nothing",
            columns.join(", "),
            values.join(", ")
        );
        open.run(&format!("create temp table original_{table} as select * from {table}")).await;
        open.run(&sql).await;
        open.run(&format!("drop table original_{table}")).await;
    }
    open.run("commit").await;
    tell("making the indexes again");
    open.make_indexes(&indexes).await;
}

/// A connection that may do everything.
enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Open {
    async fn at(location: &Location) -> Self {
        match location {
            Location::DataDir(dir) => {
                let options = SqliteConnectOptions::new()
                    .filename(dir.join(FILE_NAME))
                    .foreign_keys(false)
                    .pragma("synchronous", "off")
                    .pragma("temp_store", "memory")
                    .pragma("cache_size", "-262144");
                Self::Sqlite(SqliteConnection::connect_with(&options).await.expect("the store opens"))
            }
            Location::Postgres { .. } => {
                let url = superuser_url(location).expect("a URL");
                Self::Postgres(PgConnection::connect(&url).await.expect("the store opens"))
            }
        }
    }

    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    async fn run(&mut self, sql: &str) {
        let ran = match self {
            Self::Sqlite(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ()),
            Self::Postgres(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ()),
        };
        ran.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    async fn number(&mut self, sql: &str) -> u64 {
        let number: i64 = match self {
            Self::Sqlite(connection) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await,
        }
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
        number.unsigned_abs()
    }

    async fn texts(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await,
        }
        .unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    async fn columns(&mut self, table: &str) -> Vec<String> {
        let sql = match self.dialect() {
            Dialect::Sqlite => format!("select name from pragma_table_info('{table}')"),
            Dialect::Postgres => {
                format!(
                    "select column_name::text from information_schema.columns where table_name = '{table}' \
                     and table_schema = 'public' order by ordinal_position"
                )
            }
        };
        self.texts(&sql).await
    }

    /// The copies, each with its area code and the first four bytes of its ids: those of the oldest customer less so
    /// many, so that copies are older than what is there, and the ids of one lie beside each other.
    async fn make_copies(&mut self, copies: usize) {
        let (first, kind) = match self.dialect() {
            Dialect::Sqlite => ("select substr(hex(min(id)), 1, 8) from customer", "blob"),
            Dialect::Postgres => ("select substr(id::text, 1, 8) from customer order by id limit 1", "text"),
        };
        let first = self.texts(first).await.pop().unwrap_or_default();
        let first = u32::from_str_radix(&first, 16).expect("an id in hexadecimal");
        self.run(&format!("create temp table copy (area text not null, tag {kind} not null)")).await;
        for (place, area) in AREAS.iter().take(copies).enumerate() {
            let tag = format!("{:08x}", first - 1 - place as u32);
            let tag = if kind == "blob" { format!("x'{tag}'") } else { format!("'{tag}'") };
            self.run(&format!("insert into copy (area, tag) values ('{area}', {tag})")).await;
        }
    }

    /// The value with the copy's own area code and ids in it.
    fn spelled(&self, value: &str) -> String {
        let value = value.replace("{area}", "copy.area");
        let Some((_, rest)) = value.split_once("{id:") else { return value };
        let column = rest.trim_end_matches('}');
        match self.dialect() {
            Dialect::Sqlite => format!("cast(copy.tag || substr(o.{column}, 5) as blob)"),
            Dialect::Postgres => format!("(copy.tag || substr(o.{column}::text, 9))::uuid"),
        }
    }

    /// Takes the indexes of what is copied away: made again at the end they cost a fraction. How they are made.
    async fn drop_indexes(&mut self) -> Vec<String> {
        let tables: Vec<String> = TABLES.iter().map(|(table, _)| format!("'{table}'")).collect();
        let (names, makes) = match self.dialect() {
            Dialect::Sqlite => {
                let from = format!(
                    "from sqlite_master where type = 'index' and sql is not null and tbl_name in ({})",
                    tables.join(", ")
                );
                // They go with their index.
                self.run("create temp table kept_stat as select * from sqlite_stat1").await;
                (format!("select name {from} order by name"), format!("select sql {from} order by name"))
            }
            Dialect::Postgres => {
                let from = format!(
                    "from pg_indexes where indexname not like '%_pkey' and tablename in ({})",
                    tables.join(", ")
                );
                (
                    format!("select indexname::text {from} order by indexname"),
                    format!("select indexdef {from} order by indexname"),
                )
            }
        };
        let (names, makes) = (self.texts(&names).await, self.texts(&makes).await);
        for name in names {
            self.run(&format!("drop index {name}")).await;
        }
        makes
    }

    async fn make_indexes(&mut self, makes: &[String]) {
        for make in makes {
            self.run(make).await;
        }
        match self.dialect() {
            Dialect::Sqlite => {
                self.run("delete from sqlite_stat1; insert into sqlite_stat1 select * from kept_stat").await;
                self.run("pragma wal_checkpoint(truncate)").await;
            }
            Dialect::Postgres => {
                // As a house of that age is: otherwise PostgreSQL goes through all rows while somebody measures.
                self.run("vacuum analyze").await;
                self.run("checkpoint").await;
            }
        }
    }
}
