//! Comparison levels: what two records say of one field, as one of a few answers.

use serde::{Deserialize, Serialize};

use crate::name::{Agreement, NameKeys, Relation, Relations};

use super::description::{Description, Place};
use crate::slip::{is_one_edit, is_similar};

/// Jaro-Winkler similarity of two street names that are one misspelt.
const SIMILAR_STREET: f64 = 0.92;
/// Shortest mailbox name in which one wrong letter is a slip.
const MIN_MISSPELT_LETTERS: usize = 6;

/// How two records compare, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Levels {
    /// Given names.
    pub given: Part,
    /// Family names.
    pub family: Part,
    /// Middle names.
    pub middle: Fit,
    /// Jr, Sr, III.
    pub generation: Generation,
    /// A person, or a business.
    pub kind: Kind,
    /// Companies.
    pub company: Fit,
    /// Phones.
    pub phone: Reach,
    /// E-mail addresses.
    pub email: Reach,
    /// Addresses.
    pub place: Where,
}

/// Given or family names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Part {
    /// The same word.
    Equal,
    /// A nickname, a part of a double name.
    Form,
    /// One slip.
    Typo,
    /// Alike.
    Similar,
    /// A letter that fits.
    Initial,
    /// Given name in place of the family name, and back.
    Swapped,
    /// Two words.
    Different,
    /// Not said by both.
    Missing,
}

/// Something that fits or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Fit {
    /// The same, or one may stand for the other.
    Same,
    /// One is part of the other.
    Close,
    /// Two.
    Different,
    /// Not said by both.
    Missing,
}

/// Generational suffixes, of people whose names are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Generation {
    /// The same.
    Same,
    /// One has none.
    OneSided,
    /// Father and son.
    Different,
    /// Neither has one.
    Missing,
}

/// Who is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// A person and a business.
    Different,
    /// Two people, two businesses, or somebody is not named.
    Alike,
}

/// Phones or e-mail addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Reach {
    /// Two or more are the same.
    Several,
    /// One is the same.
    One,
    /// One slip apart.
    Close,
    /// None is the same.
    Different,
    /// Not said by both.
    Missing,
}

/// Addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Where {
    /// One door: house, street and unit, or none has a unit.
    Same,
    /// One house; one of them leaves the unit out.
    House,
    /// One house, two units.
    OtherUnit,
    /// The number is the same and the street alike, or the street the same and the number alike.
    Close,
    /// The same ZIP code, house and street not known of both.
    Zip,
    /// The same ZIP code, another house.
    OtherHouse,
    /// Another ZIP code.
    Different,
    /// Not said by both.
    Missing,
}

impl Levels {
    /// Compares two records.
    pub(super) fn of(a: &Description, b: &Description) -> Self {
        let names = a.name.as_ref().zip(b.name.as_ref());
        let relations = names.and_then(|(a, b)| a.relate(b));
        let company = company(a, b);
        let (given, family, middle) = relations.map_or((Part::Missing, Part::Missing, Fit::Missing), parts);
        Self {
            given,
            family,
            middle,
            generation: generation(a, b, relations),
            kind: kind(a, b),
            company,
            phone: phones(a, b),
            email: emails(a, b),
            place: places(&a.places, &b.places),
        }
    }

    /// Whether the names alone speak of two people or businesses.
    pub(super) fn names_differ(&self) -> bool {
        self.given == Part::Different
            || self.family == Part::Different
            || self.generation == Generation::Different
            || self.kind == Kind::Different
    }
}

fn parts(relations: Relations) -> (Part, Part, Fit) {
    let middle = match relations.middle {
        Some(true) => Fit::Same,
        Some(false) => Fit::Different,
        None => Fit::Missing,
    };
    if relations.swapped {
        return (Part::Swapped, Part::Swapped, middle);
    }
    let part = |relation| match relation {
        Relation::Equal => Part::Equal,
        Relation::Form => Part::Form,
        Relation::Typo => Part::Typo,
        Relation::Similar => Part::Similar,
        Relation::Initial => Part::Initial,
        Relation::Missing => Part::Missing,
        Relation::Different => Part::Different,
    };
    (part(relations.given), part(relations.family), middle)
}

fn generation(a: &Description, b: &Description, relations: Option<Relations>) -> Generation {
    let differ = relations.is_none_or(|they| they.given == Relation::Different || they.family == Relation::Different);
    match (a.generation(), b.generation()) {
        // Of two who are not namesakes it says nothing.
        _ if differ => Generation::Missing,
        (None, None) => Generation::Missing,
        (Some(a), Some(b)) if a == b => Generation::Same,
        (Some(_), Some(_)) => Generation::Different,
        _ => Generation::OneSided,
    }
}

/// A business and a person, who may be with it and is none the less not it.
fn kind(a: &Description, b: &Description) -> Kind {
    let named = !a.is_nobody() && !b.is_nobody();
    if named && a.is_business() != b.is_business() { Kind::Different } else { Kind::Alike }
}

