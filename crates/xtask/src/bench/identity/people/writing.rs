//! How a person is written down in one record of one source, on one day.

use super::evidence::{Part, Signs};
use super::name_writing::write_name;
use super::number::{labelled, spelled};
use super::person::{Held, Person, Reach};
use super::place::{Address, Region};
use super::random::{Random, hash};
use super::rates::{self, Source};
use super::slip::{digits, slip};
use super::world::World;

/// The columns of RECORDS.csv after the first.
pub const CELLS: usize = 13;
/// The source that notes numbers by itself.
const PHONE_HISTORY: &str = "phone_history";
/// How long ago it may be that what somebody still says was true.
const OLD_DAYS: usize = 400;
/// What is typed for want of a number.
const NO_NUMBER: &[&str] = &[
    "000-000-0000",
    "(000) 000-0000",
    "0000000000",
    "999-999-9999",
    "555-0100",
    "617-555-0199",
    "1234567890",
    "(617) 555-0123",
    "111-111-1111",
    "n/a",
    "none",
    "781-555-0147",
    "unknown",
];
/// What is typed for want of an e-mail address.
const NO_EMAIL: &[&str] = &[
    "none@none.com",
    "noemail@noemail.com",
    "na@na.com",
    "no@email.com",
    "test@test.com",
    "none",
    "n/a",
    "x@x.com",
    "noreply@noreply.com",
    "donotemail@gmail.com",
    "email@email.com",
];

/// A record: its cells in the order of the header, and what they prove.
pub struct Written {
    /// source to zip.
    pub cells: [String; CELLS],
    /// For the bound.
    pub signs: Signs,
}

/// Writes somebody down.
pub fn write(person: &Person, world: &World, random: &mut Random) -> Written {
    let day = random.between(person.days.0, person.days.1);
    let shares = rates::SOURCES.each_ref().map(|it| {
        // Who has no number never called.
        let never = it.name == PHONE_HISTORY && person.phones.is_empty();
        if never { 0.0 } else { it.share }
    });
    let source = &rates::SOURCES[random.weighted(&shares)];
    let mut signs = Signs {
        own: vec![],
        house: vec![],
        wide: vec![],
        given: Part::None,
        family: None,
        has_suffix: false,
        address: None,
        zip: None,
        company: None,
    };
    let phones = phones(person, world, source, day, &mut signs, random);
    let emails = emails(person, source, day, &mut signs, random);
    let [first, last, full] = write_name(person, source, day, &mut signs, random);
    // Nobody keeps a record by which nobody can be reached.
    let has_handle = !phones.is_empty() || !emails.is_empty();
    let street = if has_handle { source.street } else { rates::STREET_WITHOUT_A_HANDLE };
    let address = if random.chance(street) { home(person, day, random) } else { None };
    let [street, unit, city, state, zip] = match address {
        Some(address) => place(address, &world.region, source, &mut signs, random),
        None => Default::default(),
    };
    let is_said = person.given.is_empty() || random.chance(source.company);
    let company = person.company.as_deref().filter(|_| is_said);
    signs.company = company.map(hash);
    let company = company.map(|it| company_words(it, random)).unwrap_or_default();
    let created = when(source, day, random);
    let source = source.name.to_owned();
    let cells = [source, created, first, last, full, company, phones, emails, street, unit, city, state, zip];
    Written { cells, signs }
}

/// What somebody says on a day: what holds, or still the old.
fn holding<'a>(all: &'a [Held], day: usize, random: &mut Random) -> Vec<&'a Held> {
    let says_old = random.chance(rates::STILL_THE_OLD);
    let holds = |it: &&Held| it.from <= day && day < it.to;
    let is_old = |it: &&Held| it.to <= day && day < it.to.saturating_add(OLD_DAYS);
    let old: Vec<&Held> = all.iter().filter(is_old).filter(|_| says_old).collect();
    if old.is_empty() { all.iter().filter(holds).collect() } else { old }
}

