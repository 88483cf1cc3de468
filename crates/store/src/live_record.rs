//! Records of live sources: one row for each object of a connection, with its newest word; what it said before is kept
//! beside it (docs/decisions/0044). Whoever resolves reads them as all others, in [`crate::record`].

use std::collections::HashMap;

use doorstep_core::Timestamp;
use doorstep_core::contact::Contact;
use doorstep_core::id::{ConnectionId, CustomerId, RecordId};
use doorstep_core::record::Source;
use doorstep_core::source::Gone;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{At, Value};
use crate::{past, record, remark};

/// Parts of a page of objects that are read at most: a customer has a few phones and a job a few appointments, a hundred
/// times as many are broken.
pub const MAX_PARTS: i64 = 200_000;

/// What is known of a stored object without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Our record.
    pub id: RecordId,
    /// Hash of what it says.
    pub hash: [u8; 32],
    /// What it belongs to.
    pub parent_key: Option<String>,
    /// When its source says that it was changed.
    pub modified_at: Option<Timestamp>,
    /// How it stands.
    pub gone: Option<Gone>,
}

/// A new word about an object.
#[derive(Clone)]
pub struct Word {
    /// Our record.
    pub id: RecordId,
    /// The source's key.
    pub key: String,
    /// Hash of what it says.
    pub hash: [u8; 32],
    /// What it belongs to.
    pub parent_key: Option<String>,
    /// When its source says that it was changed.
    pub modified_at: Option<Timestamp>,
    /// How it stands.
    pub gone: Option<Gone>,
    /// What it says.
    pub payload: serde_json::Value,
    /// The same as text: it is hashed and stored.
    pub text: String,
    /// Whose it is, for one about a person that is settled before it is stored.
    pub settled: Option<Settled>,
}

/// Whose a new object is that is about a person, and what it says of that person.
#[derive(Clone)]
pub struct Settled {
    /// Its normal form.
    pub contact: Contact,
    /// Whose it is.
    pub customer: CustomerId,
}

doorstep_core::masked_debug!(Word: id, modified_at, gone);
doorstep_core::masked_debug!(Settled: customer);

/// A stored object with what it says.
#[derive(Clone, PartialEq)]
pub struct Object {
    /// Our record.
    pub id: RecordId,
    /// Its stream.
    pub stream: String,
    /// The source's key.
    pub key: String,
    /// What it belongs to.
    pub parent_key: Option<String>,
    /// How it stands.
    pub gone: Option<Gone>,
    /// What it says.
    pub payload: serde_json::Value,
    /// Its normal form, for one about a person.
    pub contact: Contact,
    /// Whose it is, for one about a person.
    pub customer: Option<CustomerId>,
}

doorstep_core::masked_debug!(Object: id, stream, gone, customer);

/// How an object stands, as two columns.
fn gone_words(gone: Option<&Gone>) -> (Option<&'static str>, Option<&str>) {
    match gone {
        None => (None, None),
        Some(Gone::Inactive) => (Some("inactive"), None),
        Some(Gone::Merged { into }) => (Some("merged"), Some(into)),
        Some(Gone::Deleted) => (Some("deleted"), None),
    }
}

fn gone_of(word: Option<String>, into: Option<String>) -> Result<Option<Gone>> {
    match (word.as_deref(), into) {
        (None, _) => Ok(None),
        (Some("inactive"), _) => Ok(Some(Gone::Inactive)),
        (Some("merged"), Some(into)) => Ok(Some(Gone::Merged { into })),
        (Some("deleted"), _) => Ok(Some(Gone::Deleted)),
        (Some(other), _) => Err(Error::Unreadable { what: "record.gone", why: format!("`{other}` is no such word") }),
    }
}

fn keys_of<'a>(connection: ConnectionId, stream: &str, keys: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    keys.into_iter().flat_map(|key| args![connection, stream, key]).collect()
}

type HeadRow = (String, Uuid, Vec<u8>, Option<String>, Option<At>, Option<String>, Option<String>);

/// What is known of objects by their keys, those that were taken out included.
#[crate::boxed]
pub async fn heads(
    tx: &mut Tx,
    connection: ConnectionId,
    stream: &str,
    keys: &[&str],
) -> Result<HashMap<String, Head>> {
    let sql = "with wanted (connection_id, stream, key) as (values {set}) \
               select r.key, r.id, r.hash, r.parent_key, r.modified_at, r.gone, r.merged_into \
               from wanted cross join record r where r.tenant_id = $1 and r.connection_id = wanted.connection_id \
               and r.stream = wanted.stream and r.key = wanted.key";
    let rows: Vec<HeadRow> = tx.fetch_in(sql, 3, &keys_of(connection, stream, keys.iter().copied())).await?;
    rows.into_iter().map(read_head).collect()
}

