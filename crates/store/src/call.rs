//! Telephone calls. Like a participant, a call names a record where the source does, else an identifier.

use std::collections::HashMap;

use doorstep_core::conversation::{Call, Direction};
use doorstep_core::id::{CallId, CustomerId, ImportId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::import::RowKey;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Result, word};
use crate::row_key;
use crate::tx::Tx;
use crate::value::At;

/// A call to be stored.
#[derive(Clone)]
pub struct New {
    /// What is known of it.
    pub call: Call,
    /// The other side's number.
    pub identifier: Identifier,
    /// The other side's record, where the source names one.
    pub record: Option<RecordId>,
    /// The source's id, where it has one.
    pub external_id: Option<String>,
    /// Equal for the same call said again.
    pub row_key: RowKey,
    /// Which import brings it.
    pub import: Option<ImportId>,
}

doorstep_core::masked_debug!(New: call, identifier, record, import);

/// Stores calls; one whose key is stored already is left out. How many went in.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, mut new: Vec<New>) -> Result<u64> {
    // In the order of an index whose keys lie everywhere, as messages.
    new.sort_by_key(|new| new.row_key);
    let mut rows = Vec::with_capacity(new.len() * 14);
    for New { call, identifier, record, external_id, row_key, import } in new {
        tx.announce(Subject::Call, call.id.uuid());
        tx.touched.participant(record, &identifier);
        rows.extend(args![
            call.id,
            identifier.kind.as_str(),
            identifier.value,
            record,
            call.direction.as_str(),
            call.from,
            call.to,
            call.started_at,
            call.duration_seconds,
            call.status,
            call.voicemail_text,
            external_id,
            row_key.to_vec(),
            import,
        ]);
    }
    let head = "insert into call (tenant_id, id, kind, value, record_id, direction, from_address, to_address, \
                started_at, duration_seconds, status, voicemail_text, external_id, row_key, import_id)";
    tx.insert_many(head, "on conflict (tenant_id, row_key) do nothing", 14, rows).await
}

/// Which of these keys are stored already, and which import brought each.
#[crate::boxed]
pub async fn known(tx: &mut Tx, keys: &[RowKey]) -> Result<HashMap<RowKey, Option<ImportId>>> {
    row_key::known(tx, "call", keys).await
}

/// Whether the tenant has any at all.
#[crate::boxed]
pub async fn any(tx: &mut Tx) -> Result<bool> {
    row_key::any(tx, "call").await
}

#[derive(sqlx::FromRow)]
pub(crate) struct CallRow {
    id: Uuid,
    direction: String,
    from_address: Option<String>,
    to_address: Option<String>,
    started_at: At,
    duration_seconds: Option<i64>,
    status: Option<String>,
    voicemail_text: Option<String>,
}

/// The columns of a [`CallRow`].
pub(crate) const CALL: &str =
    "id, direction, from_address, to_address, started_at, duration_seconds, status, voicemail_text";

impl CallRow {
    pub(crate) fn read(self) -> Result<Call> {
        Ok(Call {
            id: CallId::from_uuid(self.id),
            direction: word::<Direction>("call.direction", &self.direction)?,
            from: self.from_address,
            to: self.to_address,
            started_at: self.started_at.0,
            duration_seconds: self.duration_seconds,
            status: self.status,
            voicemail_text: self.voicemail_text,
        })
    }
}

/// A customer's calls, newest first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Call>> {
    let sql = format!(
        "select {CALL} from call where tenant_id = $1 and id in (\
                 select c.id from call c join record r on r.tenant_id = c.tenant_id and r.id = c.record_id \
                 where c.tenant_id = $1 and r.customer_id = $2 \
                 union \
                 select c.id from call c join identity i \
                   on i.tenant_id = c.tenant_id and i.kind = c.kind and i.value = c.value \
                 where c.tenant_id = $1 and i.customer_id = $2 and c.record_id is null) \
               order by started_at desc, id desc limit $3"
    );
    let rows: Vec<CallRow> = tx.fetch_all(&sql, args![customer, limit]).await?;
    rows.into_iter().map(CallRow::read).collect()
}

/// Takes out calls of an import, at most `limit`; how many went.
#[crate::boxed]
pub async fn remove_of_import(tx: &mut Tx, import: ImportId, limit: i64) -> Result<u64> {
    let sql = "delete from call where tenant_id = $1 and id in (\
                 select id from call where tenant_id = $1 and import_id = $2 order by id limit $3) \
               returning id, record_id, kind, value";
    let rows: Vec<(Uuid, Option<Uuid>, String, String)> = tx.fetch_all(sql, args![import, limit]).await?;
    for (id, record, kind, value) in &rows {
        tx.announce(Subject::Call, *id);
        let identifier = Identifier { kind: word("call.kind", kind)?, value: value.clone() };
        tx.touched.participant(record.map(RecordId::from_uuid), &identifier);
    }
    Ok(rows.len() as u64)
}
