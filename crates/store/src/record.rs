//! Records: what a source said, as said, and the identifiers they can be found by.

use std::collections::{HashMap, HashSet};

use doorstep_core::Timestamp;
use doorstep_core::contact::{Contact, ContactRecord, connected_key, source_key};
use doorstep_core::id::{ConnectionId, CustomerId, ImportId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::record::Source;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::dialect::Dialect;
use crate::error::{Error, Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};
use crate::{context, identifier, past, pin, remark};

/// A record to be stored.
#[derive(Clone)]
pub struct New {
    /// Ours.
    pub id: RecordId,
    /// Which source says it.
    pub source: Source,
    /// Which kind of object.
    pub stream: String,
    /// The source's key.
    pub key: String,
    /// Hash of the payload.
    pub hash: [u8; 32],
    /// Which import brings it.
    pub import: Option<ImportId>,
    /// What was said.
    pub payload: serde_json::Value,
    /// Its normal form.
    pub contact: Contact,
    /// What it can be found by.
    pub identifiers: Vec<Identifier>,
    /// Whose it is.
    pub customer: CustomerId,
}

doorstep_core::masked_debug!(New: id, source, stream, import, identifiers, customer);

/// A stored record with the customer it belongs to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The record.
    pub record: ContactRecord,
    /// Its customer; `None` for a record that was taken out.
    pub customer: Option<CustomerId>,
}

/// Stores records and their identifiers. What was said before by the same key is left as it is.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, records: Vec<New>) -> Result<()> {
    let now = tx.now();
    let mut rows = Vec::with_capacity(records.len() * 10);
    let mut identifiers = Vec::with_capacity(records.len() * 3);
    for record in records {
        tx.touched.customers.insert(record.customer.uuid());
        identifiers.extend(record.identifiers.into_iter().map(|identifier| (record.id, identifier)));
        rows.extend(args![
            record.id,
            record.source.as_str(),
            record.stream,
            record.key,
            record.hash.to_vec(),
            record.import,
            record.payload,
        ]);
        rows.push(Value::json(&record.contact)?);
        rows.extend(args![record.customer, now]);
    }
    let head = "insert into record (tenant_id, id, source, stream, key, hash, import_id, payload, contact, \
                customer_id, created_at)";
    tx.insert_many(head, "", 10, rows).await?;
    identifier::insert(tx, identifiers).await
}

/// A record as a source would say it again: which one it is, and which import brought it.
pub type Said = HashMap<(String, Vec<u8>), (RecordId, Option<ImportId>)>;

/// Which of these keys and hashes of a stream are stored already.
#[crate::boxed]
pub async fn said(tx: &mut Tx, source: Source, stream: &str, said: &[(&str, [u8; 32])]) -> Result<Said> {
    let keys: Vec<Value> = said.iter().flat_map(|(key, hash)| args![*key, hash.to_vec()]).collect();
    // Source and stream are words of a closed set, not text of people.
    let sql = format!(
        "with wanted (key, hash) as (values {{set}}) \
         select r.key, r.hash, r.id, r.import_id from wanted cross join record r \
         where r.tenant_id = $1 and r.source = '{source}' and r.stream = '{stream}' and r.key = wanted.key \
         and r.hash = wanted.hash and r.removed_at is null and r.connection_id is null"
    );
    let rows: Vec<(String, Vec<u8>, Uuid, Option<Uuid>)> = tx.fetch_in(&sql, 2, &keys).await?;
    let read = |(key, hash, id, import): (String, Vec<u8>, Uuid, Option<Uuid>)| {
        ((key, hash), (RecordId::from_uuid(id), import.map(ImportId::from_uuid)))
    };
    Ok(rows.into_iter().map(read).collect())
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    id: Uuid,
    source: String,
    stream: String,
    key: String,
    import_id: Option<Uuid>,
    contact: Json<Contact>,
    customer_id: Option<Uuid>,
    created_at: At,
    connection_id: Option<Uuid>,
    said_at: Option<At>,
}

