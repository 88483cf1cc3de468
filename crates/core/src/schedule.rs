//! When a connection is read: every so often, and perhaps only while the business works.
//!
//! The hours are those of the wall clock in the tenant's zone, also on the two days a year on which that clock jumps:
//! every open day has exactly one stretch, never none and never two (T1, T8: elsewhere hours slipped by one, or a task at
//! two in the morning ran twice or not at all).

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::time::{Timestamp, Zone};

/// The shortest time between two runs: upstreams count requests, and a run that finds nothing still costs several.
pub const MIN_INTERVAL_SECONDS: i64 = 60;
/// The longest: a week. Whoever wants less than that switches the connection off and reads by hand.
pub const MAX_INTERVAL_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How far the first run after opening time may be put off, so that a thousand businesses that open at six do not ask at
/// six.
const MAX_JITTER_SECONDS: i64 = 5 * 60;
/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;
/// Days to look ahead: a week, and one more for what begins the day before.
const DAYS_AHEAD: i64 = 9;

/// When a connection is read by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// Whether it is read by itself at all.
    pub enabled: bool,
    /// From the beginning of one run to that of the next, in seconds.
    pub interval_seconds: i64,
    /// The hours of the tenant's wall clock in which runs begin; at any time without.
    pub window: Option<Window>,
}

/// An interval that is too short or too long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("every {0} seconds is not possible: the interval must be between one minute and seven days")]
pub struct BadInterval(i64);

impl Schedule {
    /// A schedule that is on.
    ///
    /// # Errors
    /// The interval is out of range.
    pub fn every(interval_seconds: i64, window: Option<Window>) -> Result<Self, BadInterval> {
        if !(MIN_INTERVAL_SECONDS..=MAX_INTERVAL_SECONDS).contains(&interval_seconds) {
            return Err(BadInterval(interval_seconds));
        }
        Ok(Self { enabled: true, interval_seconds, window })
    }

    /// When the next run is due: not before `after`, not earlier than the interval after `last` (when the last finished
    /// run had begun), and within the window. `of` is the connection, whose place after opening time it decides. `None`
    /// if the schedule is off.
    pub fn next_run(&self, after: Timestamp, zone: &Zone, last: Option<Timestamp>, of: Uuid) -> Option<Timestamp> {
        if !self.enabled {
            return None;
        }
        let due = last.map_or(after, |last| after.max(last.plus_seconds(self.interval_seconds)));
        match self.window {
            Some(window) => window.first_within(due, zone, self.interval_seconds, of),
            None => Some(due),
        }
    }
}

/// Hours of the wall clock on some days of the week: `06:00-20:00`, `mon-fri 07:30-17:00`, `sat,sun 22:00-02:00`.
/// Hours over midnight belong to the day on which they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Bit 0 is Monday.
    days: u8,
    /// Minutes after midnight.
    opens: u16,
    /// Minutes after midnight, 1 to 1440. Not later than `opens`: of the next day.
    closes: u16,
}

/// Hours that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` are no hours (they look like `06:00-20:00` or `mon-fri 07:30-17:00`)")]
pub struct BadWindow(String);

