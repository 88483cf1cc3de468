//! Imports of phone history: plan (dry run), apply exactly that plan, perhaps undo.
//!
//! The way of the data: the archive is copied into the spool and read through once to make a plan: what every
//! row would come to, given what the hub holds. The plan's counts, problems and digest are stored; nothing else is.
//! Applying wakes a task. The task makes the plan again (unless it is at hand and nothing has changed since) and
//! puts in what the plan says is new, a page to a transaction. After a crash the task does the same again: what is
//! in by then is no longer new. Undo takes out what carries the import's id, and resolves again.

mod apply;
mod contacts;
mod conversations;
mod fresh;
mod keys;
mod outcome;
mod plan;
mod problems;
mod prune;
mod reader;
mod report;
mod rows;
mod spool;
mod underway;
mod undo;
mod upload;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use doorstep_core::audit::{Act, Details};
use doorstep_core::id::ImportId;
use doorstep_core::import::{Import, Problem, State};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, planted};
use doorstep_store::change::Subject;
use doorstep_store::import::{self, Stored};
use doorstep_store::{Tx, change, task as task_table, tenant};
/// What an archive may ask of us.
pub use doorstep_upstream::phone_history::Limits;
use doorstep_upstream::phone_history::{ExtraAliases, Options};

pub(crate) use apply::run as run_task;
pub use plan::{MAX_PROBLEMS, Phase, Progress};
pub use prune::{KEEP_PLANS, Pruned};
pub use report::{PROBLEMS_IN_REPORT, Report};
pub use underway::MAX_PLANS;
pub use upload::Upload;

use crate::Engine;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::task::Key;
use plan::Plan;
use reader::Source;

/// A file brought in, and what the person says about it.
#[derive(Debug, Clone)]
pub struct NewImport<'a> {
    /// Where it is.
    pub file: &'a Path,
    /// Its name as the person gave it.
    pub file_name: String,
    /// The person's notes.
    pub notes: Option<String>,
    /// More names for columns: `messages.body` → `["What they wrote"]`.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// What an archive may ask of us.
    pub limits: Limits,
}

/// What a person says about an archive.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its name as the person gave it.
    pub file_name: &'a str,
    /// The person's notes.
    pub notes: Option<&'a str>,
    /// More names for columns: `messages.body` → `["What they wrote"]`.
    pub aliases: &'a BTreeMap<String, Vec<String>>,
}

/// What applying came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// The task is at it.
    Started,
    /// The world has changed since the plan was made: nothing was written, and this is the new plan.
    WorldChanged(Box<Stored>),
}

