//! Everything that a sim holds, behind one lock, and the answer to one request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::bucket::Buckets;
use crate::fault::{Fault, Faults, RetryAfter};
use crate::log::{Entry, Log};
use crate::random::mix;
use crate::servicetitan::{Answered, Asked, Grants, Moods, Refusal, Upstream};
use crate::stamp::Stamp;
use crate::world::World;

/// Bytes of a body at most: nobody sends an upstream more than a note or an edit.
const MAX_BODY_BYTES: usize = 1 << 20;
/// Bytes of a body that the log keeps at most.
const MAX_KEPT_BYTES: usize = 64 * 1024;
/// How long a body may take to come in.
const BODY_TIME: Duration = Duration::from_secs(30);

/// What a sim holds.
#[derive(Debug)]
pub(crate) struct State {
    pub world: World,
    pub faults: Faults,
    pub log: Log,
    pub grants: Grants,
    pub buckets: Buckets,
    pub is_limited: bool,
}

impl State {
    pub(crate) fn new(seed: u64, world: World, is_limited: bool) -> Self {
        Self {
            world,
            faults: Faults::new(mix(seed ^ 1)),
            log: Log::default(),
            grants: Grants::new(mix(seed ^ 2)),
            buckets: Buckets::default(),
            is_limited,
        }
    }
}

/// The state, shared by all connections.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state; a panic of somebody else while they held it is theirs.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request.
    ///
    /// # Errors
    /// There shall be none, and the connection shall end.
    pub(crate) async fn answer(self, request: Request<Body>) -> Result<Response<Body>, Gone> {
        let (head, body) = request.into_parts();
        let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, MAX_BODY_BYTES)).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(_) => return Ok(plain(StatusCode::REQUEST_TIMEOUT)),
        };
        let path = head.uri.path().to_owned();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let query = head.uri.query().unwrap_or_default();
        let asked = Asked { method: &head.method, segments: &segments, query, headers: &head.headers, body: &body };
        if segments.first() == Some(&"_control") {
            let (status, value) = self.lock().control(&asked);
            return Ok(respond(json_answer(status, &value)));
        }
        let (number, fault) = self.lock().receive(&asked, &path);
        match fault {
            Some(Fault::Gone) => return Err(Gone),
            Some(Fault::Slow(milliseconds)) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
            _ => {}
        }
        let response = self.lock().respond(&asked, &path, number, fault.as_ref());
        match response {
            Some(response) => Ok(response),
            // Until the caller goes away: that is what this fault is.
            None => std::future::pending().await,
        }
    }
}

/// Nobody answers.
#[derive(Debug)]
pub(crate) struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection ends, as it was told to")
    }
}

impl std::error::Error for Gone {}

