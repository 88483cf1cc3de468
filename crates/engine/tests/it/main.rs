//! The engine on real stores: SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests stand in for several callers")]

mod alike;
mod crash;
mod edit;
mod find_or_create;
mod house;
mod import;
mod listing;
mod rebuild;
mod timeline;
mod upload;
mod worker;
