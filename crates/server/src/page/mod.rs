//! Pages: what every one of them shares, and those that are about no customer.
//!
//! A page is a struct with a [`Frame`] and an askama template that extends `layout.html`; parts that pages share are
//! macros in `macros.html`. A page works without a script; with one it is also live. What changes something is a form
//! that is sent, answered with the way back to a page (303), and the page then says what was done.

mod activity;
mod among;
mod api;
mod card;
mod context;
mod customers;
mod decisions;
mod edit;
mod entry;
mod explain;
mod frame;
mod imports;
mod list;
#[cfg(feature = "looks")]
mod looks;
mod marks;
mod missing;
mod moment;
pub(crate) mod problem;
mod refresh;
mod remarks;
mod reviews;
mod settings;
mod sources;
mod surest;
mod timeline;
mod words;
mod work;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use doorstep_core::id::CustomerId;
use doorstep_core::tenant::Permission;
use doorstep_engine::around::Around;

use crate::App;
use crate::auth::Principal;
use crate::problem::{Problem, Result};

pub use frame::{Frame, Section};
pub(crate) use imports::Reading;
pub use moment::Moment;

/// The pages.
pub(crate) fn routes() -> Router<App> {
    let routes = Router::new().route("/", get(start)).route("/reviews/open", get(open_reviews));
    let routes = routes
        .merge(customers::routes())
        .merge(card::routes())
        .merge(context::routes())
        .merge(edit::routes())
        .merge(refresh::routes())
        .merge(marks::routes())
        .merge(remarks::routes())
        .merge(explain::routes())
        .merge(missing::routes())
        .merge(entry::routes())
        .merge(api::routes());
    let routes = routes
        .merge(reviews::routes())
        .merge(surest::routes())
        .merge(decisions::routes())
        .merge(imports::routes())
        .merge(sources::routes())
        .merge(settings::routes());
    #[cfg(feature = "looks")]
    let routes = routes.merge(looks::routes());
    routes
}

/// Everybody starts with the customers.
async fn start(_: Principal) -> Redirect {
    Redirect::to("/customers")
}

#[derive(Template)]
#[template(path = "open_reviews.html")]
struct OpenReviews<'a> {
    count: &'a i64,
}

/// How many reviews are open, for the navigation of pages that stay open.
async fn open_reviews(State(app): State<App>, principal: Principal) -> Result<Response> {
    principal.require(Permission::Read)?;
    show(&OpenReviews { count: &principal.around(&app).await?.open_reviews })
}

/// The frame of a page in that part of the dashboard, where nothing that the page shows was read with what stands
/// around it.
async fn frame(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    title: impl Into<String>,
    section: Section,
) -> Result<Frame> {
    let around = principal.around(app).await?;
    Ok(framed(&around, principal, headers, title, section))
}

/// The frame of a page that was read with what stands around it.
fn framed(
    around: &Around,
    principal: &Principal,
    headers: &HeaderMap,
    title: impl Into<String>,
    section: Section,
) -> Frame {
    let frame = Frame::new(Some(principal), headers, title).section(section);
    Frame { open_reviews: Some(around.open_reviews), ..frame }
}

/// An id from an address.
fn customer_id(text: &str) -> Result<CustomerId> {
    text.parse().map_err(|_| {
        Problem::not_found(
            "This is not the id of a customer. It may have been cut off on its way; search for the name.",
        )
    })
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
