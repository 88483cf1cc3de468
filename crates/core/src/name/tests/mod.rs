#![allow(clippy::unwrap_used)]

mod agreement;
mod parts;

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap_or_else(|| panic!("{text:?} holds no name"))
}

/// Texts made of what names are made of, so that properties meet the rules and not only noise.
fn name_like() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "John",
        "JOHN",
        "Bob",
        "robert",
        "Mary",
        "Ann",
        "J",
        "J.",
        "J.R.",
        "Smith",
        "SMITH",
        "Smyth",
        "Smith-Jones",
        "O'Brien",
        "de",
        "la",
        "Cruz",
        "van",
        "der",
        "Berg",
        "Jr",
        "Sr.",
        "III",
        "MD",
        "Mr.",
        "Mrs",
        "Dr",
        "&",
        "and",
        "/",
        ",",
        "(Bill)",
        "\"Bill\"",
        "'Bill'",
        "(cell)",
        "Plumbing",
        "LLC",
        "Church",
        "the",
        "Family",
        "José",
        "ß",
        "İ",
        "李",
        "דוד",
        "Иван",
        "2",
        "4B",
        "apt",
        "unknown",
        "617-555-1234",
        "\u{1F527}",
        "x@y.com",
        "-",
        "Mc",
        "mcdonald",
        "cell",
    ]);
    proptest::collection::vec(word, 0..7).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_is_read_as_the_same(text in prop_oneof![name_like(), "\\PC{0,40}"]) {
        if let Some(name) = Name::parse(&text) {
            let again = Name::parse(&name.display());
            prop_assert_eq!(again.as_ref().map(Name::display), Some(name.display()));
        }
    }

    #[test]
    fn comparing_is_symmetric_and_a_name_is_itself(a in name_like(), b in name_like()) {
        let (a, b) = (Name::from(a), Name::from(b));
        prop_assert_eq!(a.compare(&b), b.compare(&a));
        let itself = if Name::parse(a.as_written()).is_some() { Agreement::Same } else { Agreement::Unknown };
        prop_assert_eq!(a.compare(&a.clone()), itself);
        // Not by the shortcut for equal texts either.
        let spaced = Name::from(format!("{} ,", a.as_written()));
        if spaced.display() == a.display() && itself == Agreement::Same && a.kind() == spaced.kind() {
            prop_assert_eq!(a.compare(&spaced), Agreement::Same);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,300}", other in "\\PC{0,300}") {
        let (a, b) = (Name::from(text), Name::from(other));
        prop_assert_eq!(a.compare(&b), b.compare(&a));
        prop_assert!(a.as_written().chars().count() <= MAX_NAME_CHARS);
        a.search_words();
        a.completeness();
    }
}
