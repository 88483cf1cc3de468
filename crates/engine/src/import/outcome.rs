//! What becomes of the rows of messages.csv or calls.csv: one byte and one line number a row, so that ten million
//! rows fit, and the sorting that finds repetitions goes over files on disk.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

use doorstep_core::import::RowKey;
use doorstep_core::planted;

use crate::error::{Error, Result};

/// What becomes of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Fate {
    /// Goes in.
    New,
    /// The hub has it.
    Known,
    /// The file says it twice.
    Repeated,
    /// Cannot go in; a problem says why.
    Bad,
}

/// The fates of a file's rows, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Fates {
    pub of_row: Vec<Fate>,
    pub lines: Vec<u32>,
    /// Rows of a file that could not be read at all, beyond the one entry that stands for them.
    pub unread: u64,
    /// Which of several equal rows of one conversation it is, where it is not the first.
    pub occurrences: HashMap<u32, u32>,
}

impl Fates {
    pub fn push(&mut self, line: u64, fate: Fate) -> u32 {
        self.of_row.push(fate);
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        u32::try_from(self.of_row.len() - 1).unwrap_or(u32::MAX)
    }

    pub fn occurrence(&self, row: usize) -> u32 {
        u32::try_from(row).ok().and_then(|row| self.occurrences.get(&row)).copied().unwrap_or(1)
    }

    /// A row, or all the rows of a file, that cannot go in.
    pub fn push_bad(&mut self, line: u64, rows: u64) {
        self.push(line, Fate::Bad);
        self.unread += rows.saturating_sub(1);
    }

    /// Rows that do not go in.
    pub fn skipped(&self) -> u64 {
        self.of_row.len() as u64 + self.unread - self.count(Fate::New)
    }

    pub fn count(&self, fate: Fate) -> u64 {
        self.of_row.iter().filter(|of_row| **of_row == fate).count() as u64
    }

    /// Runs of neighbouring rows with the same fate: first line, last line, how many rows.
    pub fn runs(&self, fate: Fate) -> Vec<(u32, u32, u64)> {
        let mut runs: Vec<(u32, u32, u64)> = Vec::new();
        let mut open = false;
        for (row, of_row) in self.of_row.iter().enumerate() {
            let line = self.lines[row];
            match (*of_row == fate, open, runs.last_mut()) {
                (true, true, Some(run)) => (run.1, run.2) = (line, run.2 + 1),
                (true, _, _) => runs.push((line, line, 1)),
                (false, _, _) => {}
            }
            open = *of_row == fate;
        }
        runs
    }
}

/// A row's keys, on their way through the partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keyed {
    /// The key with occurrence 1, or of the external id.
    pub key: RowKey,
    pub row: u32,
    /// Which conversation counts the occurrences; of no meaning for a row with an external id.
    pub conversation: u32,
    pub has_external_id: bool,
}

const KEYED_BYTES: usize = 16 + 4 + 4 + 1;
/// Partitions by the first bits of the key: at ten million rows each sorts some 150,000 in memory.
const PARTITIONS: usize = 64;

/// Keyed rows in files by the first bits of their keys, so that equal keys meet without all being in memory.
pub(super) struct Partitions(Vec<BufWriter<File>>);

impl Partitions {
    pub fn new() -> Result<Self> {
        let file = |_| tempfile::tempfile().map(BufWriter::new).map_err(Error::file("a temporary file cannot be made"));
        (0..PARTITIONS).map(file).collect::<Result<Vec<_>>>().map(Self)
    }

    pub fn push(&mut self, keyed: Keyed) -> Result<()> {
        let mut bytes = [0; KEYED_BYTES];
        bytes[..16].copy_from_slice(&keyed.key);
        bytes[16..20].copy_from_slice(&keyed.row.to_be_bytes());
        bytes[20..24].copy_from_slice(&keyed.conversation.to_be_bytes());
        bytes[24] = u8::from(keyed.has_external_id);
        let place = usize::from(keyed.key[0]) * PARTITIONS / 256;
        self.0[place].write_all(&bytes).map_err(Error::file("a temporary file cannot be written"))
    }

