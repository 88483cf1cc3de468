//! Phone history, read from archives as they come: well-made, odd, and hostile. Live sources, read from a sim.
#![allow(clippy::unwrap_used, missing_docs)]

#[macro_use]
mod suite;

mod history;
mod hostile;
mod house;
mod property;
mod row;
mod servicetitan;
mod support;
mod wild;
