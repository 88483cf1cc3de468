//! Going through all records of a tenant, with what hangs together around each, in bounded memory.

use std::collections::HashSet;

use doorstep_core::id::RecordId;
use doorstep_core::matching::Rules;
use doorstep_store::{Tx, record};

use super::gather::{Neighbourhood, Start, gather};
use crate::error::{Error, Result};

/// Records whose neighbourhoods are looked at in one step.
pub(crate) const PAGE: i64 = 500;

/// A walk, from the oldest record to the youngest. No record is inside twice: who is inside together is settled by what
/// they say, from wherever one begins.
pub(crate) struct Walk {
    after: Option<RecordId>,
    size: i64,
    seen: HashSet<RecordId>,
    limit: usize,
}

impl Walk {
    /// A walk that begins after a record, or at the oldest. `limit` is that of [`Start`].
    pub(crate) fn from(after: Option<RecordId>, limit: usize) -> Self {
        Self { after, size: PAGE, seen: HashSet::new(), limit }
    }

    /// The next records with all that hangs together with them; `None` at the end.
    #[crate::boxed]
    pub(crate) async fn next(&mut self, tx: &mut Tx, rules: &Rules) -> Result<Option<Neighbourhood>> {
        loop {
            let page = record::ids_after(tx, self.after, self.size).await?;
            let Some(last) = page.last().copied() else { return Ok(None) };
            let fresh: Vec<RecordId> = page.into_iter().filter(|id| !self.seen.contains(id)).collect();
            let start = Start { records: &fresh, settled: true, limit: self.limit, ..Start::default() };
            let around = match gather(tx, rules, Vec::new(), &start).await {
                // Many neighbourhoods together may be too large where each is not.
                Err(Error::TooConnected { .. }) if self.size > 1 => {
                    self.size /= 2;
                    continue;
                }
                gathered => gathered?,
            };
            (self.after, self.size) = (Some(last), (self.size * 2).min(PAGE));
            self.seen.extend(&around.inside);
            return Ok(Some(around));
        }
    }

    /// The record up to which all is done once the step is.
    pub(crate) fn after(&self) -> Option<RecordId> {
        self.after
    }

    /// Records come upon.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.len() as u64
    }
}
