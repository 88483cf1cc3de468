#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::*;

/// `header→column` for each header; `header` alone where it is ignored.
fn mapped(kind: FileKind, headers: &str, extra: &ExtraAliases) -> String {
    let layout = Layout::new(kind, headers.split(',').map(header).collect(), extra);
    let shown = layout.column_mappings().into_iter().map(|found| match found.column {
        Some(column) => format!("{}→{column}", found.header),
        None => found.header,
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn check(kind: FileKind, headers: &str, expected: &str) {
    assert_eq!(mapped(kind, headers, &ExtraAliases::default()), expected);
}

#[test]
fn headers_in_the_wild() {
    check(FileKind::Messages, "Thread ID,TIMESTAMP,Text", "Thread ID→conversation_id TIMESTAMP→sent_at Text→body");
    check(FileKind::Messages, "address,date,type,body", "address→other_number date→sent_at type→direction body→body");
    check(FileKind::Messages, "To 1,To 2,to-number", "To 1→to_number To 2→to_number to-number→to_number");
    check(FileKind::Messages, "Date,Time,Folder", "Date→sent_at Time→sent_time Folder→direction");
    check(
        FileKind::Calls,
        "Number,Type,Start Time,Duration",
        "Number→other_number Type→direction Start Time→started_at Duration→duration_seconds",
    );
    check(
        FileKind::Contacts,
        "Contact Name,Mobile,Number",
        "Contact Name→display_name Mobile→phone_number Number→phone_number",
    );
    check(FileKind::Contacts, "Phone Number 2,E-mail 1 - Value", "Phone Number 2→phone_number E-mail 1 - Value→email");
    check(FileKind::Contacts, "Phone 1 - Type,12,—", "Phone 1 - Type 12 —");
    check(FileKind::Contacts, "Notes,Notes,Note 2", "Notes→notes Notes Note 2");
    check(FileKind::Conversations, "ID,Members,Type", "ID→conversation_id Members→participants Type→channel");
}

#[test]
fn the_first_of_two_equals_wins_and_the_surest_of_two_unequals() {
    check(FileKind::Messages, "Timestamp,Date", "Timestamp→sent_at Date");
    check(FileKind::Messages, "Timestamp,Date,sent at", "Timestamp Date sent at→sent_at");
    let names = BTreeMap::from([("messages.sent_at".to_owned(), vec!["Date".to_owned()])]);
    let extra = ExtraAliases::new(&names).unwrap();
    assert_eq!(mapped(FileKind::Messages, "Timestamp,Date", &extra), "Timestamp Date→sent_at");
    // The owner's name goes before ours also where it means another column.
    let names = BTreeMap::from([("messages.status".to_owned(), vec!["Type".to_owned()])]);
    let extra = ExtraAliases::new(&names).unwrap();
    assert_eq!(mapped(FileKind::Messages, "Type,Folder", &extra), "Type→status Folder→direction");
}

#[test]
fn stand_ins_are_not_missed_and_do_for_what_is_needed() {
    let layout =
        |kind, headers: &str| Layout::new(kind, headers.split(',').map(header).collect(), &ExtraAliases::default());
    assert_eq!(layout(FileKind::Contacts, "Last Name").unusable, None);
    assert_eq!(layout(FileKind::Calls, "Time").unusable, None);
    assert!(!layout(FileKind::Contacts, "phone").missing().contains(&"given_name".to_owned()));
    assert!(layout(FileKind::Contacts, "phone").missing().contains(&"email".to_owned()));
}

#[test]
fn payload_keys_are_never_used_twice_but_by_columns_that_count_together() {
    let headers = ["phone", "mobile", "", "", "Tag", "tag", "Tag", "notes", "note", "email address", "column 3"];
    let layout = Layout::new(FileKind::Contacts, headers.map(header).to_vec(), &ExtraAliases::default());
    let keys = [
        "phone_number",
        "phone_number",
        "column 3",
        "column 4",
        "Tag",
        "tag",
        "Tag (2)",
        "notes",
        "note",
        "email",
        "column 3 (2)",
    ];
    assert_eq!(layout.payload_keys, keys);
    // A header that is ignored cannot take the name of a column of ours.
    let headers = ["notes", "notes"];
    let layout = Layout::new(FileKind::Contacts, headers.map(header).to_vec(), &ExtraAliases::default());
    assert_eq!(layout.payload_keys, ["notes", "notes (2)"]);
}

#[test]
fn an_endless_header_is_cut() {
    assert_eq!(header(&"x".repeat(5_000)).len(), HEADER_CHARS);
}

#[test]
fn delimiters() {
    for (line, delimiter) in [
        ("a,b;c,d\nx;y;z;;;;;", b','),
        ("a;b,c;d", b';'),
        ("\"a,b,c\";d", b';'),
        ("a\tb", b'\t'),
        ("alone", b','),
        ("", b','),
        ("\n\na|b\n,,,", b'|'),
    ] {
        assert_eq!(sniff_delimiter(line.as_bytes()), delimiter, "{line:?}");
    }
    assert_eq!(declared_delimiter(b"SEP=;\na"), Some((b';', 6)));
    assert_eq!(declared_delimiter(b"sep=\t\r\na"), Some((b'\t', 7)));
    assert_eq!(declared_delimiter(b"sep=x\na"), None);
    assert_eq!(declared_delimiter(b"sep=;"), None);
    assert_eq!(declared_delimiter(b"separator,x\n"), None);
}
