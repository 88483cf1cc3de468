//! REST for programs: `/api/v1`. The same calls, nouns and JSON as at the command line.
//!
//! There is one table of doors (`door::all`): method, address, what it takes to come in, what goes in and comes out.
//! The router, the guard before each handler and the OpenAPI document are all made of it, so that no door is without a
//! guard or missing from the document (I-14).

mod api_key;
mod audit;
mod change;
mod connection;
mod context;
mod context_stream;
mod conversation;
mod cursor;
mod customer;
mod diagnose;
mod door;
mod idempotency;
mod identity;
mod import;
mod input;
mod job;
mod mark;
mod openapi;
mod refresh;
mod remark;
mod rule_set;
mod run;
mod schema;
mod user;
mod verification;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorstep_core::planted;
use serde::Serialize;

use crate::App;
use crate::auth::{self, Principal};
use crate::problem::{Problem, Result};
use door::Door;

pub(crate) use connection::{USUAL_INTERVAL_SECONDS, refused};
pub use door::{Doorway, Need, doorways};
pub use openapi::document;

/// What stands before every address here.
pub const BASE: &str = "/api/v1";

/// The doors of the table, each behind its guard, and the document about them.
pub(crate) fn routes() -> Router<App> {
    let router = Router::new().route("/openapi.json", get(openapi::serve));
    door::all().into_iter().fold(router, |router, door| {
        let (path, guarded) = (door.path(), door.guarded());
        if planted!("a-door-without-its-guard") && door.name == "inviteUser" {
            return router.route(&path, door.handler);
        }
        let handler = door.handler.layer(from_fn(move |request, next| guard(guarded, request, next)));
        router.route(&path, handler)
    })
}

/// What the guard of one door knows.
#[derive(Debug, Clone, Copy)]
struct Guarded {
    need: Need,
    takes_key: bool,
    checks_token: bool,
}

impl Door {
    fn guarded(&self) -> Guarded {
        Guarded { need: self.need, takes_key: self.takes_key, checks_token: self.method != Method::GET }
    }
}

/// Nobody passes without having shown who they are and being allowed to; a browser also brings its page's token.
async fn guard(guarded: Guarded, request: Request, next: Next) -> Response {
    match may_pass(guarded, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn may_pass(guarded: Guarded, request: &Request) -> Result<()> {
    let principal = request.extensions().get::<Principal>().ok_or_else(Problem::sign_in)?;
    if let Need::Permission(permission) = guarded.need {
        principal.require(permission)?;
    }
    if guarded.checks_token {
        auth::check_token(Some(principal), request.headers(), None)?;
    }
    if request.headers().contains_key(idempotency::HEADER) && !guarded.takes_key {
        let detail = "This address keeps no answers under an `Idempotency-Key`, so sending it twice could do it twice. \
                      Leave the header out; the reference says which addresses take it.";
        return Err(Problem::bad_request(detail));
    }
    Ok(())
}

/// An answer in JSON.
fn json(status: StatusCode, value: &impl Serialize) -> Result<Response> {
    let text = serde_json::to_string(value).map_err(|_| Problem::broken())?;
    Ok((status, [(header::CONTENT_TYPE, "application/json")], text).into_response())
}
