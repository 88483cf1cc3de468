//! Taking out what a connection said, with all that hangs on it. The rows of its records stay as markers without what they
//! said and without the connection, for ids that were handed out and for numbers that must not be texted: those stay
//! whatever becomes of who said so (I-18).

use doorstep_core::id::{ConnectionId, RecordId};
use uuid::Uuid;

use crate::args;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::Value;
use crate::{equipment, job, membership, property, record};

/// Tables with rows of a record of a live source that go with it, beside those that its customer shows.
const GOING: [&str; 3] = ["record_reference", "record_version", "customer_refresh"];

/// How many records of a connection there are, those included that its source has no more.
#[crate::boxed]
pub async fn count(tx: &mut Tx, connection: ConnectionId) -> Result<u64> {
    let sql = "select count(*) from record where tenant_id = $1 and connection_id = $2";
    let (count,): (i64,) = tx.fetch_one(sql, args![connection]).await?;
    Ok(count.unsigned_abs())
}

/// Records of a connection, those included that its source has no more; at most `limit`, in order of their streams and
/// keys.
#[crate::boxed]
pub async fn page(tx: &mut Tx, connection: ConnectionId, limit: i64) -> Result<Vec<RecordId>> {
    let sql = "select id from record where tenant_id = $1 and connection_id = $2 order by stream, key limit $3";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![connection, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| RecordId::from_uuid(id)).collect())
}

/// Takes records out for good, with what they said before and what follows from them.
#[crate::boxed]
pub async fn take_out(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    record::detach(tx, ids).await?;
    property::remove(tx, ids).await?;
    equipment::remove(tx, ids).await?;
    job::remove(tx, ids).await?;
    membership::remove(tx, ids).await?;
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    for table in GOING {
        let sql = format!("delete from {table} where tenant_id = $1 and record_id in (values {{set}})");
        tx.execute_in(&sql, 1, &keys).await?;
    }
    let now = tx.now();
    let rows: Vec<Value> = ids.iter().flat_map(|id| args![*id, now, vec![0_u8; 32]]).collect();
    let sql = "with going (id, removed_at, hash) as (values {set}) \
               update record set key = '', payload = '{}', contact = '{}', hash = going.hash, \
               removed_at = going.removed_at, connection_id = null, parent_key = null, modified_at = null, \
               said_at = null, gone = null, merged_into = null, stale_at = null \
               from going where record.tenant_id = $1 and record.id = going.id";
    tx.execute_in(sql, 3, &rows).await?;
    Ok(())
}

/// Forgets how far the streams of a connection were read.
#[crate::boxed]
pub async fn forget_streams(tx: &mut Tx, connection: ConnectionId) -> Result<()> {
    for table in ["sweep_key", "stream_cursor"] {
        let sql = format!("delete from {table} where tenant_id = $1 and connection_id = $2");
        tx.execute(&sql, args![connection]).await?;
    }
    Ok(())
}
