//! Pages: what every one of them shares, and those that are about no customer.
//!
//! A page is a struct with a [`Frame`] and an askama template that extends `layout.html`; parts that pages share are
//! macros in `macros.html`. A page works without a script; with one it is also live.

mod frame;
#[cfg(feature = "looks")]
mod looks;
mod moment;
pub(crate) mod problem;

use askama::Template;
use axum::Router;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::App;
use crate::auth::Principal;
use crate::problem::{Problem, Result};

pub use frame::{Frame, Section};
pub use moment::Moment;

/// The pages.
pub(crate) fn routes() -> Router<App> {
    let routes = Router::new().route("/", get(start));
    #[cfg(feature = "looks")]
    let routes = routes.merge(looks::routes());
    routes
}

/// Everybody starts with the customers.
async fn start(_: Principal) -> Redirect {
    Redirect::to("/customers")
}

/// Renders a page.
///
/// # Errors
/// A template failed, which only a bug of ours can bring about.
pub fn show(page: &impl Template) -> Result<Response> {
    match page.render() {
        Ok(text) => Ok(Html(text).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Err(Problem::broken())
        }
    }
}
