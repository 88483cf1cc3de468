//! `doorstep sync customer`: one customer, read again.

use std::sync::Mutex;
use std::time::Duration;

use doorstep_core::Timestamp;
use doorstep_core::id::CustomerId;
use doorstep_engine::sync::{Asked, Came};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use serde_json::json;

use crate::command::customer::show;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::one_line;
use crate::stop::Stop;

/// The longest that the command waits: the engine gives up on a source before that.
const LONGEST: Duration = Duration::from_secs(90);

/// Who is to be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A phone number in any spelling, an e-mail address, or an id.
    #[arg(value_name = "PHONE|EMAIL|ID")]
    who: String,
    /// Leave the work to a server or worker that runs.
    #[arg(long)]
    no_wait: bool,
}

pub(super) async fn run(args: &Args, hub: &Hub, program: &Program) -> Result<(), Failure> {
    let Some(id) = show::one(hub, &args.who).await? else { return Ok(()) };
    let asked = hub.engine.refresh_customer(&hub.scope, id).await?;
    let since = match &asked {
        Asked::Woken { since } | Asked::Already { since } => *since,
        Asked::NoSource => {
            return Err(Failure::refused(format!("no connected source knows `{id}`: there is nothing to read again"))
                .hint("`doorstep connection list` shows what is connected"));
        }
        Asked::Resting { until, why } => {
            let again = hub.local(*until);
            return Err(Failure::failed(format!("`{id}` could not be read a moment ago: {}", one_line(why)))
                .hint(format!("the source is left alone until {again}; `doorstep sync status` shows how it stands")));
        }
        Asked::Full => {
            return Err(Failure::failed("too many customers wait to be read at this moment")
                .hint("try again in a few minutes, and see that a server or worker runs"));
        }
    };
    if args.no_wait {
        return told(hub, id, &asked, None).await;
    }
    let came = work(hub, program, id, since).await?;
    told(hub, id, &asked, Some(&came)).await?;
    match came {
        Came::Yes => Ok(()),
        Came::NotInTime => Err(Failure::failed(format!("`{id}` was not read in time; it goes on by itself"))),
        Came::Failed(why) => Err(Failure::failed(format!("`{id}` could not be read: {}", one_line(&why)))
            .hint("what is here stays as it was; `doorstep connection check` says what the source answers")),
    }
}

/// Runs tasks in this process until the customer was read.
async fn work(hub: &Hub, program: &Program, id: CustomerId, since: Timestamp) -> Result<Came, Failure> {
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    let worker = Worker::new(hub.engine.clone(), Tasks).with_lease(lease);
    let (stop, ended) = (Stop::listen()?, Mutex::new(None));
    let over = async {
        let end = tokio::select! {
            came = wait(hub, id, since) => Some(came),
            () = stop.told() => None,
        };
        *ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = end;
    };
    worker.run_until(over).await?;
    match ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(came) => came,
        None => Err(Failure::failed("stopped; the customer is read when something runs tasks")),
    }
}

/// Waits as long as the command does, which is longer than a door is held open.
async fn wait(hub: &Hub, id: CustomerId, since: Timestamp) -> Result<Came, Failure> {
    let began = tokio::time::Instant::now();
    loop {
        let left = LONGEST.saturating_sub(began.elapsed());
        let came = hub.engine.wait_refreshed(&hub.scope, id, since, left).await?;
        if came != Came::NotInTime || left.is_zero() {
            return Ok(came);
        }
    }
}

async fn told(hub: &Hub, id: CustomerId, asked: &Asked, came: Option<&Came>) -> Result<(), Failure> {
    let read = hub.engine.refreshes(&hub.scope, id).await?;
    let read_at = read.iter().filter_map(|it| it.readings.as_ref()?.read_at).min();
    if hub.out.json {
        let reason = match came {
            Some(Came::Failed(why)) => Some(why.as_str()),
            Some(Came::Yes | Came::NotInTime) | None => None,
        };
        return hub.out.json(&json!({
            "customer": id,
            "asked": if matches!(asked, Asked::Woken { .. }) { "woken" } else { "already" },
            "came": came.map(|came| *came == Came::Yes),
            "reason": reason,
            "read_at": read_at,
        }));
    }
    match (came, read_at) {
        (Some(Came::Yes), Some(at)) => hub.out.print(&format!("{id}: read again; known as of {}", hub.local(at))),
        (None, _) => hub.out.print(&format!("{id}: waits to be read")),
        _ => Ok(()),
    }
}
