//! Imports: what was brought in, by whom, with what result.

use doorstep_core::id::ImportId;
use doorstep_core::import::{Import, Problem, State, Summary};
use doorstep_core::tenant::Actor;
use doorstep_core::{Timestamp, planted};
use serde_json::Value as Plan;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::{At, Value};

/// An import with what applying needs.
#[derive(Clone, PartialEq)]
pub struct Stored {
    /// As listed.
    pub import: Import,
    /// The mapping of columns, the manifest and its differences, callers: what the plan shows beside the counts.
    pub plan: Plan,
    /// Hash of every outcome that the plan predicts: an equal digest is the same plan.
    pub digest: String,
    /// Head of the change feed when the plan was made: if it has not moved, the world has not changed.
    pub feed_number: i64,
}

doorstep_core::masked_debug!(Stored: import, digest, feed_number);

/// Stores a new plan.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, stored: &Stored, problems: &[Problem]) -> Result<()> {
    let import = &stored.import;
    let mut args = args![
        import.id,
        doorstep_core::record::Source::PhoneHistory.as_str(),
        import.state.as_str(),
        import.file_name.as_str(),
        import.archive_hash.as_str(),
        import.notes.as_deref(),
    ];
    args.extend([Value::json(&import.actor)?, stored.plan.clone().into(), stored.digest.as_str().into()]);
    args.extend([stored.feed_number.into(), Value::json(&import.summary)?]);
    args.extend(args![import.problem_count, import.rows_done, import.rows_total, import.created_at]);
    let sql = "insert into import (tenant_id, id, source, state, file_name, archive_hash, notes, actor, plan, digest, \
               feed_number, summary, problem_count, rows_done, rows_total, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    tx.execute(sql, args).await?;
    tx.announce(Subject::Import, import.id.uuid());
    let mut rows = Vec::with_capacity(problems.len() * 5);
    for (position, problem) in problems.iter().enumerate() {
        rows.extend(args![import.id, position as u64, problem.file.as_str(), problem.line, problem.reason.as_str()]);
    }
    let head = "insert into import_problem (tenant_id, import_id, position, file, line, reason)";
    tx.insert_many(head, "", 5, rows).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ImportRow {
    id: Uuid,
    state: String,
    file_name: String,
    archive_hash: String,
    notes: Option<String>,
    actor: Json<Actor>,
    plan: Json<Plan>,
    digest: String,
    feed_number: i64,
    summary: Json<Summary>,
    problem_count: i64,
    rows_done: i64,
    rows_total: i64,
    created_at: At,
    applied_at: Option<At>,
    undone_at: Option<At>,
}

impl ImportRow {
    fn read(self) -> Result<Stored> {
        let callers_new = self.plan.0.get("callers").and_then(|callers| callers.get("new")).and_then(Plan::as_u64);
        Ok(Stored {
            import: Import {
                id: ImportId::from_uuid(self.id),
                state: word::<State>("import.state", &self.state)?,
                file_name: self.file_name,
                archive_hash: self.archive_hash,
                notes: self.notes,
                actor: self.actor.0,
                created_at: self.created_at.0,
                applied_at: self.applied_at.map(|at| at.0),
                undone_at: self.undone_at.map(|at| at.0),
                summary: self.summary.0,
                callers_new: callers_new.unwrap_or_default(),
                problem_count: self.problem_count.try_into().unwrap_or_default(),
                rows_done: self.rows_done.try_into().unwrap_or_default(),
                rows_total: self.rows_total.try_into().unwrap_or_default(),
            },
            plan: self.plan.0,
            digest: self.digest,
            feed_number: self.feed_number,
        })
    }
}

const STORED: &str = "select id, state, file_name, archive_hash, notes, actor, plan, digest, feed_number, summary, \
                      problem_count, rows_done, rows_total, created_at, applied_at, undone_at \
                      from import where tenant_id = $1";

/// One import.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: ImportId) -> Result<Option<Stored>> {
    let stored = match planted!("an-import-is-anybodys") {
        true => STORED.replace("tenant_id = $1", "tenant_id > -$1"),
        false => STORED.to_owned(),
    };
    let row: Option<ImportRow> = tx.fetch_optional(&format!("{stored} and id = $2"), args![id]).await?;
    row.map(ImportRow::read).transpose()
}

