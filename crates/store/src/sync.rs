//! Runs of connections: how far they are, what became of rows, and what was wrong with single ones.

use doorstep_core::id::{ConnectionId, RunId};
use doorstep_core::sync::{MAX_PROBLEMS, Problem, Report, Run, State};
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// Stores a run that waits.
///
/// # Errors
/// [`crate::Error::Conflict`] if the connection has one that is not over.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, run: &Run) -> Result<()> {
    let mut args = args![run.id, run.connection, run.cause.as_str()];
    args.push(Value::json(&run.actor)?);
    args.extend(args![run.state.as_str(), run.sweeps, run.removes_missing]);
    args.push(Value::json(&run.report)?);
    args.extend(args![run.problem_count, run.created_at]);
    let sql = "insert into sync_run (tenant_id, id, connection_id, cause, actor, state, sweeps, removes_missing, \
               report, problem_count, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Run, run.id.uuid());
    Ok(())
}

#[derive(sqlx::FromRow)]
struct RunRow {
    id: Uuid,
    connection_id: Uuid,
    cause: String,
    actor: Json<Actor>,
    state: String,
    sweeps: bool,
    removes_missing: bool,
    stream: Option<String>,
    report: Json<Report>,
    problem_count: i64,
    reason: Option<String>,
    created_at: At,
    started_at: Option<At>,
    finished_at: Option<At>,
}

impl RunRow {
    fn read(self) -> Result<Run> {
        Ok(Run {
            id: RunId::from_uuid(self.id),
            connection: ConnectionId::from_uuid(self.connection_id),
            cause: word("sync_run.cause", &self.cause)?,
            actor: self.actor.0,
            state: word("sync_run.state", &self.state)?,
            sweeps: self.sweeps,
            removes_missing: self.removes_missing,
            stream: self.stream,
            report: self.report.0,
            problem_count: self.problem_count.unsigned_abs(),
            reason: self.reason,
            created_at: self.created_at.0,
            started_at: self.started_at.map(|at| at.0),
            finished_at: self.finished_at.map(|at| at.0),
        })
    }
}

const RUN: &str = "select id, connection_id, cause, actor, state, sweeps, removes_missing, stream, report, problem_count, \
                   reason, created_at, started_at, finished_at from sync_run where tenant_id = $1";

/// One run.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: RunId) -> Result<Option<Run>> {
    let row: Option<RunRow> = tx.fetch_optional(&format!("{RUN} and id = $2"), args![id]).await?;
    row.map(RunRow::read).transpose()
}

/// The run of a connection that is not over.
#[crate::boxed]
pub async fn open(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Run>> {
    let sql = format!("{RUN} and connection_id = $2 and finished_at is null");
    let row: Option<RunRow> = tx.fetch_optional(&sql, args![connection]).await?;
    row.map(RunRow::read).transpose()
}

/// Runs of a connection before `before`, newest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, connection: ConnectionId, before: Option<RunId>, limit: i64) -> Result<Vec<Run>> {
    let before = before.map_or(Uuid::max(), RunId::uuid);
    let sql = format!("{RUN} and connection_id = $2 and id < $3 order by id desc limit $4");
    let rows: Vec<RunRow> = tx.fetch_all(&sql, args![connection, before, limit]).await?;
    rows.into_iter().map(RunRow::read).collect()
}

/// Lets a run begin, or go on after a crash.
#[crate::boxed]
pub async fn begin(tx: &mut Tx, id: RunId) -> Result<()> {
    let now = tx.now();
    let sql = "update sync_run set state = 'running', started_at = coalesce(started_at, $3) \
               where tenant_id = $1 and id = $2 and finished_at is null";
    tx.execute(sql, args![id, now]).await?;
    tx.announce(Subject::Run, id.uuid());
    Ok(())
}

/// Says how far a run is; whether it still runs. It does not where somebody stopped it, and then nothing may be kept.
#[crate::boxed]
pub async fn set_progress(tx: &mut Tx, id: RunId, stream: Option<&str>, report: &Report) -> Result<bool> {
    let mut args = args![id, stream];
    args.push(Value::json(report)?);
    let sql = "update sync_run set stream = $3, report = $4 \
               where tenant_id = $1 and id = $2 and state = 'running' and finished_at is null";
    let runs = tx.execute(sql, args).await? > 0;
    tx.announce(Subject::Run, id.uuid());
    Ok(runs)
}

/// Ends a run; whether it was not over yet.
#[crate::boxed]
pub async fn finish(tx: &mut Tx, id: RunId, state: State, reason: Option<&str>) -> Result<bool> {
    let now = tx.now();
    let sql = "update sync_run set state = $3, reason = $4, finished_at = $5, stream = null \
               where tenant_id = $1 and id = $2 and finished_at is null";
    let was_open = tx.execute(sql, args![id, state.as_str(), reason, now]).await? > 0;
    tx.announce(Subject::Run, id.uuid());
    Ok(was_open)
}

/// Adds problems to a run: all are counted, the first thousand kept.
#[crate::boxed]
pub async fn add_problems(tx: &mut Tx, id: RunId, problems: &[Problem]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let sql = "update sync_run set problem_count = problem_count + $3 where tenant_id = $1 and id = $2 \
               returning problem_count";
    let count = problems.len() as u64;
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![id, count]).await?;
    let first = row.map_or(0, |(after,)| after.unsigned_abs()).saturating_sub(count);
    let kept = (first..MAX_PROBLEMS).zip(problems);
    let rows = kept.flat_map(|(position, problem)| {
        args![id, position, problem.stream.as_str(), problem.key.as_deref(), problem.reason.as_str()]
    });
    let rows: Vec<Value> = rows.collect();
    let head = "insert into run_problem (tenant_id, run_id, position, stream, key, reason)";
    tx.insert_many(head, "", 5, rows).await?;
    Ok(())
}

/// Problems of a run from `position` on, at most `limit`.
#[crate::boxed]
pub async fn problems(tx: &mut Tx, id: RunId, position: u64, limit: i64) -> Result<Vec<Problem>> {
    let sql = "select stream, key, reason from run_problem where tenant_id = $1 and run_id = $2 and position >= $3 \
               order by position limit $4";
    let rows: Vec<(String, Option<String>, String)> = tx.fetch_all(sql, args![id, position, limit]).await?;
    Ok(rows.into_iter().map(|(stream, key, reason)| Problem { stream, key, reason }).collect())
}

/// Forgets the oldest runs of a connection, at most `limit` at a time, while there are more than `keep`.
#[crate::boxed]
pub async fn prune(tx: &mut Tx, connection: ConnectionId, keep: i64, limit: i64) -> Result<()> {
    let sql = "select count(*) from sync_run where tenant_id = $1 and connection_id = $2";
    let (count,): (i64,) = tx.fetch_one(sql, args![connection]).await?;
    let over = (count - keep).clamp(0, limit);
    let sql = "select id from sync_run where tenant_id = $1 and connection_id = $2 and finished_at is not null \
               order by id limit $3";
    let old: Vec<(Uuid,)> = tx.fetch_all(sql, args![connection, over]).await?;
    let keys: Vec<Value> = old.iter().map(|(id,)| Value::from(*id)).collect();
    tx.execute_in("delete from run_problem where tenant_id = $1 and run_id in (values {set})", 1, &keys).await?;
    tx.execute_in("delete from sync_run where tenant_id = $1 and id in (values {set})", 1, &keys).await?;
    Ok(())
}
