//! The rows of messages.csv and calls.csv as they are planned: which are new, known, repeated.

use doorstep_core::import::{Counts, FileKind, RowKey, content_key, external_key, nth_key};
use doorstep_core::planted;
use doorstep_store::{Tx, call, message};
use doorstep_upstream::phone_history::{CallRow, MessageRow, Party};

use super::conversations::with_whom;
use super::outcome::{Fate, Fates, Keyed, Partitions, repetitions};
use super::plan::Making;
use super::problems::Problems;
use crate::error::Result;

/// Keys asked of the hub at a time.
const KEYS_PER_LOOK_UP: usize = 4_000;

/// A row of either file, as its key sees it.
pub(super) trait Keys {
    /// Which file.
    const FILE: FileKind;

    /// Its external id, if it has one.
    fn external_id(&self) -> Option<&str>;

    /// With whom it was.
    fn who(&self) -> String;

    /// The key of its content.
    fn content(&self) -> RowKey;

    /// The key with occurrence 1.
    fn first_key(&self) -> RowKey {
        match self.external_id() {
            Some(id) => external_key(Self::FILE.file_name(), &self.who(), id),
            None => self.content(),
        }
    }

    /// The key under which it is stored, as the `n`-th of its kind.
    fn key(&self, n: u32) -> RowKey {
        if self.external_id().is_some() { self.first_key() } else { nth_key(self.first_key(), n) }
    }
}

impl Keys for MessageRow {
    const FILE: FileKind = FileKind::Messages;

    fn external_id(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn who(&self) -> String {
        with_whom(self)
    }

    fn content(&self) -> RowKey {
        content_key(Self::FILE.file_name(), &self.who(), self.sent_at, self.direction.as_str(), &self.body)
    }
}

impl Keys for CallRow {
    const FILE: FileKind = FileKind::Calls;

    fn external_id(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn who(&self) -> String {
        let mut parties: Vec<&str> = self.counterparts().filter_map(Party::normal).collect();
        parties.sort_unstable();
        if parties.is_empty() { self.contact_key.clone().unwrap_or_default() } else { parties.join(",") }
    }

    fn content(&self) -> RowKey {
        let text = self.duration_seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
        content_key(Self::FILE.file_name(), &self.who(), self.started_at, self.direction.as_str(), &text)
    }
}

/// The rows of one file on their way to a plan.
pub(super) struct RowsInPlan {
    pub fates: Fates,
    partitions: Partitions,
}

impl RowsInPlan {
    pub fn new() -> Result<Self> {
        Ok(Self { fates: Fates::default(), partitions: Partitions::new()? })
    }

    /// A row that goes in unless it is known or repeated.
    pub fn push<R: Keys>(&mut self, line: u64, row: &R, conversation: u32) -> Result<()> {
        let place = self.fates.push(line, Fate::New);
        let has_external_id = row.external_id().is_some();
        self.partitions.push(Keyed { key: row.first_key(), row: place, conversation, has_external_id })
    }

    /// A row that cannot go in.
    pub fn bad(&mut self, line: u64, rows: u64) {
        self.fates.push_bad(line, rows);
    }

    /// Finds the repetitions, and what the hub has already.
    #[crate::boxed]
    pub async fn finish(self, tx: &mut Tx, file: FileKind, making: &mut Making) -> Result<Fates> {
        let mut fates = self.fates;
        let hub_has_any = if file == FileKind::Calls { call::any(tx).await? } else { message::any(tx).await? };
        for sorted in self.partitions.into_sorted() {
            let mut candidates: Vec<(RowKey, u32)> = Vec::new();
            for (keyed, occurrence) in repetitions(&sorted?) {
                match occurrence {
                    None => fates.of_row[keyed.row as usize] = Fate::Repeated,
                    Some(n) => {
                        if n > 1 {
                            fates.occurrences.insert(keyed.row, n);
                        }
                        let key = if keyed.has_external_id { keyed.key } else { nth_key(keyed.key, n) };
                        candidates.push((key, keyed.row));
                    }
                }
            }
            if hub_has_any {
                candidates.sort_unstable();
                mark_known(tx, file, &candidates, &mut fates, making).await?;
            }
        }
        Ok(fates)
    }
}

async fn mark_known(
    tx: &mut Tx,
    file: FileKind,
    candidates: &[(RowKey, u32)],
    fates: &mut Fates,
    making: &mut Making,
) -> Result<()> {
    if planted!("a-resume-knows-no-row") {
        return Ok(());
    }
    for chunk in candidates.chunks(KEYS_PER_LOOK_UP) {
        let keys: Vec<RowKey> = chunk.iter().map(|(key, _)| *key).collect();
        let known = match file {
            FileKind::Calls => call::known(tx, &keys).await?,
            _ => message::known(tx, &keys).await?,
        };
        for (key, row) in chunk {
            if let Some(import) = known.get(key) {
                making.stands_on.extend(*import);
                fates.of_row[*row as usize] = Fate::Known;
            }
        }
    }
    Ok(())
}

/// The counts of a file, and the reasons for what is passed over.
pub(super) fn explain(file: FileKind, fates: &Fates, problems: &mut Problems) -> Counts {
    let (id, what) = match file {
        FileKind::Calls => ("call_id", "number, time, direction and duration"),
        _ => ("message_id", "numbers, time, direction and text"),
    };
    problems.add_runs(file, fates, Fate::Known, &format!("already here: same `{id}`, or same {what}"));
    let repeated = format!("the file says it twice: same `{id}`, or same {what}");
    problems.add_runs(file, fates, Fate::Repeated, &repeated);
    Counts { new: fates.count(Fate::New), skipped: fates.skipped() }
}
