//! Rows out of CSV text, in bounded memory.
//!
//! `csv-core` finds the cells; this module owns the buffers, so that a row of a million columns or a field of 100 MB
//! costs what the limits say and no more. Lines are counted as an editor counts them: a row is known by the physical
//! line on which it starts, whatever line breaks are quoted inside the rows before it.

use csv_core::ReadRecordResult;
use doorstep_core::planted;

use super::decode::{Bytes, Decoder};
use super::refused::{Limits, Refused};

/// What the buffers start with; most rows of most files fit.
const FIRST_ROW_BYTES: usize = 16 << 10;
const FIRST_COLUMNS: usize = 64;

/// The cells of the row that was read last.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'a> {
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Cells<'a> {
    /// How many cells the row has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at `index`; empty beyond the end of a short row.
    pub fn get(&self, index: usize) -> &'a str {
        let Some(end) = self.ends.get(index) else { return "" };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..*end).unwrap_or("")
    }

    /// All cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let cells = *self;
        (0..cells.len()).map(move |index| cells.get(index))
    }

    /// Whether no cell holds anything.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Why a row's cells are not to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Longer than [`Limits::max_row_bytes`].
    RowTooLong,
    /// More than [`Limits::max_columns`].
    TooManyColumns,
    /// The cell at this index is longer than [`Limits::max_field_bytes`].
    FieldTooLong(usize),
    /// A quotation mark opens and the file ends, on this line.
    Unclosed { last_line: u64 },
}

/// A row as found; [`Splitter::cells`] has its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// The physical line on which it starts, from 1.
    pub line: u64,
    /// Set when the cells are not to be used.
    pub fault: Option<Fault>,
    /// NUL characters, which PostgreSQL cannot store, were taken out.
    pub had_nul: bool,
}

/// Reads rows one after another.
pub(crate) struct Splitter<B> {
    text: Decoder<B>,
    csv: csv_core::Reader,
    row: Vec<u8>,
    row_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    lines: LineCount,
    limits: Limits,
}

impl<B: Bytes> Splitter<B> {
    /// Rows of `text` whose cells stand between `delimiter`s; `line` is the number of its first line.
    pub fn new(text: Decoder<B>, delimiter: u8, line: u64, limits: &Limits) -> Self {
        Self {
            text,
            csv: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            row: vec![0; FIRST_ROW_BYTES.min(limits.max_row_bytes.saturating_add(1))],
            row_len: 0,
            ends: vec![0; FIRST_COLUMNS.min(limits.max_columns).max(1)],
            ends_len: 0,
            lines: LineCount { line, after_return: false },
            limits: *limits,
        }
    }

    /// The next row, blank lines left out; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Found>, Refused> {
        if !self.skip_line_breaks()? {
            return Ok(None);
        }
        let line = self.lines.line;
        (self.row_len, self.ends_len) = (0, 0);
        let mut fault = None;
        loop {
            let block = self.text.block()?;
            // The end of the file ends the last row, unless it is inside quotes: a line break shows which.
            let ended = block.is_empty();
            let input = if ended { &b"\n"[..] } else { block };
            let result = step(&mut self.csv, input, &mut self.row[self.row_len..], &mut self.ends[self.ends_len..]);
            if !ended {
                self.lines.count(&input[..result.used]);
                self.text.consume(result.used);
            }
            self.row_len += result.written;
            self.ends_len += result.ends;
            match result.outcome {
                ReadRecordResult::Record | ReadRecordResult::End => break,
                ReadRecordResult::InputEmpty if ended => {
                    fault = Some(Fault::Unclosed { last_line: self.lines.line });
                    self.finish();
                    break;
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => fault = self.more_row().or(fault),
                ReadRecordResult::OutputEndsFull => fault = self.more_ends().or(fault),
            }
        }
        let had_nul = fault.is_none() && self.remove_nul();
        Ok(Some(Found { line, fault: fault.or_else(|| self.long_field()), had_nul }))
    }

