//! What stood in rows before they were overwritten or taken away, since when and until when: from it a context is told as
//! it was ([docs/decisions/0064](../../../docs/decisions/0064-past-rows-are-kept.md)).
//!
//! Kept are the rows that a context is made from, not what sources said: so nothing is worked out again, and what was wrong
//! then is told as wrong as it was. Every row is kept in the transaction that overwrites it, by statements over sets; a
//! first load overwrites nothing and keeps nothing.
//!
//! An instant is that at which a transaction began. Of two that overlap the later may have begun earlier: then a row stands
//! until it began to stand, which is no time at all, and it is not kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use doorstep_core::Timestamp;
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::planted;
use doorstep_core::record::Source;
use serde::de::DeserializeOwned;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::dialect::time_literal;
use crate::error::Result;
use crate::tx::Tx;
use crate::value::{At, Value};
use crate::{context, customer};

/// How long it is kept how things stood: who asks what was known when something was promised asks within a year, and a month
/// for whoever is late.
pub const KEEP_SECONDS: i64 = 400 * 24 * 60 * 60;
/// The key of the task that forgets what is older.
pub const TASK: &str = "past";
/// Records of one customer that are read as of an instant at most: somebody with a few sources has a few, and ten thousand
/// are a mistake of matching that nobody needs to see whole.
const MAX_RECORDS: i64 = 10_000;

/// Rows of a kind of one customer that are read as of an instant at most. Where there are so many, there may be more.
pub const MAX_HANGING: usize = 50_000;

/// The kinds whose rows a record makes or has.
const OF_RECORDS: &str = "('record', 'property', 'equipment', 'job', 'membership')";

fn keys<K>(ids: &[doorstep_core::Id<K>]) -> Vec<Value> {
    ids.iter().map(|id| Value::from(*id)).collect()
}

/// Ids, each with the instant of this transaction.
fn kept<K>(tx: &Tx, ids: &[doorstep_core::Id<K>]) -> Vec<Value> {
    let now = tx.now();
    ids.iter().flat_map(|id| args![*id, now]).collect()
}

/// That a past row stood at an instant.
fn stood(tx: &Tx, at: Timestamp) -> String {
    let at = time_literal(tx.dialect(), at);
    format!("p.since_at <= {at} and p.until_at > {at}")
}

/// Keeps the rows of `table` that these records make: `property`, `equipment`, `job` or `membership`.
#[crate::boxed]
pub(crate) async fn keep_hanging(tx: &mut Tx, table: &'static str, records: &[RecordId]) -> Result<()> {
    let property = if table == "property" { "null" } else { "t.property_record_id" };
    let first = time_literal(tx.dialect(), Timestamp::from_micros(0));
    let sql = format!(
        "with kept (id, until_at) as (values {{set}}) \
         insert into past_row (tenant_id, kind, id, until_at, since_at, hangs_on_id, property_record_id, said) \
         select t.tenant_id, '{table}', t.record_id, kept.until_at, coalesce(t.since_at, {first}), \
         t.customer_record_id, {property}, t.{table} from kept cross join {table} t \
         where t.tenant_id = $1 and t.record_id = kept.id and (t.since_at is null or t.since_at < kept.until_at) \
         on conflict do nothing"
    );
    let keys = kept(tx, records);
    tx.keeps_past |= tx.execute_in(&sql, 2, &keys).await? > 0;
    Ok(())
}

/// Keeps those of the `known` rows of `table` in whose place `new` ones come; those of the new ones that are to be written. One
/// that is said again as it stands is not, so that it stands since it was said first.
pub(crate) async fn keep_changed<'a, T: PartialEq>(
    tx: &mut Tx,
    table: &'static str,
    known: &[T],
    new: &'a [T],
    record: fn(&T) -> RecordId,
) -> Result<Vec<&'a T>> {
    let known: HashMap<RecordId, &T> = known.iter().map(|it| (record(it), it)).collect();
    let written: Vec<&T> = new.iter().filter(|it| known.get(&record(it)) != Some(it)).collect();
    let changed: Vec<RecordId> = written.iter().map(|it| record(it)).filter(|id| known.contains_key(id)).collect();
    keep_hanging(tx, table, &changed).await?;
    Ok(written)
}

/// Keeps whose these records are, before they become another's or go. One that was nobody's is kept as that, but not for
/// the time between its being stored and its becoming somebody's in one transaction.
#[crate::boxed]
pub(crate) async fn keep_owners(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    keep_owners_if(tx, records, "").await
}

