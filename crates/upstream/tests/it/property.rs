//! Whatever the bytes are: no panic, no hang, and every data row accounted for.

use doorstep_upstream::phone_history::{Limits, Row};
use proptest::prelude::*;

use crate::support::{RawEntry, all, drain, open, open_with, options, raw_zip, zipped};

/// A CSV file: words that a reader of CSV, of dates, of numbers and of encodings may stumble over.
fn csv() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b",".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\0".to_vec()),
        Just(b";".to_vec()),
        Just("sent_at".as_bytes().to_vec()),
        Just("phone,email,name".as_bytes().to_vec()),
        Just("+16175551234".as_bytes().to_vec()),
        Just("a@b.co; [\"x\"]".as_bytes().to_vec()),
        Just("1700000000".as_bytes().to_vec()),
        Just("99:99:99".as_bytes().to_vec()),
        Just("\u{FEFF}é👍\u{202E}".as_bytes().to_vec()),
        Just(b"\xFF\xFE".to_vec()),
        Just(b"\xE9".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A row of plain cells, and how many physical lines it has.
fn row() -> impl Strategy<Value = (String, u64)> {
    let cell = prop_oneof![
        "[a-z0-9]{1,8}",
        Just("\"x\ny\"".to_owned()),
        Just("\"a\"\"b,c\"".to_owned()),
        Just("é".to_owned())
    ];
    proptest::collection::vec(cell, 1..5).prop_map(|cells| {
        let row = cells.join(",");
        let lines = 1 + row.matches('\n').count() as u64;
        (row, lines)
    })
}

fn accounted<T>(rows: &[Row<T>]) -> (u64, Vec<u64>) {
    (rows.iter().map(|row| row.rows).sum(), rows.iter().map(|row| row.line).collect())
}

proptest! {
    #[test]
    fn any_bytes_are_an_archive_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = open(&bytes).and_then(|mut archive| drain(&mut archive));
    }

    #[test]
    fn a_good_archive_with_changed_bytes_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let files = [
            ("contacts.csv", "contact_id,phone\n1,+16175551234\n"),
            ("messages.csv", "message_id,sent_at,body\nm,1700000000,hi\n"),
            ("manifest.json", "{}"),
        ];
        let mut bytes = zipped(&files);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = open(&bytes).and_then(|mut archive| drain(&mut archive));
    }

    #[test]
    fn any_bytes_are_four_tables(bytes in csv()) {
        let names = ["contacts.csv", "conversations.csv", "messages.csv", "calls.csv", "manifest.json"];
        let archive = raw_zip(&names.map(|name| RawEntry::stored(name, &bytes)));
        drain(&mut open(&archive).unwrap()).unwrap();
    }

    #[test]
    fn any_bytes_are_rows_of_known_columns_and_tight_limits_hold(bytes in csv(), tight in any::<bool>()) {
        let limits = match tight {
            true => Limits { max_row_bytes: 40, max_columns: 12, max_field_bytes: 9, ..Limits::default() },
            false => Limits::default(),
        };
        let header = "id,from,to,type,text,date,time,status,media,number,phone 2,email\n".as_bytes();
        let file = [header, &bytes].concat();
        let names = ["contacts.csv", "conversations.csv", "messages.csv", "calls.csv"];
        let archive = raw_zip(&names.map(|name| RawEntry::stored(name, &file)));
        let mut archive = open_with(&archive, limits).unwrap();
        let options = options();
        let contacts = accounted(&all(archive.contacts(&options)).unwrap());
        let conversations = accounted(&all(archive.conversations(&options)).unwrap());
        prop_assert_eq!(&contacts, &conversations, "the same rows whatever they mean");
        prop_assert_eq!(&contacts, &accounted(&all(archive.messages(&options)).unwrap()));
        prop_assert!(contacts.1.is_sorted());
        if contacts.0 > 0 && !tight {
            prop_assert!(contacts.1[0] >= 2);
        }
    }

    #[test]
    fn every_data_row_comes_out_once_with_its_line(rows in proptest::collection::vec(row(), 0..30), crlf in any::<bool>()) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut csv = format!("message_id,sent_at,body{end}");
        let (mut line, mut lines) = (2, vec![]);
        for (row, height) in &rows {
            csv.push_str(row);
            csv.push_str(end);
            lines.push(line);
            line += height;
        }
        let mut archive = open(&zipped(&[("messages.csv", csv)])).unwrap();
        let found = accounted(&all(archive.messages(&options())).unwrap());
        prop_assert_eq!(found, (rows.len() as u64, lines));
    }
}
