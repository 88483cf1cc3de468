#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn check(home: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let seen = match parse_loose(text, &zone(home)) {
            Ok(at) => at.to_string(),
            Err(bad) => format!("{bad:?}"),
        };
        assert_eq!(seen, *expected, "{text:?} read in {home}");
    }
}

#[test]
fn times_with_a_zone_mean_the_same_everywhere() {
    let cases = [
        ("2024-03-05T14:03:22Z", "2024-03-05T14:03:22Z"),
        ("2024-03-05T14:03:22.123Z", "2024-03-05T14:03:22.123Z"),
        ("2024-03-05T14:03:22.123456789Z", "2024-03-05T14:03:22.123456Z"),
        ("2024-03-05 14:03:22,5Z", "2024-03-05T14:03:22.5Z"),
        ("2024-03-05T14:03Z", "2024-03-05T14:03:00Z"),
        ("2024-03-05t14:03:22z", "2024-03-05T14:03:22Z"),
        ("2024-03-05T14:03:22-05:00", "2024-03-05T19:03:22Z"),
        ("2024-03-05T14:03:22.5+05:30", "2024-03-05T08:33:22.5Z"),
        ("2024-03-05 14:03:22 -0500", "2024-03-05T19:03:22Z"),
        ("2024-03-05 14:03:22-05", "2024-03-05T19:03:22Z"),
        ("2024-03-05 14:03:22 UTC", "2024-03-05T14:03:22Z"),
        ("2024-03-05 14:03:22 EST", "2024-03-05T19:03:22Z"),
        ("2024-07-05 14:03:22 PDT", "2024-07-05T21:03:22Z"),
        ("2024-03-05T14:03:22-05:00[America/New_York]", "2024-03-05T19:03:22Z"),
        ("20240305T140322Z", "2024-03-05T14:03:22Z"),
        ("Tue, 5 Mar 2024 14:03:22 +0000", "2024-03-05T14:03:22Z"),
        ("Tue, 05 Mar 2024 14:03:22 GMT", "2024-03-05T14:03:22Z"),
        ("5 Mar 2024 14:03 -0500", "2024-03-05T19:03:00Z"),
        ("Tue Mar 05 2024 14:03:22 GMT-0500 (Eastern Standard Time)", "2024-03-05T19:03:22Z"),
        ("Tue Mar  5 14:03:22 EST 2024", "2024-03-05T19:03:22Z"),
        ("1709647402", "2024-03-05T14:03:22Z"),
        ("1709647402.123", "2024-03-05T14:03:22.123Z"),
        ("1709647402.0", "2024-03-05T14:03:22Z"),
        ("1709647402123", "2024-03-05T14:03:22.123Z"),
        ("1709647402123.0", "2024-03-05T14:03:22.123Z"),
        ("1709647402123.25", "2024-03-05T14:03:22.12325Z"),
        ("1709647402123456", "2024-03-05T14:03:22.123456Z"),
        ("1709647402123456789", "2024-03-05T14:03:22.123456Z"),
        ("'2024-03-05T14:03:22Z'", "2024-03-05T14:03:22Z"),
        ("\u{feff}2024-03-05T14:03:22Z", "2024-03-05T14:03:22Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ];
    for home in ["America/New_York", "UTC", "Asia/Kolkata"] {
        check(home, &cases);
    }
}

#[test]
fn times_without_a_zone_are_the_tenants_clock() {
    check(
        "America/New_York",
        &[
            ("2024-03-05 14:03:22", "2024-03-05T19:03:22Z"),
            ("2024-03-05T14:03:22", "2024-03-05T19:03:22Z"),
            ("2024-03-05T14:03:22.5", "2024-03-05T19:03:22.5Z"),
            ("2024-03-05 14:03", "2024-03-05T19:03:00Z"),
            ("2024-03-05", "2024-03-05T05:00:00Z"),
            ("2024/3/5 14:03", "2024-03-05T19:03:00Z"),
            ("20240305", "2024-03-05T05:00:00Z"),
            ("20240305140322", "2024-03-05T19:03:22Z"),
            ("20240305 1403", "2024-03-05T19:03:00Z"),
            ("3/5/2024 2:03 PM", "2024-03-05T19:03:00Z"),
            ("3/5/2024, 2:03:22 p.m.", "2024-03-05T19:03:22Z"),
            ("3/5/2024 2:03PM", "2024-03-05T19:03:00Z"),
            ("3/5/2024 2 PM", "2024-03-05T19:00:00Z"),
            ("3/5/2024 12:03 AM", "2024-03-05T05:03:00Z"),
            ("3/5/2024 12:03 PM", "2024-03-05T17:03:00Z"),
            ("03/05/24 14:03", "2024-03-05T19:03:00Z"),
            ("03-05-2024", "2024-03-05T05:00:00Z"),
            ("13/05/2024", "2024-05-13T04:00:00Z"),
            ("5.3.2024 14:03", "2024-03-05T19:03:00Z"),
            ("Mar 5, 2024 2:03:11 PM", "2024-03-05T19:03:11Z"),
            ("Mar 5, 2024, 2:03:11\u{202f}PM", "2024-03-05T19:03:11Z"),
            ("March 5th, 2024 at 2:03 pm", "2024-03-05T19:03:00Z"),
            ("Tuesday, March 5, 2024 - 2:03 PM", "2024-03-05T19:03:00Z"),
            ("Tue Mar  5 14:03:22 2024", "2024-03-05T19:03:22Z"),
            ("5-Mar-24", "2024-03-05T05:00:00Z"),
            ("Sept. 5 2024", "2024-09-05T04:00:00Z"),
        ],
    );
}

#[test]
fn clock_changes_are_read_as_calendars_read_them() {
    check(
        "America/New_York",
        &[
            // Skipped: 02:30 becomes 03:30 summer time.
            ("2024-03-10 02:30:00", "2024-03-10T07:30:00Z"),
            ("2024-03-10 01:59:59", "2024-03-10T06:59:59Z"),
            // Twice: the first, still in summer time.
            ("2024-11-03 01:30:00", "2024-11-03T05:30:00Z"),
            ("2024-11-03 02:00:00", "2024-11-03T07:00:00Z"),
        ],
    );
    // Half an hour only, and a day that starts at one o'clock.
    check("Australia/Lord_Howe", &[("2024-10-06 02:15:00", "2024-10-05T15:45:00Z")]);
    check("America/Asuncion", &[("2023-10-01", "2023-10-01T04:00:00Z")]);
    check("America/Phoenix", &[("2024-07-05 14:03:22", "2024-07-05T21:03:22Z")]);
}

#[test]
fn what_is_no_time_says_why() {
    check(
        "America/New_York",
        &[
            ("", "Blank"),
            ("  ", "Blank"),
            ("n/a", "Blank"),
            ("NULL", "Blank"),
            ("0", "Zero"),
            ("0.0", "Zero"),
            ("-0", "Zero"),
            ("1970-01-01T00:00:00Z", "Zero"),
            ("-1", "OutOfRange"),
            ("1969-12-31T12:00:00Z", "OutOfRange"),
            ("1970-01-01T00:00:00+05:00", "OutOfRange"),
            ("2100-01-01", "OutOfRange"),
            ("0000-00-00 00:00:00", "OutOfRange"),
            ("4102444800", "OutOfRange"),
            ("9999999999999", "OutOfRange"),
            ("2024-02-30", "NoSuchTime"),
            ("2024-13-05", "NoSuchTime"),
            ("2023-02-29 10:00:00", "NoSuchTime"),
            ("2024-03-05 25:00:00", "NoSuchTime"),
            ("2024-03-05 14:60:00", "NoSuchTime"),
            ("3/5/2024 14:03 PM", "NoSuchTime"),
            ("2024-03-05T14:03:22+15:00", "NoSuchTime"),
            ("yesterday", "NotATime"),
            ("14:03", "NotATime"),
            ("Mar 5", "NotATime"),
            ("2024", "NotATime"),
            ("2024-03", "NotATime"),
            ("45356.5855", "NotATime"),
            ("1.70965E+12", "NotATime"),
            ("170964740", "NotATime"),
            ("2024-03-05 14:03:22 XYZ", "NotATime"),
            ("2024-03-05 14:03:22 EST-5", "NotATime"),
            ("2024-03-05 14:03:22 and more", "NotATime"),
            ("2024-03-05-05:00", "NotATime"),
            ("2024-03/05", "NotATime"),
            ("617-555-1234", "NotATime"),
            ("2024-03-05 14:3:22", "NotATime"),
        ],
    );
    assert_eq!(parse_loose(&" 2024".repeat(MAX_TIME_CHARS), &Zone::utc()), Err(BadTime::NotATime));
    for bad in [BadTime::Blank, BadTime::Zero, BadTime::NotATime, BadTime::NoSuchTime, BadTime::OutOfRange] {
        let reason = bad.to_string();
        assert!(reason.starts_with(char::is_lowercase) && !reason.ends_with('.'), "{reason}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What we write we read, and the usual form is a short cut, not another rule.
    #[test]
    fn every_instant_is_read_as_it_was_written(
        seconds in 1..4_102_444_800_i64,
        micros in prop_oneof![Just(0), (0..1_000_i64).prop_map(|millis| millis * 1_000), 0..1_000_000_i64],
        home in proptest::sample::select(vec!["UTC", "America/New_York", "America/Phoenix", "Australia/Lord_Howe"]),
    ) {
        let (at, home) = (Timestamp::from_micros(seconds * 1_000_000 + micros), zone(home));
        let written = at.to_string();
        prop_assert_eq!(parse_loose(&written, &home), Ok(at));
        if at.micros().to_string().len() == 16 {
            prop_assert_eq!(parse_loose(&at.micros().to_string(), &home), Ok(at));
        }
        prop_assert_eq!(Moment::read(&written.to_lowercase()).and_then(|moment| moment.instant(&home)), Ok(at));
        let civil = &written[..19];
        let long_way = Moment::read(&civil.to_lowercase()).and_then(|moment| moment.instant(&home));
        prop_assert_eq!(parse_loose(civil, &home), long_way);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,300}") {
        let _ = parse_loose(&text, &Zone::utc());
    }

    #[test]
    fn no_mixture_of_time_characters_panics_or_leaves_the_range(text in "[0-9:/. ,TZ+\\-apmMJune\\[\\]()]{0,40}") {
        if let Ok(at) = parse_loose(&text, &zone("America/New_York")) {
            prop_assert!((1..END_MICROS).contains(&at.micros()));
        }
    }
}
