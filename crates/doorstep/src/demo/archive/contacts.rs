//! contacts.csv: how the office wrote people down over the years.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::calendar::write_iso;
use super::csv::Table;
use super::names::Language;
use super::people::{Entry, Kind, World};
use super::random::{Of, Random};

/// The file's columns.
pub const HEADER: [&str; 8] =
    ["contact_id", "display_name", "phone_number", "email", "company", "notes", "first_seen", "last_seen"];

/// What stands in a phone cell that holds no phone.
const NOT_A_NUMBER: [&str; 9] =
    ["N/A", "n/a", "none", "", "see notes", "unknown", "ask office", "no phone - walk in", "617-958"];
const NOT_A_NAME: [&str; 4] = ["Unknown", "UNKNOWN CALLER", "No Name", "Caller"];
const PLACEHOLDER_PHONES: [&str; 3] = ["000-000-0000", "(000) 000-0000", "0000000000"];
const PLACEHOLDER_EMAILS: [&str; 3] = ["none@none.com", "noemail@none.com", "none@none.com"];
/// Hosts under a top-level domain that stays outside the DNS for ever (RFC 9476), so that no mail can arrive.
/// Not `.example`: matching takes that for a placeholder, and these are to say who somebody is.
const MAIL_HOSTS: [&str; 8] = [
    "baymail.alt",
    "baymail.alt",
    "baymail.alt",
    "southshore.alt",
    "southshore.alt",
    "granitenet.alt",
    "harborpost.alt",
    "fastbox.alt",
];

/// `C-00042`
pub fn write_id(out: &mut String, row: u32) {
    // Writing into a string cannot fail.
    let _ = write!(out, "C-{:05}", row + 1);
}

/// Writes every row; returns how many.
pub fn write<W: Write>(world: &World, out: W) -> io::Result<u64> {
    let mut table = Table::new(out, &HEADER)?;
    let mut text = String::new();
    for row in 0..world.contacts {
        let entry = world.entry(row);
        let mut random = Random::new(world.seed, Of::Writing, row.into());
        let parts: [fn(&mut String, &Entry, &mut Random); 6] = [
            |out, entry, _| write_id(out, entry.row),
            write_name,
            write_phones,
            write_emails,
            write_company,
            write_notes,
        ];
        for part in parts {
            text.clear();
            part(&mut text, &entry, &mut random);
            table.field(&text);
        }
        for moment in [entry.seen.0, entry.seen.1] {
            text.clear();
            write_iso(&mut text, moment);
            table.field(&text);
        }
        table.end_row()?;
    }
    table.finish()?;
    Ok(world.contacts.into())
}

fn write_name(out: &mut String, entry: &Entry, random: &mut Random) {
    let person = &entry.person;
    let (given, nickname, family) = (person.given, person.nickname, person.family);
    let town = person.address.town.0;
    // Writing into a string cannot fail.
    let _ = match entry.kind {
        Kind::Nameless => match (random.below(20), entry.number()) {
            (0..3, _) => write!(out, "{}", random.pick(&NOT_A_NAME)),
            (3..5, Some(number)) => write!(out, "{}", number.typed()),
            _ => Ok(()),
        },
        Kind::Shop if random.percent(40) => Ok(()),
        Kind::Landline => write!(out, "{family}{}", random.pick(&["", " (home)", " residence", " - landline"])),
        Kind::Misheard { .. } => write!(out, "{given} {family}"),
        Kind::Twice { .. } => match random.below(6) {
            0 => write!(out, "{nickname} {}.", initial(family)),
            1 => write!(out, "{family}, {nickname}"),
            2 => write!(out, "{} {}", nickname.to_lowercase(), family.to_lowercase()),
            _ => write!(out, "{nickname} {family}"),
        },
        _ => match random.weighted(&[68, 7, 4, 4, 4, 2, 1, 2, 3, 2, 2, 1]) {
            0 if person.initial != ' ' => write!(out, "{given} {}. {family}", person.initial),
            1 => write!(out, "{family}, {given}"),
            2 => write!(out, "{} {}", given.to_uppercase(), family.to_uppercase()),
            3 => write!(out, "{} {}", given.to_lowercase(), family.to_lowercase()),
            4 => write!(out, "{nickname} {family}"),
            5 => write!(out, "{given} {family} ({town})"),
            6 => write!(out, "{given} {family} - boiler"),
            7 => write!(out, "{nickname}"),
            8 => write!(out, "{given} {}.", initial(family)),
            9 if person.is_woman() => write!(out, "Mrs. {given} {family}"),
            9 => write!(out, "Mr. {given} {family}"),
            10 => write!(out, "{given}  {family} "),
            11 if !person.is_woman() => write!(out, "{given} {family} Jr."),
            _ => write!(out, "{given} {family}"),
        },
    };
}

