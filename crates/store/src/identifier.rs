//! The identifiers that records can be found by, beside the records that they are worked out from: what the rules
//! say of a record changes when the rules do.

use doorstep_core::id::RecordId;
use doorstep_core::identifier::{Identifier, IdentifierKind};
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::Value;

/// A record and one of its identifiers.
pub type Link = (RecordId, Identifier);

/// The identifiers of these records, in no order.
#[crate::boxed]
pub async fn of_records(tx: &mut Tx, ids: &[RecordId]) -> Result<Vec<Link>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select record_id, kind, value from record_identifier \
               where tenant_id = $1 and record_id in (values {set})";
    let rows: Vec<(Uuid, String, String)> = tx.fetch_in(sql, 1, &keys).await?;
    let read = |(record, kind, value): (Uuid, String, String)| {
        let kind: IdentifierKind = word("record_identifier.kind", &kind)?;
        Ok((RecordId::from_uuid(record), Identifier { kind, value }))
    };
    rows.into_iter().map(read).collect()
}

/// Records that are stored under an identifier, oldest first, at most `limit`.
#[crate::boxed]
pub async fn records_of(tx: &mut Tx, identifier: &Identifier, limit: i64) -> Result<Vec<RecordId>> {
    let identifier = identifier.compared();
    let sql = "select record_id from record_identifier where tenant_id = $1 and kind = $2 and value = $3 \
               order by record_id limit $4";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![identifier.kind.as_str(), identifier.value, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| RecordId::from_uuid(id)).collect())
}

/// Stores identifiers of stored records; those that are there already stay.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, mut links: Vec<Link>) -> Result<()> {
    // In the order of the table, in which they would else land everywhere: a page is visited once, not once a row.
    links.sort_unstable_by(|(_, a), (_, b)| (a.kind.as_str(), &a.value).cmp(&(b.kind.as_str(), &b.value)));
    let head = "insert into record_identifier (tenant_id, kind, value, record_id)";
    tx.insert_many(head, "on conflict do nothing", 3, links.into_iter().flat_map(row)).await?;
    Ok(())
}

/// Takes identifiers away from records.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, links: &[Link]) -> Result<()> {
    let sql = "delete from record_identifier where tenant_id = $1 and (kind, value, record_id) in (values {set})";
    tx.execute_in(sql, 3, &values(links)).await?;
    Ok(())
}

fn values(links: &[Link]) -> Vec<Value> {
    links.iter().cloned().flat_map(row).collect()
}

fn row((record, identifier): Link) -> Vec<Value> {
    args![identifier.kind.as_str(), identifier.value, record]
}
