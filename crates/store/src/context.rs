//! Versions of contexts: which commit last changed what may be told of a customer.
//!
//! Every write that touches anything in a context notes whose it is in the transaction (`Touched`): a customer, or a
//! record, a conversation or an identifier from which the customer follows. The commit asks once whose these are, under
//! the lock of the change feed, and gives those customers the number that the feed has then. What is asked earlier than
//! that could be another's by the commit (two transactions, one of which merges whom the other writes to).
//!
//! [docs/decisions/0051](../../../docs/decisions/0051-contexts-have-a-version.md) says why it is a table of its own.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_core::Id;
use doorstep_core::Timestamp;
use doorstep_core::id::{CallId, ConversationId, CustomerId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::planted;
use doorstep_core::record::Source;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// Whose contexts a transaction changes, as far as it has noted it. No larger than the rows that it writes.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) customers: BTreeSet<Uuid>,
    /// Those whose these records are at the commit.
    pub(crate) records: BTreeSet<Uuid>,
    /// Those who take part in them at the commit.
    conversations: BTreeSet<Uuid>,
    /// Those who have them at the commit.
    identifiers: BTreeSet<(IdentifierKind, String)>,
}

/// Who takes part in conversations.
const OF_CONVERSATIONS: &str = "with wanted (id) as (values {set}) \
     select r.customer_id from wanted cross join participant p join record r \
       on r.tenant_id = p.tenant_id and r.id = p.record_id \
     where p.tenant_id = $1 and p.conversation_id = wanted.id and r.customer_id is not null \
     union \
     select i.customer_id from wanted cross join participant p join identity i \
       on i.tenant_id = p.tenant_id and i.kind = p.kind and i.value = p.value \
     where p.tenant_id = $1 and p.conversation_id = wanted.id and p.record_id is null";

/// Whose records are.
const OF_RECORDS: &str = "select distinct customer_id from record \
     where tenant_id = $1 and customer_id is not null and id in (values {set})";

/// Who has identifiers.
const OF_IDENTIFIERS: &str = "with wanted (kind, value) as (values {set}) \
     select distinct i.customer_id from wanted cross join identity i \
     where i.tenant_id = $1 and i.kind = wanted.kind and i.value = wanted.value";

impl Touched {
    pub(crate) fn is_empty(&self) -> bool {
        let Self { customers, records, conversations, identifiers } = self;
        customers.is_empty() && records.is_empty() && conversations.is_empty() && identifiers.is_empty()
    }

    /// Notes what is said in conversations.
    pub(crate) fn conversations(&mut self, ids: impl IntoIterator<Item = ConversationId>) {
        if !planted!("a-message-leaves-the-version") {
            self.conversations.extend(ids.into_iter().map(ConversationId::uuid));
        }
    }

    /// Notes somebody who takes part in something: by their record where that is known, else by their identifier.
    pub(crate) fn participant(&mut self, record: Option<RecordId>, identifier: &Identifier) {
        match record {
            Some(record) => self.records.insert(record.uuid()),
            None => self.identifiers.insert((identifier.kind, identifier.value.clone())),
        };
    }

    /// Whose contexts these are now.
    #[crate::boxed]
    pub(crate) async fn customers(&self, tx: &mut Tx) -> Result<BTreeSet<Uuid>> {
        let ids = |ids: &BTreeSet<Uuid>| ids.iter().map(|id| Value::from(*id)).collect::<Vec<_>>();
        let mut found = self.customers.clone();
        let (records, conversations) = (ids(&self.records), ids(&self.conversations));
        let identifiers = self.identifiers.iter().flat_map(|(kind, value)| args![kind.as_str(), value.as_str()]);
        let identifiers: Vec<Value> = identifiers.collect();
        let questions =
            [(OF_RECORDS, 1, records), (OF_CONVERSATIONS, 1, conversations), (OF_IDENTIFIERS, 2, identifiers)];
        for (sql, width, keys) in questions {
            let rows: Vec<(Uuid,)> = tx.fetch_in(sql, width, &keys).await?;
            found.extend(rows.into_iter().map(|(id,)| id));
        }
        Ok(found)
    }

    /// Gives those customers that version.
    #[crate::boxed]
    pub(crate) async fn write(&self, tx: &mut Tx, version: i64) -> Result<()> {
        let rows = self.customers(tx).await?.into_iter().flat_map(|id| args![id, version]);
        let rows: Vec<Value> = rows.collect();
        let head = "insert into context_version (tenant_id, customer_id, version)";
        let tail = "on conflict (tenant_id, customer_id) do update set version = excluded.version";
        tx.insert_many(head, tail, 2, rows).await?;
        Ok(())
    }
}

#[cfg(any(test, feature = "testing"))]
impl Tx {
    /// Whose contexts this transaction changes so far, as its commit would ask: for tests of plans.
    #[crate::boxed]
    pub async fn touched_customers(&mut self) -> Result<usize> {
        let touched = std::mem::take(&mut self.touched);
        Ok(touched.customers(self).await?.len())
    }
}

/// Notes those whose these records are now, and whose they are at the commit.
#[crate::boxed]
pub(crate) async fn touch_owners(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let rows: Vec<(Uuid,)> = tx.fetch_in(OF_RECORDS, 1, &keys).await?;
    tx.touched.customers.extend(rows.into_iter().map(|(id,)| id));
    tx.touched.records.extend(ids.iter().map(|id| id.uuid()));
    Ok(())
}

