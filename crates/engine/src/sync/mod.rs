//! Reading live sources: a connection at a time, stream by stream, a page to a transaction (docs/decisions/0044).
//!
//! A timer and "now" are one path: both wake the task of the connection, which works from what the database says. A page
//! is fetched outside of any transaction; then one transaction stores its rows, what follows from them, the cursor, the
//! progress, and holds the lease: all of it or nothing. So a crash loses no row and a cursor never passes one (I-02).

mod arrive;
mod ask;
mod derive;
mod deriving;
mod figures;
mod ingest;
mod meter;
mod pages;
mod people;
mod refresh;
pub(crate) mod remap;
mod run;
mod sources;
mod sweep;
mod take;

use std::collections::BTreeMap;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::connection::{Connection, MAX_CONNECTIONS};
use doorstep_core::id::{ConnectionId, RunId};
use doorstep_core::sync::{Cause, Problem, Report, Run, State};
use doorstep_core::tenant::Permission;
use doorstep_store::stream_cursor::Progress;
use doorstep_store::task::Task;
use doorstep_store::{Tx, connection, stream_cursor, sync, task as task_table, tenant};

pub use ask::{Age, Asked, Came, MAX_QUEUED, MAX_WAIT, RECENT_SECONDS, REST_SECONDS};
pub(crate) use figures::Figures;
pub use meter::{BOUNDS_SECONDS, Meter, Metered, Took};
pub(crate) use refresh::run_task as refresh_task;
pub(crate) use run::run_task;
pub use run::{NAMES_EVERY_SECONDS, PARK_AFTER, SWEEP_EVERY_SECONDS};
pub use sources::{NoSources, Sources};
pub use sweep::{MAX_MISSING, is_mass};

use crate::Engine;
use crate::connection::connected;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::task::Key;

/// Runs listed at once at most.
const MAX_LISTED: i64 = 200;

/// What "now" is to do beside reading what is new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Now {
    /// Look through whole streams for what no reading from a cursor tells.
    pub sweeps: bool,
    /// Take out what the source has no more, however much it is: a person has looked. Sweeps, too.
    pub removes_missing: bool,
}

/// How a connection stands, with the run that is under way.
#[derive(Debug, Clone)]
pub struct Status {
    /// The connection.
    pub connection: Connection,
    /// The run that is not over, if there is one.
    pub run: Option<Run>,
    /// The newest run that is over.
    pub last: Option<Run>,
    /// Its task: waiting until when, running, or parked and why.
    pub task: Option<Task>,
    /// How far each stream is.
    pub streams: BTreeMap<String, Progress>,
}

impl Engine {
    /// Reads a connection now, whatever its hours.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] with the run that is under way, which is seen to.
    #[crate::boxed]
    pub async fn sync_now(&self, scope: &Scope, id: ConnectionId, now: Now) -> Result<Run> {
        self.sync_now_and(scope, id, now, None).await
    }

    #[crate::boxed]
    pub(crate) async fn sync_now_and(
        &self,
        scope: &Scope,
        id: ConnectionId,
        now: Now,
        keep: Option<&Keep<'_, Run>>,
    ) -> Result<Run> {
        scope.require(Permission::Import)?;
        let mut tx = self.db.write(scope).await?;
        connected(&mut tx, id).await?;
        let key = Key::Sync(id).to_string();
        if let Some(open) = sync::open(&mut tx, id).await? {
            // A parked task goes on; a running one looks once more and finds nothing to do.
            let due = tx.now();
            task_table::wake(&mut tx, &key, due).await?;
            tx.commit().await?;
            return Err(Error::AlreadyRunning { connection: id, run: open.id });
        }
        let run = self.new_run(&tx, id, Cause::Manual, scope, now);
        sync::insert(&mut tx, &run).await?;
        task_table::wake(&mut tx, &key, run.created_at).await?;
        let details = Details::none().with("run", run.id).with("removes_missing", now.removes_missing.then_some(true));
        self.note_act(&mut tx, scope.actor(), Act::SyncStarted, Some(id.to_string()), details).await?;
        idempotency::put(&mut tx, scope, keep, &run).await?;
        tx.commit().await?;
        Ok(run)
    }

