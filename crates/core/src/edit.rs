//! An edit: what a person wants fields of a customer to say, parsed from what they typed.

use std::collections::BTreeMap;

use crate::customer::Field;
use crate::email::Email;
use crate::phone::{Phone, Region};

/// Longest name, company or address, in characters: more is a text that landed in the wrong box.
pub const MAX_LINE_CHARS: usize = 300;
/// Longest notes, in characters: a few pages; what is longer belongs into a file.
pub const MAX_NOTES_CHARS: usize = 10_000;

/// What fields are to say: a value, or `None` to leave the field empty. Fields that are not named stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    fields: BTreeMap<Field, Option<Wanted>>,
}

/// A value in its normal form. Its parts mask their `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A name, company, address or notes.
    Text(Line),
    /// The phone to call first.
    Phone(Phone),
    /// The e-mail address to write to first.
    Email(Email),
}

/// Text that a person typed; its `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Line(String);

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Wanted {
    /// The value as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(Line(text)) => text,
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
        }
    }
}

/// Why a field cannot say what was typed. Names the field, not the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {why}", field.as_str())]
pub struct BadValue {
    /// Which field.
    pub field: Field,
    /// What is wrong and what to do.
    pub why: String,
}

impl Edit {
    /// Parses what was typed for `field` and adds it; numbers without a country code are read as those of `region`.
    /// `None` and blank leave the field empty.
    ///
    /// # Errors
    /// [`BadValue`], with a sentence for the person.
    pub fn set(&mut self, field: Field, typed: Option<&str>, region: Region) -> Result<(), BadValue> {
        let bad = |why: String| BadValue { field, why };
        let text = typed.map(|text| tidy(field, text)).filter(|text| !text.is_empty());
        let wanted = match text {
            None if field == Field::Name => {
                let why = "cannot be empty: a customer is told from others by it; write what should be shown, or take \
                           the pin back to see what the records say";
                return Err(bad(why.to_owned()));
            }
            None => None,
            Some(text) => Some(parse(field, text, region).map_err(bad)?),
        };
        self.fields.insert(field, wanted);
        Ok(())
    }

    /// What each named field is to say.
    pub fn fields(&self) -> impl Iterator<Item = (Field, Option<&Wanted>)> {
        self.fields.iter().map(|(field, wanted)| (*field, wanted.as_ref()))
    }

    /// Whether it names no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

fn parse(field: Field, text: String, region: Region) -> Result<Wanted, String> {
    match field {
        Field::Phone => Phone::parse(&text, region).map(Wanted::Phone).map_err(|bad| format!("cannot be read: {bad}")),
        Field::Email => Email::parse(&text).map(Wanted::Email).map_err(|bad| format!("cannot be read: {bad}")),
        Field::Name | Field::Company | Field::Address | Field::Notes => {
            let most = if field == Field::Notes { MAX_NOTES_CHARS } else { MAX_LINE_CHARS };
            let chars = text.chars().count();
            if chars > most {
                return Err(format!("is too long: {chars} characters, and {most} fit; shorten it"));
            }
            if field == Field::Name && !text.chars().any(char::is_alphanumeric) {
                return Err("holds neither letter nor digit: write what people call the customer".to_owned());
            }
            Ok(Wanted::Text(Line(text)))
        }
    }
}

/// Addresses and notes keep their lines.
fn tidy(field: Field, text: &str) -> String {
    tidy_text(text, matches!(field, Field::Address | Field::Notes))
}

/// Without what cannot be seen: control characters and marks that turn the direction of writing, which would change
/// how the rest of a page reads.
pub(crate) fn tidy_text(text: &str, keeps_lines: bool) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let text = text.replace("\r\n", "\n");
    let plain = text.chars().map(|c| match c {
        '\n' if keeps_lines => '\n',
        c if c.is_control() => ' ',
        c => c,
    });
    let plain: String = plain.filter(|c| !turns(*c)).collect();
    match keeps_lines {
        true => plain.trim().to_owned(),
        false => plain.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: Field, typed: &str, expected: Result<Option<&str>, &str>) {
        let mut edit = Edit::default();
        match (edit.set(field, Some(typed), Region::US), expected) {
            (Ok(()), Ok(value)) => {
                let found: Vec<_> = edit.fields().map(|(_, wanted)| wanted.map(Wanted::as_str)).collect();
                assert_eq!(found, [value], "{typed:?}");
            }
            (Err(bad), Err(part)) => {
                assert!(bad.to_string().contains(part), "{typed:?}: {bad}");
                assert!(edit.is_empty());
            }
            (found, expected) => panic!("{typed:?}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn values_are_read_or_refused_with_a_sentence() {
        check(Field::Name, "  Ann\t Lee \n", Ok(Some("Ann Lee")));
        check(Field::Name, "Ann\u{202e}eeL\u{0}", Ok(Some("AnneeL")));
        check(Field::Name, " ", Err("`name` cannot be empty"));
        check(Field::Name, "?!", Err("neither letter nor digit"));
        check(Field::Name, &"x".repeat(MAX_LINE_CHARS), Ok(Some(&"x".repeat(MAX_LINE_CHARS))));
        check(Field::Name, &"x".repeat(MAX_LINE_CHARS + 1), Err("301 characters, and 300 fit"));
        check(Field::Company, "", Ok(None));
        check(Field::Phone, "(617) 471-0117", Ok(Some("+16174710117")));
        check(Field::Phone, "call me", Err("`phone` cannot be read"));
        check(Field::Phone, "", Ok(None));
        check(Field::Email, "Ann@Quincy.example.net", Ok(Some("ann@quincy.example.net")));
        check(Field::Email, "ann at home", Err("`email` cannot be read"));
        check(Field::Address, "12 Elm St\r\nBoston ", Ok(Some("12 Elm St\nBoston")));
        check(Field::Notes, &"x".repeat(MAX_NOTES_CHARS + 1), Err("is too long"));
    }

    #[test]
    fn debug_output_hides_what_was_typed() {
        let mut edit = Edit::default();
        edit.set(Field::Name, Some("Ann Lee"), Region::US).unwrap();
        edit.set(Field::Phone, Some("617 471 0117"), Region::US).unwrap();
        let shown = format!("{edit:?}");
        assert!(!shown.contains("Ann") && !shown.contains("0117"), "{shown}");
    }
}
