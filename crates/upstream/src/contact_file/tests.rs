#![allow(clippy::unwrap_used)]

use std::io::Write;

use super::*;

fn file(text: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    file
}

fn contacts(text: &str) -> Vec<(String, Contact)> {
    let file = file(text.as_bytes());
    let mut opened = ContactFile::open(file.path()).unwrap();
    let rows = opened.rows(100).unwrap();
    rows.iter().map(|row| (row.record_id().to_owned(), row.contact("US".parse().unwrap()))).collect()
}

fn refused(text: &[u8]) -> String {
    let file = file(text);
    let read = ContactFile::open(file.path()).and_then(|mut opened| opened.rows(100));
    read.err().unwrap().to_string()
}

#[test]
fn a_row_becomes_a_contact_whatever_its_columns_order() {
    let all = contacts(
        "\u{FEFF}phones,RECORD_ID,last_name,first_name,emails,street,unit,city,state,zip,shoe size\r\n\
         \"(617) 444-1001 | 617.444.1002 x3 | n/a\",r1,SMITH,John Q.,J.Smith@Example-Shop.com | none,12 Elm St,4,Quincy,MA,2169,9\r\n",
    );
    let (id, contact) = &all[0];
    assert_eq!(id, "r1");
    assert_eq!(contact.name.as_ref().unwrap().display(), "John Q. SMITH");
    let phones: Vec<&str> = contact.phones.iter().map(|phone| phone.as_str()).collect();
    assert_eq!(phones, ["+16174441001", "+16174441002"]);
    assert_eq!(contact.emails[0].as_str(), "j.smith@example-shop.com");
    let address = &contact.addresses[0];
    assert_eq!((address.zip(), address.unit().as_deref()), (Some("02169"), Some("# 4")));
}

#[test]
fn names_come_in_parts_or_whole() {
    let shown = |row: &str| {
        let all = contacts(&format!("record_id,first_name,last_name,full_name\nr1,{row}\n"));
        all[0].1.name.as_ref().map(|name| name.display())
    };
    assert_eq!(shown("Ann,de la Cruz,").as_deref(), Some("Ann de la Cruz"));
    assert_eq!(shown(",,\"Miller, Ann\"").as_deref(), Some("Ann Miller"));
    assert_eq!(shown("John & Mary,Smith,").as_deref(), Some("John & Mary Smith"));
    assert_eq!(shown(",Smith,").as_deref(), Some("Smith Family"));
    assert_eq!(shown("Bob,,").as_deref(), Some("Bob"));
    assert_eq!(shown("n/a,unknown,"), None);
}

#[test]
fn a_file_that_is_none_is_refused_in_words() {
    assert!(refused(b"").contains("it is empty"));
    assert!(refused(b"id,name\n1,Ann\n").contains("no column `record_id`"));
    assert!(refused(b"record_id,record_id\n1,2\n").contains("twice"));
    assert!(refused(b"record_id,full_name\nr1,Ann\n,Bob\n").contains("line 3"));
    assert!(refused(b"record_id,full_name\nr1,\"Ann\nr2,Bob\n").contains("quotation mark"));
    assert!(ContactFile::open(Path::new("/nowhere/at/all.csv")).is_err());
}

#[test]
fn rows_come_in_parts_and_short_rows_are_blank_behind() {
    let file = file(b"record_id,full_name,zip\nr1,Ann\n\nr2\nr3,Cy,02169\n");
    let mut opened = ContactFile::open(file.path()).unwrap();
    let ids = |rows: Vec<Row>| rows.iter().map(|row| row.record_id().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(opened.rows(2).unwrap()), ["r1", "r2"]);
    assert_eq!(ids(opened.rows(2).unwrap()), ["r3"]);
    assert!(opened.rows(2).unwrap().is_empty());
}
