//! A record prepared for comparing: normal forms, small and quick to compare.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use crate::address::Address;
use crate::contact::{Contact, ContactRecord};
use crate::identifier::{Identifier, IdentifierKind};
use crate::matching::Rules;
use crate::name::{Name, NameKeys};

use super::frequency::Frequencies;
use super::key::{Key, KeyKind, add_places, keys_of};

/// What of a record is compared.
#[derive(Clone)]
pub struct Description {
    /// Name of the person, or of the business where there is no person.
    pub(super) name: Option<NameKeys>,
    /// The company that the person is with.
    pub(super) company: Option<NameKeys>,
    /// Phones that can tell, as numbers, ascending.
    pub(super) phones: Box<[u64]>,
    /// E-mail addresses that can tell, as match keys, ascending.
    pub(super) emails: Box<[Box<str>]>,
    /// Addresses.
    pub(super) places: Box<[Place]>,
    /// The upstream object's key, hashed; 0 for none.
    pub(super) object: u64,
    /// How common the given and the family name are.
    pub(super) given_share: f32,
    pub(super) family_share: f32,
    /// What it is found by, ascending.
    pub(super) keys: Box<[Key]>,
    /// Equal for equal content, in whatever order records arrive.
    pub(super) content: u64,
    /// Equal for equal name and company; 0 where it says neither.
    pub(super) persona: u64,
}

/// An address as it is compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// House number and street name: `123 MAIN`; blank where only a ZIP code is known.
    pub(super) number: Box<str>,
    pub(super) street: Box<str>,
    /// `4`, whether it is a flat, a suite or a number sign; blank for none.
    pub(super) unit: Box<str>,
    /// Five digits; 0 for none.
    pub(super) zip: u32,
}

impl Description {
    /// Prepares a record.
    pub fn of(record: &ContactRecord, rules: &Rules) -> Self {
        let contact = &record.contact;
        let mut phones = Vec::new();
        let mut emails = Vec::new();
        let mut object = 0;
        for identifier in rules.identifying(record) {
            match identifier.kind {
                IdentifierKind::Phone => phones.extend(digits(&identifier.value)),
                IdentifierKind::Email => emails.push(identifier.value.into_boxed_str()),
                IdentifierKind::SourceKey => object = hash_of(&identifier.value),
                IdentifierKind::WebUser | IdentifierKind::NamePlace => {}
            }
        }
        phones.sort_unstable();
        emails.sort_unstable();
        let places = places_of(&contact.addresses);
        let (name, company) = names_of(contact);
        let written = contact.name.as_ref().map(|name| name.as_written().to_lowercase());
        let at = contact.company.as_deref().map(str::to_lowercase);
        let persona = if name.is_none() && company.is_none() { 0 } else { hash_of(&(&written, &at)) };
        let content = hash_of(&(&written, &at, &phones, &emails, &places));
        let mut description = Self {
            name,
            company,
            phones: phones.into(),
            emails: emails.into(),
            places: places.into(),
            object,
            given_share: 0.0,
            family_share: 0.0,
            keys: Box::default(),
            content,
            persona,
        };
        description.keys = keys_of(&description).into();
        description
    }

    /// Notes how common its names are.
    pub fn weigh(&mut self, frequencies: &Frequencies) {
        let Some(name) = &self.name else { return };
        self.given_share = name.given().map_or(0.0, |given| frequencies.given(given));
        self.family_share = name.last_family().map_or(0.0, |family| frequencies.family(family));
    }

    /// Leaves only what a store finds records by.
    pub(crate) fn keep_stored(&mut self) {
        let kept = |key: &&Key| key.kind.is_identifier() || key.kind == KeyKind::Object || key.kind.is_name_and_place();
        self.keys = self.keys.iter().filter(kept).copied().collect();
    }

    /// The names with places that it is found by, as a store has them.
    pub(crate) fn names_with_places(&self) -> impl Iterator<Item = Identifier> {
        self.keys.iter().filter_map(|key| key.found_by())
    }

