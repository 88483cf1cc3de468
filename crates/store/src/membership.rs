//! Memberships: service plans that customers have, worked out from records of live sources.

use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::membership::Membership;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::context;
use crate::error::Result;
use crate::past;
use crate::tx::Tx;
use crate::value::Value;

/// A membership with what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The record that says it.
    pub record: RecordId,
    /// The customer's record that it hangs on.
    pub customer_record: RecordId,
    /// The property's record, where it is for one.
    pub property_record: Option<RecordId>,
    /// What it says.
    pub membership: Membership,
}

/// Stores memberships, in place of what their records said before.
#[crate::boxed]
pub async fn put(tx: &mut Tx, memberships: &[Stored]) -> Result<()> {
    let records: Vec<RecordId> = memberships.iter().map(|it| it.record).collect();
    let known = of_records(tx, &records).await?;
    tx.touched.records.extend(known.iter().chain(memberships).map(|it| it.customer_record.uuid()));
    let written = past::keep_changed(tx, "membership", &known, memberships, |it| it.record).await?;
    let now = tx.now();
    let mut rows = Vec::with_capacity(written.len() * 5);
    for it in written {
        rows.extend(args![it.record, it.customer_record, it.property_record]);
        rows.extend([Value::json(&it.membership)?, now.into()]);
    }
    let head =
        "insert into membership (tenant_id, record_id, customer_record_id, property_record_id, membership, since_at)";
    let tail = "on conflict (tenant_id, record_id) do update set customer_record_id = excluded.customer_record_id, \
                property_record_id = excluded.property_record_id, membership = excluded.membership, \
                since_at = case when excluded.since_at < membership.since_at then membership.since_at else excluded.since_at end";
    tx.insert_many(head, tail, 5, rows).await?;
    Ok(())
}

/// Takes the memberships of these records out.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    context::touch_hanging(tx, "membership", records).await?;
    past::keep_hanging(tx, "membership", records).await?;
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from membership where tenant_id = $1 and record_id in (values {set})", 1, &keys).await?;
    Ok(())
}

type Row = (Uuid, Uuid, Option<Uuid>, Json<Membership>);

fn read((record, customer, property, membership): Row) -> Stored {
    Stored {
        record: RecordId::from_uuid(record),
        customer_record: RecordId::from_uuid(customer),
        property_record: property.map(RecordId::from_uuid),
        membership: membership.0,
    }
}

/// The memberships of these records, in no order.
#[crate::boxed]
pub async fn of_records(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "select record_id, customer_record_id, property_record_id, membership from membership \
               where tenant_id = $1 and record_id in (values {set})";
    let rows: Vec<Row> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// A customer's memberships, oldest record first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Stored>> {
    let sql = "select m.record_id, m.customer_record_id, m.property_record_id, m.membership \
               from record r join membership m on m.tenant_id = r.tenant_id and m.customer_record_id = r.id \
               where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null order by m.record_id limit $3";
    let rows: Vec<Row> = tx.fetch_all(sql, args![customer, limit]).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The memberships that hung on these records at an instant, in no order.
#[crate::boxed]
pub async fn then(tx: &mut Tx, records: &[RecordId], at: Timestamp) -> Result<Vec<Stored>> {
    let rows = past::hanging(tx, "membership", records, at).await?.into_iter();
    let read = |it: past::Hung<Membership>| Stored {
        record: it.record,
        customer_record: it.customer_record,
        property_record: it.property_record,
        membership: it.said,
    };
    Ok(rows.map(read).collect())
}
