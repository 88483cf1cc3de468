//! Instants, zones and clocks. Instants are microseconds since 1970 in UTC, from our clock or as said upstream.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod date;
mod loose;

pub use date::{BadDate, Date, MONTHS};
pub use loose::{BadTime, parse_loose};

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This instant moved by `micros` (may be negative); stops at the ends of the range.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This instant moved by whole seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }

    /// As a person in `zone` writes it: `2024-11-02 14:03`.
    pub fn in_zone(self, zone: &Zone) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => at.to_zoned(zone.0.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
            Err(_) => "out of range".to_owned(),
        }
    }
}

/// A length of time as people write it: `14 days`, `2w 3d`, `36h`; a bare number counts days of 24 hours. `None` for
/// what is none, is not above zero, or has no fixed length (a month).
pub fn parse_length(text: &str) -> Option<Duration> {
    let text = text.trim();
    let days = text.parse::<u32>().ok().map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60));
    let said = || {
        let span: jiff::Span = text.parse().ok()?;
        let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
        Duration::try_from(length).ok()
    };
    days.or_else(said).filter(|length| !length.is_zero())
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => f.write_str("out of range"),
        }
    }
}

/// A text that is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an instant like `2024-03-05T16:44:55Z`")]
pub struct BadInstant;

impl FromStr for Timestamp {
    type Err = BadInstant;

    /// RFC 3339 with a zone or an offset; at most nine digits behind the point, of which six are kept.
    fn from_str(text: &str) -> Result<Self, BadInstant> {
        text.parse::<jiff::Timestamp>().map(|at| Self(at.as_microsecond())).map_err(|_| BadInstant)
    }
}

impl Timestamp {
    /// The instant that a `Date` or `Retry-After` of HTTP names (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37
    /// GMT`. The two forms that the rule calls obsolete are not read.
    pub fn from_http_date(text: &str) -> Option<Self> {
        let at = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
        Some(Self(at.timestamp().as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An IANA time zone, such as `America/New_York`; its rules are inside the binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(pub(crate) jiff::tz::TimeZone);

/// A zone name that the tz database does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone (they look like `America/New_York`)")]
pub struct UnknownZone(String);

impl Zone {
    /// Universal time.
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        jiff::tz::TimeZone::get(text.trim()).map(Self).map_err(|_| UnknownZone(text.chars().take(64).collect()))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where `now` comes from; passed in, never asked of the system by the code that uses it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct TurnableClock(AtomicI64);

impl TurnableClock {
    /// Stands at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.micros()))
    }

    /// Moves on by `seconds`.
    pub fn turn_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TurnableClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_as_upstreams_write_it() {
        let check = |text: &str, expected: Option<&str>| {
            let found = text.parse::<Timestamp>().ok().map(|at| at.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("2026-11-19T08:00:00.1234567Z", Some("2026-11-19T08:00:00.123456Z"));
        check("2026-11-19T08:00:00+02:00", Some("2026-11-19T06:00:00Z"));
        for none in ["", "2026-11-19", "2026-11-19T08:00:00", "soon"] {
            check(none, None);
        }
        let http = |text: &str| Timestamp::from_http_date(text).map(|at| at.to_string());
        assert_eq!(http("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37Z"));
        assert_eq!(http("1994-11-06T08:49:37Z"), None);
        assert_eq!(http(""), None);
    }

    #[test]
    fn a_length_of_time_is_read_as_people_write_it() {
        let check = |text, hours: Option<u64>| {
            assert_eq!(parse_length(text), hours.map(|hours| Duration::from_secs(hours * 3_600)), "{text}");
        };
        check("14", Some(14 * 24));
        check("14 days", Some(14 * 24));
        check(" 2w 3d ", Some(17 * 24));
        check("36h", Some(36));
        for none in ["", "0", "0h", "-3", "-3d", "1 month", "soon", "14 parsecs", "99999999999999999999"] {
            check(none, None);
        }
    }
}
