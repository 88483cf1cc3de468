use super::*;

/// `prefix|given|nickname|middle|family|suffix`, blanks where missing; `business:` or `couple:` before others.
fn seen(text: &str) -> String {
    let Some(name) = Name::parse(text) else { return "no name".to_owned() };
    match name.kind() {
        NameKind::Business => format!("business: {}", name.display()),
        NameKind::Couple => format!("couple: {}", name.display()),
        NameKind::Person => {
            let parts = [name.prefix(), name.given(), name.nickname(), name.middle(), name.family(), name.suffix()];
            parts.map(Option::unwrap_or_default).join("|")
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(seen(text), *expected, "{text:?}");
    }
}

#[test]
fn people_are_taken_apart() {
    check(&[
        ("John Smith", "|John|||Smith|"),
        ("John", "|John||||"),
        ("john smith", "|John|||Smith|"),
        ("JOHN SMITH JR", "|John|||Smith|Jr"),
        ("John Q. Public", "|John||Q.|Public|"),
        ("Smith, John", "|John|||Smith|"),
        ("Smith, John Robert Jr", "|John||Robert|Smith|Jr"),
        ("SMITH, JOHN R", "|John||R|Smith|"),
        ("John Smith, Jr.", "|John|||Smith|Jr"),
        ("Smith Jr, John", "|John|||Smith|Jr"),
        ("Jane Doe, MD, PhD", "|Jane|||Doe|MD PhD"),
        ("Dr. Jane Doe", "Dr.|Jane|||Doe|"),
        ("Mr. Smith", "Mr.||||Smith|"),
        ("Mike - boiler", "|Mike||||"),
        ("Mark Holmes water heater", "|Mark|||Holmes|"),
        ("Sandra upstairs", "|Sandra||||"),
        ("Richard Pipes", "|Richard|||Pipes|"),
        ("mrs smith", "Mrs.||||Smith|"),
        ("Smith Family", "||||Smith|"),
        ("The Smith family", "||||Smith|"),
        ("William (Bill) Smith", "|William|Bill||Smith|"),
        ("William \"Bill\" Smith", "|William|Bill||Smith|"),
        ("William 'Bill' Smith", "|William|Bill||Smith|"),
        ("William “Bill” H. Smith III", "|William|Bill|H.|Smith|III"),
        ("John Smith (cell)", "|John|||Smith|"),
        ("John Smith cell", "|John|||Smith|"),
        ("John Smith 2", "|John|||Smith|"),
        ("John Smith apt 4B", "|John|||Smith|"),
        ("John Smith 617-555-1234", "|John|||Smith|"),
        ("MARIA DE LA CRUZ", "|Maria|||de la Cruz|"),
        ("Jan van der Berg", "|Jan|||van der Berg|"),
        ("Vincent Van Gogh", "|Vincent|||Van Gogh|"),
        ("RONALD MCDONALD", "|Ronald|||McDonald|"),
        ("conan o'brien", "|Conan|||O'Brien|"),
        ("MARY SMITH-JONES", "|Mary|||Smith-Jones|"),
        ("Mary Ann McDonald", "|Mary||Ann|McDonald|"),
        ("J.R. Smith", "|J.R.|||Smith|"),
        ("JJ SMITH", "|JJ|||Smith|"),
        ("  José\u{a0} \tPeña\u{202e} ", "|José|||Peña|"),
        ("John 🔧 Smith", "|John|||Smith|"),
        ("Frank Church", "|Frank|||Church|"),
        ("Co Nguyen", "|Co|||Nguyen|"),
        ("Bob's", "business: Bob's"),
        ("ИВАН ПЕТРОВ", "|Иван|||Петров|"),
    ]);
}

#[test]
fn businesses_are_told_from_people() {
    check(&[
        ("Acme Plumbing", "business: Acme Plumbing"),
        ("ACME PLUMBING LLC", "business: Acme Plumbing LLC"),
        ("smith & sons", "business: Smith & Sons"),
        ("Smith & Wesson", "business: Smith & Wesson"),
        ("Joe's Pizza", "business: Joe's Pizza"),
        ("7-Eleven", "business: 7-Eleven"),
        ("24/7 Drains", "business: 24/7 Drains"),
        ("City of Quincy", "business: City of Quincy"),
        ("CITY OF QUINCY", "business: City of Quincy"),
        ("First Baptist Church", "business: First Baptist Church"),
        ("St. Mary Church of Quincy", "business: St. Mary Church of Quincy"),
        ("Oak Hill Condo HOA", "business: Oak Hill Condo HOA"),
        ("Smith Family Trust", "business: Smith Family Trust"),
        ("The Home Depot", "business: The Home Depot"),
        ("Estate of John Smith", "business: Estate of John Smith"),
        ("John Smith Realty", "business: John Smith Realty"),
        ("Acme L.L.C.", "business: Acme L.L.C."),
        ("Boston University", "business: Boston University"),
        ("HVAC", "business: HVAC"),
        ("KFC RESTAURANT", "business: KFC Restaurant"),
    ]);
}

#[test]
fn couples_are_households() {
    check(&[
        ("John & Mary Smith", "couple: John & Mary Smith"),
        ("John and Mary Smith", "couple: John & Mary Smith"),
        ("JOHN AND MARY SMITH", "couple: John & Mary Smith"),
        ("Smith, John & Mary", "couple: John & Mary Smith"),
        ("John/Mary Smith", "couple: John & Mary Smith"),
        ("John & Mary", "couple: John & Mary"),
        ("John Smith & Mary Jones", "couple: John Smith & Mary Jones"),
        ("Mr. & Mrs. John Smith", "couple: Mr. & Mrs. John Smith"),
        ("Mr and Mrs Smith", "couple: Mr. & Mrs. Smith"),
        ("Dr. John & Mary Smith", "couple: Dr. John & Mary Smith"),
    ]);
    let couple = name("Smith, John & Mary");
    assert_eq!((couple.given(), couple.family(), couple.is_couple()), (Some("John"), Some("Smith"), true));
}

#[test]
fn names_that_are_none_are_none() {
    for text in [
        "",
        "  ",
        "-",
        "???",
        "🔧🔧",
        "Unknown",
        "UNKNOWN CALLER",
        "n/a",
        "N/A",
        "No Name",
        "null",
        "Wireless Caller",
        "WIRELESS CALLER",
        "Customer",
        "test",
        "Test Test",
        "617-555-1234",
        "+1 (617) 555-1234",
        "617-555-1234 (cell)",
        "12345",
        "john@example.com",
        "\u{202e}\u{200f}",
        "Spam Risk",
        "Anonymous",
        "None",
    ] {
        assert_eq!(seen(text), "no name", "{text:?}");
    }
}

#[test]
fn scripts_without_blanks_or_from_the_right_are_kept_whole() {
    for text in ["山田太郎", "山田 太郎", "김철수", "דוד כהן", "محمد علي", "สมชาย ใจดี"]
    {
        let name = name(text);
        assert_eq!((name.display().as_str(), name.given(), name.kind()), (text, None, NameKind::Person));
    }
    assert_eq!(name("\u{202b}דוד כהן\u{202c}").display(), "דוד כהן");
}

#[test]
fn it_is_stored_as_written_and_bounded() {
    let stored = serde_json::to_string(&name("  SMITH,\t John ")).unwrap();
    assert_eq!(stored, "\"SMITH, John\"");
    let read: Name = serde_json::from_str(&stored).unwrap();
    assert_eq!((read.as_written(), read.display().as_str()), ("SMITH, John", "John SMITH"));
    assert_eq!(name(&"ab ".repeat(500)).as_written().chars().count(), MAX_NAME_CHARS - 1);
    assert_eq!(format!("{read:?}"), "Name(***)");
}

#[test]
fn a_search_finds_all_forms() {
    let words = name("Dr. Bob \"Bobby\" Peña-O'Brien Jr").search_words();
    for word in ["bob", "bobby", "robert", "pena", "obrien", "jr"] {
        assert!(words.contains(&word.to_owned()), "{word} is not in {words:?}");
    }
    assert!(name("Robert Smith").search_words().contains(&"bob".to_owned()));
    assert_eq!(name("ACME Plumbing, Inc.").search_words(), ["acme", "plumbing", "inc"]);
    assert_eq!(name("山田 太郎").search_words(), ["山田", "太郎"]);
    assert!(name("John & Mary Smith").search_words().contains(&"mary".to_owned()));
}

#[test]
fn the_name_that_says_more_is_more_complete() {
    let rising = ["J", "John", "J Smith", "JOHN SMITH", "John Smith", "John Q Smith", "John Quincy Smith Jr"];
    let scores: Vec<u32> = rising.iter().map(|text| name(text).completeness()).collect();
    assert!(scores.is_sorted_by(|a, b| a < b), "{scores:?}");
    assert!(name("John Smith").completeness() > name("John & Mary Smith").completeness());
    assert_eq!(Name::from("Unknown".to_owned()).completeness(), 0);
}