/// Keeps of those of these records that were taken out that they were nobody's, before they come back.
#[crate::boxed]
pub(crate) async fn keep_absence(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    keep_owners_if(tx, records, " and r.removed_at is not null").await
}

async fn keep_owners_if(tx: &mut Tx, records: &[RecordId], which: &'static str) -> Result<()> {
    let sql = format!(
        "with kept (id, until_at) as (values {{set}}) \
         insert into past_row (tenant_id, kind, id, until_at, since_at, hangs_on_id, said) \
         select s.tenant_id, 'record', s.id, s.until_at, s.since_at, s.customer_id, '{{}}' from (\
           select r.tenant_id, r.id, kept.until_at, \
             coalesce((select max(p.until_at) from past_row p where p.tenant_id = r.tenant_id \
               and p.kind = 'record' and p.id = r.id), r.created_at) as since_at, \
             case when r.removed_at is null then r.customer_id end as customer_id \
           from kept cross join record r where r.tenant_id = $1 and r.id = kept.id{which}) s \
         where s.since_at < s.until_at on conflict do nothing"
    );
    let keys = kept(tx, records);
    tx.keeps_past |= tx.execute_in(&sql, 2, &keys).await? > 0;
    Ok(())
}

/// Keeps what customers say who are still there, before they say something else or go.
#[crate::boxed]
pub(crate) async fn keep_customers(tx: &mut Tx, customers: &[&Customer]) -> Result<()> {
    let now = tx.now();
    let mut rows = Vec::with_capacity(customers.len() * 3);
    for customer in customers {
        rows.extend([customer.id.into(), now.into(), Value::json(customer)?]);
    }
    let sql = "with kept (id, until_at, said) as (values {set}) \
               insert into past_row (tenant_id, kind, id, until_at, since_at, said) \
               select c.tenant_id, 'customer', c.id, kept.until_at, c.updated_at, kept.said from kept cross join customer c \
               where c.tenant_id = $1 and c.id = kept.id and c.updated_at < kept.until_at on conflict do nothing";
    tx.keeps_past |= tx.execute_in(sql, 3, &rows).await? > 0;
    Ok(())
}

/// Keeps who had identifiers that go: customer, kind and value, one after the other.
#[crate::boxed]
pub(crate) async fn keep_identities(tx: &mut Tx, gone: &[Value]) -> Result<()> {
    let now = tx.now();
    let rows = gone.chunks_exact(3).flat_map(|it| [it[0].clone(), it[1].clone(), it[2].clone(), now.into()]);
    let rows: Vec<Value> = rows.collect();
    let head = "insert into past_identity (tenant_id, customer_id, kind, value, until_at)";
    tx.keeps_past |= tx.insert_many(head, "on conflict do nothing", 4, rows).await? > 0;
    Ok(())
}

/// Keeps what customers had and said who go.
#[crate::boxed]
pub(crate) async fn keep_going(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let going = customer::get_many(tx, ids).await?;
    let going: Vec<&Customer> = going.iter().map(|put| &put.customer).collect();
    keep_customers(tx, &going).await?;
    let gone = going.iter().flat_map(|customer| {
        let identities = customer.identities.iter().map(|identity| &identity.identifier);
        identities.flat_map(|it| args![customer.id, it.kind.as_str(), it.value.as_str()])
    });
    let gone: Vec<Value> = gone.collect();
    keep_identities(tx, &gone).await
}

/// Keeps on which records the remarks hang that hang on these.
#[crate::boxed]
pub(crate) async fn keep_remarks(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    let sql = "with kept (id, until_at) as (values {set}) \
               insert into past_row (tenant_id, kind, id, until_at, since_at, hangs_on_id, said) \
               select s.tenant_id, 'remark', s.id, s.until_at, s.since_at, s.record_id, '{}' from (\
                 select m.tenant_id, m.id, kept.until_at, m.record_id, \
                   coalesce((select max(p.until_at) from past_row p where p.tenant_id = m.tenant_id \
                     and p.kind = 'remark' and p.id = m.id), m.said_at) as since_at \
                 from kept cross join remark m where m.tenant_id = $1 and m.record_id = kept.id) s \
               where s.since_at < s.until_at on conflict do nothing";
    let keys = kept(tx, records);
    tx.keeps_past |= tx.execute_in(sql, 2, &keys).await? > 0;
    Ok(())
}

