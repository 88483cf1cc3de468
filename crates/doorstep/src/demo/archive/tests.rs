#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::*;

type Rows = Vec<Vec<String>>;

const SMALL: Shape = Shape { seed: 9, contacts: 350, messages: 4_000, calls: 500, until: DEMO_UNTIL, years: 4 };

fn archive(shape: &Shape) -> (Vec<u8>, Written) {
    let mut out = Cursor::new(Vec::new());
    let written = write(shape, &mut out).unwrap();
    (out.into_inner(), written)
}

fn text(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// RFC 4180, read back by the letter; the header left out.
fn rows(bytes: &[u8], name: &str) -> Rows {
    let text = text(bytes, name);
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quoted) {
            ('"', true) if letters.peek() == Some(&'"') => field.extend(letters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut field)),
            ('\r', false) => {}
            ('\n', false) => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            (letter, _) => field.push(letter),
        }
    }
    assert!(!quoted && field.is_empty() && row.is_empty(), "`{name}` ends within a row");
    rows.remove(0);
    rows
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(archive(&SMALL).0, archive(&SMALL).0);
    assert_ne!(archive(&SMALL).0, archive(&Shape { seed: 10, ..SMALL }).0);
}

#[test]
fn counts_are_as_asked_and_rows_are_whole() {
    for (contacts, messages, calls) in
        [(350, 4_000, 500), (1, 1, 1), (0, 50, 5), (30, 0, 0), (100, 3, 7), (7, 5_000, 2)]
    {
        let (bytes, written) = archive(&Shape { contacts, messages, calls, ..SMALL });
        let counted = (written.contacts, written.messages, written.calls);
        assert_eq!(counted, (contacts.into(), messages.into(), calls.into()));
        let files = [
            ("contacts.csv", &contacts::HEADER[..], written.contacts),
            ("conversations.csv", &conversations::HEADER[..], written.conversations),
            ("messages.csv", &messages::HEADER[..], written.messages),
            ("calls.csv", &calls::HEADER[..], written.calls),
        ];
        for (name, header, count) in files {
            let rows = rows(&bytes, name);
            assert_eq!(rows.len() as u64, count, "{name}");
            assert!(rows.iter().all(|row| row.len() == header.len()), "{name}");
        }
        let manifest: serde_json::Value = serde_json::from_str(&text(&bytes, "manifest.json")).unwrap();
        assert_eq!(manifest["counts"]["messages"], u64::from(messages) + 1);
        assert_eq!(manifest["counts"]["conversations"], written.conversations);
    }
}

