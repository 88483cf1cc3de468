//! Users and their sessions, and who asks.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorstep_core::email::Email;
use doorstep_core::id::{SessionId, UserId};
use doorstep_core::one_time_link::Purpose;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::user::{Label, User};
use doorstep_engine::idempotency::Once;
use doorstep_engine::one_time_link::{LINK_PATH, LinkToken};
use doorstep_engine::user::NewUser;
use serde::Deserialize;
use serde_json::json;

use super::cursor::List;
use super::idempotency::{self, JsonOnce};
use super::input::{At, Paging, there, there_word, word};
use super::json as answer;
use crate::App;
use crate::auth::Principal;
use crate::body::{Json, Query};
use crate::problem::{Problem, Result};

/// Who asks, and what they may.
pub(super) async fn me(State(app): State<App>, principal: Principal) -> Result<Response> {
    let (scope, tenant) = (&principal.scope, app.engine.tenant(&principal.scope).await?);
    let may: Vec<&str> = doorstep_core::tenant::Permission::ALL
        .into_iter()
        .filter(|permission| scope.require(*permission).is_ok())
        .map(|permission| permission.as_str())
        .collect();
    let me = json!({
        "actor": scope.actor(), "name": principal.name, "role": scope.role().as_str(), "permissions": may,
        "tenant": { "id": tenant.id, "name": tenant.name, "time_zone": tenant.time_zone.name(),
                    "country": tenant.country.as_str() },
    });
    answer(StatusCode::OK, &me)
}

/// Users, in the order in which they were added.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "users", &[]);
    let after: Option<UserId> = list.place(paging.cursor.as_deref())?;
    let read = app.engine.users(&principal.scope, after, paging.limit.0 + 1).await?;
    answer(StatusCode::OK, &list.onward(read, paging.limit.0, |user| user.id.to_string()))
}

/// One user; everybody may ask for themselves.
pub(super) async fn get(State(app): State<App>, principal: Principal, At(id): At<UserId>) -> Result<Response> {
    answer(StatusCode::OK, &app.engine.user(&principal.scope, id).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invited {
    email: String,
    name: String,
    #[serde(deserialize_with = "word")]
    role: Role,
}

/// Adds a user who sets a password by the link that comes back; it is shown this once.
pub(super) async fn invite(
    State(app): State<App>,
    principal: Principal,
    JsonOnce(invited, key): JsonOnce<Invited>,
) -> Result<Response> {
    let email = Email::parse(&invited.email).map_err(|bad| Problem::invalid(format!("`email`: {bad}.")))?;
    let name = Label::parse(&invited.name).map_err(|bad| Problem::invalid(format!("`name`: {bad}.")))?;
    let new = NewUser { email, name, role: invited.role, password: None };
    let reply = |user: &User| idempotency::made(&user.id);
    let keep = key.as_ref().map(|key| key.keep(&reply));
    match app.engine.invite_user_once(&principal.scope, &new, keep.as_ref()).await? {
        Once::Done((user, token)) => answer(StatusCode::CREATED, &json!({ "user": user, "link": link(&app, &token) })),
        Once::Kept(kept) => {
            Err(idempotency::made_already(&kept, "Make a new link for this user with `POST /users/{user}/links`."))
        }
    }
}

fn link(app: &App, token: &LinkToken) -> String {
    let base = app.settings.public_url.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{base}{LINK_PATH}{}", token.reveal())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    #[serde(default, deserialize_with = "there_word")]
    role: Option<Role>,
    #[serde(default, deserialize_with = "there")]
    disabled: Option<bool>,
}

/// Gives a user another role, bars them, or lets them in again.
pub(super) async fn change(
    State(app): State<App>,
    principal: Principal,
    At(id): At<UserId>,
    Json(changes): Json<Changes>,
) -> Result<Response> {
    let (engine, scope) = (&app.engine, &principal.scope);
    // One act, one transaction: both at once would leave half of it behind where the second is refused.
    let user = match (changes.role, changes.disabled) {
        (Some(role), None) => engine.set_role(scope, id, role).await?,
        (None, Some(true)) => engine.disable_user(scope, id).await?,
        (None, Some(false)) => engine.enable_user(scope, id).await?,
        _ => return Err(Problem::invalid("Send either `role` or `disabled`: each is an act of its own.")),
    };
    answer(StatusCode::OK, &user)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Linked {
    #[serde(deserialize_with = "word")]
    purpose: Purpose,
}

/// Makes a link that lets a user in once; it is shown this once.
pub(super) async fn make_link(
    State(app): State<App>,
    principal: Principal,
    At(id): At<UserId>,
    Json(wanted): Json<Linked>,
) -> Result<Response> {
    let token = app.engine.create_link(&principal.scope, id, wanted.purpose).await?;
    let made = json!({ "link": link(&app, &token), "purpose": wanted.purpose, "seconds": wanted.purpose.seconds() });
    answer(StatusCode::CREATED, &made)
}

/// A user's sessions that are alive.
pub(super) async fn sessions_of(State(app): State<App>, principal: Principal, At(id): At<UserId>) -> Result<Response> {
    answer(StatusCode::OK, &json!({ "items": app.engine.sessions(&principal.scope, id).await? }))
}

/// One's own sessions that are alive.
pub(super) async fn sessions(State(app): State<App>, principal: Principal) -> Result<Response> {
    let Actor::User(id) = *principal.scope.actor() else {
        return Err(Problem::not_found("An API key has no sessions; `/users/{id}/sessions` shows those of a user."));
    };
    answer(StatusCode::OK, &json!({ "items": app.engine.sessions(&principal.scope, id).await? }))
}

/// Ends all sessions of a user but the one that asks.
pub(super) async fn end_sessions(State(app): State<App>, principal: Principal, At(id): At<UserId>) -> Result<Response> {
    let ended = app.engine.revoke_sessions(&principal.scope, id, principal.session()).await?;
    answer(StatusCode::OK, &json!({ "ended": ended }))
}

/// Ends a session.
pub(super) async fn end_session(
    State(app): State<App>,
    principal: Principal,
    At(id): At<SessionId>,
) -> Result<Response> {
    app.engine.revoke_session(&principal.scope, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
