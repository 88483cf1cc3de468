//! Who asks, by what their request brings: a browser the cookie of its session, a program an API key.
//!
//! Both are read from the store at each request and nothing of them is kept, so that what was revoked, disabled or
//! given another role is so for the next request (I-17).

use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;

use super::{By, Identified, Principal, SESSION, TokenText};
use crate::App;
use crate::auth::Authenticator;
use crate::problem::{Problem, Result};

/// Knows those who have a session or an API key in the store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sessions;

impl Authenticator for Sessions {
    fn identify<'a>(&'a self, app: &'a App, head: &'a Parts) -> Identified<'a> {
        Box::pin(async move {
            let mut said = head.headers.get_all(header::AUTHORIZATION).into_iter();
            match (said.next(), said.next()) {
                (None, _) => by_cookie(app, head).await,
                // A key that opens nothing is never made good by a cookie that happens to come along.
                (Some(only), None) => by_key(app, only.to_str().unwrap_or_default()).await.map(Some),
                (Some(_), Some(_)) => Err(Problem::bad_key()),
            }
        })
    }
}

async fn by_key(app: &App, said: &str) -> Result<Principal> {
    let (scheme, key) = said.split_once(' ').ok_or_else(Problem::bad_key)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::bad_key());
    }
    let call = app.engine.authenticate_api_key(key.trim()).await?.ok_or_else(Problem::bad_key)?;
    let (name, tenant_name) = (call.key.name, String::new());
    Ok(Principal { scope: call.scope, name, tenant_name, country: call.country, around: None, by: By::Key })
}

async fn by_cookie(app: &App, head: &Parts) -> Result<Option<Principal>> {
    let Some(cookie) = app.cookies.get(&head.headers, SESSION) else { return Ok(None) };
    let Some(visit) = app.engine.authenticate_session(cookie).await? else { return Ok(None) };
    let by = By::Session { id: visit.session.id, token: TokenText::new(visit.page_token.reveal()) };
    let (tenant_name, country) = (visit.around.tenant.name.clone(), visit.around.tenant.country);
    let around = Some(Arc::new(visit.around));
    Ok(Some(Principal { scope: visit.scope, name: visit.user.name, tenant_name, country, around, by }))
}
