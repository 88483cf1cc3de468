//! Phone history, read from archives as they come: well-made, odd, and hostile. Live sources, read from a sim.
#![allow(clippy::unwrap_used, missing_docs)]

mod history;
mod hostile;
mod house;
mod property;
mod row;
mod servicetitan;
mod suite;
mod support;
mod wild;
