//! Times as exports write them: ISO 8601 and its neighbours, American forms, RFC 2822, counts since 1970.
//!
//! Where a text names no zone, the given zone's clock is meant. A clock time that a zone skips (spring) is moved
//! on by the length of the gap, one that happens twice (autumn) is the first of the two: jiff's "compatible"
//! strategy, which RFC 5545 and most calendars share. `3/5/2024` is the fifth of March, unless the first
//! number cannot be a month; `5.3.2024` is the fifth of March too, since only day-first countries write dots.

mod clock;
mod cursor;
mod day;
mod epoch;

#[cfg(test)]
mod tests;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Timestamp, Zone};
use cursor::Cursor;

/// First year accepted: phones kept no history before, and counts start there.
const MIN_YEAR: i16 = 1970;
/// First year refused: a later time is a misread number.
const END_YEAR: i16 = 2100;
/// Longest text read as a time, in characters; JavaScript's long form has 70.
const MAX_TIME_CHARS: usize = 100;
/// 2100-01-01T00:00:00Z in microseconds.
const END_MICROS: i64 = 4_102_444_800_000_000;

/// Why a text is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    /// Nothing there.
    #[error("no time given")]
    Blank,
    /// Zero, or the first moment of 1970: how programs write that they do not know.
    #[error("the time is zero, so it is not known")]
    Zero,
    /// No form of time that is known.
    #[error("not a date or time that can be read (write it as `2024-03-05 14:03:22`)")]
    NotATime,
    /// Of the right form, but no calendar or clock has it: 30 February, 25 o'clock.
    #[error("there is no such date or time")]
    NoSuchTime,
    /// Not in a year that a customer's history can be of.
    #[error("the time is not between the years {MIN_YEAR} and {END_YEAR}")]
    OutOfRange,
}

/// Reads a time; without a zone of its own it is `zone`'s clock, and without a clock time that day's midnight.
///
/// A count since 1970 is told by its digits: 10 are seconds, 13 milliseconds, 16 microseconds, each with or
/// without a fraction. What is finer than a microsecond is cut off.
///
/// # Errors
/// [`BadTime`] says in words why not.
pub fn parse_loose(text: &str, zone: &Zone) -> Result<Timestamp, BadTime> {
    let text = text.trim();
    if let Some(moment) = usual(text.as_bytes()) {
        return moment.instant(zone);
    }
    if text.chars().nth(MAX_TIME_CHARS).is_some() {
        return Err(BadTime::NotATime);
    }
    let plain: String = text.chars().filter_map(plain_char).collect();
    let plain = plain.trim_matches([' ', '"', '\'', '=']);
    if plain.is_empty() || matches!(plain, "-" | "n/a" | "na" | "none" | "null" | "nan" | "nat" | "unknown") {
        return Err(BadTime::Blank);
    }
    match epoch::read(plain) {
        Some(count) => count,
        None => Moment::read(plain)?.instant(zone),
    }
}

/// A date and clock time as written, not yet checked against calendar and zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Moment {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    micros: i32,
    /// Seconds east of Greenwich, if written.
    offset: Option<i32>,
}

impl Moment {
    fn read(plain: &str) -> Result<Self, BadTime> {
        let mut cursor = Cursor::new(plain);
        let mut moment = Self::default();
        day::read(&mut cursor, &mut moment)?;
        clock::read(&mut cursor, &mut moment)?;
        day::read_year_after_clock(&mut cursor, &mut moment)?;
        if cursor.at_end() { Ok(moment) } else { Err(BadTime::NotATime) }
    }

    fn instant(self, zone: &Zone) -> Result<Timestamp, BadTime> {
        if !(MIN_YEAR..END_YEAR).contains(&self.year) {
            return Err(BadTime::OutOfRange);
        }
        // A leap second has no instant of its own in UTC as computers count it.
        let second = if self.second == 60 { 59 } else { self.second };
        let civil = DateTime::new(self.year, self.month, self.day, self.hour, self.minute, second, self.micros * 1_000)
            .map_err(|_| BadTime::NoSuchTime)?;
        let instant = match self.offset {
            Some(seconds) => Offset::from_seconds(seconds).and_then(|offset| offset.to_timestamp(civil)),
            None => zone.0.to_ambiguous_timestamp(civil).compatible(),
        };
        in_range(instant.map_err(|_| BadTime::NoSuchTime)?.as_microsecond())
    }
}

fn in_range(micros: i64) -> Result<Timestamp, BadTime> {
    match micros {
        0 => Err(BadTime::Zero),
        1..END_MICROS => Ok(Timestamp::from_micros(micros)),
        _ => Err(BadTime::OutOfRange),
    }
}

/// `2024-03-05T14:03:22`, with a blank for the `T`, with `Z` or milliseconds and `Z`: what nearly every row of an
/// export holds, read without cutting it into words. The long way gives the same (see the property in the tests).
fn usual(text: &[u8]) -> Option<Moment> {
    let (civil, rest) = text.split_at_checked(19)?;
    let marks = [civil[4], civil[7], civil[13], civil[16]] == *b"--::" && matches!(civil[10], b'T' | b' ');
    let (micros, offset) = match rest {
        [] => (0, None),
        b"Z" => (0, Some(0)),
        [b'.', millis @ .., b'Z'] if millis.len() == 3 => (number(millis)? * 1_000, Some(0)),
        _ => return None,
    };
    if !marks {
        return None;
    }
    let two = |at: usize| number(&civil[at..at + 2]).and_then(|value| i8::try_from(value).ok());
    Some(Moment {
        year: i16::try_from(number(&civil[..4])?).ok()?,
        month: two(5)?,
        day: two(8)?,
        hour: two(11)?,
        minute: two(14)?,
        second: two(17)?,
        micros,
        offset,
    })
}

/// The value of ASCII digits; `None` for anything else.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i32::from(byte - b'0')))
}

/// Lower case, any space a blank (Google writes a narrow one before `PM`), direction marks dropped.
fn plain_char(c: char) -> Option<char> {
    match c {
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => None,
        _ if c.is_whitespace() => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        _ => Some(c.to_ascii_lowercase()),
    }
}
