//! Codes by which a web user shows to be reached by a phone or an e-mail address.
//!
//! There is no idempotency key here: asking again sends another code, and an answer that is kept would say nothing new.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::verification::{MAX_WEB_USER_CHARS, WebUser};
use serde::Deserialize;

use super::json;
use super::mark::{Kind, identifier};
use crate::App;
use crate::auth::Principal;
use crate::body::Json;
use crate::problem::{Problem, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    web_user: String,
    kind: Kind,
    value: String,
}

/// Sends a code.
pub(super) async fn request(
    State(app): State<App>,
    principal: Principal,
    Json(wanted): Json<Wanted>,
) -> Result<Response> {
    let web_user = web_user(&wanted.web_user)?;
    let to = identifier(wanted.kind, &wanted.value, principal.country)?;
    let requested = app.engine.request_verification(&principal.scope, &web_user, &to).await?;
    json(StatusCode::ACCEPTED, &requested)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    web_user: String,
    code: String,
}

/// Takes what the web user says the code is.
pub(super) async fn confirm(State(app): State<App>, principal: Principal, Json(said): Json<Said>) -> Result<Response> {
    let web_user = web_user(&said.web_user)?;
    let confirmed = app.engine.confirm_verification(&principal.scope, &web_user, &said.code).await?;
    json(StatusCode::OK, &confirmed)
}

fn web_user(text: &str) -> Result<WebUser> {
    text.parse().map_err(|_| {
        let detail = format!(
            "`web_user` must be the id that your website knows its visitor by: 1 to {MAX_WEB_USER_CHARS} letters, digits \
             and signs of ASCII, and no blanks."
        );
        Problem::invalid(detail).with("field", "web_user")
    })
}
