//! Sweeps: looking through a whole stream for what no reading from a cursor tells, deletions above all.
//!
//! That a sweep did not meet an object says little: a page may have been cut, or rows have moved while it went on (S8, S9:
//! elsewhere half an address book was deleted by that). So each absence is confirmed by asking for the object itself, and
//! where many are missing nothing is taken out without a person's word (I-05).

use doorstep_core::planted;
use doorstep_core::source::StreamSpec;
use doorstep_core::sync::Report;
use doorstep_store::live_record;
use doorstep_store::stream_cursor::{self, Progress};
use doorstep_upstream::source::{Failure, Page, Row};

use super::derive::deleted;
use super::ingest::{Batch, Reading, Stop};

/// Objects of a stream that may go at once without a person's word.
pub const MAX_MISSING: u64 = 20;
/// The share of a stream that may: one in twenty.
const MAX_SHARE: u64 = 20;
/// Absences that are confirmed one by one in a step; where more are missing, somebody is asked before the source is asked
/// so often.
const CONFIRMED_PER_STEP: i64 = 500;
/// Pages of one sweep.
const MAX_PAGES: u64 = 10_000;

/// Whether so many of so many are more than may go without a person's word (I-05): more than twenty, or more than one in
/// twenty. In a stream of fewer than twenty that is a single one: a list that forgets one of nine technicians is as likely
/// broken as right.
pub fn is_mass(missing: u64, of: u64) -> bool {
    missing > MAX_MISSING || missing.saturating_mul(MAX_SHARE) > of
}

impl Reading<'_> {
    /// Sweeps a stream: takes what is new or newer, and takes out what is gone.
    #[crate::boxed]
    pub(super) async fn sweep(
        &self,
        stream: &'static StreamSpec,
        mut progress: Progress,
        removes_missing: bool,
        report: &mut Report,
    ) -> Result<(), Stop> {
        if progress.sweep_began_at.is_none() {
            self.begin_sweep(stream, &mut progress).await?;
        }
        let (mut has_begun_again, mut pages) = (false, 0);
        loop {
            let from = progress.sweep_cursor.clone();
            let page = match self.ask(self.source.sweep(stream.name, from.as_ref())).await {
                Err(Failure::Cursor { .. }) if from.is_some() && !has_begun_again => {
                    has_begun_again = true;
                    self.begin_sweep(stream, &mut progress).await?;
                    continue;
                }
                page => page?,
            };
            let Page { rows, skipped, cursor, more } = page;
            let cursor = cursor.or_else(|| from.clone());
            pages += 1;
            if more && (cursor == from || pages >= MAX_PAGES) {
                let why = format!("a sweep of {} does not come to an end", stream.label);
                return Err(Failure::Fatal { why }.into());
            }
            progress.sweep_cursor = cursor;
            self.store(stream, Batch { rows, skipped, progress: progress.clone(), is_sweep: true }, report).await?;
            if !more {
                break;
            }
        }
        let missing = self.confirm(stream, &progress, removes_missing, report).await?;
        report.entry(stream.name.to_owned()).or_default().missing = missing;
        progress.swept_at = Some(self.deriving.engine.db.clock().now());
        self.end_sweep(stream, &mut progress).await
    }

    async fn begin_sweep(&self, stream: &StreamSpec, progress: &mut Progress) -> Result<(), Stop> {
        let mut tx = self.begin().await?;
        progress.sweep_began_at = Some(tx.now());
        progress.sweep_cursor = None;
        stream_cursor::forget_met(&mut tx, self.deriving.connection.id, stream.name).await?;
        stream_cursor::put(&mut tx, self.deriving.connection.id, stream.name, progress).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn end_sweep(&self, stream: &StreamSpec, progress: &mut Progress) -> Result<(), Stop> {
        let mut tx = self.begin().await?;
        (progress.sweep_began_at, progress.sweep_cursor) = (None, None);
        stream_cursor::forget_met(&mut tx, self.deriving.connection.id, stream.name).await?;
        stream_cursor::put(&mut tx, self.deriving.connection.id, stream.name, progress).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Asks for each object that was not met, and takes out what is not there; how many are missing where those are too
    /// many.
    async fn confirm(
        &self,
        stream: &'static StreamSpec,
        progress: &Progress,
        removes_missing: bool,
        report: &mut Report,
    ) -> Result<Option<u64>, Stop> {
        let Some(began_at) = progress.sweep_began_at else { return Ok(None) };
        loop {
            let mut tx = self.deriving.engine.db.read(&self.scope).await?;
            let all = live_record::count(&mut tx, self.deriving.connection.id, stream.name).await?;
            let limit = CONFIRMED_PER_STEP + 1;
            let unmet =
                stream_cursor::unmet(&mut tx, self.deriving.connection.id, stream.name, began_at, limit).await?;
            drop(tx);
            let are_more = unmet.len() as i64 > CONFIRMED_PER_STEP;
            if are_more && !removes_missing {
                return Ok(Some(unmet.len() as u64));
            }
            let (mut alive, mut gone) = (Vec::new(), Vec::new());
            for (key, parent) in unmet.into_iter().take(CONFIRMED_PER_STEP as usize) {
                let found = match planted!("absence-is-deletion") {
                    true => Ok(None),
                    false => self.ask(self.source.read(stream.name, &key, parent.as_deref())).await,
                };
                match found {
                    Ok(Some(row)) => alive.push(row),
                    Ok(None) => gone.push(deleted(key, parent)),
                    // It is there, and cannot be read at this moment.
                    Err(Failure::Skip { .. }) => {}
                    Err(failure) => return Err(failure.into()),
                }
            }
            let is_too_many = is_mass(gone.len() as u64, all) && !planted!("a-mass-goes-without-asking");
            if is_too_many && !removes_missing {
                return Ok(Some(gone.len() as u64));
            }
            let has_settled_any = !alive.is_empty() || !gone.is_empty();
            self.store(stream, self.batch(progress, alive, true), report).await?;
            self.store(stream, self.batch(progress, gone, false), report).await?;
            if !are_more || !has_settled_any {
                return Ok(None);
            }
        }
    }

    fn batch(&self, progress: &Progress, rows: Vec<Row>, is_sweep: bool) -> Batch {
        Batch { rows, skipped: Vec::new(), progress: progress.clone(), is_sweep }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_twenty_or_one_in_twenty_are_a_mass() {
        let check = |missing, of, expected| assert_eq!(is_mass(missing, of), expected, "{missing} of {of}");
        check(0, 0, false);
        check(1, 1, true);
        check(1, 19, true);
        check(1, 20, false);
        check(2, 39, true);
        check(2, 40, false);
        check(20, 400, false);
        check(20, 399, true);
        check(21, 1_000_000, true);
    }
}
