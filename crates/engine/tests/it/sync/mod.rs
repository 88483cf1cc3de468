//! Reading live sources, from a sim of one.

pub mod connected;
mod history;
mod remap;
mod removal;
mod schedule;
mod story;
mod sweep;
mod trouble;