    /// The partitions one by one, each sorted by key, then row.
    pub fn into_sorted(self) -> impl Iterator<Item = Result<Vec<Keyed>>> {
        self.0.into_iter().map(|file| read_sorted(file).map_err(Error::file("a temporary file cannot be read")))
    }
}

fn read_sorted(file: BufWriter<File>) -> std::io::Result<Vec<Keyed>> {
    let mut file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    let mut bytes = Vec::new();
    BufReader::new(file).read_to_end(&mut bytes)?;
    let mut sorted: Vec<Keyed> = bytes
        .chunks_exact(KEYED_BYTES)
        .map(|bytes| {
            let number = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            let mut key = [0; 16];
            key.copy_from_slice(&bytes[..16]);
            Keyed { key, row: number(16), conversation: number(20), has_external_id: bytes[24] == 1 }
        })
        .collect();
    sorted.sort_unstable_by_key(|keyed| (keyed.key, keyed.row));
    Ok(sorted)
}

/// What a partition says by itself: rows that repeat an earlier one, and for the others which occurrence they are.
///
/// A row with an external id repeats the first row of that id. Rows without one are counted per conversation; the
/// first occurrence in one conversation and the first in another are one message under two names (failure story
/// H3), the second occurrence in either is another message (H2).
pub(super) fn repetitions(sorted: &[Keyed]) -> Vec<(Keyed, Option<u32>)> {
    let mut marked = Vec::with_capacity(sorted.len());
    for group in sorted.chunk_by(|a, b| a.key == b.key) {
        let mut in_conversation: HashMap<u32, u32> = HashMap::new();
        let mut most = 0;
        for keyed in group {
            let counter = if keyed.has_external_id { 0 } else { keyed.conversation };
            let occurrence = in_conversation.entry(counter).or_default();
            *occurrence += 1;
            let is_once = keyed.has_external_id || planted!("equal-texts-are-one");
            let is_new = if is_once { *occurrence == 1 } else { *occurrence > most };
            most = most.max(*occurrence);
            marked.push((*keyed, is_new.then_some(*occurrence)));
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(key: u8, row: u32, conversation: u32, has_external_id: bool) -> Keyed {
        Keyed { key: [key; 16], row, conversation, has_external_id }
    }

    #[test]
    fn two_texts_a_second_apart_survive_and_one_text_under_two_names_is_one() {
        let rows = [keyed(1, 0, 7, false), keyed(1, 1, 7, false), keyed(1, 2, 8, false), keyed(2, 3, 7, false)];
        let marked: Vec<Option<u32>> = repetitions(&rows).into_iter().map(|(_, occurrence)| occurrence).collect();
        assert_eq!(marked, [Some(1), Some(2), None, Some(1)]);
    }

    #[test]
    fn an_external_id_said_twice_is_one_row_in_whichever_conversation() {
        let rows = [keyed(1, 0, 7, true), keyed(1, 5, 8, true)];
        let marked: Vec<Option<u32>> = repetitions(&rows).into_iter().map(|(_, occurrence)| occurrence).collect();
        assert_eq!(marked, [Some(1), None]);
    }

    #[test]
    fn partitions_bring_equal_keys_together_in_the_order_of_rows() {
        let mut partitions = Partitions::new().unwrap();
        for row in (0..1_000u32).rev() {
            partitions.push(keyed((row % 256) as u8, row, 0, false)).unwrap();
        }
        let mut seen = 0;
        for sorted in partitions.into_sorted() {
            let sorted = sorted.unwrap();
            seen += sorted.len();
            assert!(sorted.windows(2).all(|pair| (pair[0].key, pair[0].row) < (pair[1].key, pair[1].row)));
        }
        assert_eq!(seen, 1_000);
    }

    #[test]
    fn neighbouring_rows_of_one_fate_are_one_run() {
        let mut fates = Fates::default();
        for (line, fate) in [(2, Fate::Known), (3, Fate::Known), (5, Fate::New), (6, Fate::Known)] {
            fates.push(line, fate);
        }
        assert_eq!(fates.runs(Fate::Known), [(2, 3, 2), (6, 6, 1)]);
        assert_eq!(fates.count(Fate::Known), 3);
    }
}
