//! The words and the rules: every noun of Doorstep and every decision it takes.
//!
//! Nothing here does I/O, is async, or reads a clock: values and `now` go in, values come out.
//! That is what makes matching, survivorship and schedules testable by table and by property.

pub mod address;
pub mod api_key;
pub mod audit;
pub mod changeover;
pub mod connection;
pub mod consent;
pub mod contact;
pub mod context;
pub mod conversation;
pub mod customer;
pub mod edit;
pub mod email;
pub mod equipment;
pub mod id;
pub mod identifier;
pub mod identity;
pub mod import;
pub mod job;
pub mod limit;
pub mod linkage;
mod masked;
pub mod matching;
pub mod membership;
pub mod money;
pub mod name;
pub mod one_time_link;
mod open_word;
pub mod parallel;
pub mod passage;
pub mod password;
pub mod permission;
pub mod phone;
pub mod pin;
pub mod planted;
pub mod position;
pub mod property;
pub mod record;
pub mod remark;
pub mod rule_set;
pub mod schedule;
pub mod session;
mod slip;
pub mod source;
pub mod survivorship;
pub mod sync;
pub mod tenant;
pub mod time;
pub mod token;
pub mod user;
pub mod verification;

pub use id::{Id, IdMaker};
pub use tenant::{Scope, TenantId};
pub use time::{Clock, Timestamp};