/// All days of the week.
const EVERY_DAY: u8 = 0b111_1111;
const DAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Window {
    /// Six in the morning to eight in the evening, every day: when most home-service offices and their technicians work.
    pub const WORKING_HOURS: Self = Self { days: EVERY_DAY, opens: 6 * 60, closes: 20 * 60 };

    /// Whether a run may begin at `at`.
    pub fn is_open(&self, at: Timestamp, zone: &Zone) -> bool {
        // What is open now began today, or yesterday before midnight.
        self.stretches(at, zone, 1).any(|(opens, closes)| (opens..closes).contains(&at))
    }

    /// The first instant from `due` on that is within the window.
    fn first_within(&self, due: Timestamp, zone: &Zone, interval_seconds: i64, of: Uuid) -> Option<Timestamp> {
        let (opens, closes) = self.stretches(due, zone, DAYS_AHEAD).find(|(_, closes)| due < *closes)?;
        // Who is open all night has nothing to put off at midnight.
        if self.is_open(opens.plus_seconds(-1), zone) {
            return Some(due.max(opens));
        }
        let open_seconds = (closes.micros() - opens.micros()) / 1_000_000;
        let most = MAX_JITTER_SECONDS.min(interval_seconds).min(open_seconds).max(1);
        let jitter = i64::try_from(of.as_u128() % most.unsigned_abs() as u128).unwrap_or_default();
        Some(due.max(opens.plus_seconds(jitter)))
    }

    /// When it opens and closes, from the day before `around` until so many days after.
    fn stretches<'a>(
        &'a self,
        around: Timestamp,
        zone: &'a Zone,
        days_ahead: i64,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> + use<'a> {
        let day = jiff::Timestamp::from_microsecond(around.micros()).ok().map(|at| at.to_zoned(zone.0.clone()).date());
        let days = day.into_iter().flat_map(move |day| {
            (-1..days_ahead).filter_map(move |offset| day.checked_add(jiff::Span::new().days(offset)).ok())
        });
        days.filter(|day| self.is_on(*day)).filter_map(move |day| self.stretch(day, zone))
    }

    fn is_on(&self, day: civil::Date) -> bool {
        self.days & (1 << day.weekday().to_monday_zero_offset()) != 0
    }

    /// When it opens and closes on `day`. What the clock says twice counts as when it says it first. If the clock jumps
    /// over the opening, it opens when the clock has jumped, by as much later, and stays open as long as ever.
    fn stretch(&self, day: civil::Date, zone: &Zone) -> Option<(Timestamp, Timestamp)> {
        let last_day = if self.closes > self.opens { day } else { day.tomorrow().ok()? };
        let opens = at_minute(day, self.opens)?;
        let closes = at_minute(last_day, self.closes)?;
        let opening = zone.0.to_ambiguous_zoned(opens);
        let is_jumped_over = matches!(opening.offset(), jiff::tz::AmbiguousOffset::Gap { .. });
        let opening = opening.compatible().ok()?.timestamp();
        let closing = match is_jumped_over {
            true => opening.checked_add(opens.duration_until(closes)).ok()?,
            false => zone.0.to_ambiguous_zoned(closes).compatible().ok()?.timestamp(),
        };
        Some((Timestamp::from_micros(opening.as_microsecond()), Timestamp::from_micros(closing.as_microsecond())))
    }
}

/// A minute of a day; 1440 is the next midnight.
fn at_minute(day: civil::Date, minute: u16) -> Option<civil::DateTime> {
    let day = if minute == DAY_MINUTES { day.tomorrow().ok()? } else { day };
    let minute = minute % DAY_MINUTES;
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    Some(day.at(hour, minute, 0, 0))
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != EVERY_DAY {
            let names: Vec<&str> = (0..7).filter(|day| self.days & (1 << day) != 0).map(|day| DAY_NAMES[day]).collect();
            write!(f, "{} ", names.join(","))?;
        }
        let (opens, closes) = (self.opens, self.closes);
        write!(f, "{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)
    }
}

impl FromStr for Window {
    type Err = BadWindow;

    fn from_str(text: &str) -> Result<Self, BadWindow> {
        let bad = || BadWindow(text.chars().take(64).collect());
        let lower = text.trim().to_lowercase();
        let (days, hours) = match lower.rsplit_once(' ') {
            Some((days, hours)) => (days_of(days.trim()).ok_or_else(bad)?, hours),
            None => (EVERY_DAY, lower.as_str()),
        };
        let (opens, closes) = hours.split_once('-').ok_or_else(bad)?;
        let (opens, closes) = (minute_of(opens).ok_or_else(bad)?, minute_of(closes).ok_or_else(bad)?);
        // Midnight closes a day and opens one.
        let closes = if closes == 0 { DAY_MINUTES } else { closes };
        if opens == DAY_MINUTES || opens == closes {
            return Err(bad());
        }
        Ok(Self { days, opens, closes })
    }
}

fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

/// `mon-fri`, `sat,sun`, `fri-mon`.
fn days_of(text: &str) -> Option<u8> {
    let day_of = |name: &str| DAY_NAMES.iter().position(|day| *day == name.trim());
    let mut days = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day_of(first)?, day_of(last)?);
        let mut day = first;
        loop {
            days |= 1 << day;
            if day == last {
                break;
            }
            day = (day + 1) % 7;
        }
    }
    Some(days)
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