fn read_head((key, id, hash, parent_key, modified_at, gone, into): HeadRow) -> Result<(String, Head)> {
    let hash =
        hash.try_into().map_err(|_| Error::Unreadable { what: "record.hash", why: "not 32 bytes".to_owned() })?;
    let modified_at = modified_at.map(|at| at.0);
    let head = Head { id: RecordId::from_uuid(id), hash, parent_key, modified_at, gone: gone_of(gone, into)? };
    Ok((key, head))
}

/// What is known of the objects of a stream that belong to these of their parents' stream, by their keys; those that were taken
/// out are left out.
#[crate::boxed]
pub async fn heads_of_parents(
    tx: &mut Tx,
    connection: ConnectionId,
    stream: &str,
    parents: &[&str],
) -> Result<HashMap<String, Head>> {
    let sql = format!(
        "with wanted (connection_id, stream, key) as (values {{set}}) \
         select r.key, r.id, r.hash, r.parent_key, r.modified_at, r.gone, r.merged_into \
         from wanted cross join record r where r.tenant_id = $1 and r.connection_id = wanted.connection_id \
         and r.stream = wanted.stream and r.parent_key = wanted.key and r.removed_at is null order by r.id \
         limit {MAX_PARTS}"
    );
    let keys = keys_of(connection, stream, parents.iter().copied());
    let rows: Vec<HeadRow> = tx.fetch_in(&sql, 3, &keys).await?;
    rows.into_iter().map(read_head).collect()
}

/// Stores objects that were never said before. They are nobody's yet, but for those that are settled; the identifiers that
/// those are found by are the caller's to store.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, connection: ConnectionId, source: Source, stream: &str, words: &[Word]) -> Result<()> {
    let now = tx.now();
    let nothing = Value::json(&Contact::default())?;
    let mut rows = Vec::with_capacity(words.len() * 15);
    for word in words {
        let (gone, into) = gone_words(word.gone.as_ref());
        rows.extend(args![word.id, source.as_str(), stream, word.key.as_str(), word.hash.to_vec()]);
        rows.push(Value::Json(Some(word.text.clone())));
        let settled = word.settled.as_ref();
        tx.touched.customers.extend(settled.map(|settled| settled.customer.uuid()));
        rows.push(settled.map_or_else(|| Ok(nothing.clone()), |settled| Value::json(&settled.contact))?);
        rows.extend(args![settled.map(|settled| settled.customer), now, connection, word.parent_key.as_deref()]);
        rows.extend(args![word.modified_at, now, gone, into]);
    }
    let head = "insert into record (tenant_id, id, source, stream, key, hash, payload, contact, customer_id, created_at, \
                connection_id, parent_key, modified_at, said_at, gone, merged_into)";
    tx.insert_many(head, "", 15, rows).await?;
    Ok(())
}

/// Puts new words in place of old ones, which [`keep_versions`] has kept. One that was taken out is back.
#[crate::boxed]
pub async fn replace(tx: &mut Tx, words: &[Word]) -> Result<()> {
    // What hangs on one that is back is told again.
    tx.touched.records.extend(words.iter().map(|word| word.id.uuid()));
    past::keep_absence(tx, &words.iter().map(|word| word.id).collect::<Vec<_>>()).await?;
    let mut rows = Vec::with_capacity(words.len() * 7);
    for word in words {
        let (gone, into) = gone_words(word.gone.as_ref());
        rows.extend(args![word.id, word.hash.to_vec()]);
        rows.push(Value::Json(Some(word.text.clone())));
        rows.extend(args![word.parent_key.as_deref(), word.modified_at, gone, into]);
    }
    let sql = "with word (id, hash, payload, parent_key, modified_at, gone, merged_into) as (values {set}) \
               update record set hash = word.hash, payload = word.payload, parent_key = word.parent_key, \
               modified_at = word.modified_at, gone = word.gone, merged_into = word.merged_into, removed_at = null \
               from word where record.tenant_id = $1 and record.id = word.id";
    tx.execute_in(sql, 7, &rows).await?;
    Ok(())
}

