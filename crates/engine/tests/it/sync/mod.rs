//! Reading live sources, from a sim of one.

pub mod connected;
mod crowd;
mod history;
mod schedule;
mod story;
mod sweep;
mod trouble;
