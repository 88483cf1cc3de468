//! Copying all rows from one database to the other, of either kind: tenant by tenant, table by table in the
//! order of references, in pages by primary key, so that no table is ever in memory.

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, Type as SqlType};
use uuid::Uuid;

use crate::args;
use crate::db::set_tenant;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::schema::{TABLES, Table, Type};
use crate::sql::{Connection, Native, bad_bind};
use crate::system;
use crate::value::{self, At, Value};

/// Rows of one page: as many as one insert takes at most.
const PAGE_ROWS: usize = 500;

/// The primary key of each table, without the leading `tenant_id`.
pub(super) struct Keys(HashMap<String, Vec<usize>>);

impl Keys {
    /// Asks a SQLite database of our schema: one of the two sides always is one.
    #[crate::boxed]
    pub(super) async fn of(native: &mut Native) -> Result<Self> {
        let mut keys = HashMap::new();
        for table in TABLES {
            let sql = format!("select name from pragma_table_info('{}') where pk > 1 order by pk", table.name);
            let names: Vec<(String,)> = native.fetch_all(&sql, args![]).await?;
            let place = |(name,): (String,)| table.columns.iter().position(|(column, _)| *column == name);
            keys.insert(table.name.to_owned(), names.into_iter().filter_map(place).collect());
        }
        Ok(Self(keys))
    }
}

/// Copies every tenant's rows but those of the tables `besides`; how many of each table.
#[crate::boxed]
pub(super) async fn all(
    source: &mut Native,
    target: &mut Native,
    keys: &Keys,
    besides: &[&str],
) -> Result<Vec<(&'static str, u64)>> {
    let mut rows = super::zero_rows();
    for tenant in system::tenant_ids(source).await? {
        set_tenant(source, tenant).await?;
        set_tenant(target, tenant).await?;
        for (table, (_, count)) in TABLES.iter().zip(&mut rows) {
            if besides.contains(&table.name) {
                continue;
            }
            let key = keys.0.get(table.name).map(Vec::as_slice).unwrap_or_default();
            *count += copy_table(source, target, table, key, &Value::from(tenant.number())).await?;
        }
    }
    Ok(rows)
}

async fn copy_table(
    source: &mut Native,
    target: &mut Native,
    table: &Table,
    key: &[usize],
    tenant: &Value,
) -> Result<u64> {
    let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let head = format!("insert into {} ({})", table.name, columns.join(", "));
    let width = columns.len() - 1;
    let (mut args, mut copied) = (vec![tenant.clone()], 0);
    loop {
        let page = fetch_page(source, &page_sql(table, key, args.len() > 1), args, table).await?;
        let count = page.len();
        args = vec![tenant.clone()];
        if let Some(last) = page.last() {
            args.extend(key.iter().map(|place| last[*place].clone()));
        }
        // The tenant leads every row; insert_many puts it there.
        let mut values = page.into_iter().flat_map(|row| row.into_iter().skip(1));
        copied += if width == 0 { 0 } else { target.insert_many(&head, "", width, tenant, &mut values).await? };
        if count < PAGE_ROWS || key.is_empty() {
            return Ok(copied);
        }
    }
}

/// One page of a table in the order of its primary key, from the start or after the last key.
fn page_sql(table: &Table, key: &[usize], after: bool) -> String {
    // JSON travels as text: the same on both databases, and never parsed here.
    let column = |(name, kind): &(&str, Type)| match kind {
        Type::Json => format!("cast({name} as text) as {name}"),
        _ => (*name).to_owned(),
    };
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    let mut sql = format!("select {} from {} where tenant_id = $1", columns.join(", "), table.name);
    if !key.is_empty() {
        let names = key.iter().map(|place| table.columns[*place].0).collect::<Vec<_>>().join(", ");
        if after {
            let binds = (0..key.len()).map(|place| format!("${}", place + 2)).collect::<Vec<_>>().join(", ");
            sql.push_str(&format!(" and ({names}) > ({binds})"));
        }
        sql.push_str(&format!(" order by {names}"));
    }
    sql.push_str(&format!(" limit {PAGE_ROWS}"));
    sql
}

async fn fetch_page(native: &mut Native, sql: &str, args: Vec<Value>, table: &Table) -> Result<Vec<Vec<Value>>> {
    match native.connection() {
        Connection::Sqlite(connection) => {
            let args = value::sqlite(args).map_err(bad_bind)?;
            let rows: Vec<SqliteRow> = sqlx::query_with(AssertSqlSafe(sql), args).fetch_all(connection).await?;
            rows.iter().map(|row| cells(row, table)).collect()
        }
        Connection::Postgres(connection) => {
            let args = value::postgres(args).map_err(bad_bind)?;
            let rows: Vec<PgRow> = sqlx::query_with(AssertSqlSafe(sql), args).fetch_all(connection).await?;
            rows.iter().map(|row| cells(row, table)).collect()
        }
    }
}

/// The values of a row, by the types that [`TABLES`] gives its columns.
fn cells<'r, R>(row: &'r R, table: &Table) -> Result<Vec<Value>>
where
    R: Row,
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + SqlType<R::Database>,
    bool: Decode<'r, R::Database> + SqlType<R::Database>,
    String: Decode<'r, R::Database> + SqlType<R::Database>,
    Uuid: Decode<'r, R::Database> + SqlType<R::Database>,
    At: Decode<'r, R::Database> + SqlType<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + SqlType<R::Database>,
{
    let cell = |(place, (_, kind)): (usize, &(&str, Type))| -> Result<Value, sqlx::Error> {
        Ok(match kind {
            Type::Int => Value::Int(row.try_get(place)?),
            Type::Bool => Value::Bool(row.try_get(place)?),
            Type::Text => Value::Text(row.try_get(place)?),
            Type::Id => Value::Id(row.try_get(place)?),
            Type::Time => Value::Time(row.try_get::<Option<At>, _>(place)?.map(|at| at.0)),
            Type::Json => Value::Json(row.try_get(place)?),
            Type::Bytes => Value::Bytes(row.try_get(place)?),
        })
    };
    let values: Result<Vec<Value>, sqlx::Error> = table.columns.iter().enumerate().map(cell).collect();
    // sqlx names the column and the kind of failure, never the value.
    values.map_err(|error| Error::Unreadable { what: table.name, why: error.to_string() })
}

/// Takes every tenant's rows out, referencing before referenced.
#[crate::boxed]
pub(super) async fn clear(target: &mut Native) -> Result<()> {
    debug_assert_eq!(target.dialect(), Dialect::Postgres, "SQLite's file is replaced as a whole");
    for tenant in system::tenant_ids(target).await? {
        set_tenant(target, tenant).await?;
        for table in TABLES.iter().rev() {
            target.execute(&format!("delete from {} where tenant_id = $1", table.name), args![tenant.number()]).await?;
        }
    }
    Ok(())
}
