//! Notes, preferences and addresses on a card: what stands with who said it and when, a form to say more, and taking back.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use doorstep_core::conversation::Channel;
use doorstep_core::id::{CustomerId, RemarkId};
use doorstep_core::remark::{BadRemark, Kind, Remark, Said, Topic};
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::card::Background;
use doorstep_engine::customer::Lookup;
use doorstep_engine::remark::NOTES_AT_HAND;
use serde::Deserialize;

use super::card::{self, Asked, Failed};
use super::words::Words;
use super::{Moment, customer_id};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/customers/{id}/remarks", post(add)).route("/remarks/{id}/undo", post(retract))
}

/// A remark as a card shows it.
pub(super) struct One {
    pub label: &'static str,
    pub text: String,
    pub by: String,
    pub channel: &'static str,
    pub at: Moment,
    /// Where taking it back is sent.
    pub undo: String,
    pub may_undo: bool,
}

/// What stands, and the form to say more.
pub(super) struct Shown {
    pub all: Vec<One>,
    pub is_cut: bool,
    /// Where more is sent.
    pub add: String,
    pub may_add: bool,
    pub choices: Vec<(&'static str, &'static str)>,
    /// What was chosen and typed, where it did not go through, and why not.
    pub what: String,
    pub typed: String,
    pub failed: String,
}

/// What somebody wanted to say.
#[derive(Debug, Default)]
pub(super) struct Typed {
    what: String,
    text: String,
}

impl Shown {
    /// Preferences first, then addresses, then the notes at hand, the newest first.
    pub fn of(principal: &Principal, words: &Words, behind: &Background, add: String, failed: &Failed) -> Self {
        let of = |kind: Kind| behind.remarks.iter().filter(move |remark| remark.said.kind() == kind);
        let all = of(Kind::Preference).chain(of(Kind::Address)).chain(of(Kind::Note));
        let topics = Topic::ALL.map(|topic| (topic.as_str(), topic.label()));
        let typed = failed.remark.as_ref();
        Self {
            all: all.map(|remark| one(principal, words, behind, remark)).collect(),
            is_cut: of(Kind::Note).count() as i64 >= NOTES_AT_HAND,
            add,
            may_add: principal.require(Permission::AddRemarks).is_ok(),
            choices: [("note", "A note")].into_iter().chain(topics).chain([("address", "A service address")]).collect(),
            what: typed.map(|typed| typed.what.clone()).unwrap_or_default(),
            typed: typed.map(|typed| typed.text.clone()).unwrap_or_default(),
            failed: typed.map(|_| failed.words.clone()).unwrap_or_default(),
        }
    }
}

fn one(principal: &Principal, words: &Words, behind: &Background, remark: &Remark) -> One {
    let is_own = remark.said_by == *principal.scope.actor();
    let needed = if is_own { Permission::AddRemarks } else { Permission::EditCustomer };
    One {
        label: match &remark.said {
            Said::Note { .. } => "Note",
            Said::Preference { topic, .. } => topic.label(),
            Said::Address { .. } => "Service address",
        },
        text: match &remark.said {
            Said::Note { text } | Said::Preference { text, .. } => text.clone(),
            Said::Address { address } => address.display(),
        },
        by: behind.around.colleagues.name(&remark.said_by),
        channel: match remark.channel {
            Some(Channel::Sms) => "by text message",
            Some(Channel::Voice) => "on the telephone",
            Some(Channel::Email) => "by e-mail",
            Some(Channel::WebChat) => "in a chat",
            Some(Channel::Other) | None => "",
        },
        at: words.moment(remark.said_at),
        undo: format!("/remarks/{}/undo", remark.id),
        may_undo: principal.require(needed).is_ok(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    what: String,
    #[serde(default)]
    text: String,
}

impl New {
    fn said(&self) -> Result<Result<Said, BadRemark>> {
        Ok(match self.what.as_str() {
            "note" => Said::note(&self.text),
            "address" => Said::address(&self.text),
            topic => {
                let unknown = || Problem::invalid("There is no such kind of remark. Load the card again.");
                Said::preference(topic.parse().map_err(|_| unknown())?, &self.text)
            }
        })
    }
}

async fn add(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(new): Form<New>,
) -> Result<Response> {
    principal.require(Permission::AddRemarks)?;
    let id = customer_id(&id)?;
    let added = match new.said()? {
        Ok(said) => app.engine.add_remark(&principal.scope, id, &said, None).await,
        Err(bad) => Err(bad.into()),
    };
    match added {
        Ok(added) => Ok(done(added.customer, &asked, if added.is_new { "said" } else { "said_before" })),
        Err(error @ (Error::BadRemark(_) | Error::Unfit(_))) => {
            let typed = Typed { what: new.what, text: new.text };
            let failed = Failed { words: Problem::from(error).detail, remark: Some(typed), ..Failed::default() };
            again(&app, &principal, &headers, id, &asked, failed).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TakenBack {
    /// Whose card the form stands on.
    customer: Option<CustomerId>,
}

async fn retract(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(taken): Form<TakenBack>,
) -> Result<Response> {
    principal.require(Permission::AddRemarks)?;
    let gone = || Problem::not_found("There is no such remark. The card shows those that there are.");
    let id: RemarkId = id.parse().map_err(|_| gone())?;
    match app.engine.retract_remark(&principal.scope, id).await {
        Ok(back) => {
            let named = CustomerId::from_uuid(back.record.uuid());
            Ok(done(taken.customer.unwrap_or(named), &asked, "unsaid"))
        }
        Err(Error::NoRemark(_)) => Err(gone()),
        Err(error @ Error::RemarkTakenBack(_)) => {
            let Some(customer) = taken.customer else { return Err(error.into()) };
            let failed = Failed { words: "Somebody has taken it back already.".to_owned(), ..Failed::default() };
            again(&app, &principal, &headers, customer, &asked, failed).await
        }
        Err(error) => Err(error.into()),
    }
}

fn done(id: CustomerId, asked: &Asked, word: &str) -> Response {
    Redirect::to(&asked.among().address(&format!("/customers/{id}"), &[("done", word)])).into_response()
}

/// The card as it is now, with why nothing was saved and what was typed.
async fn again(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    id: CustomerId,
    asked: &Asked,
    failed: Failed,
) -> Result<Response> {
    let Lookup::Customer { customer, .. } = app.engine.look_up(&principal.scope, id).await? else {
        return Err(Problem::not_found("This customer is gone by now. Search for the name or the number."));
    };
    let page = card::page(app, principal, headers, *customer, asked, failed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
