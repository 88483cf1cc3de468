//! The server as its callers meet it: over TCP, on both databases.

#![allow(clippy::unwrap_used, missing_docs)]

mod api;
mod asset;
mod auth;
mod connected;
mod entry;
mod health;
mod hostile;
mod house;
mod isolated;
mod limits;
mod live;
mod log;
mod looks;
mod mcp;
mod page;
mod problem;
mod sign_in;
mod stranger;
mod wire;
