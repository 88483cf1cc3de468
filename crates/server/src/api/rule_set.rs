//! The rules by which customers are joined: their versions, and going over to another.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_engine::rule_set::Wanted;
use serde::Deserialize;

use super::input::{there, there_whole, whole};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::Json;
use crate::problem::Result;

/// The versions, newest first, and which is in force.
pub(super) async fn list(State(app): State<App>, principal: Principal) -> Result<Response> {
    json(StatusCode::OK, &app.engine.rule_sets(&principal.scope).await?)
}

/// What a new version is to be: other thresholds, or what the program ships where none are said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(default, deserialize_with = "there")]
    link: Option<f32>,
    #[serde(default, deserialize_with = "there")]
    review: Option<f32>,
    #[serde(default, deserialize_with = "there_whole")]
    of: Option<i64>,
}

/// Makes a version, which is not in force by that.
pub(super) async fn create(State(app): State<App>, principal: Principal, Json(new): Json<New>) -> Result<Response> {
    let wanted = match new {
        New { link: Some(link), review, of } => Wanted::Thresholds { of, link, review },
        New { link: None, review: None, of: None } => Wanted::Shipped,
        New { link: None, .. } => {
            let detail = "`link` is missing: thresholds are `link` and perhaps `review`; without any field the version is \
                          what this program ships.";
            return Err(crate::problem::Problem::invalid(detail));
        }
    };
    json(StatusCode::CREATED, &app.engine.add_rule_set(&principal.scope, wanted).await?)
}

/// The newest changeover, or `null`.
pub(super) async fn changeover(State(app): State<App>, principal: Principal) -> Result<Response> {
    json(StatusCode::OK, &app.engine.changeover(&principal.scope).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    #[serde(deserialize_with = "whole")]
    version: i64,
}

/// Begins to look at what a version would change.
pub(super) async fn preview(
    State(app): State<App>,
    principal: Principal,
    Json(wanted): Json<Version>,
) -> Result<Response> {
    json(StatusCode::ACCEPTED, &app.engine.start_preview(&principal.scope, wanted.version).await?)
}

/// Lets a changeover go on that stands still.
pub(super) async fn resume(State(app): State<App>, principal: Principal) -> Result<Response> {
    json(StatusCode::ACCEPTED, &app.engine.resume_changeover(&principal.scope).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Looked {
    #[serde(deserialize_with = "whole")]
    version: i64,
    digest: String,
}

/// Puts a version in force and lets the customers follow: exactly what was looked at, or nothing.
pub(super) async fn apply(
    State(app): State<App>,
    principal: Principal,
    Json(looked): Json<Looked>,
) -> Result<Response> {
    let (scope, digest) = (&principal.scope, looked.digest.as_str());
    json(StatusCode::ACCEPTED, &app.engine.apply_rules(scope, looked.version, digest).await?)
}
