#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let seen = match Email::parse(text) {
            Ok(email) => email.0,
            Err(bad) => format!("{bad:?}"),
        };
        assert_eq!(seen, *expected, "{text:?}");
    }
}

#[test]
fn addresses_are_found_in_what_stands_around_them() {
    check(&[
        ("john@example.com", "john@example.com"),
        ("  John.Smith@Example.COM ", "john.smith@example.com"),
        ("John <j@x.com>", "j@x.com"),
        ("\"Smith, John\" <j@x.com>", "j@x.com"),
        ("<j@x.com>", "j@x.com"),
        ("j@x.com <j@x.com>", "j@x.com"),
        ("\"John @ home\" <j@x.com>", "j@x.com"),
        ("\"j@x.com\"", "j@x.com"),
        ("'j@x.com'", "j@x.com"),
        ("mailto:j@x.com", "j@x.com"),
        ("MAILTO:j@x.com?subject=Hello%20you", "j@x.com"),
        ("<mailto:j@x.com>", "j@x.com"),
        ("j@x.com (work)", "j@x.com"),
        ("work: j@x.com", "j@x.com"),
        ("E-mail: j@x.com;", "j@x.com"),
        ("j@x.com.", "j@x.com"),
        ("\u{200b}j@x.com\u{feff}", "j@x.com"),
        ("ｊ＠ｘ．ｃｏｍ", "j@x.com"),
        ("o'brien+tag@sub.example.co.uk", "o'brien+tag@sub.example.co.uk"),
        ("JÖRG@MÜLLER.DE", "jörg@müller.de"),
        ("用户@例子.公司", "用户@例子.公司"),
        ("x@xn--mller-kva.de", "x@xn--mller-kva.de"),
        ("\"john@home\"@x.com", "\"john@home\"@x.com"),
        ("a@1and1.com", "a@1and1.com"),
    ]);
}

#[test]
fn what_is_no_address_says_why() {
    let long_mailbox = format!("{}@x.com", "a".repeat(65));
    let long_label = format!("a@{}.com", "b".repeat(64));
    let long_address = format!("a@{}com", "bcdefghi.".repeat(30));
    let endless = "a".repeat(MAX_EMAIL_CHARS + 1);
    check(&[
        ("", "Blank"),
        (" \u{a0}", "Blank"),
        ("N/A", "Blank"),
        ("none", "Blank"),
        ("john", "NoAt"),
        ("617-555-1234", "NoAt"),
        ("a@x.com b@y.com", "Several"),
        ("a@x.com;b@y.com", "Several"),
        ("Ann <a@x.com>, Bob <b@y.com>", "Several"),
        ("a@@x.com", "Several"),
        ("john smith@x.com", "HasBlank"),
        ("john@x .com", "HasBlank"),
        ("@x.com", "BadMailbox"),
        (".a@x.com", "BadMailbox"),
        ("a.@x.com", "BadMailbox"),
        ("a..b@x.com", "BadMailbox"),
        ("a[b]@x.com", "BadMailbox"),
        ("a@localhost", "BadDomain"),
        ("a@x..com", "BadDomain"),
        ("a@-x.com", "BadDomain"),
        ("a@x-.com", "BadDomain"),
        ("a@x_y.com", "BadDomain"),
        ("a@x.c", "BadDomain"),
        ("a@192.168.1.1", "BadDomain"),
        ("a@[192.168.1.1]", "BadDomain"),
        ("a@", "BadDomain"),
        (&long_mailbox, "TooLong"),
        (&long_label, "BadDomain"),
        (&long_address, "TooLong"),
        (&endless, "TooLong"),
    ]);
}

#[test]
fn a_reason_never_repeats_the_address() {
    for text in ["mary@localhost", "mary x@x.com", "mary", "mary@x.com mary@y.com", "ma[ry@x.com"] {
        let reason = Email::parse(text).unwrap_err().to_string();
        assert!(!reason.contains("mary") && !reason.ends_with('.'), "{reason}");
    }
}

#[test]
fn a_cell_of_several_addresses_gives_each() {
    let list = |cell: &str| {
        let (good, bad) = Email::parse_list(cell);
        format!("{} {bad:?}", good.iter().map(Email::as_str).collect::<Vec<_>>().join(" "))
    };
    for cell in [
        "a@x.com, b@y.com",
        "a@x.com;b@y.com;",
        "a@x.com | b@y.com",
        "a@x.com b@y.com",
        "a@x.com / b@y.com",
        "a@x.com\r\nb@y.com",
        "a@x.com ::: b@y.com",
        "a@x.com or b@y.com",
        "\"Smith, Ann\" <a@x.com>, Bob <b@y.com>",
        "Smith, Ann <a@x.com>; Brown, Bob <b@y.com>",
        "mailto:a@x.com, mailto:b@y.com",
    ] {
        assert_eq!(list(cell), "a@x.com b@y.com []", "{cell:?}");
    }
    assert_eq!(list("a@x.com, b@localhost"), "a@x.com [BadDomain]");
    assert_eq!(list("none"), " []");
    assert_eq!(list(""), " []");
    assert_eq!(list("ask John"), " [NoAt]");
    assert_eq!(list("\"a@x.com, b@y.com\nc@z.com"), "c@z.com [Several]");
    let (good, bad) = Email::parse_list(&"a@x.com,".repeat(200));
    assert_eq!((good.len(), bad), (MAX_EMAILS_PER_CELL, vec![BadEmail::TooMany]));
    assert_eq!(Email::parse_list(&"a@x.com,".repeat(2_000)).1, [BadEmail::TooLong]);
}

#[test]
fn a_match_key_is_equal_for_one_mailbox_only() {
    let key = |text: &str| Email::parse(text).unwrap().match_key();
    assert_eq!(key("John.Smith+doorstep@googlemail.com"), "johnsmith@gmail.com");
    assert_eq!(key("johnsmith@gmail.com"), "johnsmith@gmail.com");
    assert_eq!(key("john.smith+x@outlook.com"), "john.smith@outlook.com");
    assert_eq!(key("john.smith+x@example.com"), "john.smith+x@example.com");
    assert_eq!(key("+x@gmail.com"), "+x@gmail.com");
    assert_ne!(key("john.smith@example.com"), key("johnsmith@example.com"));
    assert_eq!(Email::parse("j@Example.com").unwrap().domain(), "example.com");
}

#[test]
fn debug_output_hides_the_address() {
    assert_eq!(format!("{:?}", Email::parse("mary@x.com").unwrap()), "***@***");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_normal_form_is_its_own_normal_form(text in "[A-Za-z0-9.+'\"<>() ,;:?_ÄİΣß-]{1,20}@[A-Za-z0-9.ÄİΣß-]{1,20}\\.[a-zİ]{1,4}") {
        if let Ok(email) = Email::parse(&text) {
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,300}") {
        let (good, _) = Email::parse_list(&text);
        prop_assert!(good.iter().all(|email| email.as_str().len() <= 254));
    }

    #[test]
    fn no_mixture_of_address_characters_panics(text in "[ab@.,;:<>()\"'?=/ \n-]{0,40}") {
        for email in Email::parse_list(&text).0.into_iter().chain(Email::parse(&text)) {
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
        }
    }
}
