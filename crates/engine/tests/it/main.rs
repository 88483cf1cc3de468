//! The engine on real stores: SQLite and PostgreSQL.

#![allow(clippy::unwrap_used, missing_docs)]

mod find_or_create;
mod house;
mod import;
