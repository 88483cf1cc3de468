//! The world outside: a sim of an upstream with state, a clock that can be turned, and everything that goes wrong.
//!
//! It is a real HTTP server, so that what is tested against it is what runs. What it answers is what the upstream's
//! documents say; where they are silent, what people who use it have seen; and where nobody knows, a guess that can be
//! switched ([`Manners`]). It imports none of our crates: it must not share our mistakes.

mod bucket;
mod clock;
mod control;
mod fault;
mod listen;
mod log;
mod random;
mod servicetitan;
mod sim;
mod spec;
mod stamp;
mod state;
pub mod world;

pub use clock::{Clock, Now};
pub use fault::{Fault, Faults, Manners, RetryAfter, Rule};
pub use log::Entry;
pub use sim::{Options, Sim};
pub use spec::Specs;
pub use stamp::Stamp;
pub use world::{Credentials, Edit, Kind, NewCustomer, Size, World};
