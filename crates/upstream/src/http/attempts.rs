//! How often and how patiently a call is tried.

use std::time::Duration;

use doorstep_core::Timestamp;

use super::{Surroundings, Trouble};
use crate::source::Failure;

/// How often a call is tried, the first time included. After that the engine waits, with the connection's own schedule.
pub(crate) const MAX_ATTEMPTS: u32 = 5;
/// The wait before the second try is at most this; each further one is at most twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait between two tries: longer ones are for the engine, which holds nothing while it waits.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest wait that an upstream may ask the engine for. Who asks for a year is not believed.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

/// The longest that the tries of one call may take together before the last of them: whoever waits for it holds a lease
/// meanwhile.
const LONGEST_TRYING: Duration = Duration::from_secs(5 * 60);

/// The tries of one call.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    surroundings: &'a Surroundings,
    made: u32,
    began: Timestamp,
}

impl<'a> Attempts<'a> {
    pub fn new(surroundings: &'a Surroundings) -> Self {
        Self { surroundings, made: 0, began: surroundings.clock.now() }
    }

    /// Waits until the call may be tried again.
    ///
    /// # Errors
    /// The [`Failure`] where it may not: trying again is of no use, or it was tried often enough.
    pub async fn after(&mut self, trouble: Trouble) -> Result<(), Failure> {
        self.made += 1;
        let (asked, why) = match trouble {
            Trouble::Passing { asked, why, .. } => (asked, why),
            Trouble::Settled(failure) => return Err(failure),
        };
        let asked = asked.map(|asked| asked.min(LONGEST_ASKED));
        let tried = self.surroundings.clock.now().micros().saturating_sub(self.began.micros());
        let is_late = Duration::from_micros(tried.unsigned_abs()) > LONGEST_TRYING;
        if is_late || self.made >= MAX_ATTEMPTS || asked.is_some_and(|asked| asked > LONGEST_WAIT) {
            return Err(Failure::Retry { after: asked, why });
        }
        let most = FIRST_WAIT.saturating_mul(1 << (self.made - 1)).min(LONGEST_WAIT);
        // Anything between nothing and the most: many that failed together do not come again together. What the
        // upstream asked for is waited in full, and a little of chance on top of it.
        let wait = asked.unwrap_or(Duration::ZERO) + self.surroundings.up_to(most);
        self.surroundings.sleep(wait).await;
        Ok(())
    }
}

/// The wait that a `Retry-After` asks for: seconds, or an instant of HTTP. `None` where it is neither.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // Longer than a number of seconds can be: as long as may be asked.
        return Some(header.parse().map_or(LONGEST_ASKED, Duration::from_secs));
    }
    let at = Timestamp::from_http_date(header)?;
    Some(Duration::from_micros(u64::try_from(at.micros().saturating_sub(now.micros())).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_the_clock() {
        let now: Timestamp = "1994-11-06T08:49:00Z".parse().unwrap();
        let check = |header: &str, expected: Option<u64>| {
            assert_eq!(retry_after(header, now), expected.map(Duration::from_secs), "{header}");
        };
        check("7", Some(7));
        check(" 120 ", Some(120));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(37));
        check("Sun, 06 Nov 1994 08:48:00 GMT", Some(0));
        check("99999999999999999999999", Some(3_600));
        for none in ["", "-1", "1.5", "soon", "Someday, 06 Nov 1994"] {
            check(none, None);
        }
    }
}
