//! What is counted, and how a Prometheus reads it. Labels are routes, methods and states: never a tenant's name, never
//! a part of an address that says who was looked up.

mod gauge;
mod histogram;
mod request;
mod scrape;
mod sync;

pub(crate) use gauge::{Entered, Gauge};
pub(crate) use histogram::Histogram;
pub(crate) use request::Requests;
pub(crate) use scrape::scrape;

/// Everything that one server counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Requests answered.
    pub(crate) requests: Requests,
    /// Connections open.
    pub(crate) connections: Gauge,
    /// Live streams open.
    pub(crate) streams: Gauge,
    /// From the beginning of a transaction until its changes are with those who watch.
    pub(crate) live_lag: std::sync::Mutex<Histogram>,
}
