//! `/imports`: files brought in by hand. Upload, dry run, the plan to look at, bring in, done; and out again.

mod plan;
mod reading;
mod sheet;
mod upload;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::id::ImportId;
use doorstep_core::import::{FileKind, Import, Problem as RowProblem, State as Stage};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_engine::Error;
use doorstep_engine::import::Applied;
use doorstep_store::import::Stored;
use serde::Deserialize;

use super::list::Pages;
use super::words::{Words, count, several};
use super::{Frame, Moment, Section, framed, show};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::live::Topic;
use crate::problem::{Problem, Result};
use plan::Column;
pub(crate) use reading::Reading;

/// Imports of a page.
const PAGE: i64 = 30;
/// Problems of a page.
const PROBLEMS: i64 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/imports", get(list).post(upload::take))
        .route("/imports/new", get(upload::form))
        .route("/imports/{id}", get(one))
        .route("/imports/{id}/apply", post(apply))
        .route("/imports/{id}/stop", post(reading::stop))
        .route("/imports/{id}/undo", post(undo))
        .route("/imports/{id}/resume", post(resume))
        .route("/imports/{id}/problems.csv", get(sheet::problems))
}

/// An id from an address.
fn import_id(text: &str) -> Result<ImportId> {
    text.parse().map_err(|_| Problem::not_found("There is no such import. The list shows those that are here."))
}

/// An import as the list shows it.
struct Row {
    id: ImportId,
    file: String,
    notes: String,
    who: String,
    at: Moment,
    badge: (&'static str, &'static str),
    contacts: String,
    messages: String,
    calls: String,
    version: String,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct List {
    frame: Frame,
    own: String,
    /// Files that are no imports yet.
    reading: Vec<(ImportId, String)>,
    rows: Vec<Row>,
    pages: Pages,
}

/// What the address says about the list.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    before: String,
}

/// A stage in a word, with its kind of badge.
fn badge(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Planned => ("Dry run", "info"),
        Stage::Applying => ("Coming in", "info"),
        Stage::Applied => ("In", "ok"),
        Stage::Undoing => ("Going out", "warn"),
        Stage::Undone => ("Undone", "plain"),
        Stage::Superseded => ("Superseded", "plain"),
        Stage::Expired => ("Expired", "plain"),
    }
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let before = if asked.before.is_empty() { None } else { Some(import_id(&asked.before)?) };
    let mut imports = app.engine.imports(&principal.scope, before, PAGE + 1).await?;
    let more = imports.len() as i64 > PAGE;
    imports.truncate(PAGE as usize);
    let actors: Vec<&Actor> = imports.iter().map(|one| &one.actor).collect();
    let around = app.engine.around(&principal.scope, &actors).await?;
    let words = Words::in_which(&around);
    let next = imports.last().filter(|_| more).map(|last| format!("/imports?before={}", last.id));
    let row = |one: &Import| Row {
        id: one.id,
        file: one.file_name.clone(),
        notes: one.notes.clone().unwrap_or_default(),
        who: around.colleagues.name(&one.actor),
        at: words.moment(one.created_at),
        badge: badge(one.state),
        contacts: count(one.summary.contacts.new + one.callers_new),
        messages: count(one.summary.messages.new),
        calls: count(one.summary.calls.new),
        version: format!("{}-{}", one.state.as_str(), one.rows_done),
    };
    let rows = imports.iter().map(row).collect();
    let page = List {
        frame: framed(&around, &principal, &headers, "Imports", Section::Imports),
        own: before.map_or_else(|| "/imports".to_owned(), |before| format!("/imports?before={before}")),
        reading: if before.is_none() { app.reading.underway(principal.scope.tenant()) } else { Vec::new() },
        rows,
        pages: Pages::onwards("/imports", before.is_none(), next),
    };
    show(&page)
}