/// Keeps of the customers that reviews name that there was one.
#[crate::boxed]
pub(crate) async fn keep_reviews(tx: &mut Tx, ids: &[Value]) -> Result<()> {
    let now = time_literal(tx.dialect(), tx.now());
    for customer in ["a_customer_id", "b_customer_id"] {
        let sql = format!(
            "insert into past_row (tenant_id, kind, id, until_at, since_at, said) \
             select tenant_id, 'review', {customer}, {now}, created_at, '{{}}' from review \
             where tenant_id = $1 and id in (values {{set}}) and created_at < {now} on conflict do nothing"
        );
        tx.keeps_past |= tx.execute_in(&sql, 1, ids).await? > 0;
    }
    Ok(())
}

/// Forgets how things stood with these records, which are taken out for good, and with whoever they ever belonged to, and
/// with these customers: what was told of them had in it what the records said.
#[crate::boxed]
pub async fn forget(tx: &mut Tx, records: &[RecordId], customers: &[CustomerId]) -> Result<()> {
    if planted!("what-stood-outlives-its-removal") {
        return Ok(());
    }
    let records = keys(records);
    let sql = "select distinct p.hangs_on_id from past_row p \
               where p.tenant_id = $1 and p.kind = 'record' and p.hangs_on_id is not null and p.id in (values {set})";
    let rows: Vec<(Uuid,)> = tx.fetch_in(sql, 1, &records).await?;
    let customers: BTreeSet<Uuid> =
        rows.into_iter().map(|(id,)| id).chain(customers.iter().map(|id| id.uuid())).collect();
    let customers: Vec<Value> = customers.into_iter().map(Value::from).collect();
    let of_records =
        format!("delete from past_row where tenant_id = $1 and kind in {OF_RECORDS} and id in (values {{set}})");
    tx.execute_in(&of_records, 1, &records).await?;
    let on_records = "delete from past_row where tenant_id = $1 \
                      and kind in ('property', 'equipment', 'job', 'membership', 'remark') and hangs_on_id in (values {set})";
    tx.execute_in(on_records, 1, &records).await?;
    let of_customers =
        "delete from past_row where tenant_id = $1 and kind in ('customer', 'review') and id in (values {set})";
    tx.execute_in(of_customers, 1, &customers).await?;
    let identities = "delete from past_identity where tenant_id = $1 and customer_id in (values {set})";
    tx.execute_in(identities, 1, &customers).await?;
    Ok(())
}

/// Forgets what stood until before `before`, at most `limit` rows of each kind; how many went.
#[crate::boxed]
pub async fn prune(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    let rows = "delete from past_row where tenant_id = $1 and (kind, id, until_at, since_at) in (\
                  select kind, id, until_at, since_at from past_row where tenant_id = $1 and until_at < $2 \
                  order by until_at limit $3)";
    let identities = "delete from past_identity where tenant_id = $1 and (kind, value, customer_id, until_at) in (\
                        select kind, value, customer_id, until_at from past_identity \
                        where tenant_id = $1 and until_at < $2 order by until_at limit $3)";
    let gone = tx.execute(rows, args![before, limit]).await?;
    Ok(gone.max(tx.execute(identities, args![before, limit]).await?))
}

/// Until when the oldest that is kept stood; `None` where nothing is.
#[crate::boxed]
pub async fn oldest(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let mut oldest = None;
    for table in ["past_row", "past_identity"] {
        let sql = format!("select until_at from {table} where tenant_id = $1 order by until_at limit 1");
        let row: Option<(At,)> = tx.fetch_optional(&sql, args![]).await?;
        oldest = oldest.into_iter().chain(row.map(|(at,)| at.0)).min();
    }
    Ok(oldest)
}

/// Sees to it that what a transaction keeps is forgotten one day, by the task that forgets all of it: one for a tenant, due
/// when the oldest is too old.
#[crate::boxed]
pub(crate) async fn wake_forgetting(tx: &mut Tx) -> Result<()> {
    let (now, due_at) = (tx.now(), tx.now().plus_seconds(KEEP_SECONDS));
    let sql = "insert into task (tenant_id, key, state, due_at, wakes, attempts, created_at) \
               values ($1, $2, 'waiting', $3, 1, 0, $4) on conflict do nothing";
    tx.execute(sql, args![TASK, due_at, now]).await?;
    Ok(())
}

/// From when on it is kept how things stood, but for what is too old.
#[crate::boxed]
pub async fn since(tx: &mut Tx) -> Result<Timestamp> {
    let sql = "select coalesce(past_since_at, created_at) from tenant where tenant_id = $1";
    let (at,): (At,) = tx.fetch_one(sql, args![]).await?;
    Ok(at.0)
}

