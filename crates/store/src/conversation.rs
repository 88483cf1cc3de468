//! Conversations and who takes part in them.
//!
//! A participant names a record where the source does, else an identifier. Which customer that is follows at
//! the moment of reading: merge, unmerge and undo touch no row here.

use std::collections::HashMap;

use doorstep_core::Timestamp;
use doorstep_core::conversation::{Channel, Conversation};
use doorstep_core::id::{ConversationId, CustomerId, ImportId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::planted;
use doorstep_core::position::Way;
use doorstep_core::record::Source;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::context;
use crate::dialect::{Dialect, time_literal};
use crate::error::{Result, word};
use crate::message::LATEST;
use crate::tx::Tx;
use crate::value::{At, Value};

/// A conversation to be stored.
#[derive(Clone)]
pub struct New {
    /// Ours.
    pub id: ConversationId,
    /// Which source says it.
    pub source: Source,
    /// The source's key.
    pub key: String,
    /// Over what it runs.
    pub channel: Channel,
    /// As the source says.
    pub started_at: Option<Timestamp>,
    /// As the source says; replaced by what its messages say.
    pub last_message_at: Option<Timestamp>,
    /// Which import brings it.
    pub import: Option<ImportId>,
    /// Who takes part, the tenant's own numbers left out.
    pub participants: Vec<Participant>,
}

doorstep_core::masked_debug!(New: id, source, channel, import);

/// Who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Their phone or e-mail address.
    pub identifier: Identifier,
    /// Their record, where the source names one.
    pub record: Option<RecordId>,
}

/// Stores conversations; those whose key is stored already stay as they are. The ids that went in.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, new: Vec<New>) -> Result<u64> {
    let mut rows = Vec::with_capacity(new.len() * 8);
    let mut participants = Vec::new();
    for conversation in new {
        tx.announce(Subject::Conversation, conversation.id.uuid());
        tx.touched.conversations([conversation.id]);
        for (position, participant) in conversation.participants.into_iter().enumerate() {
            participants.extend(args![
                conversation.id,
                position as u64,
                participant.identifier.kind.as_str(),
                participant.identifier.value,
                participant.record,
            ]);
        }
        rows.extend(args![
            conversation.id,
            conversation.source.as_str(),
            conversation.key,
            conversation.channel.as_str(),
            conversation.started_at,
            conversation.last_message_at,
            0i64,
            conversation.import,
        ]);
    }
    let head = "insert into conversation (tenant_id, id, source, key, channel, started_at, last_message_at, \
                message_count, import_id)";
    let inserted = tx.insert_many(head, "", 8, rows).await?;
    let head = "insert into participant (tenant_id, conversation_id, position, kind, value, record_id)";
    tx.insert_many(head, "", 5, participants).await?;
    Ok(inserted)
}

