//! What ServiceTitan says when it does not do something: `ApiErrorResponse`, by the example of RFC 7807.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// A request that is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    title: String,
    errors: Map<String, Value>,
}

impl Refusal {
    /// With a status and a sentence.
    pub fn new(status: StatusCode, title: &str) -> Self {
        Self { status, title: title.to_owned(), errors: Map::new() }
    }

    /// 400: a field or parameter is wrong.
    pub fn field(name: &str, message: &str) -> Self {
        let errors = Map::from_iter([(name.to_owned(), json!([message]))]);
        let title = "One or more validation errors occurred.".to_owned();
        Self { status: StatusCode::BAD_REQUEST, title, errors }
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// The body; `number` is the request's.
    pub fn body(&self, number: u64) -> Value {
        json!({
            "type": format!("https://httpstatuses.io/{}", self.status.as_u16()),
            "title": self.title,
            "status": self.status.as_u16(),
            "traceId": format!("0HSIM{number:08X}:00000001"),
            "errors": self.errors,
            "data": {},
        })
    }
}
