//! For owners and admins who wonder why somebody is not here as they are at the source. Nothing of it is stored.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::id::ConnectionId;
use doorstep_core::source::Cursor;
use doorstep_engine::source::{self, Row};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cursor::List;
use super::input::At;
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::{Json, Query};
use crate::problem::{Problem, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    key: String,
}

fn nobody() -> Problem {
    Problem::not_found("The source has no customer of that number, or none that the application may see.")
}

/// A customer as the source has it now, word for word.
pub(super) async fn customer(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let found = app.engine.raw_customer(&principal.scope, id, &wanted.key).await?.ok_or_else(nobody)?;
    json(
        StatusCode::OK,
        &json!({
            "customer": found.customer, "contacts": found.contacts, "tags": found.tags, "jobs": found.jobs,
            "locations": found.locations,
        }),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    customer: String,
    text: String,
}

/// Writes a test note to a customer at the source.
pub(super) async fn note(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Json(note): Json<Note>,
) -> Result<Response> {
    let written = app.engine.add_test_note(&principal.scope, id, &note.customer, &note.text).await?;
    json(StatusCode::CREATED, &json!({ "key": written.ok_or_else(nobody)?.key }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walked {
    stream: String,
    cursor: Option<String>,
}

/// A page of a stream as the source gives it.
pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    At(id): At<ConnectionId>,
    Query(walked): Query<Walked>,
) -> Result<Response> {
    let connection = app.engine.connection(&principal.scope, id).await?;
    let streams = source::spec(connection.source).map_or(&[][..], |spec| spec.streams);
    if !streams.iter().any(|stream| stream.name == walked.stream) {
        let names: Vec<String> = streams.iter().map(|stream| format!("`{}`", stream.name)).collect();
        let detail = format!("`stream` is none of this source: there is {}.", names.join(", "));
        return Err(Problem::invalid(detail).with("field", "stream"));
    }
    let list = List::new(principal.scope.tenant(), "pages", &[&id.to_string(), &walked.stream]);
    let from: Option<String> = list.place(walked.cursor.as_deref())?;
    let from = from.map(Cursor::new).transpose().map_err(|_| Problem::bad_request("`cursor` is too long."))?;
    let page = app.engine.walk(&principal.scope, id, &walked.stream, from.as_ref()).await?;
    let row = |row: &Row| {
        json!({
            "key": row.key, "parent": row.parent, "modified_at": row.modified_at, "gone": row.gone,
            "payload": row.payload,
        })
    };
    let skipped = page.skipped.iter().map(|it| json!({ "key": it.key, "reason": it.why })).collect::<Vec<_>>();
    let rows: Vec<Value> = page.rows.iter().map(row).collect();
    let next = page.cursor.filter(|_| page.more).map(|cursor| list.seal(cursor.as_str()));
    json(StatusCode::OK, &json!({ "rows": rows, "skipped": skipped, "next": next }))
}