/// An answer without a body.
fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl State {
    /// Enters a request into the log and says what it meets.
    fn receive(&mut self, asked: &Asked<'_>, path: &str) -> (u64, Option<Fault>) {
        let number = self.log.count();
        self.world.clock.advance(Duration::from_millis(self.faults.manners.tick_milliseconds));
        self.world.set_lag(self.faults.manners.lag());
        self.world.settle();
        let fault = self.faults.strike(asked.method.as_str(), path);
        let is_secret = path == "/connect/token";
        self.log.push(Entry {
            number,
            at: self.world.now(),
            method: asked.method.to_string(),
            path: path.to_owned(),
            query: asked.query.to_owned(),
            tenant: None,
            body: if is_secret || asked.body.len() > MAX_KEPT_BYTES { None } else { asked.json() },
            status: 0,
            fault: fault.as_ref().map(|fault| format!("{fault:?}")),
        });
        (number, fault)
    }

    /// The answer; none if none comes.
    fn respond(&mut self, asked: &Asked<'_>, path: &str, number: u64, fault: Option<&Fault>) -> Option<Response<Body>> {
        let mut tenant = None;
        let early = match fault {
            Some(Fault::Never) => return None,
            Some(Fault::TooMany(retry)) => Some(self.too_many(number, *retry)),
            Some(Fault::Status(status)) => Some(self.failed(number, *status)),
            Some(Fault::Html(status)) => Some(html(*status)),
            Some(Fault::Expired) => {
                self.grants.revoke();
                None
            }
            Some(Fault::Slow(_) | Fault::Cut | Fault::Truncated | Fault::Lost | Fault::Gone) | None => None,
        };
        let (status, headers, body) = early.unwrap_or_else(|| self.work(asked, path, number, &mut tenant));
        self.log.answered(number, status.as_u16(), tenant);
        let length = body.len();
        let body = match fault {
            Some(Fault::Lost) => return None,
            Some(Fault::Cut) => cut(body),
            Some(Fault::Truncated) => Body::from(body.slice(..length / 2)),
            _ => Body::from(body),
        };
        let mut response = respond((status, headers, Bytes::new()));
        *response.body_mut() = body;
        let now = self.world.now();
        let skewed = Stamp(now.0 + self.faults.manners.date_skew_seconds * crate::stamp::TICKS_PER_SECOND);
        if let Ok(date) = HeaderValue::from_str(&skewed.http_date()) {
            response.headers_mut().insert(header::DATE, date);
        }
        if fault == Some(&Fault::Cut) {
            // The whole length is promised, so that the caller can tell.
            response.headers_mut().insert(header::CONTENT_LENGTH, length.max(2).into());
        }
        Some(response)
    }

    /// What the upstream itself says.
    fn work(&mut self, asked: &Asked<'_>, path: &str, number: u64, tenant: &mut Option<i64>) -> Answer {
        let now = self.world.now();
        let bucket = asked.segments.get(3).copied().unwrap_or_default();
        if self.is_limited && path != "/connect/token" && !self.buckets.take(bucket, now) {
            return self.too_many(number, Some(RetryAfter::Seconds(1)));
        }
        let is_page = *asked.method == Method::GET && path != "/connect/token";
        let moods = Moods { shuffle: self.faults.shuffle(), page_cap: self.faults.manners.page_cap };
        let mut upstream = Upstream {
            world: &mut self.world,
            grants: &mut self.grants,
            moods,
            export_size: self.faults.manners.export_size.max(1),
            tells_merged_contacts: self.faults.manners.tells_merged_contacts,
            notes_touch_customers: self.faults.manners.notes_touch_customers,
        };
        let mut answer = upstream.answer(asked, tenant);
        if let (Ok(before), true, Some(of)) = (&mut answer, is_page, *tenant) {
            let within = self.faults.manners.edits_within_pages;
            if within > 0 && !path.contains("/export/") && before["data"].is_array() {
                upstream.world.drift(of, within);
                if let Ok(after) = upstream.answer(asked, tenant) {
                    *before = spliced(before.take(), after);
                }
            }
            if self.faults.manners.null_phone_settings {
                without_phone_settings(before);
            }
            self.world.drift(of, self.faults.manners.edits_between_pages);
        }
        match answer {
            Ok(Value::Null) => (StatusCode::OK, HeaderMap::new(), Bytes::new()),
            Ok(value) => json_answer(StatusCode::OK, &value),
            Err(Answered::Refusal(refusal)) => json_answer(refusal.status, &refusal.body(number)),
            Err(Answered::Grant(error)) => json_answer(StatusCode::BAD_REQUEST, &json!({ "error": error })),
        }
    }

    fn too_many(&self, number: u64, retry: Option<RetryAfter>) -> Answer {
        let mut answer = self.failed(number, 429);
        let value = match retry {
            Some(RetryAfter::Seconds(seconds)) => Some(seconds.to_string()),
            Some(RetryAfter::Date(seconds)) => Some(self.world.now().after(Duration::from_secs(seconds)).http_date()),
            None => None,
        };
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            answer.1.insert(header::RETRY_AFTER, value);
        }
        answer
    }

    fn failed(&self, number: u64, status: u16) -> Answer {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let title = status.canonical_reason().unwrap_or("Error");
        json_answer(status, &Refusal::new(status, title).body(number))
    }
}

/// Status, headers and body.
type Answer = (StatusCode, HeaderMap, Bytes);

fn json_answer(status: StatusCode, value: &Value) -> Answer {
    let headers =
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))]);
    (status, headers, Bytes::from(value.to_string()))
}

fn html(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("text/html"))]);
    let reason = status.canonical_reason().unwrap_or("Error");
    (status, headers, Bytes::from(format!("<html><head><title>{reason}</title></head><body>{reason}</body></html>\n")))
}

/// The first half of one page and the rest of another.
fn spliced(mut before: Value, mut after: Value) -> Value {
    let empty = Vec::new;
    let old = before["data"].as_array_mut().map(std::mem::take).unwrap_or_else(empty);
    let new = after["data"].as_array_mut().map(std::mem::take).unwrap_or_else(empty);
    let middle = old.len() / 2;
    after["data"] = old.into_iter().take(middle).chain(new.into_iter().skip(middle)).collect();
    after
}

fn respond((status, headers, body): Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// What real answers may say where the documents say otherwise.
fn without_phone_settings(page: &mut Value) {
    for row in page["data"].as_array_mut().into_iter().flatten().filter(|row| row["type"] == "Email") {
        row["phoneSettings"] = Value::Null;
    }
}

/// Half of a body, and then the end of the connection.
fn cut(body: Bytes) -> Body {
    let half = body.slice(..body.len() / 2);
    let end = async {
        // What was said so far goes out while there is nothing more to say.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    };
    let begin = async { Ok::<_, std::io::Error>(half) };
    Body::from_stream(stream::once(begin).chain(stream::once(end)))
}
