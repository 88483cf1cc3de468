//! Blocking: what a record is found by. Only records that share a key are ever compared.
//!
//! Beside the identifiers these are combinations of name and place, each broad enough to survive one slip and narrow
//! enough that few people share it. A record that shares no key with its twin is not found: recall's first limit.

use serde::{Deserialize, Serialize};

use crate::identifier::{Identifier, IdentifierKind};
use crate::name::NameKeys;

use super::description::{Description, digits, hash_of};

/// A blocking key: a kind and a hash of what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// What it is made of.
    pub kind: KeyKind,
    /// Of the values.
    pub hash: u64,
}

impl Key {
    /// The key of an identifier in the form in which identifiers are compared.
    pub(crate) fn of(identifier: &Identifier) -> Option<Self> {
        let (kind, hash) = match identifier.kind {
            IdentifierKind::Phone => (KeyKind::Phone, hash_of(&digits(&identifier.value)?)),
            IdentifierKind::Email => (KeyKind::Email, hash_of(&identifier.value.as_str())),
            IdentifierKind::SourceKey => (KeyKind::Object, hash_of(&identifier.value)),
            // What one web user verified is tied by decisions.
            IdentifierKind::WebUser => return None,
        };
        Some(Self { kind, hash })
    }
}

/// What a key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// An upstream object.
    Object,
    /// Family name, first letter of the formal given name, ZIP code.
    NameZip,
    /// Sounds of given and family name in either order, ZIP code.
    SoundZip,
    /// Formal given name, house number, street.
    GivenHouse,
    /// Sound of the family name, house number, street.
    FamilyHouse,
    /// House number and street.
    House,
    /// Given and family name in either order.
    Name,
    /// Business and ZIP code.
    BusinessZip,
    /// Business, by name alone.
    Business,
}

impl KeyKind {
    /// Upstream objects that may share a key of this kind before it is a hub: a reason to compare nobody.
    pub fn limit(self) -> usize {
        match self {
            Self::Phone | Self::Email => crate::identity::HUB_LIMIT,
            Self::Object => usize::MAX,
            Self::NameZip | Self::SoundZip | Self::GivenHouse | Self::FamilyHouse | Self::House | Self::BusinessZip => {
                40
            }
            Self::Name | Self::Business => 30,
        }
    }

    /// Whether it is an identifier, which says something by itself when two records share it.
    pub fn is_identifier(self) -> bool {
        matches!(self, Self::Phone | Self::Email)
    }
}

/// The keys of a record, ascending, each once.
pub(super) fn keys_of(description: &Description) -> Vec<Key> {
    let mut keys = Vec::with_capacity(8);
    let mut add = |kind, hash| keys.push(Key { kind, hash });
    for phone in &description.phones {
        add(KeyKind::Phone, hash_of(phone));
    }
    for email in &description.emails {
        add(KeyKind::Email, hash_of(email));
    }
    if description.object != 0 {
        add(KeyKind::Object, description.object);
    }
    if let Some(business) = description.business().and_then(NameKeys::business_key) {
        if description.is_business() {
            add(KeyKind::Business, hash_of(&business));
        }
        for place in description.places.iter().filter(|place| place.zip != 0) {
            add(KeyKind::BusinessZip, hash_of(&(&business, place.zip)));
        }
    }
    for place in description.places.iter().filter(|place| place.is_house()) {
        add(KeyKind::House, hash_of(&(&place.number, &place.street)));
    }
    if let Some(name) = &description.name {
        add_names(description, name, &mut add);
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn add_names(description: &Description, name: &NameKeys, add: &mut impl FnMut(KeyKind, u64)) {
    let (given, family) = (name.formal_given(), name.family());
    let last = name.last_family();
    if let (Some(given), Some(family), false) = (given, &family, name.is_initial()) {
        // Either may be the given name.
        let family = crate::name::formal(family);
        let (one, other) = if given <= family { (given, family) } else { (family, given) };
        add(KeyKind::Name, hash_of(&(one, other)));
    }
    let sounds = given.zip(last).map(|(given, family)| {
        let (given, family) = (soundex(given), soundex(crate::name::formal(family)));
        if given <= family { (given, family) } else { (family, given) }
    });
    for place in &description.places {
        if place.zip != 0 {
            if let (Some(given), Some(last)) = (given, last) {
                add(KeyKind::NameZip, hash_of(&(last, given.chars().next(), place.zip)));
            }
            if let (Some(sounds), false) = (&sounds, name.is_initial()) {
                add(KeyKind::SoundZip, hash_of(&(sounds, place.zip)));
            }
        }
        if place.is_house() {
            if let (Some(given), false) = (given, name.is_initial()) {
                add(KeyKind::GivenHouse, hash_of(&(given, &place.number, &place.street)));
            }
            if let Some(last) = last {
                add(KeyKind::FamilyHouse, hash_of(&(soundex(last), &place.number, &place.street)));
            }
        }
    }
}

/// American Soundex (Russell 1918, as the National Archives describe it): first letter and three digits.
fn soundex(word: &str) -> [u8; 4] {
    let mut code = [b'0'; 4];
    let mut letters = word.bytes().map(|letter| letter.to_ascii_lowercase()).filter(u8::is_ascii_lowercase);
    let Some(first) = letters.next() else { return code };
    code[0] = first;
    let (mut length, mut before) = (1, sound(first));
    for letter in letters.filter(|letter| !matches!(letter, b'h' | b'w')) {
        let digit = sound(letter);
        if digit != 0 && digit != before {
            code[length] = digit;
            length += 1;
            if length == code.len() {
                break;
            }
        }
        before = digit;
    }
    code
}

/// The digit of a letter; 0 for a vowel, which parts two equal digits.
fn sound(letter: u8) -> u8 {
    match letter {
        b'b' | b'f' | b'p' | b'v' => b'1',
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => b'2',
        b'd' | b't' => b'3',
        b'l' => b'4',
        b'm' | b'n' => b'5',
        b'r' => b'6',
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundex_is_that_of_the_national_archives() {
        for (word, code) in
            [("washington", "w252"), ("lee", "l000"), ("gutierrez", "g362"), ("pfister", "p236"), ("jackson", "j250")]
        {
            assert_eq!(soundex(word), code.as_bytes(), "{word}");
        }
        assert_eq!(soundex("tymczak"), *b"t522");
        assert_eq!(soundex("ashcraft"), *b"a261");
    }
}
