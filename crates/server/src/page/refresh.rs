//! "Read again now" on a card: what the sources say of one customer at this moment.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use doorstep_core::tenant::Permission;
use serde::Deserialize;

use super::card::Asked;
use super::customer_id;
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::Result;

/// How long the page that was asked for is waited for: a source tells of one customer in one or two seconds, and whoever looks
/// at a blank page for longer presses again.
const WAIT: Duration = Duration::from_secs(8);

pub(super) fn routes() -> Router<App> {
    Router::new().route("/customers/{id}/sync", post(sync))
}

/// The form says nothing but that it was sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn sync(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let id = customer_id(&id)?;
    let freshness = app.engine.ask_and_wait(&principal.scope, id, WAIT).await?;
    let word = match (freshness.asked, freshness.came) {
        (_, true) => "read",
        // It goes on, or it failed: the ages say which, and the card changes by itself.
        (true, false) => "waits",
        (false, false) => "unread",
    };
    let place = asked.among().address(&format!("/customers/{id}"), &[("tab", asked.tab()), ("done", word)]);
    Ok(Redirect::to(&place).into_response())
}
