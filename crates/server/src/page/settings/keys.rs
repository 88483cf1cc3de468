//! API keys: how programs come in. A key is shown once, when it is made.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::api_key::ApiKey;
use doorstep_core::id::ApiKeyId;
use doorstep_core::tenant::{Actor, Permission, PermissionSet, Role};
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;

use super::{Frame, Tab, said, settings_frame, show, tabs};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::page::Moment;
use crate::page::words::{Words, role, role_does};
use crate::problem::{Problem, Result};

/// Keys that a page shows: a business has a handful.
const PAGE: i64 = 200;
/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;
/// Longest life of a key that has an end, in days.
const MAX_DAYS: i64 = 3_650;

struct Row {
    id: ApiKeyId,
    name: String,
    shown: String,
    may: String,
    by: String,
    used: Option<Moment>,
    ends: Option<Moment>,
    badge: (&'static str, &'static str),
    is_alive: bool,
}

#[derive(Template)]
#[template(path = "settings/keys.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    roles: Vec<(&'static str, &'static str, &'static str)>,
    permissions: Vec<(&'static str, &'static str)>,
    /// Shown once: its name, and the key.
    made: Option<(String, String)>,
    failed: String,
    typed: String,
    done: &'static str,
}

/// What a permission lets a program do.
fn permission_words(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "Look customers up",
        Permission::CreateCustomer => "Add customers",
        Permission::AddRemarks => "Add notes, preferences and addresses",
        Permission::EditCustomer => "Edit customers",
        Permission::DecideIdentity => "Decide who is who",
        Permission::Import => "Bring in files",
        Permission::ManageUsers => "Manage users",
        Permission::ManageApiKeys => "Manage API keys",
        Permission::ReadAudit => "Read the audit log",
        Permission::Administer => "Change the business",
    }
}

pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response> {
    let done = if said(&asked, "done") == "revoked" { "The key opens nothing from now on." } else { "" };
    let page = fresh(&app, &principal, &headers).await?;
    show(&Page { done, ..page })
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap) -> Result<Page> {
    let mut keys = app.engine.api_keys(&principal.scope, None, PAGE).await?;
    let actors: Vec<&Actor> = keys.iter().map(|key| &key.created_by).collect();
    let around = app.engine.around(&principal.scope, &actors).await?;
    let (now, words) = (around.now, Words::in_which(&around));
    // Those that open something first, the newest on top.
    keys.sort_by_key(|key| (!key.is_alive(now), std::cmp::Reverse(key.id)));
    let row = |key: &ApiKey| Row {
        id: key.id,
        name: key.name.clone(),
        shown: key.shown(principal.scope.tenant()),
        may: match key.scopes {
            Some(scopes) => scopes.iter().map(permission_words).collect::<Vec<_>>().join(", "),
            None => format!("As {}: {}", role(key.role), role_does(key.role)),
        },
        by: around.colleagues.name(&key.created_by),
        used: key.last_used_at.map(|at| words.moment(at)),
        ends: key.expires_at.map(|at| words.moment(at)),
        badge: match (key.revoked_at.is_some(), key.is_alive(now)) {
            (true, _) => ("Revoked", "bad"),
            (false, false) => ("Ended", "plain"),
            (false, true) => ("", ""),
        },
        is_alive: key.is_alive(now),
    };
    let ours = principal.scope.role();
    let roles = Role::ALL.into_iter().filter(|role| *role <= ours);
    let granted = Permission::ALL.into_iter().filter(|permission| principal.scope.grants(*permission));
    Ok(Page {
        frame: settings_frame(&around, principal, headers),
        tabs: tabs(principal, "/settings/keys"),
        rows: keys.iter().map(row).collect(),
        roles: roles.map(|one| (one.as_str(), role(one), role_does(one))).collect(),
        permissions: granted.map(|one| (one.as_str(), permission_words(one))).collect(),
        made: None,
        failed: String::new(),
        typed: String::new(),
        done: "",
    })
}

pub(super) async fn create(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::ManageApiKeys)?;
    let now = app.engine.db.clock().now();
    let made = match read(&fields, now) {
        Ok(new) => app.engine.create_api_key(&principal.scope, &new).await.map_err(Problem::from),
        Err(why) => Err(Problem::invalid(why)),
    };
    match made {
        Ok((key, token)) => {
            let page = fresh(&app, &principal, &headers).await?;
            show(&Page { made: Some((key.name, token.reveal())), ..page })
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => {
            let page = fresh(&app, &principal, &headers).await?;
            let page = Page { failed: problem.detail, typed: said(&fields, "name").to_owned(), ..page };
            Ok((problem.status, show(&page)?).into_response())
        }
    }
}

fn read(fields: &[(String, String)], now: doorstep_core::Timestamp) -> std::result::Result<NewApiKey, String> {
    let name = Label::parse(said(fields, "name")).map_err(|bad| format!("The name: {bad}."))?;
    let role = said(fields, "role").parse::<Role>().map_err(|bad| format!("The role: {bad}."))?;
    let scopes = fields.iter().filter(|(key, _)| key == "scope");
    let scopes = scopes.map(|(_, value)| value.parse::<Permission>()).collect::<std::result::Result<Vec<_>, _>>();
    let scopes = scopes.map_err(|bad| format!("What it may do: {bad}."))?;
    let scopes = (!scopes.is_empty()).then(|| scopes.into_iter().collect::<PermissionSet>());
    let expires_at = match said(fields, "days") {
        "" => None,
        text => {
            let days = text.parse::<i64>().ok().filter(|days| (1..=MAX_DAYS).contains(days));
            Some(now.plus_seconds(days.ok_or_else(|| format!("A key ends after 1 to {MAX_DAYS} days."))? * DAY))
        }
    };
    Ok(NewApiKey { name, role, scopes, expires_at })
}

pub(super) async fn revoke(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    Form(_): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::ManageApiKeys)?;
    let gone =
        || Problem::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here", "There is no such API key.");
    let id: ApiKeyId = id.parse().map_err(|_| gone())?;
    app.engine.revoke_api_key(&principal.scope, id).await?;
    Ok(Redirect::to("/settings/keys?done=revoked").into_response())
}
