//! `/reviews`: pairs of customers that may be one, side by side.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, DecisionId, ReviewId};
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::identity::explain::{how_sure, percent};
use doorstep_core::matching::Evidence;
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::merge::Answer;
use doorstep_engine::review::{MAX_COUNTED, Pair as Waiting};
use doorstep_store::review;
use serde::Deserialize;

use super::list::{self, Pages, Tab, address, position};
use super::surest::{self, MAX_AT_ONCE};
use super::words::{Words, several};
use super::{Frame, Moment, Section, decisions, framed, marks, show};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

/// Where they are.
pub(super) const PATH: &str = "/reviews";
/// Pairs of a page: each takes a look and a thought.
const PAGE: i64 = 10;
/// Longest reason, in characters: a sentence or two.
const MAX_REASON_CHARS: usize = 500;

pub(super) fn routes() -> Router<App> {
    Router::new().route(PATH, get(waiting)).route("/reviews/{id}/decide", post(decide))
}

/// What the address says: where the page begins, and what was just decided about whom.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    at: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    customer: String,
    /// How many were made one together, and how many of those that were asked for had changed.
    #[serde(default)]
    count: String,
    #[serde(default)]
    changed: String,
}

/// How far the work is.
struct Progress {
    words: String,
    done: i64,
    all: i64,
}

/// A pair with what speaks for and against.
struct Pair {
    id: ReviewId,
    evidence: String,
    found: Moment,
    /// How sure it is that they are one, in words and as a share.
    sure: &'static str,
    share: String,
    a: Side,
    b: Side,
    rows: Vec<Compared>,
    /// Where it is told in full what speaks for and against.
    why: String,
    /// Where one goes on who leaves the pair for later; empty at the end.
    later: String,
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
    decision: DecisionId,
    link: String,
}

#[derive(Template)]
#[template(path = "reviews/waiting.html")]
struct Reviews {
    frame: Frame,
    own: String,
    at: String,
    tabs: Vec<Tab>,
    pairs: Vec<Pair>,
    pages: Pages,
    may_decide: bool,
    /// Whether any pair is sure enough to be decided together with others.
    has_surest: bool,
    undo: Option<Undo>,
    done: String,
    /// How many were decided today, of those and the ones that wait.
    progress: Option<Progress>,
}

async fn waiting(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let position = position(&asked.at);
    let (read, around) = app.engine.surest_pairs(&principal.scope, position.as_ref(), 0.0, PAGE).await?;
    let words = Words::in_which(&around);
    let progress = app.engine.review_progress(&principal.scope, words.midnight(around.now)).await?;
    let to = |at: Option<&str>| link(&[("at", at.unwrap_or_default())]);
    let pages = Pages::of(&asked.at, read.previous.as_ref(), read.next.as_ref(), to);
    let may_decide = principal.require(Permission::DecideIdentity).is_ok();
    // The likeliest is the first of all: one row tells.
    let least = surest::least();
    let has_surest = may_decide && !app.engine.surest_pairs(&principal.scope, None, least, 1).await?.0.rows.is_empty();
    let after = read.rows.iter().skip(1).map(|one| format!("#{}", one.review.id)).chain([pages.next.clone()]);
    let pairs = read.rows.iter().zip(after).map(|(one, later)| pair(&words, one, later));
    let page = Reviews {
        frame: framed(&around, &principal, &headers, "Reviews", Section::Reviews),
        own: link(&[("at", &asked.at)]),
        pairs: pairs.collect(),
        tabs: tabs(PATH),
        pages,
        may_decide,
        has_surest,
        undo: to_undo(&asked),
        done: done(&asked),
        progress: progressed(progress),
        at: asked.at,
    };
    show(&page)
}

