//! `/docs/api`: the doors for programs on one plain page, made of the same table as `/openapi.json`.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use doorstep_core::tenant::Permission;
use serde_json::Value;

use super::{Frame, Section, frame, show};
use crate::App;
use crate::api;
use crate::auth::Principal;
use crate::problem::Result;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/docs/api", get(page))
}

/// One door.
struct Door {
    method: String,
    path: String,
    summary: String,
    query: String,
}

#[derive(Template)]
#[template(path = "api.html")]
struct Page {
    frame: Frame,
    groups: Vec<(String, Vec<Door>)>,
    may_make_keys: bool,
}

async fn page(State(app): State<App>, principal: Principal, headers: HeaderMap) -> Result<Response> {
    principal.require(Permission::Read)?;
    let page = Page {
        frame: frame(&app, &principal, &headers, "For programs", Section::Settings).await?,
        groups: groups(&api::document()),
        may_make_keys: principal.require(Permission::ManageApiKeys).is_ok(),
    };
    show(&page)
}

/// The doors by what they are about: the first word of their path.
fn groups(document: &Value) -> Vec<(String, Vec<Door>)> {
    let mut groups: BTreeMap<String, Vec<Door>> = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        let about = path.trim_start_matches("/api/v1").trim_start_matches('/').split('/').next().unwrap_or_default();
        let about = about.replace(['-', '_'], " ").replace("api ", "API ");
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let Some(summary) = operation["summary"].as_str() else { continue };
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str());
            let door = Door {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: summary.to_owned(),
                query: query.collect::<Vec<_>>().join(", "),
            };
            groups.entry(about.clone()).or_default().push(door);
        }
    }
    groups.into_iter().collect()
}
