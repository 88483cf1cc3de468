//! The sim from outside, over HTTP.

mod control;
mod export;
mod fault;
mod grant;
mod house;
mod list;
mod spec;
