//! Massachusetts wall-clock time, from the rules of the law instead of a zone database.
//!
//! Daylight saving runs from the second Sunday of March, 2:00, to the first Sunday of November, 2:00 (Energy
//! Policy Act of 2005, in force since 2007); the archive reaches back ten years or so, never before that.

use std::fmt::Write;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// A moment as the office clock shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Such as 2026.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 86,399: seconds since midnight.
    pub second: i64,
    /// 0 is Sunday.
    pub weekday: i64,
    /// Hours behind UTC: 4 or 5.
    behind: i64,
}

/// Days since 1970-01-01 of a date (Howard Hinnant, `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01 (Howard Hinnant, `civil_from_days`).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// 0 is Sunday; 1970-01-01 was a Thursday.
pub fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

fn hours_behind(at: i64) -> i64 {
    let (year, month, _) = civil_from_days(at.div_euclid(DAY));
    // Asked several times a message: only two months need the Sundays.
    match month {
        4..=10 => return 4,
        3 | 11 => {}
        _ => return 5,
    }
    let nth_sunday = |month, first_possible| {
        let day = days_from_civil(year, month, first_possible);
        day + (7 - weekday(day)) % 7
    };
    let starts = nth_sunday(3, 8) * DAY + 7 * HOUR;
    let ends = nth_sunday(11, 1) * DAY + 6 * HOUR;
    if (starts..ends).contains(&at) { 4 } else { 5 }
}

/// The wall clock at a moment (seconds since 1970 UTC).
pub fn local(at: i64) -> Local {
    let behind = hours_behind(at);
    let shown = at - behind * HOUR;
    let days = shown.div_euclid(DAY);
    let (year, month, day) = civil_from_days(days);
    Local { year, month, day, second: shown.rem_euclid(DAY), weekday: weekday(days), behind }
}

/// Days since 1970-01-01 of the wall clock's date.
pub fn day_of(at: i64) -> i64 {
    (at - hours_behind(at) * HOUR).div_euclid(DAY)
}

/// The moment at which the wall clock shows `second` on `day`.
pub fn at(day: i64, second: i64) -> i64 {
    let shown = day * DAY + second;
    shown + hours_behind(shown + 5 * HOUR) * HOUR
}

/// Month and day of the month of a day since 1970-01-01.
pub fn month_and_day(day: i64) -> (i64, i64) {
    let (_, month, of_month) = civil_from_days(day);
    (month, of_month)
}

/// `2026-03-08T14:05:09-05:00`
pub fn write_iso(out: &mut String, at: i64) {
    let Local { year, month, day, second, behind, .. } = local(at);
    let (hour, minute, second) = (second / HOUR, second / 60 % 60, second % 60);
    // Writing into a string cannot fail.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}-0{behind}:00");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_office_clock_changes_when_the_law_says() {
        let check = |at_utc: i64, expected: &str| {
            let mut text = String::new();
            write_iso(&mut text, at_utc);
            assert_eq!(text, expected);
        };
        check(1_772_953_199, "2026-03-08T01:59:59-05:00");
        check(1_772_953_200, "2026-03-08T03:00:00-04:00");
        check(1_793_512_799, "2026-11-01T01:59:59-04:00");
        check(1_793_512_800, "2026-11-01T01:00:00-05:00");
        check(1_709_226_000, "2024-02-29T12:00:00-05:00");
        check(1_735_707_599, "2024-12-31T23:59:59-05:00");
    }

    #[test]
    fn a_wall_clock_time_comes_back() {
        for day in 18_000..21_000 {
            for hour in [0, 4, 9, 17, 23] {
                let moment = at(day, hour * HOUR + 61);
                assert_eq!((day_of(moment), local(moment).second), (day, hour * HOUR + 61));
                assert_eq!(local(moment).weekday, weekday(day));
            }
        }
    }
}