impl StoredRow {
    fn read(self) -> Result<Stored> {
        let (source, import) = (word("record.source", &self.source)?, self.import_id.map(ImportId::from_uuid));
        let connection = self.connection_id.map(ConnectionId::from_uuid);
        Ok(Stored {
            record: ContactRecord {
                id: RecordId::from_uuid(self.id),
                source,
                import,
                source_key: match connection {
                    Some(connection) => connected_key(source, connection, &self.stream, &self.key),
                    None => source_key(source, import, &self.stream, &self.key),
                },
                created_at: self.said_at.unwrap_or(self.created_at).0,
                contact: self.contact.0,
            },
            customer: self.customer_id.map(CustomerId::from_uuid),
        })
    }
}

const STORED: &str = "select id, source, stream, key, import_id, contact, customer_id, created_at, connection_id, said_at \
                      from record where tenant_id = $1 and removed_at is null";

/// The records of these ids that are still there, in no order.
#[crate::boxed]
pub async fn get_many(tx: &mut Tx, ids: &[RecordId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let rows: Vec<StoredRow> = tx.fetch_in(&format!("{STORED} and id in (values {{set}})"), 1, &keys).await?;
    rows.into_iter().map(StoredRow::read).collect()
}

/// The records of these customers, in no order.
#[crate::boxed]
pub async fn of_customers(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<Stored>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "with wanted (id) as (values {set}) \
               select r.id, source, stream, key, import_id, contact, customer_id, created_at, connection_id, said_at \
               from wanted cross join record r \
               where r.tenant_id = $1 and r.customer_id = wanted.id and r.removed_at is null";
    let rows: Vec<StoredRow> = tx.fetch_in(sql, 1, &keys).await?;
    rows.into_iter().map(StoredRow::read).collect()
}

/// The ids of these customers' records, in no order.
#[crate::boxed]
pub async fn ids_of_customers(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<RecordId>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!(
        "with wanted (id) as (values {{set}}) select {} from wanted cross join record r \
         where r.tenant_id = $1 and r.customer_id = wanted.id and r.removed_at is null",
        Dialect::joined(&tx.dialect().id_text("r.id"))
    );
    let rows: Vec<(Option<String>,)> = tx.fetch_in(&sql, 1, &keys).await?;
    let words = rows.iter().flat_map(|(words,)| words.as_deref().unwrap_or_default().split_ascii_whitespace());
    words.map(|word| Ok(RecordId::from_uuid(id(word)?))).collect()
}

/// Whether the tenant has any record at all.
#[crate::boxed]
pub async fn any(tx: &mut Tx) -> Result<bool> {
    let sql = "select cast(1 as bigint) from record where tenant_id = $1 limit 1";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![]).await?;
    Ok(row.is_some())
}

/// How many there are that are somebody's: those of live sources that are about no person are nobody's.
#[crate::boxed]
pub async fn count(tx: &mut Tx) -> Result<u64> {
    let sql = "select count(*) from record where tenant_id = $1 and removed_at is null and customer_id is not null";
    let (count,): (i64,) = tx.fetch_one(sql, args![]).await?;
    Ok(count.unsigned_abs())
}

/// Ids after `after` in ascending order, at most `limit`: walks all records that are somebody's in pages.
#[crate::boxed]
pub async fn ids_after(tx: &mut Tx, after: Option<RecordId>, limit: i64) -> Result<Vec<RecordId>> {
    let after = after.map_or(Uuid::nil(), RecordId::uuid);
    let sql = "select id from record where tenant_id = $1 and removed_at is null and customer_id is not null and id > $2 \
               order by id limit $3";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![after, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| RecordId::from_uuid(id)).collect())
}

/// When the record of a stream with the last key was stored: of a stream whose keys are ids, the newest.
#[crate::boxed]
pub async fn last_stored_at(tx: &mut Tx, source: Source, stream: &str) -> Result<Option<Timestamp>> {
    // The end of the index by what was said: by time, all records would be read.
    let sql = "select created_at from record where tenant_id = $1 and source = $3 and stream = $2 \
               and removed_at is null and connection_id is null order by key desc limit 1";
    let row: Option<(At,)> = tx.fetch_optional(sql, args![stream, source.as_str()]).await?;
    Ok(row.map(|(at,)| at.0))
}

/// The ids of an import's records, at most `limit`, oldest first.
#[crate::boxed]
pub async fn of_import(tx: &mut Tx, import: ImportId, limit: i64) -> Result<Vec<RecordId>> {
    let sql =
        "select id from record where tenant_id = $1 and import_id = $2 and removed_at is null order by id limit $3";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![import, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| RecordId::from_uuid(id)).collect())
}

