//! Connections: the live sources that a tenant has, their schedules, and how they stand.

use doorstep_core::Timestamp;
use doorstep_core::connection::{Connection, Removal, Settings};
use doorstep_core::id::{ConnectionId, RecordId};
use doorstep_core::record::Source;
use doorstep_core::schedule::{Schedule, Window};
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// Stores a connection with its sealed credentials, and by which version of its source's mapping its words are read.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, new: &Connection, credentials: &[u8], mapping_version: i64) -> Result<()> {
    let mut args = args![new.id, new.source.as_str(), new.name.as_str()];
    args.extend([Value::json(&new.settings)?, credentials.to_vec().into()]);
    args.extend(schedule_args(&new.schedule));
    args.extend(args![new.next_run_at, new.failures, new.is_parked]);
    args.extend([Value::json(&new.created_by)?, new.created_at.into(), mapping_version.into()]);
    let sql = "insert into connection (tenant_id, id, source, name, settings, credentials, enabled, interval_seconds, \
               open_hours, next_run_at, failures, is_parked, created_by, created_at, mapping_version) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Connection, new.id.uuid());
    Ok(())
}

fn schedule_args(schedule: &Schedule) -> Vec<Value> {
    let hours = schedule.window.map(|window| window.to_string());
    args![schedule.enabled, schedule.interval_seconds, hours]
}

#[derive(sqlx::FromRow)]
struct ConnectionRow {
    id: Uuid,
    source: String,
    name: String,
    settings: Json<Settings>,
    enabled: bool,
    interval_seconds: i64,
    open_hours: Option<String>,
    next_run_at: Option<At>,
    next_try_at: Option<At>,
    last_run_at: Option<At>,
    failures: i64,
    is_parked: bool,
    reason: Option<String>,
    created_by: Json<Actor>,
    created_at: At,
    removed_at: Option<At>,
    records_left: Option<i64>,
    records_total: Option<i64>,
}

impl ConnectionRow {
    fn read(self) -> Result<Connection> {
        let window = self.open_hours.map(|text| word::<Window>("connection.open_hours", &text)).transpose()?;
        let count = |number: i64| number.unsigned_abs();
        let removal = self.records_left.zip(self.records_total);
        Ok(Connection {
            id: ConnectionId::from_uuid(self.id),
            source: word("connection.source", &self.source)?,
            name: self.name,
            settings: self.settings.0,
            schedule: Schedule { enabled: self.enabled, interval_seconds: self.interval_seconds, window },
            next_run_at: self.next_run_at.map(|at| at.0),
            next_try_at: self.next_try_at.map(|at| at.0),
            last_run_at: self.last_run_at.map(|at| at.0),
            failures: self.failures,
            is_parked: self.is_parked,
            reason: self.reason,
            created_by: self.created_by.0,
            created_at: self.created_at.0,
            removed_at: self.removed_at.map(|at| at.0),
            removal: removal.map(|(left, total)| Removal { left: count(left), total: count(total) }),
        })
    }
}

const CONNECTION: &str = "select id, source, name, settings, enabled, interval_seconds, open_hours, next_run_at, \
                          next_try_at, last_run_at, failures, is_parked, reason, created_by, created_at, removed_at, \
                          records_left, records_total from connection where tenant_id = $1";

/// One connection, also one that was taken away.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: ConnectionId) -> Result<Option<Connection>> {
    let row: Option<ConnectionRow> = tx.fetch_optional(&format!("{CONNECTION} and id = $2"), args![id]).await?;
    row.map(ConnectionRow::read).transpose()
}

/// Those that were not taken away, oldest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Connection>> {
    let sql = format!("{CONNECTION} and removed_at is null order by id limit $2");
    let rows: Vec<ConnectionRow> = tx.fetch_all(&sql, args![limit]).await?;
    rows.into_iter().map(ConnectionRow::read).collect()
}

