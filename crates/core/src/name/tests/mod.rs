#![allow(clippy::unwrap_used)]

mod agreement;
mod parts;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::*;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap_or_else(|| panic!("{text:?} holds no name"))
}

/// One way of writing one person, in mixed case.
fn person() -> impl Strategy<Value = String> {
    let family = select(vec![
        "Smith",
        "Smyth",
        "O'Brien",
        "Smith-Jones",
        "de la Cruz",
        "Van der Berg",
        "McDonald",
        "Peña",
        "Lee",
    ]);
    let given = select(vec!["John", "Bob", "Robert", "Mary", "J.", "J.R.", "Micheal", "Michael", "José", "Anne-Marie"]);
    let title = select(vec!["", "Mr. ", "Mrs ", "Dr. "]);
    let middle = select(vec!["", " Q.", " Ann", " Robert", " \"Bill\"", " (Bob)"]);
    let suffix = select(vec!["", " Jr", " Sr.", " III", " MD"]);
    (title, given, middle, family, suffix, 0..5).prop_map(|(title, given, middle, family, suffix, form)| match form {
        0 => format!("{family}, {given}{middle}{suffix}"),
        1 => format!("{title}{family}{suffix}"),
        2 => given.to_owned(),
        3 => format!("{title}{given}{middle} {family},{suffix}"),
        _ => format!("{title}{given}{middle} {family}{suffix}"),
    })
}

/// Names in the ways that people and programs write them: people, couples, businesses, in any case.
fn written() -> impl Strategy<Value = String> {
    let couple = (select(vec!["John", "Bob", "Dr. Ann"]), select(vec![" & ", " and ", "/"]), person())
        .prop_map(|(first, joiner, second)| format!("{first}{joiner}{second}"));
    let business =
        select(vec!["Acme Plumbing LLC", "Acme", "The Acme Company", "Smith & Sons", "City of Quincy", "7-Eleven"]);
    let any = prop_oneof![6 => person(), 2 => couple, 1 => business.prop_map(str::to_owned)];
    (any, 0..4).prop_map(|(text, case)| match case {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        _ => text,
    })
}

/// Words in any order, sense or none.
fn jumbled() -> impl Strategy<Value = String> {
    let word = select(vec![
        "John",
        "BOB",
        "J",
        "J.R.",
        "Smith",
        "Smith-Jones",
        "de",
        "van",
        "Jr",
        "MD",
        "Mr.",
        "&",
        "and",
        "/",
        ",",
        "(Bill)",
        "\"",
        "(cell)",
        "LLC",
        "Church",
        "the",
        "Family",
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
        "cell",
    ]);
    proptest::collection::vec(word, 0..7).prop_map(|words| words.join(" "))
}

/// The same texts in every run: what is shown of a jumble of words is promised for none that anybody has met.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 1_000, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_shown_is_read_as_the_same(text in written()) {
        let one = name(&text);
        let again = name(&one.display());
        prop_assert_eq!(again.display(), one.display());
        prop_assert_eq!((again.given(), again.family(), again.suffix()), (one.given(), one.family(), one.suffix()));
        prop_assert_eq!(again.kind(), one.kind());
        prop_assert_eq!(one.compare(&again), Agreement::Same);
    }

    #[test]
    fn comparing_is_symmetric_and_a_name_is_itself(a in prop_oneof![written(), jumbled()], b in prop_oneof![written(), jumbled()]) {
        let (a, b) = (Name::from(a), Name::from(b));
        prop_assert_eq!(a.compare(&b), b.compare(&a));
        let itself = if Name::parse(a.as_written()).is_some() { Agreement::Same } else { Agreement::Unknown };
        prop_assert_eq!(a.compare(&a.clone()), itself);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,300}", other in "\\PC{0,300}", jumble in jumbled()) {
        let (a, b) = (Name::from(text), Name::from(other));
        prop_assert_eq!(a.compare(&b), b.compare(&a));
        for name in [a, b, Name::from(jumble)] {
            prop_assert!(name.as_written().chars().count() <= MAX_NAME_CHARS);
            prop_assert!(Name::from(name.as_written().to_owned()) == name);
            name.search_words();
            name.completeness();
            name.display();
        }
    }
}
