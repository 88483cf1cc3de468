//! The database as its administrator sees it: all tenants' rows, no walls, and any statement.

use std::collections::BTreeMap;

use doorstep_store::dialect::Dialect;
use doorstep_store::schema::{TABLES, Table, Type};
use doorstep_store::testing::{TestStore, superuser_url};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// One row in a form that does not depend on the database: a text for each column.
pub type Cells = Vec<Option<String>>;

impl Raw {
    pub async fn of(store: &TestStore) -> Self {
        match superuser_url(&store.location) {
            Some(url) => Self::Postgres(PgConnection::connect(&url).await.unwrap()),
            None => {
                let options = SqliteConnectOptions::new().filename(store.db.file().unwrap());
                Self::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
            }
        }
    }

    pub async fn run(&mut self, sql: &str) {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ()),
            Self::Postgres(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ()),
        }
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Rows of texts.
    pub async fn texts(&mut self, sql: &str) -> Vec<Vec<String>> {
        let rows = self.cells(sql).await;
        rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
    }

    /// Rows of nullable texts: the statement casts what is no text.
    pub async fn cells(&mut self, sql: &str) -> Vec<Cells> {
        use sqlx::Row;
        let failed = |error: sqlx::Error| -> Vec<Cells> { panic!("{error}: {sql}") };
        match self {
            Self::Sqlite(connection) => sqlx::query(AssertSqlSafe(sql))
                .fetch_all(connection)
                .await
                .map(|rows| rows.iter().map(|row| (0..row.len()).map(|place| row.get(place)).collect()).collect())
                .unwrap_or_else(failed),
            Self::Postgres(connection) => sqlx::query(AssertSqlSafe(sql))
                .fetch_all(connection)
                .await
                .map(|rows| rows.iter().map(|row| (0..row.len()).map(|place| row.get(place)).collect()).collect())
                .unwrap_or_else(failed),
        }
    }

    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// All rows of a table, sorted, in the form that both databases share; of one tenant or of all.
    pub async fn rows(&mut self, table: &Table, tenant: Option<i64>) -> Vec<Cells> {
        let dialect = self.dialect();
        let columns: Vec<String> = table.columns.iter().map(|(name, kind)| canonical(dialect, name, *kind)).collect();
        let mut sql = format!("select {} from {}", columns.join(", "), table.name);
        if let Some(tenant) = tenant {
            sql.push_str(&format!(" where tenant_id = {tenant}"));
        }
        let mut rows = self.cells(&sql).await;
        for row in &mut rows {
            for (cell, (_, kind)) in row.iter_mut().zip(table.columns) {
                if let (Type::Json, Some(text)) = (kind, cell) {
                    *text = serde_json::from_str::<serde_json::Value>(text).unwrap().to_string();
                }
            }
        }
        rows.sort();
        rows
    }

    /// Every row of every table.
    pub async fn dump(&mut self, tenant: Option<i64>) -> BTreeMap<&'static str, Vec<Cells>> {
        let mut dump = BTreeMap::new();
        for table in TABLES {
            dump.insert(table.name, self.rows(table, tenant).await);
        }
        dump
    }
}

fn canonical(dialect: Dialect, name: &str, kind: Type) -> String {
    match (dialect, kind) {
        (_, Type::Text) => format!("cast({name} as text)"),
        (_, Type::Int | Type::Json) => format!("cast({name} as text)"),
        (_, Type::Bool) => format!("case when {name} then 'yes' when not {name} then 'no' end"),
        (Dialect::Sqlite, Type::Id | Type::Bytes) => {
            format!("case when {name} is not null then lower(hex({name})) end")
        }
        (Dialect::Sqlite, Type::Time) => format!("cast({name} as text)"),
        (Dialect::Postgres, Type::Id) => format!("replace({name}::text, '-', '')"),
        (Dialect::Postgres, Type::Bytes) => format!("encode({name}, 'hex')"),
        (Dialect::Postgres, Type::Time) => format!("(extract(epoch from {name}) * 1000000)::bigint::text"),
    }
}
