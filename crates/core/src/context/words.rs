//! Days, months and amounts as people say them, in the tenant's zone.

use crate::money::Money;
use crate::time::{Date, MONTHS, Timestamp, Zone};

/// The day at an instant; `None` outside of the calendar.
pub(super) fn day(at: Timestamp, zone: &Zone) -> Option<Date> {
    let at = zoned(at, zone)?;
    Date::new(at.year(), at.month(), at.day())
}

/// The time of day at an instant: hour and minute.
pub(super) fn clock(at: Timestamp, zone: &Zone) -> Option<(i8, i8)> {
    zoned(at, zone).map(|at| (at.hour(), at.minute()))
}

fn zoned(at: Timestamp, zone: &Zone) -> Option<jiff::Zoned> {
    Some(jiff::Timestamp::from_microsecond(at.micros()).ok()?.to_zoned(zone.0.clone()))
}

fn month(day: Date) -> &'static str {
    let at = usize::try_from(day.month()).unwrap_or(1).saturating_sub(1);
    MONTHS.get(at).copied().unwrap_or(MONTHS[0])
}

/// `March 2022`.
pub(super) fn long_month(day: Date) -> String {
    format!("{} {}", month(day), day.year())
}

/// `Nov 2024`.
pub(super) fn short_month(day: Date) -> String {
    format!("{} {}", &month(day)[..3], day.year())
}

/// `Nov 2, 2024`.
pub(super) fn short_day(day: Date) -> String {
    format!("{} {}, {}", &month(day)[..3], day.day(), day.year())
}

/// `8 AM`, `2:30 PM`.
pub(super) fn hour((hour, minute): (i8, i8)) -> String {
    let half = if hour < 12 { "AM" } else { "PM" };
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 { format!("{twelve} {half}") } else { format!("{twelve}:{minute:02} {half}") }
}

/// Whole years between two days; `None` where the second is before the first.
pub(super) fn years(from: Date, to: Date) -> Option<i16> {
    let is_before = (to.month(), to.day()) < (from.month(), from.day());
    Some(to.year() - from.year() - i16::from(is_before)).filter(|years| *years >= 0 && from <= to)
}

/// `$2,450`, and `$189.50` where there are cents.
pub(super) fn amount(money: Money) -> String {
    let text = money.to_string();
    text.strip_suffix(".00").map_or_else(|| text.clone(), str::to_owned)
}
