//! A contact out of the cells of a row.

use doorstep_core::address::Address;
use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::time::Timestamp;

use super::Row;

/// What programs write where they have nothing.
const NOTHING: [&str; 8] = ["null", "none", "n/a", "na", "nan", "unknown", "-", "nil"];

pub(super) fn contact(row: &Row, region: Region) -> Contact {
    let cell = |column: usize| something(row.cell(column));
    let mut contact = Contact {
        name: name(cell(3), cell(4), cell(5)),
        company: Some(cell(6)).filter(|company| !company.is_empty()).map(str::to_owned),
        first_seen_at: time(cell(2)),
        ..Contact::default()
    };
    for part in parts(cell(7)) {
        for found in Phone::parse_list(part, region).0 {
            if !contact.phones.contains(&found.phone) {
                contact.phones.push(found.phone);
            }
        }
    }
    for part in parts(cell(8)) {
        for email in Email::parse_list(part).0 {
            if !contact.emails.contains(&email) {
                contact.emails.push(email);
            }
        }
    }
    contact.addresses.extend(address(cell(9), cell(10), [cell(11), cell(12), cell(13)]));
    contact
}

/// A cell's text, blank where it says nothing.
fn something(cell: &str) -> &str {
    if NOTHING.iter().any(|nothing| cell.eq_ignore_ascii_case(nothing)) { "" } else { cell }
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(|part| !something(part).is_empty())
}

/// The name in its parts, or whole.
fn name(first: &str, last: &str, full: &str) -> Option<Name> {
    let split = match (first.is_empty(), last.is_empty()) {
        (false, false) if first.contains([',', '&', '+']) || last.contains(',') => {
            Name::parse(&format!("{first} {last}"))
        }
        // Said in this order, which of them is the family name is not guessed.
        (false, false) => Name::parse(&format!("{last}, {first}")),
        _ => None,
    };
    split.or_else(|| Name::parse(full)).or_else(|| match (first.is_empty(), last.is_empty()) {
        (false, _) => Name::parse(first),
        (true, false) => Name::parse(last).and_then(|alone| match alone.is_business() || last.contains(' ') {
            true => Some(alone),
            false => Name::parse(&format!("{last} family")),
        }),
        (true, true) => None,
    })
}

fn address(street: &str, unit: &str, [city, state, zip]: [&str; 3]) -> Option<Address> {
    let zip = zip.trim_start_matches('\'');
    // Spreadsheets take the first zero of a ZIP code away.
    let zip = if zip.len() == 4 && zip.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("0{zip}")
    } else {
        zip.to_owned()
    };
    let unit = match unit.as_bytes().first() {
        Some(byte) if byte.is_ascii_digit() || unit.len() == 1 => format!("# {unit}"),
        _ => unit.to_owned(),
    };
    let end = [state, &zip].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let parts = [street, &unit, city, &end].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    if parts.is_empty() { None } else { Address::parse(&parts.join(", ")) }
}

/// A time, where it is one.
pub(super) fn time(cell: &str) -> Option<Timestamp> {
    let zone = doorstep_core::time::Zone::utc();
    doorstep_core::time::parse_loose(cell, &zone).ok()
}
