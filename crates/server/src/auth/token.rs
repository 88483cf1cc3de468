//! The second lock against forged requests: what changes something brings a token that only our own pages know. The
//! first is [`crate::origin`], and either alone would do; browsers have had holes in one or the other.

use axum::http::{HeaderMap, StatusCode};
use doorstep_core::planted;

use super::{By, Principal};
use crate::problem::{Problem, Result};

/// The header that pages send it in, by `hx-headers` on the body.
pub const HEADER: &str = "x-csrf-token";
/// The hidden field of forms that work without a script.
pub(crate) const FIELD: &str = "csrf_token";

/// Refuses a request of a session that brings the token neither in the header nor, for forms, as `field`.
///
/// # Errors
/// A problem with status 403.
pub fn check_token(principal: Option<&Principal>, headers: &HeaderMap, field: Option<&str>) -> Result<()> {
    let Some(By::Session { token, .. }) = principal.map(|principal| &principal.by) else { return Ok(()) };
    let said = headers.get(HEADER).and_then(|value| value.to_str().ok()).or(field);
    if said.is_some_and(|said| token.is(said)) || planted!("no-token-is-asked-for") {
        return Ok(());
    }
    let detail = "The page that sent this is from an earlier session, or it is not ours. Load the page again and repeat \
                  what you did; nothing was changed.";
    Err(Problem::new(StatusCode::FORBIDDEN, "token", "The page is out of date", detail))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use doorstep_core::id::SessionId;
    use doorstep_core::phone::Region;
    use doorstep_core::tenant::{Actor, Role};
    use doorstep_core::{Scope, TenantId};

    use super::super::TokenText;
    use super::*;

    fn principal(by: By) -> Principal {
        let scope = Scope::new(TenantId::from_number(1), Actor::Worker, Role::Staff);
        Principal {
            scope,
            name: "Ann".to_owned(),
            tenant_name: "Ace".to_owned(),
            country: Region::US,
            around: None,
            by,
        }
    }

    #[test]
    fn a_session_brings_its_token_and_a_key_needs_none() {
        let session = principal(By::Session {
            id: SessionId::from_uuid(Default::default()),
            token: TokenText::new("right".to_owned()),
        });
        let sent =
            |value: &'static str| HeaderMap::from_iter([(HEADER.parse().unwrap(), HeaderValue::from_static(value))]);
        let check = |who: Option<&Principal>, headers: HeaderMap, field: Option<&str>, expected: bool| {
            assert_eq!(check_token(who, &headers, field).is_ok(), expected, "{headers:?} {field:?}");
        };
        check(Some(&session), sent("right"), None, true);
        check(Some(&session), HeaderMap::new(), Some("right"), true);
        check(Some(&session), sent("wrong"), Some("right"), false);
        check(Some(&session), sent("wrong"), None, false);
        check(Some(&session), HeaderMap::new(), Some(""), false);
        check(Some(&session), HeaderMap::new(), None, false);
        check(Some(&principal(By::Key)), HeaderMap::new(), None, true);
        check(None, HeaderMap::new(), None, true);
        assert!(!format!("{session:?}").contains("right"));
    }
}
