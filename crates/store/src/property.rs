//! Properties: service addresses of customers, worked out from records of live sources. They hang on the customer's record.

use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::property::Property;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::context;
use crate::error::Result;
use crate::past;
use crate::tx::Tx;
use crate::value::Value;

/// A property with what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The record that says it.
    pub record: RecordId,
    /// The customer's record that it hangs on.
    pub customer_record: RecordId,
    /// What it says.
    pub property: Property,
}

/// Stores properties, in place of what their records said before.
#[crate::boxed]
pub async fn put(tx: &mut Tx, properties: &[Stored]) -> Result<()> {
    let records: Vec<RecordId> = properties.iter().map(|it| it.record).collect();
    let known = of_records(tx, &records).await?;
    tx.touched.records.extend(known.iter().chain(properties).map(|it| it.customer_record.uuid()));
    let written = past::keep_changed(tx, "property", &known, properties, |it| it.record).await?;
    let now = tx.now();
    let mut rows = Vec::with_capacity(written.len() * 4);
    for it in written {
        rows.extend([it.record.into(), it.customer_record.into(), Value::json(&it.property)?, now.into()]);
    }
    let head = "insert into property (tenant_id, record_id, customer_record_id, property, since_at)";
    let tail = "on conflict (tenant_id, record_id) do update set customer_record_id = excluded.customer_record_id, \
                property = excluded.property, \
                since_at = case when excluded.since_at < property.since_at then property.since_at else excluded.since_at end";
    tx.insert_many(head, tail, 4, rows).await?;
    Ok(())
}

/// Takes the properties of these records out.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    context::touch_hanging(tx, "property", records).await?;
    past::keep_hanging(tx, "property", records).await?;
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from property where tenant_id = $1 and record_id in (values {set})", 1, &keys).await?;
    Ok(())
}

type Row = (Uuid, Uuid, Json<Property>);

fn read((record, customer, property): Row) -> Stored {
    Stored { record: RecordId::from_uuid(record), customer_record: RecordId::from_uuid(customer), property: property.0 }
}

/// The properties of these records, in no order.
#[crate::boxed]
pub async fn of_records(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "select record_id, customer_record_id, property from property \
               where tenant_id = $1 and record_id in (values {set})";
    let rows: Vec<Row> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// A customer's properties, oldest record first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Stored>> {
    let sql = "select p.record_id, p.customer_record_id, p.property from record r join property p \
               on p.tenant_id = r.tenant_id and p.customer_record_id = r.id \
               where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null order by p.record_id limit $3";
    let rows: Vec<Row> = tx.fetch_all(sql, args![customer, limit]).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The properties that hung on these records at an instant, in no order.
#[crate::boxed]
pub async fn then(tx: &mut Tx, records: &[RecordId], at: Timestamp) -> Result<Vec<Stored>> {
    let rows = past::hanging(tx, "property", records, at).await?.into_iter();
    let read =
        |it: past::Hung<Property>| Stored { record: it.record, customer_record: it.customer_record, property: it.said };
    Ok(rows.map(read).collect())
}