/// A source's conversations by key, and which import brought each; unknown keys are left out.
#[crate::boxed]
pub async fn by_keys(
    tx: &mut Tx,
    source: Source,
    keys: &[&str],
) -> Result<HashMap<String, (ConversationId, Option<ImportId>)>> {
    let keys: Vec<Value> = keys.iter().map(|key| Value::from(*key)).collect();
    let blind = planted!("letter-case-is-nothing-on-sqlite") && tx.dialect() == Dialect::Sqlite;
    let letters = if blind { " collate nocase" } else { "" };
    let sql = format!(
        "with wanted (key) as (values {{set}}) \
         select c.key, c.id, c.import_id from wanted cross join conversation c \
         where c.tenant_id = $1 and c.source = '{source}' and c.key = wanted.key{letters}"
    );
    let rows: Vec<(String, Uuid, Option<Uuid>)> = tx.fetch_in(&sql, 1, &keys).await?;
    let read = |(key, id, import): (String, Uuid, Option<Uuid>)| {
        (key, (ConversationId::from_uuid(id), import.map(ImportId::from_uuid)))
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The phones and e-mail addresses that take part in each of these conversations.
#[crate::boxed]
pub async fn participants(tx: &mut Tx, ids: &[ConversationId]) -> Result<HashMap<ConversationId, Vec<String>>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select conversation_id, value from participant \
               where tenant_id = $1 and conversation_id in (values {set}) and kind <> 'source_key' \
               order by conversation_id, position";
    let rows: Vec<(Uuid, String)> = tx.fetch_in(sql, 1, &keys).await?;
    let mut found: HashMap<ConversationId, Vec<String>> = HashMap::new();
    for (id, value) in rows {
        found.entry(ConversationId::from_uuid(id)).or_default().push(value);
    }
    Ok(found)
}

/// Recomputes message counts and newest messages from the messages themselves (I-03: never incremented).
#[crate::boxed]
pub async fn count_messages(tx: &mut Tx, ids: &[ConversationId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let before = if planted!("totals-are-incremented") { "message_count + " } else { "" };
    let sql = "update conversation set \
                 message_count = {before}(select count(*) from message m \
                                  where m.tenant_id = $1 and m.conversation_id = conversation.id), \
                 last_message_at = coalesce((select max(m.sent_at) from message m \
                                             where m.tenant_id = $1 and m.conversation_id = conversation.id), \
                                            last_message_at) \
               where tenant_id = $1 and id in (values {set})";
    tx.execute_in(&sql.replace("{before}", before), 1, &keys).await?;
    tx.touched.conversations(ids.iter().copied());
    for id in ids {
        tx.announce(Subject::Conversation, id.uuid());
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: Uuid,
    channel: String,
    started_at: Option<At>,
    last_message_at: Option<At>,
    message_count: i64,
}

/// The conversations that a customer `$2` takes part in.
const OF_CUSTOMER: &str = "select p.conversation_id from participant p join record r \
       on r.tenant_id = p.tenant_id and r.id = p.record_id \
     where p.tenant_id = $1 and r.customer_id = $2 \
     union \
     select p.conversation_id from participant p join identity i \
       on i.tenant_id = p.tenant_id and i.kind = p.kind and i.value = p.value \
     where p.tenant_id = $1 and i.customer_id = $2 and p.record_id is null";

/// The conversations that a customer takes part in, newest message first, at most `limit`.
#[crate::boxed]
pub async fn of_customer(tx: &mut Tx, customer: CustomerId, limit: i64) -> Result<Vec<Conversation>> {
    page(tx, customer, None, limit).await
}

/// The conversations that a customer takes part in beside `from` (its newest message, and its id), at most `limit`:
/// those before, newest message first; or back to later ones, and then in the opposite order.
#[crate::boxed]
pub async fn page(
    tx: &mut Tx,
    customer: CustomerId,
    from: Option<(Way, (Timestamp, ConversationId))>,
    limit: i64,
) -> Result<Vec<Conversation>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { (">", "") } else { ("<", " desc") };
    let (at, id) = from.map_or((LATEST, Uuid::max()), |(_, (at, id))| (at, id.uuid()));
    let newest = newest(tx);
    let sql = format!(
        "select id, channel, started_at, last_message_at, message_count from conversation \
         where tenant_id = $1 and id in ({OF_CUSTOMER}) and ({newest}, id) {sign} ($3, $4) \
         order by {newest}{turn}, id{turn} limit $5"
    );
    let rows: Vec<ConversationRow> = tx.fetch_all(&sql, args![customer, at, id, limit]).await?;
    with_participants(tx, rows).await
}

/// One conversation.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: ConversationId) -> Result<Option<Conversation>> {
    let sql = "select id, channel, started_at, last_message_at, message_count from conversation \
               where tenant_id = $1 and id = $2";
    let rows: Vec<ConversationRow> = tx.fetch_all(sql, args![id]).await?;
    Ok(with_participants(tx, rows).await?.pop())
}

/// The ids and channels of the conversations that a customer takes part in, each with the instant after which it
/// holds nothing; newest first, at most `limit`.
#[crate::boxed]
pub(crate) async fn newest_of_customer(
    tx: &mut Tx,
    customer: CustomerId,
    limit: i64,
) -> Result<Vec<(ConversationId, Channel, Timestamp)>> {
    let newest = newest(tx);
    let sql = format!(
        "select id, channel, {newest} from conversation where tenant_id = $1 and id in ({OF_CUSTOMER}) \
         order by 3 desc, id desc limit $3"
    );
    let rows: Vec<(Uuid, String, At)> = tx.fetch_all(&sql, args![customer, limit]).await?;
    let read = |(id, channel, at): (Uuid, String, At)| {
        Ok((ConversationId::from_uuid(id), word::<Channel>("conversation.channel", &channel)?, at.0))
    };
    rows.into_iter().map(read).collect()
}

/// As [`newest_of_customer`], of whoever has these records and these identifiers: at most `limit`.
#[crate::boxed]
pub(crate) async fn newest_of(
    tx: &mut Tx,
    records: &[RecordId],
    identifiers: &[Identifier],
    limit: usize,
) -> Result<Vec<(ConversationId, Channel, Timestamp)>> {
    let records: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let by_record = "with wanted (id) as (values {set}) select distinct p.conversation_id \
                     from wanted cross join participant p where p.tenant_id = $1 and p.record_id = wanted.id";
    let by_value = "with wanted (kind, value) as (values {set}) select distinct p.conversation_id \
                    from wanted cross join participant p where p.tenant_id = $1 and p.kind = wanted.kind \
                    and p.value = wanted.value and p.record_id is null";
    let mut ids: Vec<(Uuid,)> = tx.fetch_in(by_record, 1, &records).await?;
    let named: Vec<Value> = identifiers.iter().flat_map(|it| args![it.kind.as_str(), it.value.as_str()]).collect();
    ids.extend(tx.fetch_in::<(Uuid,)>(by_value, 2, &named).await?);
    let ids: Vec<Value> = ids.into_iter().map(|(id,)| Value::from(id)).collect();
    let sql =
        format!("select id, channel, {} from conversation where tenant_id = $1 and id in (values {{set}})", newest(tx));
    let rows: Vec<(Uuid, String, At)> = tx.fetch_in(&sql, 1, &ids).await?;
    let read = |(id, channel, at): (Uuid, String, At)| {
        Ok((ConversationId::from_uuid(id), word::<Channel>("conversation.channel", &channel)?, at.0))
    };
    let mut found = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|(id, _, at)| std::cmp::Reverse((*at, *id)));
    found.truncate(limit);
    Ok(found)
}

