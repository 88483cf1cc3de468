//! Memberships: service plans that customers have, worked out from records of live sources.

use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::membership::Membership;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::context;
use crate::error::Result;
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
    context::touch_hanging(tx, "membership", &records).await?;
    tx.touched.records.extend(memberships.iter().map(|it| it.customer_record.uuid()));
    let mut rows = Vec::with_capacity(memberships.len() * 4);
    for it in memberships {
        rows.extend(args![it.record, it.customer_record, it.property_record]);
        rows.push(Value::json(&it.membership)?);
    }
    let head = "insert into membership (tenant_id, record_id, customer_record_id, property_record_id, membership)";
    let tail = "on conflict (tenant_id, record_id) do update set customer_record_id = excluded.customer_record_id, \
                property_record_id = excluded.property_record_id, membership = excluded.membership";
    tx.insert_many(head, tail, 4, rows).await?;
    Ok(())
}

/// Takes the memberships of these records out.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    context::touch_hanging(tx, "membership", records).await?;
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
