//! The engine on real stores: SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, missing_docs)]

mod alike;
mod crash;
mod find_or_create;
mod house;
mod import;
mod rebuild;
mod worker;
