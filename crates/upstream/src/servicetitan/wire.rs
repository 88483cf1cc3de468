//! Their fields, read as they come.
//!
//! Tolerant on purpose: a field that is missing, null or of another type than their documents say is `None`, never an
//! error. A row stays in its payload as it came, so nothing is lost by not understanding a field today.

use doorstep_core::Timestamp;
use doorstep_core::money::Money;
use doorstep_core::time::Date;
use serde_json::Value;

/// Longest text taken from a field, in characters; summaries of jobs are the longest there are.
const MAX_TEXT_CHARS: usize = 20_000;
/// Longest key, in bytes: theirs are numbers, and phone numbers where those are keys.
const MAX_KEY_BYTES: usize = 64;
/// The year that their servers write for "never" is 1; nothing that we read is older than this.
const FIRST_YEAR: i16 = 1900;

/// The fields of one of their objects.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub &'a Value);

impl<'a> Fields<'a> {
    fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// An id as a key: a number, or a text that holds one. Nothing is numbered 0 there; it stands for none.
    pub fn key(self, name: &str) -> Option<String> {
        let key = match self.get(name)? {
            Value::Number(number) => number.as_u64().map(|id| id.to_string())?,
            Value::String(text) => text.trim().to_owned(),
            _ => return None,
        };
        let is_plain = key.bytes().all(|byte| byte.is_ascii_graphic());
        (!key.is_empty() && key != "0" && key.len() <= MAX_KEY_BYTES && is_plain).then_some(key)
    }

    /// A text, trimmed, without control characters but line breaks and tabs; `None` where it is blank.
    pub fn text(self, name: &str) -> Option<String> {
        let text = self.get(name)?.as_str()?;
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let text: String = text.chars().filter(kept).take(MAX_TEXT_CHARS).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// True or false.
    pub fn flag(self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// Whether it is in use: said so, or not said at all, since the lists of some doors leave the field out and list
    /// nothing else.
    pub fn is_active(self) -> bool {
        self.flag("active") != Some(false)
    }

    /// An instant; their "never" is none.
    pub fn instant(self, name: &str) -> Option<Timestamp> {
        let text = self.get(name)?.as_str()?;
        self.day(name)?;
        instant(text)
    }

    /// The day of an instant or of a date, as written; their "never" is none.
    pub fn day(self, name: &str) -> Option<Date> {
        let day: Date = self.get(name)?.as_str()?.parse().ok()?;
        (day.year() >= FIRST_YEAR).then_some(day)
    }

    /// An amount in dollars, as a number or as a text. A JSON number is read from its shortest decimal text, which is
    /// what they wrote as long as it has at most 15 digits.
    pub fn money(self, name: &str) -> Option<Money> {
        match self.get(name)? {
            Value::Number(number) => number.to_string().parse().ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// An object within the object.
    pub fn object(self, name: &str) -> Option<Fields<'a>> {
        self.get(name).filter(|value| value.is_object()).map(Fields)
    }
}

/// Reads an instant of RFC 3339. They write seven digits behind the point, of which we keep six; more than nine, which
/// the parser refuses, are cut.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    const KEPT_DIGITS: usize = 9;
    let text = text.trim();
    let Some((before, after)) = text.split_once('.') else { return parse(text) };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if digits <= KEPT_DIGITS {
        return parse(text);
    }
    parse(&format!("{before}.{}{}", &after[..KEPT_DIGITS], &after[digits..]))
}

fn parse(text: &str) -> Option<Timestamp> {
    // They write UTC and say so; a time without a zone is read as UTC, too.
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}
