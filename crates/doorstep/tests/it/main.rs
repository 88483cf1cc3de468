//! Whole-program stories, named for what a person sees: the real program, on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used)]

mod archive;
mod browser;
mod config;
mod crash;
mod dashboard;
mod decide;
mod help;
mod house;
mod identity;
mod import;
mod live;
mod log;
mod log_format;
mod mark;
mod mcp;
mod pipe;
mod refuse;
mod rule_set;
mod serve;
mod sim;
mod sync;
mod tenant;
mod user;
