//! What one caller may take: every wait and every size has an end.

use std::time::Duration;

/// Routes that take files of any length, or read one again: there the pace of the body is limited, and the whole by
/// [`Limits::file_time`].
const WITH_FILES: [&str; 4] =
    ["/imports", "/imports/{id}/apply", "/api/v1/imports/phone-history", "/api/v1/imports/{import}/apply"];

/// The limits of a server; tests make them smaller.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; the next ones wait in the system's queue until one ends. A live page is one connection.
    pub connections: usize,
    /// How long the head of a request may take, and how long a connection may wait for its next request.
    pub head_time: Duration,
    /// Headers of one request.
    pub headers: usize,
    /// Bytes of the head of one request.
    pub head_bytes: usize,
    /// Bytes of a body, where a route does not say otherwise.
    pub body_bytes: usize,
    /// Bytes of an archive that is uploaded: ten years of a busy office, packed, are a tenth of it.
    pub upload_bytes: u64,
    /// How long a body may stand still: a slow sender is one thing, a silent one another.
    pub body_pause: Duration,
    /// How long an answer may wait for a reader that takes nothing.
    pub write_pause: Duration,
    /// How long a request may take until its answer begins.
    pub request_time: Duration,
    /// The same where a file comes along.
    pub file_time: Duration,
    /// How long the form that brought an archive waits for its dry run; then a page shows how far it is.
    pub plan_patience: Duration,
    /// How long requests under way may take when the server stops.
    pub farewell: Duration,
    /// Live streams of one tenant.
    pub streams_per_tenant: usize,
    /// Silence on a live stream after which a comment shows that it is alive.
    pub heartbeat: Duration,
    /// How often a live stream asks again whether who listens may still do so.
    pub recheck: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            head_time: Duration::from_secs(15),
            headers: 100,
            head_bytes: 32 * 1024,
            body_bytes: 1024 * 1024,
            upload_bytes: 4 << 30,
            body_pause: Duration::from_secs(15),
            write_pause: Duration::from_secs(30),
            request_time: Duration::from_secs(30),
            file_time: Duration::from_secs(3_600),
            plan_patience: Duration::from_secs(1),
            farewell: Duration::from_secs(30),
            streams_per_tenant: 2_048,
            heartbeat: Duration::from_secs(15),
            recheck: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// How long a request to that route may take until its answer begins.
    pub(crate) fn time_of(&self, route: &str) -> Duration {
        if WITH_FILES.contains(&route) { self.file_time } else { self.request_time }
    }
}
