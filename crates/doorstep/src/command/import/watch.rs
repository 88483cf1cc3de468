//! Runs the worker in this process until an import has got where it was going, with a bar.
//!
//! Whoever holds the task's lease does the work: this process, another one, or, after a crash, this one once the
//! lease of the dead one has ended. Watching is the same for all.

use std::sync::Mutex;
use std::time::Duration;

use doorstep_core::id::ImportId;
use doorstep_core::import::State;
use doorstep_engine::task::{Key, Tasks};
use doorstep_engine::worker::Worker;
use doorstep_store::task::{self, Task};
use tokio::time::Instant;

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::Bar;
use crate::stop::Stop;

/// Time between two looks at the import.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long the task may still be in the table after its work is done: its end is a transaction of its own.
const TIDY_UP: Duration = Duration::from_secs(3);
/// Without a step for so long, a person is told whom we wait for.
const QUIET: Duration = Duration::from_secs(3);

enum End {
    There,
    Parked(String),
    Stopped,
    Broken(Failure),
}

/// Runs tasks until the import is in state `target`.
pub async fn until(hub: &Hub, program: &Program, id: ImportId, target: State) -> Result<(), Failure> {
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    let worker = Worker::new(hub.engine.clone(), Tasks).with_lease(lease);
    let end = Mutex::new(End::Stopped);
    let told = Stop::listen()?;
    let stop = async {
        let ended = tokio::select! {
            ended = watched(hub, id, target) => ended.unwrap_or_else(End::Broken),
            () = told.told() => End::Stopped,
        };
        *end.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = ended;
    };
    worker.run_until(stop).await?;
    match end.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        End::There => Ok(()),
        End::Broken(failure) => Err(failure),
        End::Parked(reason) => Err(Failure::failed(format!("the import `{id}` stopped half-way: {reason}"))
            .hint(format!("when that is put right: `doorstep import resume {id}`"))),
        End::Stopped => Err(Failure::failed(format!("stopped; the import `{id}` is half-way"))
            .hint(format!("`doorstep import resume {id}` goes on, `doorstep import undo {id}` takes it out"))),
    }
}

/// Looks at the import again and again; how it ended.
async fn watched(hub: &Hub, id: ImportId, target: State) -> Result<End, Failure> {
    let what = if target == State::Undone { "Taking out" } else { "Bringing in" };
    let bar = Bar::new(&hub.out, what, "rows");
    let mut there_since: Option<Instant> = None;
    let mut told_reason: Option<String> = None;
    let mut last_step = (0, Instant::now());
    loop {
        let (state, done, total, task) = look(hub, id).await?;
        // While rows go out, the import counts those that are left.
        bar.at(if target == State::Undone { total.saturating_sub(done) } else { done }, total);
        if done != last_step.0 {
            last_step = (done, Instant::now());
            bar.says(what);
        } else if last_step.1.elapsed() > QUIET && task.as_ref().is_some_and(|task| task.state == "running") {
            bar.says("Waiting for a process");
        }
        if state == target {
            let since = *there_since.get_or_insert_with(Instant::now);
            if task.is_none() || since.elapsed() > TIDY_UP {
                return Ok(End::There);
            }
        } else if let Some(task) = task {
            match (task.state.as_str(), task.reason) {
                ("parked", reason) => {
                    return Ok(End::Parked(reason.unwrap_or_else(|| "no reason was written down".into())));
                }
                ("waiting", Some(reason)) if told_reason.as_ref() != Some(&reason) => {
                    bar.note(&hub.out, &format!("it will be tried again: {reason}"));
                    told_reason = Some(reason);
                }
                _ => {}
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(hub: &Hub, id: ImportId) -> Result<(State, u64, u64, Option<Task>), Failure> {
    let import = hub.engine.import(&hub.scope, id).await?.import;
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let task = task::get(&mut tx, &Key::Import(id).to_string()).await?;
    Ok((import.state, import.rows_done, import.rows_total, task))
}