#[test]
fn more_contacts_than_numbers_are_refused() {
    let shape = Shape { contacts: MAX_CONTACTS + 1, ..SMALL };
    assert_eq!(write(&shape, Cursor::new(Vec::new())).unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// Conversations say of their messages what the messages say.
#[test]
fn conversations_and_messages_agree() {
    let (bytes, _) = archive(&SMALL);
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut ids = HashSet::new();
    for row in rows(&bytes, "messages.csv") {
        assert!(ids.insert(row[0].clone()), "{} twice", row[0]);
        assert!(!row[5].is_empty() || !row[8].is_empty(), "{} says nothing", row[0]);
        said.entry(row[1].clone()).or_default().push(row[6].clone());
    }
    for row in rows(&bytes, "conversations.csv") {
        let times = said.remove(&row[0]).unwrap();
        assert_eq!((times.first(), times.last()), (Some(&row[4]), Some(&row[5])), "{}", row[0]);
        assert_eq!(times.len().to_string(), row[6]);
    }
    assert!(said.is_empty(), "messages without a conversation");
}

#[test]
fn times_ascend_and_the_newest_message_is_the_asked_one() {
    let (bytes, _) = archive(&SMALL);
    let mut newest = String::new();
    let mut last: HashMap<String, i64> = HashMap::new();
    for row in rows(&bytes, "messages.csv") {
        let at = seconds(&row[6]);
        let before = last.insert(row[1].clone(), at);
        assert!(before.is_none_or(|before| before <= at), "{}", row[0]);
        newest = newest.max(row[6].clone());
    }
    assert_eq!(seconds(&newest), SMALL.until);
    assert_eq!(last.values().max(), Some(&SMALL.until));
    let calls: Vec<i64> = rows(&bytes, "calls.csv").iter().map(|row| seconds(&row[5])).collect();
    assert!(calls.is_sorted() && calls.last().is_some_and(|last| *last <= SMALL.until));
}

/// `2026-03-08T14:05:09-05:00`, by the offset that it names.
fn seconds(iso: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| iso[range].parse::<i64>().unwrap();
    let (mut year, mut month) = (part(0..4), part(5..7));
    if month <= 2 {
        (year, month) = (year - 1, month + 12);
    }
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month - 457) / 5 + part(8..10) - 719_469;
    days * 86_400 + (part(11..13) + part(20..22)) * 3_600 + part(14..16) * 60 + part(17..19)
}

/// The rates of the module's comment, at the size that people see.
#[test]
fn the_mess_is_as_described() {
    let (bytes, written) = archive(&Shape::demo());
    let contacts = rows(&bytes, "contacts.csv");
    let share = |what: &str, low: usize, high: usize, holds: &dyn Fn(&Vec<String>) -> bool| {
        let count = contacts.iter().filter(|row| holds(row)).count();
        assert!((low..=high).contains(&count), "{what}: {count}");
    };
    share("e-mail", 700, 900, &|row| row[3].contains('@'));
    share("companies", 60, 60, &|row| !row[4].is_empty());
    share("no name", 60, 140, &|row| row[1].is_empty());
    share("000-000-0000", 5, 15, &|row| {
        row[2].contains("000") && row[2].bytes().all(|byte| !(b'1'..=b'9').contains(&byte))
    });
    share("two numbers", 250, 450, &|row| row[2].contains(';'));
    share("abroad", 10, 10, &|row| row[2].contains("+44") || row[2].contains("+33") || row[2].starts_with("011"));
    share("line breaks", 60, 180, &|row| row[5].contains('\n'));
    share("accents", 60, 400, &|row| !row[1].is_ascii());

    let conversations = rows(&bytes, "conversations.csv");
    let strangers = conversations.iter().filter(|row| row[1].is_empty()).count() * 100 / conversations.len();
    assert!((4..=8).contains(&strangers), "{strangers} % of conversations with strangers");
    assert!(conversations.iter().filter(|row| row[2].contains(';')).count() >= 10);
    let calls = rows(&bytes, "calls.csv");
    assert!(calls.iter().filter(|row| !row[8].is_empty()).count() > 200);
    assert!(written.show.len() == 5, "{:?}", written.show.len());

    let messages = rows(&bytes, "messages.csv");
    let distinct: HashSet<&str> = messages.iter().map(|row| row[5].as_str()).collect();
    assert!(distinct.len() * 100 / messages.len() >= 60, "{} distinct texts", distinct.len());
    let twins = messages.windows(2).filter(|pair| {
        pair[0][1] == pair[1][1] && pair[0][5] == pair[1][5] && seconds(&pair[1][6]) - seconds(&pair[0][6]) == 1
    });
    assert!(twins.count() >= 10);
    assert!(
        messages.iter().any(|row| row[5].contains('👍')) && messages.iter().any(|row| row[5].contains("\"options\""))
    );
}

/// Whoever looks the shown numbers up finds what was promised.
#[test]
fn the_shown_numbers_are_what_they_are_said_to_be() {
    let (bytes, written) = archive(&Shape::demo());
    let contacts = rows(&bytes, "contacts.csv");
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let holders = |typed: &str| -> Vec<&Vec<String>> {
        contacts.iter().filter(|row| row[2].split(';').any(|cell| digits(cell).contains(&digits(typed)))).collect()
    };
    let found: Vec<_> = written.show.iter().map(|(typed, _)| holders(typed)).collect();
    let [household, urgent, managers, twice, stranger] = &found[..] else { panic!("{} numbers", found.len()) };
    assert!(household.len() == 2 && household[0][1] != household[1][1]);
    assert_eq!(urgent, &[household[0]]);
    assert!(managers.len() == 2 && managers[0][4] == managers[1][4] && managers[0][2] != managers[1][2]);
    assert!(twice.len() == 2 && twice[0][1] != twice[1][1] && twice[0][2] != twice[1][2]);
    assert_eq!(stranger.len(), 0);
    let texts = rows(&bytes, "messages.csv");
    let of = |typed: &str| texts.iter().filter(|row| row[2].ends_with(&digits(typed))).count();
    assert!(of(&written.show[1].0) > 5 && of(&written.show[4].0) > 2);
}
