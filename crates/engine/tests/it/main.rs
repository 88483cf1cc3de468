//! The engine on real stores: SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests stand in for several callers")]

mod alike;
mod api_key;
mod audit;
mod changeover;
mod connected;
mod context;
mod crash;
mod edit;
mod explain;
mod find_or_create;
mod house;
mod idempotency;
mod import;
mod job;
mod listing;
mod log;
mod mark;
mod merge;
mod missing;
mod passage;
mod past;
mod place;
mod prune;
mod rebuild;
mod remark;
mod session;
mod sync;
mod tenant;
mod timeline;
mod told_again;
mod upload;
mod user;
mod verification;
mod worker;
