//! A pace that all calls with one credential keep together.

use std::sync::Mutex;
use std::time::Duration;

use doorstep_core::Timestamp;

use super::Surroundings;

/// The longest that a clock which was set back can make anybody wait.
const LONGEST_QUEUE: Duration = Duration::from_secs(60);

/// So many calls in a second; a quiet while leaves room for a burst on top of that.
#[derive(Debug)]
pub(crate) struct Pace {
    interval_micros: i64,
    burst_micros: i64,
    /// When the next call may leave, in microseconds of the clock, if no burst is left.
    next: Mutex<i64>,
}

impl Pace {
    /// `per_second` calls in a second, at least one, and `burst` more after a quiet while.
    pub fn new(per_second: u32, burst: u32) -> Self {
        let interval_micros = 1_000_000 / i64::from(per_second.max(1));
        Self { interval_micros, burst_micros: interval_micros * i64::from(burst), next: Mutex::new(i64::MIN) }
    }

    /// Takes the next place in the line and says how long to wait for it.
    fn take(&self, now: Timestamp) -> Duration {
        let now = now.micros();
        // Nothing that panics is done under the lock; were it poisoned, the number in it is still one.
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let longest = i64::try_from(LONGEST_QUEUE.as_micros()).unwrap_or(i64::MAX);
        let earliest = if *next > now.saturating_add(longest) { now } else { *next };
        let at = earliest.max(now.saturating_sub(self.burst_micros));
        *next = at.saturating_add(self.interval_micros);
        Duration::from_micros(u64::try_from(at.saturating_sub(now)).unwrap_or(0))
    }

    /// Waits for the next place.
    pub async fn wait(&self, surroundings: &Surroundings) {
        let wait = self.take(surroundings.clock.now());
        if !wait.is_zero() {
            surroundings.sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_calls_than_the_pace_and_the_burst() {
        let pace = Pace::new(40, 15);
        // Everybody asks at once: the worst there is.
        let now = Timestamp::from_micros(1_000_000_000);
        let left: Vec<Duration> = (0..2_000).map(|_| pace.take(now)).collect();
        for from in 0..480 {
            let range = Duration::from_millis(from * 100)..Duration::from_millis(from * 100 + 1_000);
            let within = left.iter().filter(|at| range.contains(at)).count();
            let most = if from == 0 { 56 } else { 40 };
            assert!(within <= most, "{range:?}: {within}");
            assert!(within >= 39, "{range:?}: {within}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting() {
        let pace = Pace::new(50, 10);
        let late = Timestamp::from_micros(0).plus_seconds(86_400 * 365);
        pace.take(late);
        assert_eq!(pace.take(late.plus_seconds(-86_400)), Duration::ZERO);
    }
}
