//! `/sources/{id}`: one connection with its runs, and what may be changed about it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::connection::Connection;
use doorstep_core::id::ConnectionId;
use doorstep_core::sync::{Cause, Run};
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::connection::Said;
use doorstep_engine::removal::Records;
use doorstep_engine::source::{spec, within_limit};
use doorstep_engine::sync::Now;

use super::add::{Field, fields, intervals, schedule as read_schedule, settings as read_settings};
use super::chart::Chart;
use super::{CHARTED, Looked, badge, connection_id, looked, result, said, standing, took, when, wrong_setting};
use crate::App;
use crate::api::refused;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::live::Topic;
use crate::page::words::Words;
use crate::page::{Frame, Moment, Section, frame, show};
use crate::problem::{Problem, Result};

/// A run as the table shows it.
struct Row {
    id: String,
    at: Moment,
    badge: (&'static str, &'static str),
    cause: &'static str,
    result: String,
    took: String,
    version: String,
}

#[derive(Template)]
#[template(path = "sources/one.html")]
struct Page {
    frame: Frame,
    id: ConnectionId,
    topic: String,
    name: String,
    source: &'static str,
    badge: (&'static str, &'static str),
    when: String,
    next: Option<Moment>,
    last: Option<Moment>,
    reason: String,
    run: Option<String>,
    chart: Chart,
    runs: Vec<Row>,
    fields: Vec<Field>,
    is_on: bool,
    intervals: Vec<(i64, String, bool)>,
    hours: String,
    hours_wrong: String,
    looked: Vec<Looked>,
    advice: &'static str,
    is_good: bool,
    said: &'static str,
    failed: String,
    /// Whether it is the name that was typed wrong.
    typed_wrong: bool,
    may_change: bool,
    may_read: bool,
}

/// What was done, in words; an address that somebody made up says nothing.
fn done(word: &str) -> &'static str {
    match word {
        "connected" => "Connected. The first reading takes everything there is and begins when it is due.",
        "saved" => "Saved.",
        "renamed" => "Renamed.",
        _ => "",
    }
}

