//! Archives as phone systems make them: odd names, odd encodings, odd files. All of them are read.

use std::collections::BTreeMap;

use doorstep_core::import::FileKind;
use doorstep_upstream::phone_history::{Archive, ExtraAliases, FileMapping, Limits, Row};

use crate::support::{HEADER, all, bodies, messages, on_disk, open, open_with, options, zipped};

fn mapping_of(csv: &str, file: &str) -> FileMapping {
    open(&zipped(&[(file, csv)])).unwrap().mapping().remove(0)
}

#[test]
fn every_encoding_gives_the_same_text() {
    let text = format!("{HEADER}m1,t,+16175551234,+16172223333,in,\"Zoë – naïve, “ok”\",1700000000,,\n");
    let utf16 = |big: bool, mark: bool| {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect::<Vec<u8>>()
    };
    let (windows, _, lost) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lost);
    for (name, bytes) in [
        ("UTF-8", text.clone().into_bytes()),
        ("UTF-8", format!("\u{FEFF}{text}").into_bytes()),
        ("UTF-16LE", utf16(false, true)),
        ("UTF-16BE", utf16(true, true)),
        ("UTF-16LE", utf16(false, false)),
        ("UTF-16BE", utf16(true, false)),
        ("Windows-1252", windows.into_owned()),
    ] {
        let mut archive = open(&zipped(&[("messages.csv", &bytes)])).unwrap();
        assert_eq!(archive.mapping()[0].encoding, name);
        assert_eq!(archive.mapping()[0].missing, [""; 0], "{name}");
        let rows = all(archive.messages(&options())).unwrap();
        assert_eq!(bodies(&rows), [(2, "Zoë – naïve, “ok”".to_owned())], "{name}");
    }
}

#[test]
fn one_bad_byte_late_in_the_file_spoils_one_letter() {
    let mut csv = HEADER.as_bytes().to_vec();
    for _ in 0..5_000 {
        csv.extend_from_slice("m,t,+16175551234,+16172223333,in,schön 👍,1700000000,,\n".as_bytes());
    }
    csv.extend_from_slice(b"m,t,+16175551234,+16172223333,in,sch\xF6n,1700000000,,\n");
    let rows = messages(csv);
    assert!(rows[..5_000].iter().all(|row| row.outcome.as_ref().unwrap().body == "schön 👍"));
    assert_eq!(rows[5_000].outcome.as_ref().unwrap().body, "schön");
}

#[test]
fn line_ends_of_every_kind_and_quoted_newlines_keep_their_line_numbers() {
    let lines = [
        "m1,t,,,in,one,1700000000,,",
        "m2,t,,,in,\"two",
        "still two\",1700000000,,",
        "",
        "m3,t,,,in,three,1700000000,,",
    ];
    for end in ["\n", "\r\n", "\r"] {
        let csv = format!("{}{end}{}", HEADER.trim(), lines.join(end));
        let expected = [(2, "one".to_owned()), (3, format!("two{end}still two")), (6, "three".to_owned())];
        assert_eq!(bodies(&messages(&csv)), expected, "{end:?}");
        assert_eq!(bodies(&messages(csv + end)), expected, "{end:?} at the end");
    }
}

#[test]
fn delimiters_are_told_from_the_header() {
    for (delimiter, csv) in [
        (",", "message_id,sent_at,body\nm,1700000000,hi\n"),
        (";", "message_id;sent_at;body\nm;1700000000;hi\n"),
        (";", "message_id;\"sent_at, in UTC\";sent_at;body\nm;x;1700000000;hi\n"),
        ("\t", "message_id\tsent_at\tbody\nm\t1700000000\thi\n"),
        ("|", "message_id|sent_at|body\nm|1700000000|hi\n"),
        (",", "\n\nmessage_id,sent_at,body\nm,1700000000,hi\n"),
    ] {
        let mut archive = open(&zipped(&[("messages.csv", csv)])).unwrap();
        assert_eq!(archive.mapping()[0].delimiter, delimiter, "{csv}");
        let rows = all(archive.messages(&options())).unwrap();
        assert_eq!(rows[0].outcome.as_ref().map(|row| row.body.as_str()), Ok("hi"), "{csv}");
    }
    let declared = messages("sep=;\r\nmessage_id;sent_at;body\r\nm;1700000000;a,b,c,d\r\n");
    assert_eq!(bodies(&declared), [(3, "a,b,c,d".to_owned())]);
}