/// Says when the source says that objects were changed, of which it says nothing else.
#[crate::boxed]
pub async fn set_modified(tx: &mut Tx, modified: &[(RecordId, Timestamp)]) -> Result<()> {
    let rows: Vec<Value> = modified.iter().flat_map(|(id, at)| args![*id, *at]).collect();
    let sql = "with word (id, modified_at) as (values {set}) update record set modified_at = word.modified_at \
               from word where record.tenant_id = $1 and record.id = word.id";
    tx.execute_in(sql, 2, &rows).await?;
    Ok(())
}

/// Keeps what records say now as what they said until now.
#[crate::boxed]
pub async fn keep_versions(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    let now = tx.now();
    let rows: Vec<Value> = ids.iter().flat_map(|id| args![*id, now]).collect();
    let sql = "with kept (id, said_until) as (values {set}) \
               insert into record_version (tenant_id, record_id, number, hash, payload, contact, gone, said_until) \
               select r.tenant_id, r.id, (select coalesce(max(v.number), 0) + 1 from record_version v \
                 where v.tenant_id = r.tenant_id and v.record_id = r.id), \
               r.hash, r.payload, r.contact, r.gone, kept.said_until \
               from kept cross join record r where r.tenant_id = $1 and r.id = kept.id";
    tx.execute_in(sql, 2, &rows).await?;
    Ok(())
}

/// What a record said once.
#[derive(Clone, PartialEq)]
pub struct Version {
    /// 1, 2, 3 … from the oldest on.
    pub number: i64,
    /// Until when it was the newest word.
    pub said_until: Timestamp,
    /// What it said.
    pub payload: serde_json::Value,
    /// Its normal form then.
    pub contact: Contact,
}

doorstep_core::masked_debug!(Version: number, said_until);

