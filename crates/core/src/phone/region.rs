//! The country whose numbering plan reads a number that has no country code.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region as PlanRegion};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::BadPhone;

/// Characters of a wrong country code that its error repeats.
const SHOWN_CHARS: usize = 16;

/// An ISO 3166 country (two upper-case letters) in which a number without a country code is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// The United States.
    pub const US: Self = Self(*b"US");

    /// Two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("US")
    }

    /// The same country as the phone library names it.
    pub(super) fn in_plan(self) -> Option<PlanRegion> {
        PlanRegion::from_code(self.as_str()).ok()
    }

    /// The country calling code: 1 for the United States, 44 for the United Kingdom.
    pub(super) fn calling_code(self) -> Option<i32> {
        // Asked for every number, nearly always for this one country.
        if self == Self::US {
            return Some(1);
        }
        self.in_plan().and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region))
    }
}

impl FromStr for Region {
    type Err = BadPhone;

    /// Any letter case; only countries that the phone metadata has.
    fn from_str(text: &str) -> Result<Self, BadPhone> {
        let unknown = || BadPhone::UnknownCountry(text.trim().chars().take(SHOWN_CHARS).collect());
        let [a, b] = *text.trim().to_ascii_uppercase().as_bytes() else { return Err(unknown()) };
        let region = Self([a, b]);
        let known = a.is_ascii_uppercase() && b.is_ascii_uppercase() && region.calling_code().is_some();
        if known { Ok(region) } else { Err(unknown()) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