/// Whose these records were at an instant; those that were nobody's, or not there, are left out.
#[crate::boxed]
pub async fn owners(tx: &mut Tx, ids: &[RecordId], at: Timestamp) -> Result<HashMap<RecordId, CustomerId>> {
    let (keys, instant) = (keys(ids), time_literal(tx.dialect(), at));
    let sql = format!(
        "select id, customer_id from record where tenant_id = $1 and id in (values {{set}}) and removed_at is null \
         and customer_id is not null and created_at <= {instant}"
    );
    let rows: Vec<(Uuid, Uuid)> = tx.fetch_in(&sql, 1, &keys).await?;
    let mut owners: HashMap<Uuid, Uuid> = rows.into_iter().collect();
    let sql = format!(
        "select p.id, p.hangs_on_id from past_row p where p.tenant_id = $1 and p.kind = 'record' \
         and p.id in (values {{set}}) and {}",
        stood(tx, at)
    );
    let moved: Vec<(Uuid, Option<Uuid>)> = tx.fetch_in(&sql, 1, &keys).await?;
    for (record, owner) in moved.into_iter().filter(|_| !planted!("whose-it-was-is-whose-it-is")) {
        match owner {
            Some(owner) => owners.insert(record, owner),
            None => owners.remove(&record),
        };
    }
    let read = |(record, customer)| (RecordId::from_uuid(record), CustomerId::from_uuid(customer));
    Ok(owners.into_iter().map(read).collect())
}

/// The records that a customer had at an instant, oldest first.
#[crate::boxed]
pub async fn records_of(tx: &mut Tx, customer: CustomerId, at: Timestamp) -> Result<Vec<RecordId>> {
    let sql = "select id from record where tenant_id = $1 and customer_id = $2 and removed_at is null \
               and created_at <= $3 order by id limit $4";
    let now: Vec<(Uuid,)> = tx.fetch_all(sql, args![customer, at, MAX_RECORDS]).await?;
    let sql = "select p.id from past_row p where p.tenant_id = $1 and p.kind = 'record' and p.hangs_on_id = $2 \
               and p.until_at > $3 and p.since_at <= $3 limit $4";
    let then: Vec<(Uuid,)> = tx.fetch_all(sql, args![customer, at, MAX_RECORDS]).await?;
    let candidates: BTreeSet<Uuid> = now.into_iter().chain(then).map(|(id,)| id).collect();
    let candidates: Vec<RecordId> = candidates.into_iter().map(RecordId::from_uuid).collect();
    let owners = owners(tx, &candidates, at).await?;
    Ok(candidates.into_iter().filter(|record| owners.get(record) == Some(&customer)).collect())
}

/// What these customers said at an instant, oldest first; those that were not there, or of whom that is not kept, are left
/// out.
#[crate::boxed]
pub async fn customers(tx: &mut Tx, ids: &[CustomerId], at: Timestamp) -> Result<Vec<Customer>> {
    let (keys, instant) = (keys(ids), time_literal(tx.dialect(), at));
    let sql = format!(
        "select p.said from past_row p where p.tenant_id = $1 and p.kind = 'customer' and p.id in (values {{set}}) and {}",
        stood(tx, at)
    );
    let rows: Vec<(Json<Customer>,)> = tx.fetch_in(&sql, 1, &keys).await?;
    let mut found: BTreeMap<CustomerId, Customer> = rows.into_iter().map(|(it,)| (it.0.id, it.0)).collect();
    let sql =
        format!("select id from customer where tenant_id = $1 and id in (values {{set}}) and updated_at <= {instant}");
    let rows: Vec<(Uuid,)> = tx.fetch_in(&sql, 1, &keys).await?;
    let as_now = rows.into_iter().map(|(id,)| CustomerId::from_uuid(id)).filter(|id| !found.contains_key(id));
    let as_now: Vec<CustomerId> = as_now.collect();
    found.extend(customer::get_many(tx, &as_now).await?.into_iter().map(|put| (put.customer.id, put.customer)));
    Ok(found.into_values().collect())
}

/// The customers that have an identifier, or had it until after an instant, oldest first, at most `limit`: whoever had it then
/// is among them, and what they said then tells who that is.
#[crate::boxed]
pub async fn candidates(tx: &mut Tx, identifier: &Identifier, at: Timestamp, limit: i64) -> Result<Vec<CustomerId>> {
    let sql = "select customer_id from identity where tenant_id = $1 and kind = $2 and value = $3 \
               union select customer_id from past_identity \
               where tenant_id = $1 and kind = $2 and value = $3 and until_at > $4 order by 1 limit $5";
    let args = args![identifier.kind.as_str(), identifier.value.as_str(), at, limit];
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args).await?;
    Ok(rows.into_iter().map(|(id,)| CustomerId::from_uuid(id)).collect())
}

