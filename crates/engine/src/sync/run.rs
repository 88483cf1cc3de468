//! The task of a connection: whether something is to be done, the streams one after the other, and how it ends.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use doorstep_core::connection::Connection;
use doorstep_core::id::ConnectionId;
use doorstep_core::source::{Makes, Parent, StreamSpec};
use doorstep_core::sync::{Cause, KEPT_RUNS, Problem, Report, Run, State};
use doorstep_core::{Scope, Timestamp, planted};
use doorstep_store::connection::{Standing, set_standing};
use doorstep_store::stream_cursor::{self, Progress};
use doorstep_store::task::{self as task_table, Claim};
use doorstep_store::{Tx, connection, live_record, sync, tenant};
use doorstep_upstream::source::Failure;

use super::Now;
use super::deriving::{Deriving, in_order};
use super::ingest::{Reading, Stop};
use super::people::People;
use super::remap;
use crate::Engine;
use crate::error::{Error, Result};
use crate::task::Next;

/// Runs that fail one after the other before a connection is parked: some half an hour of trouble.
pub const PARK_AFTER: i64 = 6;
/// The wait after the first failed run; it doubles with each further one.
const FIRST_TRY_SECONDS: i64 = 60;
/// The longest wait, also of a parked connection whose trouble may pass by itself.
const LONGEST_TRY_SECONDS: i64 = 60 * 60;
/// How often one is tried that a person must see to: upstreams have said no by mistake before.
const LASTING_TRY_SECONDS: i64 = 6 * 60 * 60;
/// How often streams are swept that can lose objects unseen.
pub const SWEEP_EVERY_SECONDS: i64 = 24 * 60 * 60;
/// How often names that are shown (kinds of jobs, of memberships, of tags, who works there) are asked for by the clock: they
/// hardly ever change, and four questions a run are a third of all that one with nothing new asks. One that is missing is
/// asked for at once, and so are all when a person says "now".
pub const NAMES_EVERY_SECONDS: i64 = 60 * 60;
/// Records whose rows are made again in one transaction.
const STALE_PER_STEP: i64 = 500;
/// Old runs forgotten at a time.
const PRUNED_AT_ONCE: i64 = 100;

/// A connection's task.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim, id: ConnectionId) -> Result<Next> {
    let scope = Scope::worker(claim.tenant);
    let mut tx = engine.db.write(&scope).await?;
    task_table::hold(&mut tx, claim).await?;
    let Some(connection) = connection::get(&mut tx, id).await?.filter(|it| it.removed_at.is_none()) else {
        return Ok(Next::Done);
    };
    let run = match sync::open(&mut tx, id).await? {
        Some(run) => run,
        None => match connection.next_at() {
            Some(at) if at <= tx.now() => {
                let run = engine.new_run(&tx, id, Cause::Schedule, &scope, Now::default());
                sync::insert(&mut tx, &run).await?;
                run
            }
            Some(at) => return Ok(Next::At(at)),
            None => return Ok(Next::Done),
        },
    };
    sync::begin(&mut tx, run.id).await?;
    let region = tenant::get(&mut tx).await?.country;
    let sealed = connection::credentials(&mut tx, id).await?;
    if engine.is_mapping_raised(&mut tx, &connection).await? {
        remap::wake(&mut tx, id).await?;
    }
    tx.commit().await?;
    let mapping = engine.mapping_of(connection.source)?;
    let opened = engine.open_source(claim.tenant, &connection, sealed);
    let mut ended = Ended { report: run.report.clone(), ..Ended::default() };
    let source = match opened {
        Ok(source) => source,
        // A lost key or a setting that is none is for a person to see to, like any other refusal.
        Err(error @ (Error::NoKey | Error::OtherKey | Error::Unsealable | Error::Source(_))) => {
            ended.failures.push((String::new(), Failure::Fatal { why: error.to_string() }));
            return finish(engine, &scope, claim, &run, ended).await;
        }
        Err(other) => return Err(other),
    };
    let (spec, missing) = (mapping.spec(), Mutex::default());
    let deriving = Deriving { engine, connection, spec, mapping, region, missing };
    let reading = Reading { deriving, run: Some(run.id), scope: scope.clone(), claim, source };
    match reading.streams(&run, &mut ended).await {
        Ok(()) => finish(engine, &scope, claim, &run, ended).await,
        Err(Stop::Canceled) => next_of(engine, &scope, id).await,
        Err(Stop::Broken(error)) => Err(error),
        Err(Stop::Failed(failure)) => {
            ended.failures.push((String::new(), failure));
            finish(engine, &scope, claim, &run, ended).await
        }
    }
}

