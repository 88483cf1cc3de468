//! Who takes part in a message or a call: numbers and addresses, read once and remembered.

use std::collections::HashMap;
use std::fmt;

use doorstep_core::email::Email;
use doorstep_core::phone::{BadPhone, Phone, Region};

use super::super::Options;
use super::text::{Notes, shown};

/// How many cells are remembered in each of the two generations: a few thousand numbers make nearly all of an
/// office's traffic, and one costs some 300 bytes.
const REMEMBERED_CELLS: usize = 20_000;
/// Cells longer than this are read again each time: they are rare, and long.
const REMEMBERED_BYTES: usize = 128;
/// How much of an unreadable cell is kept.
const RAW_CHARS: usize = 200;
/// What stands between several addresses of a cell.
const SEPARATORS: [char; 4] = [';', ',', '|', '\n'];

/// One side of a message or call. Its `Debug` masks it.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    /// As written in the file.
    pub raw: String,
    /// Where it is a phone number.
    pub phone: Option<Phone>,
    /// Where it is an e-mail address.
    pub email: Option<Email>,
    /// One of the tenant's own numbers.
    pub is_own: bool,
}

impl Party {
    /// The number or address in its normal form; `None` where the text is neither (a short code, a sender's name).
    pub fn normal(&self) -> Option<&str> {
        self.phone.as_ref().map(Phone::as_str).or(self.email.as_ref().map(Email::as_str))
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("phone", &self.phone).field("email", &self.email).finish_non_exhaustive()
    }
}

/// What a cell says, and what of it is neither number nor address.
#[derive(Default)]
struct Known {
    parties: Vec<Party>,
    bad: Vec<String>,
}

/// Reads cells of numbers and addresses. Remembers the last ones, in bounded memory: when the younger generation is
/// full it becomes the older one, and what is asked for again moves over.
pub(super) struct People<'a> {
    options: &'a Options,
    younger: HashMap<Box<str>, Known>,
    older: HashMap<Box<str>, Known>,
}

impl<'a> People<'a> {
    pub fn new(options: &'a Options) -> Self {
        Self { options, younger: HashMap::new(), older: HashMap::new() }
    }

    /// How many cells are remembered.
    #[cfg(test)]
    pub fn remembered(&self) -> usize {
        self.younger.len() + self.older.len()
    }

    /// The parties in a cell; notes what is neither a number nor an address.
    pub fn read(&mut self, column: &str, cell: &str, notes: &mut Notes) -> Vec<Party> {
        if cell.is_empty() {
            return vec![];
        }
        if let Some(known) = self.younger.get(cell) {
            return known.said(column, notes);
        }
        let known = self.older.remove(cell).unwrap_or_else(|| parse(cell, self.options));
        let parties = known.said(column, notes);
        if cell.len() <= REMEMBERED_BYTES {
            if self.younger.len() >= REMEMBERED_CELLS {
                self.older = std::mem::take(&mut self.younger);
            }
            self.younger.insert(cell.into(), known);
        }
        parties
    }
}

fn parse(cell: &str, options: &Options) -> Known {
    let plain = without_brackets(cell);
    let mut known = Known::default();
    if plain.contains('@') {
        for piece in plain.split(SEPARATORS).take(doorstep_core::phone::MAX_PHONES_PER_CELL) {
            if piece.contains('@') { known.email(piece) } else { known.phones(piece, options) }
        }
    } else {
        known.phones(&plain, options);
    }
    known
}

/// A list as JSON writes it, as one of people: `["+1…","+1…"]`.
fn without_brackets(cell: &str) -> String {
    match cell.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(list) => list.replace(['"', '\''], ""),
        None => cell.to_owned(),
    }
}

impl Known {
    fn said(&self, column: &str, notes: &mut Notes) -> Vec<Party> {
        for bad in &self.bad {
            notes.push(format!("`{column}`: {bad}"));
        }
        self.parties.clone()
    }

    fn email(&mut self, piece: &str) {
        match Email::parse(piece) {
            Ok(email) => {
                self.parties.push(Party { raw: raw(piece), phone: None, email: Some(email), is_own: false });
            }
            Err(error) => self.unreadable(piece, Some(error.to_string())),
        }
    }

    fn phones(&mut self, piece: &str, options: &Options) {
        let (good, bad) = phones(piece, options.region);
        let single = good.len() + bad.len() == 1;
        for phone in good {
            let is_own = options.own_numbers.contains(&phone);
            let raw = if single { raw(piece) } else { phone.as_str().to_owned() };
            self.parties.push(Party { raw, phone: Some(phone), email: None, is_own });
        }
        for bad in bad.iter().filter(|bad| !matches!(bad, BadPhone::Blank)) {
            // Hidden callers and short codes are as they should be; there is nobody to tell about.
            let is_usual = matches!(bad, BadPhone::Withheld | BadPhone::ShortCode);
            let why = (!is_usual).then(|| bad.to_string());
            if single {
                self.unreadable(piece, why);
            } else if let Some(why) = why {
                self.bad.push(format!("a part of `{}` is left out: {why}", shown(piece)));
            }
        }
    }

    /// Kept as written: a short code or a sender's name is still who it was.
    fn unreadable(&mut self, piece: &str, why: Option<String>) {
        self.parties.push(Party { raw: raw(piece), phone: None, email: None, is_own: false });
        if let Some(why) = why {
            self.bad.push(format!("`{}`: {why}", shown(piece)));
        }
    }
}

fn raw(piece: &str) -> String {
    piece.trim().chars().filter(|c| !c.is_control()).take(RAW_CHARS).collect()
}

/// The numbers of a cell and what of it is none.
pub(super) fn phones(cell: &str, region: Region) -> (Vec<Phone>, Vec<BadPhone>) {
    let (good, bad) = Phone::parse_list(cell, region);
    (good.into_iter().map(|found| found.phone).collect(), bad)
}
