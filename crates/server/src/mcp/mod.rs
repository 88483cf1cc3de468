//! The Model Context Protocol at `/mcp`: a transport over the one list of tools ([`doorstep_agent::tool`]).
//!
//! No sessions and no streams: each request says all of itself and is answered with one JSON object, so that any process
//! may answer it, and the right to ask is read anew (I-17). Both eras of the protocol are spoken, by rmcp. What stands
//! here is what rmcp leaves to its host: who comes in, how large and how slow a request may be, and what is said to those
//! who have no key. Origin and host are checked where they are for every door.

mod handler;
pub mod stdio;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use doorstep_agent::refusal::Kind;
use doorstep_agent::{Session, tool};
use doorstep_core::tenant::{Permission, PermissionSet};
use doorstep_core::verification::WebUser;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};

use crate::App;
use crate::auth::{By, Principal};
use crate::body;
use crate::host;
use crate::problem::{Problem, Result};
use handler::{Asked, Tools};

/// Where it is.
pub const PATH: &str = "/mcp";
/// Where the metadata of a protected resource is (RFC 9728): before the path of what it is about.
const METADATA: &str = "/.well-known/oauth-protected-resource";
/// The header by which a program says which of its website's users its agent talks to. The program sets it, not the model.
pub const WEB_USER: &str = "doorstep-web-user";
/// Bytes of one request: a call's arguments are a few hundred, its longest note some thousand.
const MAX_BYTES: usize = 128 * 1024;
/// JSON-RPC: what came is no JSON.
const PARSE_ERROR: i64 = -32_700;
/// JSON-RPC: what came is no request.
const INVALID_REQUEST: i64 = -32_600;

/// rmcp's half of the door.
pub(crate) type Service = StreamableHttpService<Tools, NeverSessionManager>;

/// rmcp's half of the door over an engine.
pub(crate) fn service(engine: doorstep_engine::Engine) -> Service {
    // Host, origin, size and pace are ours, for every door alike.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_max_request_body_bytes(MAX_BYTES);
    StreamableHttpService::new(move || Ok(Tools::over_http(engine.clone())), Default::default(), config)
}

/// The door and what is told of it to those without a key.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, post(serve))
        .route(METADATA, get(metadata))
        .route(&format!("{METADATA}{PATH}"), get(metadata))
}

/// What a client that has no key needs to know (RFC 9728). There is no authorization server: keys are made by people.
async fn metadata(State(app): State<App>, request: Request) -> Response {
    let place = place(&app, &request);
    let told = json!({
        "resource": format!("{place}{PATH}"), "resource_name": "Doorstep", "scopes_supported": scopes(),
        "bearer_methods_supported": ["header"],
    });
    ([(header::CONTENT_TYPE, "application/json")], told.to_string()).into_response()
}

/// What the tools take, as a key is narrowed to it.
fn scopes() -> Vec<&'static str> {
    let needed: PermissionSet = tool::ALL.iter().map(|tool| tool.needs).collect();
    needed.iter().map(Permission::as_str).collect()
}

/// Where clients find us: as the operator says, else as the request does, whose host was checked.
fn place(app: &App, request: &Request) -> String {
    match &app.settings.public_url {
        Some(url) => url.to_string(),
        None => format!("http://{}", host::of(request).map(|host| host.to_string()).unwrap_or_default()),
    }
}

async fn serve(State(app): State<App>, request: Request) -> Response {
    let challenge = Challenge::of(&app, &request);
    let (mut head, body) = request.into_parts();
    let principal = match app.authenticator.identify(&app, &head).await {
        // A browser sends its cookie along whoever makes it ask: here only what no browser sends by itself counts.
        Ok(Some(principal)) if matches!(principal.by, By::Key) => principal,
        Ok(_) => return challenge.beside(Problem::sign_in()),
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => return challenge.beside(problem),
        Err(problem) => return problem.into_response(),
    };
    match answer(&app, &principal, &mut head, body).await {
        Ok(Read::Asked(bytes)) => {
            let answered = app.mcp.handle(Request::from_parts(head, Body::from(bytes))).await;
            answered.map(Body::new)
        }
        Ok(Read::Refused(response)) => response,
        Ok(Read::LacksScope(needs, response)) => challenge.lacking(needs, response),
        Err(problem) => problem.into_response(),
    }
}