/// Notes those on whose records the rows of `table` hang that these records made.
#[crate::boxed]
pub(crate) async fn touch_hanging(tx: &mut Tx, table: &'static str, ids: &[RecordId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!(
        "select distinct customer_record_id from {table} where tenant_id = $1 and record_id in (values {{set}})"
    );
    let rows: Vec<(Uuid,)> = tx.fetch_in(&sql, 1, &keys).await?;
    tx.touched.records.extend(rows.into_iter().map(|(id,)| id));
    Ok(())
}

/// Notes those who take part in these conversations now.
#[crate::boxed]
pub(crate) async fn touch_conversations(tx: &mut Tx, ids: &[Value]) -> Result<()> {
    let rows: Vec<(Uuid,)> = tx.fetch_in(OF_CONVERSATIONS, 1, ids).await?;
    tx.touched.customers.extend(rows.into_iter().map(|(id,)| id));
    Ok(())
}

/// Notes what these records take part in: conversations and calls that are somebody else's when they are named no more.
#[crate::boxed]
pub(crate) async fn touch_participants(tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "with wanted (id) as (values {set}) \
               select distinct p.conversation_id from wanted cross join participant p \
               where p.tenant_id = $1 and p.record_id = wanted.id";
    let rows: Vec<(Uuid,)> = tx.fetch_in(sql, 1, &keys).await?;
    tx.touched.conversations.extend(rows.into_iter().map(|(id,)| id));
    let sql = "with wanted (id) as (values {set}) \
               select distinct c.kind, c.value from wanted cross join call c \
               where c.tenant_id = $1 and c.record_id = wanted.id";
    for (kind, value) in tx.fetch_in::<(String, String)>(sql, 1, &keys).await? {
        tx.touched.identifiers.insert((word("call.kind", &kind)?, value));
    }
    Ok(())
}

/// The version of a customer's context: it differs after every commit that changed anything in it. `None` where there
/// is no such customer.
#[crate::boxed]
pub async fn version(tx: &mut Tx, id: CustomerId) -> Result<Option<i64>> {
    let sql = "select coalesce(v.version, 0) from customer c left join context_version v \
               on v.tenant_id = c.tenant_id and v.customer_id = c.id where c.tenant_id = $1 and c.id = $2";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![id]).await?;
    Ok(row.map(|(version,)| version))
}

/// Up to when each source is known. Of a live one: when the last run began that read it to its end; the least of them
/// where it is connected several times, and nothing until all have been read once. Of archives: when the last one came in.
#[crate::boxed]
pub async fn read_at(tx: &mut Tx) -> Result<BTreeMap<Source, Timestamp>> {
    let sql = "select source, last_run_at from connection where tenant_id = $1 and removed_at is null \
               union all \
               select source, max(applied_at) from import where tenant_id = $1 and state = 'applied' group by source";
    let rows: Vec<(String, Option<At>)> = tx.fetch_all(sql, args![]).await?;
    least_of(rows)
}

/// The least instant of each source, of rows of which each has one or none; none of a source of which one row has none.
pub(crate) fn least_of(rows: Vec<(String, Option<At>)>) -> Result<BTreeMap<Source, Timestamp>> {
    let mut least: BTreeMap<Source, Option<Timestamp>> = BTreeMap::new();
    for (source, at) in rows {
        let (source, at) = (word::<Source>("connection.source", &source)?, at.map(|at| at.0));
        // `None` is less than any instant.
        least.entry(source).and_modify(|least| *least = at.min(*least)).or_insert(at);
    }
    Ok(least.into_iter().filter_map(|(source, at)| Some((source, at?))).collect())
}

/// Which sources these records come from.
#[crate::boxed]
pub async fn sources_of_records(tx: &mut Tx, ids: &[RecordId]) -> Result<BTreeMap<RecordId, Source>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, source from record where tenant_id = $1 and id in (values {set})";
    sources(tx, sql, &keys).await
}

/// Which sources these conversations come from.
#[crate::boxed]
pub async fn sources_of_conversations(tx: &mut Tx, ids: &[ConversationId]) -> Result<BTreeMap<ConversationId, Source>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select id, source from conversation where tenant_id = $1 and id in (values {set})";
    sources(tx, sql, &keys).await
}

/// Which sources these calls come from; one that no import brought is not in it.
#[crate::boxed]
pub async fn sources_of_calls(tx: &mut Tx, ids: &[CallId]) -> Result<BTreeMap<CallId, Source>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select c.id, coalesce((select i.source from import i where i.tenant_id = c.tenant_id and i.id = c.import_id), 'hub') \
               from call c where c.tenant_id = $1 and c.id in (values {set}) and c.import_id is not null";
    sources(tx, sql, &keys).await
}

async fn sources<K>(tx: &mut Tx, sql: &str, keys: &[Value]) -> Result<BTreeMap<Id<K>, Source>> {
    let rows: Vec<(Uuid, String)> = tx.fetch_in(sql, 1, keys).await?;
    rows.into_iter().map(|(id, source)| Ok((Id::from_uuid(id), word("source", &source)?))).collect()
}
