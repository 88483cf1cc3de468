//! Small texts of a row: keys, short texts, times, and what is to be said about them.

use doorstep_core::time::{Timestamp, Zone, parse_loose};

/// The longest key of a source that is taken, in bytes: an index of PostgreSQL takes no more than some 2,700, and
/// no system's ids are near it.
const MAX_KEY_BYTES: usize = 512;
/// The longest name, company or status that is taken, in characters.
const SHORT_TEXT_CHARS: usize = 500;
/// How much of a value a sentence shows.
const SHOWN_CHARS: usize = 40;
/// Digits of a count of seconds since 1970; shorter ones (`20240305`) are dates.
const EPOCH_DIGITS: usize = 10;
/// How many notes one row may have: a cell of a thousand bad numbers says it with the first ones.
const MAX_NOTES: usize = 20;

/// What is to be said about a row.
#[derive(Default)]
pub(in super::super) struct Notes(Vec<String>);

impl Notes {
    /// Adds a sentence, if there are not too many already.
    pub fn push(&mut self, note: String) {
        match self.0.len() {
            0..MAX_NOTES => self.0.push(note),
            MAX_NOTES => self.0.push("and more of the kind".to_owned()),
            _ => {}
        }
    }

    /// The sentences.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}

/// A value as a sentence shows it: short, on one line.
pub(super) fn shown(value: &str) -> String {
    let mut text: String =
        value.trim().chars().take(SHOWN_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.trim().chars().nth(SHOWN_CHARS).is_some() {
        text.push('…');
    }
    text
}

/// A source's own key; `None` where it is blank.
pub(super) fn key(column: &str, cell: &str) -> Result<Option<String>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    if cell.len() > MAX_KEY_BYTES {
        return Err(format!("`{column}` is longer than {MAX_KEY_BYTES} bytes, which no id is"));
    }
    Ok(without_control(cell))
}

/// A name, a company, a status: without control characters, and not endless.
pub(super) fn short(column: &str, cell: &str, notes: &mut Notes) -> Option<String> {
    let text = without_control(cell)?;
    let Some((cut, _)) = text.char_indices().nth(SHORT_TEXT_CHARS) else { return Some(text) };
    notes.push(format!("`{column}` is longer than {SHORT_TEXT_CHARS} characters and was cut"));
    Some(text[..cut].trim_end().to_owned())
}

/// The text without control characters other than line breaks and tabs, trimmed; `None` where nothing is left.
pub(super) fn without_control(text: &str) -> Option<String> {
    let text = text.trim();
    let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text = if text.chars().all(|c| kept(&c)) {
        text.to_owned()
    } else {
        text.chars().filter(kept).collect::<String>().trim().to_owned()
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The time without which the row says nothing; never another one in its place.
pub(super) fn needed_time(column: &str, date: &str, time: &str, zone: &Zone) -> Result<Timestamp, String> {
    // "Date" and "Time" in columns of their own; a column "Time" alone may hold both.
    let has_clock = date.contains(':') || date.len() >= EPOCH_DIGITS && date.bytes().all(|byte| byte.is_ascii_digit());
    let joined = if !date.is_empty() && !time.is_empty() && !has_clock {
        &format!("{date} {time}")
    } else if date.is_empty() {
        time
    } else {
        date
    };
    if joined.is_empty() {
        return Err(format!("`{column}` is blank"));
    }
    parse_loose(joined, zone).map_err(|error| format!("`{column}`: `{}`: {error}", shown(joined)))
}

/// A time that is good to have.
pub(super) fn time(column: &str, cell: &str, zone: &Zone, notes: &mut Notes) -> Option<Timestamp> {
    if cell.is_empty() {
        return None;
    }
    match parse_loose(cell, zone) {
        Ok(at) => Some(at),
        Err(error) => {
            notes.push(format!("`{column}`: `{}`: {error}; left out", shown(cell)));
            None
        }
    }
}
