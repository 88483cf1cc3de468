//! Archives that are refused whole, each in one sentence.

use std::io::{Cursor, Write};

use doorstep_upstream::phone_history::{ExtraAliases, Limits, Refused};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::{RawEntry, all, drain, end_record, on_disk, open, open_with, options, raw_zip, zipped};

const MESSAGES: &[u8] = b"message_id,from_number,to_number,sent_at,body\nm1,+16175551234,+16172223333,1700000000,hi\n";

/// The sentence with which the archive is refused, at opening or while it is read.
#[track_caller]
fn refusal(bytes: &[u8]) -> Refused {
    let result = open(bytes).and_then(|mut archive| drain(&mut archive));
    let refused = result.expect_err("taken");
    let sentence = refused.to_string();
    assert!(sentence.len() < 300 && !sentence.contains('\n') && !sentence.ends_with('.'), "{sentence}");
    refused
}

macro_rules! refused {
    ($bytes:expr, $pattern:pat) => {{
        let refused = refusal($bytes);
        assert!(matches!(refused, $pattern), "{refused:?}");
    }};
}

#[test]
fn what_is_no_zip_is_refused() {
    refused!(b"", Refused::NotAZip);
    refused!(b"P", Refused::NotAZip);
    refused!(b"contact_id,display_name\n1,Ann\n", Refused::NotAZip);
    refused!(&[0; 100_000], Refused::NotAZip);
    refused!(b"\x1f\x8b\x08\0\0\0\0\0", Refused::NotAZip);
    refused!(&b"Rar!\x1a\x07\x01\0".repeat(20), Refused::NotAZip);
}

#[test]
fn a_missing_file_is_an_error_of_the_disk() {
    let file = on_disk(b"");
    let path = file.path.with_extension("gone");
    let opened = doorstep_upstream::phone_history::Archive::open(&path, Limits::default(), &ExtraAliases::default());
    assert!(matches!(opened.err(), Some(Refused::Io(_))));
}

#[test]
fn a_truncated_archive_is_refused_wherever_it_was_cut() {
    let whole =
        zipped(&[("contacts.csv", b"contact_id,phone\n1,+16175551234\n".as_slice()), ("messages.csv", MESSAGES)]);
    assert_eq!(drain(&mut open(&whole).unwrap()).unwrap(), 2);
    for length in 4..whole.len() {
        let refused = refusal(&whole[..length]);
        assert!(matches!(refused, Refused::Truncated), "cut at {length} of {}: {refused:?}", whole.len());
    }
}

#[test]
fn bytes_missing_in_the_middle_are_noticed() {
    let whole =
        zipped(&[("contacts.csv", b"contact_id,phone\n1,+16175551234\n".as_slice()), ("messages.csv", MESSAGES)]);
    for at in 0..60 {
        let mut cut = whole.clone();
        cut.drain(at..at + 7);
        refusal(&cut);
    }
}

#[test]
fn an_encrypted_file_is_refused_even_one_that_is_not_ours() {
    for name in ["messages.csv", "photos/a.jpg"] {
        let mut entry = RawEntry::stored(name, &[7; 40]);
        entry.flags = 1;
        let sentence = refusal(&raw_zip(&[RawEntry::stored("contacts.csv", b"id,phone\n"), entry])).to_string();
        assert_eq!(sentence, format!("`{name}` in the archive is encrypted; export it without a password"));
    }
}

#[test]
fn paths_out_of_the_archive_are_refused() {
    for name in [
        "../contacts.csv",
        "a/../../contacts.csv",
        "/etc/contacts.csv",
        "\\contacts.csv",
        "a\\..\\b.csv",
        "C:/contacts.csv",
        "c:contacts.csv",
        "a/..",
        "contacts.csv\0.txt",
        "",
    ] {
        let archive = raw_zip(&[RawEntry::stored("messages.csv", MESSAGES), RawEntry::stored(name, b"")]);
        let refused = refusal(&archive);
        assert!(matches!(refused, Refused::PathEscape { .. }), "{name:?}: {refused:?}");
    }
}

