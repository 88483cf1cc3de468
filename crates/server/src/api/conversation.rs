//! Conversations, their messages, and a customer's timeline.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::id::{ConversationId, CustomerId};
use serde::Deserialize;

use super::cursor::List;
use super::input::{At, Limit, Paging};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::{Problem, Result};

/// What was written and said, newest first.
pub(super) async fn timeline(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "timeline", &[&id.to_string()]);
    let position = list.position(paging.cursor.as_deref())?;
    let page = app.engine.timeline(&principal.scope, id, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

/// A customer's conversations, those with the newest message first.
pub(super) async fn of_customer(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "conversations", &[&id.to_string()]);
    let position = list.position(paging.cursor.as_deref())?;
    let page = app.engine.conversations(&principal.scope, id, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

/// What is looked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    q: String,
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit,
}

/// Messages with a customer that have every word.
pub(super) async fn search(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "passages", &[&id.to_string(), &asked.q]);
    let position = list.position(asked.cursor.as_deref())?;
    let (scope, position, limit) = (&principal.scope, position.as_ref(), asked.limit.0);
    let page = app.engine.search_conversations(scope, id, &asked.q, position, limit).await?;
    json(StatusCode::OK, &list.page(page))
}

/// One conversation.
pub(super) async fn get(State(app): State<App>, principal: Principal, At(id): At<ConversationId>) -> Result<Response> {
    let found = app.engine.conversation(&principal.scope, id).await?;
    json(StatusCode::OK, &found.ok_or_else(|| none(id))?)
}

/// Its messages, newest first.
pub(super) async fn messages(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConversationId>,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "messages", &[&id.to_string()]);
    let position = list.position(paging.cursor.as_deref())?;
    app.engine.conversation(&principal.scope, id).await?.ok_or_else(|| none(id))?;
    let page = app.engine.messages(&principal.scope, id, position.as_ref(), paging.limit.0).await?;
    json(StatusCode::OK, &list.page(page))
}

fn none(id: ConversationId) -> Problem {
    Problem::not_found(format!("There is no conversation `{id}` here."))
}
