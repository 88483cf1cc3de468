//! What Doorstep remembers: the only SQL, for SQLite and PostgreSQL.
//!
//! One file per noun; [`dialect`] holds every difference between the two databases; [`system`] the few
//! queries across tenants. Everything else goes through a [`Tx`], which is bound to one tenant.

pub mod api_key;
pub mod audit;
pub mod backup;
pub mod call;
pub mod change;
pub mod changeover;
pub mod connection;
pub mod consent;
pub mod context;
pub mod context_receipt;
pub mod conversation;
pub mod customer;
mod db;
pub mod decision;
pub mod dialect;
pub mod doctor;
pub mod equipment;
mod error;
pub mod idempotency;
pub mod identifier;
mod idle;
pub mod import;
pub mod job;
pub mod listing;
pub mod live_record;
pub mod mark;
pub mod membership;
pub mod message;
pub mod migrate;
pub mod one_time_link;
mod packed;
pub mod past;
pub mod pin;
pub mod property;
pub mod record;
pub mod refresh;
pub mod remark;
pub mod removal;
pub mod review;
mod row_key;
pub mod rule_set;
pub mod schema;
pub mod search;
pub mod session;
mod signal;
mod sql;
pub mod stand;
mod statistics;
pub mod stream_cursor;
pub mod sync;
pub mod system;
pub mod task;
pub mod tenant;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod timeline;
mod tx;
pub mod user;
pub mod value;
pub mod verification;

/// The future is made here, behind a pointer. Left to itself each crate that waits for it, and each unit of code within,
/// makes the future's code anew, with all that it waits for in turn (docs/decisions/0065).
pub(crate) use async_recursion::async_recursion as boxed;
pub use db::{Db, FILE_NAME, Location};
pub use error::{Error, Result};
pub use signal::{Wake, Wakes};
pub use tx::Tx;
