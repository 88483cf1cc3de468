//! The first row of a file: which delimiter, which of our columns each of its columns is, and what is missing.

use std::collections::BTreeSet;

use doorstep_core::import::FileKind;
use serde::{Deserialize, Serialize};

use super::alias::{self, Column, Contacts, Conversations, ExtraAliases};
use super::decode::{Bytes, Decoder};
use super::refused::{Limits, Refused, shown};
use super::split::{Fault, Splitter};

/// What may stand between cells; the first of two that are equally frequent counts.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many headers a sentence names.
const NAMED_HEADERS: usize = 20;
/// How much of a header is kept: it is repeated in every payload.
const HEADER_CHARS: usize = 100;

/// How one file of the archive is read, for the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMapping {
    /// As the archive names it, folder included.
    pub file: String,
    /// Which of ours it is; `None` for a file that is not read.
    pub kind: Option<FileKind>,
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE`, `Windows-1252`; empty for a file that is not read.
    pub encoding: String,
    /// What stands between cells: `,`, `;`, `|` or a tab; empty for a file that is not read.
    pub delimiter: String,
    /// Its columns in order.
    pub columns: Vec<ColumnMapping>,
    /// Our columns that it does not have.
    pub missing: Vec<String>,
}

/// How one column of a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// As written in the file.
    pub header: String,
    /// Which of our columns it is; `None` when it is ignored.
    pub column: Option<String>,
    /// Why it is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<String>,
}

/// A file's first row, understood.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub kind: FileKind,
    /// As written.
    pub headers: Vec<String>,
    /// For each of our columns, where it is in the file.
    places: Vec<Vec<usize>>,
    /// For each column of the file, which of ours it is and, if none, why not.
    meanings: Vec<Meaning>,
    /// For each column of the file, under which name a payload keeps it.
    pub payload_keys: Vec<String>,
    /// Why no row of the file can be read.
    pub unusable: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Is(usize),
    AlreadyHave(usize),
    Unknown,
    NoName,
}

impl Layout {
    /// Understands a header row.
    pub fn new(kind: FileKind, headers: Vec<String>, extra: &ExtraAliases) -> Self {
        let meanings = meanings(kind, &headers, extra);
        let mut places = vec![Vec::new(); alias::columns(kind).len()];
        for (index, meaning) in meanings.iter().enumerate() {
            if let Meaning::Is(column) = meaning {
                places[*column].push(index);
            }
        }
        let payload_keys = payload_keys(kind, &headers, &meanings);
        let mut layout = Self { kind, headers, places, meanings, payload_keys, unusable: None };
        layout.unusable = layout.lacks();
        layout
    }

    /// Where one of our columns is in the file; empty where the file does not have it.
    pub fn places(&self, column: usize) -> &[usize] {
        self.places.get(column).map_or(&[], Vec::as_slice)
    }

    /// For the plan: each header with its column.
    pub fn column_mappings(&self) -> Vec<ColumnMapping> {
        let columns = alias::columns(self.kind);
        let meaning = |(header, meaning): (&String, &Meaning)| {
            let (column, ignored) = match *meaning {
                Meaning::Is(column) => (Some(columns[column].name.to_owned()), None),
                Meaning::AlreadyHave(column) => {
                    (None, Some(format!("another column is `{}` already", columns[column].name)))
                }
                Meaning::Unknown => (None, Some("not a column that we know".to_owned())),
                Meaning::NoName => (None, Some("has no name".to_owned())),
            };
            ColumnMapping { header: shown(header), column, ignored }
        };
        self.headers.iter().zip(&self.meanings).map(meaning).collect()
    }

    /// Our columns that the file does not have.
    pub fn missing(&self) -> Vec<String> {
        let columns = alias::columns(self.kind).iter().zip(&self.places);
        columns
            .filter(|(column, places)| column.is_expected() && places.is_empty())
            .map(|(column, _)| column.name.to_owned())
            .collect()
    }

    /// The column without which no row of the file says anything, if it is not there.
    fn lacks(&self) -> Option<String> {
        let names = alias::columns(self.kind);
        let any_of: Vec<&str> = match self.kind {
            FileKind::Contacts => [
                Contacts::PhoneNumber,
                Contacts::Email,
                Contacts::DisplayName,
                Contacts::GivenName,
                Contacts::FamilyName,
            ]
            .iter()
            .map(|column| names[*column as usize].name)
            .collect(),
            FileKind::Conversations => vec![names[Conversations::ConversationId as usize].name],
            FileKind::Messages => vec!["sent_at", "sent_time"],
            FileKind::Calls => vec!["started_at", "started_time"],
            FileKind::Manifest => return None,
        };
        let has = |name: &str| names.iter().zip(&self.places).any(|(column, at)| column.name == name && !at.is_empty());
        if any_of.iter().any(|name| has(name)) {
            return None;
        }
        let table = alias::table(self.kind);
        Some(format!(
            "no column is {}; the first row has {}; if one of them is it, add its name to the aliases of `{table}.{}`",
            any_of
                .iter()
                .filter(|name| is_expected(names, name))
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(" or "),
            named(&self.headers),
            any_of[0],
        ))
    }
}

fn is_expected(columns: &[Column], name: &str) -> bool {
    columns.iter().any(|column| column.name == name && column.is_expected())
}

/// The headers in a sentence.
fn named(headers: &[String]) -> String {
    let mut names: Vec<String> =
        headers.iter().take(NAMED_HEADERS).map(|header| format!("`{}`", shown(header))).collect();
    if headers.len() > NAMED_HEADERS {
        names.push(format!("{} more", headers.len() - NAMED_HEADERS));
    }
    if names.is_empty() { "no names at all".to_owned() } else { names.join(", ") }
}

/// What each header means. A canonical name goes before the owner's aliases, those before ours; among equals the
/// first column wins.
fn meanings(kind: FileKind, headers: &[String], extra: &ExtraAliases) -> Vec<Meaning> {
    let columns = alias::columns(kind);
    let ranked: Vec<Option<(u8, usize)>> = headers.iter().map(|header| rank(kind, columns, header, extra)).collect();
    let best = |column: usize| {
        let of_column = ranked
            .iter()
            .enumerate()
            .filter_map(|(index, found)| found.filter(|(_, c)| *c == column).map(|(rank, _)| (rank, index)));
        of_column.min().map(|(_, index)| index)
    };
    let winners: Vec<Option<usize>> = (0..columns.len()).map(best).collect();
    let meaning = |(index, found): (usize, &Option<(u8, usize)>)| match found {
        Some((_, column)) if columns[*column].many || winners[*column] == Some(index) => Meaning::Is(*column),
        Some((_, column)) => Meaning::AlreadyHave(*column),
        None if headers[index].trim().is_empty() => Meaning::NoName,
        None => Meaning::Unknown,
    };
    ranked.iter().enumerate().map(meaning).collect()
}

/// Which column a header is, and how surely (0 is surest).
fn rank(kind: FileKind, columns: &[Column], header: &str, extra: &ExtraAliases) -> Option<(u8, usize)> {
    let name = alias::comparable(header);
    if name.is_empty() {
        return None;
    }
    let position = |matches: &dyn Fn(&Column) -> bool| columns.iter().position(matches);
    if let Some(column) = position(&|column| alias::comparable(column.name) == name) {
        return Some((0, column));
    }
    if let Some(column) = extra.find(kind, &name) {
        return Some((1, column));
    }
    let has = |column: &Column, name: &str| column.aliases.iter().any(|alias| alias::comparable(alias) == name);
    if let Some(column) = position(&|column| has(column, &name)) {
        return Some((2, column));
    }
    // "Phone 2", "E-mail 1 - Value": the digits only number the columns.
    let bare: String = name.chars().filter(|c| !c.is_numeric()).collect();
    let numbered = |column: &Column| column.many && (alias::comparable(column.name) == bare || has(column, &bare));
    position(&|column| bare != name && numbered(column)).map(|column| (3, column))
}

/// Under which name a payload keeps each column: ours where it is one of ours, else its own; never one name twice,
/// but for the columns that count together.
fn payload_keys(kind: FileKind, headers: &[String], meanings: &[Meaning]) -> Vec<String> {
    let columns = alias::columns(kind);
    let mut used: BTreeSet<String> = columns.iter().map(|column| column.name.to_owned()).collect();
    let key = |(index, meaning): (usize, &Meaning)| match meaning {
        Meaning::Is(column) => columns[*column].name.to_owned(),
        _ => unused(&mut used, headers[index].trim(), index),
    };
    meanings.iter().enumerate().map(key).collect()
}

/// The header, or `column 7` where it is blank, with a number behind it where the name is taken.
fn unused(used: &mut BTreeSet<String>, header: &str, index: usize) -> String {
    let name = if header.is_empty() { format!("column {}", index + 1) } else { header.to_owned() };
    let mut key = name.clone();
    let mut number = 2;
    while !used.insert(key.clone()) {
        key = format!("{name} ({number})");
        number += 1;
    }
    key
}

/// A file opened at its first data row.
pub(super) struct Opened<B> {
    pub rows: Splitter<B>,
    pub encoding: &'static str,
    pub delimiter: u8,
    /// The names in the first row, or why it cannot be read; `None` for an empty file.
    pub headers: Option<Result<Vec<String>, Fault>>,
}

/// Opens a file: decides on its encoding and delimiter and reads its first row.
pub(super) fn open<B: Bytes>(source: B, limits: &Limits) -> Result<Opened<B>, Refused> {
    let mut text = Decoder::start(source)?;
    let encoding = text.encoding().name();
    let block = text.block()?;
    let (delimiter, first_line) = match declared_delimiter(block) {
        Some((delimiter, bytes)) => {
            text.consume(bytes);
            (delimiter, 2)
        }
        None => (sniff_delimiter(block), 1),
    };
    let mut rows = Splitter::new(text, delimiter, first_line, limits);
    let headers = rows.next()?.map(|found| match found.fault {
        Some(fault) => Err(fault),
        None => Ok(rows.cells().iter().map(header).collect()),
    });
    Ok(Opened { rows, encoding, delimiter, headers })
}

/// A cell of the first row as a name.
pub(super) fn header(cell: &str) -> String {
    cell.trim().trim_matches('\u{FEFF}').chars().take(HEADER_CHARS).collect()
}

/// Spreadsheets write `sep=;` as a first line of its own.
fn declared_delimiter(block: &[u8]) -> Option<(u8, usize)> {
    let (start, rest) = block.split_at_checked(4)?;
    if !start.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    match rest {
        [delimiter, b'\r', b'\n', ..] if DELIMITERS.contains(delimiter) => Some((*delimiter, 7)),
        [delimiter, b'\n' | b'\r', ..] if DELIMITERS.contains(delimiter) => Some((*delimiter, 6)),
        _ => None,
    }
}

/// The delimiter that is most frequent in the first line, outside of quotes.
fn sniff_delimiter(block: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let (mut quoted, mut begun) = (false, false);
    for byte in block {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted && begun => break,
            _ if quoted => {}
            other => {
                if let Some(at) = DELIMITERS.iter().position(|delimiter| delimiter == other) {
                    counts[at] += 1;
                }
            }
        }
        begun |= !matches!(byte, b'\r' | b'\n');
    }
    let best = counts.iter().copied().max().unwrap_or(0);
    counts.iter().position(|count| *count == best).map_or(b',', |at| DELIMITERS[at])
}

#[cfg(test)]
mod tests;