#[test]
fn names_that_only_look_like_escapes_are_fine() {
    for name in ["..contacts", "a..b/c", "photos/...", "notes: all.txt", "ünï/códe.txt"] {
        let archive = raw_zip(&[RawEntry::stored("messages.csv", MESSAGES), RawEntry::stored(name, b"")]);
        assert_eq!(drain(&mut open(&archive).unwrap()).unwrap(), 1, "{name}");
    }
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let mut entry = RawEntry::stored("\u{1b}[2Jmessages.csv", b"");
    entry.flags = 1;
    let sentence = refusal(&raw_zip(&[entry])).to_string();
    assert!(!sentence.contains('\u{1b}'), "{sentence:?}");
}

#[test]
fn a_link_is_refused() {
    let mut entry = RawEntry::stored("contacts.csv", b"/etc/passwd");
    entry.mode = 0o120_777;
    refused!(&raw_zip(&[RawEntry::stored("messages.csv", MESSAGES), entry]), Refused::Symlink { .. });
}

#[test]
fn overlapping_entries_are_refused() {
    // Two names for one body, as a quoted bomb has them by the thousand.
    let mut again = RawEntry::stored("calls.csv", MESSAGES);
    again.offset = Some(0);
    refused!(&raw_zip(&[RawEntry::stored("messages.csv", MESSAGES), again]), Refused::Overlapping);
    // A body that reaches into the directory.
    let mut long = RawEntry::stored("messages.csv", MESSAGES);
    (long.packed_bytes, long.unpacked_bytes) = (long.packed_bytes + 20, long.unpacked_bytes + 20);
    refused!(&raw_zip(&[long]), Refused::Overlapping);
}

#[test]
fn a_doubled_file_is_refused() {
    for (a, b) in [
        ("messages.csv", "Messages.CSV"),
        ("messages.csv", "export/messages.csv"),
        ("x/manifest.json", "manifest.json"),
    ] {
        let sentence = refusal(&zipped(&[(a, MESSAGES), (b, MESSAGES)])).to_string();
        assert!(sentence.contains(&format!("`{a}` and `{b}`")), "{sentence}");
    }
    let same = RawEntry::stored("messages.csv", MESSAGES);
    refused!(&raw_zip(&[same.clone(), same]), Refused::Doubled { .. });
}

#[test]
fn none_of_the_four_files_is_refused() {
    refused!(&zipped(&[("readme.txt", b"hello".as_slice()), ("manifest.json", b"{}")]), Refused::Empty);
    refused!(&end_record(0, 0, 0), Refused::Empty);
    refused!(&zipped(&[("a/b/messages.csv", MESSAGES)]), Refused::Empty);
    refused!(&zipped(&[("__MACOSX/messages.csv", MESSAGES), ("._messages.csv", MESSAGES)]), Refused::Empty);
}

#[test]
fn a_method_that_we_do_not_unpack_is_refused_only_where_we_would_unpack_it() {
    let mut entry = RawEntry::stored("messages.csv", MESSAGES);
    entry.method = 14;
    refused!(&raw_zip(&[entry]), Refused::Unsupported { .. });
    let mut photo = RawEntry::stored("photo.jpg", &[1; 50]);
    photo.method = 14;
    assert_eq!(drain(&mut open(&raw_zip(&[RawEntry::stored("messages.csv", MESSAGES), photo])).unwrap()).unwrap(), 1);
}

#[test]
fn a_wrong_checksum_is_found_at_the_end_of_the_stream() {
    let mut entry = RawEntry::stored("messages.csv", &[MESSAGES, &b"m2,a,b,1700000001,x\n".repeat(10_000)].concat());
    entry.crc ^= 1;
    let bytes = raw_zip(&[entry]);
    let mut archive = open(&bytes).expect("opening reads the first block only");
    let options = options();
    let rows: Vec<_> = archive.messages(&options).unwrap().take(20_000).collect();
    assert!(rows.len() > 9_000);
    assert!(matches!(rows.last(), Some(Err(Refused::Damaged { .. }))), "{:?}", rows.last());
    assert_eq!(rows.iter().filter(|row| row.is_err()).count(), 1, "nothing comes after a refusal");
}