/// Those of a source that were taken away and whose records stayed, the last to go first, at most `limit`.
#[crate::boxed]
pub async fn taken_away(tx: &mut Tx, source: Source, limit: i64) -> Result<Vec<Connection>> {
    let sql = format!(
        "{CONNECTION} and source = $3 and removed_at is not null and records_total is null \
         order by removed_at desc, id desc limit $2"
    );
    let args = args![limit, source.as_str()];
    let rows: Vec<ConnectionRow> = tx.fetch_all(&sql, args).await?;
    rows.into_iter().map(ConnectionRow::read).collect()
}

/// Those whose records are on their way out, oldest first, at most `limit`.
#[crate::boxed]
pub async fn leaving(tx: &mut Tx, limit: i64) -> Result<Vec<Connection>> {
    let sql = format!("{CONNECTION} and records_left > 0 order by id limit $2");
    let rows: Vec<ConnectionRow> = tx.fetch_all(&sql, args![limit]).await?;
    rows.into_iter().map(ConnectionRow::read).collect()
}

/// Those after `after` whose records stay, also of connections that were taken away; in order of their ids, at most
/// `limit`.
#[crate::boxed]
pub async fn with_records(tx: &mut Tx, after: Option<ConnectionId>, limit: i64) -> Result<Vec<Connection>> {
    let after = after.map_or(Uuid::nil(), ConnectionId::uuid);
    let sql = format!("{CONNECTION} and records_total is null and id > $2 order by id limit $3");
    let rows: Vec<ConnectionRow> = tx.fetch_all(&sql, args![after, limit]).await?;
    rows.into_iter().map(ConnectionRow::read).collect()
}

/// The sealed credentials of a connection; `None` for one that was taken away.
#[crate::boxed]
pub async fn credentials(tx: &mut Tx, id: ConnectionId) -> Result<Option<Vec<u8>>> {
    let sql = "select credentials from connection where tenant_id = $1 and id = $2";
    let row: Option<(Option<Vec<u8>>,)> = tx.fetch_optional(sql, args![id]).await?;
    Ok(row.and_then(|(blob,)| blob))
}

/// Says what connects it, in place of what was said before.
#[crate::boxed]
pub async fn set_settings(tx: &mut Tx, id: ConnectionId, settings: &Settings, credentials: &[u8]) -> Result<()> {
    let mut args = args![id];
    args.extend([Value::json(settings)?, credentials.to_vec().into()]);
    let sql = "update connection set settings = $3, credentials = $4 \
               where tenant_id = $1 and id = $2 and removed_at is null";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Connection, id.uuid());
    Ok(())
}

/// Says when it is read, and what is due by that.
#[crate::boxed]
pub async fn set_schedule(tx: &mut Tx, id: ConnectionId, schedule: &Schedule, next: Option<Timestamp>) -> Result<()> {
    let mut args = args![id];
    args.extend(schedule_args(schedule));
    args.push(next.into());
    let sql = "update connection set enabled = $3, interval_seconds = $4, open_hours = $5, next_run_at = $6 \
               where tenant_id = $1 and id = $2 and removed_at is null";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Connection, id.uuid());
    Ok(())
}

/// How a connection stands after a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// When it is due next.
    pub next_run_at: Option<Timestamp>,
    /// When it is tried again, after a failure.
    pub next_try_at: Option<Timestamp>,
    /// When the last finished run had begun.
    pub last_run_at: Option<Timestamp>,
    /// Runs that failed one after the other.
    pub failures: i64,
    /// Whether a person should look.
    pub is_parked: bool,
    /// Why.
    pub reason: Option<String>,
}

/// Says how it stands.
#[crate::boxed]
pub async fn set_standing(tx: &mut Tx, id: ConnectionId, it: &Standing) -> Result<()> {
    let mut args = args![id, it.next_run_at, it.next_try_at, it.last_run_at, it.failures, it.is_parked];
    args.push(it.reason.as_deref().into());
    let sql = "update connection set next_run_at = $3, next_try_at = $4, last_run_at = $5, failures = $6, \
               is_parked = $7, reason = $8 where tenant_id = $1 and id = $2";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Connection, id.uuid());
    Ok(())
}

