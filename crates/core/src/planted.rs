//! Planted bugs: mistakes put in on purpose, to see that the tests of a promise find them.
//!
//! `if planted!("name") { … }` is `if false { … }` unless this crate has its feature `planted`, which nothing turns
//! on but `cargo xtask planted`: no manifest names it, a build with optimisation refuses it, and so does the
//! program. With the feature, the environment variable `PLANTED_BUG` says which bug is active in this process; without
//! the variable none is.
//!
//! The list of bugs, with the promise that each breaks and the tests that must notice, is
//! `crates/xtask/src/planted/bugs.rs`.

/// Whether this build can have planted bugs at all. The program refuses to be built with a library that says yes.
pub const ARE_BUILT_IN: bool = cfg!(feature = "planted");

#[cfg(all(feature = "planted", not(debug_assertions)))]
compile_error!("planted bugs are for tests: build without the feature `planted` of doorstep-core");

/// The environment variable that names the active bug.
#[cfg(feature = "planted")]
pub const VARIABLE: &str = "PLANTED_BUG";

/// Whether this bug is the one that the environment names; read once, for a loop may ask.
#[cfg(feature = "planted")]
pub fn is_active(bug: &str) -> bool {
    static ACTIVE: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    #[allow(clippy::disallowed_methods, reason = "tells tests apart, and no build of the product has it")]
    let active = ACTIVE.get_or_init(|| std::env::var(VARIABLE).ok());
    active.as_deref() == Some(bug)
}

/// Whether the planted bug of this name is active: a plain `false` wherever bugs are not built in.
#[cfg(feature = "planted")]
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        $crate::planted::is_active($bug)
    };
}

/// Whether the planted bug of this name is active: a plain `false` wherever bugs are not built in.
#[cfg(not(feature = "planted"))]
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        false
    };
}
