//! `doorstep connection remove`

use std::io::{BufRead, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorstep_core::connection::Connection;
use doorstep_engine::removal::Records;
use doorstep_engine::task::{Key, Tasks};
use doorstep_engine::worker::Worker;
use doorstep_store::task;
use serde_json::json;

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Bar, one_line, several};
use crate::stop::Stop;

/// Time between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Takes a connection away, and with `records` waits until all that it said is out.
pub async fn run(hub: &Hub, program: &Program, it: &Connection, records: bool, yes: bool) -> Result<(), Failure> {
    let name = one_line(&it.name);
    if records && !yes && std::io::stdin().is_terminal() {
        hub.out.note(&format!("This takes out all that `{name}` said, and cannot be undone. Type its name to go on:"));
        let mut typed = String::new();
        let is_read = std::io::stdin().lock().read_line(&mut typed).is_ok();
        if !is_read || typed.trim() != it.name {
            return Err(Failure::refused("nothing was taken away").hint("type the name of the source, or give `--yes`"));
        }
    }
    let chosen = if records { Records::Remove } else { Records::Keep };
    let gone = hub.engine.remove_connection(&hub.scope, it.id, chosen).await?;
    let total = gone.removal.map(|removal| removal.total);
    if total.is_some() {
        wait(hub, program, &gone).await?;
    }
    if hub.out.json {
        return hub.out.json(&json!({ "id": it.id, "removed": true, "records_removed": total }));
    }
    match total {
        None => hub.out.print(&format!("{name} is connected no more; what it said stays")),
        Some(total) => {
            hub.out.print(&format!("{name} is connected no more, and {} of it are out", several(total, "record")))
        }
    }
}

/// Runs tasks in this process until the records are out.
async fn wait(hub: &Hub, program: &Program, gone: &Connection) -> Result<(), Failure> {
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    let worker = Worker::new(hub.engine.clone(), Tasks).with_lease(lease);
    let (told, ended) = (Stop::listen()?, Mutex::new(None));
    let stop = async {
        let end = tokio::select! {
            watched = over(hub, gone) => Some(watched),
            () = told.told() => None,
        };
        *ended.lock().unwrap_or_else(PoisonError::into_inner) = end;
    };
    worker.run_until(stop).await?;
    let again = format!("`doorstep connection remove {} --records` goes on", gone.id);
    match ended.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(watched) => watched.map_err(|failure| failure.hint(again)),
        None => Err(Failure::failed("stopped; what it said is taken out in part").hint(again)),
    }
}

async fn over(hub: &Hub, gone: &Connection) -> Result<(), Failure> {
    let bar = Bar::new(&hub.out, "Taking out", "records");
    loop {
        let removal = hub.engine.connection(&hub.scope, gone.id).await?.removal;
        let mut tx = hub.engine.db.read(&hub.scope).await?;
        let task = task::get(&mut tx, &Key::Removal(gone.id).to_string()).await?;
        drop(tx);
        if let Some(removal) = removal {
            bar.at(removal.total.saturating_sub(removal.left), removal.total);
        }
        match task {
            None if removal.is_none_or(|removal| removal.is_over()) => return Ok(()),
            Some(task) if task.state == "parked" => {
                let reason = task.reason.unwrap_or_else(|| "no reason was written down".to_owned());
                return Err(Failure::failed(format!("it stopped half-way: {reason}")));
            }
            _ => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
