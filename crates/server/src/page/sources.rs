//! `/sources`: what is read by itself, when next, and what came of it.

mod add;
mod chart;
mod one;
mod run;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use doorstep_core::connection::Connection;
use doorstep_core::id::ConnectionId;
use doorstep_core::schedule::Schedule;
use doorstep_core::sync::{Run, State as Stage};
use doorstep_core::tenant::Permission;
use serde_json::Value;

use super::words::{Words, count, elapsed};
use super::{Frame, Moment, Section, frame, show};
use crate::App;
use crate::auth::Principal;
use crate::problem::{Problem, Result};
use chart::Chart;

/// Runs that a chart shows: a working day at the usual interval.
const CHARTED: i64 = 48;
/// How often a source may be read, as people choose it: in seconds, and in words.
const INTERVALS: [(i64, &str); 8] = [
    (900, "15 minutes"),
    (1_800, "30 minutes"),
    (3_600, "hour"),
    (4 * 3_600, "4 hours"),
    (12 * 3_600, "12 hours"),
    (24 * 3_600, "24 hours"),
    (48 * 3_600, "48 hours"),
    (7 * 24 * 3_600, "7 days"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sources", get(list))
        .route("/sources/new", get(add::form).post(add::connect))
        .route("/sources/check", post(add::check))
        .route("/sources/{id}", get(one::page))
        .route("/sources/{id}/read", post(one::read))
        .route("/sources/{id}/check", post(one::check))
        .route("/sources/{id}/schedule", post(one::schedule))
        .route("/sources/{id}/settings", post(one::settings))
        .route("/sources/{id}/rename", post(one::rename))
        .route("/sources/{id}/remove", post(one::remove))
        .route("/runs/{id}", get(run::page))
        .route("/runs/{id}/stop", post(run::stop))
}

/// An id from an address.
fn connection_id(text: &str) -> Result<ConnectionId> {
    text.parse().map_err(|_| Problem::not_found("There is no such source. The list shows those that are connected."))
}

/// A stage of a run in a word, with its kind of badge.
fn badge(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Waiting => ("Waiting", "info"),
        Stage::Running => ("Reading", "info"),
        Stage::Finished => ("Done", "ok"),
        Stage::Incomplete => ("In part", "warn"),
        Stage::Failed => ("Failed", "bad"),
        Stage::Canceled => ("Stopped", "plain"),
    }
}

/// How a connection stands, in a word.
fn standing(connection: &Connection, run: Option<&Run>) -> (&'static str, &'static str) {
    match (run, connection.is_parked, connection.failures, connection.schedule.enabled) {
        (Some(run), ..) => badge(run.state),
        (None, true, ..) => ("Needs a look", "bad"),
        (None, false, 1.., _) => ("Trying again", "warn"),
        (None, false, _, false) => ("Off", "plain"),
        (None, false, _, true) => ("On", "ok"),
    }
}

/// `every 15 minutes, 06:00-20:00`
fn when(schedule: &Schedule) -> String {
    let known = INTERVALS.iter().find(|(seconds, _)| *seconds == schedule.interval_seconds);
    let every =
        known.map_or_else(|| elapsed(schedule.interval_seconds.unsigned_abs()), |(_, words)| (*words).to_owned());
    match schedule.window {
        Some(window) => format!("every {every}, {window}"),
        None => format!("every {every}, at any hour"),
    }
}

/// What came of a run, in a line.
fn result(run: &Run) -> String {
    let totals = run.totals();
    let mut parts = vec![format!("{} new", count(totals.new)), format!("{} changed", count(totals.changed))];
    if totals.gone > 0 {
        parts.push(format!("{} gone", count(totals.gone)));
    }
    if run.problem_count > 0 {
        parts.push(format!("{} with something to know", count(run.problem_count)));
    }
    parts.join(", ")
}