#[test]
fn names_in_any_case_and_one_folder_deep_are_found() {
    let contact = "contact_id,phone_number\n1,+16175551234\n";
    for name in ["contacts.csv", "CONTACTS.CSV", "export/Contacts.csv", "My Export 2024/contacts.Csv"] {
        let mut archive =
            open(&zipped(&[(name, contact), ("__MACOSX/._contacts.csv", "x"), (".DS_Store", "x")])).unwrap();
        assert_eq!(archive.mapping().iter().map(|file| file.file.as_str()).collect::<Vec<_>>(), [name]);
        assert_eq!(all(archive.contacts(&options())).unwrap().len(), 1, "{name}");
    }
}

#[test]
fn what_is_missing_and_what_is_ignored_is_said() {
    let mut archive = open(&zipped(&[
        ("x/contacts.csv", "contact_id,phone_number\n1,+16175551234\n"),
        ("x/calls.csv", ""),
        ("x/manifest.json", "{\"contacts\": "),
        ("x/readme.txt", "hello"),
        ("x/photos/a.jpg", "hello"),
    ]))
    .unwrap();
    let problems: Vec<_> = archive.problems().iter().map(|problem| (problem.file.as_str(), problem.line)).collect();
    assert_eq!(problems, [("conversations.csv", 0), ("messages.csv", 0), ("calls.csv", 0), ("manifest.json", 0)]);
    let reasons: Vec<_> = archive.problems().iter().map(|problem| problem.reason.as_str()).collect();
    assert_eq!(reasons[1], "`messages.csv` is missing from the archive; the other files are read without it");
    assert_eq!(reasons[2], "`calls.csv` is empty, without even a first row that names its columns");
    assert_eq!(reasons[3], "`manifest.json` is not JSON (line 1, column 13) and was not read");
    assert!(archive.manifest().is_none());
    let ignored: Vec<_> =
        archive.mapping().into_iter().filter(|file| file.kind.is_none()).map(|file| file.file).collect();
    assert_eq!(ignored, ["x/readme.txt", "x/photos/a.jpg"]);
    assert_eq!(all(archive.messages(&options())).unwrap().len(), 0);
    assert_eq!(all(archive.calls(&options())).unwrap().len(), 0);
}

#[test]
fn the_manifest_is_read_in_any_encoding() {
    let text = "{\"contacts\": 3, \"note\": \"a\\u0000b\"}";
    let utf16: Vec<u8> = "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes().to_vec(), format!("\u{FEFF}{text}").into_bytes(), utf16] {
        let files = [("messages.csv", HEADER.as_bytes()), ("Manifest.JSON", bytes.as_slice())];
        let archive = open(&zipped(&files)).unwrap();
        assert_eq!(archive.manifest().unwrap().to_string(), r#"{"contacts":3,"note":"ab"}"#);
    }
    let long = format!("{{\"x\": \"{}\"}}", "y".repeat(2 << 20));
    let long: Vec<u8> = long
        .bytes()
        .enumerate()
        .map(|(at, byte)| if byte == b'y' { b'a' + (at * at % 23) as u8 } else { byte })
        .collect();
    let archive = open(&zipped(&[("messages.csv", HEADER.as_bytes()), ("manifest.json", &long)])).unwrap();
    assert_eq!(
        archive.problems().last().unwrap().reason,
        "`manifest.json` is longer than 1048576 bytes and was not read"
    );
    let deep = "[".repeat(100_000);
    let archive = open_with(
        &zipped(&[("messages.csv", HEADER), ("manifest.json", &deep)]),
        Limits { max_ratio: 10_000, ..Limits::default() },
    );
    assert!(archive.unwrap().manifest().is_none());
}

#[test]
fn the_mapping_shows_every_column() {
    let mapping = mapping_of("Thread ID,Phone Number,Type,Timestamp,Text,,Emoji,Date\n", "messages.csv");
    let columns: Vec<_> = mapping.columns.iter().map(|c| (c.header.as_str(), c.column.as_deref())).collect();
    let expected = [
        ("Thread ID", Some("conversation_id")),
        ("Phone Number", Some("other_number")),
        ("Type", Some("direction")),
        ("Timestamp", Some("sent_at")),
        ("Text", Some("body")),
        ("", None),
        ("Emoji", None),
        ("Date", None),
    ];
    assert_eq!(columns, expected);
    let why: Vec<_> = mapping.columns.iter().filter_map(|column| column.ignored.as_deref()).collect();
    assert_eq!(why, ["has no name", "not a column that we know", "another column is `sent_at` already"]);
    assert_eq!(mapping.missing, ["message_id", "from_number", "to_number", "status", "attachments"]);
    let json = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<FileMapping>(&json).unwrap(), mapping);
}