impl Engine {
    /// The dry run: reads the archive, stores what it would do, and writes nothing else. Dropping it gives the plan up.
    ///
    /// # Errors
    /// [`Error::Refused`] for an archive that is not taken at all; then not even the plan is stored.
    #[crate::boxed]
    pub async fn plan_import(
        &self,
        scope: &Scope,
        new: &NewImport<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Stored> {
        scope.require(Permission::Import)?;
        self.prune_before(scope).await;
        self.plan_file(scope, new, progress).await
    }

    /// Before a plan, not after it: it remembers where the change feed stood when it was made.
    async fn prune_before(&self, scope: &Scope) {
        if let Err(error) = self.prune_plans(scope, self.keep_plans).await {
            tracing::warn!(%error, "old plans could not be removed");
        }
    }

    async fn plan_file(
        &self,
        scope: &Scope,
        new: &NewImport<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Stored> {
        let id: ImportId = self.ids.make(self.db.clock().now());
        let (dir, file) = (self.spool_dir.clone(), new.file.to_owned());
        let taken = tokio::task::spawn_blocking(move || spool::take(&dir, id, &file)).await;
        let archive_hash = taken.map_err(|_| Error::Unfit("the copy into the spool was interrupted".to_owned()))??;
        let about = About { file_name: &new.file_name, notes: new.notes.as_deref(), aliases: &new.aliases };
        self.plan_spooled(scope, (id, archive_hash), &about, new.limits, progress, None).await
    }

    /// As [`Self::plan_import`] for an archive that was uploaded: it becomes the import [`Upload::id`].
    #[crate::boxed]
    pub async fn plan_upload(
        &self,
        scope: &Scope,
        upload: Upload,
        about: &About<'_>,
        limits: Limits,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Stored> {
        self.plan_upload_and(scope, upload, about, limits, progress, None).await
    }

    #[crate::boxed]
    pub(crate) async fn plan_upload_and(
        &self,
        scope: &Scope,
        upload: Upload,
        about: &About<'_>,
        limits: Limits,
        progress: &(dyn Fn(Progress) + Send + Sync),
        keep: Option<&Keep<'_, Stored>>,
    ) -> Result<Stored> {
        scope.require(Permission::Import)?;
        self.prune_before(scope).await;
        let (id, archive_hash) = upload.hand_over(scope, &self.spool_dir).await?;
        self.plan_spooled(scope, (id, archive_hash), about, limits, progress, keep).await
    }

    /// Makes a plan of what lies in the spool and stores it; without a plan the archive goes.
    async fn plan_spooled(
        &self,
        scope: &Scope,
        (id, archive_hash): (ImportId, String),
        about: &About<'_>,
        limits: Limits,
        progress: &(dyn Fn(Progress) + Send + Sync),
        keep: Option<&Keep<'_, Stored>>,
    ) -> Result<Stored> {
        let kept = spool::Kept::new(&self.spool_dir, id);
        let making = self.underway.begin(scope, id)?;
        let tell = |at: Progress| {
            making.tell(at);
            progress(at);
        };
        let source = self.source(scope, id, about.aliases, limits).await?;
        let (plan, feed_number) = tokio::select! {
            // What was stopped is not made, also where both are so by now.
            biased;
            () = making.ended() => return Err(Error::Stopped(id)),
            made = self.make_plan(scope, id, &source, &tell) => made?,
        };
        // The last step may have been on its way when somebody stopped it.
        tokio::select! {
            biased;
            () = making.ended() => return Err(Error::Stopped(id)),
            () = std::future::ready(()) => {}
        }
        let stored = Stored {
            import: Import {
                id,
                state: State::Planned,
                file_name: about.file_name.to_owned(),
                archive_hash,
                notes: about.notes.map(str::to_owned),
                actor: scope.actor().clone(),
                created_at: self.db.clock().now(),
                applied_at: None,
                undone_at: None,
                summary: plan.summary,
                callers_new: plan.callers.len() as u64,
                problem_count: plan.problems.count,
                rows_done: 0,
                rows_total: plan.rows_total(),
            },
            plan: plan.shown(about.aliases),
            digest: plan.digest.clone(),
            // The entry for the plan itself is the next one in the feed.
            feed_number: feed_number + 1,
        };
        let mut tx = self.db.write(scope).await?;
        import::insert(&mut tx, &stored, &plan.problems.kept).await?;
        self.note_import(&mut tx, scope, Act::ImportPlanned, id).await?;
        idempotency::put(&mut tx, scope, keep, &stored).await?;
        // Whoever is interrupted from here on cannot know whether the plan is stored: then its archive stays.
        let archive = kept.keep();
        if let Err(error) = tx.commit().await {
            archive.release();
            return Err(error.into());
        }
        self.keep_plan(id, plan);
        Ok(stored)
    }

    /// Applies a plan: exactly that one, or none.
    ///
    /// # Errors
    /// [`Error::NoImport`]; [`Error::NotAPlan`] if it is none any more: a plan is applied once.
    #[crate::boxed]
    pub async fn apply_import(
        &self,
        scope: &Scope,
        id: ImportId,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Applied> {
        scope.require(Permission::Import)?;
        let stored = self.import(scope, id).await?;
        if stored.import.state != State::Planned {
            return Err(not_a_plan(&stored.import));
        }
        let mut tx = self.db.read(scope).await?;
        let head = change::head(&mut tx).await?;
        drop(tx);
        if head != stored.feed_number
            && let Some(new) = self.plan_if_other(scope, &stored, progress).await?
        {
            return Ok(Applied::WorldChanged(Box::new(new)));
        }
        let mut tx = self.db.write(scope).await?;
        // A change of the tenant waits for this lock, too, and refuses while an import is coming in.
        tx.lock_identity().await?;
        refuse_other_tenant(&mut tx, head).await?;
        if !import::set_state(&mut tx, id, &[State::Planned], State::Applying).await? {
            let now = import::get(&mut tx, id).await?.ok_or(Error::NoImport(id))?;
            return Err(not_a_plan(&now.import));
        }
        let now = tx.now();
        task_table::wake(&mut tx, &Key::Import(id).to_string(), now).await?;
        self.note_import(&mut tx, scope, Act::ImportApplied, id).await?;
        tx.commit().await?;
        Ok(Applied::Started)
    }

    /// Makes the plan again; if it is another one now, stores it in place of the old.
    async fn plan_if_other(
        &self,
        scope: &Scope,
        stored: &Stored,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Option<Stored>> {
        let old = stored.import.id;
        let aliases = plan::aliases_of(&stored.plan);
        let source = self.source(scope, old, &aliases, Limits::default()).await?;
        let (plan, _) = self.make_plan(scope, old, &source, progress).await?;
        if plan.digest == stored.digest {
            self.keep_plan(old, plan);
            return Ok(None);
        }
        let path = spool::path_of(&self.spool_dir, old);
        let again = NewImport {
            file: &path,
            file_name: stored.import.file_name.clone(),
            notes: stored.import.notes.clone(),
            aliases,
            limits: Limits::default(),
        };
        let mut tx = self.db.write(scope).await?;
        import::set_state(&mut tx, old, &[State::Planned], State::Superseded).await?;
        tx.commit().await?;
        let new = self.plan_file(scope, &again, progress).await?;
        spool::release(&self.spool_dir, old);
        Ok(Some(new))
    }

    /// Wakes the task of an import that stopped half-way: after a full disk, or after its tries were used up.
    #[crate::boxed]
    pub async fn resume_import(&self, scope: &Scope, id: ImportId) -> Result<()> {
        scope.require(Permission::Import)?;
        let stored = self.import(scope, id).await?;
        if !matches!(stored.import.state, State::Applying | State::Undoing) {
            return Err(Error::Unfit(format!(
                "`{id}` is {}: there is nothing to resume",
                stored.import.state.as_str()
            )));
        }
        let mut tx = self.db.write(scope).await?;
        let now = tx.now();
        task_table::wake(&mut tx, &Key::Import(id).to_string(), now).await?;
        self.note_import(&mut tx, scope, Act::ImportResumed, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Starts to take out again what an import brought.
    ///
    /// # Errors
    /// [`Error::Unfit`] if it is not in, or if a later import passed over rows because this one had brought them:
    /// that one must go first, else those rows would be lost.
    #[crate::boxed]
    pub async fn undo_import(&self, scope: &Scope, id: ImportId) -> Result<()> {
        scope.require(Permission::Import)?;
        let mut tx = self.db.write(scope).await?;
        let stored = import::get(&mut tx, id).await?.ok_or(Error::NoImport(id))?;
        for later in import::applied_after(&mut tx, id).await? {
            let later = import::get(&mut tx, later.id).await?.ok_or(Error::NoImport(later.id))?;
            if plan::stands_on(&later.plan).contains(&id) {
                return Err(Error::Unfit(format!(
                    "`{}` came later and passed over rows that `{id}` had brought: undo that one first, then this, and \
                     import its archive again if it should stay",
                    later.import.id
                )));
            }
        }
        if !import::set_state(&mut tx, id, &[State::Applied, State::Applying], State::Undoing).await? {
            let state = stored.import.state.as_str();
            return Err(Error::Unfit(format!("`{id}` is {state}: only an applied import can be undone")));
        }
        let now = tx.now();
        task_table::wake(&mut tx, &Key::Import(id).to_string(), now).await?;
        self.note_import(&mut tx, scope, Act::ImportUndone, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The audit log's entry about an import.
    async fn note_import(&self, tx: &mut Tx, scope: &Scope, act: Act, id: ImportId) -> Result<()> {
        self.note_act(tx, scope.actor(), act, Some(id.to_string()), Details::none()).await
    }

    /// One import.
    #[crate::boxed]
    pub async fn import(&self, scope: &Scope, id: ImportId) -> Result<Stored> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        import::get(&mut tx, id).await?.ok_or(Error::NoImport(id))
    }

    /// Imports before `before`, newest first, at most `limit`.
    #[crate::boxed]
    pub async fn imports(&self, scope: &Scope, before: Option<ImportId>, limit: i64) -> Result<Vec<Import>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(import::list(&mut tx, before, limit).await?)
    }

    /// Problems of an import from `position` on, at most `limit`.
    #[crate::boxed]
    pub async fn import_problems(
        &self,
        scope: &Scope,
        id: ImportId,
        position: u64,
        limit: i64,
    ) -> Result<Vec<Problem>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(import::problems(&mut tx, id, position, limit).await?)
    }

    async fn source(
        &self,
        scope: &Scope,
        id: ImportId,
        aliases: &BTreeMap<String, Vec<String>>,
        limits: Limits,
    ) -> Result<Source> {
        let aliases = ExtraAliases::new(aliases)?;
        let mut tx = self.db.read(scope).await?;
        let tenant = tenant::get(&mut tx).await?;
        let options = Options { zone: tenant.time_zone, region: tenant.country, own_numbers: tenant.own_numbers };
        let path = spool::path_of(&self.spool_dir, id);
        Ok(Source { path, options: Arc::new(options), aliases: Arc::new(aliases), limits })
    }

    /// The plan and the head of the change feed in the state that it was made from.
    async fn make_plan(
        &self,
        scope: &Scope,
        id: ImportId,
        source: &Source,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(Plan, i64)> {
        let mut tx: Tx = self.db.read(scope).await?;
        let head = change::head(&mut tx).await?;
        let plan = plan::make(&mut tx, self, id, source, progress).await?;
        Ok((plan, head))
    }

    fn keep_plan(&self, id: ImportId, plan: Plan) {
        let mut kept = self.plan_at_hand.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *kept = Some((id, plan));
    }

    fn take_plan(&self, id: ImportId) -> Option<Plan> {
        let mut kept = self.plan_at_hand.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.take_if(|(of, _)| *of == id || planted!("the-plan-at-hand-is-anybodys")).map(|(_, plan)| plan)
    }
}

/// Why an import cannot be applied, or not again.
fn not_a_plan(import: &Import) -> Error {
    let (id, file, state) = (import.id, &import.file_name, import.state);
    match state {
        State::Expired => Error::Unfit(format!(
            "`{id}` was not applied for so long that its archive was removed to free the space: read `{file}` again \
             (`doorstep import phone-history`) and apply that plan"
        )),
        state => Error::NotAPlan { id, state },
    }
}

/// Refuses if the tenant has become another since `head`: the archive would be read in another way than planned.
async fn refuse_other_tenant(tx: &mut Tx, head: i64) -> Result<()> {
    if change::any_since(tx, head, Subject::Tenant).await? {
        return Err(Error::Unfit(
            "the tenant was changed at this very moment, so that the archive would be read in another way; nothing was \
             written: apply the plan again"
                .to_owned(),
        ));
    }
    Ok(())
}

pub(crate) use plan::Plan as PlanAtHand;
pub(crate) use underway::Underway;
