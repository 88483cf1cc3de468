//! `doorstep migrate`

use doorstep_store::migrate;
use serde_json::json;

use crate::failure::Failure;
use crate::hub::Program;
use crate::output::{Column, Grid};

/// Brings the database up to date, or says how it stands.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Brings the database up to date, or says how it stands.

On SQLite every command does this by itself. On PostgreSQL the tables belong to a role of their own, so it takes \
--owner-database-url (or DOORSTEP_OWNER_DATABASE_URL) besides DATABASE_URL.")]
#[command(after_help = "\
Examples:
  doorstep migrate
  doorstep migrate --status")]
pub struct Args {
    /// Only say which steps the database has.
    #[arg(long)]
    status: bool,
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    let engine = if args.status { program.open().await? } else { program.open_and_migrate().await? };
    let steps = migrate::status(&engine.db).await?;
    let place = match engine.db.file() {
        Some(file) => file.display().to_string(),
        None => "PostgreSQL".to_owned(),
    };
    engine.db.close().await;
    let out = &program.out;
    if out.json {
        let step =
            |step: &migrate::Step| json!({ "version": step.version, "name": step.name, "applied": step.applied });
        return out.json(&steps.iter().map(step).collect::<Vec<_>>());
    }
    if args.status {
        let columns = [("version", Column::Count), ("step", Column::Text), ("state", Column::Whole)];
        let mut grid = Grid::list(out, &columns);
        for step in &steps {
            let state = if step.applied { "applied" } else { "pending" };
            grid.row([step.version.to_string(), step.name.replace('_', " "), state.to_owned()]);
        }
        return out.print(&grid.render());
    }
    let newest = steps.iter().filter(|step| step.applied).map(|step| step.version).max().unwrap_or_default();
    out.print(&format!("{place} is up to date at schema {newest}"))
}
