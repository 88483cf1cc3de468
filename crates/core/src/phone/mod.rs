//! Telephone numbers in E.164, any country.
//!
//! Only [`Phone::parse`] makes a [`Phone`] from what people wrote, and it makes valid ones only: a number of
//! possible length that no numbering plan has is refused. Text around the number ("(cell)", "ext. 12") is taken
//! off before the number is read, because the phone library turns letters into digits and so makes wrong numbers
//! of them. Numbers reserved for fiction (555-0100 and the like) are valid here; that they identify nobody is
//! [`crate::matching`]'s business.

mod bad;
mod chars;
mod list;
mod plan;
mod read;
mod region;
mod vanity;

#[cfg(test)]
mod tests;

pub use bad::BadPhone;
pub use region::Region;

use serde::{Deserialize, Serialize};

/// Longest text read as one number, in characters: the longest number with label and extension is far shorter.
pub const MAX_PHONE_CHARS: usize = 200;
/// Longest cell read as a list of numbers, in characters: [`MAX_PHONES_PER_CELL`] numbers with labels.
pub const MAX_PHONE_CELL_CHARS: usize = 4_000;
/// Most numbers taken from one cell; nobody has more, and every one costs a parse.
pub const MAX_PHONES_PER_CELL: usize = 50;

/// A valid number in E.164: `+16175551234`. Its `Debug` shows the last two digits only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

/// A number with what stood beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct LabelledPhone {
    /// The number.
    pub phone: Phone,
    /// Words beside it, as written: `cell`, `John's work`.
    pub label: Option<String>,
    /// Digits to dial after the call is connected.
    pub extension: Option<String>,
}

impl Phone {
    /// E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits of E.164 without the plus sign: country code and number.
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// Wraps a value that the store read back; it was parsed when it went in.
    pub fn from_normal(text: String) -> Self {
        Self(text)
    }

    /// Parses one number, dropping labels and extension; without a country code it is one of `region`.
    ///
    /// # Errors
    /// [`BadPhone`] says in words why the text is not exactly one valid number.
    pub fn parse(text: &str, region: Region) -> Result<Self, BadPhone> {
        Self::parse_labelled(text, region).map(|found| found.phone)
    }

    /// Parses one number and keeps its label and extension.
    ///
    /// # Errors
    /// As [`Phone::parse`].
    pub fn parse_labelled(text: &str, region: Region) -> Result<LabelledPhone, BadPhone> {
        match plan::bare(text, region) {
            Some(phone) => Ok(LabelledPhone { phone, label: None, extension: None }),
            None => read::one(text, region),
        }
    }

    /// Parses a cell that may hold several numbers: the good ones in the order written (repetitions kept), and a
    /// reason for each part that is none. A blank cell gives nothing of either.
    pub fn parse_list(cell: &str, region: Region) -> (Vec<LabelledPhone>, Vec<BadPhone>) {
        list::all(cell, region)
    }

    /// As people in `home` write it: `(617) 555-1234` when the number has their country code, else
    /// `+44 20 7946 0958`.
    pub fn national(&self, home: Region) -> String {
        plan::written(self, home)
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tail: Vec<char> = self.0.chars().rev().take(2).collect();
        write!(f, "+…{}", tail.iter().rev().collect::<String>())
    }
}

impl std::fmt::Debug for LabelledPhone {
    /// Labels hold names, so only their presence shows.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabelledPhone")
            .field("phone", &self.phone)
            .field("label", &self.label.as_ref().map(|_| "***"))
            .field("extension", &self.extension.as_ref().map(|_| "***"))
            .finish()
    }
}
