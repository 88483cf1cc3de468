//! Phone history, read from archives as they come: well-made, odd, and hostile.
#![allow(clippy::unwrap_used, missing_docs)]

mod hostile;
mod property;
mod row;
mod support;
mod wild;
