//! Messages and calls by their row keys: the same questions of either table.

use std::collections::HashMap;

use doorstep_core::id::ImportId;
use doorstep_core::import::RowKey;
use uuid::Uuid;

use crate::args;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::Value;

/// Which of these keys `table` holds already, and which import brought each.
#[crate::boxed]
pub(crate) async fn known(
    tx: &mut Tx,
    table: &'static str,
    keys: &[RowKey],
) -> Result<HashMap<RowKey, Option<ImportId>>> {
    let keys: Vec<Value> = keys.iter().map(|key| Value::from(key.to_vec())).collect();
    let sql = format!(
        "with wanted (key) as (values {{set}}) \
         select m.row_key, m.import_id from wanted cross join {table} m \
         where m.tenant_id = $1 and m.row_key = wanted.key"
    );
    let rows: Vec<(Vec<u8>, Option<Uuid>)> = tx.fetch_in(&sql, 1, &keys).await?;
    let read = |(key, import): (Vec<u8>, Option<Uuid>)| Some((key.try_into().ok()?, import.map(ImportId::from_uuid)));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Whether the tenant has any row in `table` at all.
#[crate::boxed]
pub(crate) async fn any(tx: &mut Tx, table: &'static str) -> Result<bool> {
    let sql = format!("select cast(1 as bigint) from {table} where tenant_id = $1 limit 1");
    let row: Option<(i64,)> = tx.fetch_optional(&sql, args![]).await?;
    Ok(row.is_some())
}
