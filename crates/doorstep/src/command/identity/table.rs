//! A CSV file row by row, in bounded memory: UTF-8, columns found by name. A byte order mark, which spreadsheets put
//! in front, is taken off by `csv-core`.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use csv_core::ReadRecordResult;

use crate::failure::Failure;
use crate::output::clean;

/// The longest row: a cell that opens a quotation mark by mistake swallows no more than that.
const MAX_ROW_BYTES: usize = 1 << 20;
/// The most columns of a row.
const MAX_COLUMNS: usize = 256;
/// What the file is read by.
const BLOCK: usize = 64 << 10;

/// A file being read.
pub struct Table {
    /// As the person named it.
    path: String,
    file: BufReader<File>,
    csv: csv_core::Reader,
    row: Vec<u8>,
    ends: Vec<usize>,
    /// Of the row that was read last.
    used: (usize, usize),
    /// The places of the columns that were asked for.
    columns: Vec<usize>,
    /// The line after what was read, from 1.
    next_line: u64,
    /// The line on which the row that was read last begins, from 1.
    line: u64,
}

impl Table {
    /// Opens a file and finds these columns by their names, whatever their order, letter case, and what else there is.
    pub fn open(path: &Path, columns: &[&str]) -> Result<Self, Failure> {
        let shown = clean(&path.display().to_string());
        let unreadable = |error: std::io::Error| unreadable(&shown, &error);
        let file = BufReader::with_capacity(BLOCK, File::open(path).map_err(unreadable)?);
        let mut table = Self {
            path: shown,
            file,
            csv: csv_core::Reader::new(),
            row: vec![0; MAX_ROW_BYTES],
            ends: vec![0; MAX_COLUMNS],
            used: (0, 0),
            columns: Vec::new(),
            next_line: 1,
            line: 1,
        };
        if !table.read()? {
            return Err(Failure::refused(format!("`{}` is empty", table.path))
                .hint(format!("its first line has to name the columns: {}", columns.join(","))));
        }
        table.columns = table.find(columns)?;
        Ok(table)
    }

    /// Goes to the next row that is not blank; `false` at the end.
    pub fn next(&mut self) -> Result<bool, Failure> {
        while self.read()? {
            if (0..self.used.1).any(|place| !self.cell_at(place).trim().is_empty()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A cell of the row, by its place among the columns that were asked for; empty beyond the end of a short row.
    pub fn cell(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |place| self.cell_at(*place)).trim()
    }

    /// The line on which the row begins, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The file as the person named it.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn cell_at(&self, place: usize) -> &str {
        if place >= self.used.1 {
            return "";
        }
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        // The row was checked when it was read.
        std::str::from_utf8(&self.row[start..self.ends[place]]).unwrap_or_default()
    }

    fn find(&self, columns: &[&str]) -> Result<Vec<usize>, Failure> {
        let header: Vec<String> = (0..self.used.1).map(|place| self.cell_at(place).trim().to_lowercase()).collect();
        let missing: Vec<&str> = columns.iter().copied().filter(|name| !header.iter().any(|it| it == name)).collect();
        if !missing.is_empty() {
            let missing = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and no column ");
            let found = header.iter().map(|name| format!("`{}`", clean(name))).collect::<Vec<_>>().join(", ");
            return Err(Failure::refused(format!("`{}` has no column {missing}", self.path))
                .hint(format!("its first line names {found}")));
        }
        Ok(columns.iter().filter_map(|name| header.iter().position(|it| it == name)).collect())
    }

    /// Reads a row; `false` at the end.
    fn read(&mut self) -> Result<bool, Failure> {
        let (mut row, mut ends) = (0, 0);
        let mut first_line = None;
        loop {
            let block = self.file.fill_buf().map_err(|error| unreadable(&self.path, &error))?;
            let (result, used, written, ended) =
                self.csv.read_record(block, &mut self.row[row..], &mut self.ends[ends..]);
            let breaks = block[..used].iter().filter(|byte| **byte == b'\n').count() as u64;
            // Line breaks before the row are not of it.
            let is_break = |byte: &&u8| matches!(byte, b'\n' | b'\r');
            let before = block[..used].iter().take_while(is_break).count();
            if before < used && first_line.is_none() {
                let lines = block[..before].iter().filter(|byte| **byte == b'\n').count() as u64;
                first_line = Some(self.next_line + lines);
            }
            self.next_line += breaks;
            self.file.consume(used);
            (row, ends) = (row + written, ends + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::End => return Ok(false),
                ReadRecordResult::Record => break,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    let line = first_line.unwrap_or(self.next_line);
                    return Err(Failure::refused(format!(
                        "line {line} of `{}` begins a row that does not end",
                        self.path
                    ))
                    .hint("a quotation mark that opens there may never close, or the file is not CSV"));
                }
            }
        }
        self.used = (row, ends);
        self.line = first_line.unwrap_or(self.next_line);
        if std::str::from_utf8(&self.row[..row]).is_err() {
            return Err(Failure::refused(format!("line {} of `{}` is not UTF-8", self.line, self.path))
                .hint("save the file as `CSV UTF-8`"));
        }
        Ok(true)
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Failure {
    let text = format!("`{path}` cannot be read: {error}");
    if error.kind() == ErrorKind::NotFound { Failure::refused(text) } else { Failure::failed(text) }
}
