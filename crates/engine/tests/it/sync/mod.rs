//! Reading live sources, from a sim of one.

pub mod connected;
mod crowd;
mod fresh;
mod gated;
mod history;
mod refresh;
mod remap;
mod removal;
mod schedule;
mod story;
mod sweep;
mod trouble;
