//! ServiceTitan, from its sim.

mod check;
mod credential;
mod list;
mod look;
mod meaning;
mod settings;
