//! Postal addresses, American style.
//!
//! An address is kept as its writer had it and taken apart whenever it is read. What cannot be taken apart (no
//! house number, another country's order) still has a normal form: its words in capitals.

mod parse;
mod tables;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use parse::Parts;

/// Longest address kept, in characters; longer cells hold directions to the house, whose start is kept.
pub const MAX_ADDRESS_CHARS: usize = 400;

/// An address as written; its normal form is computed. Its `Debug` masks itself.
///
/// Two are equal when they are written alike; whether they are one place is [`Address::same_place`]'s answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Address {
    as_written: String,
    parts: Parts,
}

impl Address {
    /// Parses; `None` where the text holds no address (blank, "n/a", marks only).
    pub fn parse(text: &str) -> Option<Self> {
        let address = Self::from(text.to_owned());
        (!parse::is_nothing(&address.as_written)).then_some(address)
    }

    /// As written, in one line, white space folded; at most [`MAX_ADDRESS_CHARS`].
    pub fn as_written(&self) -> &str {
        &self.as_written
    }

    /// House number as written: `123`, `123 1/2`, `12-34`.
    pub fn number(&self) -> Option<&str> {
        self.parts.number.as_deref()
    }

    /// The street with directions and suffix in standard form: `N MAIN ST`, `PO BOX 12`.
    pub fn street(&self) -> Option<String> {
        self.parts.is_taken_apart().then(|| self.parts.street_line())
    }

    /// The street's name alone, without direction and suffix, which writers leave out: `MAIN`.
    pub fn street_name(&self) -> Option<&str> {
        self.parts.is_taken_apart().then(|| self.parts.name())
    }

    /// Apartment, suite, floor in standard form: `APT 4`.
    pub fn unit(&self) -> Option<String> {
        (!self.parts.units.is_empty()).then(|| self.parts.unit_line())
    }

    /// The city in capitals.
    pub fn city(&self) -> Option<&str> {
        self.parts.city.as_deref()
    }

    /// The state's two letters.
    pub fn state(&self) -> Option<&str> {
        self.parts.state
    }

    /// The ZIP code, with four more digits where they were given.
    pub fn zip(&self) -> Option<&str> {
        self.parts.zip.as_deref()
    }

    /// One line in capitals as the Postal Service writes it: `123 N MAIN ST APT 4, QUINCY MA 02169`. Equal for
    /// most spellings of one address; the four digits behind a ZIP code are left out, since most writers do.
    pub fn normal(&self) -> String {
        self.parts.normal(&self.as_written)
    }

    /// For people: `123 N Main St Apt 4, Quincy, MA 02169`; as written where it could not be taken apart.
    pub fn display(&self) -> String {
        self.parts.display().unwrap_or_else(|| self.as_written.clone())
    }

    /// Whether two addresses are surely one place. A city or ZIP code that one leaves out is no difference, nor is a
    /// missing street suffix; a unit or a direction that one leaves out is.
    pub fn same_place(&self, other: &Self) -> bool {
        match (self.parts.is_taken_apart(), other.parts.is_taken_apart()) {
            (true, true) => self.parts.same_place(&other.parts),
            _ => self.normal() == other.normal(),
        }
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.as_written == other.as_written
    }
}

impl Eq for Address {}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(***)")
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        let as_written = parse::clean(&text, MAX_ADDRESS_CHARS);
        Self { parts: Parts::of(&as_written), as_written }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.as_written
    }
}
