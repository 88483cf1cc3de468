//! Pins: what people said about single fields of customers. Ground state, and a pin taken back stays readable.

use doorstep_core::customer::Field;
use doorstep_core::id::{ImportId, PinId, RecordId};
use doorstep_core::pin::Pin;
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// Stores pins. One of the same field and record that was in force is taken back: the newer word stands in its place.
#[crate::boxed]
pub async fn put(tx: &mut Tx, pins: &[Pin]) -> Result<()> {
    let mut rows = Vec::with_capacity(pins.len() * 6);
    for pin in pins {
        let sql = "update pin set retracted_at = $4, retracted_by = $5 \
                   where tenant_id = $1 and record_id = $2 and field = $3 and retracted_at is null";
        let mut args = args![pin.record, pin.field.as_str(), pin.pinned_at];
        args.push(Value::json(&pin.actor)?);
        tx.execute(sql, args).await?;
        tx.touched.records.insert(pin.record.uuid());
        rows.extend(args![pin.id, pin.record, pin.field.as_str(), pin.value.as_deref()]);
        rows.extend([Value::json(&pin.actor)?, pin.pinned_at.into()]);
    }
    let head = "insert into pin (tenant_id, id, record_id, field, value, actor, pinned_at)";
    tx.insert_many(head, "", 6, rows).await?;
    Ok(())
}

/// Takes pins back.
#[crate::boxed]
pub async fn retract(tx: &mut Tx, ids: &[PinId], actor: &Actor) -> Result<()> {
    let now = tx.now();
    for id in ids {
        let mut args = args![*id, now];
        args.push(Value::json(actor)?);
        let sql = "update pin set retracted_at = $3, retracted_by = $4 \
                   where tenant_id = $1 and id = $2 and retracted_at is null returning record_id";
        for (record,) in tx.fetch_all::<(Uuid,)>(sql, args).await? {
            tx.touched.records.insert(record);
        }
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct PinRow {
    id: Uuid,
    record_id: Uuid,
    field: String,
    value: Option<String>,
    actor: Json<Actor>,
    pinned_at: At,
}

/// The pins in force on these records, in the order in which they were made.
#[crate::boxed]
pub async fn on(tx: &mut Tx, records: &[RecordId]) -> Result<Vec<Pin>> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "with wanted (id) as (values {set}) \
               select p.id, p.record_id, p.field, p.value, p.actor, p.pinned_at from wanted cross join pin p \
               where p.tenant_id = $1 and p.record_id = wanted.id and p.retracted_at is null";
    let rows: Vec<PinRow> = tx.fetch_in(sql, 1, &keys).await?;
    let read = |row: PinRow| {
        Ok(Pin {
            id: PinId::from_uuid(row.id),
            record: RecordId::from_uuid(row.record_id),
            field: word::<Field>("pin.field", &row.field)?,
            value: row.value,
            actor: row.actor.0,
            pinned_at: row.pinned_at.0,
        })
    };
    let mut found: Vec<Pin> = rows.into_iter().map(read).collect::<Result<_>>()?;
    found.sort_by_key(|pin| (pin.pinned_at, pin.id));
    Ok(found)
}

/// Forgets the pins of records that are taken out, with what they said.
#[crate::boxed]
pub(crate) async fn remove_of_records(tx: &mut Tx, records: &[RecordId]) -> Result<()> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    tx.execute_in("delete from pin where tenant_id = $1 and record_id in (values {set})", 1, &keys).await?;
    Ok(())
}

/// How many pins in force hang on records of an import, and so would go with it.
#[crate::boxed]
pub async fn count_of_import(tx: &mut Tx, import: ImportId) -> Result<i64> {
    let sql = "select count(*) from pin p join record r on r.tenant_id = p.tenant_id and r.id = p.record_id \
               where p.tenant_id = $1 and p.retracted_at is null and r.import_id = $2";
    let (count,): (i64,) = tx.fetch_one(sql, args![import]).await?;
    Ok(count)
}
