//! Creates that happen once: the key that a caller gave with a request, and what was answered under it before.
//!
//! A key belongs to its tenant and to who gave it, and to one request: method, address and body. A secret is in no
//! answer that is kept; who asks for it again learns that it was made, and what it is called.

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use doorstep_engine::idempotency::{Keep, Once, Reply};
use doorstep_store::idempotency::{Answer, MAX_KEY_BYTES};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::json;
use crate::App;
use crate::body::{JsonBytes, read_json};
use crate::problem::{Problem, Result};

/// The header of creates that are to happen once.
pub(super) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A key that came with a request.
#[derive(Debug)]
pub(super) struct Key {
    text: String,
    request_hash: [u8; 32],
}

impl Key {
    /// The key of a request to `place` that says `content`, if one came along.
    pub fn of(headers: &HeaderMap, (method, place): (&Method, &str), content: &[u8]) -> Result<Option<Self>> {
        let mut keys = headers.get_all(HEADER).into_iter();
        let (Some(key), second) = (keys.next(), keys.next()) else { return Ok(None) };
        let text = key.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
        let Some(text) = text.filter(|text| (1..=MAX_KEY_BYTES).contains(&text.len()) && second.is_none()) else {
            return Err(Problem::bad_request(format!(
                "`Idempotency-Key` must be there once, with 1 to {MAX_KEY_BYTES} letters, digits and signs of ASCII."
            )));
        };
        let mut hash = Sha256::new();
        // With its length, so that no part of the address is taken for one of the body.
        hash.update(format!("{method} {}:{place} ", place.len()));
        hash.update(content);
        Ok(Some(Self { text: text.to_owned(), request_hash: hash.finalize().into() }))
    }

    /// What is kept under it.
    pub fn keep<'a, T>(&'a self, answer: &'a Reply<T>) -> Keep<'a, T> {
        Keep { key: &self.text, request_hash: self.request_hash, answer }
    }
}

/// Of a request that says everything by its method and address.
impl OptionalFromRequestParts<App> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>> {
        // What stands behind the question mark is part of what is asked for.
        let place = parts.uri.path_and_query().map_or(parts.uri.path(), |place| place.as_str());
        Self::of(&parts.headers, (&parts.method, place), &[])
    }
}

/// A JSON object in the body, with the key that came along.
#[derive(Debug)]
pub(super) struct JsonOnce<T>(pub T, pub Option<Key>);

impl<T: DeserializeOwned> FromRequest<App> for JsonOnce<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (method, place) = (request.method().clone(), request.uri().path().to_owned());
        let headers = request.headers().clone();
        let JsonBytes(body): JsonBytes = JsonBytes::from_request(request, app).await?;
        let key = Key::of(&headers, (&method, &place), &body as &Bytes)?;
        Ok(Self(read_json(&body)?, key))
    }
}

/// What a door says.
pub(super) fn said(status: StatusCode, value: &impl Serialize) -> (u16, Value) {
    // Our own values are JSON: what is not would be a mistake that the answer itself meets, too.
    (status.as_u16(), serde_json::to_value(value).unwrap_or_default())
}

/// The answer: what it was, where the request had been done before.
pub(super) fn answer<T>(once: Once<T>, reply: &Reply<T>) -> Result<Response> {
    let ((status, body), is_kept) = match once {
        Once::Done(done) => (reply(&done), false),
        Once::Kept(kept) => ((kept.status, kept.body), true),
    };
    let status = StatusCode::from_u16(status).map_err(|_| Problem::broken())?;
    let mut response = json(status, &body)?;
    if is_kept {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What is kept of an answer that holds a secret.
pub(super) fn made(id: &impl Serialize) -> (u16, Value) {
    (StatusCode::CREATED.as_u16(), json!({ "id": id }))
}

/// What such a request is told when it is sent again; `advice` says how to come by a new secret.
pub(super) fn made_already(kept: &Answer, advice: &str) -> Problem {
    let id = kept.body["id"].as_str().unwrap_or_default().to_owned();
    let detail = format!(
        "This request was sent before with the same `Idempotency-Key`, and made `{id}`. Its secret was shown then and \
         is kept nowhere. {advice}"
    );
    Problem { kind: "made-already", ..Problem::conflict(detail) }.with("id", id)
}