fn initial(name: &str) -> char {
    name.chars().next().unwrap_or('X')
}

fn write_phones(out: &mut String, entry: &Entry, random: &mut Random) {
    match (entry.kind, entry.cell, entry.home) {
        (Kind::Numberless, ..) => out.push_str(random.pick(&NOT_A_NUMBER)),
        (Kind::Placeholder, None, _) => out.push_str(random.pick(&PLACEHOLDER_PHONES)),
        (Kind::Manager, Some(cell), Some(main)) => {
            main.write(out, random);
            let _ = write!(out, " {} {}", random.pick(&["ext.", "x", "ext"]), 10 + entry.row % 8);
            if random.percent(60) {
                out.push_str("; ");
                cell.write(out, random);
            }
        }
        (Kind::Couple(_), cell, Some(home)) => {
            home.write(out, random);
            if let Some(cell) = cell {
                out.push_str("; ");
                cell.write(out, random);
                label(out, random, 25, &[" (cell)", " cell", " (c)"]);
            } else {
                label(out, random, 25, &[" (home)", " (h)", " home"]);
            }
        }
        (_, Some(cell), Some(home)) => {
            cell.write(out, random);
            label(out, random, 20, &[" (cell)", " (mobile)"]);
            out.push_str(random.pick(&["; ", "; ", ";", " ; "]));
            home.write(out, random);
            label(out, random, 20, &[" (home)", " (work)"]);
        }
        (_, Some(only), None) | (_, None, Some(only)) => {
            only.write(out, random);
            let labels: &[&str] =
                if entry.cell.is_some() { &[" (cell)", " cell", "(cell)"] } else { &[" (home)", " h"] };
            label(out, random, 9, labels);
            if random.percent(2) {
                out.push(' ');
            }
        }
        (_, None, None) => {}
    }
}

fn label(out: &mut String, random: &mut Random, percent: u32, labels: &[&str]) {
    if random.percent(percent) {
        out.push_str(random.pick(labels));
    }
}

fn write_emails(out: &mut String, entry: &Entry, random: &mut Random) {
    let percent = match entry.kind {
        Kind::Numberless | Kind::Nameless | Kind::Landline => 0,
        // Why somebody was written down again: now there is an address.
        Kind::Twice { .. } | Kind::Heard | Kind::Misheard { .. } => 100,
        Kind::Placeholder if entry.cell.is_some() => {
            out.push_str(random.pick(&PLACEHOLDER_EMAILS));
            return;
        }
        Kind::Manager | Kind::Shop => 70,
        _ => 40,
    };
    if !random.percent(percent) {
        return;
    }
    write_email(out, entry, random);
    if random.percent(4) {
        out.push_str("; ");
        write_email(out, entry, random);
    }
}

fn write_email(out: &mut String, entry: &Entry, random: &mut Random) {
    if let Some((person, row)) = &entry.mailbox {
        let _ = write!(out, "{}.{}{row}@{}", ascii(person.given), ascii(person.family), MAIL_HOSTS[0]);
        return;
    }
    let given = ascii(entry.person.given);
    let family = ascii(entry.person.family);
    // The row in it keeps two people of one name apart.
    let year = 40 + entry.row % 60;
    let first = given.get(..1).unwrap_or("x").to_owned();
    let start = out.len();
    // Writing into a string cannot fail.
    let _ = match (entry.company, random.below(5)) {
        (Some(company), _) => write!(out, "{given}.{family}@{}.alt", ascii(company.name)),
        (None, 0) => write!(out, "{given}.{family}{}@", entry.row),
        (None, 1) => write!(out, "{first}{family}{}@", entry.row),
        (None, 2) => write!(out, "{given}{family}{year}{}@", entry.row % 997),
        (None, 3) => write!(out, "{family}.{given}{}@", entry.row),
        (None, _) => write!(out, "{given}_{family}{}@", entry.row),
    };
    if entry.company.is_none() {
        out.push_str(random.pick(&MAIL_HOSTS));
    }
    if random.percent(8) {
        let loud = out[start..].to_uppercase();
        out.replace_range(start.., &loud);
    }
}

