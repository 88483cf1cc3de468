//! `doorstep import phone-history`

use std::collections::BTreeMap;
use std::path::PathBuf;

use doorstep_engine::import::NewImport;
use doorstep_store::import::Stored;
use doorstep_upstream::phone_history::Limits;

use super::{apply, report};
use crate::config;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::Bar;

/// The archive, and what to do with it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The archive, a ZIP file.
    file: PathBuf,
    /// Bring it in, after the dry run.
    #[arg(long)]
    apply: bool,
    /// A remark that stays with the import.
    #[arg(long)]
    notes: Option<String>,
    /// One more name for a column: messages.body='What they wrote'. Give it once per name.
    #[arg(long = "alias", value_name = "COLUMN=NAME")]
    aliases: Vec<String>,
    /// More names for columns, from a file: "messages.body" = ["What they wrote"].
    #[arg(long = "aliases", value_name = "FILE")]
    aliases_file: Option<PathBuf>,
}

pub async fn run(args: Args, program: &Program, hub: &Hub) -> Result<(), Failure> {
    let aliases = aliases(&args, program)?;
    let file_name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let new = NewImport { file: &args.file, file_name, notes: args.notes.clone(), aliases, limits: Limits::default() };
    let stored = plan(hub, &new).await?;
    if args.apply {
        return apply::planned(hub, program, stored).await;
    }
    if hub.out.json {
        return hub.out.json(&hub.engine.import_report(&hub.scope, &stored).await?);
    }
    let text = report::render(hub, &stored, report::PROBLEMS_SHOWN).await?;
    hub.out.print(&text)?;
    hub.out.print(&format!(
        "\nNothing was written. To bring in exactly this:\n  doorstep import apply {}",
        stored.import.id
    ))
}

/// Makes a plan, with a bar.
pub async fn plan(hub: &Hub, new: &NewImport<'_>) -> Result<Stored, Failure> {
    let bar = Bar::new(&hub.out, "Reading the archive", "bytes");
    Ok(hub.engine.plan_import(&hub.scope, new, &|progress| bar.at(progress.done, progress.total)).await?)
}

/// The names of columns of the configuration, of the file, and of the command line together.
fn aliases(args: &Args, program: &Program) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut all = program.config.aliases.clone();
    if let Some(file) = &args.aliases_file {
        for (column, names) in config::read_aliases(file)? {
            all.entry(column).or_default().extend(names);
        }
    }
    for alias in &args.aliases {
        let Some((column, name)) = alias.split_once('=') else {
            return Err(Failure::refused(format!("`--alias {alias}` names no column"))
                .hint("`--alias messages.body='What they wrote'`"));
        };
        all.entry(column.trim().to_owned()).or_default().push(name.trim().to_owned());
    }
    Ok(all)
}
