//! `doorstep import list` and `show`

use doorstep_core::id::ImportId;
use doorstep_core::tenant::Actor;

use super::report;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{Column, Grid, count, one_line};

/// Which page.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Those before this one.
    #[arg(long, value_name = "ID")]
    before: Option<ImportId>,
    /// How many.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(i64).range(1..=1_000))]
    limit: i64,
}

pub async fn run(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let imports = hub.engine.imports(&hub.scope, args.before, args.limit).await?;
    let out = &hub.out;
    if out.json {
        return out.json(&imports);
    }
    if imports.is_empty() {
        out.note("nothing was imported yet: `doorstep import phone-history FILE.zip` says what a file would bring");
        return Ok(());
    }
    let mut grid = Grid::list(
        out,
        &[
            ("id", Column::Whole),
            ("made", Column::Whole),
            ("state", Column::Whole),
            ("file", Column::Text),
            ("messages", Column::SpareCount),
            ("customers", Column::SpareCount),
            ("by", Column::SpareText),
            ("notes", Column::SpareText),
        ],
    );
    for import in &imports {
        grid.row([
            import.id.to_string(),
            hub.local(import.created_at),
            report::state(import.state).to_owned(),
            one_line(&import.file_name),
            count(import.summary.messages.new),
            count(import.summary.contacts.new + import.callers_new),
            actor(&import.actor),
            import.notes.as_deref().map(one_line).unwrap_or_default(),
        ]);
    }
    out.print(&grid.render())
}

pub async fn show(id: ImportId, problems: usize, hub: &Hub) -> Result<(), Failure> {
    let stored = hub.engine.import(&hub.scope, id).await?;
    if hub.out.json {
        return hub.out.json(&hub.engine.import_report(&hub.scope, &stored).await?);
    }
    hub.out.print(&report::render(hub, &stored, problems).await?)
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::Operator(name) => one_line(name),
        Actor::User(id) => id.to_string(),
        Actor::ApiKey(id) => id.to_string(),
        Actor::Visitor => "visitor".to_owned(),
        Actor::Worker => "worker".to_owned(),
    }
}
