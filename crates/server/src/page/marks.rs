//! What a number or an address is, said on the card beside it: shared, a placeholder, ours. And taking that back, there
//! or in the list of all marks.

mod listed;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, MarkId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::customer::Lookup;
use doorstep_engine::mark::Marked;
use doorstep_store::mark::Stored;
use serde::Deserialize;

use super::card::Asked;
use super::customer_id;
use super::edit::again;
use super::list::address;
use super::words::{Colleagues, Words};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

/// Where all of them are listed.
pub(super) const PATH: &str = "/reviews/marks";
/// Longest reason, in characters: a sentence or two.
const MAX_REASON_CHARS: usize = 500;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(listed::list))
        .route("/customers/{id}/marks", post(mark))
        .route("/marks/{id}/undo", post(retract))
}

/// A mark as a card shows it.
pub(super) struct Shown {
    /// Where taking it back is sent.
    pub undo: String,
    pub word: &'static str,
    pub meaning: &'static str,
    /// `Marked by Ann on 2 March 2026`
    pub whence: String,
    pub reason: String,
    pub may_undo: bool,
}

/// What a person may say of a number or an address.
pub(super) struct Choice {
    pub verdict: Verdict,
    pub word: &'static str,
    pub meaning: &'static str,
}

/// The choices there are for an identifier.
pub(super) fn choices(principal: &Principal, kind: IdentifierKind) -> Vec<Choice> {
    let may = |verdict: &Verdict| may_say(principal, kind, *verdict);
    let choice = |verdict| Choice { verdict, word: word(verdict), meaning: meaning(kind, verdict) };
    Verdict::ALL.into_iter().filter(may).map(choice).collect()
}

/// A mark in words.
pub(super) fn shown(principal: &Principal, words: &Words, colleagues: &Colleagues, mark: &Stored) -> Shown {
    Shown {
        undo: format!("/marks/{}/undo", mark.id),
        word: word(mark.verdict),
        meaning: meaning(mark.identifier.kind, mark.verdict),
        whence: format!("Marked by {} on {}", colleagues.name(&mark.actor), words.day(mark.marked_at)),
        reason: mark.reason.clone().unwrap_or_default(),
        may_undo: may_say(principal, mark.identifier.kind, mark.verdict),
    }
}

/// Own numbers say how whole imports are read, so they are for whoever may change the business.
fn may_say(principal: &Principal, kind: IdentifierKind, verdict: Verdict) -> bool {
    let needed = match (kind, verdict) {
        (IdentifierKind::Phone, Verdict::Mine) => [Permission::DecideIdentity, Permission::Administer],
        _ => [Permission::DecideIdentity; 2],
    };
    needed.into_iter().all(|permission| principal.require(permission).is_ok())
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Shared => "Shared",
        Verdict::Placeholder => "A placeholder",
        Verdict::Mine => "Ours",
    }
}

fn meaning(kind: IdentifierKind, verdict: Verdict) -> &'static str {
    match (verdict, kind) {
        (Verdict::Shared, _) => {
            "Several people are reached by it, as in an office or through a property manager. It stays on their cards and \
             makes nobody one any more."
        }
        (Verdict::Placeholder, _) => "Filled in because there was none. It says nothing about who somebody is.",
        (Verdict::Mine, IdentifierKind::Phone) => {
            "The business calls or texts from it. It is one of your own numbers then, which are nobody's."
        }
        (
            Verdict::Mine,
            IdentifierKind::Email | IdentifierKind::SourceKey | IdentifierKind::WebUser | IdentifierKind::NamePlace,
        ) => "The business writes from it. It says nothing about who somebody is.",
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    identifier: String,
    verdict: String,
    #[serde(default)]
    reason: String,
}

async fn mark(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(said): Form<Said>,
) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let id = customer_id(&id)?;
    let verdict = said.verdict.parse().map_err(|_| Problem::invalid("There is no such mark. Load the card again."))?;
    let Lookup::Customer { customer, .. } = app.engine.look_up(&principal.scope, id).await? else {
        return Err(Problem::not_found("There is no such customer. Search for the name or the number."));
    };
    let reason = said.reason.trim();
    let identifier = match of_customer(&customer, &said.identifier) {
        Some(identifier) if reason.chars().count() <= MAX_REASON_CHARS => identifier,
        found => {
            let why = match found {
                Some(_) => format!("The reason may have at most {MAX_REASON_CHARS} characters."),
                None => "This customer does not have that number or address any more.".to_owned(),
            };
            return again(&app, &principal, &headers, customer.id, &asked, (why, None)).await;
        }
    };
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let wanted = IdentifierMark { identifier, verdict };
    match app.engine.mark_identifier(&principal.scope, &wanted, reason).await {
        Ok(marked) => Ok(done(customer.id, &asked, &marked, "marked")),
        Err(Error::Unfit(why)) => {
            let why = Problem::from(Error::Unfit(why)).detail;
            again(&app, &principal, &headers, customer.id, &asked, (why, None)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The identifier of a customer that a form names by its value.
fn of_customer(customer: &Customer, value: &str) -> Option<Identifier> {
    let mut all = customer.identities.iter().map(|identity| &identity.identifier);
    all.find(|one| matches!(one.kind, IdentifierKind::Phone | IdentifierKind::Email) && one.value == value).cloned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TakenBack {
    /// Whose card the form stands on; without one it stands in the list.
    customer: Option<CustomerId>,
    /// The page of the list that it stands on.
    #[serde(default)]
    at: String,
}

async fn retract(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(taken): Form<TakenBack>,
) -> Result<Response> {
    principal.require(Permission::DecideIdentity)?;
    let gone = || Problem::not_found("There is no such mark. The card shows those that there are.");
    let id: MarkId = id.parse().map_err(|_| gone())?;
    let (status, why) = match app.engine.retract_mark(&principal.scope, id).await {
        Ok(marked) => {
            return Ok(match taken.customer {
                Some(customer) => done(customer, &asked, &marked, "unmarked"),
                None => {
                    let word = if marked.customers.by_task { "later" } else { "undone" };
                    Redirect::to(&address(PATH, &[("at", &taken.at), ("done", word)])).into_response()
                }
            });
        }
        Err(Error::NoMark(_)) => return Err(gone()),
        Err(Error::MarkTakenBack(_)) => (StatusCode::CONFLICT, "Somebody has taken it back already.".to_owned()),
        Err(Error::Unfit(why)) => {
            let problem = Problem::from(Error::Unfit(why));
            (problem.status, problem.detail)
        }
        Err(error) => return Err(error.into()),
    };
    match taken.customer {
        Some(customer) => again(&app, &principal, &headers, customer, &asked, (why, None)).await,
        None => listed::again(&app, &principal, &headers, &taken.at, (status, why)).await,
    }
}

fn done(id: CustomerId, asked: &Asked, marked: &Marked, word: &str) -> Response {
    let word = if marked.customers.by_task { "later" } else { word };
    Redirect::to(&asked.among().address(&format!("/customers/{id}"), &[("done", word)])).into_response()
}
