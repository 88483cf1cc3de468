//! The doors over HTTP: pages for people, JSON for programs, a live stream for both, health and metrics.
//!
//! What this crate never does: SQL, rules about people, anything that another door would have to decide again. Who
//! asks is settled in one place ([`auth`]), before anything of a tenant is touched. Every request runs through
//! `answer`, which gives it an id, a time limit, the security headers, a line in the log and a place in the metrics.

mod answer;
pub mod api;
mod app;
pub mod asset;
pub mod auth;
mod body;
mod bounds;
pub mod cookie;
mod health;
mod host;
pub mod id;
mod listen;
pub mod live;
pub mod mcp;
mod metrics;
mod multipart;
mod origin;
pub mod page;
mod patient;
pub mod problem;
mod routes;
mod settings;

pub use app::App;
pub use body::{Form, Json, Query};
pub use bounds::Limits;
pub use listen::Server;
pub use settings::{PublicUrl, Settings};
