#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|| panic!("{text:?} holds no address"))
}

#[test]
fn spellings_of_one_address_have_one_normal_form() {
    let normal = "123 N MAIN ST APT 4, QUINCY MA 02169";
    for text in [
        "123 N Main St Apt 4, Quincy, MA 02169",
        "123 North Main Street, Apt. 4, Quincy, MA 02169",
        "123 N. MAIN ST. APT 4 QUINCY MA 02169",
        "123 n main street apartment 4, quincy massachusetts 02169-1234",
        "123 N Main St\nApt 4\nQuincy, MA 02169",
        "123 N Main St, Apt #4, Quincy, MA, 02169, USA",
        "Oak Court, 123 N Main St Apt 4, Quincy, MA 02169",
        "  123\u{a0}N  Main St,, Apt 4 ,Quincy , MA  02169 US ",
        "123 N Main St Apt 4, Quincy, Mass. 02169 1234",
    ] {
        assert_eq!(address(text).normal(), normal, "{text:?}");
    }
}

#[test]
fn addresses_are_taken_apart() {
    for (text, normal) in [
        ("123 Main St", "123 MAIN ST"),
        ("123 Main", "123 MAIN"),
        ("123 Main St Quincy", "123 MAIN ST, QUINCY"),
        ("123 Main St Quincy MA", "123 MAIN ST, QUINCY MA"),
        ("123 Elm Ct", "123 ELM CT"),
        ("123 Elm Ct, Hartford, CT", "123 ELM CT, HARTFORD CT"),
        ("123 Elm Court, Hartford", "123 ELM CT, HARTFORD"),
        ("123 Park Avenue, New York, New York 10001", "123 PARK AVE, NEW YORK NY 10001"),
        ("123 Forest Hill Road, Boston", "123 FOREST HILL RD, BOSTON"),
        ("123 Main St Forest Hills NY 11375", "123 MAIN ST, FOREST HILLS NY 11375"),
        ("123 Court Street, Boston", "123 COURT ST, BOSTON"),
        ("123 North St, Quincy", "123 NORTH ST, QUINCY"),
        ("1600 Pennsylvania Ave NW, Washington, DC 20500", "1600 PENNSYLVANIA AVE NW, WASHINGTON DC 20500"),
        ("700 E St NW Washington DC 20004", "700 E ST NW, WASHINGTON DC 20004"),
        ("12 Main St West Roxbury MA 02132", "12 MAIN ST, WEST ROXBURY MA 02132"),
        ("12 Main St, N Quincy, MA", "12 MAIN ST, NORTH QUINCY MA"),
        ("123 1/2 Fifth Ave", "123 1/2 5TH AVE"),
        ("12-34 35th Avenue #2B, Queens, NY", "12-34 35TH AVE # 2B, QUEENS NY"),
        ("123 Main St 4B", "123 MAIN ST # 4B"),
        ("123 Main St, 2nd Floor, Boston", "123 MAIN ST FL 2, BOSTON"),
        ("123 Main St Bldg 2 Apt 4, Boston", "123 MAIN ST BLDG 2 APT 4, BOSTON"),
        ("123 Main St Rear, Boston", "123 MAIN ST REAR, BOSTON"),
        ("123 Broadway Suite 200, Boston MA", "123 BROADWAY STE 200, BOSTON MA"),
        ("P.O. Box 12, Quincy MA 02169", "PO BOX 12, QUINCY MA 02169"),
        ("PO Box 12 Quincy MA 02169", "PO BOX 12, QUINCY MA 02169"),
        ("4500 Highway 61, Memphis, TN", "4500 HWY 61, MEMPHIS TN"),
        ("10 Saint James Place, Saint Louis, MO", "10 ST JAMES PL, ST LOUIS MO"),
        ("10 Downing Street, London SW1A 2AA", "10 DOWNING ST, LONDON SW1A 2AA"),
        ("behind the old mill", "BEHIND THE OLD MILL"),
        ("02169", "02169"),
    ] {
        assert_eq!(address(text).normal(), normal, "{text:?}");
    }
    let parts = address("123 North Main Street, Apt. 4, Quincy, MA 02169-1234");
    assert_eq!((parts.number(), parts.street().as_deref()), (Some("123"), Some("N MAIN ST")));
    assert_eq!((parts.unit().as_deref(), parts.city()), (Some("APT 4"), Some("QUINCY")));
    assert_eq!((parts.state(), parts.zip()), (Some("MA"), Some("02169-1234")));
}