/// Takes a connection away: its credentials go, what it said stays. Whether it was there.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, id: ConnectionId) -> Result<bool> {
    let now = tx.now();
    let sql = "update connection set removed_at = $3, credentials = null, enabled = $4, next_run_at = null, \
               next_try_at = null where tenant_id = $1 and id = $2 and removed_at is null";
    let was_there = tx.execute(sql, args![id, now, false]).await? > 0;
    tx.announce(Subject::Connection, id.uuid());
    Ok(was_there)
}

/// Calls it otherwise.
#[crate::boxed]
pub async fn rename(tx: &mut Tx, id: ConnectionId, name: &str) -> Result<()> {
    let sql = "update connection set name = $3 where tenant_id = $1 and id = $2 and removed_at is null";
    tx.execute(sql, args![id, name]).await?;
    tx.announce(Subject::Connection, id.uuid());
    Ok(())
}

/// Connects one again that was taken away: its records are its own as before, and so is how far each stream is read.
#[crate::boxed]
pub async fn connect_again(tx: &mut Tx, it: &Connection, credentials: &[u8]) -> Result<()> {
    let mut args = args![it.id, it.name.as_str()];
    args.extend([Value::json(&it.settings)?, credentials.to_vec().into()]);
    args.extend(schedule_args(&it.schedule));
    args.push(it.next_run_at.into());
    let sql = "update connection set name = $3, settings = $4, credentials = $5, enabled = $6, interval_seconds = $7, \
               open_hours = $8, next_run_at = $9, next_try_at = null, failures = 0, is_parked = $10, reason = null, \
               removed_at = null where tenant_id = $1 and id = $2 and records_total is null";
    args.push(false.into());
    tx.execute(sql, args).await?;
    tx.announce(Subject::Connection, it.id.uuid());
    Ok(())
}

/// Says how far the records of one that was taken away are taken out.
#[crate::boxed]
pub async fn set_removal(tx: &mut Tx, id: ConnectionId, removal: Removal) -> Result<()> {
    let sql = "update connection set records_left = $3, records_total = $4 \
               where tenant_id = $1 and id = $2 and removed_at is not null";
    tx.execute(sql, args![id, removal.left, removal.total]).await?;
    tx.announce(Subject::Connection, id.uuid());
    Ok(())
}

/// By which mapping the words of a connection are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    /// The version of the mapping by which all of them are read.
    pub version: i64,
    /// How far a newer one is: the stream and the last of its records that is read by it already.
    pub place: Option<(String, RecordId)>,
}

/// By which mapping the words of a connection are read; `None` where there is no such connection.
#[crate::boxed]
pub async fn mapped(tx: &mut Tx, id: ConnectionId) -> Result<Option<Mapped>> {
    let sql = "select coalesce(mapping_version, 1), mapping_stream, mapping_after from connection \
               where tenant_id = $1 and id = $2";
    let row: Option<(i64, Option<String>, Option<Uuid>)> = tx.fetch_optional(sql, args![id]).await?;
    let place = |stream: Option<String>, after: Option<Uuid>| stream.zip(after.map(RecordId::from_uuid));
    Ok(row.map(|(version, stream, after)| Mapped { version, place: place(stream, after) }))
}

/// Says by which mapping they are read, and how far a newer one is.
#[crate::boxed]
pub async fn set_mapped(tx: &mut Tx, id: ConnectionId, mapped: &Mapped) -> Result<()> {
    let (stream, after) = mapped.place.as_ref().map(|(stream, after)| (stream.as_str(), *after)).unzip();
    let sql = "update connection set mapping_version = $3, mapping_stream = $4, mapping_after = $5 \
               where tenant_id = $1 and id = $2";
    tx.execute(sql, args![id, mapped.version, stream, after]).await?;
    Ok(())
}
