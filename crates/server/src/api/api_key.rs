//! API keys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorstep_core::Timestamp;
use doorstep_core::api_key::ApiKey;
use doorstep_core::id::ApiKeyId;
use doorstep_core::permission::PermissionSet;
use doorstep_core::tenant::Role;
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;
use doorstep_engine::idempotency::Once;
use serde::Deserialize;
use serde_json::json;

use super::cursor::List;
use super::idempotency::{self, JsonOnce};
use super::input::{At, Paging, word};
use super::json as answer;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::{Problem, Result};

/// Keys, in the order in which they were made.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "api-keys", &[]);
    let after: Option<ApiKeyId> = list.place(paging.cursor.as_deref())?;
    let read = app.engine.api_keys(&principal.scope, after, paging.limit.0 + 1).await?;
    answer(StatusCode::OK, &list.onward(read, paging.limit.0, |key| key.id.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    name: String,
    #[serde(deserialize_with = "word")]
    role: Role,
    scopes: Option<PermissionSet>,
    expires_at: Option<Timestamp>,
}

/// Makes a key; its secret is shown this once.
pub(super) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(new, key): JsonOnce<New>,
) -> Result<Response> {
    let name = Label::parse(&new.name).map_err(|bad| Problem::invalid(format!("`name`: {bad}.")))?;
    let new = NewApiKey { name, role: new.role, scopes: new.scopes, expires_at: new.expires_at };
    let reply = |key: &ApiKey| idempotency::made(&key.id);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    match app.engine.create_api_key_once(&principal.scope, &new, keep.as_ref()).await? {
        Once::Done((key, token)) => answer(StatusCode::CREATED, &json!({ "api_key": key, "secret": token.reveal() })),
        Once::Kept(kept) => {
            Err(idempotency::made_already(&kept, "Revoke this key and make another, with a new `Idempotency-Key`."))
        }
    }
}

/// Revokes a key.
pub(super) async fn revoke(State(app): State<App>, principal: Principal, At(id): At<ApiKeyId>) -> Result<Response> {
    app.engine.revoke_api_key(&principal.scope, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
