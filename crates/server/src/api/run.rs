//! Runs: letting a connection be read now, how far that is, and what was wrong with single rows.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::id::{ConnectionId, RunId};
use doorstep_core::sync::{Problem as RowProblem, Run};
use doorstep_engine::sync::Now;
use serde::Deserialize;
use serde_json::{Value, json};

use super::cursor::List;
use super::idempotency::{self, Key};
use super::input::{At, Paging};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

/// Runs and problems of a page: one less than the engine reads at once, so that it is seen whether there are more.
const MAX_LISTED: i64 = 199;

/// A run with what became of all rows.
pub(super) fn shown(run: &Run) -> Value {
    let mut object = json!(run);
    object["totals"] = json!(run.totals());
    object
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    sweep: bool,
    #[serde(default)]
    remove_missing: bool,
}

/// Lets a connection be read now, whatever its hours; 409 with the run that is under way.
pub(super) async fn start(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Query(asked): Query<Asked>,
    key: Option<Key>,
) -> Result<Response> {
    let now = Now { sweeps: asked.sweep, removes_missing: asked.remove_missing };
    let reply = |run: &Run| idempotency::said(StatusCode::ACCEPTED, &shown(run));
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.sync_now_once(&principal.scope, id, now, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}

/// Runs of a connection, newest first.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "runs", &[&id.to_string()]);
    let before: Option<RunId> = list.place(paging.cursor.as_deref())?;
    let limit = paging.limit.0.min(MAX_LISTED);
    let runs = app.engine.runs(&principal.scope, id, before, limit + 1).await?;
    let shown_with_id: Vec<(RunId, Value)> = runs.iter().map(|run| (run.id, shown(run))).collect();
    let page = list.onward(shown_with_id, limit, |(id, _)| id.to_string());
    json(StatusCode::OK, &page.map(|(_, run)| run))
}

/// One run.
pub(super) async fn get(State(app): State<App>, principal: Principal, At(id): At<RunId>) -> Result<Response> {
    json(StatusCode::OK, &shown(&app.engine.run(&principal.scope, id).await?))
}

/// Stops a run; what it had read stays.
pub(super) async fn cancel(State(app): State<App>, principal: Principal, At(id): At<RunId>) -> Result<Response> {
    json(StatusCode::OK, &shown(&app.engine.cancel_run(&principal.scope, id).await?))
}

/// What was wrong with single rows, in the order in which they were read.
pub(super) async fn problems(
    State(app): State<App>,
    principal: Principal,
    At(id): At<RunId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    app.engine.run(&principal.scope, id).await?;
    let list = List::new(principal.scope.tenant(), "run-problems", &[&id.to_string()]);
    let from: u64 = list.place(paging.cursor.as_deref())?.unwrap_or_default();
    let limit = paging.limit.0.min(MAX_LISTED);
    let read = app.engine.run_problems(&principal.scope, id, from, limit + 1).await?;
    let placed: Vec<(u64, RowProblem)> = (from + 1..).zip(read).collect();
    // The next page begins after the last of this one.
    let page = list.onward(placed, limit, |(after, _)| after.to_string());
    json(StatusCode::OK, &page.map(|(_, problem)| problem))
}