#[test]
fn a_canonical_name_goes_before_an_alias_that_stands_in_front_of_it() {
    let mapping = mapping_of("Type,direction,Date,sent_at\n", "messages.csv");
    let columns: Vec<_> = mapping.columns.iter().map(|column| column.column.as_deref()).collect();
    assert_eq!(columns, [None, Some("direction"), None, Some("sent_at")]);
}

#[test]
fn the_owner_can_add_names() {
    let file = on_disk(&zipped(&[("messages.csv", "Zeitpunkt,Nachricht\n2024-03-05 14:03,hallo\n")]));
    let open = |aliases: &ExtraAliases| Archive::open(&file.path, Limits::default(), aliases).unwrap();
    let rows = all(open(&ExtraAliases::default()).messages(&options())).unwrap();
    assert_eq!(
        rows[0].outcome.as_ref().unwrap_err(),
        "no column is `sent_at`; the first row has `Zeitpunkt`, `Nachricht`; if one of them is it, add its name to the \
         aliases of `messages.sent_at`; its 1 row was not read"
    );
    assert_eq!((rows.len(), rows[0].line, rows[0].rows), (1, 1, 1));
    let names = [("messages.sent_at", "zeit-punkt"), ("messages.body", "Nachricht")];
    let names = names.map(|(column, name)| (column.to_owned(), vec![name.to_owned()]));
    let aliases = ExtraAliases::new(&BTreeMap::from(names)).unwrap();
    assert_eq!(bodies(&all(open(&aliases).messages(&options())).unwrap()), [(2, "hallo".to_owned())]);
}

#[test]
fn a_file_without_the_column_it_needs_is_one_problem_with_its_count() {
    for (file, header, needed) in [
        ("contacts.csv", "contact_id,color", "`phone_number` or `email` or `display_name`"),
        ("conversations.csv", "participants,channel", "`conversation_id`"),
        ("messages.csv", "message_id,body", "`sent_at`"),
        ("calls.csv", "call_id,duration", "`started_at`"),
    ] {
        let csv = format!("{header}\n{}", "1,red\n".repeat(1_234));
        let mut archive = open(&zipped(&[(file, csv)])).unwrap();
        let options = options();
        let (count, reason) = match archive.mapping()[0].kind.unwrap() {
            FileKind::Contacts => one(all(archive.contacts(&options)).unwrap()),
            FileKind::Conversations => one(all(archive.conversations(&options)).unwrap()),
            FileKind::Messages => one(all(archive.messages(&options)).unwrap()),
            FileKind::Calls => one(all(archive.calls(&options)).unwrap()),
            FileKind::Manifest => unreachable!(),
        };
        assert_eq!(count, 1_234);
        assert!(reason.contains(&format!("no column is {needed}; the first row has")), "{reason}");
        assert!(reason.ends_with("its 1234 rows were not read"), "{reason}");
    }
}

fn one<T>(rows: Vec<Row<T>>) -> (u64, String) {
    assert_eq!((rows.len(), rows[0].line), (1, 1));
    (rows[0].rows, rows[0].outcome.as_ref().err().unwrap().clone())
}

#[test]
fn a_first_row_that_is_data_is_said_to_be_no_header() {
    let rows = messages("m1,t1,+16175551234,+16172223333,in,hello,1700000000,,\nm2,t1,,,in,x,1700000001,,\n");
    assert_eq!(rows.len(), 1);
    assert!(rows[0].outcome.as_ref().unwrap_err().contains("the first row has `m1`, `t1`"));
}

/// Numbered, so that they do not pack like a bomb.
fn a_million_columns() -> String {
    (0..1_000_000).map(|number| format!("{number},")).collect()
}