/// Imports before `before`, newest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, before: Option<ImportId>, limit: i64) -> Result<Vec<Import>> {
    let before = before.map_or(Uuid::max(), ImportId::uuid);
    let sql = format!("{STORED} and id < $2 order by id desc limit $3");
    let rows: Vec<ImportRow> = tx.fetch_all(&sql, args![before, limit]).await?;
    rows.into_iter().map(|row| Ok(row.read()?.import)).collect()
}

/// Imports in this state whose plan was made before `made_before`, oldest first, at most `limit`.
#[crate::boxed]
pub async fn in_state(tx: &mut Tx, state: State, made_before: Timestamp, limit: i64) -> Result<Vec<ImportId>> {
    let sql = "select id from import where tenant_id = $1 and state = $2 and created_at < $3 order by id limit $4";
    let rows: Vec<(Uuid,)> = tx.fetch_all(sql, args![state.as_str(), made_before, limit]).await?;
    Ok(rows.into_iter().map(|(id,)| ImportId::from_uuid(id)).collect())
}

/// Moves an import from one of `from` to `to`; `false` if it was in none of them.
#[crate::boxed]
pub async fn set_state(tx: &mut Tx, id: ImportId, from: &[State], to: State) -> Result<bool> {
    let now: Timestamp = tx.now();
    let applied_at = (to == State::Applied).then_some(now);
    let undone_at = (to == State::Undone).then_some(now);
    // The states are words of a closed set, not text of people.
    let from: Vec<String> = from.iter().map(|state| format!("'{}'", state.as_str())).collect();
    let sql = format!(
        "update import set state = $3, applied_at = coalesce($4, applied_at), undone_at = coalesce($5, undone_at) \
         where tenant_id = $1 and id = $2 and state in ({})",
        from.join(", ")
    );
    let changed = tx.execute(&sql, args![id, to.as_str(), applied_at, undone_at]).await?;
    tx.announce(Subject::Import, id.uuid());
    Ok(changed > 0)
}

/// Says how many rows are in.
#[crate::boxed]
pub async fn set_progress(tx: &mut Tx, id: ImportId, rows_done: u64) -> Result<()> {
    tx.execute("update import set rows_done = $3 where tenant_id = $1 and id = $2", args![id, rows_done]).await?;
    tx.announce(Subject::Import, id.uuid());
    Ok(())
}

/// Problems of an import from `position` on, at most `limit`.
#[crate::boxed]
pub async fn problems(tx: &mut Tx, id: ImportId, position: u64, limit: i64) -> Result<Vec<Problem>> {
    let sql = "select file, line, reason from import_problem where tenant_id = $1 and import_id = $2 \
               and position >= $3 order by position limit $4";
    let rows: Vec<(String, i64, String)> = tx.fetch_all(sql, args![id, position, limit]).await?;
    let read = |(file, line, reason): (String, i64, String)| Problem {
        file,
        line: line.try_into().unwrap_or_default(),
        reason,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// All problems that these imports kept, in their order.
#[crate::boxed]
pub async fn problems_of(tx: &mut Tx, ids: &[ImportId]) -> Result<Vec<(ImportId, Problem)>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select import_id, file, line, reason from import_problem \
               where tenant_id = $1 and import_id in (values {set}) order by import_id, position";
    let rows: Vec<(Uuid, String, i64, String)> = tx.fetch_in(sql, 1, &keys).await?;
    let read = |(import, file, line, reason): (Uuid, String, i64, String)| {
        (ImportId::from_uuid(import), Problem { file, line: line.try_into().unwrap_or_default(), reason })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Imports that were applied after `id` and are still in, newest first: they may stand on what `id` brought.
#[crate::boxed]
pub async fn applied_after(tx: &mut Tx, id: ImportId) -> Result<Vec<Import>> {
    let sql =
        format!("{STORED} and id > $2 and state in ('applying', 'applied', 'undoing') order by id desc limit 100");
    let rows: Vec<ImportRow> = tx.fetch_all(&sql, args![id]).await?;
    rows.into_iter().map(|row| Ok(row.read()?.import)).collect()
}
