//! Plans that this process is making: somebody else may watch one, and end it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use doorstep_core::id::ImportId;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId};
use tokio::sync::{Notify, watch};

use super::{Phase, Progress};
use crate::Engine;
use crate::error::{Error, Result};

/// Plans that one process makes at once: each reads an archive on a thread of its own, holds a transaction that reads,
/// and keeps tens of megabytes in memory. An office imports one file at a time.
pub const MAX_PLANS: usize = 4;

/// All of them, by tenant and import.
#[derive(Debug, Clone, Default)]
pub(crate) struct Underway(Arc<Mutex<HashMap<(TenantId, ImportId), Plan>>>);

#[derive(Debug, Clone)]
struct Plan {
    progress: watch::Sender<Progress>,
    end: Arc<Notify>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Making {
    all: Underway,
    key: (TenantId, ImportId),
    plan: Plan,
}

impl Underway {
    /// Enters a plan.
    ///
    /// # Errors
    /// [`Error::TooManyPlans`].
    pub(super) fn begin(&self, scope: &Scope, id: ImportId) -> Result<Making> {
        let key = (scope.tenant(), id);
        let plan = Plan {
            progress: watch::Sender::new(Progress { phase: Phase::Planning, done: 0, total: 0 }),
            end: Arc::default(),
        };
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= MAX_PLANS {
            return Err(Error::TooManyPlans);
        }
        plans.insert(key, plan.clone());
        drop(plans);
        Ok(Making { all: self.clone(), key, plan })
    }

    fn find(&self, scope: &Scope, id: ImportId) -> Option<Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(scope.tenant(), id)).cloned()
    }
}

impl Making {
    /// Tells whoever watches.
    pub(super) fn tell(&self, progress: Progress) {
        self.plan.progress.send_replace(progress);
    }

    /// Ends when somebody wants the plan to end.
    #[crate::boxed]
    pub(super) async fn ended(&self) {
        self.plan.end.notified().await;
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Engine {
    /// The progress of a plan that this process is making; it closes when the plan is made or given up. `None` if it is
    /// not being made here: then its import says how it ended.
    pub fn watch_plan(&self, scope: &Scope, id: ImportId) -> Result<Option<watch::Receiver<Progress>>> {
        scope.require(Permission::Read)?;
        Ok(self.underway.find(scope, id).map(|plan| plan.progress.subscribe()))
    }

    /// Gives up a plan that is being made: nobody waits for it any more. `false` if it is not being made here.
    pub fn stop_plan(&self, scope: &Scope, id: ImportId) -> Result<bool> {
        scope.require(Permission::Import)?;
        let plan = self.underway.find(scope, id);
        plan.iter().for_each(|plan| plan.end.notify_one());
        Ok(plan.is_some())
    }
}