/// What the address says about an import.
#[derive(Debug, Clone, Default, Deserialize)]
struct Shown {
    #[serde(default)]
    file: String,
    #[serde(default)]
    from: u64,
    #[serde(default)]
    done: String,
    /// Whether the page that watches a dry run asks how far it is.
    #[serde(default)]
    reading: String,
}

/// Counts of one kind of rows.
struct Counted {
    label: &'static str,
    new: String,
    updated: String,
    skipped: String,
}

#[derive(Template)]
#[template(path = "import.html")]
struct Page {
    frame: Frame,
    id: ImportId,
    topic: String,
    own: String,
    file: String,
    notes: String,
    who: String,
    at: Moment,
    stage: &'static str,
    badge: (&'static str, &'static str),
    counts: Vec<Counted>,
    callers: String,
    columns: Vec<Column>,
    differences: Vec<String>,
    done: u64,
    total: u64,
    progress: String,
    finished: Option<Moment>,
    undone: Option<Moment>,
    problem_count: u64,
    problem_words: String,
    problems: Vec<RowProblem>,
    files: Vec<(&'static str, bool)>,
    chosen: String,
    problems_next: String,
    said: &'static str,
    failed: String,
    pins: i64,
    knows_own_numbers: bool,
    goes_out: String,
}

async fn one(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = import_id(&id)?;
    let stored = match app.engine.import(&principal.scope, id).await {
        Err(Error::NoImport(_)) => match reading::page(&app, &principal, &headers, id).await? {
            Some(page) => return Ok(page),
            // It may have been read to its end between the two looks.
            None => app.engine.import(&principal.scope, id).await,
        },
        found => found,
    };
    if !shown.reading.is_empty() {
        return Ok(reading::over(id));
    }
    let stored = stored.map_err(|error| match error {
        Error::NoImport(_) => Problem::not_found(
            "There is no such import. If you have just sent the file, it may still be read by another server: the list \
             shows it in a while.",
        ),
        other => other.into(),
    })?;
    page(&app, &principal, &headers, &stored, &shown, String::new()).await
}

async fn page(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    stored: &Stored,
    shown: &Shown,
    failed: String,
) -> Result<Response> {
    let import = &stored.import;
    let id = import.id;
    let (problems, more) = problems(app, principal, id, shown).await?;
    let around = app.engine.around(&principal.scope, &[&import.actor]).await?;
    let words = Words::in_which(&around);
    let topic = Topic::Import(id);
    let chosen = FileKind::TABLES.iter().map(|kind| kind.file_name()).find(|name| *name == shown.file);
    let chosen = chosen.unwrap_or_default().to_owned();
    let filter = if chosen.is_empty() { String::new() } else { format!("file={chosen}&") };
    let pins = if import.state == Stage::Applied { app.engine.pins_of_import(&principal.scope, id).await? } else { 0 };
    let page = Page {
        frame: framed(&around, principal, headers, import.file_name.clone(), Section::Imports).watching(&[topic]),
        id,
        topic: topic.to_string(),
        own: if shown.from == 0 && chosen.is_empty() {
            format!("/imports/{id}")
        } else {
            format!("/imports/{id}?{filter}from={}", shown.from)
        },
        file: import.file_name.clone(),
        notes: import.notes.clone().unwrap_or_default(),
        who: around.colleagues.name(&import.actor),
        at: words.moment(import.created_at),
        stage: import.state.as_str(),
        badge: badge(import.state),
        counts: counted(import),
        callers: count(import.callers_new),
        columns: plan::columns(&stored.plan),
        differences: plan::differences(&stored.plan),
        done: import.rows_done,
        total: import.rows_total.max(1),
        progress: format!("{} of {} rows", count(import.rows_done), count(import.rows_total)),
        finished: import.applied_at.map(|at| words.moment(at)),
        undone: import.undone_at.map(|at| words.moment(at)),
        problem_count: import.problem_count,
        problem_words: several(import.problem_count, "row") + if import.problem_count == 1 { " has" } else { " have" },
        files: FileKind::TABLES.iter().map(|kind| (kind.file_name(), kind.file_name() == chosen)).collect(),
        problems_next: more.map(|from| format!("/imports/{id}?{filter}from={from}#problems")).unwrap_or_default(),
        chosen,
        problems,
        said: said(&shown.done),
        failed,
        pins,
        knows_own_numbers: !words.tenant.own_numbers.is_empty(),
        goes_out: format!(
            "{} and {} go away again",
            several(import.summary.contacts.new + import.callers_new, "customer"),
            several(import.summary.messages.new, "message")
        ),
    };
    show(&page)
}

fn said(word: &str) -> &'static str {
    match word {
        "changed" => {
            "The hub changed since the dry run, so nothing was written. This is what would come in now; look again, \
             then bring it in."
        }
        "resumed" => "It goes on where it had stopped.",
        _ => "",
    }
}

