//! The words of American addresses and their standard forms (USPS Publication 28).

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word is as the suffix of a street.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Suffix {
    /// The Postal Service's abbreviation.
    pub(super) short: &'static str,
    /// Whether most streets end in it; others ("Forest", "Hill") are as often part of a name.
    pub(super) is_common: bool,
}

static SUFFIXES: LazyLock<HashMap<&str, Suffix>> = LazyLock::new(|| {
    let mut suffixes = HashMap::new();
    let mut is_common = true;
    for line in include_str!("suffixes.txt").lines().filter(|line| !line.starts_with('#')) {
        if line == "-" {
            is_common = false;
            continue;
        }
        let short = line.split(' ').next().unwrap_or_default();
        suffixes.extend(line.split(' ').map(|word| (word, Suffix { short, is_common })));
    }
    suffixes
});

const DIRECTIONS: [(&str, &str); 8] = [
    ("N", "NORTH"),
    ("S", "SOUTH"),
    ("E", "EAST"),
    ("W", "WEST"),
    ("NE", "NORTHEAST"),
    ("NW", "NORTHWEST"),
    ("SE", "SOUTHEAST"),
    ("SW", "SOUTHWEST"),
];

/// Parts of a building: standard form, other forms, and whether a number or letter must follow.
const UNITS: [(&str, &[&str], bool); 17] = [
    ("APT", &["APARTMENT", "APMT", "APPT"], true),
    ("UNIT", &["UNT"], true),
    ("STE", &["SUITE", "SUIT"], true),
    ("#", &["NO", "NUM", "NUMBER"], true),
    ("FL", &["FLOOR", "FLR"], true),
    ("RM", &["ROOM"], true),
    ("BLDG", &["BUILDING", "BLD"], true),
    ("LOT", &[], true),
    ("SPC", &["SPACE"], true),
    ("TRLR", &["TRAILER"], true),
    ("DEPT", &["DEPARTMENT"], true),
    ("OFC", &["OFFICE"], false),
    ("PH", &["PENTHOUSE"], false),
    ("BSMT", &["BASEMENT"], false),
    ("FRNT", &["FRONT"], false),
    ("REAR", &[], false),
    ("UPPR", &["UPPER"], false),
];

const STATES: [(&str, &str); 60] = [
    ("AL", "ALABAMA"),
    ("AK", "ALASKA"),
    ("AZ", "ARIZONA"),
    ("AR", "ARKANSAS"),
    ("CA", "CALIFORNIA"),
    ("CO", "COLORADO"),
    ("CT", "CONNECTICUT"),
    ("DE", "DELAWARE"),
    ("DC", "DISTRICT OF COLUMBIA"),
    ("FL", "FLORIDA"),
    ("GA", "GEORGIA"),
    ("HI", "HAWAII"),
    ("ID", "IDAHO"),
    ("IL", "ILLINOIS"),
    ("IN", "INDIANA"),
    ("IA", "IOWA"),
    ("KS", "KANSAS"),
    ("KY", "KENTUCKY"),
    ("LA", "LOUISIANA"),
    ("ME", "MAINE"),
    ("MD", "MARYLAND"),
    ("MA", "MASSACHUSETTS"),
    ("MI", "MICHIGAN"),
    ("MN", "MINNESOTA"),
    ("MS", "MISSISSIPPI"),
    ("MO", "MISSOURI"),
    ("MT", "MONTANA"),
    ("NE", "NEBRASKA"),
    ("NV", "NEVADA"),
    ("NH", "NEW HAMPSHIRE"),
    ("NJ", "NEW JERSEY"),
    ("NM", "NEW MEXICO"),
    ("NY", "NEW YORK"),
    ("NC", "NORTH CAROLINA"),
    ("ND", "NORTH DAKOTA"),
    ("OH", "OHIO"),
    ("OK", "OKLAHOMA"),
    ("OR", "OREGON"),
    ("PA", "PENNSYLVANIA"),
    ("PR", "PUERTO RICO"),
    ("RI", "RHODE ISLAND"),
    ("SC", "SOUTH CAROLINA"),
    ("SD", "SOUTH DAKOTA"),
    ("TN", "TENNESSEE"),
    ("TX", "TEXAS"),
    ("UT", "UTAH"),
    ("VT", "VERMONT"),
    ("VA", "VIRGINIA"),
    ("VI", "VIRGIN ISLANDS"),
    ("WA", "WASHINGTON"),
    ("WV", "WEST VIRGINIA"),
    ("WI", "WISCONSIN"),
    ("WY", "WYOMING"),
    ("GU", "GUAM"),
    ("AS", "AMERICAN SAMOA"),
    ("MP", "NORTHERN MARIANA ISLANDS"),
    ("MA", "MASS"),
    ("CA", "CALIF"),
    ("FL", "FLA"),
    ("PA", "PENNA"),
];

/// Numbered streets in words.
const ORDINALS: [(&str, &str); 12] = [
    ("FIRST", "1ST"),
    ("SECOND", "2ND"),
    ("THIRD", "3RD"),
    ("FOURTH", "4TH"),
    ("FIFTH", "5TH"),
    ("SIXTH", "6TH"),
    ("SEVENTH", "7TH"),
    ("EIGHTH", "8TH"),
    ("NINTH", "9TH"),
    ("TENTH", "10TH"),
    ("ELEVENTH", "11TH"),
    ("TWELFTH", "12TH"),
];

/// The suffix that an upper-case word is.
pub(super) fn suffix(word: &str) -> Option<Suffix> {
    SUFFIXES.get(word).copied()
}

/// The short form of a direction in either form.
pub(super) fn direction(word: &str) -> Option<&'static str> {
    DIRECTIONS.iter().find(|(short, long)| *short == word || *long == word).map(|(short, _)| *short)
}

/// The long form of a direction that is written short, as cities have it.
pub(super) fn long_direction(word: &str) -> Option<&'static str> {
    DIRECTIONS.iter().find(|(short, _)| *short == word).map(|(_, long)| *long)
}

/// The standard form of a word for a part of a building, and whether a number or letter must follow.
pub(super) fn unit(word: &str) -> Option<(&'static str, bool)> {
    UNITS.iter().find(|(short, others, _)| *short == word || others.contains(&word)).map(|(short, _, id)| (*short, *id))
}

/// The state that words are, as its two letters.
pub(super) fn state(words: &str) -> Option<&'static str> {
    STATES.iter().find(|(short, long)| *short == words || *long == words).map(|(short, _)| *short)
}

/// The figures of an ordinal in words.
pub(super) fn ordinal(word: &str) -> Option<&'static str> {
    ORDINALS.iter().find(|(long, _)| *long == word).map(|(_, short)| *short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suffix_has_one_standard_form() {
        let mut words: Vec<&str> = include_str!("suffixes.txt")
            .lines()
            .filter(|line| !line.starts_with(['#', '-']))
            .flat_map(|line| line.split(' '))
            .collect();
        assert!(words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())));
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert_eq!(suffix("STREET"), Some(Suffix { short: "ST", is_common: true }));
        assert_eq!(suffix("HILL"), Some(Suffix { short: "HL", is_common: false }));
        assert_eq!(suffix("-"), None);
    }
}