fn sign(held: &Held, signs: &mut Signs) {
    let list = match held.reach {
        Reach::Own => &mut signs.own,
        Reach::House => &mut signs.house,
        Reach::Wide => &mut signs.wide,
    };
    list.push(hash(&held.text));
}

fn phones(
    person: &Person,
    world: &World,
    source: &Source,
    day: usize,
    signs: &mut Signs,
    random: &mut Random,
) -> String {
    // What a telephone noted by itself is a number that called.
    let is_typed = source.name != PHONE_HISTORY;
    if is_typed && random.chance(rates::PLACEHOLDER_NUMBER) {
        return (*random.pick(NO_NUMBER)).to_owned();
    }
    if is_typed && random.chance(rates::OFFICE_LINE) {
        return spelled(&world.office, random);
    }
    if random.chance(rates::FORWARDING_LINE) {
        // Some lines are on far more advertisements than others.
        let lines = &world.forwarding;
        let line = random.below(lines.len()).min(random.below(lines.len()));
        return spelled(&lines[line], random);
    }
    if !random.chance(source.phone) {
        return String::new();
    }
    let mut held = holding(&person.phones, day, random);
    let mut said = Vec::new();
    let count = 1 + usize::from(random.chance(source.second_phone));
    while said.len() < count && !held.is_empty() {
        let one = held.remove(random.below(held.len()));
        let mut written = if random.chance(source.slip_in_handle) {
            spelled(&digits(&one.text, random), random)
        } else {
            sign(one, signs);
            spelled(&one.text, random)
        };
        if random.chance(rates::LABELLED_NUMBER) && is_typed {
            written = labelled(&written, random);
        }
        said.push(written);
    }
    said.join(" | ")
}

fn emails(person: &Person, source: &Source, day: usize, signs: &mut Signs, random: &mut Random) -> String {
    if random.chance(rates::PLACEHOLDER_EMAIL) && source.email > 0.1 {
        return (*random.pick(NO_EMAIL)).to_owned();
    }
    let mut held = holding(&person.emails, day, random);
    if held.is_empty() || !random.chance(source.email) {
        return String::new();
    }
    let mut said = Vec::new();
    let count = if random.chance(0.06) { 2 } else { 1 };
    while said.len() < count && !held.is_empty() {
        let one = held.remove(random.below(held.len()));
        let text = if random.chance(source.slip_in_handle) {
            mail_slip(&one.text, random)
        } else {
            sign(one, signs);
            one.text.clone()
        };
        said.push(match random.below(20) {
            0 => text.to_uppercase(),
            1 => format!("{}{}", text[..1].to_uppercase(), &text[1..]),
            2 => format!(" {text}"),
            _ => text,
        });
    }
    said.join(" | ")
}

/// An e-mail address that does not arrive.
fn mail_slip(text: &str, random: &mut Random) -> String {
    match random.below(4) {
        0 => text.replace("gmail.com", "gmial.com").replace("yahoo.com", "yaho.com").replace(".net", ".ent"),
        1 => text.trim_end_matches("m").to_owned(),
        _ => {
            let (name, service) = text.split_once('@').unwrap_or((text, ""));
            format!("{}@{service}", slip(name, random))
        }
    }
}

fn home<'a>(person: &'a Person, day: usize, random: &mut Random) -> Option<&'a Address> {
    let says_old = random.chance(rates::STILL_THE_OLD);
    if person.has_many_homes {
        return Some(&random.pick(&person.homes).1);
    }
    let day = if says_old { day.saturating_sub(OLD_DAYS) } else { day };
    person.homes.iter().rev().find(|(from, _)| *from <= day).map(|(_, home)| home)
}

