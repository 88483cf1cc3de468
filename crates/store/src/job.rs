//! Jobs: work at properties, worked out from records of live sources. What a customer is worth is a question to these
//! rows, never a figure that is counted up (D6, D7: elsewhere it was the sum of the last hundred, or grew with each replay).

use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::job::{Job, JobStatus, Which};
use doorstep_core::money::Money;
use doorstep_core::position::Way;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::context;
use crate::dialect::time_literal;
use crate::error::Result;
use crate::message::LATEST;
use crate::past;
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
#[crate::boxed]
pub async fn put(tx: &mut Tx, jobs: &[Stored]) -> Result<()> {
    let records: Vec<RecordId> = jobs.iter().map(|it| it.record).collect();
    let known = of_records(tx, &records).await?;
    tx.touched.records.extend(known.iter().chain(jobs).map(|it| it.customer_record.uuid()));
    let written = past::keep_changed(tx, "job", &known, jobs, |it| it.record).await?;
    let now = tx.now();
    let mut rows = Vec::with_capacity(written.len() * 10);
    for it in written {
        let job = &it.job;
        rows.extend(args![it.record, it.customer_record, it.property_record]);
        rows.extend(args![job.status.as_ref().map(|status| status.as_str().to_owned()), job.is_active]);
        rows.extend(args![job.total.map(Money::cents), job.booked_at, job.completed_at]);
        rows.extend([Value::json(job)?, now.into()]);
    }
    let head = "insert into job (tenant_id, record_id, customer_record_id, property_record_id, status, is_active, \
                total_cents, booked_at, completed_at, job, since_at)";
    let tail = "on conflict (tenant_id, record_id) do update set customer_record_id = excluded.customer_record_id, \
                property_record_id = excluded.property_record_id, status = excluded.status, \
                is_active = excluded.is_active, total_cents = excluded.total_cents, booked_at = excluded.booked_at, \
                completed_at = excluded.completed_at, job = excluded.job, \
                since_at = case when excluded.since_at < job.since_at then job.since_at else excluded.since_at end";
    tx.insert_many(head, tail, 10, rows).await?;
    Ok(())
}

/// Takes the jobs of these records out.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    context::touch_hanging(tx, "job", records).await?;
    past::keep_hanging(tx, "job", records).await?;
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
#[crate::boxed]
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

type Row = (Uuid, Uuid, Option<Uuid>, Json<Job>);

fn read((record, customer, property, job): Row) -> Stored {
    Stored {
        record: RecordId::from_uuid(record),
        customer_record: RecordId::from_uuid(customer),
        property_record: property.map(RecordId::from_uuid),
        job: job.0,
    }
}

/// When a job was done, or else booked: what jobs are put in order by.
pub fn at(job: &Job) -> Timestamp {
    job.completed_at.or(job.booked_at).unwrap_or(Timestamp::from_micros(0))
}

/// A customer's jobs of that choice and span (from the first instant on, before the second) beside `from`, at most
/// `limit`: older ones, newest first; or back to newer ones, and then oldest first. Of [`Which::Upcoming`] those that are
/// open: when somebody comes is for whoever reads their visits.
#[crate::boxed]
pub async fn page(
    tx: &mut Tx,
    customer: CustomerId,
    which: Which,
    span: (Option<Timestamp>, Option<Timestamp>),
    from: Option<(Way, (Timestamp, RecordId))>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { (">", "") } else { ("<", " desc") };
    let (beside, id) = from.map_or((LATEST, Uuid::max()), |(_, (at, id))| (at, id.uuid()));
    let first = Timestamp::from_micros(0);
    let at = format!("coalesce(j.completed_at, j.booked_at, {})", time_literal(tx.dialect(), first));
    let chosen = match which {
        Which::All => "",
        Which::Open | Which::Upcoming => {
            " and j.is_active = $8 and j.status in ('scheduled', 'dispatched', 'in_progress', 'hold')"
        }
        Which::Recent => " and j.is_active = $8 and j.status = 'completed'",
    };
    let sql = format!(
        "select j.record_id, j.customer_record_id, j.property_record_id, j.job from record r join job j \
         on j.tenant_id = r.tenant_id and j.customer_record_id = r.id \
         where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null and ({at}, j.record_id) {sign} ($3, $4) \
         and {at} >= $5 and {at} < $6{chosen} order by {at}{turn}, j.record_id{turn} limit $7"
    );
    let (since, until) = (span.0.unwrap_or(first), span.1.unwrap_or(LATEST));
    let mut args = args![customer, beside, id, since, until, limit];
    if which != Which::All {
        args.push(true.into());
    }
    let rows: Vec<Row> = tx.fetch_all(&sql, args).await?;
    Ok(rows.into_iter().map(read).collect())
}

