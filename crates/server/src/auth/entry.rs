//! Coming in and going out, for the pages: each way in begins a session and ends the one that the browser had, so that
//! nobody goes on under a session that somebody else put there.

use axum::http::HeaderValue;
use doorstep_core::session::ABSOLUTE_SECONDS;
use doorstep_core::{TenantId, planted};
use doorstep_engine::session::{SignIn, SignedIn};

use super::{Caller, Principal};
use crate::App;

/// The noun of the cookie that carries a session.
pub const SESSION: &str = "session";

/// Somebody who is in.
#[derive(Debug)]
pub struct Entry {
    /// The cookie to set.
    pub cookie: HeaderValue,
    /// Their session, and who they are.
    pub signed_in: SignedIn,
}

/// What somebody wrote to sign in with.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// As they wrote it.
    pub email: &'a str,
    /// As they wrote it.
    pub password: &'a str,
    /// Which business, once they were asked.
    pub tenant: Option<TenantId>,
}

impl std::fmt::Debug for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wanted(…)")
    }
}

/// What the engine says where it lets nobody in: pages show it beside the fields.
type Result<T> = doorstep_engine::Result<T>;

/// Signs in with a password.
///
/// # Errors
/// Those of [`doorstep_engine::Engine::sign_in`]: wrong, too often, or at which business.
pub async fn sign_in(app: &App, caller: &Caller, wanted: &Wanted<'_>) -> Result<Entry> {
    let attempt = SignIn {
        email: wanted.email,
        password: wanted.password,
        source: caller.source,
        user_agent: &caller.user_agent,
        tenant: wanted.tenant,
    };
    let signed_in = app.engine.sign_in(&attempt).await?;
    enter(app, caller, signed_in).await
}

/// Signs in by the link whose token is `text`, if it is one for signing in.
///
/// # Errors
/// [`doorstep_engine::Error::DeadLink`].
pub async fn sign_in_by_link(app: &App, caller: &Caller, text: &str) -> Result<Entry> {
    let signed_in = app.engine.sign_in_by_link(text, &caller.user_agent).await?;
    enter(app, caller, signed_in).await
}

/// Sets a password by the link whose token is `text`, if it is one for that, and signs in.
///
/// # Errors
/// [`doorstep_engine::Error::DeadLink`]; [`doorstep_engine::Error::BadPassword`], after which the link still works.
pub async fn set_password_by_link(app: &App, caller: &Caller, text: &str, password: &str) -> Result<Entry> {
    let signed_in = app.engine.set_password_by_link(text, password, &caller.user_agent).await?;
    enter(app, caller, signed_in).await
}

/// Signs out; the cookie that takes the session's cookie back.
///
/// # Errors
/// Those of the store; then the session goes on.
pub async fn sign_out(app: &App, principal: &Principal) -> Result<HeaderValue> {
    if let Some(session) = principal.session() {
        app.engine.revoke_session(&principal.scope, session).await?;
    }
    Ok(app.cookies.remove(SESSION))
}

async fn enter(app: &App, caller: &Caller, signed_in: SignedIn) -> Result<Entry> {
    if !planted!("the-session-before-goes-on")
        && let Some(before) = &caller.cookie
        && let Some(visit) = app.engine.authenticate_session(before).await?
    {
        app.engine.revoke_session(&visit.scope, visit.session.id).await?;
    }
    let cookie = app.cookies.set(SESSION, &signed_in.token.reveal(), Some(ABSOLUTE_SECONDS.unsigned_abs()));
    Ok(Entry { cookie, signed_in })
}