fn company(a: &Description, b: &Description) -> Fit {
    let Some((a, b)) = a.business().zip(b.business()) else { return Fit::Missing };
    let agreement = match (a.business_key(), b.business_key()) {
        (Some(_), Some(_)) => a.compare_businesses(b).unwrap_or(Agreement::Unknown),
        // A company that is named like a person: "Robert Jones".
        (None, None) => as_people(a, b),
        _ => Agreement::Unknown,
    };
    match agreement {
        Agreement::Same => Fit::Same,
        Agreement::Compatible => Fit::Close,
        Agreement::Unknown => Fit::Missing,
        Agreement::Conflict => Fit::Different,
    }
}

fn as_people(a: &NameKeys, b: &NameKeys) -> Agreement {
    match a.relate(b) {
        Some(Relations { given: Relation::Equal, family: Relation::Equal | Relation::Missing, .. }) => Agreement::Same,
        Some(Relations { given: Relation::Different, .. } | Relations { family: Relation::Different, .. }) => {
            Agreement::Conflict
        }
        _ => Agreement::Unknown,
    }
}

fn phones(a: &Description, b: &Description) -> Reach {
    if a.phones.is_empty() || b.phones.is_empty() {
        return Reach::Missing;
    }
    match a.phones.iter().filter(|phone| b.phones.contains(phone)).count() {
        0 if a.phones.iter().any(|one| b.phones.iter().any(|other| is_slip(*one, *other))) => Reach::Close,
        0 => Reach::Different,
        1 => Reach::One,
        _ => Reach::Several,
    }
}

/// Whether two numbers differ in one digit, or in two that follow each other and are changed over.
fn is_slip(a: u64, b: u64) -> bool {
    let (mut a, mut b) = (a, b);
    while a != b && a % 10 == b % 10 {
        (a, b) = (a / 10, b / 10);
    }
    let one = a / 10 == b / 10;
    let two = a / 100 == b / 100 && (a % 10, a / 10 % 10) == (b / 10 % 10, b % 10);
    a > 99 && b > 99 && (one || two)
}

fn emails(a: &Description, b: &Description) -> Reach {
    if a.emails.is_empty() || b.emails.is_empty() {
        return Reach::Missing;
    }
    match a.emails.iter().filter(|email| b.emails.contains(email)).count() {
        0 if a.emails.iter().any(|one| b.emails.iter().any(|other| is_misspelt(one, other))) => Reach::Close,
        0 => Reach::Different,
        1 => Reach::One,
        _ => Reach::Several,
    }
}

/// Whether two addresses are one misspelt. The same mailbox at two providers is not: mailboxes are made of names, and so
/// are as common. Nor are two that differ in a figure, which people add where the name alone is taken.
fn is_misspelt(a: &str, b: &str) -> bool {
    let (Some((mailbox, domain)), Some((other, at))) = (a.rsplit_once('@'), b.rsplit_once('@')) else { return false };
    let figures = |text: &str| text.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
    if domain == at {
        let long = mailbox.len().min(other.len()) >= MIN_MISSPELT_LETTERS;
        return long && is_one_edit(mailbox.as_bytes(), other.as_bytes()) && figures(mailbox) == figures(other);
    }
    mailbox == other && is_one_edit(domain.as_bytes(), at.as_bytes())
}

fn places(a: &[Place], b: &[Place]) -> Where {
    let mut best = Where::Missing;
    let better = |one: Where, other: Where| if (one as u8) < (other as u8) { one } else { other };
    for one in a {
        for other in b {
            best = better(best, place(one, other));
        }
    }
    best
}

fn place(a: &Place, b: &Place) -> Where {
    let zips = a.zip != 0 && b.zip != 0;
    let apart = zips && a.zip != b.zip;
    if !a.is_house() || !b.is_house() {
        return match zips {
            true if a.zip == b.zip => Where::Zip,
            true => Where::Different,
            false => Where::Missing,
        };
    }
    let (number, street) = (a.number == b.number, a.street == b.street);
    if number && street && !is_far(a, b) {
        return match (a.unit.is_empty(), b.unit.is_empty()) {
            _ if a.unit == b.unit => Where::Same,
            (false, false) => Where::OtherUnit,
            _ => Where::House,
        };
    }
    let alike = || is_similar(&a.street, &b.street, SIMILAR_STREET);
    let slip = || is_one_edit(a.number.as_bytes(), b.number.as_bytes()) && a.number.len().min(b.number.len()) >= 3;
    let near = !apart || !is_far(a, b);
    match near {
        true if number && alike() => Where::Close,
        true if zips && !apart && street && slip() => Where::Close,
        _ if zips && !apart => Where::OtherHouse,
        _ => Where::Different,
    }
}

/// Whether two ZIP codes are of two regions: one slip within one region is none.
fn is_far(a: &Place, b: &Place) -> bool {
    let near = || is_one_edit(a.zip.to_string().as_bytes(), b.zip.to_string().as_bytes());
    a.zip != 0 && b.zip != 0 && a.zip / 100 != b.zip / 100 && !near()
}
