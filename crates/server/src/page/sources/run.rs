//! `/runs/{id}`: how far a run is, stream by stream, and what was wrong with single rows.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::id::{ConnectionId, RunId};
use doorstep_core::sync::{Cause, Counts, Problem as RowProblem};
use doorstep_core::tenant::Permission;
use doorstep_engine::source::spec;

use super::{badge, said, took};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::live::Topic;
use crate::page::words::{Words, count, several};
use crate::page::{Frame, Moment, Section, frame, show};
use crate::problem::{Problem, Result};

/// Problems of a page.
const PROBLEMS: i64 = 50;

/// A stream of a run.
struct Stream {
    label: String,
    state: (&'static str, &'static str),
    counts: [String; 5],
    why: String,
}

#[derive(Template)]
#[template(path = "sources/run.html")]
struct Page {
    frame: Frame,
    id: RunId,
    topic: String,
    own: String,
    connection: ConnectionId,
    name: String,
    badge: (&'static str, &'static str),
    is_over: bool,
    cause: &'static str,
    asked: Moment,
    finished: Option<Moment>,
    took: String,
    reason: String,
    done: usize,
    total: usize,
    streams: Vec<Stream>,
    totals: [String; 5],
    problem_words: String,
    problems: Vec<RowProblem>,
    next: String,
    failed: String,
    may_stop: bool,
}

fn numbers(counts: &Counts) -> [String; 5] {
    [counts.new, counts.changed, counts.unchanged, counts.gone, counts.skipped + counts.failed].map(count)
}

fn run_id(text: &str) -> Result<RunId> {
    text.parse().map_err(|_| Problem::not_found("There is no such run. A source's page lists its runs."))
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap, id: RunId, from: u64) -> Result<Page> {
    let run = app.engine.run(&principal.scope, id).await?;
    let connection = app.engine.connection(&principal.scope, run.connection).await?;
    let words = Words::of(app, principal).await?;
    let mut problems = app.engine.run_problems(&principal.scope, id, from, PROBLEMS + 1).await?;
    let more = problems.len() as i64 > PROBLEMS;
    problems.truncate(PROBLEMS as usize);
    let declared = spec(connection.source).map_or(&[][..], |spec| spec.streams);
    let stream = |it: &doorstep_core::source::StreamSpec| {
        let report = run.report.get(it.name);
        let counts = report.map(|report| report.counts.clone()).unwrap_or_default();
        let failure = report.and_then(|report| report.failure.clone());
        let missing = report.and_then(|report| report.missing);
        let state = match report {
            _ if failure.is_some() => ("Failed", "bad"),
            Some(report) if report.is_done => ("Done", "ok"),
            _ if run.stream.as_deref() == Some(it.name) => ("Reading", "info"),
            _ => ("Not yet", "plain"),
        };
        let missing = missing.map(|missing| format!("{} are not found there any more", count(missing)));
        Stream {
            label: it.label.to_owned(),
            state,
            counts: numbers(&counts),
            why: failure.or(missing).unwrap_or_default(),
        }
    };
    let topic = Topic::Run(id);
    Ok(Page {
        frame: frame(app, principal, headers, "A run", Section::Sources).await?.watching(&[topic]),
        id,
        topic: topic.to_string(),
        own: if from == 0 { format!("/runs/{id}") } else { format!("/runs/{id}?from={from}") },
        connection: connection.id,
        name: connection.name,
        badge: badge(run.state),
        is_over: run.state.is_over(),
        cause: match run.cause {
            Cause::Schedule => "It was due",
            Cause::Manual => "By hand",
        },
        asked: words.moment(run.created_at),
        finished: run.finished_at.map(|at| words.moment(at)),
        took: took(&run, app.engine.db.clock().now()),
        reason: run.reason.clone().unwrap_or_default(),
        done: run.report.values().filter(|report| report.is_done).count(),
        total: declared.len().max(1),
        streams: declared.iter().map(stream).collect(),
        totals: numbers(&run.totals()),
        problem_words: if run.problem_count == 0 { String::new() } else { several(run.problem_count, "row") },
        next: if more { format!("/runs/{id}?from={}#problems", from + PROBLEMS as u64) } else { String::new() },
        problems,
        failed: String::new(),
        may_stop: !run.state.is_over() && principal.require(Permission::Import).is_ok(),
    })
}

pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let from = said(&asked, "from").parse().unwrap_or_default();
    show(&fresh(&app, &principal, &headers, run_id(&id)?, from).await?)
}

/// Stops it; what it had read stays.
pub(super) async fn stop(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(_): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = run_id(&id)?;
    match app.engine.cancel_run(&principal.scope, id).await.map_err(Problem::from) {
        Ok(_) => Ok(Redirect::to(&format!("/runs/{id}")).into_response()),
        Err(problem) if problem.status == StatusCode::CONFLICT => {
            let page = fresh(&app, &principal, &headers, id, 0).await?;
            Ok((problem.status, show(&Page { failed: problem.detail, ..page })?).into_response())
        }
        Err(problem) => Err(problem),
    }
}
