//! The context of a customer over REST: as JSON, as text for a prompt, or as a stream that tells when it changes; and the
//! receipts of what was told.

use std::fmt::Write as _;
use std::time::Duration;

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_core::Timestamp;
use doorstep_core::context::{Assurance, Budget};
use doorstep_core::id::{CustomerId, ReceiptId};
use doorstep_core::record::payload_hash;
use doorstep_engine::context::{Answer, Form, Found, Freshness, Kind, Unknown, without_time};
use doorstep_engine::sync::MAX_WAIT;
use serde::Deserialize;
use serde_json::{Value, json};

use super::customer::taken_out;
use super::input::{At, has_tag};
use super::refresh::USUAL_WAIT;
use super::{context_stream, json as answer};
use crate::App;
use crate::auth::Principal;
use crate::body::Query;
use crate::problem::{Problem, Result};

/// Longest text that names a customer, in bytes: numbers, addresses and ids are shorter.
pub(super) const MAX_NAME_BYTES: usize = 500;
/// Says which receipt an answer has, where its body has no place for that.
const RECEIPT: HeaderName = HeaderName::from_static("doorstep-receipt");
/// Says whether what the sources say now came in time, where that was waited for.
const FRESH: HeaderName = HeaderName::from_static("doorstep-fresh");
/// Says as of when an answer is that was asked for as of an instant, and what of it is not told as it was.
const AS_OF: HeaderName = HeaderName::from_static("doorstep-as-of");
const UNTOLD: HeaderName = HeaderName::from_static("doorstep-untold");
/// Receipts on one page.
const RECEIPTS: i64 = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(rename = "type")]
    kind: Option<String>,
    assurance: Option<String>,
    format: Option<String>,
    budget: Option<String>,
    fresh: Option<String>,
    timeout_ms: Option<String>,
    as_of: Option<String>,
}

impl Wanted {
    fn kind(&self) -> Result<Kind> {
        let none = || Problem::bad_request(format!("`type` says what names the customer: one of {}.", kinds()));
        let said = self.kind.as_deref().ok_or_else(none)?;
        said.parse().map_err(|unknown| Problem::bad_request(format!("`type`: {unknown}.")))
    }

    /// Whoever names somebody only claims to be them, unless the caller says that it knows better.
    fn assurance(&self) -> Result<Assurance> {
        let said = self.assurance.as_deref().unwrap_or(Assurance::Claimed.as_str());
        said.parse().map_err(|unknown| Problem::bad_request(format!("`assurance`: {unknown}.")))
    }

    /// How long to wait for what the sources say now; `None` where nobody waits.
    fn patience(&self) -> Result<Option<Duration>> {
        let wrong = || {
            let most = MAX_WAIT.as_millis();
            Problem::bad_request(format!("`timeout_ms` is a whole number of milliseconds, at most {most}."))
        };
        let said: Option<u64> = self.timeout_ms.as_deref().map(str::parse).transpose().map_err(|_| wrong())?;
        let timeout = said.map_or(USUAL_WAIT, Duration::from_millis);
        match self.fresh.as_deref() {
            None => Ok(None),
            Some("wait") if timeout <= MAX_WAIT => Ok(Some(timeout)),
            Some("wait") => Err(wrong()),
            Some(_) => Err(Problem::bad_request("`fresh` is `wait`, or is not said.")),
        }
    }

    /// As of when it is asked; `None` where that is now.
    fn as_of(&self, headers: &HeaderMap) -> Result<Option<Timestamp>> {
        let Some(text) = self.as_of.as_deref() else { return Ok(None) };
        let wrong = || {
            Problem::bad_request(
                "`as_of` is an instant like `2024-03-05T16:44:55Z`, with its offset (`+` is `%2B` here).",
            )
        };
        let at: Timestamp = text.parse().map_err(|_| wrong())?;
        if self.fresh.is_some() || accepts(headers, "text/event-stream") {
            let both = "What was known then is neither read again nor followed: leave `fresh` and `text/event-stream` out, \
                        or `as_of`.";
            return Err(Problem::bad_request(both));
        }
        Ok(Some(at))
    }

