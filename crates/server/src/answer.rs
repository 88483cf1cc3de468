//! What every request goes through, outermost: an id, a time limit, a net for panics, the headers that keep browsers
//! careful, the shape of problems, a line in the log and a place in the metrics.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::FutureExt;

use crate::App;
use crate::auth::Principal;
use crate::id::{self, RequestId};
use crate::page;
use crate::problem::Problem;

/// What stands for the route of a request that fits none.
const NO_ROUTE: &str = "none";

/// Nothing but our own files, nothing inline, no frames: what a script smuggled into a page could do is nothing.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// None of the devices that a browser offers.
const PERMISSIONS: &str = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), \
     payment=(), usb=()";
/// A year: a browser that has seen us by https does not come by http again.
const HTTPS_ONLY: &str = "max-age=31536000";

/// Who reads the answer, and so what a problem looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// A program: JSON.
    Program,
    /// A page that asked in the background: a fragment.
    Page,
    /// A person: a page.
    Person,
}

impl Reader {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let asks_for_html = request
            .headers()
            .get_all(header::ACCEPT)
            .into_iter()
            .any(|value| value.to_str().is_ok_and(|value| value.contains("text/html")));
        if path.starts_with("/api/") || !asks_for_html {
            Self::Program
        } else if request.headers().contains_key("hx-request") {
            Self::Page
        } else {
            Self::Person
        }
    }
}

/// Runs a request and dresses its answer.
pub(crate) async fn run(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id: RequestId = app.engine.ids.make(app.engine.db.clock().now());
    request.extensions_mut().insert(id);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let (method, reader) = (known(request.method()), Reader::of(&request));
    let look = Look { headers: request.headers().clone(), path: path_and_query(&request) };
    let running = AssertUnwindSafe(next.run(request)).catch_unwind();
    let mut response = match tokio::time::timeout(app.settings.limits.time_of(route), running).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            // The panic's own words may hold what a customer is or says; where it was, the panic hook has said.
            tracing::error!(request = %id, %method, route, "a handler panicked");
            Problem::broken().into_response()
        }
        Err(_) => Problem::unavailable("This took longer than a request may. Ask for less at once, or try again.", 5)
            .into_response(),
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        dress(&mut response, &problem, reader, &look, id);
    }
    protect(&app, response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HeaderName::from_static(id::HEADER), value);
    }
    let (took, status) = (began.elapsed(), response.status());
    app.metrics.requests.count(method, route, status.as_u16(), took);
    tracing::info!(request = %id, %method, route, status = status.as_u16(), ms = took.as_millis() as u64, "answered");
    response
}

/// What of a request the page of a problem needs.
struct Look {
    headers: HeaderMap,
    path: String,
}

fn path_and_query(request: &Request) -> String {
    request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned()
}

/// A method that the log and the metrics may name: there is no end to those that can be made up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// Gives a problem the shape that its reader can read.
fn dress(response: &mut Response, problem: &Problem, reader: Reader, look: &Look, id: RequestId) {
    let (kind, text) = match reader {
        Reader::Program => ("application/problem+json", problem.json(id).to_string()),
        Reader::Page | Reader::Person if problem.sign_in => {
            *response = to_sign_in(reader, &look.path);
            return;
        }
        Reader::Page => ("text/html; charset=utf-8", page::problem::fragment(problem, id)),
        Reader::Person => {
            let principal = response.extensions_mut().remove::<Principal>();
            let frame = page::Frame::new(principal.as_ref(), &look.headers, problem.title);
            ("text/html; charset=utf-8", page::problem::whole(frame, problem, id))
        }
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(text);
}

/// Where a person signs in, and comes back from.
fn to_sign_in(reader: Reader, path: &str) -> Response {
    let next = serde_urlencoded::to_string([("next", path)]).unwrap_or_default();
    let place = if reader == Reader::Person && path != "/" { format!("/login?{next}") } else { "/login".to_owned() };
    if reader == Reader::Person {
        return Redirect::to(&place).into_response();
    }
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    response.headers_mut().insert("hx-redirect", HeaderValue::from_static("/login"));
    response
}

/// The headers that keep browsers careful; a handler may have set a stricter one.
fn protect(app: &App, headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    // What is about people is in no cache, not even in the browser's after signing out.
    set(header::CACHE_CONTROL, "no-store");
    if app.settings.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
}
