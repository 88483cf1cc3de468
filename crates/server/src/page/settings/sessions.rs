//! You: where you are signed in, and your password.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::id::SessionId;
use doorstep_core::password::Password;
use doorstep_core::session::Session;
use doorstep_core::tenant::{Actor, Permission};
use doorstep_core::user::User;

use super::{Frame, Tab, said, settings_frame, show, tabs};
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::page::Moment;
use crate::page::words::{Words, role, role_does};
use crate::problem::{Problem, Result};

/// A browser that is signed in.
struct Row {
    id: SessionId,
    browser: String,
    since: Moment,
    seen: Moment,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "settings/sessions.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    name: String,
    email: String,
    role: String,
    rows: Vec<Row>,
    failed: String,
    done: &'static str,
}

pub(super) async fn page(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response> {
    let done = match said(&asked, "done") {
        "ended" => "Signed out there.",
        "password" => "The new password counts, and you are signed out everywhere else.",
        _ => "",
    };
    let page = fresh(&app, &principal, &headers).await?;
    show(&Page { done, ..page })
}

async fn fresh(app: &App, principal: &Principal, headers: &HeaderMap) -> Result<Page> {
    principal.require(Permission::Read)?;
    let around = app.engine.around(&principal.scope, &[]).await?;
    let words = Words::in_which(&around);
    let (user, sessions): (Option<User>, Vec<Session>) = match principal.scope.actor() {
        Actor::User(id) => {
            let user = app.engine.user(&principal.scope, *id).await?;
            (Some(user), app.engine.sessions(&principal.scope, *id).await?)
        }
        Actor::Operator(_) | Actor::ApiKey(_) | Actor::Visitor | Actor::Worker => (None, Vec::new()),
    };
    let this = principal.session();
    let row = |session: &Session| Row {
        id: session.id,
        browser: session.user_agent.as_deref().map_or_else(|| "An unknown browser".to_owned(), browser),
        since: words.moment(session.created_at),
        seen: words.moment(session.last_seen_at),
        is_this: Some(session.id) == this,
    };
    let ours = principal.scope.role();
    Ok(Page {
        frame: settings_frame(&around, principal, headers),
        tabs: tabs(principal, "/settings/sessions"),
        name: principal.name.clone(),
        email: user.map(|user| user.email.as_str().to_owned()).unwrap_or_default(),
        role: format!("{}: {}", role(ours), role_does(ours)),
        rows: sessions.iter().map(row).collect(),
        failed: String::new(),
        done: "",
    })
}

/// "Firefox on Windows", as far as the browser says so.
fn browser(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 5] =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    let of =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (of(&BROWSERS), of(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => agent.chars().take(60).collect(),
    }
}

/// Signs out somewhere else.
pub(super) async fn end(
    State(app): State<App>,
    principal: Principal,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    match (said(&fields, "session"), principal.scope.actor()) {
        ("others", Actor::User(id)) => {
            app.engine.revoke_sessions(&principal.scope, *id, principal.session()).await?;
        }
        (session, _) => {
            let id = session.parse().map_err(|_| Problem::not_found("There is no such session any more."))?;
            app.engine.revoke_session(&principal.scope, id).await?;
        }
    }
    Ok(Redirect::to("/settings/sessions?done=ended").into_response())
}

/// Sets one's own password.
pub(super) async fn password(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    principal.require(Permission::Read)?;
    let Actor::User(id) = *principal.scope.actor() else {
        return Err(Problem::forbidden("Only a user has a password."));
    };
    let text = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let user = app.engine.user(&principal.scope, id).await?;
    let changed = match Password::parse(text("new"), &user.email) {
        Ok(new) => {
            let changed = app.engine.change_password(&principal.scope, text("old"), &new, principal.session()).await;
            changed.map(|_| ()).map_err(Problem::from)
        }
        Err(bad) => Err(Problem::from(doorstep_engine::Error::from(bad))),
    };
    match changed {
        Ok(()) => Ok(Redirect::to("/settings/sessions?done=password").into_response()),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => {
            let failed = if problem.status == StatusCode::TOO_MANY_REQUESTS || text("old").is_empty() {
                problem.detail
            } else {
                problem.detail.replace(
                    "The e-mail address or the password is not right, or the user may not sign in any more.",
                    "The old password is not right.",
                )
            };
            let page = fresh(&app, &principal, &headers).await?;
            Ok((problem.status, show(&Page { failed, ..page })?).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_people_know_it() {
        let check = |agent: &str, expected: &str| assert_eq!(browser(agent), expected);
        check(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/126.0 Safari/537.36",
            "Chrome on Linux",
        );
        check("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari on iPhone");
        check("curl/8", "curl/8");
    }
}
