//! `doorstep import apply` and `resume`

use doorstep_core::id::ImportId;
use doorstep_core::import::State;
use doorstep_engine::import::Applied;
use doorstep_store::import::Stored;

use super::{report, watch};
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::Bar;

pub async fn run(id: ImportId, program: &Program, hub: &Hub) -> Result<(), Failure> {
    let stored = hub.engine.import(&hub.scope, id).await?;
    start(hub, program, &stored).await?;
    told(hub, id, Told::Brief).await
}

/// How much is said about an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The plan was shown before.
    Brief,
    /// All of it.
    Full,
}

/// Applies the plan that this process has just made.
pub async fn planned(hub: &Hub, program: &Program, stored: Stored) -> Result<(), Failure> {
    start(hub, program, &stored).await?;
    told(hub, stored.import.id, Told::Full).await
}

/// Applies a plan and waits until it is in.
pub async fn start(hub: &Hub, program: &Program, stored: &Stored) -> Result<(), Failure> {
    let id = stored.import.id;
    let applied = {
        let bar = Bar::new(&hub.out, "Looking for changes", "bytes");
        hub.engine.apply_import(&hub.scope, id, &|progress| bar.at(progress.done, progress.total)).await?
    };
    match applied {
        Applied::Started => watch::until(hub, program, id, State::Applied).await,
        Applied::WorldChanged(new) => Err(world_changed(hub, &new).await?),
    }
}

/// Goes on with an import that stopped half-way, in whichever direction it was going.
pub async fn resume(id: ImportId, program: &Program, hub: &Hub) -> Result<(), Failure> {
    let stored = hub.engine.import(&hub.scope, id).await?;
    hub.engine.resume_import(&hub.scope, id).await?;
    let target = if stored.import.state == State::Undoing { State::Undone } else { State::Applied };
    watch::until(hub, program, id, target).await?;
    told(hub, id, Told::Brief).await
}

/// Says what an import came to.
pub async fn told(hub: &Hub, id: ImportId, told: Told) -> Result<(), Failure> {
    let stored = hub.engine.import(&hub.scope, id).await?;
    if hub.out.json {
        return hub.out.json(&hub.engine.import_report(&hub.scope, &stored).await?);
    }
    hub.out.print(&match told {
        Told::Brief => report::brief(hub, &stored),
        Told::Full => report::render(hub, &stored, report::PROBLEMS_SHOWN).await?,
    })?;
    if stored.import.state == State::Applied {
        hub.out.note(&format!("to take it out again: doorstep import undo {id}"));
    }
    Ok(())
}

async fn world_changed(hub: &Hub, new: &Stored) -> Result<Failure, Failure> {
    let id = new.import.id;
    if !hub.out.json {
        hub.out.print(&report::render(hub, new, report::PROBLEMS_SHOWN).await?)?;
    }
    let details = serde_json::to_value(hub.engine.import_report(&hub.scope, new).await?).unwrap_or_default();
    let text =
        "customers have changed since the plan was made, and it would come to something else now; nothing was written";
    Ok(Failure::failed(text).hint(format!("apply the new plan: `doorstep import apply {id}`")).with(details))
}
