//! `/settings`: the business, who comes in, what programs come in with, and what was done.

mod audit;
mod business;
mod keys;
mod sessions;
mod users;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_core::tenant::Permission;
use doorstep_engine::around::Around;

use super::list::{self, Tab};
use super::{Frame, Section, framed, show};
use crate::App;
use crate::auth::Principal;

pub(super) use audit::did;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/settings", get(start))
        .route("/settings/business", get(business::page).post(business::change))
        .route("/settings/users", get(users::page).post(users::add))
        .route("/settings/users/{id}/{act}", post(users::act))
        .route("/settings/sessions", get(sessions::page))
        .route("/settings/sessions/end", post(sessions::end))
        .route("/settings/password", post(sessions::password))
        .route("/settings/keys", get(keys::page).post(keys::create))
        .route("/settings/keys/{id}/revoke", post(keys::revoke))
        .route("/settings/audit", get(audit::page))
}

/// Everybody has sessions; those who may change the business start with it.
async fn start(principal: Principal) -> Response {
    let place = if principal.scope.grants(Permission::Administer) { "business" } else { "sessions" };
    Redirect::to(&format!("/settings/{place}")).into_response()
}

/// The pages that whoever asks may see.
fn tabs(principal: &Principal, here: &str) -> Vec<Tab> {
    let all = [
        ("/settings/business", "Business", Permission::Administer),
        ("/settings/users", "Users", Permission::ManageUsers),
        ("/settings/sessions", "You", Permission::Read),
        ("/settings/keys", "API keys", Permission::ManageApiKeys),
        ("/settings/audit", "Audit log", Permission::ReadAudit),
    ];
    let seen = all.into_iter().filter(|(_, _, permission)| principal.scope.grants(*permission));
    list::tabs(&seen.map(|(href, label, _)| (href, label)).collect::<Vec<_>>(), here)
}

fn settings_frame(around: &Around, principal: &Principal, headers: &HeaderMap) -> Frame {
    framed(around, principal, headers, "Settings", Section::Settings)
}

/// Where people reach this server, for links that are handed on.
fn base(app: &App, headers: &HeaderMap) -> String {
    match &app.settings.public_url {
        Some(url) => url.to_string(),
        None => {
            let host = headers.get(axum::http::header::HOST).and_then(|value| value.to_str().ok());
            format!("http://{}", host.unwrap_or("localhost"))
        }
    }
}

/// The first value of a field.
fn said<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}