/// What was just done, where there is nothing to take back by one button.
fn done(asked: &Asked) -> String {
    let number = |text: &str| text.parse::<u64>().unwrap_or_default().min(MAX_AT_ONCE as u64);
    let (count, changed) = (number(&asked.count), number(&asked.changed));
    match asked.done.as_str() {
        "undone" => "Taken back. The two are as they were before.".to_owned(),
        "many" if changed == 0 => {
            format!("{} made one. Each can be taken back under Decided.", several(count, "pair"))
        }
        "many" => format!(
            "{} made one. {} had changed meanwhile and still wait, if they are in doubt at all. Each can be taken back \
             under Decided.",
            several(count, "pair"),
            several(changed, "other"),
        ),
        _ => String::new(),
    }
}

fn progressed((decided, open): (i64, i64)) -> Option<Progress> {
    if decided + open == 0 {
        return None;
    }
    let more = |number: i64| if number >= MAX_COUNTED { "more than " } else { "" };
    let all = decided + open;
    let words = format!("{}{decided} of {}{all} decided today", more(decided), more(open));
    Some(Progress { words, done: decided, all })
}

/// The page with what is said there.
pub(super) fn link(said: &[(&str, &str)]) -> String {
    address(PATH, said)
}

/// What stands beside each other under Reviews: what waits, what was decided, what was said of numbers.
pub(super) fn tabs(here: &str) -> Vec<Tab> {
    list::tabs(&[(PATH, "Waiting"), (decisions::PATH, "Decided"), (marks::PATH, "Marks")], here)
}

fn pair(words: &Words, waiting: &Waiting, later: String) -> Pair {
    let Waiting { review, a, b } = waiting;
    Pair {
        id: review.id,
        evidence: evidence(words, &review.evidence),
        found: words.moment(review.created_at),
        sure: how_sure(review::share(review.score)),
        share: percent(review::share(review.score)),
        rows: compared(words, a, b),
        why: super::explain::link(a.id, Some(b.id)),
        a: Side { id: a.id, name: words.address(&a.display_name) },
        b: Side { id: b.id, name: words.address(&b.display_name) },
        later,
    }
}

/// What the address says was decided; ids that are none offer nothing.
fn to_undo(asked: &Asked) -> Option<Undo> {
    let (decision, customer) = (asked.decision.parse().ok()?, asked.customer.parse::<CustomerId>().ok()?);
    let words = match asked.done.as_str() {
        "merged" => "The two are one customer now.",
        "apart" => "The two stay apart, whatever comes in later.",
        _ => return None,
    };
    Some(Undo { words, decision, link: format!("/customers/{customer}") })
}

/// "Both have (617) 555-1234, and different names"
pub(super) fn evidence(words: &Words, evidence: &[Evidence]) -> String {
    let one = |evidence: &Evidence| {
        let value = match evidence.kind {
            IdentifierKind::Phone | IdentifierKind::Email => words.address(&evidence.value),
            IdentifierKind::SourceKey => "the same entry of one source".to_owned(),
            IdentifierKind::WebUser => "the same user of the website".to_owned(),
            IdentifierKind::NamePlace => evidence.value.clone(),
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
    #[serde(default)]
    reason: String,
    /// The page that the pair stands on.
    #[serde(default)]
    at: String,
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
    let reason = Some(answered.reason.trim()).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS) {
        let detail = format!(
            "The reason may have at most {MAX_REASON_CHARS} characters. Nothing was decided yet; go back and say it shorter."
        );
        return Err(Problem::invalid(detail));
    }
    let decided = match app.engine.decide_review(&principal.scope, id, answer, reason).await {
        Ok(decided) => decided,
        Err(Error::NoReview(_)) => return Err(gone()),
        Err(error) => return Err(error.into()),
    };
    let decision = decided.decision.map(|id| id.to_string()).unwrap_or_default();
    let said =
        [("at", answered.at.as_str()), ("done", word), ("decision", &decision), ("customer", &decided.a.to_string())];
    Ok(Redirect::to(&link(&said)).into_response())
}
