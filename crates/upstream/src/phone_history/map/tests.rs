#![allow(clippy::unwrap_used)]

use doorstep_core::conversation::Direction;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::time::Zone;

use super::super::Options;
use super::call::seconds;
use super::party::People;
use super::text::{self, Notes};
use super::way::{Of, stated};

fn options() -> Options {
    Options { zone: Zone::utc(), region: Region::US, own_numbers: vec![Phone::from_normal("+16172223333".to_owned())] }
}

#[test]
fn durations() {
    for (cell, expected) in [
        ("0", Some(0)),
        ("75", Some(75)),
        ("75.9", Some(75)),
        ("1:15", Some(75)),
        ("00:01:15", Some(75)),
        ("1:00:00", Some(3_600)),
        ("00:00:15.250", Some(15)),
        ("1m 15s", Some(75)),
        ("1m15s", Some(75)),
        ("1 min. 15 sec.", Some(75)),
        ("2 hours, 1 minute", Some(7_260)),
        ("PT1M15S", Some(75)),
        ("75 s", Some(75)),
        ("", None),
        ("-5", None),
        ("1:2:3:4", None),
        ("1::2", None),
        (":", None),
        ("soon", None),
        ("5 parsecs", None),
        ("99999999999999999999", None),
        ("9223372036854775807h", None),
        ("9223372036854775807:59:59", None),
    ] {
        assert_eq!(seconds(cell), expected, "{cell}");
    }
}

#[test]
fn directions_in_the_wild() {
    use Direction::{Inbound, Outbound};
    for (cell, of, expected) in [
        ("inbound", Of::Message, Some((Inbound, None))),
        ("INCOMING", Of::Call, Some((Inbound, None))),
        ("mms-received", Of::Message, Some((Inbound, None))),
        ("Sent Items", Of::Message, Some((Outbound, None))),
        ("1", Of::Message, Some((Inbound, None))),
        ("2", Of::Call, Some((Outbound, None))),
        ("3", Of::Message, Some((Outbound, Some("draft")))),
        ("3", Of::Call, Some((Inbound, Some("missed")))),
        ("5", Of::Message, Some((Outbound, Some("failed")))),
        ("Missed Call", Of::Call, Some((Inbound, Some("missed")))),
        ("Outgoing (failed)", Of::Call, Some((Outbound, Some("failed")))),
        ("0", Of::Message, None),
        ("9", Of::Call, None),
        ("-1", Of::Call, None),
        ("", Of::Call, None),
        ("insert", Of::Message, None),
        ("sideways", Of::Message, None),
    ] {
        assert_eq!(stated(cell, of).map(|found| (found.direction, found.status)), expected, "{cell}");
    }
}

#[test]
fn cells_of_numbers_and_addresses() {
    let options = options();
    for (cell, expected, noted) in [
        ("617-555-1234", vec![Some("+16175551234")], 0),
        ("617-555-1234; 617-555-1235", vec![Some("+16175551234"), Some("+16175551235")], 0),
        ("+16175551234,+16175551235", vec![Some("+16175551234"), Some("+16175551235")], 0),
        ("[\"+16175551234\", \"ann@example.com\"]", vec![Some("+16175551234"), Some("ann@example.com")], 0),
        ("55512", vec![None], 0),
        ("Anonymous", vec![None], 0),
        ("AMAZON", vec![None], 1),
        ("12; 617-555-1234", vec![Some("+16175551234")], 1),
        ("", vec![], 0),
    ] {
        let mut people = People::new(&options);
        for time in ["first", "again"] {
            let mut notes = Notes::default();
            let parties = people.read("x", cell, &mut notes);
            let found: Vec<_> = parties.iter().map(|party| party.normal()).collect();
            assert_eq!(found, expected, "{cell} {time}");
            let notes = notes.into_vec();
            assert_eq!(notes.len(), noted, "{cell} {time}: {notes:?}");
        }
    }
}

#[test]
fn what_is_remembered_is_bounded() {
    let options = options();
    let mut people = People::new(&options);
    for number in 0..50_000 {
        people.read("x", &format!("+1617555{:04}x{number}", number % 10_000), &mut Notes::default());
        if number % 10_000 == 0 {
            people.read("x", "617-555-1234", &mut Notes::default());
        }
    }
    people.read("x", &"9".repeat(1_000), &mut Notes::default());
    assert!(people.remembered() <= 40_000, "{}", people.remembered());
    let parties = people.read("x", "617-555-1234", &mut Notes::default());
    assert_eq!(parties[0].normal(), Some("+16175551234"));
}

#[test]
fn notes_of_a_row_are_bounded() {
    let mut notes = Notes::default();
    (0..1_000).for_each(|number| notes.push(number.to_string()));
    let notes = notes.into_vec();
    assert_eq!((notes.len(), notes.last().unwrap().as_str()), (21, "and more of the kind"));
}

#[test]
fn short_texts() {
    for (cell, expected, noted) in [
        (" Ann\u{7}  Lee ", Some("Ann  Lee".to_owned()), 0),
        ("\u{1}\u{2}", None, 0),
        ("a\tb\nc", Some("a\tb\nc".to_owned()), 0),
        (&"é".repeat(500), Some("é".repeat(500)), 0),
        (&"é".repeat(501), Some("é".repeat(500)), 1),
    ] {
        let mut notes = Notes::default();
        assert_eq!(text::short("company", cell, &mut notes), expected, "{cell}");
        assert_eq!(notes.into_vec().len(), noted, "{cell}");
    }
}
