#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn text(bytes: &[u8]) -> (Encoding, String) {
    let mut decoder = Decoder::start(bytes).unwrap();
    let mut all = vec![];
    loop {
        let block = decoder.block().unwrap();
        if block.is_empty() {
            break;
        }
        let used = block.len().min(1_000);
        all.extend_from_slice(&block[..used]);
        decoder.consume(used);
    }
    (decoder.encoding(), String::from_utf8(all).unwrap())
}

#[test]
fn encodings_are_told_apart() {
    for (bytes, encoding, expected) in [
        (b"".as_slice(), Encoding::Utf8, ""),
        (b"a", Encoding::Utf8, "a"),
        (b"\xEF\xBB\xBFa", Encoding::Utf8, "a"),
        (b"\xFF\xFEa\0b\0", Encoding::Utf16Le, "ab"),
        (b"\xFE\xFF\0a\0b", Encoding::Utf16Be, "ab"),
        (b"a\0b\0c\0d\0", Encoding::Utf16Le, "abcd"),
        (b"\0a\0b\0c\0d", Encoding::Utf16Be, "abcd"),
        ("é,ü".as_bytes(), Encoding::Utf8, "é,ü"),
        (b"caf\xE9, na\xEFve", Encoding::Windows1252, "café, naïve"),
        (b"\x93quoted\x94 \x80", Encoding::Windows1252, "“quoted” €"),
        // Mostly UTF-8: the odd byte is read alone.
        (b"\xC3\xA9 \xC3\xBC \xE9!", Encoding::Utf8, "é ü é!"),
        // A stray NUL makes no UTF-16.
        (b"contact_id,display_name\0,phone", Encoding::Utf8, "contact_id,display_name\0,phone"),
        // A file cut inside a character.
        (b"\xC3\xA9\xC3", Encoding::Utf8, "éÃ"),
        (b"\xFF\xFEa\0b", Encoding::Utf16Le, "a\u{FFFD}"),
    ] {
        assert_eq!(text(bytes), (encoding, expected.to_owned()), "{bytes:?}");
    }
}

#[test]
fn characters_that_span_blocks_stay_whole() {
    for shift in 0..4 {
        let long = format!("{}{}", "x".repeat(shift), "é👍€".repeat(30_000));
        assert_eq!(text(long.as_bytes()), (Encoding::Utf8, long.clone()));
        let utf16: Vec<u8> = "\u{FEFF}".encode_utf16().chain(long.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&utf16), (Encoding::Utf16Be, long));
    }
}

#[test]
fn a_bad_byte_at_the_end_of_a_block_is_one_letter() {
    for at in BLOCK_BYTES - 3..BLOCK_BYTES + 3 {
        let mut bytes = "é".repeat(8).into_bytes();
        bytes.resize(at, b'x');
        bytes.extend_from_slice(b"\xE9\xE9yz");
        let (_, text) = text(&bytes);
        assert!(text.ends_with("xééyz"), "{at}: {:?}", &text[text.len() - 10..]);
    }
}

proptest! {
    #[test]
    fn valid_text_comes_through_unchanged(text_in in "[a-z,\"\n é👍]{0,300}") {
        prop_assert_eq!(text(text_in.as_bytes()).1, text_in);
    }

    #[test]
    fn any_bytes_become_text(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        text(&bytes);
    }
}