#[test]
fn sizes_that_lie_are_found() {
    for change in [-5_i32, 5] {
        let mut entry = RawEntry::stored("messages.csv", MESSAGES);
        entry.unpacked_bytes = entry.unpacked_bytes.strict_add_signed(change);
        refused!(&raw_zip(&[entry]), Refused::Damaged { .. });
    }
}

/// A file of one byte repeated, packed by a library that knows what it really has.
fn repeated(name: &str, mebibytes: usize) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
    for _ in 0..mebibytes {
        writer.write_all(&[b'0'; 1 << 20]).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_bomb_that_admits_it_is_refused_unopened() {
    refused!(&repeated("messages.csv", 20), Refused::Bomb { .. });
    refused!(&repeated("not-even-ours.bin", 20), Refused::Bomb { .. });
}

/// The sizes in the directory (and in front of the file) are changed to `unpacked`.
fn lying(mut archive: Vec<u8>, unpacked: u32) -> Vec<u8> {
    for (signature, field) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let at = archive.windows(4).position(|window| window == signature).unwrap() + field;
        archive[at..at + 4].copy_from_slice(&unpacked.to_le_bytes());
    }
    archive
}

#[test]
fn a_bomb_that_lies_about_its_size_stops_early() {
    let refused = refusal(&lying(repeated("messages.csv", 20), 100_000));
    assert!(matches!(refused, Refused::Damaged { .. } | Refused::Bomb { .. }), "{refused:?}");
}

/// Ten gigabytes of zeros in ten megabytes that claim to be 1.9 gigabytes: a ratio just below the limit.
fn ten_gigabytes_of_zeros() -> Vec<u8> {
    // Zeros pack to one byte that stands for 1,032 of them, again and again: it is taken from the middle of a stream
    // that a library made, and repeated.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("messages.csv", SimpleFileOptions::default()).unwrap();
    writer.write_all(&vec![0; 8 << 20]).unwrap();
    let small = writer.finish().unwrap().into_inner();
    let data = 30 + "messages.csv".len();
    let packed = u32::from_le_bytes(small[18..22].try_into().unwrap()) as usize;
    let (start, end) = small[data..data + packed].split_at(packed / 2);
    assert_eq!(start.last(), end.first());
    let mut entry = RawEntry::stored("messages.csv", &[start, &vec![end[0]; 10_000_000], end].concat());
    entry.method = 8;
    entry.unpacked_bytes = 1_900_000_000;
    raw_zip(&[entry])
}

#[test]
fn ten_gigabytes_of_zeros_that_claim_to_be_less_are_refused_at_the_ratio() {
    // Were it read to the size that it claims, it would be refused as damaged.
    refused!(&ten_gigabytes_of_zeros(), Refused::Bomb { .. });
}

#[test]
fn a_nested_bomb_is_a_file_that_is_not_read() {
    let inner = zipped(&[("inner.zip", repeated("x", 3))]);
    let archive = zipped(&[("more.zip", inner.as_slice()), ("messages.csv", MESSAGES)]);
    assert_eq!(drain(&mut open(&archive).unwrap()).unwrap(), 1);
}

#[test]
fn more_than_the_total_is_refused() {
    let rows = b"m,+16175551234,+16172223333,1700000000,hello\n".repeat(3_000);
    let messages = [b"message_id,from_number,to_number,sent_at,body\n".as_slice(), &rows].concat();
    let bytes = zipped(&[("messages.csv", messages.as_slice()), ("calls.csv", b"call_id,started_at\n")]);
    let limits = Limits { max_unpacked_bytes_total: messages.len() as u64 + 10, ..Limits::default() };
    let refused = open_with(&bytes, limits).err();
    assert!(matches!(refused, Some(Refused::TooBig { .. })), "{refused:?}");
    let enough = Limits { max_unpacked_bytes_total: messages.len() as u64 + 19, ..Limits::default() };
    assert_eq!(drain(&mut open_with(&bytes, enough).unwrap()).unwrap(), 3_000);
}

