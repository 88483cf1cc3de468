//! `doorstep import undo`

use std::io::{BufRead, IsTerminal};

use doorstep_core::id::ImportId;
use doorstep_core::import::State;

use super::apply::{self, Told};
use super::watch;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{count, one_line};

pub async fn run(id: ImportId, yes: bool, program: &Program, hub: &Hub) -> Result<(), Failure> {
    let stored = hub.engine.import(&hub.scope, id).await?;
    let import = &stored.import;
    if !yes && std::io::stdin().is_terminal() && matches!(import.state, State::Applied | State::Applying) {
        let summary = &import.summary;
        hub.out.note(&format!(
            "This takes out what `{}` brought: {} new and {} updated contacts, {} messages, {} calls.",
            one_line(&import.file_name),
            count(summary.contacts.new),
            count(summary.contacts.updated),
            count(summary.messages.new),
            count(summary.calls.new)
        ));
        if !confirmed(hub) {
            return Err(Failure::refused("not undone").hint("answer `yes`, or give `--yes`"));
        }
    }
    hub.engine.undo_import(&hub.scope, id).await?;
    watch::until(hub, program, id, State::Undone).await?;
    apply::told(hub, id, Told::Brief).await
}

fn confirmed(hub: &Hub) -> bool {
    hub.out.note("Undo it? (yes/no)");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
