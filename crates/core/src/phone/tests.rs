#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};

use super::*;

fn region(text: &str) -> Region {
    text.parse().unwrap()
}

/// `parse_labelled` in short: `+16175551234`, `+16175551234 x12 (cell)`, or the reason.
fn seen(text: &str, home: &str) -> String {
    match Phone::parse_labelled(text, region(home)) {
        Ok(found) => {
            let extension = found.extension.map(|digits| format!(" x{digits}")).unwrap_or_default();
            let label = found.label.map(|words| format!(" ({words})")).unwrap_or_default();
            format!("{}{extension}{label}", found.phone.as_str())
        }
        Err(bad) => format!("{bad:?}"),
    }
}

fn check(cases: &[(&str, &str, &str)]) {
    for (text, home, expected) in cases {
        assert_eq!(seen(text, home), *expected, "{text:?} read in {home}");
    }
}

#[test]
fn numbers_of_many_countries_are_read_as_their_people_write_them() {
    check(&[
        ("(617) 555-1234", "US", "+16175551234"),
        ("617-555-1234", "US", "+16175551234"),
        ("617.555.1234", "US", "+16175551234"),
        ("617/555-1234", "US", "+16175551234"),
        ("617 555 1234", "US", "+16175551234"),
        ("6175551234", "US", "+16175551234"),
        ("1-617-555-1234", "US", "+16175551234"),
        ("+1 617 555 1234", "DE", "+16175551234"),
        ("+1 (617) 555-1234", "US", "+16175551234"),
        ("+1 1 617 555 1234", "US", "+16175551234"),
        ("918-555-0134", "US", "+19185550134"),
        ("800-555-0100", "US", "+18005550100"),
        ("416-555-0123", "CA", "+14165550123"),
        ("787-555-1234", "PR", "+17875551234"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "US", "+442079460958"),
        ("(+44) 20 7946 0958", "US", "+442079460958"),
        ("07911 123456", "GB", "+447911123456"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("00 44 20 7946 0958", "US", "+442079460958"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("001 617 555 1234", "DE", "+16175551234"),
        ("0016175551234", "US", "+16175551234"),
        ("030 123456", "DE", "+4930123456"),
        ("+49 (0)30/123456", "US", "+4930123456"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06 698 12345", "IT", "+390669812345"),
        ("912 345 678", "ES", "+34912345678"),
        ("0412 345 678", "AU", "+61412345678"),
        ("(02) 9876 5432", "AU", "+61298765432"),
        ("1300 975 707", "AU", "+611300975707"),
        ("021 123 4567", "NZ", "+64211234567"),
        ("+55 11 91234-5678", "US", "+5511912345678"),
        ("(11) 91234-5678", "BR", "+5511912345678"),
        ("0 15 11 91234-5678", "BR", "+5511912345678"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("+52 1 55 1234 5678", "US", "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("03-1234-5678", "JP", "+81312345678"),
        ("098765 43210", "IN", "+919876543210"),
        ("+91-98765-43210", "US", "+919876543210"),
        ("02-312-3456", "KR", "+8223123456"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("0912 345 678", "TW", "+886912345678"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("050-234-5678", "IL", "+972502345678"),
        ("082 123 4567", "ZA", "+27821234567"),
        ("0803 123 4567", "NG", "+2348031234567"),
        ("22 12 34 56", "NO", "+4722123456"),
        ("08-123 456 78", "SE", "+46812345678"),
        ("22 123 45 67", "PL", "+48221234567"),
    ]);
}

#[test]
fn labels_and_extensions_stand_apart_from_the_number() {
    check(&[
        ("918-555-0134 (cell)", "US", "+19185550134 (cell)"),
        ("mobile: 617-555-1234", "US", "+16175551234 (mobile)"),
        ("h: 617-555-1234", "US", "+16175551234 (h)"),
        ("617-555-1234 work", "US", "+16175551234 (work)"),
        ("work 617-555-1234", "US", "+16175551234 (work)"),
        ("Phone 2: 617-555-1234", "US", "+16175551234 (Phone 2)"),
        ("tel: 617-555-1234", "US", "+16175551234"),
        ("tel:+1-617-555-1234;ext=12", "US", "+16175551234 x12"),
        ("617-555-1234 ext. 12", "US", "+16175551234 x12"),
        ("617-555-1234x12", "US", "+16175551234 x12"),
        ("617-555-1234 #12", "US", "+16175551234 x12"),
        ("617-555-1234, ext 12 (office)", "US", "+16175551234 x12 (office)"),
        ("617-555-1234 (ext 12)", "US", "+16175551234 x12"),
        ("+16175551234,,12#", "US", "+16175551234 x12"),
        ("617-555-1234 EXTENSION 4021", "US", "+16175551234 x4021"),
        ("+49 30 123456 Durchwahl 7", "US", "+4930123456 x7"),
        ("617-555-1234 - call after 5pm", "US", "+16175551234 (call after 5pm)"),
        ("617-555-1234 (John's cell)", "US", "+16175551234 (John's cell)"),
        ("(617) 555-1234 [Home]", "US", "+16175551234 (Home)"),
        ("Móvil 55 1234 5678", "MX", "+525512345678 (Móvil)"),
        ("617-555-1234 (cell", "US", "+16175551234 (cell)"),
        ("617-555-1234 (w) x9", "US", "+16175551234 x9 (w)"),
    ]);
}

#[test]
fn marks_of_machines_and_scripts_do_not_matter() {
    check(&[
        ("６１７−５５５−１２３４", "US", "+16175551234"),
        ("٠٥٠ ٢٣٤ ٥٦٧٨", "IL", "+972502345678"),
        ("९८७६५ ४३२१०", "IN", "+919876543210"),
        ("617\u{a0}555\u{a0}1234", "US", "+16175551234"),
        ("\u{202a}+1 (617) 555-1234\u{202c}", "US", "+16175551234"),
        ("617\u{2011}555\u{2013}1234", "US", "+16175551234"),
        ("📱 617-555-1234", "US", "+16175551234"),
        ("'+16175551234", "US", "+16175551234"),
        ("=\"6175551234\"", "US", "+16175551234"),
        ("6175551234.0", "US", "+16175551234"),
        ("*67 617-555-1234", "US", "+16175551234"),
        ("#31#617-555-1234", "US", "+16175551234"),
        ("\t617-555-1234\r\n", "US", "+16175551234"),
        ("++16175551234", "US", "+16175551234"),
    ]);
}

#[test]
fn letters_are_digits_only_in_numbers_that_are_spelt() {
    check(&[
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("1 800 FLOWERS", "US", "+18003569377"),
        ("1-800-MATTRESS", "US", "+18006288737"),
        ("(800) GOT-JUNK", "US", "+18004685865"),
        ("+1-800-FLOWERS", "GB", "+18003569377"),
        ("617-GET-PIPE", "US", "+16174387473"),
        ("1300 PLUMBE", "AU", "+611300758623"),
        ("617-555 mobile", "US", "TooShort(\"US\")"),
        ("617-555 Sara", "US", "TooShort(\"US\")"),
        ("617-555-CELL", "US", "TooShort(\"US\")"),
        ("617-555-XXXX", "US", "TooShort(\"US\")"),
        ("XXX-XXX-1234", "US", "TooShort(\"US\")"),
        ("617-555-****", "US", "TooShort(\"US\")"),
        ("61755*****", "US", "ShortCode"),
        ("FLOWERS", "US", "NotANumber"),
    ]);
}

#[test]
fn what_is_no_number_says_why() {
    check(&[
        ("", "US", "Blank"),
        (" \u{a0} ", "US", "Blank"),
        ("n/a", "US", "Blank"),
        ("N A", "US", "Blank"),
        ("none", "US", "Blank"),
        ("-", "US", "Blank"),
        ("Unknown", "US", "Withheld"),
        ("Restricted", "US", "Withheld"),
        ("ANONYMOUS", "US", "Withheld"),
        ("Private Number", "US", "Withheld"),
        ("No Caller ID", "US", "Withheld"),
        ("-2", "US", "Withheld"),
        ("+266696687", "US", "Withheld"),
        ("+7378742833", "US", "Withheld"),
        ("+86282452253", "US", "Withheld"),
        ("72975", "US", "ShortCode"),
        ("262966", "US", "ShortCode"),
        ("911", "US", "TooShort(\"US\")"),
        ("555-1234", "US", "TooShort(\"US\")"),
        ("5", "US", "TooShort(\"US\")"),
        ("617-555-12345", "US", "TooLong"),
        ("+1 617 555 1234 5678", "US", "TooLong"),
        ("12345678901234567890123456", "US", "TooLong"),
        ("617-555-1234 or 617-555-9999", "US", "Several"),
        ("617-555-1234 +1 617-555-9999", "US", "Several"),
        ("hello", "US", "NotANumber"),
        ("john@example.com", "US", "NotANumber"),
        ("tel:617-555-1234;phone-context=+44", "US", "NotANumber"),
        ("617-555-1234 * 5", "US", "NotANumber"),
        ("6.17555E+09", "US", "Scientific"),
        ("2.125551212E+10", "US", "Scientific"),
        ("+1 555 555 5555", "US", "NotValid(\"US\")"),
        ("000-000-0000", "US", "NotValid(\"US\")"),
        ("123-456-7890", "US", "NotValid(\"US\")"),
        ("0912 345 678", "GB", "NotValid(\"GB\")"),
        ("+999 123 4567", "US", "NoSuchCountryCode"),
        ("+0 617 555 1234", "US", "NoSuchCountryCode"),
        ("+44 123", "US", "TooShort(\"GB\")"),
    ]);
    assert_eq!(seen(&"1".repeat(MAX_PHONE_CHARS + 1), "US"), "TooLong");
}

#[test]
fn a_reason_never_repeats_the_number() {
    for text in ["617-555-12345", "+1 555 555 5555", "72975", "john@example.com", "617-555-1234 or 617-555-9999"] {
        let reason = Phone::parse(text, Region::US).unwrap_err().to_string();
        assert!(!reason.contains("555") && !reason.contains("729") && !reason.contains('@'), "{reason}");
        assert!(!reason.ends_with('.') && reason.starts_with(char::is_lowercase), "{reason}");
    }
}

#[test]
fn a_cell_of_several_numbers_gives_each() {
    let list = |cell: &str, home: &str| {
        let (good, bad) = Phone::parse_list(cell, region(home));
        let good: Vec<&str> = good.iter().map(|found| found.phone.as_str()).collect();
        format!("{} {bad:?}", good.join(" "))
    };
    let both = "+16175551234 +12125551212 []";
    for cell in [
        "617-555-1234; 212-555-1212",
        "617-555-1234,212-555-1212",
        "6175551234|2125551212",
        "617-555-1234 / 212-555-1212",
        "617/555-1234/212/555-1212; ",
        "617-555-1234/212-555-1212",
        "617-555-1234\n212-555-1212",
        "617-555-1234\r\n\r\n212-555-1212\r\n",
        "617-555-1234 or 212-555-1212",
        "617-555-1234 AND 212-555-1212",
        "617-555-1234 ::: 212-555-1212",
        "617-555-1234 - 212-555-1212",
        "617-555-1234  212-555-1212",
        "+16175551234 +12125551212",
        "h: 617-555-1234, cell: 212-555-1212 x5",
        "cell 617-555-1234 (John); 212-555-1212 (Mary or Bob)",
    ] {
        if cell.contains("617/555-1234/212") {
            // Which slash is inside a number cannot be told: nothing is invented.
            assert!(list(cell, "US").starts_with(" ["), "{cell:?}");
            continue;
        }
        assert_eq!(list(cell, "US"), both, "{cell:?}");
    }
    assert_eq!(list("617/555-1234", "US"), "+16175551234 []");
    assert_eq!(list("030/123456", "DE"), "+4930123456 []");
    assert_eq!(list("030 12345 / 030 54321", "DE"), "+493012345 +493054321 []");
    assert_eq!(list("617-555-1234, ext 5", "US"), "+16175551234 []");
    assert_eq!(list("617-555-1234, 555-9999", "US"), "+16175551234 [TooShort(\"US\")]");
    assert_eq!(list("617-555-1234; Unknown", "US"), "+16175551234 []");
    assert_eq!(list("617-555-1234; john@example.com; 212-555-1212", "US"), "+16175551234 +12125551212 [NotANumber]");
    assert_eq!(list("Unknown; Restricted", "US"), " [Withheld, Withheld]");
    assert_eq!(list("John and Mary: 617-555-1234", "US"), "+16175551234 []");
    assert_eq!(list(" ; , ", "US"), " []");
    assert_eq!(list("", "US"), " []");
    assert_eq!(list("72975", "US"), " [ShortCode]");
    let (good, bad) = Phone::parse_list(&"617-555-1234;".repeat(200), Region::US);
    assert_eq!((good.len(), bad), (MAX_PHONES_PER_CELL, vec![BadPhone::TooMany]));
    let (good, bad) = Phone::parse_list(&"617-555-1234\n".repeat(200), Region::US);
    assert_eq!((good.len(), bad), (MAX_PHONES_PER_CELL, vec![BadPhone::TooMany]));
    assert_eq!(Phone::parse_list(&"1;".repeat(MAX_PHONE_CELL_CHARS), Region::US).1, [BadPhone::TooLong]);
}

#[test]
fn numbers_are_shown_as_people_at_home_write_them() {
    let show = |text: &str, home: &str| Phone::parse(text, Region::US).unwrap().national(region(home));
    assert_eq!(show("+16175551234", "US"), "(617) 555-1234");
    assert_eq!(show("+16175551234", "CA"), "(617) 555-1234");
    assert_eq!(show("+16175551234", "GB"), "+1 617-555-1234");
    assert_eq!(show("+442079460958", "US"), "+44 20 7946 0958");
    assert_eq!(show("+442079460958", "GB"), "020 7946 0958");
    assert_eq!(Phone::parse("+442079460958", Region::US).unwrap().digits(), "442079460958");
    assert_eq!(Phone::from_normal("odd".into()).national(Region::US), "odd");
}

#[test]
fn debug_output_hides_the_number() {
    let found = Phone::parse_labelled("617-555-1234 x77 (John's cell)", Region::US).unwrap();
    assert_eq!(format!("{:?}", found.phone), "+…34");
    let shown = format!("{found:?}");
    assert!(!shown.contains("617") && !shown.contains("John") && !shown.contains("77"), "{shown}");
}

#[test]
fn countries_are_two_letters_that_have_a_numbering_plan() {
    assert_eq!(region(" gb ").as_str(), "GB");
    assert_eq!("us".parse(), Ok(Region::US));
    for wrong in ["", "U", "USA", "ZZ", "UK", "1A", "é", "001"] {
        let error = wrong.parse::<Region>().unwrap_err().to_string();
        assert!(error.contains(&format!("`{wrong}`")) && error.contains("two letters"), "{error}");
    }
}

/// Every kind of number of every country, written in its own way, comes back as itself.
#[test]
fn every_country_reads_its_own_example_numbers() {
    let kinds = [
        PhoneNumberType::FixedLine,
        PhoneNumberType::Mobile,
        PhoneNumberType::TollFree,
        PhoneNumberType::VoIP,
        PhoneNumberType::PersonalNumber,
    ];
    let mut read = 0;
    for plan_region in PHONE_NUMBER_UTIL.get_supported_regions() {
        let home: Region = plan_region.as_region_str().as_str().parse().unwrap();
        for kind in kinds {
            let Ok(number) = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(plan_region, kind) else {
                continue;
            };
            let normal = number.format_as(PhoneNumberFormat::E164).into_owned();
            for format in [PhoneNumberFormat::E164, PhoneNumberFormat::International, PhoneNumberFormat::National] {
                let text = number.format_as(format);
                assert_eq!(seen(&text, home.as_str()), normal, "{text:?} read in {home}");
                read += 1;
            }
        }
    }
    assert!(read > 1_000, "only {read} examples");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The quick way for +1 is a short cut, not another rule.
    #[test]
    fn north_america_reads_as_the_library_does(
        plus in any::<bool>(),
        one in any::<bool>(),
        digits in "[0-9]{10}",
        home in proptest::sample::select(vec!["US", "CA", "AG", "BS", "DO", "JM", "PR", "TT", "VG", "GB", "DE", "MX"]),
    ) {
        let text = format!("{}{}{digits}", if plus { "+" } else { "" }, if one { "1" } else { "" });
        let home = region(home);
        let library = PHONE_NUMBER_UTIL.parse(&text, home.in_plan()).ok().filter(|number| number.is_valid());
        let library = library.map(|number| number.format_as(PhoneNumberFormat::E164).into_owned());
        let ours = Phone::parse(&text, home).ok().map(|phone| phone.0);
        // `00…` is ours alone, and Mexico's old prefixes.
        if library.is_some() || !(text.starts_with("00") || text.starts_with("+00") || home.as_str() == "MX") {
            prop_assert_eq!(ours, library);
        }
    }

    #[test]
    fn a_normal_form_is_its_own_normal_form(digits in "[1-9][0-9]{6,14}", home in "US|GB|DE|BR|MX|IT|AR|FI") {
        let home = region(&home);
        if let Ok(phone) = Phone::parse(&format!("+{digits}"), home) {
            prop_assert_eq!(Phone::parse(phone.as_str(), home), Ok(phone.clone()));
            prop_assert_eq!(Phone::parse(&phone.national(home), home), Ok(phone.clone()));
            prop_assert_eq!(Phone::parse(&phone.national(Region::US), Region::US), Ok(phone));
        }
    }

    #[test]
    fn no_text_panics_and_whatever_is_accepted_is_valid(text in "\\PC{0,300}", home in "US|GB|DE|BR") {
        let home = region(&home);
        let (good, _) = Phone::parse_list(&text, home);
        for found in good.into_iter().chain(Phone::parse_labelled(&text, home)) {
            prop_assert!(PHONE_NUMBER_UTIL.parse(found.phone.as_str(), None).is_ok_and(|number| number.is_valid()));
        }
    }

    #[test]
    fn no_mixture_of_phone_characters_panics(text in "[0-9+()x#,;/. a-zA-Z*E:\\-\\[\\]\n]{0,60}") {
        let (good, _) = Phone::parse_list(&text, Region::US);
        for found in good.into_iter().chain(Phone::parse_labelled(&text, Region::US)) {
            prop_assert!(PHONE_NUMBER_UTIL.parse(found.phone.as_str(), None).is_ok_and(|number| number.is_valid()));
        }
    }
}
