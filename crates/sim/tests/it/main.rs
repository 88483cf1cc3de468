//! The sim from outside, over HTTP.

#![allow(clippy::unwrap_used, missing_docs)]

mod control;
mod export;
mod fault;
mod grant;
mod house;
mod list;
mod spec;