    fn form(&self, headers: &HeaderMap) -> Result<Form> {
        let is_text = match self.format.as_deref() {
            Some("text") => true,
            Some("json") => false,
            None => accepts(headers, "text/plain") && !accepts(headers, "application/json"),
            Some(_) => return Err(Problem::bad_request("`format` is `json` or `text`.")),
        };
        let budget = self.budget.as_deref().map(|text| {
            let least = Budget::MIN.tokens();
            let wrong = || Problem::bad_request(format!("`budget` is a whole number of tokens, {least} or more."));
            Budget::new(text.parse().map_err(|_| wrong())?).map_err(|_| wrong())
        });
        let budget = budget.transpose()?;
        Ok(if is_text { Form::Text(budget.unwrap_or_default()) } else { Form::Json })
    }
}

fn kinds() -> String {
    Kind::ALL.map(|kind| format!("`{}`", kind.as_str())).join(", ")
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|line| line.split(',')).any(|one| one.split(';').next().unwrap_or_default().trim() == kind)
}

/// What may be told of whoever is named, with a tag that stays while nothing that is told changes.
pub(super) async fn get(
    State(app): State<App>,
    principal: Principal,
    At(name): At<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    head: Parts,
) -> Result<Response> {
    let kind = wanted.kind()?;
    let (level, form) = (wanted.assurance()?, wanted.form(&headers)?);
    if name.len() > MAX_NAME_BYTES {
        return Err(Problem::bad_request(format!("What names the customer may have at most {MAX_NAME_BYTES} bytes.")));
    }
    let whom = kind.whom(&name)?;
    let as_of = wanted.as_of(&headers)?;
    if accepts(&headers, "text/event-stream") {
        return context_stream::open(app, principal, head, whom).await;
    }
    let (engine, scope) = (&app.engine, &principal.scope);
    let (told, freshness) = match (wanted.patience()?, as_of) {
        (_, Some(at)) => (engine.context_as_of(scope, &whom, level, form, at).await?, None),
        (None, None) => (engine.customer_context(scope, &whom, level, form).await?, None),
        (Some(timeout), None) => {
            let (told, freshness) = engine.fresh_context(scope, &whom, level, form, timeout).await?;
            (told, Some(freshness))
        }
    };
    match (&told.found, kind) {
        (Some(Found::Unknown(Unknown::NoSuchId)), Kind::CustomerId) => {
            let id: CustomerId = name.parse().map_err(|_| Problem::broken())?;
            if let Some(at) = as_of {
                return Err(Problem::not_found(format!("At {at} there was no customer `{id}` here.")));
            }
            return Err(doorstep_engine::Error::NoCustomer(id).into());
        }
        (Some(Found::TakenOut(import)), Kind::CustomerId) => {
            return Err(taken_out(name.parse().map_err(|_| Problem::broken())?, *import));
        }
        _ => {}
    }
    let tag = tag(&told, form);
    let receipt = HeaderValue::from_str(&told.receipt.to_string()).map_err(|_| Problem::broken())?;
    let mut response = match (&told.text, has_tag(&headers, &tag)) {
        (_, true) => StatusCode::NOT_MODIFIED.into_response(),
        (Some(text), false) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text.clone()).into_response(),
        (None, false) => answer(StatusCode::OK, &body(&told, freshness.as_ref())?)?,
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(RECEIPT, receipt);
    if let Some(as_of) = &told.as_of {
        let untold: Vec<&str> = as_of.untold.iter().map(|untold| untold.as_str()).collect();
        for (name, text) in [(AS_OF, as_of.at.to_string()), (UNTOLD, untold.join(", "))] {
            let value = HeaderValue::from_str(&text).map_err(|_| Problem::broken())?;
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(freshness) = &freshness {
        let came = HeaderValue::from_static(if freshness.came { "yes" } else { "no" });
        response.headers_mut().insert(FRESH, came);
    }
    Ok(response)
}

/// The model with what only the office is told.
fn body(told: &Answer, freshness: Option<&Freshness>) -> Result<Value> {
    let mut body = json!({ "context": told.context, "receipt": told.receipt });
    if let Some(freshness) = freshness {
        body["freshness"] = json!(freshness);
    }
    if let Some(as_of) = &told.as_of {
        let untold = as_of.untold.iter().map(|it| json!({ "what": it.as_str(), "text": it.words() }));
        body["as_of"] = json!(as_of.at);
        body["untold"] = untold.collect();
    }
    let Some(found) = &told.found else { return Ok(body) };
    let mut put = |name: &str, value: Value| body[name] = value;
    match found {
        Found::One { was } => {
            put("outcome", json!("one"));
            if told.as_of.is_none() {
                put("version", json!(told.version));
            }
            put("customer", json!(told.customer));
            if let Some(was) = was {
                put("was", json!(was));
            }
        }
        Found::Several(rows) => {
            put("outcome", json!("several"));
            put("candidates", serde_json::to_value(rows).map_err(|_| Problem::broken())?);
        }
        Found::Unknown(why) => {
            put("outcome", json!("unknown"));
            let needs = match why {
                Unknown::New(identifier) => {
                    put("known", json!({ "kind": identifier.kind.as_str(), "value": identifier.value }));
                    "a_name"
                }
                Unknown::IdentifiesNobody => "another_phone_or_email",
                Unknown::NotAtTheSource | Unknown::NoSuchId => "a_phone_or_email",
            };
            put("needs", json!(needs));
        }
        // Of an id that names nobody any more there is a problem; whoever was named otherwise is simply not known.
        Found::TakenOut(_) => put("outcome", json!("unknown")),
    }
    Ok(body)
}

/// Weak: the same is told, at whatever instant.
fn tag(told: &Answer, form: Form) -> String {
    let budget = if let Form::Text(budget) = form { budget.tokens() } else { 0 };
    let candidates = match &told.found {
        Some(Found::Several(rows)) => rows.iter().map(|row| format!("{}:{}", row.id, row.version)).collect(),
        _ => Vec::new(),
    };
    let said = match told.hash {
        Some(hash) => json!(letters(&hash)),
        None => without_time(&told.context, told.told_at),
    };
    let hash = payload_hash(&json!([said, form.as_str(), budget, candidates, told.version]));
    format!("W/\"{}\"", letters(&hash[..12]))
}

fn letters(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One receipt, with exactly what was told.
pub(super) async fn receipt(State(app): State<App>, principal: Principal, At(id): At<ReceiptId>) -> Result<Response> {
    let given = app.engine.context_receipt(&principal.scope, id).await?;
    let none = || Problem::not_found(format!("There is no receipt `{id}` here, or it was older than is kept."));
    let given = given.ok_or_else(none)?;
    let mut value = serde_json::to_value(&given.receipt).map_err(|_| Problem::broken())?;
    value["context"] = given.context;
    answer(StatusCode::OK, &value)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Until {
    until: Option<String>,
}

/// The receipts of a customer up to an instant, newest first.
pub(super) async fn receipts(
    State(app): State<App>,
    principal: Principal,
    At(id): At<CustomerId>,
    Query(wanted): Query<Until>,
) -> Result<Response> {
    let until: Timestamp = match &wanted.until {
        Some(text) => {
            let wrong = || Problem::bad_request("`until` is an instant like `2024-03-05T16:44:55Z`.");
            text.parse().map_err(|_| wrong())?
        }
        None => app.engine.db.clock().now(),
    };
    let receipts = app.engine.context_receipts(&principal.scope, id, until, RECEIPTS).await?;
    answer(StatusCode::OK, &json!({ "items": receipts }))
}
