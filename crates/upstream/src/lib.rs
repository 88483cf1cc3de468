//! Who Doorstep talks to: one folder per source, each with its declaration, wire types and mapping.
//!
//! A source keeps no state and never sees the store: what comes in is bytes, what goes out are rows in our words
//! or a reason why not.

pub mod contact_file;
mod html;
pub mod http;
pub mod phone_history;
pub mod servicetitan;
pub mod source;
pub mod upstreams;
pub mod walk;

pub use upstreams::Upstreams;
