//! The system's clock: the only place that asks the operating system for the time, or for randomness.

use std::hash::{BuildHasher, Hasher};
use std::time::UNIX_EPOCH;

use doorstep_core::{Clock, IdMaker, Timestamp};

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
        let now = std::time::SystemTime::now();
        let micros = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_micros()).unwrap_or(i64::MAX),
        };
        Timestamp::from_micros(micros)
    }
}

/// A maker of ids whose random bits differ in every process: the keys of the standard library's hash come from the
/// operating system; time and process id are mixed in for systems that start from a frozen image.
pub fn id_maker(clock: &dyn Clock) -> IdMaker {
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_i64(clock.now().micros());
    hasher.write_u32(std::process::id());
    IdMaker::seeded(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_in_this_century_and_makes_ids_that_differ_between_processes() {
        let clock = SystemClock;
        assert!(clock.now().in_zone(&doorstep_core::time::Zone::utc()).starts_with("20"));
        let (one, other) = (id_maker(&clock), id_maker(&clock));
        let at = Timestamp::from_micros(1_772_463_600_000_000);
        assert_ne!(one.make::<doorstep_core::id::Customer>(at), other.make(at));
    }
}
