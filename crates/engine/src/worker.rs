//! The worker: claims due tasks, runs them under a lease that it keeps extending, and decides what a failure means.
//!
//! Any number of workers in any number of processes may share a store. A task runs once at a time because claiming
//! is one transaction, every page of its work checks the lease in its own transaction, and a worker that cannot
//! extend the lease stops the task. A worker that dies says nothing: its lease ends, and the next one to look
//! claims the task again, so that it goes on within two lease times.

use std::sync::Arc;
use std::time::Duration;

use doorstep_core::{Scope, Timestamp};
use doorstep_store::task::Claim;
use doorstep_store::{Tx, system, task};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::Engine;
use crate::error::{Error, Result};
use crate::place::Places;
use crate::task::{Next, Runner};

/// How long a claim holds without being extended.
pub const LEASE: Duration = Duration::from_secs(15);
/// Tasks that one worker has at work side by side.
pub const CONCURRENCY: usize = 4;
/// Tasks that it has begun at most, those included that wait for an answer of somebody else. Each such holds a page of
/// what it reads, of some megabytes at most; and where as many upstreams are slow at once, the next tenant waits.
pub const MOST_BEGUN: usize = 128;
/// Tries before a task is parked: with the waits below, some ten minutes of trouble.
pub const MAX_ATTEMPTS: i64 = 8;
/// The wait after the first failure; it doubles with each further one.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// The longest wait between tries.
const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// The longest time between two looks for due work, whatever the signals say.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A worker.
pub struct Worker<R> {
    engine: Engine,
    runner: Arc<R>,
    holder: Uuid,
    lease: Duration,
    places: Places,
}

/// How a task ended.
enum Ended {
    Done(Next),
    Failed(Error),
    LeaseLost,
    Panicked,
}

impl<R: Runner> Worker<R> {
    /// A worker of this process.
    pub fn new(engine: Engine, runner: R) -> Self {
        let holder = engine.ids.make::<()>(engine.db.clock().now()).uuid();
        Self { engine, runner: Arc::new(runner), holder, lease: LEASE, places: Places::new(CONCURRENCY) }
    }

    /// The same with another lease time.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    fn lease_until(&self) -> Timestamp {
        self.engine.db.clock().now().plus_micros(self.lease.as_micros().try_into().unwrap_or(i64::MAX))
    }

    /// Runs everything that is due, side by side, until nothing is due any more; how many tasks ended.
    #[crate::boxed]
    pub async fn run_due(&self) -> Result<usize> {
        let mut running = JoinSet::new();
        let mut ended = 0;
        self.write_noted().await;
        loop {
            self.claim_into(&mut running).await?;
            tokio::select! {
                over = running.join_next() => match over {
                    Some(_) => ended += 1,
                    None => return Ok(ended),
                },
                () = self.places.given_up() => {}
            }
        }
    }

    /// Runs tasks as they fall due until `stop` is done; then lets those under way finish their page and stop.
    pub async fn run_until(&self, stop: impl Future<Output = ()>) -> Result<()> {
        let mut running = JoinSet::new();
        let mut wakes = self.engine.db.wakes().await?;
        // After an upgrade there may be more to be read out of what is stored.
        self.engine.wake_mappings().await?;
        tokio::pin!(stop);
        loop {
            self.write_noted().await;
            self.claim_into(&mut running).await?;
            let wait = self.until_next_due().await?;
            tokio::select! {
                () = &mut stop => break,
                Some(_) = running.join_next() => {}
                () = self.places.given_up() => {}
                _ = wakes.next() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        running.shutdown().await;
        self.write_noted().await;
        Ok(())
    }

    /// Who was seen at the doors of this process is no reason to stop working.
    async fn write_noted(&self) {
        if let Err(error) = self.engine.write_noted().await {
            tracing::warn!(%error, "who was seen lately could not be written down");
        }
    }

    async fn until_next_due(&self) -> Result<Duration> {
        let now = self.engine.db.clock().now();
        let due = system::next_due(&self.engine.db).await?;
        let wait = due.map_or(i64::MAX, |due| (due.micros() - now.micros()).max(10_000));
        Ok(Duration::from_micros(wait.unsigned_abs()).min(LOOK_EVERY))
    }

    async fn claim_into(&self, running: &mut JoinSet<()>) -> Result<()> {
        loop {
            let places = self.places.take(MOST_BEGUN.saturating_sub(running.len()));
            if places.is_empty() {
                return Ok(());
            }
            let free = i64::try_from(places.len()).unwrap_or(1);
            let now = self.engine.db.clock().now();
            let claims = system::claim_tasks(&self.engine.db, self.holder, now, self.lease_until(), free).await?;
            if claims.is_empty() {
                return Ok(());
            }
            for (claim, place) in claims.into_iter().zip(places) {
                let (mut engine, runner, lease) = (self.engine.clone(), self.runner.clone(), self.lease);
                engine.place = Some(Arc::new(place));
                running.spawn(async move { run_claimed(&engine, runner, &claim, lease).await });
            }
        }
    }
}

/// Runs one claimed task to its end and writes down what came of it.
async fn run_claimed<R: Runner>(engine: &Engine, runner: Arc<R>, claim: &Claim, lease: Duration) {
    let mut work = JoinSet::new();
    let (own_engine, own_claim) = (engine.clone(), claim.clone());
    work.spawn(async move { runner.run(&own_engine, &own_claim).await });
    let ended = tokio::select! {
        result = work.join_next() => match result {
            Some(Ok(Ok(next))) => Ended::Done(next),
            Some(Ok(Err(Error::Store(error)))) if task::is_lost(&error) => Ended::LeaseLost,
            Some(Ok(Err(error))) => Ended::Failed(error),
            Some(Err(_)) | None => Ended::Panicked,
        },
        () = heartbeat(engine, claim, lease) => Ended::LeaseLost,
    };
    work.shutdown().await;
    if let Err(error) = write_down(engine, claim, ended).await {
        // The lease ends by itself, and the task starts again.
        let error = error.for_log();
        tracing::warn!(tenant = %claim.tenant, task = claim.key, error, "how a task ended could not be written down");
    }
}

/// Extends the lease until it cannot be extended any more.
async fn heartbeat(engine: &Engine, claim: &Claim, lease: Duration) {
    let mut last_extended = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(lease / 3).await;
        match extend(engine, claim, lease).await {
            Ok(()) => last_extended = tokio::time::Instant::now(),
            Err(Error::Store(error)) if task::is_lost(&error) => return,
            // A busy database is no reason to give up while the lease still holds.
            Err(_) if last_extended.elapsed() < lease => {}
            Err(_) => return,
        }
    }
}

