//! Who Doorstep talks to: one folder per source, each with its declaration, wire types and mapping.
//!
//! A source keeps no state and never sees the store: what comes in is bytes, what goes out are rows or a reason why not.
//! Files become ours at once (`contact_file`, `phone_history`); live sources tell rows in their own words, which are
//! stored and become ours from there ([`source::Mapping`]). How to talk to them is [`http`]'s business.

pub mod contact_file;
mod html;
pub mod http;
pub mod phone_history;
pub mod reference;
pub mod servicetitan;
pub mod source;
pub mod upstreams;
pub mod walk;

pub use upstreams::Upstreams;
