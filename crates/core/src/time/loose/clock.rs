//! The clock time and the zone of a loose time.

use super::cursor::Cursor;
use super::{BadTime, Moment};

/// Longest fraction of a second read, in digits: nanoseconds, as the finest clocks write.
const MAX_FRACTION_DIGITS: usize = 9;
/// Zone names with a fixed meaning in RFC 2822 (4.3), in seconds east of Greenwich. Others mean several zones.
const ZONE_NAMES: [(&str, i32); 12] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("est", -5 * 3600),
    ("edt", -4 * 3600),
    ("cst", -6 * 3600),
    ("cdt", -5 * 3600),
    ("mst", -7 * 3600),
    ("mdt", -6 * 3600),
    ("pst", -8 * 3600),
    ("pdt", -7 * 3600),
];

/// Reads what follows a date: nothing, or a clock time with or without a zone.
pub(super) fn read(cursor: &mut Cursor<'_>, moment: &mut Moment) -> Result<(), BadTime> {
    cursor.attempt(|cursor| {
        cursor.skip(&[' ', ',']);
        cursor.take("at").or_else(|| cursor.take("t")).or_else(|| cursor.take("- "))
    });
    cursor.skip(&[' ', ',']);
    if cursor.at_end() {
        return Ok(());
    }
    let found = cursor
        .attempt(|cursor| with_colons(cursor, moment))
        .or_else(|| cursor.attempt(|cursor| compact(cursor, moment)));
    found.ok_or(BadTime::NotATime)?;
    half_of_day(cursor, moment)?;
    cursor.skip(&[' ']);
    moment.offset = zone(cursor)?;
    cursor.skip(&[' ']);
    cursor.skip_remark('[', ']');
    cursor.skip_remark('(', ')');
    Ok(())
}

/// `14:03`, `2:03:22.123`; the hour alone where `am` or `pm` follows.
fn with_colons(cursor: &mut Cursor<'_>, moment: &mut Moment) -> Option<()> {
    moment.hour = cursor.number(1, 2)?;
    if cursor.take(":").is_none() {
        cursor.skip(&[' ']);
        let named = cursor.starts_with('a') || cursor.starts_with('p');
        return named.then_some(());
    }
    moment.minute = cursor.number(2, 2)?;
    if cursor.take(":").is_some() {
        moment.second = cursor.number(2, 2)?;
        fraction(cursor, moment);
    }
    Some(())
}

/// `140322`, `1403`, as in ISO 8601's basic form.
fn compact(cursor: &mut Cursor<'_>, moment: &mut Moment) -> Option<()> {
    let digits = cursor.digits(4, 6).filter(|digits| digits.len() != 5)?;
    moment.hour = digits[..2].parse().ok()?;
    moment.minute = digits[2..4].parse().ok()?;
    moment.second = if digits.len() == 6 { digits[4..].parse().ok()? } else { 0 };
    fraction(cursor, moment);
    Some(())
}

fn fraction(cursor: &mut Cursor<'_>, moment: &mut Moment) {
    let digits = cursor.attempt(|cursor| {
        cursor.mark(&['.', ','])?;
        cursor.digits(1, MAX_FRACTION_DIGITS)
    });
    if let Some(digits) = digits {
        moment.micros = micros(digits);
    }
}

/// The microseconds that digits after the point are.
pub(super) fn micros(digits: &str) -> i32 {
    let six = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
    six.fold(0, |value, digit| value * 10 + i32::from(digit - b'0'))
}

/// `am`, `p.m.`: counts hours from 1 to 12.
fn half_of_day(cursor: &mut Cursor<'_>, moment: &mut Moment) -> Result<(), BadTime> {
    let half = cursor.attempt(|cursor| {
        cursor.skip(&[' ']);
        let half = cursor.mark(&['a', 'p'])?;
        cursor.skip(&['.']);
        cursor.take("m")?;
        cursor.skip(&['.']);
        Some(half)
    });
    let Some(half) = half else { return Ok(()) };
    if !(1..=12).contains(&moment.hour) {
        return Err(BadTime::NoSuchTime);
    }
    moment.hour = moment.hour % 12 + if half == 'p' { 12 } else { 0 };
    Ok(())
}

/// The zone written here, in seconds east of Greenwich: `Z`, `-05:00`, `+0530`, `GMT-5`, `EST`.
fn zone(cursor: &mut Cursor<'_>) -> Result<Option<i32>, BadTime> {
    let name = cursor.attempt(Cursor::word);
    let named = match name {
        Some(word) => Some(ZONE_NAMES.iter().find(|(name, _)| *name == word).ok_or(BadTime::NotATime)?.1),
        None => None,
    };
    match cursor.mark(&['+', '-']) {
        // `EST-5` says the same thing twice with opposite signs, depending on who wrote it.
        Some(_) if named.is_some_and(|seconds| seconds != 0) => Err(BadTime::NotATime),
        Some(sign) => offset(cursor, sign).map(Some),
        None => Ok(named),
    }
}

fn offset(cursor: &mut Cursor<'_>, sign: char) -> Result<i32, BadTime> {
    let digits = cursor.digits(1, 4).filter(|digits| digits.len() != 3).ok_or(BadTime::NotATime)?;
    let (hours, minutes) = if digits.len() == 4 {
        digits.split_at(2)
    } else {
        let minutes = cursor.attempt(|cursor| cursor.take(":").and_then(|()| cursor.digits(2, 2)));
        (digits, minutes.unwrap_or("0"))
    };
    let (hours, minutes): (i32, i32) = match (hours.parse(), minutes.parse()) {
        (Ok(hours), Ok(minutes)) if hours <= 14 && minutes < 60 => (hours, minutes),
        _ => return Err(BadTime::NoSuchTime),
    };
    let seconds = hours * 3600 + minutes * 60;
    Ok(if sign == '-' { -seconds } else { seconds })
}
