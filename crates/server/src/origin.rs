//! What changes something must come from our own pages, or from no browser at all.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; neither can be set by a page.
//! Programs send neither, and they have no cookie that could be misused.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::host;
use crate::problem::Problem;

/// Refuses what another site's page sends.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = host::of(&request).map(|host| host.as_str().to_ascii_lowercase()).unwrap_or_default();
    let public = app.settings.public_url.as_ref().map(|url| url.authority.as_str());
    if is_safe(request.method()) || comes_from_us(request.headers(), &host, public) {
        return next.run(request).await;
    }
    let detail = "A page of another site sent this. If you meant it, do it here; nothing was changed.";
    Problem::new(StatusCode::FORBIDDEN, "other-site", "This came from another site", detail).into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn comes_from_us(headers: &HeaderMap, host: &str, public: Option<&str>) -> bool {
    let said = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (said(header::HeaderName::from_static("sec-fetch-site")), said(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let from = origin.split_once("://").map(|(_, authority)| authority.to_ascii_lowercase());
            from.is_some_and(|from| from == host || Some(from.as_str()) == public)
        }
        // No browser: they have sent `Origin` with what changes something for many years.
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_programs_may_change_something() {
        let check = |site: Option<&str>, origin: Option<&str>, expected: bool| {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            let found = comes_from_us(&headers, "localhost:7878", Some("hub.example.com"));
            assert_eq!(found, expected, "{site:?} {origin:?}");
        };
        check(Some("same-origin"), None, true);
        check(Some("same-origin"), Some("http://localhost:7878"), true);
        check(Some("same-site"), Some("http://localhost:7878"), false);
        check(Some("cross-site"), None, false);
        check(Some("none"), None, false);
        check(None, Some("http://localhost:7878"), true);
        check(None, Some("https://hub.example.com"), true);
        check(None, Some("http://localhost:7879"), false);
        check(None, Some("https://evil.example"), false);
        check(None, Some("null"), false);
        check(None, None, true);
    }
}