/// Whether a review asked at an instant if this was one customer.
#[crate::boxed]
pub async fn is_in_review(tx: &mut Tx, customer: CustomerId, at: Timestamp) -> Result<bool> {
    let sql = "select cast(1 as bigint) from review where tenant_id = $1 and a_customer_id = $2 and created_at <= $3 \
               union all \
               select cast(1 as bigint) from review where tenant_id = $1 and b_customer_id = $2 and created_at <= $3 \
               union all \
               select cast(1 as bigint) from past_row where tenant_id = $1 and kind = 'review' and id = $2 \
               and until_at > $3 and since_at <= $3 limit 1";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![customer, at]).await?;
    Ok(row.is_some())
}

/// A row that hung on a customer's record.
pub(crate) struct Hung<T> {
    pub(crate) record: RecordId,
    pub(crate) customer_record: RecordId,
    pub(crate) property_record: Option<RecordId>,
    pub(crate) said: T,
}

/// The rows of `table` that hung on these records at an instant, in no order.
pub(crate) async fn hanging<T>(
    tx: &mut Tx,
    table: &'static str,
    records: &[RecordId],
    at: Timestamp,
) -> Result<Vec<Hung<T>>>
where
    T: DeserializeOwned + Send + Unpin + 'static,
{
    let (keys, instant) = (keys(records), time_literal(tx.dialect(), at));
    // Of a property there is no other; its own record stands where that would.
    let property = if table == "property" { "t.record_id" } else { "t.property_record_id" };
    let now = format!(
        "with wanted (id) as (values {{set}}) \
         select t.record_id, t.customer_record_id, {property}, t.{table} from wanted cross join {table} t \
         where t.tenant_id = $1 and t.customer_record_id = wanted.id and (t.since_at is null or t.since_at <= {instant}) limit {MAX_HANGING}"
    );
    let then = format!(
        "with wanted (id) as (values {{set}}) \
         select p.id, p.hangs_on_id, p.property_record_id, p.said from wanted cross join past_row p \
         where p.tenant_id = $1 and p.kind = '{table}' and p.hangs_on_id = wanted.id and {} limit {MAX_HANGING}",
        stood(tx, at)
    );
    let mut found = Vec::new();
    for sql in [now, then] {
        let rows: Vec<(Uuid, Uuid, Option<Uuid>, Json<T>)> = tx.fetch_in(&sql, 1, &keys).await?;
        found.extend(rows.into_iter().map(|(record, customer, property, said)| Hung {
            record: RecordId::from_uuid(record),
            customer_record: RecordId::from_uuid(customer),
            property_record: property.map(RecordId::from_uuid),
            said: said.0,
        }));
    }
    Ok(found)
}

/// Up to when each source was known at an instant, as [`crate::context::read_at`]: of a live source by the runs that are
/// kept, so it may have been known up to later; what was read of one customer alone is not in it.
#[crate::boxed]
pub async fn read_at(tx: &mut Tx, at: Timestamp) -> Result<BTreeMap<Source, Timestamp>> {
    let sql = "select c.source, (select r.started_at from sync_run r where r.tenant_id = c.tenant_id \
                 and r.connection_id = c.id and r.state = 'finished' and r.finished_at <= $2 \
                 order by r.id desc limit 1) \
               from connection c where c.tenant_id = $1 and c.created_at <= $2 \
               and (c.removed_at is null or c.removed_at > $2) \
               union all \
               select source, max(applied_at) from import where tenant_id = $1 and applied_at <= $2 \
               and (undone_at is null or undone_at > $2) group by source";
    let rows: Vec<(String, Option<At>)> = tx.fetch_all(sql, args![at]).await?;
    context::least_of(rows)
}

/// Whether a record was stored by an instant, whatever became of it.
#[crate::boxed]
pub async fn was_stored(tx: &mut Tx, record: RecordId, at: Timestamp) -> Result<bool> {
    let sql = "select cast(1 as bigint) from record where tenant_id = $1 and id = $2 and created_at <= $3";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![record, at]).await?;
    Ok(row.is_some())
}

/// Whether an import that was in at an instant was undone since, or a source that was connected took its records along: what
/// they had brought is not kept.
#[crate::boxed]
pub async fn undone_since(tx: &mut Tx, at: Timestamp) -> Result<bool> {
    let sql = "select cast(1 as bigint) from import where tenant_id = $1 and applied_at <= $2 and undone_at > $2 \
               union all \
               select cast(1 as bigint) from connection where tenant_id = $1 and created_at <= $2 and removed_at > $2 \
               and records_total is not null limit 1";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![at]).await?;
    Ok(row.is_some())
}
