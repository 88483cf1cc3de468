//! A file of contacts: one CSV, a record to a row, as a CRM's export can be brought into form with a spreadsheet.
//!
//! [`ContactFile::open`] reads the header, [`ContactFile::rows`] a number of rows as they stand, and [`Row::contact`]
//! makes a contact of one: that is where the time goes, so that it can be done on several threads.

mod read;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use doorstep_core::contact::Contact;
use doorstep_core::phone::Region;
use doorstep_core::time::Timestamp;

use crate::phone_history::decode::{Bytes, Decoder};
use crate::phone_history::split::{Fault, Splitter};
use crate::phone_history::{Limits, Refused};

/// The columns, in their order; only the first is needed.
pub const COLUMNS: [&str; 14] = [
    "record_id",
    "source",
    "created_at",
    "first_name",
    "last_name",
    "full_name",
    "company",
    "phones",
    "emails",
    "street",
    "unit",
    "city",
    "state",
    "zip",
];
/// Most columns beside those, which are passed over.
const MAX_COLUMNS: usize = 500;

/// Why a file cannot be read as contacts.
#[derive(Debug, thiserror::Error)]
pub enum BadFile {
    /// The system says why.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Nothing in it.
    #[error("it is empty; the first line names the columns, `record_id` among them")]
    Empty,
    /// No header, or another one.
    #[error("its first line has no column `record_id`; the columns are {}", COLUMNS.join(", "))]
    NoRecordId,
    /// A column named twice.
    #[error("its first line names the column `{0}` twice; rename or remove one of them")]
    Twice(&'static str),
    /// A row that says no id.
    #[error("line {line}: `record_id` is blank; every row needs one, it is what the answer names it by")]
    Blank {
        /// The line of the row.
        line: u64,
    },
    /// A row that cannot be cut into cells.
    #[error("line {line}: {why}")]
    Row {
        /// The line of the row.
        line: u64,
        /// In words.
        why: &'static str,
    },
}

impl From<Refused> for BadFile {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Io(error) => Self::Io(error),
            other => Self::Io(io::Error::other(other.to_string())),
        }
    }
}

/// The bytes of a file.
struct Source(File);

impl Bytes for Source {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Refused> {
        Ok(self.0.read(into)?)
    }
}

/// An opened file.
pub struct ContactFile {
    rows: Splitter<Source>,
    /// Where each of [`COLUMNS`] stands.
    places: [Option<usize>; COLUMNS.len()],
}

/// A row as it stands: the cells of [`COLUMNS`].
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it starts.
    pub line: u64,
    text: Box<str>,
    ends: [u32; COLUMNS.len()],
}

impl ContactFile {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// [`BadFile`] where it cannot be read or has no such header.
    pub fn open(path: &Path) -> Result<Self, BadFile> {
        let limits = Limits { max_columns: MAX_COLUMNS, ..Limits::default() };
        let text = Decoder::start(Source(File::open(path)?))?;
        let mut rows = Splitter::new(text, b',', 1, &limits);
        if rows.next()?.is_none() {
            return Err(BadFile::Empty);
        }
        let mut places = [None; COLUMNS.len()];
        for (place, cell) in rows.cells().iter().enumerate() {
            let name = cell.trim().trim_start_matches('\u{FEFF}').to_lowercase();
            let Some(column) = COLUMNS.iter().position(|column| *column == name) else { continue };
            if places[column].replace(place).is_some() {
                return Err(BadFile::Twice(COLUMNS[column]));
            }
        }
        if places[0].is_none() {
            return Err(BadFile::NoRecordId);
        }
        Ok(Self { rows, places })
    }

    /// The next rows, at most `most`; none at the end.
    ///
    /// # Errors
    /// [`BadFile`] at the first row that cannot be read or says no id; the rows before it are lost, since who is who
    /// cannot be said of a part.
    pub fn rows(&mut self, most: usize) -> Result<Vec<Row>, BadFile> {
        let mut rows = Vec::with_capacity(most);
        while rows.len() < most {
            let Some(found) = self.rows.next()? else { break };
            if let Some(fault) = found.fault {
                return Err(BadFile::Row { line: found.line, why: why(fault) });
            }
            let cells = self.rows.cells();
            let mut text = String::new();
            let mut ends = [0; COLUMNS.len()];
            for (end, place) in ends.iter_mut().zip(&self.places) {
                text.push_str(place.map_or("", |place| cells.get(place)).trim());
                *end = text.len() as u32;
            }
            let row = Row { line: found.line, text: text.into(), ends };
            if row.record_id().is_empty() {
                return Err(BadFile::Blank { line: found.line });
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

fn why(fault: Fault) -> &'static str {
    match fault {
        Fault::RowTooLong => "the row is longer than 4 MB",
        Fault::TooManyColumns => "the row has more than 500 columns",
        Fault::FieldTooLong(_) => "a cell is longer than 1 MB",
        Fault::Unclosed { .. } => "a quotation mark opens here and is not closed before the end of the file",
    }
}

impl Row {
    /// What the file calls the row.
    pub fn record_id(&self) -> &str {
        self.cell(0)
    }

    /// When its source made it, where that can be read.
    pub fn created_at(&self) -> Option<Timestamp> {
        read::time(self.cell(2))
    }

    /// What the row says about somebody. What cannot be read (a number that is none) is left out: on a file of its own
    /// there is nobody to tell it to.
    pub fn contact(&self, region: Region) -> Contact {
        read::contact(self, region)
    }

    fn cell(&self, column: usize) -> &str {
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        self.text.get(start..self.ends[column] as usize).unwrap_or_default()
    }
}