/// Who shares an identifier.
#[derive(Debug, Default)]
pub struct Sharing {
    /// Identifier and record.
    pub links: Vec<(Identifier, RecordId)>,
    /// Identifiers that more objects of sources share than their kind allows: they prove nothing, and their records
    /// are not listed.
    pub hubs: Vec<Identifier>,
}

/// Records read of one identifier at most. More than that many are a hub, whatever they are versions of.
const MAX_SHARING: usize = 2_000;
/// Identifiers that are asked about at once.
const ASKED_AT_ONCE: usize = 1_000;
/// Rows that one statement may answer with before each identifier is given a limit of its own: ranking the rows of each
/// costs more than reading them, and hardly any set of identifiers has so many.
const MOST_ROWS: usize = 10_000;

/// The records that have any of these identifiers; the links of one stand together. An identifier that more different
/// objects have than `limit` allows of its kind is a hub (versions of one object count once).
pub async fn sharing(
    tx: &mut Tx,
    identifiers: &[Identifier],
    limit: impl Fn(IdentifierKind) -> usize,
) -> Result<Sharing> {
    // In the order of the table: what lies side by side is read together.
    let mut wanted: Vec<&Identifier> = identifiers.iter().collect();
    wanted.sort_unstable_by_key(|identifier| (identifier.kind.as_str(), identifier.value.as_str()));
    wanted.dedup();
    let mut found = Sharing::default();
    for wanted in wanted.chunks(ASKED_AT_ONCE) {
        for group in having(tx, wanted).await?.chunk_by(|a, b| a.0 == b.0) {
            let place = group.first().and_then(|(place, _)| usize::try_from(*place).ok());
            let Some(identifier) = place.and_then(|place| wanted.get(place)) else { continue };
            let records: Vec<RecordId> = group.iter().map(|(_, id)| RecordId::from_uuid(*id)).collect();
            // Only a crowd is worth asking whether it is many objects or many versions of a few.
            let (limit, many) = (limit(identifier.kind), records.len());
            if many > limit && (many >= MAX_SHARING || objects(tx, &records).await? > limit) {
                found.hubs.push((*identifier).clone());
            } else {
                found.links.extend(records.into_iter().map(|record| ((*identifier).clone(), record)));
            }
        }
    }
    Ok(found)
}

/// The records that have these identifiers, at most [`MAX_SHARING`] of each, by the identifiers' places and by age.
async fn having(tx: &mut Tx, wanted: &[&Identifier]) -> Result<Vec<(i64, Uuid)>> {
    let key =
        |(place, identifier): (i64, &&Identifier)| args![place, identifier.kind.as_str(), identifier.value.as_str()];
    let keys: Vec<Value> = (0..).zip(wanted).flat_map(key).collect();
    let wanted = "with wanted (place, kind, value) as (values {set})";
    let having = "from wanted cross join record_identifier i \
                  where i.tenant_id = $1 and i.kind = wanted.kind and i.value = wanted.value";
    // Two words for each: its place and the record.
    let words = Dialect::joined(&format!("place || ' ' || {}", tx.dialect().id_text("record_id")));
    let sql =
        format!("{wanted} select {words} from (select wanted.place, i.record_id {having} limit {MOST_ROWS}) as found");
    let mut rows = pairs(tx.fetch_in(&sql, 3, &keys).await?)?;
    if rows.len() >= MOST_ROWS {
        let sql = format!(
            "{wanted} select {words} from (\
               select wanted.place, i.record_id, \
                      row_number() over (partition by wanted.place order by i.record_id) as nth {having}) as ranked \
             where nth <= {MAX_SHARING}"
        );
        rows = pairs(tx.fetch_in(&sql, 3, &keys).await?)?;
    }
    rows.sort_unstable();
    Ok(rows)
}

/// Numbers and ids that were read as words.
fn pairs(rows: Vec<(Option<String>,)>) -> Result<Vec<(i64, Uuid)>> {
    let mut pairs = Vec::new();
    for (words,) in rows {
        let mut words = words.as_deref().unwrap_or_default().split_ascii_whitespace();
        while let Some(place) = words.next() {
            let place = place.parse().map_err(|_| unreadable("a number"))?;
            pairs.push((place, id(words.next().unwrap_or_default())?));
        }
    }
    Ok(pairs)
}

fn id(word: &str) -> Result<Uuid> {
    Uuid::parse_str(word).map_err(|_| unreadable("an id"))
}

