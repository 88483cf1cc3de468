//! Blocking: what a record is found by. Only records that share a key are ever compared.
//!
//! Beside the identifiers these are combinations of name and place, each broad enough to survive one slip and narrow
//! enough that few people share it. A record that shares no key with its twin is not found: recall's first limit.
//!
//! A store finds records by their identifiers and by those of these combinations that hold both a name and a place: the
//! others (everybody of one house, everybody of one name) cost more reading than they find.

use serde::{Deserialize, Serialize};

use crate::identifier::{Identifier, IdentifierKind};
use crate::name::NameKeys;

use super::description::{Description, Place, digits, hash_of, stored_hash};

/// Upstream objects that may share a name with a place: the families of one name in a town's quarter.
pub(crate) const NAME_PLACE_LIMIT: usize = 40;

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
            IdentifierKind::NamePlace => return Self::stored(&identifier.value),
            // What one web user verified is tied by decisions.
            IdentifierKind::WebUser => return None,
        };
        Some(Self { kind, hash })
    }

    /// A key that [`Key::found_by`] wrote; `None` for anything else.
    fn stored(value: &str) -> Option<Self> {
        let (code, hash) = value.split_at_checked(1)?;
        let kind = *KeyKind::STORED.iter().find(|kind| kind.code() == Some(code))?;
        // Just what is written: a sign or another length would be another text for the same key.
        let is_hash = hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        Some(Self { kind, hash: is_hash.then(|| u64::from_str_radix(hash, 16).ok())?? })
    }

    /// The identifier under which a store finds records of this key; `None` where it is not found by such keys.
    pub(crate) fn found_by(self) -> Option<Identifier> {
        let code = self.kind.code()?;
        Some(Identifier { kind: IdentifierKind::NamePlace, value: format!("{code}{:016x}", self.hash) })
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
    /// Those that a store finds records by, beside identifiers.
    const STORED: [Self; 5] = [Self::NameZip, Self::SoundZip, Self::GivenHouse, Self::FamilyHouse, Self::BusinessZip];

    /// What stands for a stored kind; never another than it was.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::NameZip => Some("n"),
            Self::SoundZip => Some("s"),
            Self::GivenHouse => Some("g"),
            Self::FamilyHouse => Some("f"),
            Self::BusinessZip => Some("b"),
            Self::Phone | Self::Email | Self::Object | Self::House | Self::Name | Self::Business => None,
        }
    }

    /// Whether it is made of a name and a place.
    pub(super) fn is_name_and_place(self) -> bool {
        self.code().is_some()
    }

    /// Upstream objects that may share a key of this kind before it is a hub: a reason to compare nobody.
    pub fn limit(self) -> usize {
        match self {
            Self::Phone | Self::Email => crate::identity::HUB_LIMIT,
            Self::Object => usize::MAX,
            Self::NameZip | Self::SoundZip | Self::GivenHouse | Self::FamilyHouse | Self::House | Self::BusinessZip => {
                NAME_PLACE_LIMIT
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
    if description.is_business()
        && let Some(business) = description.business().and_then(NameKeys::business_key)
    {
        add(KeyKind::Business, hash_of(&business));
    }
    for place in description.places.iter().filter(|place| place.is_house()) {
        add(KeyKind::House, hash_of(&(&place.number, &place.street)));
    }
    if let Some(name) = &description.name
        && let (Some(given), Some(family), false) = (name.formal_given(), &name.family(), name.is_initial())
    {
        // Either may be the given name.
        let family = crate::name::formal(family);
        let (one, other) = if given <= family { (given, family) } else { (family, given) };
        add(KeyKind::Name, hash_of(&(one, other)));
    }
    add_places(description.name.as_ref(), description.business(), &description.places, &mut add);
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Names with places. These hashes are stored: what goes into them and how is never changed without finding records anew.
pub(super) fn add_places(
    name: Option<&NameKeys>,
    business: Option<&NameKeys>,
    places: &[Place],
    add: &mut impl FnMut(KeyKind, u64),
) {
    if places.is_empty() {
        return;
    }
    if let Some(business) = business.and_then(NameKeys::business_key) {
        for place in places.iter().filter(|place| place.zip != 0) {
            add(KeyKind::BusinessZip, stored_hash([business.as_bytes(), &place.zip.to_le_bytes()]));
        }
    }
    let Some(name) = name else { return };
    let (given, last, is_initial) = (name.formal_given(), name.last_family(), name.is_initial());
    let sounds = given.zip(last).map(|(given, family)| {
        let (given, family) = (soundex(given), soundex(crate::name::formal(family)));
        if given <= family { (given, family) } else { (family, given) }
    });
    for place in places {
        let zip = place.zip.to_le_bytes();
        if place.zip != 0 {
            if let (Some(given), Some(last)) = (given, last) {
                let first = given.chars().next().unwrap_or_default().encode_utf8(&mut [0; 4]).to_owned();
                add(KeyKind::NameZip, stored_hash([last.as_bytes(), first.as_bytes(), &zip]));
            }
            if let (Some((one, other)), false) = (&sounds, is_initial) {
                add(KeyKind::SoundZip, stored_hash([one.as_slice(), other, &zip]));
            }
        }
        if place.is_house() {
            let (number, street) = (place.number.as_bytes(), place.street.as_bytes());
            if let (Some(given), false) = (given, is_initial) {
                add(KeyKind::GivenHouse, stored_hash([given.as_bytes(), number, street]));
            }
            if let Some(last) = last {
                add(KeyKind::FamilyHouse, stored_hash([soundex(last).as_slice(), number, street]));
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
    #[test]
    fn a_stored_key_is_read_back_and_nothing_else_is() {
        for kind in KeyKind::STORED {
            let key = Key { kind, hash: 0x12ab };
            assert_eq!(Key::of(&key.found_by().unwrap()), Some(key));
        }
        assert_eq!(Key { kind: KeyKind::House, hash: 1 }.found_by(), None);
        for value in ["", "n", "x0123456789abcdef", "nzz", "é1", "n+123456789abcdef", "n0123456789abcdef0"] {
            assert_eq!(Key::stored(value), None, "{value}");
        }
    }

    /// They stand in stores: another text here means that nobody is found there any more.
    #[test]
    fn stored_keys_are_what_they_were() {
        let name = crate::name::Name::parse("Bob Smith").unwrap().keys();
        let place = Place { number: "123".into(), street: "MAIN".into(), unit: Box::default(), zip: 2169 };
        let mut keys = Vec::new();
        add_places(Some(&name), None, &[place], &mut |kind, hash| keys.push(Key { kind, hash }));
        let keys: Vec<String> = keys.iter().filter_map(|key| Some(key.found_by()?.value)).collect();
        assert_eq!(keys, ["ne9f5c62e407ffd7a", "sd8498b7005c026a0", "gb30cf39dda59224d", "f10c8d32ba1a935ec"]);
    }
}
