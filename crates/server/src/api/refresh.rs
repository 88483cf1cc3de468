//! One customer, read again from the live sources that know them.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_core::id::CustomerId;
use doorstep_engine::context::Kind;
use doorstep_engine::sync::{Asked, Came, MAX_WAIT};
use serde::Deserialize;
use serde_json::json;

use super::context::MAX_NAME_BYTES;
use super::json as answer;
use crate::App;
use crate::auth::Principal;
use crate::body::Json;
use crate::problem::{Problem, Result};

/// How long a caller waits that does not say how long: a source tells of one customer in one or two seconds.
pub(super) const USUAL_WAIT: Duration = Duration::from_secs(5);

/// Whom to read again, and whether to wait for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    identifier: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    wait: bool,
    timeout_ms: Option<u64>,
}

/// Reads a customer again, at any hour: 202 where that was asked for, 200 where it was waited for and came, or where there is
/// nothing to wait for. What could not be read is told in the answer; what is known stays as it was.
pub(super) async fn sync(State(app): State<App>, principal: Principal, Json(wanted): Json<Wanted>) -> Result<Response> {
    let kind: Kind = wanted.kind.parse().map_err(|unknown| Problem::invalid(format!("`type`: {unknown}.")))?;
    if wanted.identifier.len() > MAX_NAME_BYTES {
        return Err(Problem::invalid(format!("`identifier` may have at most {MAX_NAME_BYTES} bytes.")));
    }
    let timeout = wanted.timeout_ms.map_or(USUAL_WAIT, Duration::from_millis);
    if timeout > MAX_WAIT {
        let most = MAX_WAIT.as_millis();
        return Err(Problem::invalid(format!("`timeout_ms` is a whole number of milliseconds, at most {most}.")));
    }
    let whom = kind.whom(&wanted.identifier)?;
    let none = || {
        Problem::not_found(
            "Nobody, or no single customer, has this: look at their context first, and name one by `customer_id`.",
        )
    };
    let (id, _) = app.engine.context_stand(&principal.scope, &whom).await?.ok_or_else(none)?;
    let asked = app.engine.refresh_customer(&principal.scope, id).await?;
    let came = match (asked.since(), wanted.wait) {
        (Some(since), true) => Some(app.engine.wait_refreshed(&principal.scope, id, since, timeout).await?),
        _ => None,
    };
    told(&app, &principal, id, &asked, came.as_ref()).await
}

async fn told(
    app: &App,
    principal: &Principal,
    id: CustomerId,
    asked: &Asked,
    came: Option<&Came>,
) -> Result<Response> {
    let is_going_on = asked.since().is_some() && !matches!(came, Some(Came::Yes | Came::Failed(_)));
    let status = if is_going_on { StatusCode::ACCEPTED } else { StatusCode::OK };
    let (word, why) = match asked {
        Asked::Woken { .. } => ("woken", None),
        Asked::Already { .. } => ("already", None),
        Asked::NoSource => ("no_source", Some("no connected source knows the customer")),
        Asked::Resting { why, .. } => ("resting", Some(why.as_str())),
        Asked::Full => ("full", Some("too many customers wait to be read at this moment")),
    };
    let why = match came {
        Some(Came::Failed(why)) => Some(why.as_str()),
        Some(Came::NotInTime) => Some("it did not come in time, and goes on"),
        Some(Came::Yes) | None => why,
    };
    let read = app.engine.refreshes(&principal.scope, id).await?;
    let again_at = if let Asked::Resting { until, .. } = asked { Some(*until) } else { None };
    let body = json!({
        "customer": id,
        "asked": word,
        "came": came.map(|came| *came == Came::Yes),
        "reason": why,
        "read_at": read.iter().filter_map(|it| it.readings.as_ref()?.read_at).min(),
        "again_at": again_at,
    });
    answer(status, &body)
}
