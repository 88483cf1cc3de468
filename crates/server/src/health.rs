//! Whether the process lives (`/healthz`) and whether it can work (`/readyz`).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use doorstep_core::tenant::Permission;
use serde_json::json;

use crate::App;
use crate::auth::Principal;
use crate::problem::{Problem, Result};

/// It answers, so it lives.
pub(crate) async fn lives() -> &'static str {
    "ok\n"
}

/// The database answers and has the schema that we know. What exactly, only those are told who run the place.
pub(crate) async fn is_ready(State(app): State<App>, principal: Option<Principal>) -> Result<Response> {
    let may_know = principal.is_some_and(|principal| principal.require(Permission::Administer).is_ok());
    if *app.stopping.borrow() {
        return Err(Problem::unavailable("The server is about to end.", 5));
    }
    match app.engine.readiness().await {
        Ok(ready) if may_know => Ok(json_of(&json!({
            "status": "ready", "database": ready.database, "schema": ready.schema, "version": env!("CARGO_PKG_VERSION"),
            "connections": app.metrics.connections.now(), "live_streams": app.metrics.streams.now(),
        }))),
        Ok(_) => Ok(json_of(&json!({ "status": "ready" }))),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let problem = Problem::unavailable("The database does not answer as it should. The log says more.", 5);
            Err(if may_know { problem.with("reason", error.to_string()) } else { problem })
        }
    }
}

fn json_of(value: &serde_json::Value) -> Response {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
