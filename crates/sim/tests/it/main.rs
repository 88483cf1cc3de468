//! The sim from outside, over HTTP.

mod export;
mod grant;
mod house;
mod list;
mod spec;
