//! Messages.

use std::collections::HashMap;

use doorstep_core::Timestamp;
use doorstep_core::conversation::{Direction, Message};
use doorstep_core::id::{ConversationId, ImportId, MessageId};
use doorstep_core::import::RowKey;
use doorstep_core::position::Way;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::row_key;
use crate::tx::Tx;
use crate::value::{At, Value};

/// A message to be stored.
#[derive(Clone)]
pub struct New {
    /// What it says.
    pub message: Message,
    /// The source's id, where it has one.
    pub external_id: Option<String>,
    /// Equal for the same message said again: [`doorstep_core::import`] says what goes into it.
    pub row_key: RowKey,
    /// Which import brings it.
    pub import: Option<ImportId>,
}

doorstep_core::masked_debug!(New: message, import);

/// Stores messages; one whose key is stored already is left out. How many went in.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, mut new: Vec<New>) -> Result<u64> {
    tx.touched.conversations(new.iter().map(|new| new.message.conversation_id));
    // Row keys are hashes: in their order a page of the index is visited once a transaction instead of once a row.
    new.sort_by_key(|new| new.row_key);
    let rows = new.into_iter().flat_map(|New { message, external_id, row_key, import }| {
        let attachments = message.attachments;
        args![
            message.id,
            message.conversation_id,
            message.direction.as_str(),
            message.from,
            message.to,
            message.body,
            message.sent_at,
            message.status,
            if attachments.is_empty() { Value::Json(None) } else { Value::from(serde_json::Value::from(attachments)) },
            external_id,
            row_key.to_vec(),
            import,
        ]
    });
    let head = "insert into message (tenant_id, id, conversation_id, direction, from_address, to_address, body, \
                sent_at, status, attachments, external_id, row_key, import_id)";
    tx.insert_many(head, "on conflict (tenant_id, row_key) do nothing", 12, rows).await
}

/// Which of these keys are stored already, and which import brought each.
#[crate::boxed]
pub async fn known(tx: &mut Tx, keys: &[RowKey]) -> Result<HashMap<RowKey, Option<ImportId>>> {
    row_key::known(tx, "message", keys).await
}

/// Whether the tenant has any at all.
#[crate::boxed]
pub async fn any(tx: &mut Tx) -> Result<bool> {
    row_key::any(tx, "message").await
}

#[derive(sqlx::FromRow)]
pub(crate) struct MessageRow {
    id: Uuid,
    conversation_id: Uuid,
    direction: String,
    from_address: Option<String>,
    to_address: Option<String>,
    body: String,
    sent_at: At,
    status: Option<String>,
    attachments: Option<Json<Vec<String>>>,
}

/// The columns of a [`MessageRow`].
pub(crate) const MESSAGE: &str =
    "id, conversation_id, direction, from_address, to_address, body, sent_at, status, attachments";

impl MessageRow {
    pub(crate) fn read(self) -> Result<Message> {
        Ok(Message {
            id: MessageId::from_uuid(self.id),
            conversation_id: ConversationId::from_uuid(self.conversation_id),
            direction: word::<Direction>("message.direction", &self.direction)?,
            from: self.from_address,
            to: self.to_address,
            body: self.body,
            sent_at: self.sent_at.0,
            status: self.status,
            attachments: self.attachments.map(|list| list.0).unwrap_or_default(),
        })
    }
}

/// The messages of a conversation before `before` (instant and id), newest first, at most `limit`.
#[crate::boxed]
pub async fn list(
    tx: &mut Tx,
    conversation: ConversationId,
    before: Option<(Timestamp, MessageId)>,
    limit: i64,
) -> Result<Vec<Message>> {
    let from = before.map(|place| (Way::Forward, place));
    page(tx, conversation, from, limit).await
}

/// The messages of a conversation beside `from` (instant and id), at most `limit`: older ones, newest first; or back
/// to newer ones, and then oldest first.
#[crate::boxed]
pub async fn page(
    tx: &mut Tx,
    conversation: ConversationId,
    from: Option<(Way, (Timestamp, MessageId))>,
    limit: i64,
) -> Result<Vec<Message>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { (">", "") } else { ("<", " desc") };
    let (at, id) = from.map_or((LATEST, Uuid::max()), |(_, (at, id))| (at, id.uuid()));
    let sql = format!(
        "select {MESSAGE} from message where tenant_id = $1 and conversation_id = $2 and (sent_at, id) {sign} ($3, $4) \
         order by sent_at{turn}, id{turn} limit $5"
    );
    let rows: Vec<MessageRow> = tx.fetch_all(&sql, args![conversation, at, id, limit]).await?;
    rows.into_iter().map(MessageRow::read).collect()
}

/// Later than anything, on both databases.
pub(crate) const LATEST: Timestamp = Timestamp::from_micros(i64::MAX / 2);

/// Takes out messages of an import, at most `limit`; the conversations they were in, with repetition.
#[crate::boxed]
pub async fn remove_of_import(tx: &mut Tx, import: ImportId, limit: i64) -> Result<Vec<ConversationId>> {
    let sql = "delete from message where tenant_id = $1 and id in (\
                 select id from message where tenant_id = $1 and import_id = $2 order by id limit $3) \
               returning conversation_id";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![import, limit]).await?;
    let of: Vec<ConversationId> = rows.into_iter().map(|(id,)| ConversationId::from_uuid(id)).collect();
    tx.touched.conversations(of.iter().copied());
    Ok(of)
}
