//! Which address leads where.

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::problem::Problem;
use crate::{App, answer, api, asset, auth, health, host, live, mcp, metrics, origin, page};

/// All doors of a server, behind what every request goes through.
pub(crate) fn all(app: App) -> Router {
    Router::new()
        .route("/readyz", get(health::is_ready))
        .route("/events", get(live::events))
        .merge(api::routes())
        .merge(page::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_like_this)
        // The last is the outermost; what stands below this one is for everybody, and asks nobody's session.
        .layer(from_fn_with_state(app.clone(), auth::identify))
        .route("/healthz", get(health::lives))
        .route(asset::ROUTE, get(asset::serve))
        // It has a token of its own, which is no API key.
        .route("/metrics", get(metrics::scrape))
        // It takes keys and nothing else, and says so in its own way.
        .merge(mcp::routes())
        // Again: it is for the routes that stand above it.
        .method_not_allowed_fallback(not_like_this)
        .layer(from_fn_with_state(app.clone(), origin::check))
        .layer(from_fn_with_state(app.clone(), host::check))
        .layer(from_fn_with_state(app.clone(), answer::run))
        .with_state(app)
}

async fn nothing_here() -> Problem {
    Problem::not_found("Nothing is at this address. It may have moved, or a letter is missing.")
}

async fn not_like_this() -> Problem {
    let detail = "This address exists, but not for this method. The `Allow` header says which it takes.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Not like this", detail)
}
