//! From a row as it stands in the file to a row in our words, or a reason why not. Pure: text in, values out.

mod call;
mod contact;
mod conversation;
mod message;
mod party;
mod text;
mod way;

#[cfg(test)]
mod tests;

pub use call::CallRow;
pub use contact::{ContactRow, contact_of};
pub use conversation::ConversationRow;
pub use message::MessageRow;
pub use party::Party;

use super::Options;
use super::wire;
use party::People;
use text::Notes;

/// One data row of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// The physical line on which it starts; the header is line 1.
    pub line: u64,
    /// How many data rows of the file this stands for: 1, but for a file none of whose rows can be read, which comes
    /// as one row that stands for all of them.
    pub rows: u64,
    /// The row in our words, or why it does not go in.
    pub outcome: Result<T, String>,
    /// What the owner should know though the row goes in: a number that is none, a time that we cannot read.
    pub notes: Vec<String>,
}

/// What mapping remembers from row to row.
pub(super) struct Mapper<'a> {
    options: &'a Options,
    people: People<'a>,
}

/// How one kind of row is mapped; what is to be said about it goes into the notes.
pub(super) type Map<'a, T> = fn(&mut Mapper<'a>, wire::Row<'_>, &mut Notes) -> Result<T, String>;

impl<'a> Mapper<'a> {
    pub fn new(options: &'a Options) -> Self {
        Self { options, people: People::new(options) }
    }

    /// Maps one row.
    pub fn row<T>(&mut self, row: wire::Row<'_>, line: u64, had_nul: bool, map: Map<'a, T>) -> Row<T> {
        let mut notes = Notes::default();
        if row.cells.is_blank() {
            return Row { line, rows: 1, outcome: Err("the row is blank".to_owned()), notes: vec![] };
        }
        if is_header_again(row) {
            return Row { line, rows: 1, outcome: Err("the row repeats the header".to_owned()), notes: vec![] };
        }
        if had_nul {
            notes.push("a NUL character was taken out".to_owned());
        }
        let beyond = row.cells.iter().skip(row.layout.headers.len()).filter(|cell| !cell.trim().is_empty()).count();
        if beyond > 0 {
            notes.push(format!("has {beyond} cells more than the header (is a delimiter not quoted?)"));
        }
        let outcome = map(self, row, &mut notes);
        Row { line, rows: 1, outcome, notes: notes.into_vec() }
    }
}

/// Files that were put together from several hold their headers in between.
fn is_header_again(row: wire::Row<'_>) -> bool {
    let headers = &row.layout.headers;
    // Nearly every row is told apart by its first cell.
    row.cells.len() == headers.len()
        && row.cells.iter().zip(headers).all(|(cell, header)| super::header::header(cell) == *header)
}