const OF_CUSTOMER: &str = "select j.record_id, j.customer_record_id, j.property_record_id, j.job from record r join job j \
                           on j.tenant_id = r.tenant_id and j.customer_record_id = r.id \
                           where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null";
const NEWEST_FIRST: &str = "order by coalesce(j.completed_at, j.booked_at) desc nulls last, j.record_id desc limit $3";

/// A customer's jobs, those that were completed or booked last first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Stored>> {
    let rows: Vec<Row> = tx.fetch_all(&format!("{OF_CUSTOMER} {NEWEST_FIRST}"), args![customer, limit]).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// A customer's jobs that are still listed and neither completed nor canceled, those that were booked last first, at
/// most `limit`.
#[crate::boxed]
pub async fn open_of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Stored>> {
    let open = "and j.is_active = $4 and coalesce(j.status, '') not in ('completed', 'canceled')";
    let sql = format!("{OF_CUSTOMER} {open} {NEWEST_FIRST}");
    let rows: Vec<Row> = tx.fetch_all(&sql, args![customer, limit, true]).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// What a customer's completed jobs come to, over all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Jobs that are completed and still listed.
    pub completed: u64,
    /// What they cost together; those of which the source says no amount count for nothing.
    pub value: Money,
    /// How many of them say no amount.
    pub without_total: u64,
    /// When the first job that is still listed was booked or done, whatever became of it.
    pub first_at: Option<Timestamp>,
}

/// What a customer's completed jobs come to.
#[crate::boxed]
pub async fn totals(tx: &mut Tx, customer: CustomerId) -> Result<Totals> {
    let done = "case when j.status = 'completed' then 1 end";
    let sql = format!(
        "select count({done}), cast(coalesce(sum(case when j.status = 'completed' then j.total_cents end), 0) as bigint), \
         count(case when j.status = 'completed' and j.total_cents is null then 1 end), min(j.booked_at), min(j.completed_at) \
         from record r join job j on j.tenant_id = r.tenant_id and j.customer_record_id = r.id \
         where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null and j.is_active = $3"
    );
    let row: (i64, i64, i64, Option<At>, Option<At>) = tx.fetch_one(&sql, args![customer, true]).await?;
    let (completed, cents, without_total, booked_at, completed_at) = row;
    Ok(Totals {
        completed: completed.unsigned_abs(),
        value: Money::from_cents(cents),
        without_total: without_total.unsigned_abs(),
        first_at: [booked_at, completed_at].into_iter().flatten().map(|at| at.0).min(),
    })
}

/// The jobs that hung on these records at an instant, in no order.
#[crate::boxed]
pub async fn then(tx: &mut Tx, records: &[RecordId], at: Timestamp) -> Result<Vec<Stored>> {
    let rows = past::hanging(tx, "job", records, at).await?.into_iter();
    let read = |it: past::Hung<Job>| Stored {
        record: it.record,
        customer_record: it.customer_record,
        property_record: it.property_record,
        job: it.said,
    };
    Ok(rows.map(read).collect())
}
