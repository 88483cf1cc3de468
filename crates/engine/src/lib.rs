//! Work nobody waits for, and the calls that every door shares: imports, resolving who is who, decisions about
//! identity, rebuilding, and the worker that runs tasks.
//!
//! What this crate never does: SQL (that is `store`), rules (that is `core`), network inside a transaction.

pub mod change;
pub mod customer;
pub mod edit;
mod error;
pub mod import;
pub mod listing;
pub mod merge;
pub mod rebuild;
pub mod resolve;
pub mod task;
pub mod timeline;
pub mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use doorstep_core::IdMaker;
use doorstep_core::id::ImportId;
use doorstep_core::matching::Rules;
use doorstep_store::{Db, Tx};

pub use error::{Error, Result};

/// A store with what working on it needs. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// The store.
    pub db: Db,
    /// Makes ids.
    pub ids: Arc<IdMaker>,
    /// Where imported archives wait between plan and apply.
    pub spool_dir: PathBuf,
    /// The newest plan made by this process: applied without being made again if nothing changed since.
    plan_at_hand: Arc<Mutex<Option<(ImportId, import::PlanAtHand)>>>,
    /// The plans that this process is making.
    underway: import::Underway,
}

impl Engine {
    /// An engine over `db` whose imported archives wait in `spool_dir`.
    pub fn new(db: Db, ids: Arc<IdMaker>, spool_dir: PathBuf) -> Self {
        Self { db, ids, spool_dir, plan_at_hand: Arc::default(), underway: import::Underway::default() }
    }
}

/// The rules of the transaction's tenant.
pub(crate) async fn rules(tx: &mut Tx) -> Result<Rules> {
    let tenant = doorstep_store::tenant::get(tx).await?;
    Ok(Rules { own_numbers: tenant.own_numbers.into_iter().collect() })
}