    /// Where the bytes come from.
    pub fn source(&self) -> &B {
        self.text.source()
    }

    /// The cells of the row that [`Self::next`] found last; none of them where it has a fault.
    pub fn cells(&self) -> Cells<'_> {
        // The decoder gives UTF-8 only and cells are cut at ASCII characters, so the text is always valid.
        let text = std::str::from_utf8(&self.row[..self.row_len]).unwrap_or("");
        Cells { text, ends: &self.ends[..self.ends_len] }
    }

    /// Goes to the first character of the next row; `false` at the end.
    fn skip_line_breaks(&mut self) -> Result<bool, Refused> {
        loop {
            let block = self.text.block()?;
            if block.is_empty() {
                return Ok(false);
            }
            let breaks = block.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let found = breaks < block.len();
            self.lines.count(&block[..breaks]);
            self.text.consume(breaks);
            if found {
                return Ok(true);
            }
        }
    }

    /// Room for more of the row; beyond the limit the rest of it is read over.
    fn more_row(&mut self) -> Option<Fault> {
        // One byte more than is allowed: that a row ends is seen only after its last byte.
        let most = self.limits.max_row_bytes.saturating_add(1);
        if self.row.len() < most {
            self.row.resize((self.row.len() * 2).min(most), 0);
            return None;
        }
        (self.row_len, self.ends_len) = (0, 0);
        Some(Fault::RowTooLong)
    }

    fn more_ends(&mut self) -> Option<Fault> {
        if self.ends.len() < self.limits.max_columns {
            self.ends.resize((self.ends.len() * 2).min(self.limits.max_columns), 0);
            return None;
        }
        (self.row_len, self.ends_len) = (0, 0);
        Some(Fault::TooManyColumns)
    }

    /// Ends the row that the file's end left open.
    fn finish(&mut self) {
        (self.row_len, self.ends_len) = (0, 0);
        let _ = self.csv.read_record(&[], &mut self.row, &mut self.ends);
    }

    fn long_field(&self) -> Option<Fault> {
        if self.row_len <= self.limits.max_field_bytes || planted!("cells-of-any-size") {
            return None;
        }
        self.cells().iter().position(|cell| cell.len() > self.limits.max_field_bytes).map(Fault::FieldTooLong)
    }

    /// Takes NUL characters out of the row in place.
    fn remove_nul(&mut self) -> bool {
        if !self.row[..self.row_len].contains(&0) {
            return false;
        }
        let (mut kept, mut at) = (0, 0);
        for end in &mut self.ends[..self.ends_len] {
            for from in at..*end {
                if self.row[from] != 0 {
                    self.row[kept] = self.row[from];
                    kept += 1;
                }
            }
            at = *end;
            *end = kept;
        }
        self.row_len = kept;
        true
    }
}

/// What one call of `csv-core` did.
struct Step {
    outcome: ReadRecordResult,
    used: usize,
    written: usize,
    ends: usize,
}

fn step(csv: &mut csv_core::Reader, input: &[u8], row: &mut [u8], ends: &mut [usize]) -> Step {
    let (outcome, used, written, ends) = csv.read_record(input, row, ends);
    Step { outcome, used, written, ends }
}

/// Counts physical lines over text that comes in pieces. CR LF, LF and CR alone each end a line.
struct LineCount {
    line: u64,
    after_return: bool,
}

impl LineCount {
    fn count(&mut self, piece: &[u8]) {
        let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return };
        let feeds = piece.iter().filter(|byte| **byte == b'\n').count();
        let returns = piece.iter().filter(|byte| **byte == b'\r').count();
        let mut pairs = usize::from(self.after_return && *first == b'\n');
        if returns > 0 {
            pairs += piece.windows(2).filter(|pair| pair == b"\r\n").count();
        }
        self.line += (feeds + returns - pairs) as u64;
        self.after_return = *last == b'\r';
    }
}

#[cfg(test)]
mod tests;