fn counted(import: &Import) -> Vec<Counted> {
    let contacts = import.summary.contacts;
    let first = Counted {
        label: "Contacts",
        new: count(contacts.new),
        updated: count(contacts.updated),
        skipped: count(contacts.skipped),
    };
    let rest = [
        ("Conversations", import.summary.conversations),
        ("Messages", import.summary.messages),
        ("Calls", import.summary.calls),
    ];
    let rest = rest.map(|(label, counts)| Counted {
        label,
        new: count(counts.new),
        updated: String::new(),
        skipped: count(counts.skipped),
    });
    std::iter::once(first).chain(rest).collect()
}

/// A page of problems, of one file or of all, and where the next begins.
async fn problems(
    app: &App,
    principal: &Principal,
    id: ImportId,
    shown: &Shown,
) -> Result<(Vec<RowProblem>, Option<u64>)> {
    let (mut kept, mut position) = (Vec::new(), shown.from);
    loop {
        let read = app.engine.import_problems(&principal.scope, id, position, PROBLEMS).await?;
        let is_last = (read.len() as i64) < PROBLEMS;
        for problem in read {
            if kept.len() as i64 == PROBLEMS {
                return Ok((kept, Some(position)));
            }
            position += 1;
            if shown.file.is_empty()
                || problem.file.eq_ignore_ascii_case(&shown.file)
                || problem.file.ends_with(&shown.file)
            {
                kept.push(problem);
            }
        }
        if is_last {
            return Ok((kept, None));
        }
    }
}

/// A form that says nothing but its token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn apply(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = import_id(&id)?;
    match app.engine.apply_import(&principal.scope, id, &|_| {}).await {
        Ok(Applied::Started) => Ok(to(id, "")),
        Ok(Applied::WorldChanged(new)) => Ok(to(new.import.id, "?done=changed")),
        Err(error) => again(&app, &principal, &headers, id, error).await,
    }
}

async fn undo(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = import_id(&id)?;
    match app.engine.undo_import(&principal.scope, id).await {
        Ok(()) => Ok(to(id, "")),
        Err(error) => again(&app, &principal, &headers, id, error).await,
    }
}

async fn resume(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = import_id(&id)?;
    match app.engine.resume_import(&principal.scope, id).await {
        Ok(()) => Ok(to(id, "?done=resumed")),
        Err(error) => again(&app, &principal, &headers, id, error).await,
    }
}

/// The import as it is, with why nothing was done.
async fn again(app: &App, principal: &Principal, headers: &HeaderMap, id: ImportId, error: Error) -> Result<Response> {
    let problem = Problem::from(error);
    if problem.status.is_server_error() || problem.status == axum::http::StatusCode::NOT_FOUND {
        return Err(problem);
    }
    let stored = app.engine.import(&principal.scope, id).await?;
    let page = page(app, principal, headers, &stored, &Shown::default(), problem.detail).await?;
    Ok((problem.status, page).into_response())
}

fn to(id: ImportId, more: &str) -> Response {
    Redirect::to(&format!("/imports/{id}{more}")).into_response()
}
