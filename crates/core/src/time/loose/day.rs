//! The date of a loose time.

use super::cursor::Cursor;
use super::{BadTime, Moment};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Shortest form of the name of a month or weekday.
const MIN_NAME: usize = 3;
/// Two-digit years from here on are of the last century (as POSIX `strptime` has it).
const LAST_CENTURY_FROM: i16 = 69;

/// Reads a date and stands before the clock time.
pub(super) fn read(cursor: &mut Cursor<'_>, moment: &mut Moment) -> Result<(), BadTime> {
    cursor.attempt(|cursor| named(cursor.word()?, &WEEKDAYS));
    cursor.skip(&[' ', ',', '.']);
    let ways = [compact, year_first, numbers, month_first, day_first];
    let (year, month, day) = ways.into_iter().find_map(|way| cursor.attempt(way)).ok_or(BadTime::NotATime)?;
    (moment.year, moment.month, moment.day) = (year, month, day);
    Ok(())
}

/// Year, month, day; the year is [`NO_YEAR`] where it comes after the clock time.
type Day = (i16, i8, i8);
const NO_YEAR: i16 = -1;

/// `Tue Mar 5 14:03:22 2024`: C and Unix put the year last.
pub(super) fn read_year_after_clock(cursor: &mut Cursor<'_>, moment: &mut Moment) -> Result<(), BadTime> {
    if moment.year == NO_YEAR {
        cursor.skip(&[' ']);
        moment.year = cursor.number(4, 4).ok_or(BadTime::NotATime)?;
    }
    Ok(())
}

/// `20240305`, as in ISO 8601's basic form; `20240305140322` leaves the clock time standing.
fn compact(cursor: &mut Cursor<'_>) -> Option<Day> {
    let digits = cursor.leading_digits(8, &[8, 14])?;
    Some((digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?))
}

/// `2024-03-05`, `2024/3/5`.
fn year_first(cursor: &mut Cursor<'_>) -> Option<Day> {
    let year = cursor.number(4, 4)?;
    let mark = cursor.mark(&['-', '/', '.'])?;
    let month = cursor.number(1, 2)?;
    cursor.mark(&[mark])?;
    Some((year, month, cursor.number(1, 2)?))
}

/// `3/5/2024`, `03-05-24`; `5.3.2024`.
fn numbers(cursor: &mut Cursor<'_>) -> Option<Day> {
    let first = cursor.number(1, 2)?;
    let mark = cursor.mark(&['/', '-', '.'])?;
    let second = cursor.number(1, 2)?;
    cursor.mark(&[mark])?;
    let year = year(cursor)?;
    let day_first = mark == '.' || (first > 12 && second <= 12);
    Some(if day_first { (year, second, first) } else { (year, first, second) })
}

/// `Mar 5, 2024`, `March 5th 2024`, `Mar 5 14:03:22 2024`.
fn month_first(cursor: &mut Cursor<'_>) -> Option<Day> {
    let month = named(cursor.word()?, &MONTHS)?;
    cursor.skip(&[' ', '.', '-']);
    let day = day_of_month(cursor)?;
    cursor.skip(&[' ', ',', '-']);
    Some((cursor.attempt(year_before_clock).unwrap_or(NO_YEAR), month, day))
}

/// `5 Mar 2024`, `5-Mar-24`, `5. March 2024`.
fn day_first(cursor: &mut Cursor<'_>) -> Option<Day> {
    let day = day_of_month(cursor)?;
    cursor.skip(&[' ', '.', '-', '/']);
    let month = named(cursor.word()?, &MONTHS)?;
    cursor.skip(&[' ', '.', ',', '-', '/']);
    Some((year(cursor)?, month, day))
}

fn year_before_clock(cursor: &mut Cursor<'_>) -> Option<i16> {
    let year = year(cursor)?;
    (!cursor.starts_with(':')).then_some(year)
}

fn year(cursor: &mut Cursor<'_>) -> Option<i16> {
    let digits = cursor.digits(2, 4)?;
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        4 => Some(year),
        2 if year >= LAST_CENTURY_FROM => Some(1900 + year),
        2 => Some(2000 + year),
        _ => None,
    }
}

fn day_of_month(cursor: &mut Cursor<'_>) -> Option<i8> {
    let day = cursor.number(1, 2)?;
    cursor.attempt(|cursor| matches!(cursor.word()?, "st" | "nd" | "rd" | "th").then_some(()));
    Some(day)
}

/// Which of `names` the word is or starts, counted from 1.
fn named(word: &str, names: &[&str]) -> Option<i8> {
    let at = names.iter().position(|name| word.len() >= MIN_NAME && name.starts_with(word));
    // Americans write September with four letters and Tuesday and Thursday with four or five, all of them starts.
    i8::try_from(at? + 1).ok()
}