#[test]
fn it_is_shown_as_people_write_it() {
    for (text, shown) in [
        ("123 MAIN STREET, QUINCY, MA 02169", "123 Main St, Quincy, MA 02169"),
        ("123 north main st apt 4b, quincy ma 02169-1234", "123 N Main St Apt 4B, Quincy, MA 02169-1234"),
        ("po box 12, quincy", "PO Box 12, Quincy"),
        ("12 fifth ave ne", "12 5th Ave NE"),
        ("behind the Old mill", "behind the Old mill"),
    ] {
        assert_eq!(address(text).display(), shown, "{text:?}");
    }
}

#[test]
fn one_place_is_told_from_two() {
    let same = |a: &str, b: &str| {
        let (one, other) = (address(a).same_place(&address(b)), address(b).same_place(&address(a)));
        assert_eq!(one, other, "{a:?} and {b:?}");
        one
    };
    let home = "123 N Main St Apt 4, Quincy, MA 02169";
    for other in [
        "123 North Main Street #4, Quincy MA 02169-1234",
        "123 N Main St Unit 4",
        "123 N Main Apt 4, Quincy",
        "123 N Main St Apt 4, Wollaston, MA 02169",
    ] {
        assert!(same(home, other), "{other:?}");
    }
    for other in [
        "123 N Main St, Quincy, MA 02169",
        "123 N Main St Apt 5, Quincy, MA 02169",
        "123 S Main St Apt 4, Quincy, MA 02169",
        "123 Main St Apt 4, Quincy, MA 02169",
        "125 N Main St Apt 4, Quincy, MA 02169",
        "123 N Main Ave Apt 4, Quincy, MA 02169",
        "123 N Main St Apt 4, Quincy, MA 02170",
        "123 N Main St Apt 4, Boston",
        "123 N Main St Apt 4, Quincy, IL",
        "PO Box 123, Quincy, MA 02169",
        "behind the old mill",
    ] {
        assert!(!same(home, other), "{other:?}");
    }
    assert!(same("Behind the old mill", "behind the old mill."));
}

#[test]
fn what_is_no_address_is_none() {
    for text in ["", " \n ", "n/a", "None", "-", "???", "Unknown", ", ,"] {
        assert!(Address::parse(text).is_none(), "{text:?}");
    }
}

#[test]
fn it_is_stored_as_written_and_bounded() {
    let stored = serde_json::to_string(&address("123  Main St\n Quincy")).unwrap();
    assert_eq!(stored, "\"123 Main St, Quincy\"");
    let read: Address = serde_json::from_str(&stored).unwrap();
    assert_eq!(read.normal(), "123 MAIN ST, QUINCY");
    assert_eq!(format!("{read:?}"), "Address(***)");
    assert_eq!(address(&"ab ".repeat(500)).as_written().chars().count(), MAX_ADDRESS_CHARS);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_shown_is_the_same_place(
        number in "[1-9][0-9]{0,4}",
        before in "( N| South|)",
        name in "(Main|Park|Forest Hill|5th|Saint James|Broadway)",
        suffix in "( St| Avenue| Rd\\.)",
        after in "( NW|)",
        unit in "(, Apt 4| #2B| Suite 200|, 2nd Floor|)",
        city in "(, Quincy|, N Quincy|, Saint Louis)",
        state in "(, MA| Missouri)",
        zip in "( 02169| 02169-1234|)",
        upper in any::<bool>(),
    ) {
        let text = format!("{number}{before} {name}{suffix}{after}{unit}{city}{state}{zip}");
        let one = address(&if upper { text.to_uppercase() } else { text });
        let again = address(&one.display());
        prop_assert_eq!(again.normal(), one.normal());
        prop_assert_eq!(again.display(), one.display());
        prop_assert!(again.same_place(&one) && one.same_place(&again));
        prop_assert_eq!(address(&one.normal()).normal(), one.normal());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,300}", words in "([0-9]{1,5}|Main|St|Apt|#|,|N|PO|Box|MA|02169|-|\\.| ){0,15}") {
        let (a, b) = (Address::from(text), Address::from(words));
        prop_assert_eq!(a.same_place(&b), b.same_place(&a));
        for address in [a, b] {
            prop_assert!(address.same_place(&address));
            prop_assert!(address.as_written().chars().count() <= MAX_ADDRESS_CHARS);
            prop_assert!(Address::from(address.as_written().to_owned()) == address);
            address.normal();
            address.display();
            address.unit();
            address.street();
        }
    }
}
