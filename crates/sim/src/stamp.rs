//! Moments of a world's clock, in the grain and the shapes that ServiceTitan writes them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;

/// Nanoseconds of a tick: .NET's grain, which is why its times have up to seven digits after the point.
const TICK_NANOSECONDS: i128 = 100;
/// Ticks of a microsecond.
const TICKS_PER_MICROSECOND: i64 = 10;
/// Ticks of a second.
pub(crate) const TICKS_PER_SECOND: i64 = 10_000_000;

/// A moment, in ticks of 100 ns since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp(pub i64);

impl Stamp {
    /// A moment in microseconds since 1970 in UTC, as the hub counts them.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(TICKS_PER_MICROSECOND))
    }

    /// The same; what is finer is cut off.
    pub fn micros(self) -> i64 {
        self.0.div_euclid(TICKS_PER_MICROSECOND)
    }

    /// Reads what may stand in a query: RFC 3339, a time without a zone (UTC), or a date alone (its midnight, UTC).
    pub fn parse(text: &str) -> Option<Self> {
        let midnight = |date: Date| date.to_datetime(jiff::civil::Time::midnight());
        let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        // A date has ten characters; jiff would read one out of a longer text, too.
        let as_date = || if text.len() == 10 { text.parse().ok().map(midnight).and_then(utc) } else { None };
        let timestamp =
            text.parse::<Timestamp>().ok().or_else(as_date).or_else(|| text.parse::<DateTime>().ok().and_then(utc))?;
        Some(timestamp.into())
    }

    /// So much later.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(ticks(time)))
    }

    /// So much earlier.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(ticks(time)))
    }

    /// As the `Date` of an answer: whole seconds, as RFC 9110 says.
    pub fn http_date(self) -> String {
        DateTimePrinter::new().timestamp_to_rfc9110_string(&self.timestamp()).unwrap_or_default()
    }

    /// As the date alone, UTC.
    pub fn date(self) -> String {
        self.timestamp().to_zoned(TimeZone::UTC).date().to_string()
    }

    fn timestamp(self) -> Timestamp {
        // Every stamp comes from a timestamp, or from one by adding; what left the calendar is its nearest end.
        let end = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_nanosecond(i128::from(self.0) * TICK_NANOSECONDS).unwrap_or(end)
    }
}

fn ticks(time: Duration) -> i64 {
    i64::try_from(time.as_nanos() / 100).unwrap_or(i64::MAX)
}

impl From<Timestamp> for Stamp {
    fn from(timestamp: Timestamp) -> Self {
        // A timestamp's range in ticks fits into 64 bits.
        Self((timestamp.as_nanosecond().div_euclid(TICK_NANOSECONDS)) as i64)
    }
}

/// RFC 3339 in UTC with as many digits after the point as are not nought, as .NET writes it.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl serde::Serialize for Stamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_what_the_upstream_does() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Stamp::parse(text).map(|stamp| stamp.to_string()).as_deref(), expected, "{text}");
        };
        check("2026-11-19T08:00:00.1234567Z", Some("2026-11-19T08:00:00.1234567Z"));
        check("2026-11-19T08:00:00.5130000Z", Some("2026-11-19T08:00:00.513Z"));
        check("2026-11-19T03:00:00-05:00", Some("2026-11-19T08:00:00Z"));
        check("2026-11-19T08:00:00", Some("2026-11-19T08:00:00Z"));
        check("2020-01-01", Some("2020-01-01T00:00:00Z"));
        check("2026-11-19T08:00:00 00:00", None);
        check("yesterday", None);
        check("", None);
    }

    #[test]
    fn dates_an_answer() {
        let stamp = Stamp::parse("2026-11-19T08:00:00.99Z").unwrap();
        assert_eq!(stamp.http_date(), "Thu, 19 Nov 2026 08:00:00 GMT");
        assert_eq!(stamp.after(Duration::from_millis(10)).to_string(), "2026-11-19T08:00:01Z");
    }
}
