//! `/reviews/decided`: what people decided about who is who, newest first, and taking it back.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::contact::Contact;
use doorstep_core::id::{DecisionId, RecordId};
use doorstep_core::identity::Verb;
use doorstep_core::tenant::{Actor, Permission};
use doorstep_engine::Error;
use doorstep_engine::review::Decided;
use doorstep_store::decision::{Named, Shown};
use serde::Deserialize;

use super::list::{Pages, Tab, address, position};
use super::words::{Colleagues, Words};
use super::{Frame, Moment, Section, framed, reviews, show};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

/// Decisions of a page.
const PAGE: i64 = 30;
/// Where they are listed.
pub(super) const PATH: &str = "/reviews/decided";

pub(super) fn routes() -> Router<App> {
    Router::new().route(PATH, get(list)).route("/reviews/decided/{id}/retract", post(retract))
}

/// What the address says about the list.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    at: String,
    #[serde(default)]
    done: String,
}

/// A decision as the list shows it.
struct Row {
    id: DecisionId,
    a: Side,
    b: Side,
    verb: &'static str,
    between: &'static str,
    /// A word for how it stands, with its kind.
    badge: (&'static str, &'static str),
    who: String,
    at: Moment,
    reason: String,
    retracted: Option<(String, Moment)>,
    version: &'static str,
}

/// One of the two, as it was when they were two.
struct Side {
    name: String,
    /// Empty for one that is gone.
    href: String,
}

#[derive(Template)]
#[template(path = "reviews/decided.html")]
struct Decisions {
    frame: Frame,
    own: String,
    at: String,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    pages: Pages,
    may_decide: bool,
    done: &'static str,
    failed: String,
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    page(&app, &principal, &headers, &asked, String::new()).await
}

async fn page(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    asked: &Asked,
    failed: String,
) -> Result<Response> {
    let position = position(&asked.at);
    let Decided { page: read, said, around } = app.engine.decided(&principal.scope, position.as_ref(), PAGE).await?;
    let words = Words::in_which(&around);
    let link = |at: Option<&str>| address(PATH, &[("at", at.unwrap_or_default())]);
    let page = Decisions {
        frame: framed(&around, principal, headers, "Reviews", Section::Reviews),
        own: link(Some(asked.at.as_str())),
        at: asked.at.clone(),
        rows: read.rows.iter().map(|one| row(&words, &around.colleagues, &said, one)).collect(),
        tabs: reviews::tabs(PATH),
        pages: Pages::of(&asked.at, read.previous.as_ref(), read.next.as_ref(), link),
        may_decide: principal.require(Permission::DecideIdentity).is_ok(),
        done: if asked.done == "undone" { "Taken back. It stays in this list, with who did that." } else { "" },
        failed,
    };
    show(&page)
}

fn row(words: &Words, colleagues: &Colleagues, said: &HashMap<RecordId, Contact>, shown: &Shown) -> Row {
    let decision = &shown.decision;
    // Joined, both are called by one name: what tells them apart is what their records say.
    let is_one = shown.a_customer == shown.b_customer;
    let side = |record: RecordId, customer: &Option<Named>| match customer {
        Some(now) => {
            let name = said.get(&record).and_then(|contact| called(words, contact)).filter(|_| is_one);
            Side {
                name: name.unwrap_or_else(|| words.address(&now.display_name)),
                href: format!("/customers/{}", now.id),
            }
        }
        None => Side { name: "somebody who was taken out".to_owned(), href: String::new() },
    };
    let (verb, between) = match decision.verb {
        Verb::Link => ("made one of", "and"),
        Verb::KeepApart => ("kept", "apart from"),
    };
    let (badge, version) = match (&decision.retracted_at, decision.verb) {
        (Some(_), _) => (("Taken back", "plain"), "1"),
        (None, Verb::Link) => (("One customer", "ok"), "0"),
        (None, Verb::KeepApart) => (("Kept apart", "info"), "0"),
    };
    let by = |who: &Option<Actor>| who.as_ref().map(|who| colleagues.name(who));
    Row {
        id: decision.id,
        a: side(decision.a, &shown.a_customer),
        b: side(decision.b, &shown.b_customer),
        verb,
        between,
        badge,
        who: colleagues.name(&decision.actor),
        at: words.moment(decision.decided_at),
        reason: decision.reason.clone().unwrap_or_default(),
        retracted: decision.retracted_at.map(|at| (by(&shown.retracted_by).unwrap_or_default(), words.moment(at))),
        version,
    }
}

/// What a record calls its person.
pub(super) fn called(words: &Words, contact: &Contact) -> Option<String> {
    let phone = || contact.phones.first().map(|phone| words.address(phone.as_str()));
    let email = || contact.emails.first().map(|email| email.as_str().to_owned());
    let name = contact.name.as_ref().map(|name| name.display());
    name.or_else(|| contact.company.clone()).or_else(phone).or_else(email)
}

/// What the form says: which page of which list it stands on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Taken {
    #[serde(default)]
    at: String,
    /// Whether it stands on the list of those who wait.
    #[serde(default)]
    waiting: String,
}

async fn retract(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let gone = || Problem::not_found("There is no such decision. The list shows those that were made.");
    let id: DecisionId = id.parse().map_err(|_| gone())?;
    let why = match app.engine.retract_decision(&principal.scope, id).await {
        Ok(_) => {
            let list = if taken.waiting.is_empty() { PATH } else { "/reviews" };
            return Ok(Redirect::to(&address(list, &[("at", &taken.at), ("done", "undone")])).into_response());
        }
        Err(Error::NoDecision(_)) => return Err(gone()),
        Err(Error::TakenBack(_)) => "Somebody has taken it back already.",
        Err(Error::StillOne { .. }) => {
            "Something else makes these two one by now: a record that came in later has what both have. Nothing was \
             changed."
        }
        Err(error) => return Err(error.into()),
    };
    let asked = if taken.waiting.is_empty() { Asked { at: taken.at, ..Asked::default() } } else { Asked::default() };
    let page = page(&app, &principal, &headers, &asked, why.to_owned()).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
