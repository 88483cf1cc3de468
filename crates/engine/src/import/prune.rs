//! Plans that nobody applies: after a while their archives, whole address books, leave the spool.

use std::time::Duration;

use doorstep_core::id::ImportId;
use doorstep_core::import::State;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::import;
use serde::Serialize;

use super::spool;
use crate::Engine;
use crate::error::Result;

/// How long plans are kept unless said otherwise: long enough for a holiday between reading a plan and applying it.
pub const KEEP_PLANS: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Plans of one transaction.
const PAGE: i64 = 100;
/// Files of the spool that are looked at; the rest waits for the next time.
const MAX_FILES: usize = 10_000;

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// The plans that are expired now, oldest first.
    pub plans: Vec<ImportId>,
    /// Archives beside those that nobody needs any more: their imports ended.
    pub leftovers: u64,
    /// The space that this freed.
    pub bytes: u64,
}

impl Engine {
    /// Removes the archives of plans made longer than `keep` ago, which become [`State::Expired`]; imports under way
    /// and imports that are in are left alone.
    #[crate::boxed]
    pub async fn prune_plans(&self, scope: &Scope, keep: Duration) -> Result<Pruned> {
        scope.require(Permission::Import)?;
        let made_before = earlier(self.db.clock().now(), keep);
        let mut pruned = Pruned::default();
        loop {
            let mut tx = self.db.write(scope).await?;
            let old = import::in_state(&mut tx, State::Planned, made_before, PAGE).await?;
            let mut expired = Vec::with_capacity(old.len());
            for id in &old {
                // Whoever starts to apply it at this moment wins.
                if import::set_state(&mut tx, *id, &[State::Planned], State::Expired).await? {
                    expired.push(*id);
                }
            }
            if !expired.is_empty() {
                tx.commit().await?;
            }
            for id in &expired {
                pruned.bytes += spool::release(&self.spool_dir, *id);
            }
            pruned.plans.extend(&expired);
            if expired.len() < PAGE as usize {
                break;
            }
        }
        self.sweep_spool(scope, made_before, &mut pruned).await?;
        Ok(pruned)
    }

    /// Archives as old of imports that ended without letting them go, because their process died. What this tenant
    /// does not know may be another's, or of another store with the same folder: it is left alone.
    async fn sweep_spool(&self, scope: &Scope, made_before: Timestamp, pruned: &mut Pruned) -> Result<()> {
        let waiting = spool::waiting(&self.spool_dir, MAX_FILES)?;
        for id in waiting.into_iter().filter(|id| made_at(*id).is_some_and(|at| at < made_before)) {
            if self.is_left_over(scope, id).await? {
                pruned.bytes += spool::release(&self.spool_dir, id);
                pruned.leftovers += 1;
            }
        }
        Ok(())
    }

    async fn is_left_over(&self, scope: &Scope, id: ImportId) -> Result<bool> {
        let mut tx = self.db.read(scope).await?;
        let stored = import::get(&mut tx, id).await?;
        Ok(stored.is_some_and(|stored| match stored.import.state {
            State::Planned | State::Applying | State::Undoing => false,
            State::Applied | State::Undone | State::Superseded | State::Expired => true,
        }))
    }
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.plus_micros(-i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
}

/// When an id was made; ids carry it.
fn made_at(id: ImportId) -> Option<Timestamp> {
    let (seconds, _) = id.uuid().get_timestamp()?.to_unix();
    Some(Timestamp::from_micros(i64::try_from(seconds).ok()?.saturating_mul(1_000_000)))
}