    /// Gives each of these what all of them are reached and found by.
    pub(crate) fn share(descriptions: &mut [Cow<'_, Self>], places: &[usize]) {
        let all = |of: fn(&Self) -> &[u64]| {
            gathered(places.iter().flat_map(|place| of(&descriptions[*place]).iter().copied()))
        };
        let phones = all(|description| &description.phones);
        let emails = gathered(places.iter().flat_map(|place| descriptions[*place].emails.iter().cloned()));
        let keys = gathered(places.iter().flat_map(|place| descriptions[*place].keys.iter().copied()));
        for place in places {
            let description = descriptions[*place].to_mut();
            (description.phones, description.emails, description.keys) = (phones.clone(), emails.clone(), keys.clone());
        }
    }

    /// Whether it says neither a name nor a company.
    pub fn is_nobody(&self) -> bool {
        self.persona == 0
    }

    /// The generation behind the name.
    pub(super) fn generation(&self) -> Option<u8> {
        self.name.as_ref().and_then(NameKeys::generation)
    }

    /// Whether it names a person by given and family name.
    pub(super) fn is_full(&self) -> bool {
        self.name.as_ref().is_some_and(NameKeys::is_full)
    }

    /// Whether it names a business and no person.
    pub(super) fn is_business(&self) -> bool {
        match &self.name {
            Some(name) => name.is_business(),
            None => self.company.is_some(),
        }
    }

    /// The business that it is, or that its person is with.
    pub(super) fn business(&self) -> Option<&NameKeys> {
        self.company.as_ref().or(self.name.as_ref().filter(|name| name.is_business()))
    }
}

impl Place {
    fn of(address: &Address) -> Option<Self> {
        let zip = address.zip().map_or_else(|| last_zip(address.as_written()), |zip| zip.get(..5).and_then(number));
        let street = address.street_name().unwrap_or_default();
        let known = !street.is_empty() && address.number().is_some();
        (known || zip.is_some()).then(|| Self {
            number: address.number().filter(|_| known).unwrap_or_default().into(),
            street: if known { street.into() } else { Box::default() },
            unit: address.unit().map(|unit| bare_unit(&unit).to_owned()).unwrap_or_default().into(),
            zip: zip.unwrap_or_default(),
        })
    }

    /// Whether house and street are known.
    pub(super) fn is_house(&self) -> bool {
        !self.street.is_empty()
    }
}

/// The names with places that a contact is found by, as a store has them: those of its [`Description`].
pub fn names_with_places(contact: &Contact) -> Vec<Identifier> {
    names_with(contact, &contact.addresses)
}

/// The same, of some of its addresses.
pub(crate) fn names_with(contact: &Contact, addresses: &[Address]) -> Vec<Identifier> {
    let places = places_of(addresses);
    if places.is_empty() {
        return Vec::new();
    }
    let (name, company) = names_of(contact);
    let business = company.as_ref().or(name.as_ref().filter(|name| name.is_business()));
    let mut keys = Vec::new();
    add_places(name.as_ref(), business, &places, &mut |kind, hash| keys.push(Key { kind, hash }));
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().filter_map(Key::found_by).collect()
}

/// Its name and its company, to be compared.
fn names_of(contact: &Contact) -> (Option<NameKeys>, Option<NameKeys>) {
    let company = contact.company.as_deref().and_then(Name::parse).map(|company| company.keys());
    (contact.name.as_ref().map(Name::keys), company)
}

/// Its places, ascending, each once.
fn places_of(addresses: &[Address]) -> Vec<Place> {
    let mut places: Vec<Place> = addresses.iter().filter_map(Place::of).collect();
    places.sort_by(|a, b| (&a.number, &a.street, &a.unit, a.zip).cmp(&(&b.number, &b.street, &b.unit, b.zip)));
    places.dedup();
    places
}

/// A unit without the word for it, which every writer chooses anew.
fn bare_unit(unit: &str) -> &str {
    unit.rsplit(' ').next().unwrap_or(unit).trim_start_matches('#')
}

/// Ascending, each once.
fn gathered<T: Ord>(all: impl Iterator<Item = T>) -> Box<[T]> {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.dedup();
    all.into()
}

/// The ZIP code at the end of an address without a street.
fn last_zip(text: &str) -> Option<u32> {
    let last = text.rsplit([' ', ',']).next()?;
    let five = last.split('-').next()?;
    (five.len() == 5 && five.bytes().all(|byte| byte.is_ascii_digit())).then(|| number(five)).flatten()
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

pub(super) fn digits(e164: &str) -> Option<u64> {
    e164.trim_start_matches('+').parse().ok()
}

/// A hash that is the same in every run and on every machine (FNV-1a, 64 bits): it decides ties.
pub(super) fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

/// A hash of these parts, one after another, that stands in stores: made of nothing but bytes, so that no version of
/// anything changes it.
pub(super) fn stored_hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    for part in parts {
        hasher.write(part);
        // No text holds it, so that parts do not run into each other.
        hasher.write(&[0xff]);
    }
    hasher.finish()
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        // FNV's low bits of short texts are poor: mixed as splitmix64 does.
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}
