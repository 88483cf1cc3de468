//! Jobs: work at properties, worked out from records of live sources. What a customer is worth is a question to these
//! rows, never a figure that is counted up (D6, D7: elsewhere it was the sum of the last hundred, or grew with each replay).

use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::job::{Job, JobStatus};
use doorstep_core::money::Money;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::{At, Value};

/// A job with what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The record that says it.
    pub record: RecordId,
    /// The customer's record that it hangs on.
    pub customer_record: RecordId,
    /// The property's record, where it is known.
    pub property_record: Option<RecordId>,
    /// What it says.
    pub job: Job,
}

/// Stores jobs, in place of what their records said before.
pub async fn put(tx: &mut Tx, jobs: &[Stored]) -> Result<()> {
    let mut rows = Vec::with_capacity(jobs.len() * 9);
    for it in jobs {
        let job = &it.job;
        rows.extend(args![it.record, it.customer_record, it.property_record]);
        rows.extend(args![job.status.as_ref().map(|status| status.as_str().to_owned()), job.is_active]);
        rows.extend(args![job.total.map(Money::cents), job.booked_at, job.completed_at]);
        rows.push(Value::json(job)?);
    }
    let head = "insert into job (tenant_id, record_id, customer_record_id, property_record_id, status, is_active, \
                total_cents, booked_at, completed_at, job)";
    let tail = "on conflict (tenant_id, record_id) do update set customer_record_id = excluded.customer_record_id, \
                property_record_id = excluded.property_record_id, status = excluded.status, \
                is_active = excluded.is_active, total_cents = excluded.total_cents, booked_at = excluded.booked_at, \
                completed_at = excluded.completed_at, job = excluded.job";
    tx.insert_many(head, tail, 9, rows).await?;
    Ok(())
}

/// Takes the jobs of these records out.
pub async fn remove(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from job where tenant_id = $1 and record_id in (values {set})", 1, &keys).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct WholeRow {
    record_id: Uuid,
    customer_record_id: Uuid,
    property_record_id: Option<Uuid>,
    status: Option<String>,
    is_active: bool,
    total_cents: Option<i64>,
    booked_at: Option<At>,
    completed_at: Option<At>,
    job: Json<Job>,
}

/// The jobs of these records, in no order; where a column says otherwise than the job beside it, the column counts.
pub async fn of_records(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "select record_id, customer_record_id, property_record_id, status, is_active, total_cents, booked_at, \
               completed_at, job from job where tenant_id = $1 and record_id in (values {set})";
    let rows: Vec<WholeRow> = tx.fetch_in(sql, 1, &keys).await?;
    let read = |row: WholeRow| Stored {
        record: RecordId::from_uuid(row.record_id),
        customer_record: RecordId::from_uuid(row.customer_record_id),
        property_record: row.property_record_id.map(RecordId::from_uuid),
        job: Job {
            status: row.status.as_deref().map(JobStatus::from_word),
            is_active: row.is_active,
            total: row.total_cents.map(Money::from_cents),
            booked_at: row.booked_at.map(|at| at.0),
            completed_at: row.completed_at.map(|at| at.0),
            ..row.job.0
        },
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A customer's jobs, those that were completed or booked last first, at most `limit`.
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Stored>> {
    let sql = "select j.record_id, j.customer_record_id, j.property_record_id, j.job from record r join job j \
               on j.tenant_id = r.tenant_id and j.customer_record_id = r.id \
               where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null \
               order by coalesce(j.completed_at, j.booked_at) desc nulls last, j.record_id desc limit $3";
    let rows: Vec<(Uuid, Uuid, Option<Uuid>, Json<Job>)> = tx.fetch_all(sql, args![customer, limit]).await?;
    let read = |(record, customer, property, job): (Uuid, Uuid, Option<Uuid>, Json<Job>)| Stored {
        record: RecordId::from_uuid(record),
        customer_record: RecordId::from_uuid(customer),
        property_record: property.map(RecordId::from_uuid),
        job: job.0,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// What a customer's completed jobs come to, over all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Jobs that are completed and still listed.
    pub completed: u64,
    /// What they cost together; those of which the source says no amount count for nothing.
    pub value: Money,
}

/// What a customer's completed jobs come to.
pub async fn totals(tx: &mut Tx, customer: CustomerId) -> Result<Totals> {
    let sql = "select count(*), cast(coalesce(sum(j.total_cents), 0) as bigint) from record r join job j \
               on j.tenant_id = r.tenant_id and j.customer_record_id = r.id \
               where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null \
               and j.status = 'completed' and j.is_active = $3";
    let (completed, cents): (i64, i64) = tx.fetch_one(sql, args![customer, true]).await?;
    Ok(Totals { completed: completed.unsigned_abs(), value: Money::from_cents(cents) })
}