    fn new_run(&self, tx: &Tx, id: ConnectionId, cause: Cause, scope: &Scope, now: Now) -> Run {
        Run {
            id: self.ids.make(tx.now()),
            connection: id,
            cause,
            actor: scope.actor().clone(),
            state: State::Waiting,
            sweeps: now.sweeps || now.removes_missing,
            removes_missing: now.removes_missing,
            stream: None,
            report: Report::new(),
            problem_count: 0,
            reason: None,
            created_at: tx.now(),
            started_at: None,
            finished_at: None,
        }
    }

    /// Stops a run: the page at hand is not kept, those before it are. Its connection is read again when it is next due.
    ///
    /// # Errors
    /// [`Error::NoRun`], [`Error::Unfit`] for one that is over.
    #[crate::boxed]
    pub async fn cancel_run(&self, scope: &Scope, id: RunId) -> Result<Run> {
        scope.require(Permission::Import)?;
        let mut tx = self.db.write(scope).await?;
        let run = sync::get(&mut tx, id).await?.ok_or(Error::NoRun(id))?;
        if !sync::finish(&mut tx, id, State::Canceled, Some("stopped by hand")).await? {
            return Err(Error::Unfit(format!("`{id}` is over already: there is nothing to stop")));
        }
        if let Some(connection) = connection::get(&mut tx, run.connection).await? {
            let zone = tenant::get(&mut tx).await?.time_zone;
            let (now, schedule) = (tx.now(), connection.schedule);
            let next_run_at = schedule.next_run(now, &zone, Some(now), connection.id.uuid());
            let standing = run::standing_of(&connection);
            let standing = connection::Standing { next_run_at, next_try_at: next_run_at, ..standing };
            connection::set_standing(&mut tx, connection.id, &standing).await?;
        }
        let details = Details::none().with("run", id);
        let subject = Some(run.connection.to_string());
        self.note_act(&mut tx, scope.actor(), Act::SyncCanceled, subject, details).await?;
        tx.commit().await?;
        let canceled = self.run(scope, id).await?;
        self.meter.count(canceled.state, run::length(&canceled), &canceled.totals());
        Ok(canceled)
    }

    /// One run.
    ///
    /// # Errors
    /// [`Error::NoRun`].
    #[crate::boxed]
    pub async fn run(&self, scope: &Scope, id: RunId) -> Result<Run> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        sync::get(&mut tx, id).await?.ok_or(Error::NoRun(id))
    }

    /// Runs of a connection before `before`, newest first, at most `limit`.
    #[crate::boxed]
    pub async fn runs(&self, scope: &Scope, id: ConnectionId, before: Option<RunId>, limit: i64) -> Result<Vec<Run>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        connection::get(&mut tx, id).await?.ok_or(Error::NoConnection(id))?;
        Ok(sync::list(&mut tx, id, before, limit.clamp(1, MAX_LISTED)).await?)
    }

    /// What was wrong with single rows of a run, from `position` on, at most `limit`.
    #[crate::boxed]
    pub async fn run_problems(&self, scope: &Scope, id: RunId, position: u64, limit: i64) -> Result<Vec<Problem>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(sync::problems(&mut tx, id, position, limit.clamp(1, MAX_LISTED)).await?)
    }

    /// The task of a connection: waiting until when, running, or parked and why.
    #[crate::boxed]
    pub async fn sync_task(&self, scope: &Scope, id: ConnectionId) -> Result<Option<Task>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(task_table::get(&mut tx, &Key::Sync(id).to_string()).await?)
    }

    /// How every connection stands.
    #[crate::boxed]
    pub async fn sync_status(&self, scope: &Scope) -> Result<Vec<Status>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let mut all = Vec::new();
        for connection in connection::list(&mut tx, MAX_CONNECTIONS).await? {
            let id = connection.id;
            let newest = sync::list(&mut tx, id, None, 2).await?;
            all.push(Status {
                run: sync::open(&mut tx, id).await?,
                last: newest.into_iter().find(|run| run.state.is_over()),
                task: task_table::get(&mut tx, &Key::Sync(id).to_string()).await?,
                streams: stream_cursor::of_connection(&mut tx, id).await?,
                connection,
            });
        }
        Ok(all)
    }
}
