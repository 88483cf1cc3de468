//! The stream of a file's rows.

use super::archive::Unpack;
use super::header::Layout;
use super::map::{Map, Mapper, Row};
use super::refused::{Limits, Refused};
use super::split::{Fault, Found, Splitter};
use super::wire;

/// The rows of one file, one by one, in flat memory. Every data row comes out once: in our words, or with the reason
/// why it does not go in. After a [`Refused`] nothing more comes.
pub struct Rows<'a, T> {
    file: Option<Splitter<Unpack<'a>>>,
    layout: Option<&'a Layout>,
    mapper: Mapper<'a>,
    map: Map<'a, T>,
    limits: Limits,
}

impl<'a, T> Rows<'a, T> {
    pub(super) fn new(mapper: Mapper<'a>, map: Map<'a, T>, limits: Limits) -> Self {
        Self { file: None, layout: None, mapper, map, limits }
    }

    /// The rows of a file that is there, from its first data row.
    pub(super) fn of(mut self, file: Splitter<Unpack<'a>>, layout: &'a Layout) -> Self {
        (self.file, self.layout) = (Some(file), Some(layout));
        self
    }

    /// Unpacked bytes read so far, of [`super::Archive::unpacked_bytes`] for all files together: for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.source().bytes())
    }

    fn advance(&mut self) -> Result<Option<Row<T>>, Refused> {
        let (Some(file), Some(layout)) = (&mut self.file, self.layout) else { return Ok(None) };
        if let Some(why) = &layout.unusable {
            let row = unusable(file, why);
            self.layout = None;
            return row.map(Some);
        }
        let Some(found) = file.next()? else { return Ok(None) };
        if let Some(fault) = found.fault {
            return Ok(Some(faulty(found, fault, layout, &self.limits)));
        }
        let row = wire::Row { cells: file.cells(), layout };
        Ok(Some(self.mapper.row(row, found.line, found.had_nul, self.map)))
    }
}

impl<T> Iterator for Rows<'_, T> {
    type Item = Result<Row<T>, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if matches!(next, None | Some(Err(_))) {
            self.layout = None;
        }
        next
    }
}

/// Counts the rows of a file none of which can be read: its checksum is checked on the way.
fn unusable<T>(file: &mut Splitter<Unpack<'_>>, why: &str) -> Result<Row<T>, Refused> {
    let mut rows = 0;
    while file.next()?.is_some() {
        rows += 1;
    }
    let reason = match rows {
        0 => why.to_owned(),
        1 => format!("{why}; its 1 row was not read"),
        rows => format!("{why}; its {rows} rows were not read"),
    };
    Ok(Row { line: 1, rows, outcome: Err(reason), notes: vec![] })
}

fn faulty<T>(found: Found, fault: Fault, layout: &Layout, limits: &Limits) -> Row<T> {
    Row { line: found.line, rows: 1, outcome: Err(fault.reason(layout, limits)), notes: vec![] }
}

impl Fault {
    /// In words.
    pub(super) fn reason(self, layout: &Layout, limits: &Limits) -> String {
        match self {
            Self::RowTooLong => format!("the row is longer than {}, skipped", size(limits.max_row_bytes)),
            Self::TooManyColumns => format!("the row has more than {} columns, skipped", limits.max_columns),
            Self::FieldTooLong(index) => {
                let name = layout.payload_keys.get(index).map_or("a cell", String::as_str);
                format!("`{name}` is longer than {}, row skipped", size(limits.max_field_bytes))
            }
            Self::Unclosed { last_line } => format!(
                "a quotation mark of this row is never closed, so that the row reaches to the end of the file (line \
                 {last_line}); skipped"
            ),
        }
    }
}

fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}