async fn extend(engine: &Engine, claim: &Claim, lease: Duration) -> Result<()> {
    let mut tx = engine.db.write(&Scope::worker(claim.tenant)).await?;
    let until = tx.now().plus_micros(lease.as_micros().try_into().unwrap_or(i64::MAX));
    task::extend(&mut tx, claim, until).await?;
    tx.commit().await?;
    Ok(())
}

async fn write_down(engine: &Engine, claim: &Claim, ended: Ended) -> Result<()> {
    let mut tx: Tx = engine.db.write(&Scope::worker(claim.tenant)).await?;
    match ended {
        Ended::Done(Next::Done) => task::finish(&mut tx, claim).await?,
        Ended::Done(Next::At(due_at)) => task::finish_until(&mut tx, claim, due_at).await?,
        Ended::LeaseLost => return Ok(()),
        Ended::Panicked => {
            let reason = "doorstep made a mistake in this task (it panicked); the log has the place";
            task::park(&mut tx, claim, reason).await?;
        }
        Ended::Failed(error) => {
            let reason = error.to_string();
            let lasting = !error.is_passing() || claim.attempts >= MAX_ATTEMPTS;
            let (attempt, error) = (claim.attempts, error.for_log());
            tracing::warn!(tenant = %claim.tenant, task = claim.key, attempt, parked = lasting, error, "a task failed");
            if lasting {
                task::park(&mut tx, claim, &reason).await?;
            } else {
                let due_at = tx.now().plus_micros(retry_after(claim).as_micros().try_into().unwrap_or(i64::MAX));
                task::retry(&mut tx, claim, due_at, &reason).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Doubling waits with a jitter of up to half, told apart by the task's key so that a thousand tasks that failed
/// together do not come back together.
fn retry_after(claim: &Claim) -> Duration {
    let doublings = u32::try_from(claim.attempts - 1).unwrap_or_default().min(16);
    let wait = FIRST_RETRY.saturating_mul(1 << doublings).min(LONGEST_RETRY);
    let seed =
        claim.key.bytes().fold(claim.attempts.unsigned_abs() ^ claim.tenant.number().unsigned_abs(), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    wait.mul_f64(0.75 + f64::from((seed >> 32) as u32) / f64::from(u32::MAX) * 0.5)
}

#[cfg(test)]
mod tests {
    use doorstep_core::TenantId;

    use super::*;

    #[test]
    fn waits_double_differ_between_tasks_and_end() {
        let claim = |key: &str, attempts| Claim {
            tenant: TenantId::from_number(1),
            key: key.to_owned(),
            holder: Uuid::nil(),
            wakes: 1,
            attempts,
        };
        for attempt in 1..MAX_ATTEMPTS {
            let wait = retry_after(&claim("import:a", attempt));
            let plain = FIRST_RETRY.saturating_mul(1 << (attempt - 1)).min(LONGEST_RETRY);
            assert!(wait >= plain.mul_f64(0.75) && wait <= plain.mul_f64(1.25), "{attempt}: {wait:?}");
        }
        assert_ne!(retry_after(&claim("import:a", 3)), retry_after(&claim("import:b", 3)));
        assert!(retry_after(&claim("import:a", 1_000)) <= LONGEST_RETRY.mul_f64(1.25));
    }
}
