//! A day of the calendar without a time: an installation, the end of a warranty.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The months, as they are called in English.
#[rustfmt::skip]
pub const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A day of the calendar. In JSON and in the store it is `2024-03-05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

/// A text that is no day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day like `2024-03-05`")]
pub struct BadDate;

impl Date {
    /// The day of a year (-9999 to 9999), a month and a day, both counted from 1; `None` where there is none such.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }
}

impl FromStr for Date {
    type Err = BadDate;

    /// `2024-03-05`, alone or before a time of day, which is left out: sources write a day as its midnight.
    fn from_str(text: &str) -> Result<Self, BadDate> {
        let day = text.trim().split(['T', ' ']).next().unwrap_or("");
        // The parser takes more (`20240305`, week dates), which no source means.
        let is_plain = day.len() == 10
            && day.bytes().enumerate().all(|(at, b)| match at {
                4 | 7 => b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !is_plain {
            return Err(BadDate);
        }
        day.parse().map(Self).map_err(|_| BadDate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days_and_nothing_else() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(text.parse::<Date>().ok().map(|day| day.to_string()).as_deref(), expected, "{text}");
        };
        check("2024-02-29", Some("2024-02-29"));
        check("2015-06-01T00:00:00Z", Some("2015-06-01"));
        check(" 2015-06-01 10:00 ", Some("2015-06-01"));
        for bad in ["", "2023-02-29", "20240305", "2024-W10-2", "03/05/2024", "soon"] {
            check(bad, None);
        }
    }
}
