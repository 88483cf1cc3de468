//! The audit log.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::audit::Act;
use doorstep_core::id::AuditEntryId;
use doorstep_store::audit::Filter;
use serde::Deserialize;

use super::cursor::List;
use super::input::{Limit, word_if_said};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::Result;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    actor: Option<String>,
    #[serde(default, deserialize_with = "word_if_said")]
    act: Option<Act>,
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit,
}

/// Entries, newest first.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let act = wanted.act.map_or("", Act::as_str);
    let list = List::new(principal.scope.tenant(), "audit", &[wanted.actor.as_deref().unwrap_or_default(), act]);
    let before: Option<AuditEntryId> = list.place(wanted.cursor.as_deref())?;
    let filter = Filter { actor: wanted.actor, act: wanted.act };
    let read = app.engine.audit_entries(&principal.scope, &filter, before, wanted.limit.0 + 1).await?;
    json(StatusCode::OK, &list.onward(read, wanted.limit.0, |entry| entry.id.to_string()))
}
