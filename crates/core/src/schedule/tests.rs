use jiff::ToSpan;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

/// The zones of the United States, those without summer time and those with a past of their own included, and one in
/// which the clock jumps by half an hour.
const ZONES: &[&str] = &[
    "America/New_York",
    "America/Detroit",
    "America/Kentucky/Louisville",
    "America/Indiana/Indianapolis",
    "America/Indiana/Knox",
    "America/Indiana/Tell_City",
    "America/Chicago",
    "America/Menominee",
    "America/North_Dakota/Center",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Juneau",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "Australia/Lord_Howe",
];
/// Around the two jumps of the clock, over midnight, and as offices work.
const WINDOWS: &[&str] =
    &["06:00-20:00", "02:00-03:00", "01:30-02:30", "02:15-02:20", "00:00-24:00", "22:00-02:30", "01:00-02:00"];
const YEARS: std::ops::RangeInclusive<i16> = 2024..=2035;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn window(text: &str) -> Window {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn transitions(zone: &Zone) -> Vec<jiff::Timestamp> {
    let first = jiff::civil::date(*YEARS.start(), 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let last = jiff::civil::date(*YEARS.end() + 1, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
    zone.0.following(first).map(|transition| transition.timestamp()).take_while(|at| *at < last).collect()
}

/// Minutes on the wall clock at an instant, and whether the clock says them for the second time, or jumps there today.
fn wall(at: jiff::Timestamp, zone: &Zone) -> (i64, bool) {
    let zoned = at.to_zoned(zone.0.clone());
    let again = zone.0.to_ambiguous_zoned(zoned.datetime());
    let is_second = again.clone().is_ambiguous() && again.earlier().unwrap().timestamp() != at;
    (i64::from(zoned.hour()) * 60 + i64::from(zoned.minute()), is_second)
}

#[test]
fn hours_are_those_of_the_wall_clock_through_every_change_of_the_clock() {
    let mut changes = 0;
    for name in ZONES {
        let zone = zone(name);
        for change in transitions(&zone) {
            changes += 1;
            let (before, after) = (zone.0.to_offset(change - 1.second()), zone.0.to_offset(change));
            let jump = i64::from(after.seconds() - before.seconds()) / 60;
            for text in WINDOWS {
                let window = window(text);
                // Every minute where it matters, every fifth in the hours around.
                for offset in (-300i64..300).filter(|offset| offset.abs() < 130 || offset % 5 == 0) {
                    let minute = change + offset.minutes();
                    let (clock, is_second) = wall(minute, &zone);
                    let (opens, closes) = (i64::from(window.opens), i64::from(window.closes));
                    let said = match opens < closes {
                        true => (opens..closes).contains(&clock),
                        false => clock >= opens || clock < closes,
                    };
                    // Near a jump the clock itself says something strange: see `a_window_opens_once_a_day_…`.
                    let is_strange =
                        is_second || (0..jump.abs() + 60).contains(&offset) || (-jump.abs()..0).contains(&offset);
                    if is_strange && *text != "06:00-20:00" && *text != "00:00-24:00" {
                        continue;
                    }
                    let micros = Timestamp::from_micros(minute.as_microsecond());
                    assert_eq!(window.is_open(micros, &zone), said, "{name} {text} {minute}");
                }
            }
        }
    }
    assert!(changes > 15 * 2 * 11, "{changes}: the zones' changes were not found");
}

#[test]
fn a_window_opens_once_a_day_whatever_the_clock_does() {
    for name in ZONES {
        let zone = zone(name);
        for change in transitions(&zone) {
            for text in WINDOWS {
                let window = window(text);
                let today = change.to_zoned(zone.0.clone()).date();
                let mut before = None;
                for day in [today.yesterday().unwrap(), today, today.tomorrow().unwrap()] {
                    let (opens, closes) = window.stretch(day, &zone).unwrap();
                    assert!(opens < closes, "{name} {text} {day}: never open");
                    assert!(before.is_none_or(|before| before <= opens), "{name} {text} {day}: two stretches overlap");
                    let minutes = (closes.micros() - opens.micros()) / 60_000_000;
                    let length = i64::from(window.closes) - i64::from(window.opens);
                    let length = if length > 0 { length } else { length + i64::from(DAY_MINUTES) };
                    assert!((minutes - length).abs() <= 60, "{name} {text} {day}: open for {minutes} minutes");
                    before = Some(closes);
                }
            }
        }
    }
}

#[test]
fn what_runs_at_two_in_the_morning_runs_once_on_each_day() {
    // Daily, in the hour that is jumped over in spring and said twice in autumn.
    for (name, text) in [
        ("America/New_York", "02:00-02:30"),
        ("America/Chicago", "01:00-02:00"),
        ("Australia/Lord_Howe", "02:00-02:10"),
    ] {
        let (zone, window) = (zone(name), window(text));
        let schedule = Schedule::every(20 * 60 * 60, Some(window)).unwrap();
        let mut runs: Vec<jiff::civil::Date> = Vec::new();
        let mut last = schedule.next_run(at("2024-01-01T12:00:00Z"), &zone, None, Uuid::nil()).unwrap();
        let end = at("2026-01-01T12:00:00Z");
        while last < end {
            runs.push(jiff::Timestamp::from_microsecond(last.micros()).unwrap().to_zoned(zone.0.clone()).date());
            last = schedule.next_run(last, &zone, Some(last), Uuid::nil()).unwrap();
        }
        assert!(runs.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]), "{name}: {runs:?}");
        assert!(runs.len() >= 730, "{}", runs.len());
    }
}

#[test]
fn the_first_run_of_a_day_is_put_off_by_a_little_and_differently() {
    let (zone, schedule) = (zone("America/New_York"), Schedule::every(900, Some(Window::WORKING_HOURS)).unwrap());
    let night = at("2024-03-09T05:00:00Z");
    let opening = at("2024-03-09T11:00:00Z");
    let first: std::collections::BTreeSet<i64> = (0..1_000u128)
        .map(|of| {
            schedule.next_run(night, &zone, None, Uuid::from_u128(of * 7919)).unwrap().micros() - opening.micros()
        })
        .collect();
    assert!(first.len() > 100 && first.iter().all(|late| (0..300_000_000).contains(late)), "{first:?}");
    // During the day nothing is put off.
    let noon = at("2024-03-09T17:00:00Z");
    assert_eq!(schedule.next_run(noon, &zone, Some(noon.plus_seconds(-3_600)), Uuid::max()), Some(noon));
}

#[test]
fn who_is_open_all_night_is_not_put_off_at_midnight() {
    let zone = zone("America/Denver");
    for (hours, midnight) in [
        ("00:00-24:00", "2024-06-08T06:00:00Z"),
        // From one day to the next only: Saturday's hours end where Sunday's begin.
        ("sat,sun 00:00-24:00", "2024-06-09T06:00:00Z"),
    ] {
        let schedule = Schedule::every(900, Some(window(hours))).unwrap();
        for due in [at(midnight), at(midnight).plus_seconds(90)] {
            assert_eq!(schedule.next_run(due, &zone, None, Uuid::from_u128(299)), Some(due), "{hours}");
        }
    }
    // Who was closed is put off.
    let schedule = Schedule::every(900, Some(window("sat,sun 00:00-24:00"))).unwrap();
    let saturday = at("2024-06-08T06:00:00Z");
    assert_eq!(schedule.next_run(saturday, &zone, None, Uuid::from_u128(299)), Some(saturday.plus_seconds(299)));
}

#[test]
fn days_of_the_week_are_those_of_the_zone() {
    let schedule = Schedule::every(900, Some(window("mon-fri 06:00-20:00"))).unwrap();
    // Saturday in Boston is Sunday in Sydney, and Monday comes first there.
    let saturday = at("2024-06-08T16:00:00Z");
    let run = |name: &str| schedule.next_run(saturday, &zone(name), None, Uuid::nil()).unwrap();
    assert_eq!(run("America/New_York"), at("2024-06-10T10:00:00Z"));
    assert_eq!(run("Australia/Sydney"), at("2024-06-09T20:00:00Z"));
}

#[test]
fn a_schedule_that_is_off_is_never_due() {
    let off = Schedule { enabled: false, ..Schedule::every(900, None).unwrap() };
    assert_eq!(off.next_run(at("2024-06-08T16:00:00Z"), &Zone::utc(), None, Uuid::nil()), None);
    assert!(Schedule::every(59, None).is_err() && Schedule::every(MAX_INTERVAL_SECONDS + 1, None).is_err());
}

#[test]
fn hours_are_read_as_people_write_them_or_refused() {
    let check = |text: &str, shown: &str| assert_eq!(window(text).to_string(), shown, "{text}");
    check("06:00-20:00", "06:00-20:00");
    check(" Mon-Fri 07:30-17:00 ", "mon,tue,wed,thu,fri 07:30-17:00");
    check("sat,sun 22:00-02:00", "sat,sun 22:00-02:00");
    check("fri-mon 00:00-00:00", "mon,fri,sat,sun 00:00-24:00");
    check("mon-sun 00:00-24:00", "00:00-24:00");
    for bad in [
        "",
        "6-20",
        "06:00",
        "06:00-06:00",
        "24:00-06:00",
        "25:00-26:00",
        "06:60-07:00",
        "fun 06:00-20:00",
        "06:00-20:00-21:00",
        "6:00-20:00",
        "+6:00-20:00",
    ] {
        assert!(bad.parse::<Window>().is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_run_is_never_early_never_outside_and_never_later_than_it_must(
        zone_place in 0..ZONES.len(), window_place in 0..WINDOWS.len(), minute in 0i64..(12 * 366 * 24 * 60),
        interval in MIN_INTERVAL_SECONDS..200_000, since in proptest::option::of(0i64..200_000), of: u128,
    ) {
        let (zone, window, of) = (zone(ZONES[zone_place]), window(WINDOWS[window_place]), Uuid::from_u128(of));
        let schedule = Schedule::every(interval, Some(window)).unwrap();
        let now = at("2024-01-01T00:00:00Z").plus_seconds(minute * 60);
        let last = since.map(|since| now.plus_seconds(-since));
        let run = schedule.next_run(now, &zone, last, of).unwrap();
        let due = last.map_or(now, |last| now.max(last.plus_seconds(interval)));
        prop_assert!(run >= due && window.is_open(run, &zone));
        if window.is_open(due, &zone) && window.is_open(due.plus_seconds(-MAX_JITTER_SECONDS), &zone) {
            prop_assert_eq!(run, due);
        }
        // Nothing that was open is slept through but the first minutes.
        let mut minute = due;
        while minute.plus_seconds(MAX_JITTER_SECONDS) < run {
            prop_assert!(!window.is_open(minute, &zone), "open at {minute}, and the run is at {run}");
            minute = minute.plus_seconds(60);
        }
    }

    #[test]
    fn any_text_are_hours_or_refused(text in ".{0,24}") {
        if let Ok(window) = text.parse::<Window>() {
            prop_assert_eq!(window.to_string().parse::<Window>().unwrap(), window);
        }
    }
}