/// How long a run took, or takes.
fn took(run: &Run, now: doorstep_core::Timestamp) -> String {
    let Some(began) = run.started_at else { return String::new() };
    let micros = run.finished_at.unwrap_or(now).micros().saturating_sub(began.micros());
    elapsed(micros.max(0).unsigned_abs() / 1_000_000)
}

/// The first value of a field.
fn said<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

/// What a check found about one stream: its name for people, and why it cannot be read, if it cannot.
struct Looked {
    label: String,
    why: String,
}

/// A check in words, from the same answer that programs get.
fn looked(spec: &doorstep_core::source::SourceSpec, checked: &doorstep_engine::source::Checked) -> Vec<Looked> {
    let one = |it: &doorstep_engine::source::CheckedStream| Looked {
        label: spec.stream(it.stream).map_or(it.stream, |stream| stream.label).to_owned(),
        why: it.found.as_ref().err().map(ToString::to_string).unwrap_or_default(),
    };
    checked.streams.iter().map(one).collect()
}

/// The setting that a problem is about.
fn wrong_setting(problem: &Problem) -> String {
    let field = problem.details.get("field").and_then(Value::as_str).unwrap_or_default();
    field.strip_prefix("settings.").unwrap_or(field).to_owned()
}

/// A connection as the list shows it.
struct Row {
    id: ConnectionId,
    name: String,
    source: &'static str,
    badge: (&'static str, &'static str),
    when: String,
    next: Option<Moment>,
    reason: String,
    run: Option<String>,
    last: Option<(String, Moment, String)>,
    chart: Chart,
}

#[derive(Template)]
#[template(path = "sources/list.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    may_connect: bool,
    may_read: bool,
    /// What was just done, in words.
    said: &'static str,
    leaving: Vec<Leaving>,
}

/// A connection whose records are on their way out.
struct Leaving {
    name: String,
    done: u64,
    total: u64,
    words: String,
}

impl Leaving {
    fn of(connection: &Connection) -> Option<Self> {
        let removal = connection.removal?;
        let done = removal.total.saturating_sub(removal.left);
        let words = format!("{} of {} taken out", count(done), count(removal.total));
        Some(Self { name: connection.name.clone(), done, total: removal.total, words })
    }
}

/// What was done, in words; an address that somebody made up says nothing.
fn done(word: &str) -> &'static str {
    match word {
        "removed" => "The source is taken away and its credentials are forgotten. What it had said stays.",
        "leaving" => {
            "The source is taken away and its credentials are forgotten. What it had said is being taken out; you may \
             leave this page."
        }
        _ => "",
    }
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    crate::body::Query(asked): crate::body::Query<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let words = Words::of(&app, &principal).await?;
    let mut rows = Vec::new();
    for status in app.engine.sync_status(&principal.scope).await? {
        let (it, run) = (&status.connection, status.run.as_ref());
        let runs = app.engine.runs(&principal.scope, it.id, None, CHARTED).await?;
        let last =
            |run: &Run| (run.id.to_string(), words.moment(run.finished_at.unwrap_or(run.created_at)), result(run));
        rows.push(Row {
            id: it.id,
            name: it.name.clone(),
            source: super::words::source(it.source),
            badge: standing(it, run),
            when: when(&it.schedule),
            next: it.next_at().map(|at| words.moment(at)),
            reason: it.reason.clone().unwrap_or_default(),
            run: run.map(|run| run.id.to_string()),
            last: status.last.as_ref().map(last),
            chart: Chart::of(&runs),
        });
    }
    let page = List {
        frame: frame(&app, &principal, &headers, "Sources", Section::Sources).await?,
        rows,
        may_connect: principal.require(Permission::Administer).is_ok(),
        may_read: principal.require(Permission::Import).is_ok(),
        said: done(said(&asked, "done")),
        leaving: app.engine.removals(&principal.scope).await?.iter().filter_map(Leaving::of).collect(),
    };
    show(&page)
}
