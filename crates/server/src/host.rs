//! The name by which we are asked for: a page elsewhere must not reach a server on this machine by giving its own name
//! our address (DNS rebinding).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::{App, Ends};
use crate::problem::Problem;

/// The name that the request was sent to, with its port.
pub(crate) fn of<B>(request: &axum::http::Request<B>) -> Option<Authority> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.clone());
    }
    let mut said = request.headers().get_all(axum::http::header::HOST).into_iter();
    let (first, second) = (said.next()?, said.next());
    if second.is_some() { None } else { first.to_str().ok()?.parse().ok() }
}

/// Refuses what was sent to a name that is not ours.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let local = request.extensions().get::<Ends>().map(|ends| ends.local.ip());
    let public = app.settings.public_url.as_ref().map(|url| url.authority.as_str());
    match of(&request) {
        Some(authority) if is_ours(&authority, public, local) => next.run(request).await,
        _ => {
            let detail = "This server does not answer to the name that it was asked by. Its operator sets the name with \
                          `server.public_url`.";
            Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", "This is not the place", detail).into_response()
        }
    }
}

/// The public name, this machine's names for itself, and the address that the connection came in by.
fn is_ours(authority: &Authority, public: Option<&str>, local: Option<IpAddr>) -> bool {
    let said = authority.as_str().to_ascii_lowercase();
    let host = authority.host().to_ascii_lowercase();
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = plain.parse().ok();
    let is_public = public.is_some_and(|public| {
        let default_port = [":443", ":80"].into_iter().find_map(|port| said.strip_suffix(port));
        said == public || default_port == Some(public)
    });
    is_public
        || host == "localhost"
        || address.is_some_and(|address| {
            address.is_loopback() || local.map(|local| local.to_canonical()) == Some(address.to_canonical())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_answered() {
        let local: IpAddr = "192.0.2.7".parse().unwrap();
        let check = |host: &str, public: Option<&str>, expected: bool| {
            assert_eq!(is_ours(&host.parse().unwrap(), public, Some(local)), expected, "{host}");
        };
        check("localhost:7878", None, true);
        check("127.0.0.1:7878", None, true);
        check("[::1]:7878", None, true);
        check("192.0.2.7:7878", None, true);
        check("192.0.2.8", None, false);
        check("evil.example", None, false);
        check("localhost.evil.example", None, false);
        check("127.0.0.1.evil.example", None, false);
        check("Hub.example.com", Some("hub.example.com"), true);
        check("hub.example.com:443", Some("hub.example.com"), true);
        check("hub.example.com:8443", Some("hub.example.com"), false);
        check("evil.example", Some("hub.example.com"), false);
    }
}
