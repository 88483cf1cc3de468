//! Work nobody waits for, and the calls that every door shares: imports, resolving who is who, decisions about
//! identity, rebuilding, who comes in, the audit log, and the worker that runs tasks.
//!
//! What this crate never does: SQL (that is `store`), rules (that is `core`), network inside a transaction.

pub mod api_key;
pub mod around;
mod audit;
pub mod card;
pub mod change;
pub mod changeover;
pub mod connection;
pub mod contact_file;
pub mod context;
pub mod customer;
mod door;
pub mod edit;
mod error;
pub mod explain;
pub mod health;
pub mod idempotency;
pub mod import;
pub mod job;
pub mod listing;
pub mod mark;
pub mod merge;
pub mod missing;
pub mod one_time_link;
pub mod passage;
mod password;
mod place;
pub mod random;
pub mod rebuild;
pub mod remark;
pub mod removal;
pub mod resolve;
pub mod review;
pub mod rule_set;
pub mod seal;
pub mod session;
pub mod source;
pub mod sync;
pub mod task;
pub mod tenant;
pub mod timeline;
pub mod user;
pub mod verification;
pub mod work;
pub mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorstep_core::IdMaker;
use doorstep_core::id::ImportId;
use doorstep_store::Db;

/// The future is made here, behind a pointer. Left to itself each crate that waits for it, and each unit of code within,
/// makes the future's code anew, with all that it waits for in turn (docs/decisions/0065).
pub(crate) use async_recursion::async_recursion as boxed;
pub use error::{Error, Result, sentence};

/// A store with what working on it needs. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// The store.
    pub db: Db,
    /// Makes ids.
    pub ids: Arc<IdMaker>,
    /// Where imported archives wait between plan and apply.
    pub spool_dir: PathBuf,
    /// Records that are resolved together at most: [`resolve::MAX_COMPONENT`] unless said otherwise.
    pub max_component: usize,
    /// How long plans that nobody applies keep their archives: [`import::KEEP_PLANS`] unless said otherwise.
    pub keep_plans: Duration,
    /// How old what a live source said of a customer may be when it is told: [`context::STALE_AFTER`] unless said otherwise.
    pub stale_after: Duration,
    /// Brings codes to people: [`verification::LogOnly`] unless said otherwise.
    pub sender: Arc<dyn verification::Sender>,
    /// Opens live sources: [`sync::NoSources`] unless said otherwise.
    pub sources: Arc<dyn sync::Sources>,
    /// Counts what the readings of this process come to.
    pub meter: Arc<sync::Meter>,
    /// What credentials are sealed with; none unless said otherwise, and then no source can be connected.
    pub seal_keys: Arc<seal::Keys>,
    /// The newest plan made by this process: applied without being made again if nothing changed since.
    plan_at_hand: Arc<Mutex<Option<(ImportId, import::PlanAtHand)>>>,
    /// What the doors of this process share.
    door: Arc<door::Door>,
    /// What this process knows of customers by heart.
    contexts: Arc<context::Cache>,
    /// Receipts that are not written yet.
    receipts: Arc<context::Receipts>,
    /// Whom this process asked the sources for lately, because what is known is old.
    lately: Arc<context::Lately>,
    /// How often customers were read by themselves.
    refreshes: Arc<sync::Figures>,
    /// The plans that this process is making.
    underway: import::Underway,
    /// The place of the task that this engine works for, if it works for one.
    place: Option<Arc<place::Place>>,
}

impl Engine {
    /// An engine over `db` whose imported archives wait in `spool_dir`.
    pub fn new(db: Db, ids: Arc<IdMaker>, spool_dir: PathBuf) -> Self {
        Self {
            db,
            ids,
            spool_dir,
            max_component: resolve::MAX_COMPONENT,
            keep_plans: import::KEEP_PLANS,
            stale_after: context::STALE_AFTER,
            sender: Arc::new(verification::LogOnly),
            sources: Arc::new(sync::NoSources),
            meter: Arc::default(),
            seal_keys: Arc::default(),
            plan_at_hand: Arc::default(),
            door: Arc::default(),
            contexts: Arc::default(),
            receipts: Arc::default(),
            lately: Arc::default(),
            refreshes: Arc::default(),
            underway: import::Underway::default(),
            place: None,
        }
    }

    /// Waits for somebody else's answer; the place of work is free meanwhile.
    pub(crate) async fn away<T>(&self, answer: impl Future<Output = T>) -> T {
        match &self.place {
            Some(place) => place.away(answer).await,
            None => answer.await,
        }
    }
}

pub(crate) use rule_set::rules;
