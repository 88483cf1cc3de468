//! What a caller reads when something did not work (RFC 9457): what happened, what it means, what to do.
//!
//! A handler returns a [`Problem`]; how it looks is settled on the way out (`answer`), by who asked: JSON for
//! programs, a fragment for a page that asked in the background, a page for a person. It never holds what a customer is
//! or says, nor what a database said.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_core::tenant::Denied;
use doorstep_engine::context::NotThen;
use doorstep_engine::sentence;
use serde_json::{Map, Value, json};

use crate::id::RequestId;

/// Something did not work.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// What kind of problem it is, for programs: `urn:doorstep:problem:` and this.
    pub kind: &'static str,
    /// What happened, the same words for all problems of a kind.
    pub title: &'static str,
    /// What happened here, and what to do.
    pub detail: String,
    /// Seconds after which trying again may help.
    pub retry_after: Option<u32>,
    /// More for a program to read.
    pub details: Map<String, Value>,
    /// Where a person signs in instead of reading this.
    pub sign_in: bool,
}

/// A handler's answer.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// A problem of that kind.
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, title, detail: detail.into(), retry_after: None, details: Map::new(), sign_in: false }
    }

    /// The request cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be read", detail)
    }

    /// The request can be read and asks for something impossible.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request asks for something that cannot be", detail)
    }

    /// Nobody has signed in.
    pub fn sign_in() -> Self {
        let detail =
            "Sign in, or send an API key as `Authorization: Bearer …`; a session that has ended is signed in again.";
        Self { sign_in: true, ..Self::new(StatusCode::UNAUTHORIZED, "sign-in", "Sign in first", detail) }
    }

    /// The API key opens nothing. Nobody is asked to sign in: whoever sends a key is a program.
    pub fn bad_key() -> Self {
        let detail = "`Authorization` must be `Bearer` and an API key of this server that is neither revoked nor past \
                      its end. Make a new one in the settings, or with `doorstep api-key create`.";
        Self::new(StatusCode::UNAUTHORIZED, "bad-key", "This API key opens nothing", detail)
    }

    /// Whoever asks may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this", detail)
    }

    /// There is no such thing, or none that this tenant has.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here", detail)
    }

    /// It makes no sense as things stand.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "This cannot be done as things stand", detail)
    }

    /// More than we take.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("The request may hold at most {limit} bytes. Nothing of it was kept; send less at once.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large", detail)
    }

    /// Somebody stopped sending.
    pub fn too_slow() -> Self {
        let detail = "The rest of the request did not arrive in time. Nothing of it was kept; send it again.";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "The request did not arrive", detail)
    }

    /// Somebody asks too often.
    pub fn too_many(detail: impl Into<String>, retry_after: u32) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too often", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// Not now.
    pub fn unavailable(detail: impl Into<String>, retry_after: u32) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not right now", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// A mistake of ours.
    pub fn broken() -> Self {
        let detail = "Doorstep made a mistake here, and it is in the log under the request's id. Nothing half done was \
                      kept; trying again does no harm.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "Something broke", detail)
    }

    /// The same with more for a program to read.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// As RFC 9457 writes it.
    pub fn json(&self, request: RequestId) -> Value {
        let mut object = self.details.clone();
        object.insert("type".to_owned(), json!(format!("urn:doorstep:problem:{}", self.kind)));
        object.insert("title".to_owned(), json!(self.title));
        object.insert("status".to_owned(), json!(self.status.as_u16()));
        object.insert("detail".to_owned(), json!(self.detail));
        object.insert("request_id".to_owned(), json!(request));
        Value::Object(object)
    }
}

