//! When customers of live sources were read by themselves, beside the runs.
//!
//! A row hangs on the customer's record in a connection and not on the customer, so that merging and unmerging touch none.

use std::collections::{BTreeMap, HashMap};

use doorstep_core::Timestamp;
use doorstep_core::id::{ConnectionId, CustomerId, RecordId};
use doorstep_core::record::Source;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// A customer's record at a live source, and when it was read by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The customer's record.
    pub record: RecordId,
    /// The connection that it came by.
    pub connection: ConnectionId,
    /// Its stream.
    pub stream: String,
    /// The source's key of it.
    pub key: String,
    /// How its readings went; `None` if it was never read by itself.
    pub readings: Option<Readings>,
}

doorstep_core::masked_debug!(Refresh: record, connection, stream, readings);

/// How the readings of one record went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// When the newest one began.
    pub began_at: Timestamp,
    /// When the newest one began that came to its end: what is known is at least as new.
    pub read_at: Option<Timestamp>,
    /// When one failed; `None` if none did since one came to its end.
    pub failed_at: Option<Timestamp>,
    /// How many failed since.
    pub failures: i64,
    /// Why, for people; nothing personal and no secret.
    pub reason: Option<String>,
}

/// A customer's records at live sources, oldest first, at most `limit`; those that were taken out are left out.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Refresh>> {
    let sql = "select id, connection_id, stream, key from record where tenant_id = $1 and customer_id = $2 \
               and connection_id is not null and removed_at is null order by id limit $3";
    let rows: Vec<(Uuid, Uuid, String, String)> = tx.fetch_all(sql, args![customer, limit]).await?;
    let ids: Vec<RecordId> = rows.iter().map(|(id, ..)| RecordId::from_uuid(*id)).collect();
    let mut readings = of_records(tx, &ids).await?;
    let read = |(id, connection, stream, key): (Uuid, Uuid, String, String)| {
        let record = RecordId::from_uuid(id);
        let readings = readings.remove(&record);
        Refresh { record, connection: ConnectionId::from_uuid(connection), stream, key, readings }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Up to when each live source is known as to one customer, where it was read by itself: the least of the customer's records
/// there. A source of which not every record of the customer was read by itself is left out.
#[crate::boxed]
pub async fn read_at(tx: &mut Tx, customer: CustomerId) -> Result<BTreeMap<Source, Timestamp>> {
    let sql = "select r.source, f.read_at from record r left join customer_refresh f \
               on f.tenant_id = r.tenant_id and f.record_id = r.id \
               where r.tenant_id = $1 and r.customer_id = $2 and r.connection_id is not null and r.removed_at is null";
    let rows: Vec<(String, Option<At>)> = tx.fetch_all(sql, args![customer]).await?;
    let mut least: BTreeMap<Source, Option<Timestamp>> = BTreeMap::new();
    for (source, at) in rows {
        let (source, at) = (word::<Source>("record.source", &source)?, at.map(|at| at.0));
        // `None` is less than any instant.
        least.entry(source).and_modify(|least| *least = at.min(*least)).or_insert(at);
    }
    Ok(least.into_iter().filter_map(|(source, at)| Some((source, at?))).collect())
}

type ReadingsRow = (Uuid, At, Option<At>, Option<At>, i64, Option<String>);

/// How the readings of these records went; those that were never read by themselves are left out.
#[crate::boxed]
pub async fn of_records(tx: &mut Tx, ids: &[RecordId]) -> Result<HashMap<RecordId, Readings>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select record_id, began_at, read_at, failed_at, failures, reason from customer_refresh \
               where tenant_id = $1 and record_id in (values {set})";
    let rows: Vec<ReadingsRow> = tx.fetch_in(sql, 1, &keys).await?;
    let read = |(id, began_at, read_at, failed_at, failures, reason): ReadingsRow| {
        let (read_at, failed_at) = (read_at.map(|at| at.0), failed_at.map(|at| at.0));
        (RecordId::from_uuid(id), Readings { began_at: began_at.0, read_at, failed_at, failures, reason })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Notes that a reading of these records begins now.
#[crate::boxed]
pub async fn begin(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    let now = tx.now();
    let rows: Vec<Value> = ids.iter().flat_map(|id| args![*id, now, 0_i64]).collect();
    let head = "insert into customer_refresh (tenant_id, record_id, began_at, failures)";
    let tail = "on conflict (tenant_id, record_id) do update set began_at = excluded.began_at";
    tx.insert_many(head, tail, 3, rows).await?;
    Ok(())
}

/// Notes that a reading of these records, which began at `began_at`, came to its end. Whoever waits for it is woken, though the
/// feed says nothing if nothing had changed.
#[crate::boxed]
pub async fn succeed(tx: &mut Tx, ids: &[RecordId], began_at: Timestamp) -> Result<()> {
    let rows: Vec<Value> = ids.iter().flat_map(|id| args![*id, began_at, began_at, 0_i64]).collect();
    let head = "insert into customer_refresh (tenant_id, record_id, began_at, read_at, failures)";
    let tail = "on conflict (tenant_id, record_id) do update set read_at = excluded.read_at, failed_at = null, \
                failures = excluded.failures, reason = null";
    tx.insert_many(head, tail, 4, rows).await?;
    tx.rouse();
    Ok(())
}

/// Notes that a reading of these records failed. Whoever waits for it is woken.
#[crate::boxed]
pub async fn fail(tx: &mut Tx, ids: &[RecordId], reason: &str) -> Result<()> {
    let now = tx.now();
    let rows: Vec<Value> = ids.iter().flat_map(|id| args![*id, now, now, 1_i64, reason]).collect();
    let head = "insert into customer_refresh (tenant_id, record_id, began_at, failed_at, failures, reason)";
    let tail = "on conflict (tenant_id, record_id) do update set failed_at = excluded.failed_at, \
                failures = customer_refresh.failures + 1, reason = excluded.reason";
    tx.insert_many(head, tail, 5, rows).await?;
    tx.rouse();
    Ok(())
}
