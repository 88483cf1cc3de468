//! Planted bugs: mistakes put in on purpose, to see that the tests of a promise find them.
//!
//! `if planted!("name") { … }` is `if false { … }` in the program that is released. Where debug assertions are on, which
//! is where tests are, the environment variable `PLANTED_BUG` says which bug is active in this process; without the
//! variable none is. So the programs that `cargo xtask test` has built are those that `cargo xtask planted` runs
//! (docs/decisions/0062).
//!
//! The list of bugs, with the promise that each breaks and the tests that must notice, is
//! `crates/xtask/src/planted/bugs.rs`.

/// Whether this build can have planted bugs at all. A program to be released refuses a library that says yes.
pub const ARE_BUILT_IN: bool = cfg!(debug_assertions);

/// The environment variable that names the active bug.
#[cfg(debug_assertions)]
pub const VARIABLE: &str = "PLANTED_BUG";

/// Whether this bug is the one that the environment names; read once, for a loop may ask.
#[cfg(debug_assertions)]
pub fn is_active(bug: &str) -> bool {
    static ACTIVE: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    #[allow(clippy::disallowed_methods, reason = "tells tests apart, and no release has it")]
    let active = ACTIVE.get_or_init(|| std::env::var(VARIABLE).ok());
    active.as_deref() == Some(bug)
}

/// Whether the planted bug of this name is active: a plain `false` wherever bugs are not built in.
#[cfg(debug_assertions)]
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        $crate::planted::is_active($bug)
    };
}

/// Whether the planted bug of this name is active: a plain `false` wherever bugs are not built in.
#[cfg(not(debug_assertions))]
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        false
    };
}
