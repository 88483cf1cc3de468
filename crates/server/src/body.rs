//! Reading what a request brings: within its size, its time and its form, and refused in words where it is not.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use doorstep_core::planted;
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use crate::App;
use crate::auth::{self, Principal};
use crate::problem::{Problem, Result};

/// A JSON object in the body. Unknown fields are the type's own business (`deny_unknown_fields`).
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// The bytes of a JSON body, for who needs them as they came; [`read_json`] reads them.
#[derive(Debug, Clone)]
pub(crate) struct JsonBytes(pub Bytes);

/// A form in the body, with the token of its page.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

/// What stands behind the question mark.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// Reads a body of at most `limit` bytes that never stands still for longer than the server allows.
///
/// # Errors
/// It is larger, stands still, or ends before its end.
pub(crate) async fn read(app: &App, headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return Err(Problem::too_large(limit));
    }
    let (mut pieces, mut whole) = (body.into_data_stream(), Vec::new());
    loop {
        let next = tokio::time::timeout(app.settings.limits.body_pause, pieces.next()).await;
        let Some(piece) = next.map_err(|_| Problem::too_slow())? else { return Ok(whole.into()) };
        let piece = piece.map_err(|_| Problem::bad_request("The request ended before all of it had arrived."))?;
        if whole.len() + piece.len() > limit {
            return Err(Problem::too_large(limit));
        }
        whole.extend_from_slice(&piece);
    }
}

fn kind_is(headers: &HeaderMap, wanted: &str) -> Result<()> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let detail = format!("Send the body as `{wanted}` and say so in `Content-Type`.");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-type", "The body is of another type", detail))
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, app).await?;
        read_json(&bytes).map(Self)
    }
}

impl FromRequest<App> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (head, body) = request.into_parts();
        kind_is(&head.headers, "application/json")?;
        auth::check_token(head.extensions.get::<Principal>(), &head.headers, None)?;
        read(app, &head.headers, body, app.settings.limits.body_bytes).await.map(Self)
    }
}

/// Reads JSON; nested more deeply than 127 levels it is refused by the parser before it takes any stack.
///
/// A NUL in any text is refused here, for all doors: one of the two databases cannot hold it, no person types it, and
/// programs that read C cut texts short at it.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if says_nul(bytes) && !planted!("nul-comes-in") {
        return Err(Problem::invalid("A text in the JSON holds a NUL character (`\\u0000`): leave it out."));
    }
    // What we read is always an object; our parser would take a list of its fields for it, too.
    let is_list = bytes.trim_ascii_start().first() == Some(&b'[');
    let a_list = || Problem::invalid("The body is a list, and has to be an object.");
    let is_whole = || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    let read = serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            // Of a list with too much in it the parser says that it is no JSON, and of another what is wrong with its first.
            Category::Data | Category::Syntax if is_list && is_whole() => a_list(),
            Category::Data => unfit(bytes, &error),
            _ if error.to_string().starts_with("recursion limit") => {
                Problem::bad_request(format!("The JSON is nested too deeply ({place})."))
            }
            Category::Syntax | Category::Eof | Category::Io => {
                Problem::bad_request(format!("The body is not JSON ({place})."))
            }
        }
    })?;
    if is_list { Err(a_list()) } else { Ok(read) }
}

/// Whether a text in JSON holds a NUL, which can stand there only escaped.
fn says_nul(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let escaped = rest.get(at + 1..).unwrap_or_default();
        if escaped.starts_with(b"u0000") {
            return true;
        }
        rest = escaped.get(1..).unwrap_or_default();
    }
    false
}

/// What does not fit, and where: the field by its name, and what belongs there. What stands there is not quoted.
fn unfit(bytes: &[u8], error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let quotes_value = said.starts_with("invalid type") || said.starts_with("invalid value");
    let said = match said.rsplit_once("expected ").filter(|_| quotes_value) {
        Some((_, expected)) => format!("expected {expected}"),
        None => said.to_owned(),
    };
    let is_about_object = said.starts_with("unknown field") || said.starts_with("missing field");
    match field_at(bytes, error.line(), error.column()).filter(|_| !is_about_object) {
        Some(field) => Problem::invalid(format!("`{field}` does not fit: {said}.")).with("field", field),
        None => Problem::invalid(format!("The JSON does not fit: {said}.")),
    }
}

