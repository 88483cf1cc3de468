//! What people say of single phones and e-mail addresses: shared, a placeholder, the business' own.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::email::Email;
use doorstep_core::id::MarkId;
use doorstep_core::identifier::Identifier;
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::{Phone, Region};
use doorstep_engine::mark::Marked;
use serde::Deserialize;

use super::cursor::List;
use super::idempotency::{self, JsonOnce, Key};
use super::identity::checked;
use super::input::{At, Paging, word};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::{Problem, Result};

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Phone,
    Email,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMark {
    kind: Kind,
    value: String,
    #[serde(deserialize_with = "word")]
    verdict: Verdict,
    reason: Option<String>,
}

/// The phone or e-mail address that a body names.
pub(super) fn identifier(kind: Kind, value: &str, region: Region) -> Result<Identifier> {
    match kind {
        Kind::Phone => Phone::parse(value, region).map(|phone| Identifier::from(&phone)).map_err(wrong),
        Kind::Email => Email::parse(value).map(|email| Identifier::from(&email)).map_err(wrong),
    }
}

fn wrong(why: impl std::fmt::Display) -> Problem {
    Problem::invalid(format!("`value`: {why}.")).with("field", "value")
}

/// What people said of identifiers, newest first.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "marks", &[]);
    let position = list.position(paging.cursor.as_deref())?;
    let page = app.engine.marks(&principal.scope, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

/// Says what an identifier is.
pub(super) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(new, key): JsonOnce<NewMark>,
) -> Result<Response> {
    let reason = checked(new.reason.as_deref())?;
    let mark =
        IdentifierMark { identifier: identifier(new.kind, &new.value, principal.country)?, verdict: new.verdict };
    let reply = |marked: &Marked| idempotency::said(StatusCode::CREATED, marked);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.mark_identifier_once(&principal.scope, &mark, reason, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}

/// Takes a mark back.
pub(super) async fn retract(
    State(app): State<App>,
    principal: Principal,
    At(id): At<MarkId>,
    key: Option<Key>,
) -> Result<Response> {
    let reply = |marked: &Marked| idempotency::said(StatusCode::OK, marked);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.retract_mark_once(&principal.scope, id, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}
