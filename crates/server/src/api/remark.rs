//! What is said of customers by hand: notes, preferences, addresses.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::conversation::Channel;
use doorstep_core::id::{CustomerId, RemarkId};
use doorstep_core::remark::{Kind, Remark, Said, Topic};
use doorstep_engine::remark::Added;
use serde::Deserialize;

use super::cursor::List;
use super::idempotency::{self, JsonOnce, Key};
use super::input::{At, Paging, there_word, word};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

/// A note or an address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewText {
    text: String,
    #[serde(default, deserialize_with = "there_word")]
    channel: Option<Channel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPreference {
    #[serde(deserialize_with = "word")]
    topic: Topic,
    text: String,
    #[serde(default, deserialize_with = "there_word")]
    channel: Option<Channel>,
}

/// Notes about a customer, newest first.
pub(super) async fn notes(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    list(&app, &principal, id, Kind::Note, &paging).await
}

/// What a customer likes, newest first.
pub(super) async fn preferences(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    list(&app, &principal, id, Kind::Preference, &paging).await
}

/// Addresses that were said of a customer, newest first.
pub(super) async fn addresses(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    list(&app, &principal, id, Kind::Address, &paging).await
}

async fn list(app: &App, principal: &Principal, id: CustomerId, kind: Kind, paging: &Paging) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "remarks", &[kind.as_str(), &id.to_string()]);
    let position = list.position(paging.cursor.as_deref())?;
    let page = app.engine.remarks(&principal.scope, id, kind, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

/// Adds a note.
pub(super) async fn add_note(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    JsonOnce(new, key): JsonOnce<NewText>,
) -> Result<Response> {
    let said = Said::note(&new.text).map_err(doorstep_engine::Error::from)?;
    add(&app, &principal, id, &said, new.channel, key).await
}

/// Says what a customer likes.
pub(super) async fn record_preference(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    JsonOnce(new, key): JsonOnce<NewPreference>,
) -> Result<Response> {
    let said = Said::preference(new.topic, &new.text).map_err(doorstep_engine::Error::from)?;
    add(&app, &principal, id, &said, new.channel, key).await
}

/// Adds a service address.
pub(super) async fn add_address(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    JsonOnce(new, key): JsonOnce<NewText>,
) -> Result<Response> {
    let said = Said::address(&new.text).map_err(doorstep_engine::Error::from)?;
    add(&app, &principal, id, &said, new.channel, key).await
}

async fn add(
    app: &App,
    principal: &Principal,
    id: CustomerId,
    said: &Said,
    channel: Option<Channel>,
    key: Option<Key>,
) -> Result<Response> {
    let reply = |added: &Added| {
        let status = if added.is_new { StatusCode::CREATED } else { StatusCode::OK };
        idempotency::said(status, added)
    };
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.add_remark_once(&principal.scope, id, said, channel, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}

/// Takes back what was said.
pub(super) async fn retract(
    State(app): State<App>,
    principal: Principal,
    At(id): At<RemarkId>,
    key: Option<Key>,
) -> Result<Response> {
    let reply = |retracted: &Remark| idempotency::said(StatusCode::OK, retracted);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let once = app.engine.retract_remark_once(&principal.scope, id, keep.as_ref()).await?;
    idempotency::answer(once, &reply)
}