#[test]
fn a_million_entries_are_refused_by_their_count_alone() {
    // The 64-bit form, with a directory that is not even there.
    let mut bytes = raw_zip(&[RawEntry::stored("messages.csv", MESSAGES)]);
    bytes.truncate(bytes.len() - 22);
    let long_at = bytes.len() as u64;
    bytes.extend_from_slice(b"PK\x06\x06");
    for value in [44_u64, 0x2D_002D, 0] {
        bytes.extend_from_slice(&value.to_le_bytes()[..if value == 44 { 8 } else { 4 }]);
    }
    bytes.extend_from_slice(&[0; 4]);
    for value in [1_000_000_u64, 1_000_000, 46_000_000, 0] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    bytes.extend_from_slice(&long_at.to_le_bytes());
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    bytes.extend_from_slice(&end_record(u16::MAX, u32::MAX, u32::MAX));
    refused!(&bytes, Refused::TooMany { entries: 1_000_000, .. });
}

#[test]
fn entries_beyond_the_limit_are_refused_and_at_the_limit_taken() {
    let archive = |count: usize| {
        let mut entries = vec![RawEntry::stored("messages.csv", MESSAGES)];
        entries.extend((1..count).map(|number| RawEntry::stored(&format!("photos/{number}.jpg"), b"")));
        raw_zip(&entries)
    };
    assert_eq!(drain(&mut open(&archive(1_000)).unwrap()).unwrap(), 1);
    refused!(&archive(1_001), Refused::TooMany { entries: 1_001, limit: 1_000 });
    refused!(&archive(60_000), Refused::TooMany { entries: 60_000, .. });
}

#[test]
fn a_directory_that_is_elsewhere_or_too_small_is_refused() {
    let whole = raw_zip(&[RawEntry::stored("messages.csv", MESSAGES)]);
    let body = &whole[..whole.len() - 22];
    let directory_bytes = 46 + "messages.csv".len() as u32;
    let directory_start = body.len() as u32 - directory_bytes;
    let with_end = |end: Vec<u8>| [body, &end].concat();
    assert!(open(&with_end(end_record(1, directory_bytes, directory_start))).is_ok());
    let too_small = with_end(end_record(2, directory_bytes, directory_start));
    refused!(&too_small, Refused::Damaged { why: "is too small for its entries", .. });
    refused!(&with_end(end_record(1, directory_bytes - 8, directory_start)), Refused::Damaged { .. });
    refused!(&with_end(end_record(1, directory_bytes, directory_start + 9)), Refused::Truncated);
    refused!(&with_end(end_record(1, 5 << 20, 0)), Refused::Damaged { .. });
    let mut parts = end_record(1, directory_bytes, directory_start);
    parts[4] = 1;
    refused!(&with_end(parts), Refused::MultiPart);
}

#[test]
fn a_comment_and_a_program_in_front_are_fine() {
    let whole = raw_zip(&[RawEntry::stored("messages.csv", MESSAGES)]);
    let mut commented = whole.clone();
    let length = commented.len();
    commented[length - 2..].copy_from_slice(&5_u16.to_le_bytes());
    commented.extend_from_slice(b"PK\x05\x06!");
    assert_eq!(drain(&mut open(&commented).unwrap()).unwrap(), 1);
    let in_front = [b"#!/bin/sh\nexit\n".as_slice(), &whole].concat();
    assert_eq!(drain(&mut open(&in_front).unwrap()).unwrap(), 1);
}

#[test]
fn opening_unpacks_no_more_than_the_first_block() {
    // The damage is behind the first block, so that only reading finds it.
    let rows = b"m,+16175551234,+16172223333,1700000000,hello\n".repeat(50_000);
    let mut entry =
        RawEntry::stored("messages.csv", &[b"message_id,from,to,sent_at,body\n".as_slice(), &rows].concat());
    entry.crc ^= 0xFF;
    let mut archive = open(&raw_zip(&[entry])).unwrap();
    let options = options();
    assert!(matches!(all(archive.messages(&options)), Err(Refused::Damaged { .. })));
}
