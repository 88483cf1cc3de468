//! Who asks: settled once per request, before anything of a tenant is touched.
//!
//! `identify` asks the server's [`Authenticator`] and leaves a [`Principal`] with the request. A handler that takes a
//! [`Principal`] is not reached without one; there is no other way to a [`Scope`] in this crate.

mod caller;
mod entry;
mod sessions;
mod setup;
mod token;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
/// The head of a request: what an [`Authenticator`] looks at.
pub use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use doorstep_core::id::SessionId;
use doorstep_core::phone::Region;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, planted};
use doorstep_engine::around::Around;

pub use caller::Caller;
pub use entry::{Entry, SESSION, Wanted, set_password_by_link, sign_in, sign_in_by_link, sign_out};
pub use sessions::Sessions;
pub use setup::{FirstOwner, SETUP_PATH, set_up, set_up_at};
pub(crate) use token::FIELD as TOKEN_FIELD;
pub use token::{HEADER as TOKEN_HEADER, check_token};

use crate::App;
use crate::problem::{Problem, Result};
use crate::settings::Secret;

/// Whether who asked at the beginning of something long still may: their session or key is alive, and their role is what
/// it was.
pub(crate) async fn is_still(app: &App, head: &Parts, before: &Principal) -> bool {
    if planted!("a-stream-outlives-its-right") {
        return true;
    }
    let found = app.authenticator.identify(app, head).await;
    matches!(found, Ok(Some(now)) if now.scope == before.scope)
}

/// Who asks, and for whom.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Tenant, actor and role: the first argument of every call of the engine.
    pub scope: Scope,
    /// How the page addresses them.
    pub name: String,
    /// How the page names the business; empty for programs, who see no pages.
    pub tenant_name: String,
    /// The business's country, by which numbers are read.
    pub country: Region,
    /// What stands around their pages, where it was read with who they are.
    pub around: Option<Arc<Around>>,
    /// How they showed who they are.
    pub by: By,
}

/// How somebody showed who they are.
#[derive(Debug, Clone)]
pub enum By {
    /// A browser with the cookie of a session, which sends it along whoever makes it ask: what changes something must
    /// also bring this token, which only our own pages know.
    Session {
        /// Which session.
        id: SessionId,
        /// The session's token against forged requests.
        token: TokenText,
    },
    /// A program with a key in a header that no browser sends by itself.
    Key,
}

/// A session's token against forged requests: shown to pages, not in logs.
#[derive(Clone)]
pub struct TokenText {
    text: String,
    secret: Secret,
}

impl TokenText {
    /// Letters and digits, from at least 128 random bits.
    pub fn new(text: String) -> Self {
        Self { secret: Secret::from(text.clone()), text }
    }

    /// For the page.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn is(&self, said: &str) -> bool {
        self.secret.is(said)
    }
}

impl std::fmt::Debug for TokenText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.secret.fmt(f)
    }
}

impl Principal {
    /// Refuses unless their role grants it.
    ///
    /// # Errors
    /// A problem with status 403.
    pub fn require(&self, permission: Permission) -> Result<()> {
        self.scope.require(permission).map_err(|denied| Problem::from(doorstep_engine::Error::from(denied)))
    }

    /// What stands around their pages.
    ///
    /// # Errors
    /// A problem where the store cannot be read.
    pub async fn around(&self, app: &App) -> Result<Arc<Around>> {
        match &self.around {
            Some(around) => Ok(around.clone()),
            None => Ok(Arc::new(app.engine.around(&self.scope, &[]).await?)),
        }
    }

    /// Their session, if they came by one.
    pub fn session(&self) -> Option<SessionId> {
        match &self.by {
            By::Session { id, .. } => Some(*id),
            By::Key => None,
        }
    }

    /// What our own pages send with what changes something; empty for programs, which need none.
    pub fn token(&self) -> &str {
        match &self.by {
            By::Session { token, .. } => token.as_str(),
            By::Key => "",
        }
    }
}

/// A call that ends with who asks.
pub type Identified<'a> = Pin<Box<dyn Future<Output = Result<Option<Principal>>> + Send + 'a>>;

/// Tells who asks from what a request brings along.
pub trait Authenticator: Send + Sync + 'static {
    /// Who asks; `None` if the request brings nothing, or a session that has ended.
    fn identify<'a>(&'a self, app: &'a App, head: &'a Parts) -> Identified<'a>;
}

/// Knows nobody: for tests of what nobody may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Authenticator for Nobody {
    fn identify<'a>(&'a self, _: &'a App, _: &'a Parts) -> Identified<'a> {
        Box::pin(async { Ok(None) })
    }
}

/// Finds out who asks, and leaves it with the request.
pub(crate) async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let principal = match app.authenticator.identify(&app, &head).await {
        Ok(Some(principal)) => principal,
        Ok(None) => return next.run(Request::from_parts(head, body)).await,
        Err(problem) => return problem.into_response(),
    };
    head.extensions.insert(principal.clone());
    let mut response = next.run(Request::from_parts(head, body)).await;
    // For the page of a problem, which is made further out.
    response.extensions_mut().insert(principal);
    response
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::sign_in)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