/// Lower-case ASCII letters of a name: `Núñez` is written `nunez` in an address.
fn ascii(name: &str) -> String {
    let fold = |letter: char| match letter {
        'á' | 'à' | 'ã' | 'â' | 'ạ' | 'ầ' | 'Á' => 'a',
        'é' | 'è' | 'ê' | 'ễ' | 'ế' | 'É' => 'e',
        'í' | 'ì' => 'i',
        'ó' | 'ô' | 'ö' | 'ỗ' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        'đ' | 'Đ' => 'd',
        'ž' | 'ż' => 'z',
        'ć' => 'c',
        other => other,
    };
    name.chars().map(fold).filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn write_company(out: &mut String, entry: &Entry, _: &mut Random) {
    if let Some(company) = entry.company {
        let _ = write!(out, "{} {}", company.name, company.what);
    }
}

const EQUIPMENT: [&str; 14] = [
    "Weil-McLain gas boiler, 2009",
    "Burnham oil boiler, about 1994",
    "Navien combi in the basement, 2018",
    "Bradford White 50 gal, 2016",
    "Rheem 40 gal power vent",
    "Buderus boiler + indirect tank",
    "steam heat, one pipe",
    "forced hot water, 3 zones",
    "Zoeller sump pump replaced 2021",
    "tankless on back wall, needs descale yearly",
    "old galvanized to 2nd floor bath",
    "copper redone 2012",
    "Viessmann wall hung, LP",
    "electric water heater in closet",
];
const REMARKS: [&str; 21] = [
    "Dog in the yard, text first",
    "Two cats - keep the cellar door shut",
    "Gate code 4471#",
    "Park on the street, driveway is shared",
    "Prefers mornings",
    "Call, does not text much",
    "Senior discount",
    "Key with the neighbor at no. 14",
    "Pays by check",
    "Net 30",
    "Shutoff behind the dryer",
    "Main shutoff is \"the red handle\" under the stairs",
    "Tenant upstairs works nights, no hammering before 10",
    "Referred by Mulvey",
    "Annual service plan",
    "Husband says \"no more PVC\"",
    "Left a 5 star review",
    "Wants all quotes in writing",
    "Landlord pays, send invoice to office",
    "Crawl space only, bring knee pads",
    "Do NOT use the front bell, baby sleeping",
];

fn write_notes(out: &mut String, entry: &Entry, random: &mut Random) {
    if !random.percent(if matches!(entry.kind, Kind::Numberless) { 70 } else { 42 }) {
        return;
    }
    let address = entry.person.address;
    let comma = if address.unit.is_empty() { "" } else { " " };
    if random.percent(60) {
        let (town, zip) = address.town;
        // Writing into a string cannot fail.
        let _ = write!(out, "{} {}{comma}{}, {town}", address.house, address.street, address.unit);
        if random.percent(35) {
            let _ = write!(out, " {zip}");
        }
    }
    let language: &[&str] = match entry.person.language {
        Language::Spanish => &["Prefers Spanish, ask for Luis"],
        Language::Portuguese => &["Prefers Portuguese, ask for Junior"],
        Language::English if entry.person.origin.thanks == "谢谢!" => {
            &["Daughter translates", "Cantonese, Linda helps"]
        }
        Language::English => &REMARKS,
    };
    for (percent, list) in [(40, &EQUIPMENT[..]), (30, &REMARKS[..]), (20, language)] {
        if random.percent(percent) {
            if !out.is_empty() {
                out.push_str(random.pick(&[". ", ", ", " - ", "\n"]));
            }
            out.push_str(random.pick(list));
        }
    }
}
