//! Tasks: units of background work, one row per key. A task takes its key and nothing else and works from
//! what the database says, so that a timer, a webhook and "now" are one path.
//!
//! States: `waiting` until due, `running` under a lease, `parked` with a reason after its budget of tries.
//! Claiming is in [`crate::system`], because it looks across tenants.

use doorstep_core::{TenantId, Timestamp, planted};
use uuid::Uuid;

use crate::args;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::At;

/// A task that this process may run until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose task.
    pub tenant: TenantId,
    /// Which.
    pub key: String,
    /// The process that holds it.
    pub holder: Uuid,
    /// How often it had been woken when it was claimed: a wake during the run makes it run again.
    pub wakes: i64,
    /// Which try this is, from 1.
    pub attempts: i64,
}

/// Sees to it that the task runs at `due_at` or earlier. Waking a parked task gives it a new budget; waking a
/// running one makes it run once more.
#[crate::boxed]
pub async fn wake(tx: &mut Tx, key: &str, due_at: Timestamp) -> Result<()> {
    let sql = "insert into task (tenant_id, key, state, due_at, wakes, attempts, created_at) \
               values ($1, $2, 'waiting', $3, 1, 0, $4) \
               on conflict (tenant_id, key) do update set wakes = task.wakes + 1, \
                 due_at = case when task.state = 'parked' or excluded.due_at < task.due_at \
                               then excluded.due_at else task.due_at end, \
                 attempts = case when task.state = 'parked' then 0 else task.attempts end, \
                 reason = case when task.state = 'parked' then null else task.reason end, \
                 state = case when task.state = 'parked' then 'waiting' else task.state end";
    let now = tx.now();
    tx.execute(sql, args![key, due_at, now]).await?;
    Ok(())
}

const HELD: &str = "tenant_id = $1 and key = $2 and holder = $3 and attempts = $4 and state = 'running'";

fn held_args(claim: &Claim) -> Vec<crate::value::Value> {
    args![claim.key.as_str(), claim.holder, claim.attempts]
}

/// Makes the transaction's commit depend on the lease: whoever has lost it keeps nothing.
///
/// # Errors
/// [`Error::LeaseLost`] if another process has claimed the task, or may.
#[crate::boxed]
pub async fn hold(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let mut args = held_args(claim);
    args.push(tx.now().into());
    let still = if planted!("a-lease-never-ends") { "$5 is not null" } else { "lease_until > $5" };
    let sql = format!("update task set state = 'running' where {HELD} and {still}");
    lost_unless(tx.execute(&sql, args).await?, claim)
}

/// Extends the lease.
#[crate::boxed]
pub async fn extend(tx: &mut Tx, claim: &Claim, lease_until: Timestamp) -> Result<()> {
    let mut args = held_args(claim);
    args.push(lease_until.into());
    let sql = format!("update task set lease_until = $5 where {HELD}");
    lost_unless(tx.execute(&sql, args).await?, claim)
}

/// Ends the task: it goes, or waits again if it was woken while it ran.
#[crate::boxed]
pub async fn finish(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let mut args = held_args(claim);
    args.push(claim.wakes.into());
    let gone = tx.execute(&format!("delete from task where {HELD} and wakes = $5"), args).await?;
    if gone > 0 {
        return Ok(());
    }
    let mut args = held_args(claim);
    args.push(tx.now().into());
    let sql = format!(
        "update task set state = 'waiting', due_at = $5, attempts = 0, holder = null, lease_until = null, \
         reason = null where {HELD}"
    );
    lost_unless(tx.execute(&sql, args).await?, claim)
}

/// Ends the task for now: it waits until `due_at`, or runs again at once if it was woken while it ran.
#[crate::boxed]
pub async fn finish_until(tx: &mut Tx, claim: &Claim, due_at: Timestamp) -> Result<()> {
    let mut args = held_args(claim);
    args.extend(args![claim.wakes, due_at, tx.now()]);
    let sql = format!(
        "update task set state = 'waiting', due_at = case when wakes = $5 then $6 else $7 end, attempts = 0, \
         holder = null, lease_until = null, reason = null where {HELD}"
    );
    lost_unless(tx.execute(&sql, args).await?, claim)
}

/// Gives the task back, to be tried again at `due_at`.
#[crate::boxed]
pub async fn retry(tx: &mut Tx, claim: &Claim, due_at: Timestamp, reason: &str) -> Result<()> {
    let mut args = held_args(claim);
    args.extend(args![due_at, reason]);
    let sql = format!(
        "update task set state = 'waiting', due_at = $5, reason = $6, holder = null, lease_until = null where {HELD}"
    );
    lost_unless(tx.execute(&sql, args).await?, claim)
}

/// Puts the task aside until somebody wakes it, with the reason for a person to read.
#[crate::boxed]
pub async fn park(tx: &mut Tx, claim: &Claim, reason: &str) -> Result<()> {
    let mut args = held_args(claim);
    args.push(reason.into());
    let sql = format!("update task set state = 'parked', reason = $5, holder = null, lease_until = null where {HELD}");
    lost_unless(tx.execute(&sql, args).await?, claim)
}

fn lost_unless(changed: u64, claim: &Claim) -> Result<()> {
    if changed == 0 { Err(Error::LeaseLost(claim.key.clone())) } else { Ok(()) }
}

/// A task as an operator sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    /// Its key.
    pub key: String,
    /// `waiting`, `running` or `parked`.
    pub state: String,
    /// When it runs, or ran last.
    pub due_at: Timestamp,
    /// Tries so far.
    pub attempts: i64,
    /// Why it waits or is parked.
    pub reason: Option<String>,
}

doorstep_core::masked_debug!(Task: key, state, due_at, attempts);

#[derive(sqlx::FromRow)]
struct TaskRow {
    key: String,
    state: String,
    due_at: At,
    attempts: i64,
    reason: Option<String>,
}

impl From<TaskRow> for Task {
    fn from(row: TaskRow) -> Self {
        Self { key: row.key, state: row.state, due_at: row.due_at.0, attempts: row.attempts, reason: row.reason }
    }
}

/// The task of that key.
#[crate::boxed]
pub async fn get(tx: &mut Tx, key: &str) -> Result<Option<Task>> {
    let sql = "select key, state, due_at, attempts, reason from task where tenant_id = $1 and key = $2";
    let row: Option<TaskRow> = tx.fetch_optional(sql, args![key]).await?;
    Ok(row.map(Task::from))
}

/// How many tasks wait or run whose keys begin with `prefix`, which ends in a colon; at most `limit` are counted.
#[crate::boxed]
pub async fn count_of_kind(tx: &mut Tx, prefix: &str, limit: i64) -> Result<i64> {
    // The next sign after the colon ends what begins with it.
    let end = format!("{};", prefix.trim_end_matches(':'));
    let sql = "select count(*) from (select key from task where tenant_id = $1 and key >= $2 and key < $3 \
               and state <> 'parked' order by key limit $4) as queued";
    let (count,): (i64,) = tx.fetch_one(sql, args![prefix, end, limit]).await?;
    Ok(count)
}

/// The tenant's tasks by key, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Task>> {
    let sql = "select key, state, due_at, attempts, reason from task where tenant_id = $1 order by key limit $2";
    let rows: Vec<TaskRow> = tx.fetch_all(sql, args![limit]).await?;
    Ok(rows.into_iter().map(Task::from).collect())
}

/// Why a hold may fail; re-exported for callers that tell a lost lease from other errors.
pub fn is_lost(error: &Error) -> bool {
    matches!(error, Error::LeaseLost(_))
}