async fn next_of(engine: &Engine, scope: &Scope, id: ConnectionId) -> Result<Next> {
    let mut tx = engine.db.read(scope).await?;
    let next = connection::get(&mut tx, id).await?.and_then(|connection| connection.next_at());
    Ok(next.map_or(Next::Done, Next::At))
}

/// How the streams of a run ended.
#[derive(Default)]
struct Ended {
    report: Report,
    /// The label of each stream that failed, and why.
    failures: Vec<(String, Failure)>,
    /// Whether any stream was swept to its end.
    has_swept: bool,
}

impl Reading<'_> {
    /// Reads every stream that the run has not read yet; one that fails stops none of the others.
    async fn streams(&self, run: &Run, ended: &mut Ended) -> Result<(), Stop> {
        let mut tx = self.deriving.engine.db.read(&self.scope).await?;
        let progress = stream_cursor::of_connection(&mut tx, self.deriving.connection.id).await?;
        drop(tx);
        let (mut refusals, mut waiting) = (0, Vec::new());
        for stream in in_order(self.deriving.spec) {
            if ended.report.get(stream.name).is_some_and(|entry| entry.is_done) {
                continue;
            }
            let progress = progress.get(stream.name).cloned().unwrap_or_default();
            if self.may_wait(stream, &progress, run) {
                waiting.push((stream, progress));
                continue;
            }
            refusals += i32::from(self.read(stream, progress, run, ended).await?);
            // Credentials that open nothing need not be tried at a dozen doors.
            if refusals >= 2 && !ended.report.values().any(|entry| entry.is_done) {
                return Ok(());
            }
        }
        self.missing_names(waiting, run, ended).await
    }

    /// Reads a stream and notes how that went; whether the source refused our credentials.
    async fn read(
        &self,
        stream: &'static StreamSpec,
        progress: Progress,
        run: &Run,
        ended: &mut Ended,
    ) -> Result<bool, Stop> {
        ended.report.entry(stream.name.to_owned()).or_default().failure = None;
        let read = self.stream(stream, progress, run, ended).await;
        let entry = ended.report.entry(stream.name.to_owned()).or_default();
        let mut is_refused = false;
        match read {
            Ok(()) => entry.is_done = true,
            Err(Stop::Failed(failure)) => {
                entry.failure = Some(failure.to_string());
                is_refused = matches!(failure, Failure::Auth { .. });
                ended.failures.push((stream.label.to_owned(), failure));
            }
            Err(stop) => return Err(stop),
        }
        // That a stream had nothing new need not outlive a crash: it is asked once more then.
        if entry.counts.fetched > 0 || entry.failure.is_some() {
            self.note(stream.name, &ended.report, &[]).await?;
        }
        Ok(is_refused)
    }

    /// Whether a stream holds nothing but names, was read lately, and nobody asked for it.
    fn may_wait(&self, stream: &StreamSpec, progress: &Progress, run: &Run) -> bool {
        let now = self.deriving.engine.db.clock().now();
        let is_recent = progress.read_at.is_some_and(|at| now < at.plus_seconds(NAMES_EVERY_SECONDS));
        let is_asked_for = run.cause == Cause::Manual || self.is_sweep_due(stream, progress, run);
        stream.makes == [Makes::Name] && is_recent && !is_asked_for
    }

    /// Reads those of the streams that could wait in which a name was looked for and is not known, and makes the rows again
    /// that show it.
    async fn missing_names(
        &self,
        waiting: Vec<(&'static StreamSpec, Progress)>,
        run: &Run,
        ended: &mut Ended,
    ) -> Result<(), Stop> {
        let missing = self.take_missing();
        let mut has_read = false;
        for (stream, progress) in waiting.into_iter().filter(|(stream, _)| missing.contains(stream.name)) {
            self.read(stream, progress, run, ended).await?;
            has_read = true;
        }
        let showing = self.deriving.spec.streams.iter().filter(|stream| !matches!(stream.parent, Parent::PartOf(_)));
        for stream in showing.filter(|_| has_read) {
            self.catch_up(stream, &mut ended.report).await?;
        }
        Ok(())
    }

    fn take_missing(&self) -> BTreeSet<&'static str> {
        // Nothing that panics is done under the lock; were it poisoned, the names in it are still names.
        std::mem::take(&mut *self.deriving.missing.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    async fn stream(
        &self,
        stream: &'static StreamSpec,
        mut progress: Progress,
        run: &Run,
        ended: &mut Ended,
    ) -> Result<(), Stop> {
        let read = self.pages(stream, &mut progress, &mut ended.report).await;
        if matches!(read, Err(Stop::Canceled | Stop::Broken(_))) {
            return read;
        }
        self.catch_up(stream, &mut ended.report).await?;
        read?;
        if self.is_sweep_due(stream, &progress, run) {
            self.sweep(stream, progress, run.removes_missing, &mut ended.report).await?;
            ended.has_swept = true;
            self.catch_up(stream, &mut ended.report).await?;
        }
        Ok(())
    }

    fn is_sweep_due(&self, stream: &StreamSpec, progress: &Progress, run: &Run) -> bool {
        let now = self.deriving.engine.db.clock().now();
        let is_old = progress.swept_at.is_none_or(|at| at.plus_seconds(SWEEP_EVERY_SECONDS) <= now);
        stream.is_swept && (is_old || run.sweeps)
    }

    /// Makes the rows again that wait for it, a few to a transaction.
    #[crate::boxed]
    pub(super) async fn catch_up(&self, stream: &'static StreamSpec, report: &mut Report) -> Result<(), Stop> {
        loop {
            // Most of the time none does, and nobody has to wait for the writer to find out.
            let mut tx = self.deriving.engine.db.read(&self.scope).await?;
            if live_record::stale(&mut tx, self.deriving.connection.id, stream.name, 1).await?.is_empty() {
                return Ok(());
            }
            drop(tx);
            let mut tx = self.begin_page(stream, report).await?;
            let is_about_people = stream.makes.contains(&Makes::Contact);
            if is_about_people {
                tx.lock_identity().await?;
            }
            let ids = live_record::stale(&mut tx, self.deriving.connection.id, stream.name, STALE_PER_STEP).await?;
            if ids.is_empty() {
                return Ok(());
            }
            let objects = live_record::get_many(&mut tx, &ids).await?;
            let problems = match is_about_people {
                true => {
                    let keys = objects.iter().map(|object| object.key.clone()).collect();
                    self.deriving.people(&mut tx, stream, People { keys, ..People::default() }).await?
                }
                false => self.deriving.derive(&mut tx, stream, objects, &HashSet::new()).await?,
            };
            live_record::set_fresh(&mut tx, &ids).await?;
            if !self.advance(&mut tx, stream.name, report, &problems).await? {
                return Err(Stop::Canceled);
            }
            tx.commit().await?;
        }
    }

    /// Writes down how far the run is, and what was wrong.
    #[crate::boxed]
    pub(super) async fn note(&self, stream: &str, report: &Report, problems: &[Problem]) -> Result<(), Stop> {
        let mut tx = self.begin().await?;
        if !self.advance(&mut tx, stream, report, problems).await? {
            return Err(Stop::Canceled);
        }
        tx.commit().await?;
        Ok(())
    }
}

/// How a connection stands now.
pub(super) fn standing_of(connection: &Connection) -> Standing {
    Standing {
        next_run_at: connection.next_run_at,
        next_try_at: connection.next_try_at,
        last_run_at: connection.last_run_at,
        failures: connection.failures,
        is_parked: connection.is_parked,
        reason: connection.reason.clone(),
    }
}

/// Ends a run and says when the next one is.
async fn finish(engine: &Engine, scope: &Scope, claim: &Claim, run: &Run, ended: Ended) -> Result<Next> {
    let mut tx: Tx = engine.db.write(scope).await?;
    task_table::hold(&mut tx, claim).await?;
    let Some(connection) = connection::get(&mut tx, run.connection).await? else { return Ok(Next::Done) };
    let (state, reason) = verdict(&ended);
    let zone = tenant::get(&mut tx).await?.time_zone;
    let (now, began_at) = (tx.now(), run.started_at.unwrap_or(run.created_at));
    let standing = match state {
        State::Finished => {
            let schedule = connection.schedule;
            let asks = asks(&connection, &ended);
            Standing {
                next_run_at: schedule.next_run(now, &zone, Some(began_at), connection.id.uuid()),
                next_try_at: None,
                last_run_at: Some(began_at),
                failures: 0,
                is_parked: asks.is_some(),
                reason: asks,
            }
        }
        _ => failed(&connection, now, reason.clone(), &ended.failures),
    };
    sync::set_progress(&mut tx, run.id, None, &ended.report).await?;
    sync::finish(&mut tx, run.id, state, reason.as_deref()).await?;
    set_standing(&mut tx, connection.id, &standing).await?;
    sync::prune(&mut tx, connection.id, KEPT_RUNS, PRUNED_AT_ONCE).await?;
    let after = connection::get(&mut tx, connection.id).await?;
    let ended = sync::get(&mut tx, run.id).await?;
    tx.commit().await?;
    if let Some(run) = ended.filter(|run| run.state == state) {
        engine.meter.count(run.state, length(&run), &run.totals());
    }
    Ok(after.and_then(|connection| connection.next_at()).map_or(Next::Done, Next::At))
}

/// How long a run took that is over; `None` where it never began.
pub(super) fn length(run: &Run) -> Option<Duration> {
    let micros = run.finished_at?.micros().saturating_sub(run.started_at?.micros());
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

fn verdict(ended: &Ended) -> (State, Option<String>) {
    let Some((label, failure)) = ended.failures.first() else { return (State::Finished, None) };
    let reason = match label.as_str() {
        "" => failure.to_string(),
        label => format!("{label}: {failure}"),
    };
    let any_done = ended.report.values().any(|entry| entry.is_done);
    (if any_done { State::Incomplete } else { State::Failed }, Some(reason))
}

/// What a person is asked for after a run that went well: whether what is missing is to go.
fn asks(connection: &Connection, ended: &Ended) -> Option<String> {
    let missing: Vec<String> =
        ended.report.iter().filter_map(|(stream, entry)| Some(format!("{} of {stream}", entry.missing?))).collect();
    if !missing.is_empty() {
        return Some(format!(
            "{} are no longer found at the source, more than is taken out without asking: look there first; then \
             `doorstep sync now {} --remove-missing` takes them out",
            missing.join(", "),
            connection.id
        ));
    }
    // Whoever was asked before is still asked, until a sweep finds nothing missing.
    let was_asked = connection.is_parked && connection.failures == 0 && !ended.has_swept;
    connection.reason.clone().filter(|_| was_asked)
}

/// How a connection stands after a run that failed. When it is due stays (I-06); when it is tried again is another matter.
fn failed(connection: &Connection, now: Timestamp, reason: Option<String>, failures: &[(String, Failure)]) -> Standing {
    let count = connection.failures + 1;
    let may_pass = failures.iter().all(|(_, failure)| failure.is_passing());
    let doublings = u32::try_from(count - 1).unwrap_or_default().min(10);
    let wait = (FIRST_TRY_SECONDS << doublings).min(LONGEST_TRY_SECONDS);
    let asked_for = failures.iter().filter_map(|(_, failure)| match failure {
        Failure::Retry { after, .. } => after.map(|after| i64::try_from(after.as_secs()).unwrap_or(i64::MAX)),
        _ => None,
    });
    let wait = wait.max(asked_for.max().unwrap_or(0).min(LONGEST_TRY_SECONDS));
    let wait = if may_pass { wait } else { LASTING_TRY_SECONDS };
    let next_run_at = match planted!("a-failed-run-moves-the-next") {
        true => Some(now.plus_seconds(connection.schedule.interval_seconds)),
        false => connection.next_run_at,
    };
    Standing {
        next_run_at,
        next_try_at: Some(now.plus_seconds(wait)),
        last_run_at: connection.last_run_at,
        failures: count,
        is_parked: !may_pass || count >= PARK_AFTER,
        reason,
    }
}