/// What conversations are sorted by: the newest message, else the beginning; of one without either, the first instant.
fn newest(tx: &Tx) -> String {
    let first = time_literal(tx.dialect(), Timestamp::from_micros(0));
    format!("coalesce(last_message_at, started_at, {first})")
}

async fn with_participants(tx: &mut Tx, rows: Vec<ConversationRow>) -> Result<Vec<Conversation>> {
    let keys: Vec<Value> = rows.iter().map(|row| Value::from(row.id)).collect();
    let sql = "select conversation_id, value from participant where tenant_id = $1 and conversation_id in (values {set}) \
               order by conversation_id, position";
    let participants: Vec<(Uuid, String)> = tx.fetch_in(sql, 1, &keys).await?;
    let mut of: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (id, value) in participants {
        of.entry(id).or_default().push(value);
    }
    let read = |row: ConversationRow| {
        Ok(Conversation {
            id: ConversationId::from_uuid(row.id),
            channel: word::<Channel>("conversation.channel", &row.channel)?,
            started_at: row.started_at.map(|at| at.0),
            last_message_at: row.last_message_at.map(|at| at.0),
            message_count: row.message_count,
            participants: of.remove(&row.id).unwrap_or_default(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Takes out conversations of an import that hold no message of another one, at most `limit`; how many went.
#[crate::boxed]
pub async fn remove_of_import(tx: &mut Tx, import: ImportId, limit: i64) -> Result<u64> {
    let sql = "select id from conversation c where tenant_id = $1 and import_id = $2 \
               and not exists (select 1 from message m where m.tenant_id = $1 and m.conversation_id = c.id) \
               order by id limit $3";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![import, limit]).await?;
    let keys: Vec<Value> = rows.iter().map(|(id,)| Value::from(*id)).collect();
    // At the commit nobody takes part in them any more.
    context::touch_conversations(tx, &keys).await?;
    tx.execute_in("delete from participant where tenant_id = $1 and conversation_id in (values {set})", 1, &keys)
        .await?;
    tx.execute_in("delete from conversation where tenant_id = $1 and id in (values {set})", 1, &keys).await?;
    for (id,) in &rows {
        tx.announce(Subject::Conversation, *id);
    }
    Ok(rows.len() as u64)
}