async fn connection(app: &App, principal: &Principal, id: ConnectionId) -> Result<Connection> {
    let found = app.engine.connection(&principal.scope, id).await?;
    match found.removed_at {
        Some(_) => Err(Problem::not_found("This source was taken away. What it had said stays with the customers.")),
        None => Ok(found),
    }
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap, id: ConnectionId) -> Result<Page> {
    let it = connection(app, principal, id).await?;
    let words = Words::of(app, principal).await?;
    let now = app.engine.db.clock().now();
    let runs = app.engine.runs(&principal.scope, id, None, CHARTED).await?;
    let open = runs.iter().find(|run| !run.state.is_over());
    let row = |run: &Run| Row {
        id: run.id.to_string(),
        at: words.moment(run.created_at),
        badge: badge(run.state),
        cause: match run.cause {
            Cause::Schedule => "It was due",
            Cause::Manual => "By hand",
        },
        result: result(run),
        took: took(run, now),
        version: format!("{}-{}", run.state.as_str(), run.totals().fetched),
    };
    // Runs change beside it and are shown with it: whoever looks at it hears of both.
    let topic = Topic::Sources;
    let spec = spec(it.source).ok_or_else(Problem::broken)?;
    Ok(Page {
        frame: frame(app, principal, headers, it.name.clone(), Section::Sources).await?,
        id,
        topic: topic.to_string(),
        source: crate::page::words::source(it.source),
        badge: standing(&it, open),
        when: when(&it.schedule),
        next: it.next_at().map(|at| words.moment(at)),
        last: it.last_run_at.map(|at| words.moment(at)),
        reason: it.reason.clone().unwrap_or_default(),
        run: open.map(|run| run.id.to_string()),
        chart: Chart::of(&runs),
        runs: runs.iter().map(row).collect(),
        fields: fields(spec, &it.settings, ("", "")),
        is_on: it.schedule.enabled,
        intervals: intervals(it.schedule.interval_seconds),
        hours: it.schedule.window.map(|window| window.to_string()).unwrap_or_default(),
        hours_wrong: String::new(),
        looked: Vec::new(),
        advice: "",
        is_good: false,
        said: "",
        failed: String::new(),
        typed_wrong: false,
        may_change: principal.require(Permission::Administer).is_ok(),
        may_read: principal.require(Permission::Import).is_ok(),
        name: it.name,
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
    let page = fresh(&app, &principal, &headers, connection_id(&id)?).await?;
    show(&Page { said: done(said(&asked, "done")), ..page })
}

/// The page with why nothing was done.
async fn again(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    id: ConnectionId,
    problem: Problem,
) -> Result<Response> {
    let is_ours = problem.status.is_server_error() && problem.status != StatusCode::SERVICE_UNAVAILABLE;
    if is_ours || problem.status == StatusCode::NOT_FOUND {
        return Err(problem);
    }
    let mut page = fresh(app, principal, headers, id).await?;
    let wrong = wrong_setting(&problem);
    for field in page.fields.iter_mut().filter(|field| field.name.ends_with(&format!(".{wrong}"))) {
        field.wrong.clone_from(&problem.detail);
    }
    if wrong == "hours" {
        page.hours_wrong.clone_from(&problem.detail);
    }
    page.typed_wrong = wrong == "typed";
    page.failed = problem.detail;
    Ok((problem.status, show(&page)?).into_response())
}

fn to(place: &str) -> Response {
    Redirect::to(place).into_response()
}

/// Reads it now; whoever comes second is led to the run that is under way.
pub(super) async fn read(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = connection_id(&id)?;
    let now = Now { sweeps: false, removes_missing: said(&typed, "missing") == "remove" };
    match app.engine.sync_now(&principal.scope, id, now).await {
        Ok(run) => Ok(to(&format!("/runs/{}", run.id))),
        Err(Error::AlreadyRunning { run, .. }) => Ok(to(&format!("/runs/{run}"))),
        Err(error) => again(&app, &principal, &headers, id, error.into()).await,
    }
}

/// Asks it whether it can be read.
pub(super) async fn check(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(_): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let id = connection_id(&id)?;
    let it = connection(&app, &principal, id).await?;
    match within_limit(app.engine.check_connection(&principal.scope, id)).await {
        Ok(checked) => {
            let page = fresh(&app, &principal, &headers, id).await?;
            let spec = spec(it.source).ok_or_else(Problem::broken)?;
            let (looked, advice) = (looked(spec, &checked), checked.advice().unwrap_or_default());
            show(&Page { looked, advice, is_good: true, ..page })
        }
        Err(error) => again(&app, &principal, &headers, id, error.into()).await,
    }
}

/// Says when it is read.
pub(super) async fn schedule(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let id = connection_id(&id)?;
    let set = match read_schedule(&typed) {
        Ok(schedule) => app.engine.set_schedule(&principal.scope, id, &schedule).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match set {
        Ok(_) => Ok(to(&format!("/sources/{id}?done=saved"))),
        Err(problem) => again(&app, &principal, &headers, id, problem).await,
    }
}

/// Says anew what connects it; fields that were left empty stay as they are.
pub(super) async fn settings(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let id = connection_id(&id)?;
    let it = connection(&app, &principal, id).await?;
    match app.engine.set_settings(&principal.scope, id, &Said(read_settings(&typed))).await {
        Ok(_) => Ok(to(&format!("/sources/{id}?done=saved"))),
        Err(error) => again(&app, &principal, &headers, id, refused(it.source, error)).await,
    }
}

/// Calls it otherwise.
pub(super) async fn rename(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let id = connection_id(&id)?;
    match app.engine.rename_connection(&principal.scope, id, said(&typed, "name")).await {
        Ok(_) => Ok(to(&format!("/sources/{id}?done=renamed"))),
        Err(error) => again(&app, &principal, &headers, id, error.into()).await,
    }
}

/// Takes it away. What it said stays, or goes for good where its name was typed: there is no way back.
pub(super) async fn remove(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Administer)?;
    let id = connection_id(&id)?;
    let it = connection(&app, &principal, id).await?;
    let (records, done) = match said(&typed, "records") {
        "remove" => (Records::Remove, "leaving"),
        _ => (Records::Keep, "removed"),
    };
    if records == Records::Remove && said(&typed, "typed") != it.name {
        let detail = format!(
            "What was typed is not the name of this source, which is `{}`. Nothing was taken away; type the name to take \
             out what it had said, for good.",
            it.name
        );
        return again(&app, &principal, &headers, id, Problem::invalid(detail).with("field", "typed")).await;
    }
    app.engine.remove_connection(&principal.scope, id, records).await?;
    Ok(to(&format!("/sources?done={done}")))
}
