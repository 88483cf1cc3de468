//! Who is who: reviews and merges.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, DecisionId, ReviewId};
use doorstep_core::phone::{Phone, Region};
use doorstep_engine::merge::{Answer, Decided, Retracted};
use doorstep_engine::missing::Wanted;
use serde::Deserialize;

use super::cursor::List;
use super::customer::Pair;
use super::idempotency::{self, JsonOnce, Key};
use super::input::{At, Paging, there_word, word};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::{Problem, Result};

/// Longest reason, in characters: a sentence or two.
const MAX_REASON_CHARS: usize = 500;

pub(super) fn checked(reason: Option<&str>) -> Result<Option<&str>> {
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS) {
        return Err(Problem::invalid(format!("`reason` may have at most {MAX_REASON_CHARS} characters.")));
    }
    Ok(reason)
}

/// Open reviews with both customers, oldest first.
pub(super) async fn reviews(
    State(app): State<App>,
    principal: Principal,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "reviews", &[]);
    let position = list.position(paging.cursor.as_deref())?;
    let page = app.engine.review_page(&principal.scope, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(deserialize_with = "word")]
    a: CustomerId,
    #[serde(default, deserialize_with = "there_word")]
    b: Option<CustomerId>,
}

/// Why two customers are one, or two.
pub(super) async fn explain(
    State(app): State<App>,
    principal: Principal,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    json(StatusCode::OK, &app.engine.explain(&principal.scope, asked.a, asked.b).await?)
}

/// Longest value that is looked for, in bytes: a name, a number or an address is shorter.
const MAX_WANTED_BYTES: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lookup {
    phone: Option<String>,
    email: Option<String>,
    name: Option<String>,
    #[serde(default, deserialize_with = "there_word")]
    id: Option<CustomerId>,
}

impl Lookup {
    fn wanted(&self, region: Region) -> Result<Wanted> {
        let texts = [&self.phone, &self.email, &self.name];
        if texts.into_iter().flatten().any(|text| text.len() > MAX_WANTED_BYTES) {
            return Err(Problem::bad_request(format!("A value may have at most {MAX_WANTED_BYTES} bytes.")));
        }
        let bad = |field: &str, why: String| Problem::invalid(format!("`{field}`: {why}.")).with("field", field);
        match (&self.phone, &self.email, &self.name, self.id) {
            (Some(phone), None, None, None) => {
                let phone = Phone::parse(phone, region).map_err(|error| bad("phone", error.to_string()))?;
                Ok(Wanted::Phone(phone))
            }
            (None, Some(email), None, None) => {
                Ok(Wanted::Email(Email::parse(email).map_err(|error| bad("email", error.to_string()))?))
            }
            (None, None, Some(name), None) => Ok(Wanted::Name(name.clone())),
            (None, None, None, Some(id)) => Ok(Wanted::Customer(id)),
            _ => Err(Problem::bad_request("Give one of `phone`, `email`, `name` and `id`, and one only.")),
        }
    }
}

/// Why nobody is found by that.
pub(super) async fn why_missing(
    State(app): State<App>,
    principal: Principal,
    Query(lookup): Query<Lookup>,
) -> Result<Response> {
    let wanted = lookup.wanted(principal.country)?;
    json(StatusCode::OK, &app.engine.why_missing(&principal.scope, &wanted).await?)
}

/// What a decision came to, as it is said.
const DECIDED: fn(&Decided) -> (u16, serde_json::Value) = |decided| idempotency::said(StatusCode::OK, decided);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    answer: Said,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Merge,
    Apart,
}

/// Decides a review.
pub(super) async fn decide(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ReviewId>,
    JsonOnce(decision, key): JsonOnce<Decision>,
) -> Result<Response> {
    let said = match decision.answer {
        Said::Merge => Answer::Merge,
        Said::Apart => Answer::Apart,
    };
    let reason = checked(decision.reason.as_deref())?;
    let keep = key.as_ref().map(|key| key.keep(&DECIDED));
    let once = app.engine.decide_review_once(&principal.scope, id, said, reason, keep.as_ref()).await?;
    idempotency::answer(once, &DECIDED)
}

/// What people decided, newest first.
pub(super) async fn merges(
    State(app): State<App>,
    principal: Principal,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "merges", &[]);
    let position = list.position(paging.cursor.as_deref())?;
    let page = app.engine.merges(&principal.scope, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

/// Makes one customer of two.
pub(super) async fn merge(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(pair, key): JsonOnce<Pair>,
) -> Result<Response> {
    let reason = checked(pair.reason.as_deref())?;
    let reply = |decided: &Decided| idempotency::said(StatusCode::CREATED, decided);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.merge_once(&principal.scope, (pair.a, pair.b), reason, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Undo {
    #[serde(deserialize_with = "word")]
    customer: CustomerId,
    reason: Option<String>,
}

/// Gives a customer back that was joined to another.
pub(super) async fn unmerge(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(undo, key): JsonOnce<Undo>,
) -> Result<Response> {
    let reason = checked(undo.reason.as_deref())?;
    let keep = key.as_ref().map(|key| key.keep(&DECIDED));
    let once = app.engine.unmerge_once(&principal.scope, undo.customer, reason, keep.as_ref()).await?;
    idempotency::answer(once, &DECIDED)
}

/// Takes one decision back, exactly that one.
pub(super) async fn retract(
    State(app): State<App>,
    principal: Principal,
    At(id): At<DecisionId>,
    key: Option<Key>,
) -> Result<Response> {
    let reply = |retracted: &Retracted| idempotency::said(StatusCode::OK, retracted);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.retract_decision_once(&principal.scope, id, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}
