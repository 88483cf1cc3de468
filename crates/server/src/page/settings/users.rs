//! Colleagues: who may come in and as what. A new one gets a link that is shown once and sets their password.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::email::Email;
use doorstep_core::id::UserId;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::tenant::{Actor, Permission, Role};
use doorstep_core::user::{Label, User};
use doorstep_engine::user::{MAX_USERS, NewUser};

use super::{Frame, Tab, base, said, settings_frame, show, tabs};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::page::frame::initials;
use crate::page::words::{role, role_does};
use crate::problem::{Problem, Result};

/// A colleague as the list shows them.
struct Row {
    id: UserId,
    name: String,
    initials: String,
    email: String,
    role: Role,
    role_name: &'static str,
    badge: (&'static str, &'static str),
    is_self: bool,
    is_enabled: bool,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "settings/users.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    roles: Vec<(&'static str, &'static str, &'static str)>,
    /// Shown once: whom it is for, and the link.
    link: Option<(String, String)>,
    failed: String,
    typed: (String, String, String),
    done: &'static str,
}

pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response> {
    let done = match said(&asked, "done") {
        "role" => "The role counts from their next click on.",
        "disabled" => "They are out at once, and so are their API keys.",
        "enabled" => "They may sign in again. What was ended stays ended.",
        "sessions" => "They are signed out everywhere.",
        _ => "",
    };
    let page = fresh(&app, &principal, &headers).await?;
    show(&Page { done, ..page })
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap) -> Result<Page> {
    let users = app.engine.users(&principal.scope, None, MAX_USERS).await?;
    let around = app.engine.around(&principal.scope, &[]).await?;
    let ours = principal.scope.role();
    let roles = Role::ALL.into_iter().rev().filter(|role| *role <= ours);
    Ok(Page {
        frame: settings_frame(&around, principal, headers),
        tabs: tabs(principal, "/settings/users"),
        rows: users.iter().map(|user| row(principal, user)).collect(),
        roles: roles.map(|one| (one.as_str(), role(one), role_does(one))).collect(),
        link: None,
        failed: String::new(),
        typed: (String::new(), String::new(), String::new()),
        done: "",
    })
}

fn row(principal: &Principal, user: &User) -> Row {
    let is_self = *principal.scope.actor() == Actor::User(user.id);
    Row {
        id: user.id,
        name: user.name.clone(),
        initials: initials(&user.name),
        email: user.email.as_str().to_owned(),
        role: user.role,
        role_name: role(user.role),
        badge: match (user.is_enabled(), user.has_password) {
            (false, _) => ("Disabled", "bad"),
            // Whoever looks at this is in, by a link or otherwise.
            (true, false) if !is_self => ("Invited", "info"),
            (true, _) => ("", ""),
        },
        is_self,
        is_enabled: user.is_enabled(),
        may_change: !is_self && user.role <= principal.scope.role(),
    }
}

/// Adds a colleague; the link that lets them in is on the answer, and nowhere else.
pub(super) async fn add(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::ManageUsers)?;
    let invited = match read(&fields) {
        Ok(new) => app.engine.invite_user(&principal.scope, &new).await.map_err(Problem::from),
        Err(why) => Err(Problem::invalid(why)),
    };
    match invited {
        Ok((user, link)) => {
            let page = fresh(&app, &principal, &headers).await?;
            let link = format!("{}/link/{}", base(&app, &headers), link.reveal());
            show(&Page { link: Some((user.name, link)), ..page })
        }
        Err(problem) => refused(&app, &principal, &headers, problem, &fields).await,
    }
}

fn read(fields: &[(String, String)]) -> std::result::Result<NewUser, String> {
    let email = Email::parse(said(fields, "email")).map_err(|bad| format!("The e-mail address: {bad}."))?;
    let name = Label::parse(said(fields, "name")).map_err(|bad| format!("The name: {bad}."))?;
    let role = said(fields, "role").parse::<Role>().map_err(|bad| format!("The role: {bad}."))?;
    Ok(NewUser { email, name, role, password: None })
}

async fn refused(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    problem: Problem,
    fields: &[(String, String)],
) -> Result<Response> {
    if problem.status.is_server_error() || problem.status == StatusCode::NOT_FOUND {
        return Err(problem);
    }
    let typed = |name: &str| said(fields, name).to_owned();
    let page = fresh(app, principal, headers).await?;
    let page = Page { failed: problem.detail, typed: (typed("name"), typed("email"), typed("role")), ..page };
    Ok((problem.status, show(&page)?).into_response())
}

/// Does something to a colleague: another role, in or out, a new link, out everywhere.
pub(super) async fn act(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path((id, act)): Path<(String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::ManageUsers)?;
    let id: UserId = id.parse().map_err(|_| Problem::not_found("There is no such user. Load the page again."))?;
    let (engine, scope) = (&app.engine, &principal.scope);
    let acted = match act.as_str() {
        "role" => match said(&fields, "role").parse::<Role>() {
            Ok(role) => engine.set_role(scope, id, role).await.map(|_| "role"),
            Err(bad) => return Err(Problem::invalid(format!("The role: {bad}."))),
        },
        "disable" => engine.disable_user(scope, id).await.map(|_| "disabled"),
        "enable" => engine.enable_user(scope, id).await.map(|_| "enabled"),
        "sign-out" => engine.revoke_sessions(scope, id, None).await.map(|_| "sessions"),
        "link" => match engine.create_link(scope, id, Purpose::SetPassword).await {
            Ok(link) => {
                let name = engine.user(scope, id).await?.name;
                let page = fresh(&app, &principal, &headers).await?;
                let link = format!("{}/link/{}", base(&app, &headers), link.reveal());
                return show(&Page { link: Some((name, link)), ..page });
            }
            Err(error) => Err(error),
        },
        _ => return Err(Problem::not_found("Nothing of the kind can be done to a user.")),
    };
    match acted {
        Ok(done) => Ok(Redirect::to(&format!("/settings/users?done={done}")).into_response()),
        Err(error) => refused(&app, &principal, &headers, error.into(), &[]).await,
    }
}
