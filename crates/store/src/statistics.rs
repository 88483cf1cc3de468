//! What SQLite's planner is told about our tables.
//!
//! Without statistics it takes every key for equally good and the primary key for the cheapest, and so reads all
//! of a tenant's rows through `tenant_id` where an index would name the one row. Statistics gathered from the
//! tables themselves would come too late: the first import starts from empty ones. So each index gets the numbers
//! of a large house once, when its table is made, and plans do not change with the day. PostgreSQL gathers its own.

use crate::args;
use crate::error::Result;
use crate::schema::TABLES;
use crate::sql::Native;

/// Rows of a large table: a million messages.
const ROWS: u64 = 1_000_000;
/// Rows of one tenant: the file of most houses has one or two.
const ROWS_OF_TENANT: u64 = 500_000;
/// Columns of a closed set of words: they leave most rows standing.
const FEW_WORDS: &[&str] = &["kind", "source", "stream", "state", "subject", "verb", "channel", "direction", "verdict"];
/// The share of a tenant's rows that one of its few live sources has: far more than share an object.
const CONNECTIONS: u64 = 10;
/// Rows that share an id, a key or an instant.
const ROWS_SHARING: u64 = 10;

/// Tells SQLite, within the transaction that made the tables.
#[crate::boxed]
pub(crate) async fn write(native: &mut Native) -> Result<()> {
    // Makes the table of statistics, which has no other way into being. Of the smallest table: an upgrade must not
    // read a large store from end to end.
    native.run_script("analyze schema_migration; delete from sqlite_stat1").await?;
    // The primary key of a table without rowid goes by the table's name.
    let sql = "select case when i.origin = 'pk' and t.wr then $1 else i.name end, i.\"unique\", \
               (select group_concat(name, ' ') from (select c.name from pragma_index_info(i.name) c order by c.seqno)) \
               from pragma_index_list($1) i, pragma_table_list($1) t";
    for table in TABLES {
        let indexes: Vec<(String, bool, String)> = native.fetch_all(sql, args![table.name]).await?;
        for (index, is_unique, columns) in indexes {
            let numbers = numbers(is_unique, &columns.split(' ').collect::<Vec<_>>());
            let args = args![table.name, index, numbers];
            native.execute("insert into sqlite_stat1 (tbl, idx, stat) values ($1, $2, $3)", args).await?;
        }
    }
    // Takes them up at once on this connection; others read them with the new schema.
    native.run_script("analyze sqlite_schema").await
}

/// Rows in all, then rows left after each column more (sqlite.org/fileformat2.html, "The sqlite_stat1 table").
fn numbers(is_unique: bool, columns: &[&str]) -> String {
    let (mut text, mut left) = (ROWS.to_string(), ROWS);
    for (place, column) in columns.iter().enumerate() {
        left = match *column {
            _ if is_unique && place + 1 == columns.len() => 1,
            "tenant_id" => ROWS_OF_TENANT,
            "connection_id" => left / CONNECTIONS,
            column if FEW_WORDS.contains(&column) => left * 4 / 5,
            _ => (left / 2).clamp(1, ROWS_SHARING),
        };
        text.push_str(&format!(" {left}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_leaves_fewer_rows() {
        let check = |is_unique, columns: &[&str], expected| assert_eq!(numbers(is_unique, columns), expected);
        check(true, &["tenant_id"], "1000000 1");
        // Else all rows of a connection are read for the few that hang on one object of it.
        check(false, &["tenant_id", "connection_id", "stream", "parent_key"], "1000000 500000 50000 40000 10");
        check(true, &["tenant_id", "id"], "1000000 500000 1");
        check(false, &["tenant_id", "kind", "value", "customer_id"], "1000000 500000 400000 10 5");
        check(false, &["tenant_id", "customer_id", "id"], "1000000 500000 10 5");
    }
}