/// What a record said before, newest first, at most `limit`.
#[crate::boxed]
pub async fn versions(tx: &mut Tx, id: RecordId, limit: i64) -> Result<Vec<Version>> {
    let sql = "select number, said_until, payload, contact from record_version \
               where tenant_id = $1 and record_id = $2 order by number desc limit $3";
    let rows: Vec<(i64, At, Json<serde_json::Value>, Json<Contact>)> = tx.fetch_all(sql, args![id, limit]).await?;
    let read = |(number, said_until, payload, contact): (i64, At, Json<serde_json::Value>, Json<Contact>)| Version {
        number,
        said_until: said_until.0,
        payload: payload.0,
        contact: contact.0,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Says what records say about people, in normal form, from now on: survivorship goes by when that was. The identifiers that they are found by are the caller's to change.
#[crate::boxed]
pub async fn set_contacts(tx: &mut Tx, contacts: &[(RecordId, Contact)]) -> Result<()> {
    let now = tx.now();
    let mut rows = Vec::with_capacity(contacts.len() * 3);
    for (id, contact) in contacts {
        rows.extend([Value::from(*id), Value::json(contact)?, now.into()]);
    }
    let sql = "with word (id, contact, said_at) as (values {set}) \
               update record set contact = word.contact, said_at = word.said_at \
               from word where record.tenant_id = $1 and record.id = word.id";
    tx.execute_in(sql, 3, &rows).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ObjectRow {
    id: Uuid,
    stream: String,
    key: String,
    parent_key: Option<String>,
    gone: Option<String>,
    merged_into: Option<String>,
    payload: Json<serde_json::Value>,
    contact: Json<Contact>,
    customer_id: Option<Uuid>,
}

impl ObjectRow {
    fn read(self) -> Result<Object> {
        Ok(Object {
            id: RecordId::from_uuid(self.id),
            stream: self.stream,
            key: self.key,
            parent_key: self.parent_key,
            gone: gone_of(self.gone, self.merged_into)?,
            payload: self.payload.0,
            contact: self.contact.0,
            customer: self.customer_id.map(CustomerId::from_uuid),
        })
    }
}

const OBJECT: &str =
    "select r.id, r.stream, r.key, r.parent_key, r.gone, r.merged_into, r.payload, r.contact, r.customer_id";

/// Objects by their keys; those that were taken out are left out.
#[crate::boxed]
pub async fn by_keys(tx: &mut Tx, connection: ConnectionId, stream: &str, keys: &[&str]) -> Result<Vec<Object>> {
    let sql = format!(
        "with wanted (connection_id, stream, key) as (values {{set}}) {OBJECT} from wanted cross join record r \
         where r.tenant_id = $1 and r.connection_id = wanted.connection_id and r.stream = wanted.stream \
         and r.key = wanted.key and r.removed_at is null"
    );
    let keys = keys_of(connection, stream, keys.iter().copied());
    let rows: Vec<ObjectRow> = tx.fetch_in(&sql, 3, &keys).await?;
    rows.into_iter().map(ObjectRow::read).collect()
}

/// Objects by our ids; those that were taken out are left out.
#[crate::boxed]
pub async fn get_many(tx: &mut Tx, ids: &[RecordId]) -> Result<Vec<Object>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql =
        format!("{OBJECT} from record r where r.tenant_id = $1 and r.removed_at is null and r.id in (values {{set}})");
    let rows: Vec<ObjectRow> = tx.fetch_in(&sql, 1, &keys).await?;
    rows.into_iter().map(ObjectRow::read).collect()
}

/// The objects of a stream after `after` that were not taken out and whose rows do not wait to be made again, in order of
/// our ids, at most `limit`: walks through what a stream said.
#[crate::boxed]
pub async fn after(
    tx: &mut Tx,
    connection: ConnectionId,
    stream: &str,
    after: Option<RecordId>,
    limit: i64,
) -> Result<Vec<Object>> {
    let after = after.map_or(Uuid::nil(), RecordId::uuid);
    let sql = format!(
        "{OBJECT} from record r where r.tenant_id = $1 and r.connection_id = $2 and r.stream = $3 \
         and r.removed_at is null and r.stale_at is null and r.id > $4 order by r.id limit $5"
    );
    let rows: Vec<ObjectRow> = tx.fetch_all(&sql, args![connection, stream, after, limit]).await?;
    rows.into_iter().map(ObjectRow::read).collect()
}

/// The objects of a stream that belong to these of their parents' stream; those that were taken out are left out.
#[crate::boxed]
pub async fn of_parents(tx: &mut Tx, connection: ConnectionId, stream: &str, parents: &[&str]) -> Result<Vec<Object>> {
    let sql = format!(
        "with wanted (connection_id, stream, key) as (values {{set}}) {OBJECT} from wanted cross join record r \
         where r.tenant_id = $1 and r.connection_id = wanted.connection_id and r.stream = wanted.stream \
         and r.parent_key = wanted.key and r.removed_at is null order by r.id limit {MAX_PARTS}"
    );
    let keys = keys_of(connection, stream, parents.iter().copied());
    let rows: Vec<ObjectRow> = tx.fetch_in(&sql, 3, &keys).await?;
    rows.into_iter().map(ObjectRow::read).collect()
}

/// The objects of a stream that their source merged into these of the same stream.
#[crate::boxed]
pub async fn merged_into(tx: &mut Tx, connection: ConnectionId, stream: &str, keys: &[&str]) -> Result<Vec<Object>> {
    let sql = format!(
        "with wanted (connection_id, stream, key) as (values {{set}}) {OBJECT} from wanted cross join record r \
         where r.tenant_id = $1 and r.connection_id = wanted.connection_id and r.stream = wanted.stream \
         and r.merged_into = wanted.key and r.removed_at is null order by r.id limit {MAX_PARTS}"
    );
    let keys = keys_of(connection, stream, keys.iter().copied());
    let rows: Vec<ObjectRow> = tx.fetch_in(&sql, 3, &keys).await?;
    rows.into_iter().map(ObjectRow::read).collect()
}

/// How many objects of a stream there are that were not taken out.
#[crate::boxed]
pub async fn count(tx: &mut Tx, connection: ConnectionId, stream: &str) -> Result<u64> {
    let sql = "select count(*) from record where tenant_id = $1 and connection_id = $2 and stream = $3 \
               and removed_at is null";
    let (count,): (i64,) = tx.fetch_one(sql, args![connection, stream]).await?;
    Ok(count.unsigned_abs())
}

/// Notes that what follows from the objects of a stream that belong to these is to be made again.
#[crate::boxed]
pub async fn mark_children(tx: &mut Tx, connection: ConnectionId, stream: &str, parents: &[&str]) -> Result<()> {
    let now = tx.now();
    let keys: Vec<Value> = parents.iter().flat_map(|key| args![connection, stream, *key, now]).collect();
    let sql = "with wanted (connection_id, stream, key, stale_at) as (values {set}) \
               update record set stale_at = (select max(stale_at) from wanted) \
               where tenant_id = $1 and id in (select r.id from wanted cross join record r \
               where r.tenant_id = $1 and r.connection_id = wanted.connection_id and r.stream = wanted.stream \
               and r.parent_key = wanted.key and r.removed_at is null)";
    tx.execute_in(sql, 4, &keys).await?;
    Ok(())
}

/// Notes that what follows from the records that refer to these objects is to be made again.
#[crate::boxed]
pub async fn mark_referring(tx: &mut Tx, connection: ConnectionId, stream: &str, keys: &[&str]) -> Result<()> {
    let now = tx.now();
    let keys: Vec<Value> = keys.iter().flat_map(|key| args![connection, stream, *key, now]).collect();
    let sql = "with wanted (connection_id, stream, key, stale_at) as (values {set}) \
               update record set stale_at = (select max(stale_at) from wanted) \
               where tenant_id = $1 and id in (select x.record_id from wanted cross join record_reference x \
               where x.tenant_id = $1 and x.connection_id = wanted.connection_id and x.stream = wanted.stream \
               and x.key = wanted.key)";
    tx.execute_in(sql, 4, &keys).await?;
    Ok(())
}

/// The records of a stream whose rows are to be made again, at most `limit`.
#[crate::boxed]
pub async fn stale(tx: &mut Tx, connection: ConnectionId, stream: &str, limit: i64) -> Result<Vec<RecordId>> {
    let sql = "select id from record where tenant_id = $1 and connection_id = $2 and stream = $3 \
               and stale_at is not null order by id limit $4";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![connection, stream, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| RecordId::from_uuid(id)).collect())
}

/// Those of these records whose rows are to be made again.
#[crate::boxed]
pub async fn stale_among(tx: &mut Tx, ids: &[RecordId]) -> Result<Vec<RecordId>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    // Not asked for in SQL: PostgreSQL would go through all that are stale.
    let sql = "select id, stale_at from record where tenant_id = $1 and id in (values {set})";
    let rows: Vec<(Uuid, Option<At>)> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().filter(|(_, at)| at.is_some()).map(|(id, _)| RecordId::from_uuid(id)).collect())
}

