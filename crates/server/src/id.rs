//! The id of a request: on every answer, in every problem and in every line of the log, so that a person can name the
//! moment that went wrong. Always ours; what a caller sends is not trusted to be short, unique or harmless.

use doorstep_core::id::{Id, Kind};

/// One request to one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {}

impl Kind for Request {
    const PREFIX: &'static str = "req";
    const NOUN: &'static str = "request";
}

/// Id of a request: `req_…`.
pub type RequestId = Id<Request>;

/// The header that carries it.
pub const HEADER: &str = "x-request-id";
