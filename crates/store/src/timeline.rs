//! The timeline of a customer: messages and calls in one list, newest first.
//!
//! Whose a message or a call is follows at the moment of reading, over conversations, records and identifiers. Asked in
//! one join, either database would read all of a customer's messages to find the newest fifty. So the parts are found
//! first, and one statement takes the newest of each part by its index: a union of as many small reads as there are
//! parts, each with its own limit.

use doorstep_core::Timestamp;
use doorstep_core::conversation::{Channel, Entry};
use doorstep_core::id::{ConversationId, CustomerId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::position::Way;
use uuid::Uuid;

use crate::args;
use crate::call::{CALL, CallRow};
use crate::conversation;
use crate::error::Result;
use crate::message::{LATEST, MESSAGE, MessageRow};
use crate::tx::Tx;
use crate::value::Value;

/// Conversations, and phones, addresses and records with calls, that a timeline is made of at most: the newest ones.
/// A household has some ten of each; hundreds are a number that a business calls from.
const MAX_PARTS: i64 = 1_000;
/// Parts of one statement: few sizes, so that statements are found in the cache, filled up with nulls.
const PARTS_PER_STATEMENT: [usize; 4] = [64, 16, 4, 1];

/// Where a page begins: beside an entry of that instant and id.
pub type Place = (Timestamp, Uuid);

/// The entries of a customer's timeline beside `from`, at most `limit`: older ones, newest first; or back to newer
/// ones, and then oldest first.
#[crate::boxed]
pub async fn page(tx: &mut Tx, customer: CustomerId, from: Option<(Way, Place)>, limit: i64) -> Result<Vec<Entry>> {
    let window = Window::new(from, limit);
    let mut found = written(tx, customer, &window).await?;
    found.extend(calls(tx, customer, &window).await?);
    window.keep(&mut found);
    Ok(found)
}

/// The newest entries that were stored by an instant of whoever had these records and these identifiers then, at most
/// `limit`. When an entry was stored is in its id; what was taken out since is not among them.
#[crate::boxed]
pub async fn then(
    tx: &mut Tx,
    records: &[RecordId],
    identifiers: &[Identifier],
    at: Timestamp,
    limit: i64,
) -> Result<Vec<Entry>> {
    let window = Window { stored_before: Some(first_id_after(at)), ..Window::new(None, limit) };
    let most = MAX_PARTS as usize;
    let parts = conversation::newest_of(tx, records, identifiers, most).await?;
    let mut found = messages_of(tx, parts, &window).await?;
    let named = identifiers.iter().take(most).map(|it| args![it.kind.as_str(), it.value.as_str()]).collect();
    let records = records.iter().rev().take(most).map(|id| args![*id]).collect();
    found.extend(calls_of(tx, named, records, &window).await?);
    window.keep(&mut found);
    Ok(found)
}

/// The least id that can be made after an instant: ids begin with the milliseconds at which they are made.
fn first_id_after(at: Timestamp) -> Uuid {
    let next = at.micros().max(0).unsigned_abs() / 1_000 + 1;
    Uuid::from_u128(u128::from(next) << 80)
}

/// A customer's messages before `before`, newest first, at most `limit`.
#[crate::boxed]
pub async fn messages(tx: &mut Tx, customer: CustomerId, before: Option<Place>, limit: i64) -> Result<Vec<Entry>> {
    let window = Window::new(before.map(|place| (Way::Forward, place)), limit);
    written(tx, customer, &window).await
}

/// Which entries are wanted.
struct Window {
    back: bool,
    place: Place,
    limit: i64,
    /// Only what has a lesser id.
    stored_before: Option<Uuid>,
}

impl Window {
    fn new(from: Option<(Way, Place)>, limit: i64) -> Self {
        let (way, place) = from.unwrap_or((Way::Forward, (LATEST, Uuid::max())));
        Self { back: way == Way::Back, place, limit, stored_before: None }
    }

    /// Those nearest to the place, in their order.
    fn keep(&self, entries: &mut Vec<Entry>) {
        entries.sort_by_key(Entry::place);
        if !self.back {
            entries.reverse();
        }
        entries.truncate(usize::try_from(self.limit).unwrap_or_default());
    }

    /// Whether entries up to `newest` cannot change what is found.
    fn is_full(&self, found: &[Entry], newest: Timestamp) -> bool {
        let enough = found.len() as i64 >= self.limit;
        !self.back && enough && found.last().is_some_and(|entry| entry.place().0 > newest)
    }

    /// One statement over up to 64 parts; `part` says which rows of `table` belong to the part whose values are bound
    /// from the place given on, `width` of them.
    fn statement(
        &self,
        columns: &str,
        table: &str,
        at: &str,
        (parts, width): (&[Vec<Value>], usize),
        part: impl Fn(usize) -> String,
    ) -> (String, Vec<Value>) {
        let size = PARTS_PER_STATEMENT.into_iter().rev().find(|size| *size >= parts.len()).unwrap_or(parts.len());
        let (sign, turn) = if self.back { (">", "") } else { ("<", " desc") };
        let mut args = args![self.place.0, self.place.1, self.limit];
        // The last that is bound.
        let stored = self.stored_before.map(|_| format!(" and id < ${}", 5 + size * width)).unwrap_or_default();
        let leg = |n: usize| {
            format!(
                "select * from (select {columns} from {table} where tenant_id = $1 and {} and ({at}, id) {sign} ($2, $3){stored} \
                 order by {at}{turn}, id{turn} limit $4) as part{n}",
                part(5 + n * width)
            )
        };
        let legs: Vec<String> = (0..size).map(leg).collect();
        args.extend(parts.iter().flatten().cloned());
        let nothing: Vec<Value> = parts.first().into_iter().flatten().map(Value::null_alike).collect();
        (parts.len()..size).for_each(|_| args.extend_from_slice(&nothing));
        args.extend(self.stored_before.map(Value::from));
        let sql = format!("{} order by {at}{turn}, id{turn} limit $4", legs.join(" union all "));
        (sql, args)
    }
}

async fn written(tx: &mut Tx, customer: CustomerId, window: &Window) -> Result<Vec<Entry>> {
    let mut parts = conversation::newest_of_customer(tx, customer, MAX_PARTS).await?;
    if window.back {
        parts.retain(|(_, _, newest)| *newest >= window.place.0);
    }
    messages_of(tx, parts, window).await
}

/// The messages of these conversations, which come newest first.
async fn messages_of(
    tx: &mut Tx,
    parts: Vec<(ConversationId, Channel, Timestamp)>,
    window: &Window,
) -> Result<Vec<Entry>> {
    let mut found: Vec<Entry> = Vec::new();
    for chunk in parts.chunks(PARTS_PER_STATEMENT[0]) {
        // The parts come newest first: once there are enough, older conversations have nothing to add.
        if chunk.first().is_some_and(|(_, _, newest)| window.is_full(&found, *newest)) {
            break;
        }
        let ids: Vec<Vec<Value>> = chunk.iter().map(|(id, _, _)| vec![Value::from(*id)]).collect();
        let part = |place: usize| format!("conversation_id = ${place}");
        let (sql, args) = window.statement(MESSAGE, "message", "sent_at", (&ids, 1), part);
        for row in tx.fetch_all::<MessageRow>(&sql, args).await? {
            let message = row.read()?;
            let channel = channel_of(chunk, message.conversation_id);
            found.push(Entry::Message { message, channel });
        }
        window.keep(&mut found);
    }
    Ok(found)
}

fn channel_of(parts: &[(ConversationId, Channel, Timestamp)], id: ConversationId) -> Channel {
    parts.iter().find(|(part, _, _)| *part == id).map_or(Channel::Other, |(_, channel, _)| *channel)
}

async fn calls(tx: &mut Tx, customer: CustomerId, window: &Window) -> Result<Vec<Entry>> {
    let sql = "select kind, value from identity where tenant_id = $1 and customer_id = $2 \
               order by kind, value limit $3";
    let named: Vec<(String, String)> = tx.fetch_all(sql, args![customer, MAX_PARTS]).await?;
    let named: Vec<Vec<Value>> = named.into_iter().map(|(kind, value)| args![kind, value]).collect();
    let sql = "select id from record where tenant_id = $1 and customer_id = $2 and removed_at is null \
               order by id desc limit $3";
    let records: Vec<(Uuid,)> = tx.fetch_all(sql, args![customer, MAX_PARTS]).await?;
    let records: Vec<Vec<Value>> = records.into_iter().map(|(id,)| args![id]).collect();
    calls_of(tx, named, records, window).await
}

/// The calls of these identifiers, each a kind and a value, and of these records.
async fn calls_of(
    tx: &mut Tx,
    named: Vec<Vec<Value>>,
    records: Vec<Vec<Value>>,
    window: &Window,
) -> Result<Vec<Entry>> {
    let by_value = |place: usize| format!("kind = ${place} and value = ${} and record_id is null", place + 1);
    let by_record = |place: usize| format!("record_id = ${place}");
    let mut found = Vec::new();
    for chunk in named.chunks(PARTS_PER_STATEMENT[0]) {
        let (sql, args) = window.statement(CALL, "call", "started_at", (chunk, 2), by_value);
        read_calls(tx.fetch_all(&sql, args).await?, &mut found)?;
        window.keep(&mut found);
    }
    for chunk in records.chunks(PARTS_PER_STATEMENT[0]) {
        let (sql, args) = window.statement(CALL, "call", "started_at", (chunk, 1), by_record);
        read_calls(tx.fetch_all(&sql, args).await?, &mut found)?;
        window.keep(&mut found);
    }
    Ok(found)
}

fn read_calls(rows: Vec<CallRow>, found: &mut Vec<Entry>) -> Result<()> {
    for row in rows {
        found.push(Entry::Call { call: row.read()? });
    }
    Ok(())
}