/// The member of the outermost object whose value holds that place.
fn field_at(bytes: &[u8], line: usize, column: usize) -> Option<String> {
    let before: usize = bytes.split_inclusive(|byte| *byte == b'\n').take(line.checked_sub(1)?).map(<[u8]>::len).sum();
    let seen = bytes.get(..(before + column).min(bytes.len()))?;
    let (mut depth, mut at, mut last, mut field) = (0_usize, 0, None, None);
    while let Some(byte) = seen.get(at) {
        match byte {
            b'"' => {
                let rest = seen.get(at + 1..)?;
                let mut escaped = false;
                let length = rest.iter().position(|byte| {
                    let ends = *byte == b'"' && !escaped;
                    escaped = *byte == b'\\' && !escaped;
                    ends
                });
                let Some(length) = length else { break };
                last = rest.get(..length);
                at += length + 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 1 => field = last,
            _ => {}
        }
        at += 1;
    }
    let field: String = String::from_utf8_lossy(field?).chars().take(MAX_FIELD_CHARS).collect();
    Some(field).filter(|field| !field.is_empty())
}

/// How much of a field's name an answer repeats.
const MAX_FIELD_CHARS: usize = 64;

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (head, body) = request.into_parts();
        kind_is(&head.headers, "application/x-www-form-urlencoded")?;
        let bytes = read(app, &head.headers, body, app.settings.limits.body_bytes).await?;
        let unreadable = |_| Problem::bad_request("The form cannot be read. Load its page again.");
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).map_err(unreadable)?;
        if fields.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Problem::bad_request("A field holds a NUL character, which no keyboard types: leave it out."));
        }
        let token = fields.iter().find(|(name, _)| name == auth::TOKEN_FIELD).map(|(_, value)| value.as_str());
        auth::check_token(head.extensions.get::<Principal>(), &head.headers, token)?;
        let rest: Vec<_> = fields.iter().filter(|(name, _)| name != auth::TOKEN_FIELD).collect();
        let text = serde_urlencoded::to_string(rest).map_err(|_| Problem::broken())?;
        let read = serde_urlencoded::from_str(&text);
        read.map(Self).map_err(|error| Problem::invalid(format!("The form does not fit: {error}.")))
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        if query.contains("%00") {
            return Err(Problem::bad_request("The address holds a NUL character (`%00`): leave it out."));
        }
        let read = serde_urlencoded::from_str(query);
        read.map(Self).map_err(|error| Problem::bad_request(format!("The address does not fit: {error}.")))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[allow(dead_code, reason = "read by the derive alone")]
        count: u8,
    }

    #[test]
    fn json_is_refused_in_words_that_quote_no_value() {
        let check = |text: &str, expected: Result<(), (u16, &str)>| {
            let read = read_json::<Wanted>(text.as_bytes()).map(|_| ());
            let told = read.map_err(|problem| (problem.status.as_u16(), problem.detail));
            match (told, expected) {
                (Ok(()), Ok(())) => {}
                (Err((status, detail)), Err((wanted, part))) => {
                    assert!(status == wanted && detail.contains(part), "{text}: {status} {detail}");
                }
                (told, _) => panic!("{text}: {told:?}"),
            }
        };
        check("{\"count\": 3}", Ok(()));
        check("{\"count\": 3", Err((400, "not JSON (line 1")));
        check("", Err((400, "not JSON")));
        check("[\"Ann\"]", Err((422, "is a list")));
        check("{\"count\": -1}", Err((422, "`count` does not fit: expected u8")));
        check("{\"count\": \"Ann\"}", Err((422, "`count` does not fit: expected u8")));
        check("{\n \"count\": {\"a\\\"\": [1]}}", Err((422, "`count` does not fit: expected u8")));
        check("{\"count\": 3, \"cuont\": 4}", Err((422, "`cuont`")));
        check(&"[".repeat(100_000), Err((422, "does not fit")));
        check("{\"count\": \"a\\\\u0000\"}", Err((422, "`count` does not fit: expected u8")));
        check("{\"count\": \"a\\\\\\u0000\"}", Err((422, "NUL")));
        check("{\"a\\u0000\": 3}", Err((422, "NUL")));
        assert!(read_json::<serde_json::Value>("[".repeat(100_000).as_bytes()).unwrap_err().detail.contains("deeply"));
    }
}