/// Says that what follows from these records was made.
#[crate::boxed]
pub async fn set_fresh(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "update record set stale_at = null where tenant_id = $1 and id in (values {set})";
    tx.execute_in(sql, 1, &keys).await?;
    Ok(())
}

/// Says which objects records refer to, in place of what was said before; `records` are those of which something may have
/// been said.
#[crate::boxed]
pub async fn set_references(
    tx: &mut Tx,
    connection: ConnectionId,
    records: &[RecordId],
    references: &[(RecordId, &str, String)],
) -> Result<()> {
    let keys: Vec<Value> = records.iter().map(|id| Value::from(*id)).collect();
    let sql = "delete from record_reference where tenant_id = $1 and record_id in (values {set})";
    tx.execute_in(sql, 1, &keys).await?;
    // In the order of the table, in which they would else land everywhere: a page is visited once, not once a row.
    let mut sorted: Vec<&(RecordId, &str, String)> = references.iter().collect();
    sorted.sort_unstable_by(|(a, of, key), (b, other, its)| (of, key, a).cmp(&(other, its, b)));
    let rows = sorted.into_iter().flat_map(|(record, stream, key)| args![connection, *stream, key.as_str(), *record]);
    let rows: Vec<Value> = rows.collect();
    let head = "insert into record_reference (tenant_id, connection_id, stream, key, record_id)";
    tx.insert_many(head, "on conflict do nothing", 4, rows).await?;
    Ok(())
}

/// Takes objects out that their source has no more. Their rows stay with their keys, for ids that were handed out and for
/// objects that come back; what they said is among their versions if [`keep_versions`] kept it.
#[crate::boxed]
pub async fn take_out(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    record::detach(tx, ids).await?;
    let now = tx.now();
    let rows: Vec<Value> = ids.iter().flat_map(|id| args![*id, now, vec![0_u8; 32]]).collect();
    let sql = "with going (id, removed_at, hash) as (values {set}) \
               update record set payload = '{}', contact = '{}', hash = going.hash, removed_at = going.removed_at, \
               gone = 'deleted', merged_into = null, stale_at = null \
               from going where record.tenant_id = $1 and record.id = going.id";
    tx.execute_in(sql, 3, &rows).await?;
    // What nobody else takes over waits for the object to come back.
    remark::leave_records(tx, ids).await
}
