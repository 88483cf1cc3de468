//! How a name is written down: in two cells or one, in full or in part, with slips, other letters and titles.

use super::evidence::{Part, Signs};
use super::person::{Person, Suffix};
use super::random::{Random, hash};
use super::rates::{self, Source};
use super::slip::slip;

/// What people add to a name in an address book.
const REMARKS: &[&str] = &[
    "(tenant)",
    "- boiler",
    "leak",
    "new customer",
    "(wife)",
    "ref by Angi",
    "upstairs",
    "water heater",
    "DO NOT TEXT",
];

/// first_name, last_name, full_name
pub fn write_name(person: &Person, source: &Source, day: usize, signs: &mut Signs, random: &mut Random) -> [String; 3] {
    if person.given.is_empty() {
        return Default::default();
    }
    let form = random.weighted(&source.name_form);
    if form == 7 {
        return Default::default();
    }
    let family_now = person.family_on(day);
    let mut family = part_of_double(family_now, random);
    signs.family = Some(hash(family_now));
    let uses_short = form == 4 || random.chance(0.30);
    let mut given = person.short.filter(|_| uses_short).map_or_else(|| person.given.clone(), str::to_owned);
    signs.given = Part::Whole;
    if random.chance(source.slip_in_name) {
        if random.chance(0.4) { given = slip(&given, random) } else { family = slip(&family, random) }
    }
    if let (0..=2, Some(middle)) = (form, &person.middle)
        && random.chance(0.4)
    {
        given = with_middle(&given, middle, random);
    }
    if form == 5 {
        signs.given = Part::Initial;
        given = format!("{}{}", &given[..1], random.pick(&["", "."]));
    }
    if let Some(partner) = person.partner.as_ref().filter(|_| form <= 2 && random.chance(rates::NAMES_BOTH)) {
        // Whose record it is, nobody can tell.
        signs.given = Part::None;
        given = format!("{given} {} {partner}", random.pick(&["&", "and", "/"]));
    }
    if matches!(form, 3 | 4) {
        signs.family = None;
        let only = if random.chance(0.1) { format!("{given} {}", random.pick(REMARKS)) } else { given };
        let only = letters(only, source, random);
        return if source.name == "field_service_crm" || random.chance(0.5) {
            [only, String::new(), String::new()]
        } else {
            [String::new(), String::new(), only]
        };
    }
    suffix(person, &mut family, signs, random);
    if form == 6 {
        signs.given = Part::None;
        let family = letters(family, source, random);
        return if random.chance(0.5) {
            [String::new(), family, String::new()]
        } else {
            [String::new(), String::new(), family]
        };
    }
    if random.chance(rates::PREFIX) {
        let title = if person.is_woman { ["Mrs.", "Ms", "Dr."] } else { ["Mr.", "Mr", "Dr."] };
        given = format!("{} {given}", random.pick(&title));
    }
    let (given, family) = (letters(given, source, random), letters(family, source, random));
    let (given, family) = if random.chance(source.swapped) { (family, given) } else { (given, family) };
    match form {
        0 | 5 if form == 0 || random.chance(0.5) => [given, family, String::new()],
        2 => [String::new(), String::new(), format!("{family}, {given}")],
        _ if random.chance(0.06) => {
            [String::new(), String::new(), format!("{given} {family} {}", random.pick(REMARKS))]
        }
        _ => [String::new(), String::new(), format!("{given} {family}")],
    }
}

fn with_middle(given: &str, middle: &str, random: &mut Random) -> String {
    let initial = &middle[..1];
    match random.below(3) {
        0 => format!("{given} {middle}"),
        1 => format!("{given} {initial}."),
        _ => format!("{given} {initial}"),
    }
}

fn suffix(person: &Person, family: &mut String, signs: &mut Signs, random: &mut Random) {
    let text = match person.suffix {
        Suffix::Always(text) => Some(text),
        Suffix::Sometimes(text) if random.chance(0.5) => Some(text),
        _ => None,
    };
    if let Some(text) = text {
        signs.has_suffix = true;
        *family = format!("{family}{}{text}", random.pick(&[" ", " ", ", "]));
    }
}

/// A double name, whole or one part of it.
fn part_of_double(family: &str, random: &mut Random) -> String {
    match family.split_once('-') {
        Some((first, second)) => match random.below(4) {
            0 => first.to_owned(),
            1 => second.to_owned(),
            2 => format!("{first} {second}"),
            _ => family.to_owned(),
        },
        None => family.to_owned(),
    }
}

fn letters(text: String, source: &Source, random: &mut Random) -> String {
    let (upper, lower) = source.letters;
    match random.weighted(&[upper, lower, 1.0 - upper - lower]) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        _ => text,
    }
}
