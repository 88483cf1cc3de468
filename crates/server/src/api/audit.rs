//! The audit log.

use std::str::FromStr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::audit::Act;
use doorstep_core::id::{ApiKeyId, AuditEntryId, ConnectionId, CustomerId, ImportId, ReviewId, UserId};
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
    #[serde(default, deserialize_with = "word_if_said")]
    subject: Option<Subject>,
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit,
}

/// What entries are about: something that has an id.
#[derive(Debug)]
struct Subject(String);

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // As entries have them: ids are read in any case.
        let text = text.trim().to_ascii_lowercase();
        let is_id = text.parse::<CustomerId>().is_ok()
            || text.parse::<ImportId>().is_ok()
            || text.parse::<ConnectionId>().is_ok()
            || text.parse::<ReviewId>().is_ok()
            || text.parse::<UserId>().is_ok()
            || text.parse::<ApiKeyId>().is_ok();
        let id = Some(Self(text)).filter(|_| is_id);
        id.ok_or("`subject` must be the id of a customer, an import, a connection, a review, a user or an API key")
    }
}

/// Entries, newest first.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let act = wanted.act.map_or("", Act::as_str);
    let (actor, subject) = (wanted.actor.as_deref().unwrap_or_default(), wanted.subject.as_ref());
    let filters = [actor, act, subject.map_or("", |subject| &subject.0)];
    let list = List::new(principal.scope.tenant(), "audit", &filters);
    let before: Option<AuditEntryId> = list.place(wanted.cursor.as_deref())?;
    let about = wanted.subject.into_iter().map(|subject| subject.0).collect();
    let filter = Filter { actor: wanted.actor, act: wanted.act, about };
    let read = app.engine.audit_entries(&principal.scope, &filter, before, wanted.limit.0 + 1).await?;
    json(StatusCode::OK, &list.onward(read, wanted.limit.0, |entry| entry.id.to_string()))
}
