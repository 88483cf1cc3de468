//! Where a request comes from, for whoever is not known yet.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::SESSION;
use crate::App;
use crate::app::Ends;
use crate::problem::Problem;

/// Where a request comes from and what it brings along, before anybody has shown who they are.
#[derive(Clone)]
pub struct Caller {
    /// Its address: that of the connection, or what a proxy on this machine says it was.
    pub source: IpAddr,
    /// What the browser says it is.
    pub user_agent: String,
    /// The session that the browser has already; it ends when another begins.
    pub(super) cookie: Option<String>,
}

impl Caller {
    /// A caller from `source`, perhaps with the value of a session's cookie.
    pub fn new(source: IpAddr, user_agent: &str, cookie: Option<String>) -> Self {
        Self { source, user_agent: user_agent.to_owned(), cookie }
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caller(…)")
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let remote = parts.extensions.get::<Ends>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ends| ends.remote.ip());
        let source = source(&parts.headers, remote.to_canonical(), app.settings.public_url.is_some());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookie = app.cookies.get(&parts.headers, SESSION).map(str::to_owned);
        Ok(Self { source, user_agent: agent.to_owned(), cookie })
    }
}

/// A proxy is believed where the operator says that there is one, and only one on this machine: anybody else could
/// write any address, and have as many tries as they like. Of several addresses the last is the proxy's own word.
fn source(headers: &HeaderMap, remote: IpAddr, has_proxy: bool) -> IpAddr {
    if !has_proxy || !remote.is_loopback() {
        return remote;
    }
    let said = headers.get_all("x-forwarded-for").into_iter().next_back().and_then(|line| line.to_str().ok());
    let last = said.and_then(|line| line.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
    last.map_or(remote, |address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let check = |lines: &[&str], remote: &str, has_proxy: bool, expected: &str| {
            let headers: HeaderMap =
                lines.iter().map(|line| ("x-forwarded-for".parse().unwrap(), line.parse().unwrap())).collect();
            assert_eq!(source(&headers, remote.parse().unwrap(), has_proxy).to_string(), expected, "{lines:?}");
        };
        check(&["203.0.113.9"], "127.0.0.1", true, "203.0.113.9");
        check(&["10.0.0.1, 203.0.113.9"], "::1", true, "203.0.113.9");
        check(&["10.0.0.1", "203.0.113.9"], "127.0.0.1", true, "203.0.113.9");
        check(&["203.0.113.9"], "127.0.0.1", false, "127.0.0.1");
        check(&["203.0.113.9"], "192.0.2.7", true, "192.0.2.7");
        check(&["unknown"], "127.0.0.1", true, "127.0.0.1");
        check(&[], "127.0.0.1", true, "127.0.0.1");
    }
}