#[test]
fn a_row_of_a_million_columns_is_skipped_and_reading_goes_on() {
    let csv = format!("{HEADER}{}\nm,t,,,in,after,1700000000,,\n", a_million_columns());
    assert_eq!(
        bodies(&messages(csv)),
        [(2, "✗ the row has more than 500 columns, skipped".to_owned()), (3, "after".to_owned())]
    );
}

#[test]
fn a_field_of_a_hundred_megabytes_is_skipped_and_reading_goes_on() {
    // Text that does not pack like a bomb.
    let mut state = 1_u32;
    let noise: String = (0..100 << 10)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + (state >> 24) as u8 % 26)
        })
        .collect();
    let csv = format!("{HEADER}m,t,,,in,\"{}\",1700000000,,\nm,t,,,in,after,1700000000,,\n", noise.repeat(1 << 10));
    assert!(csv.len() > 100 << 20);
    let rows = messages(csv);
    assert_eq!(bodies(&rows), [(2, "✗ the row is longer than 4 MiB, skipped".to_owned()), (3, "after".to_owned())]);
}

#[test]
fn a_field_beyond_its_limit_is_skipped_by_name() {
    let limits = Limits { max_field_bytes: 100, ..Limits::default() };
    let cell = |bytes| format!("m,t,,,in,{},1700000000,,\n", "x".repeat(bytes));
    let csv = format!("{HEADER}{}{}", cell(101), cell(100));
    let mut archive = open_with(&zipped(&[("messages.csv", csv)]), limits).unwrap();
    let rows = all(archive.messages(&options())).unwrap();
    assert_eq!(rows[0].outcome.as_ref().unwrap_err(), "`body` is longer than 100 bytes, row skipped");
    assert_eq!(rows[1].outcome.as_ref().unwrap().body.len(), 100);
}

#[test]
fn a_header_of_a_million_columns_makes_the_file_unreadable_not_the_archive() {
    let csv = format!("{}\n1,2\n3,4\n", a_million_columns());
    let mut archive =
        open(&zipped(&[("messages.csv", csv.as_str()), ("contacts.csv", "phone\n+16175551234\n")])).unwrap();
    let (rows, reason) = one(all(archive.messages(&options())).unwrap());
    assert_eq!(rows, 2);
    assert!(reason.contains("more than 500 columns"), "{reason}");
    assert_eq!(all(archive.contacts(&options())).unwrap().len(), 1);
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_said() {
    let rows = messages(format!(
        "{HEADER}m,t,,,in,one,1700000000,,\nm,t,,,in,\"two,1700000000,,\nm,t,,,in,three,1700000000,,"
    ));
    assert_eq!(rows.len(), 2);
    let reason = rows[1].outcome.as_ref().unwrap_err();
    assert!(
        reason.starts_with("a quotation mark of this row is never closed") && reason.contains("(line 4)"),
        "{reason}"
    );
    assert_eq!(rows[1].line, 3);
}

#[test]
fn short_long_blank_and_repeated_rows_are_all_accounted_for() {
    let csv = format!("{HEADER},,,,,,,,\n{HEADER}m,t,,,in,hi,1700000000\nm,t,,,in,hi,1700000000,,,extra,more\n,t\n");
    let rows = messages(csv);
    assert_eq!(
        bodies(&rows),
        [
            (2, "✗ the row is blank".to_owned()),
            (3, "✗ the row repeats the header".to_owned()),
            (4, "hi".to_owned()),
            (5, "hi".to_owned()),
            (6, "✗ `sent_at` is blank".to_owned()),
        ]
    );
    assert!(rows[3].notes.contains(&"has 2 cells more than the header (is a delimiter not quoted?)".to_owned()));
}

#[test]
fn files_can_be_read_again_and_progress_is_seen() {
    let csv = format!("{HEADER}{}", "m,t,,,in,hi,1700000000,,\n".repeat(10_000));
    let mut archive = open(&zipped(&[("messages.csv", &csv)])).unwrap();
    assert_eq!(archive.unpacked_bytes(), csv.len() as u64);
    let options = options();
    for _ in 0..2 {
        let mut rows = archive.messages(&options).unwrap();
        assert_eq!(rows.by_ref().take(5_000).filter(|row| row.is_ok()).count(), 5_000);
        let half = rows.bytes_read();
        assert!(half > 100_000 && half < csv.len() as u64, "{half}");
        assert_eq!(rows.by_ref().count(), 5_000);
        assert_eq!(rows.bytes_read(), csv.len() as u64);
    }
}