fn unreadable(what: &'static str) -> Error {
    Error::Unreadable { what, why: "it was not written as this program writes it".to_owned() }
}

/// How many different objects of sources these records are versions of.
async fn objects(tx: &mut Tx, ids: &[RecordId]) -> Result<usize> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select source, stream, key from record where tenant_id = $1 and id in (values {set})";
    let rows: Vec<(String, String, String)> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().collect::<HashSet<_>>().len())
}

/// Whose these records are; those that were taken out are left out.
#[crate::boxed]
pub async fn customers_of(tx: &mut Tx, ids: &[RecordId]) -> Result<HashMap<RecordId, CustomerId>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, customer_id from record where tenant_id = $1 and removed_at is null \
               and customer_id is not null and id in (values {set})";
    let rows: Vec<(Uuid, Uuid)> = tx.fetch_in(sql, 1, &keys).await?;
    Ok(rows.into_iter().map(|(id, customer)| (RecordId::from_uuid(id), CustomerId::from_uuid(customer))).collect())
}

/// Puts records to customers.
#[crate::boxed]
pub async fn assign(tx: &mut Tx, assigned: &[(RecordId, CustomerId)]) -> Result<()> {
    let records: Vec<RecordId> = assigned.iter().map(|(record, _)| *record).collect();
    context::touch_owners(tx, &records).await?;
    past::keep_owners(tx, &records).await?;
    let keys: Vec<Value> = assigned.iter().flat_map(|(record, customer)| args![*record, *customer]).collect();
    let sql = "with moved (id, customer_id) as (values {set}) \
               update record set customer_id = moved.customer_id from moved \
               where record.tenant_id = $1 and record.id = moved.id";
    tx.execute_in(sql, 2, &keys).await?;
    Ok(())
}

/// Takes records out: the row stays as a marker without content, so that ids handed out still resolve.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    detach(tx, ids).await?;
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let now: Timestamp = tx.now();
    let sql = format!(
        "update record set key = '', payload = '{{}}', contact = '{{}}', removed_at = {} \
         where tenant_id = $1 and id in (values {{set}})",
        crate::dialect::time_literal(tx.dialect(), now)
    );
    tx.execute_in(&sql, 1, &keys).await?;
    remark::remove_of_records(tx, ids).await
}

/// Takes away what hangs on records that are taken out.
#[crate::boxed]
pub(crate) async fn detach(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    context::touch_owners(tx, ids).await?;
    context::touch_participants(tx, ids).await?;
    past::keep_owners(tx, ids).await?;
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "delete from record_identifier where tenant_id = $1 and record_id in (values {set})";
    tx.execute_in(sql, 1, &keys).await?;
    let sql = "update participant set record_id = null where tenant_id = $1 and record_id in (values {set})";
    tx.execute_in(sql, 1, &keys).await?;
    let sql = "update call set record_id = null where tenant_id = $1 and record_id in (values {set})";
    tx.execute_in(sql, 1, &keys).await?;
    pin::remove_of_records(tx, ids).await
}

/// Points the markers of records taken out from a customer that is no more to the one that lives on, or to nobody.
#[crate::boxed]
pub async fn forward(tx: &mut Tx, from: CustomerId, to: Option<CustomerId>) -> Result<()> {
    let sql = "update record set customer_id = $3 where tenant_id = $1 and customer_id = $2 and removed_at is not null";
    tx.execute(sql, args![from, to]).await?;
    Ok(())
}

/// What an id that was once handed out stands for today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// This customer.
    Customer(CustomerId),
    /// A customer that was taken out with the import that had brought it.
    TakenOut(Option<ImportId>),
}

/// The customer that an id resolves to: its own, or the one that its oldest record belongs to now.
#[crate::boxed]
pub async fn resolve(tx: &mut Tx, id: CustomerId) -> Result<Option<Resolved>> {
    let sql = "select customer_id, import_id from record where tenant_id = $1 and id = $2";
    let row: Option<(Option<Uuid>, Option<Uuid>)> = tx.fetch_optional(sql, args![id]).await?;
    Ok(row.map(|(customer, import)| match customer {
        Some(customer) => Resolved::Customer(CustomerId::from_uuid(customer)),
        None => Resolved::TakenOut(import.map(ImportId::from_uuid)),
    }))
}