/// What became of reading a request.
enum Read {
    /// It is for rmcp.
    Asked(Bytes),
    /// It is answered already.
    Refused(Response),
    /// It calls a tool that the key does not grant.
    LacksScope(Permission, Response),
}

/// Reads the request within its bounds, and leaves its session with its head.
async fn answer(app: &App, principal: &Principal, head: &mut axum::http::request::Parts, body: Body) -> Result<Read> {
    let web_user = web_user(&head.headers)?;
    let limit = MAX_BYTES.min(app.settings.limits.body_bytes);
    let bytes = body::read(app, &head.headers, body, limit).await?;
    let said: Value = match serde_json::from_slice::<Value>(&bytes) {
        Ok(said) if said["jsonrpc"] == "2.0" && said["method"].is_string() => said,
        Ok(said) => {
            let text =
                "one request or notification of JSON-RPC 2.0, in one object with a `method`: no batch, no response";
            return Ok(Read::Refused(refused(said.get("id"), INVALID_REQUEST, text)));
        }
        Err(_) => return Ok(Read::Refused(refused(None, PARSE_ERROR, "the body is no JSON, or nested too deeply"))),
    };
    let session = Session::open(&app.engine, principal.scope.clone(), web_user).await?;
    if let Some(tool) = called(&said)
        && let Err(refusal) = tool.allow(&session)
        && let Kind::Denied { needs: Some(needs) } = refusal.kind
    {
        let mut response = refused(said.get("id"), INVALID_REQUEST, &refusal.text);
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(Read::LacksScope(needs, response));
    }
    head.extensions.insert(Asked(session));
    Ok(Read::Asked(bytes))
}

/// The tool that a request calls, if it calls one.
fn called(said: &Value) -> Option<&'static tool::Tool> {
    (said.get("method")? == "tools/call").then(|| tool::find(said.get("params")?.get("name")?.as_str()?)).flatten()
}

fn web_user(headers: &HeaderMap) -> Result<Option<WebUser>> {
    let mut said = headers.get_all(WEB_USER).into_iter();
    let Some(first) = said.next() else { return Ok(None) };
    let read = first.to_str().ok().filter(|_| said.next().is_none()).and_then(|text| text.parse().ok());
    let wrong = || Problem::bad_request(format!("`{WEB_USER}` must be one id by which your website knows the person."));
    read.map(Some).ok_or_else(wrong)
}

fn refused(id: Option<&Value>, code: i64, message: &str) -> Response {
    let id = id.filter(|id| id.is_string() || id.is_number());
    let told = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } });
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], told.to_string()).into_response()
}

/// What is said to whoever lacks a key, or a scope of it (RFC 6750, RFC 9728).
struct Challenge {
    metadata: String,
}

impl Challenge {
    fn of(app: &App, request: &Request) -> Self {
        Self { metadata: format!("{}{METADATA}{PATH}", place(app, request)) }
    }

    fn beside(&self, problem: Problem) -> Response {
        let said = format!("Bearer resource_metadata=\"{}\", scope=\"{}\"", self.metadata, scopes().join(" "));
        // Whoever asks here is a program, whatever it accepts.
        with_challenge(Problem { sign_in: false, ..problem }.into_response(), &said)
    }

    fn lacking(&self, needs: Permission, response: Response) -> Response {
        let said =
            format!("Bearer error=\"insufficient_scope\", scope=\"{needs}\", resource_metadata=\"{}\"", self.metadata);
        with_challenge(response, &said)
    }
}

fn with_challenge(mut response: Response, said: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(said) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
