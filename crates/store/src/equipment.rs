//! Equipment: what is installed at properties, worked out from records of live sources.

use doorstep_core::Timestamp;
use doorstep_core::equipment::Equipment;
use doorstep_core::id::{CustomerId, RecordId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::context;
use crate::error::Result;
use crate::past;
use crate::tx::Tx;
use crate::value::Value;

/// A piece of equipment with what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The record that says it.
    pub record: RecordId,
    /// The customer's record that it hangs on.
    pub customer_record: RecordId,
    /// The property's record.
    pub property_record: RecordId,
    /// What it says.
    pub equipment: Equipment,
}

/// Stores equipment, in place of what its records said before.
#[crate::boxed]
pub async fn put(tx: &mut Tx, equipment: &[Stored]) -> Result<()> {
    let records: Vec<RecordId> = equipment.iter().map(|it| it.record).collect();
    let known = of_records(tx, &records).await?;
    tx.touched.records.extend(known.iter().chain(equipment).map(|it| it.customer_record.uuid()));
    let written = past::keep_changed(tx, "equipment", &known, equipment, |it| it.record).await?;
    let now = tx.now();
    let mut rows = Vec::with_capacity(written.len() * 5);
    for it in written {
        rows.extend(args![it.record, it.customer_record, it.property_record]);
        rows.extend([Value::json(&it.equipment)?, now.into()]);
    }
    let head =
        "insert into equipment (tenant_id, record_id, customer_record_id, property_record_id, equipment, since_at)";
    let tail = "on conflict (tenant_id, record_id) do update set customer_record_id = excluded.customer_record_id, \
                property_record_id = excluded.property_record_id, equipment = excluded.equipment, \
                since_at = case when excluded.since_at < equipment.since_at then equipment.since_at else excluded.since_at end";
    tx.insert_many(head, tail, 5, rows).await?;
    Ok(())
}

/// Takes the equipment of these records out.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    context::touch_hanging(tx, "equipment", records).await?;
    past::keep_hanging(tx, "equipment", records).await?;
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from equipment where tenant_id = $1 and record_id in (values {set})", 1, &keys).await?;
    Ok(())
}

type Row = (Uuid, Uuid, Uuid, Json<Equipment>);

fn read((record, customer, property, equipment): Row) -> Stored {
    Stored {
        record: RecordId::from_uuid(record),
        customer_record: RecordId::from_uuid(customer),
        property_record: RecordId::from_uuid(property),
        equipment: equipment.0,
    }
}

/// The equipment of these records, in no order.
#[crate::boxed]
pub async fn of_records(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "select record_id, customer_record_id, property_record_id, equipment from equipment \
               where tenant_id = $1 and record_id in (values {set})";
    let rows: Vec<Row> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// A customer's equipment, oldest record first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Stored>> {
    let sql = "select e.record_id, e.customer_record_id, e.property_record_id, e.equipment \
               from record r join equipment e on e.tenant_id = r.tenant_id and e.customer_record_id = r.id \
               where r.tenant_id = $1 and r.customer_id = $2 and r.removed_at is null order by e.record_id limit $3";
    let rows: Vec<Row> = tx.fetch_all(sql, args![customer, limit]).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The equipment that hung on these records at an instant, in no order.
#[crate::boxed]
pub async fn then(tx: &mut Tx, records: &[RecordId], at: Timestamp) -> Result<Vec<Stored>> {
    let rows = past::hanging(tx, "equipment", records, at).await?.into_iter();
    let read = |it: past::Hung<Equipment>| {
        let (record, customer_record) = (it.record, it.customer_record);
        Some(Stored { record, customer_record, property_record: it.property_record?, equipment: it.said })
    };
    Ok(rows.filter_map(read).collect())
}
