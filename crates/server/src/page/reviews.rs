//! `/reviews`: pairs of customers that may be one, side by side, and what was decided lately.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, ReviewId};
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::matching::Evidence;
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::merge::Answer;
use doorstep_store::{customer, review};
use serde::Deserialize;

use super::words::Words;
use super::{Frame, Moment, Section, customer_id, frame, show};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

/// Pairs of a page: each takes a look and a thought.
const PAGE: i64 = 10;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/reviews", get(list))
        .route("/reviews/{id}/decide", post(decide))
        .route("/reviews/undo", post(undo))
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
}

/// A pair with what speaks for and against.
struct Pair {
    id: ReviewId,
    evidence: String,
    found: Moment,
    a: Side,
    b: Side,
    rows: Vec<Compared>,
}

struct Side {
    id: CustomerId,
    name: String,
}

/// One line of the table.
struct Compared {
    label: &'static str,
    a: Vec<String>,
    b: Vec<String>,
    class: &'static str,
}

/// A decision that was just made, and can be taken back.
struct Undo {
    words: &'static str,
    verb: &'static str,
    a: String,
    b: String,
    link: String,
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct Reviews {
    frame: Frame,
    own: String,
    pairs: Vec<Pair>,
    next: String,
    is_first: bool,
    may_decide: bool,
    undo: Option<Undo>,
    done: &'static str,
}

async fn list(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(text.parse::<ReviewId>().map_err(|_| Problem::bad_request("Start from the first page again."))?),
    };
    let mut tx = app.engine.db.read(&principal.scope).await?;
    let words = Words::read(&mut tx).await?;
    let mut reviews = review::list(&mut tx, after, PAGE + 1).await?;
    let more = reviews.len() as i64 > PAGE;
    reviews.truncate(PAGE as usize);
    let next = reviews.last().filter(|_| more).map(|last| format!("/reviews?after={}", last.id));
    let ids: Vec<CustomerId> = reviews.iter().flat_map(|one| [one.a, one.b]).collect();
    let found = if ids.is_empty() { Vec::new() } else { customer::get_many(&mut tx, &ids).await? };
    drop(tx);
    let by_id: BTreeMap<CustomerId, &Customer> = found.iter().map(|put| (put.customer.id, &put.customer)).collect();
    let pair = |one: &review::Review| {
        let (a, b) = (by_id.get(&one.a)?, by_id.get(&one.b)?);
        Some(Pair {
            id: one.id,
            evidence: evidence(&words, &one.evidence),
            found: words.moment(one.created_at),
            rows: compared(&words, a, b),
            a: Side { id: a.id, name: words.address(&a.display_name) },
            b: Side { id: b.id, name: words.address(&b.display_name) },
        })
    };
    let pairs: Vec<Pair> = reviews.iter().filter_map(pair).collect();
    let page = Reviews {
        frame: frame(&app, &principal, &headers, "Reviews", Section::Reviews).await?,
        own: after.map_or_else(|| "/reviews".to_owned(), |after| format!("/reviews?after={after}")),
        pairs,
        next: next.unwrap_or_default(),
        is_first: after.is_none(),
        may_decide: principal.require(Permission::DecideIdentity).is_ok(),
        undo: to_undo(&asked),
        done: if asked.done == "undone" { "Taken back. The two are as they were before." } else { "" },
    };
    show(&page)
}

/// What the address says was decided; ids that are none offer nothing.
fn to_undo(asked: &Asked) -> Option<Undo> {
    let (a, b) = (asked.a.parse::<CustomerId>().ok()?, asked.b.parse::<CustomerId>().ok()?);
    let (words, verb) = match asked.done.as_str() {
        "merged" => ("The two are one customer now.", "unmerge"),
        "apart" => ("The two stay apart, whatever comes in later.", "merge"),
        _ => return None,
    };
    Some(Undo { words, verb, a: a.to_string(), b: b.to_string(), link: format!("/customers/{a}") })
}

/// "Both have (617) 555-1234, and different names"
pub(super) fn evidence(words: &Words, evidence: &[Evidence]) -> String {
    let one = |evidence: &Evidence| {
        let value = match evidence.kind {
            IdentifierKind::Phone | IdentifierKind::Email => words.address(&evidence.value),
            IdentifierKind::SourceKey => "the same entry of one source".to_owned(),
        };
        format!("Both have {value}, and {}", evidence.names)
    };
    evidence.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn compared(words: &Words, a: &Customer, b: &Customer) -> Vec<Compared> {
    let identifiers = |side: &Customer, kind| -> Vec<String> {
        side.identities_of(kind).map(|identity| words.address(&identity.identifier.value)).collect()
    };
    let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<String>>();
    let rows = [
        ("Company", one(&a.company), one(&b.company)),
        ("Phone", identifiers(a, IdentifierKind::Phone), identifiers(b, IdentifierKind::Phone)),
        ("E-mail", identifiers(a, IdentifierKind::Email), identifiers(b, IdentifierKind::Email)),
        ("Address", one(&a.address), one(&b.address)),
        ("Notes", one(&a.notes), one(&b.notes)),
        ("Known since", vec![words.day(a.first_seen_at)], vec![words.day(b.first_seen_at)]),
    ];
    let rows = rows.into_iter().filter(|(_, a, b)| !(a.is_empty() && b.is_empty()));
    let compare = |(label, a, b): (&'static str, Vec<String>, Vec<String>)| {
        let shares = a.iter().any(|value| b.contains(value));
        let class = match (label, shares, a.is_empty() || b.is_empty()) {
            ("Known since" | "Notes", _, _) | (_, false, true) => "",
            (_, true, _) => "same",
            (_, false, false) => "differs",
        };
        Compared { label, a, b, class }
    };
    rows.map(compare).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    answer: String,
}

async fn decide(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    Form(answered): Form<Answered>,
) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let gone = || Problem::not_found("This pair is not open any more: somebody has decided it, or something else did.");
    let id: ReviewId = id.parse().map_err(|_| gone())?;
    let (answer, word) = match answered.answer.as_str() {
        "merge" => (Answer::Merge, "merged"),
        "apart" => (Answer::Apart, "apart"),
        _ => return Err(Problem::invalid("The answer is `merge` or `apart`.")),
    };
    let mut tx = app.engine.db.read(&principal.scope).await?;
    let pair = review::get(&mut tx, id).await?.ok_or_else(gone)?;
    drop(tx);
    match app.engine.decide_review(&principal.scope, id, answer, None).await {
        Ok(_) => Ok(back(&format!("/reviews?done={word}&a={}&b={}", pair.a, pair.b))),
        Err(Error::NoReview(_)) => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undone {
    verb: String,
    a: String,
    b: String,
}

/// Takes back what was just decided: two that were kept apart are one, or the younger of two is given back.
async fn undo(State(app): State<App>, principal: Principal, Form(undone): Form<Undone>) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let (a, b) = (customer_id(&undone.a)?, customer_id(&undone.b)?);
    match undone.verb.as_str() {
        "unmerge" => app.engine.unmerge(&principal.scope, b.max(a), None).await?,
        "merge" => app.engine.merge(&principal.scope, a, b, None).await?,
        _ => return Err(Problem::invalid("There is nothing to take back. Load the page again.")),
    };
    Ok(back("/reviews?done=undone"))
}

fn back(to: &str) -> Response {
    Redirect::to(to).into_response()
}
