//! Resolving: whose a record is. One path for imports, find-or-create, decisions, undo and rebuild.
//!
//! 1. *Gather* everything that matters for whose what is new is: records that share an identifier with it, whoever is
//!    one or nearly one with those, and whomever a decision ties to them, until nothing more turns up.
//! 2. *Decide* with the pure functions of `core`: cluster, then the golden record of every cluster that changed.
//! 3. *Write* only what differs.
//!
//! All three within the caller's transaction, under the tenant's identity lock.

/// Where the spans and events go that tell what resolving spends its time on: the benchmark adds them up.
pub const TARGET: &str = "doorstep::resolve";

/// Some work as a span of its own, at the level that nobody has on; its length is that of the work.
macro_rules! timed {
    ($part:literal, $work:expr) => {{
        let _part = tracing::trace_span!(target: $crate::resolve::TARGET, $part);
        $work
    }};
}

mod decide;
mod gather;
mod walk;
mod write;

use std::collections::HashMap;

use doorstep_core::contact::{Contact, ContactRecord, source_key};
use doorstep_core::id::{CustomerId, ImportId, RecordId};
use doorstep_core::matching::Rules;
use doorstep_core::record::{Source, payload_hash};
use doorstep_core::{IdMaker, Timestamp};
use doorstep_store::Tx;

pub use decide::Outcome;
pub(crate) use decide::decide;
pub use gather::{Neighbourhood, Start};
pub(crate) use gather::{gather, gather_alone};

pub(crate) use walk::{PAGE, Walk};
use write::write;
pub(crate) use write::write_again;

use crate::error::Result;

/// Records that one transaction resolves together at most. A real component is a household or an office; one
/// near this size is a shared number that the hub limit should have caught.
pub const MAX_COMPONENT: usize = 50_000;

/// A record that is not stored yet.
#[derive(Clone)]
pub struct Draft {
    /// Its id.
    pub id: RecordId,
    /// Which source says it.
    pub source: Source,
    /// Which kind of object.
    pub stream: &'static str,
    /// The source's key.
    pub key: String,
    /// Which import brings it.
    pub import: Option<ImportId>,
    /// What was said.
    pub payload: serde_json::Value,
    /// Its normal form.
    pub contact: Contact,
}

doorstep_core::masked_debug!(Draft: id, source, stream, import);

impl Draft {
    /// Hash of what was said.
    pub fn hash(&self) -> [u8; 32] {
        payload_hash(&self.payload)
    }

    /// The draft as matching sees it, stored at `now`.
    pub fn record(&self, now: Timestamp) -> ContactRecord {
        ContactRecord {
            id: self.id,
            source: self.source,
            import: self.import,
            source_key: source_key(self.source, self.import, self.stream, &self.key),
            created_at: now,
            contact: self.contact.clone(),
        }
    }
}

/// What resolving came to.
#[derive(Debug, Default)]
pub struct Resolution {
    /// The customer of every new record.
    pub customers: HashMap<RecordId, CustomerId>,
    /// Customers that did not exist before.
    pub created: Vec<CustomerId>,
    /// Customers that no longer exist under their own id.
    pub removed: Vec<CustomerId>,
    /// Customers whose golden record changed.
    pub changed: Vec<CustomerId>,
}

/// Stores new records and everything that follows from them.
#[crate::boxed]
pub async fn ingest(tx: &mut Tx, ids: &IdMaker, rules: &Rules, drafts: Vec<Draft>, limit: usize) -> Result<Resolution> {
    let new = records_of(tx, &drafts);
    let around = gather(tx, rules, new, &Start { limit, ..Start::default() }).await?;
    put(tx, ids, rules, drafts, &around).await
}

/// New records as matching sees them.
pub(crate) fn records_of(tx: &Tx, drafts: &[Draft]) -> Vec<ContactRecord> {
    let now = tx.now();
    drafts.iter().map(|draft| draft.record(now)).collect()
}

/// Stores new records beside what was gathered around them.
#[crate::boxed]
pub(crate) async fn put(
    tx: &mut Tx,
    ids: &IdMaker,
    rules: &Rules,
    drafts: Vec<Draft>,
    around: &Neighbourhood,
) -> Result<Resolution> {
    let outcome = timed!("deciding", decide(rules, around));
    let stored_under = |draft: &Draft| around.candidates.stored_under(draft.id, rules);
    write(tx, ids, drafts, stored_under, outcome).await
}

/// Resolves again what hangs together around `start`, after a decision or a removal.
#[crate::boxed]
pub async fn again(tx: &mut Tx, ids: &IdMaker, rules: &Rules, start: &Start<'_>) -> Result<Resolution> {
    let around = gather(tx, rules, Vec::new(), start).await?;
    let outcome = decide(rules, &around);
    write_again(tx, ids, outcome).await
}
