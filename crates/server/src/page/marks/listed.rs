//! `/reviews/marks`: all that people said of numbers and addresses, newest first, in force or taken back.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorstep_core::id::MarkId;
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::tenant::Actor;
use doorstep_engine::around::Around;
use doorstep_store::mark::Stored;
use serde::Deserialize;

use super::super::list::{Pages, Tab, address, position};
use super::super::words::{self, Words};
use super::super::{Frame, Moment, Section, framed, reviews, show};
use super::{PATH, may_say, meaning, word};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

/// Marks of a page.
const PAGE: i64 = 30;

/// What the address says about the list.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    at: String,
    #[serde(default)]
    done: String,
}

/// A mark as the list shows it.
struct Row {
    id: MarkId,
    value: String,
    /// Whether it is a number, which stands on one line.
    is_phone: bool,
    /// Whoever has it.
    href: String,
    /// What it is called within a sentence.
    verdict: &'static str,
    meaning: &'static str,
    /// A word for how it stands, with its kind.
    badge: (&'static str, &'static str),
    who: String,
    at: Moment,
    reason: String,
    retracted: Option<(String, Moment)>,
    may_undo: bool,
    version: &'static str,
}

#[derive(Template)]
#[template(path = "reviews/marks.html")]
struct Marks {
    frame: Frame,
    own: String,
    at: String,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    pages: Pages,
    done: &'static str,
    failed: String,
}

pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    page(&app, &principal, &headers, &asked, String::new()).await
}

/// The list as it is, with why nothing was taken back.
pub(super) async fn again(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    at: &str,
    (status, failed): (StatusCode, String),
) -> Result<Response> {
    let asked = Asked { at: at.to_owned(), done: String::new() };
    Ok((status, page(app, principal, headers, &asked, failed).await?).into_response())
}

async fn page(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    asked: &Asked,
    failed: String,
) -> Result<Response> {
    let read = app.engine.marks(&principal.scope, position(&asked.at).as_ref(), PAGE).await?;
    let retracted_by = read.rows.iter().filter_map(|mark| mark.retracted_by.as_ref());
    let actors: Vec<&Actor> = read.rows.iter().map(|mark| &mark.actor).chain(retracted_by).collect();
    let around = app.engine.around(&principal.scope, &actors).await?;
    let words = Words::in_which(&around);
    let link = |at: Option<&str>| address(PATH, &[("at", at.unwrap_or_default())]);
    show(&Marks {
        frame: framed(&around, principal, headers, "Reviews", Section::Reviews),
        own: link(Some(&asked.at)),
        at: asked.at.clone(),
        tabs: reviews::tabs(PATH),
        rows: read.rows.iter().map(|mark| row(principal, &words, &around, mark)).collect(),
        pages: Pages::of(&asked.at, read.previous.as_ref(), read.next.as_ref(), link),
        done: match asked.done.as_str() {
            "undone" => "Taken back. Whoever has it was looked at again.",
            "later" => "Taken back. Many customers have it, so all are looked at again in the background.",
            _ => "",
        },
        failed,
    })
}

fn row(principal: &Principal, words: &Words, around: &Around, mark: &Stored) -> Row {
    let (kind, is_in_force) = (mark.identifier.kind, mark.retracted_at.is_none());
    let value = &mark.identifier.value;
    let by = mark.retracted_by.as_ref().map(|who| around.colleagues.name(who)).unwrap_or_default();
    Row {
        id: mark.id,
        value: words.address(value),
        is_phone: kind == IdentifierKind::Phone,
        href: address("/customers", &[("q", value)]),
        verdict: words::verdict(mark.verdict),
        meaning: meaning(kind, mark.verdict),
        badge: if is_in_force { (word(mark.verdict), "info") } else { ("Taken back", "plain") },
        who: around.colleagues.name(&mark.actor),
        at: words.moment(mark.marked_at),
        reason: mark.reason.clone().unwrap_or_default(),
        retracted: mark.retracted_at.map(|at| (by, words.moment(at))),
        may_undo: is_in_force && may_say(principal, kind, mark.verdict),
        version: if is_in_force { "0" } else { "1" },
    }
}