/// street, unit, city, state, zip
fn place(address: &Address, region: &Region, source: &Source, signs: &mut Signs, random: &mut Random) -> [String; 5] {
    let zip = &region.zips[address.zip];
    signs.address = Some(hash(&format!("{} {} {}", address.zip, address.number, address.street)));
    let kind = match random.below(10) {
        0..4 => address.kind.0.to_owned(),
        4..8 => address.kind.1.to_owned(),
        8 => format!("{}.", address.kind.1),
        _ => String::new(),
    };
    let mut street = format!("{} {} {kind}", address.number, address.street).trim_end().to_owned();
    let mut city = zip.city.clone();
    if random.chance(source.slip_in_address) {
        street = slip(&street, random);
        // A wrong house number is another house.
        if !street.starts_with(&format!("{} ", address.number)) {
            signs.address = None;
        }
    }
    if random.chance(source.slip_in_address / 2.0) {
        city = slip(&city, random);
    }
    let mut unit = String::new();
    if let Some(number) = &address.unit
        && random.chance(0.85)
    {
        let words = match random.below(6) {
            _ if number.starts_with("Suite") => number.clone(),
            0 => format!("#{number}"),
            1 => format!("Apt {number}"),
            2 => format!("Unit {number}"),
            3 => format!("apt. {number}"),
            _ => number.clone(),
        };
        if random.chance(0.35) {
            let words = if words == *number { format!("#{number}") } else { words };
            street = format!("{street}{}{words}", random.pick(&[" ", ", "]));
        } else {
            unit = words;
        }
    }
    let mut code = String::new();
    if random.chance(source.zip) {
        signs.zip = Some(address.zip as u64);
        code.clone_from(&zip.code);
        match random.below(20) {
            0 => code = format!("{code}-{:04}", random.below(10_000)),
            // A spreadsheet took it for a number.
            1 => code = code.trim_start_matches('0').to_owned(),
            _ => {}
        }
    }
    let state = match random.below(12) {
        0 => zip.state_name.to_owned(),
        1 => zip.state.to_lowercase(),
        2 => String::new(),
        _ => zip.state.to_owned(),
    };
    let city = if random.chance(0.93) { city } else { String::new() };
    if random.chance(source.letters.0) {
        return [street.to_uppercase(), unit.to_uppercase(), city.to_uppercase(), state, code];
    }
    if random.chance(source.letters.1) {
        return [street.to_lowercase(), unit.to_lowercase(), city.to_lowercase(), state, code];
    }
    [street, unit, city, state, code]
}

fn company_words(name: &str, random: &mut Random) -> String {
    if !random.chance(rates::COMPANY_IN_OTHER_WORDS) {
        return name.to_owned();
    }
    match random.below(6) {
        0 => format!("{name} LLC"),
        1 => format!("{name}, Inc."),
        2 => name.to_uppercase(),
        3 => format!("The {name}"),
        4 => slip(name, random),
        _ => name.replace("Property Management", "Prop Mgmt").replace("Construction", "Constr."),
    }
}

/// The day as the source writes it.
fn when(source: &Source, day: usize, random: &mut Random) -> String {
    let (year, month, date) = civil(day);
    let (hour, minute, second) = (random.between(7, 19), random.below(60), random.below(60));
    match source.name {
        "field_service_crm" | "google_contacts" => {
            format!("{year}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
        }
        "website_form" => format!("{month}/{date}/{year} {hour}:{minute:02}:{second:02}"),
        PHONE_HISTORY => format!("{year}-{month:02}-{date:02} {hour:02}:{minute:02}:{second:02}"),
        _ if random.chance(0.25) => String::new(),
        _ => format!("{year}-{month:02}-{date:02}"),
    }
}

/// Year, month and day of a count of days from 1 January 2010 (Hinnant's `civil_from_days`).
fn civil(day: usize) -> (usize, usize, usize) {
    // Days from 1 March of the year 0 to 1 January 2010.
    let z = day + 734_078;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + usize::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (2010, 1, 1));
        assert_eq!(civil(58), (2010, 2, 28));
        assert_eq!(civil(59), (2010, 3, 1));
        assert_eq!(civil(789), (2012, 2, 29));
        assert_eq!(civil(rates::LAST_DAY), (2026, 5, 27));
    }
}