/// Bare: the body is filled in on the way out.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<doorstep_engine::Error> for Problem {
    fn from(error: doorstep_engine::Error) -> Self {
        use doorstep_core::rule_set::BadThresholds;
        use doorstep_engine::Error;
        let text = sentence(&error.to_string());
        match error {
            Error::Denied(denied) => Self::forbidden(format!("{text} {}", advice(&denied))),
            Error::NotReached(_) => Self::forbidden(text),
            Error::BadName(_) => Self::bad_request(text),
            Error::NotThen(why) => not_then(why, text),
            Error::Store(error) => error.into(),
            Error::NoCustomer(_)
            | Error::NoImport(_)
            | Error::NoReview(_)
            | Error::NoDecision(_)
            | Error::NoRuleSet(_)
            | Error::NoMark(_)
            | Error::NoRemark(_)
            | Error::NoUser(_)
            | Error::NoSession(_)
            | Error::NoApiKey(_)
            | Error::NoConnection(_)
            | Error::NoRun(_)
            | Error::DeadLink => Self::not_found(text),
            Error::AlreadyRunning { run, .. } => {
                Self { kind: "already-running", ..Self::conflict(text) }.with("run", run.to_string())
            }
            Error::Source(_) => Self { kind: "source", ..Self::conflict(text) },
            Error::NoKey | Error::OtherKey | Error::Unsealable => Self { kind: "sealed", ..Self::conflict(text) },
            Error::WrongCode => Self { kind: "wrong-code", ..Self::invalid(text) },
            Error::NotSent(_) => Self::unavailable(text, 60),
            Error::Refused(_)
            | Error::BadPassword(_)
            | Error::BadThresholds(BadThresholds::OutOfRange { .. })
            | Error::WrongSignIn
            | Error::TooConnected { .. } => Self::invalid(text),
            Error::Stale { found, .. } => {
                Self::new(StatusCode::PRECONDITION_FAILED, "stale", "Somebody was quicker", text).with("version", found)
            }
            Error::NotAPlan { .. } => Self { kind: "not-a-plan", ..Self::conflict(text) },
            Error::NotPreviewed(_) => Self { kind: "not-previewed", ..Self::conflict(text) },
            Error::BadValue(bad) => Self::invalid(text).with("field", bad.field.as_str()),
            Error::BadRemark(_) => Self::invalid(text).with("field", "text"),
            Error::BadPosition(_) => Self { kind: "bad-cursor", ..Self::bad_request(text) },
            Error::TooLarge { max_bytes } => Self::too_large(usize::try_from(max_bytes).unwrap_or(usize::MAX)),
            Error::Stopped(_)
            | Error::TakenBack(_)
            | Error::MarkTakenBack(_)
            | Error::RemarkTakenBack(_)
            | Error::StillOne { .. }
            | Error::StillFollowing(_) => Self::conflict(text),
            Error::TooManyPlans => Self::unavailable(text, 30),
            Error::BadAlias(_) => Self::invalid(text).with("field", "aliases"),
            Error::OtherRequest => Self { kind: "other-request", ..Self::invalid(text) },
            Error::Unfit(_)
            | Error::BadThresholds(BadThresholds::Crossed)
            | Error::EmailTaken
            | Error::SeveralTenants(_) => Self::conflict(text),
            Error::TooManyTries(wait) => Self::too_many(text, wait.seconds),
            Error::Overloaded => Self::unavailable(text, 2),
            Error::File { .. } => {
                tracing::error!(%error, "a file could not be read or written");
                Self::broken()
            }
        }
    }
}

/// Why it cannot be told how things stood.
fn not_then(why: NotThen, text: String) -> Problem {
    match why {
        NotThen::TakenOut => Problem::new(StatusCode::GONE, "taken-out", "It was taken out", text),
        NotThen::TooMuch => Problem::conflict(text),
        NotThen::ToCome(_) | NotThen::TooOld { .. } => {
            let title = "That cannot be told as of then";
            Problem::new(StatusCode::BAD_REQUEST, "not-then", title, text).with("field", "as_of")
        }
    }
}

/// What to do about what is denied.
fn advice(denied: &Denied) -> &'static str {
    match denied {
        Denied::Role { .. } => "An owner or an admin can give another role.",
        Denied::Narrowed { .. } => "Use a key that has it.",
        Denied::Above { .. } => "Ask one of them.",
    }
}

impl From<doorstep_store::Error> for Problem {
    fn from(error: doorstep_store::Error) -> Self {
        use doorstep_store::Error;
        match error {
            Error::Busy => Self::unavailable("The database is busy with something long. Try again in a moment.", 2),
            Error::DiskFull => {
                Self::unavailable("The disk is full, so nothing was kept. Free some space and try again.", 60)
            }
            Error::Conflict(what) => Self::conflict(format!("There is a {what} already.")),
            Error::LeaseLost(_)
            | Error::Damaged(_)
            | Error::Newer { .. }
            | Error::Setup(_)
            | Error::Unreadable { .. }
            | Error::Database(_) => {
                tracing::error!(%error, "the store failed");
                Self::broken()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_said_stays_in_the_log() {
        let said = doorstep_store::Error::Database("near `Ann Smith`: syntax error".to_owned());
        let problem = Problem::from(doorstep_engine::Error::Store(said));
        assert_eq!(problem.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!format!("{problem:?}").contains("Ann"), "{problem:?}");
    }

    #[test]
    fn is_written_as_the_standard_says() {
        let id = RequestId::from_uuid(Default::default());
        let json = Problem::unavailable("Later.", 2).with("limit", 5).json(id);
        assert_eq!(json["type"], "urn:doorstep:problem:unavailable");
        assert_eq!(json["status"], 503);
        assert_eq!(json["limit"], 5);
        assert_eq!(json["request_id"], id.to_string());
    }
}
