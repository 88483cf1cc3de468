//! `doorstep identity train`

use std::path::PathBuf;

use doorstep_core::linkage::{Moved, Training, Weights};
use doorstep_core::phone::Region;
use doorstep_engine::contact_file;
use serde_json::json;

use super::cluster::{each_its_own, unfit};
use super::rules::told_made;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Bar, Column, Grid, Output, count, one_line, several};

/// Learn what evidence is worth from the records themselves.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// From a file of records instead of a tenant's; no database is needed.
    #[arg(long, value_name = "RECORDS.csv", requires = "out")]
    file: Option<PathBuf>,
    /// Where to write what was learnt from a file.
    #[arg(long, value_name = "RULES.json", requires = "file")]
    out: Option<PathBuf>,
    /// The country of numbers of the file that do not say theirs, as two letters.
    #[arg(long, value_name = "COUNTRY", default_value = "US", requires = "file")]
    country: Region,
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    if let Some((file, path)) = args.file.as_ref().zip(args.out.as_ref()) {
        each_its_own(&[Some(file), Some(path)])?;
        let out = &program.out;
        let bar = Bar::new(out, "Reading the records", "rows");
        let contacts = contact_file::read(file, args.country, |rows| bar.at(rows, rows));
        let contacts = contacts.map_err(|error| unfit(file, &error))?;
        drop(bar);
        let trained = contacts.train(&Weights::default());
        let shown = one_line(&path.display().to_string());
        let text = serde_json::to_string_pretty(&trained.weights).unwrap_or_default() + "\n";
        std::fs::write(path, text).map_err(|error| Failure::failed(format!("`{shown}` cannot be written: {error}")))?;
        if out.json {
            return out.json(&json!({ "rules": shown, "training": trained.training }));
        }
        tell(&trained.training, out)?;
        return out.print(&format!(
            "what was learnt: {shown} (`doorstep identity cluster RECORDS.csv --out CLUSTERS.csv --rules {shown}` goes by it)"
        ));
    }
    let work = async |hub: &Hub| {
        let bar = Bar::new(&hub.out, "Comparing", "records");
        let made = hub.engine.train_rules(&hub.scope, |done| bar.at(done, done)).await?;
        drop(bar);
        if let Some(training) = made.training.as_ref().filter(|_| !hub.out.json) {
            tell(training, &hub.out)?;
        }
        told_made(&made, &hub.out)
    };
    program.at_work(work).await
}

/// What was seen, and what moved most.
fn tell(training: &Training, out: &Output) -> Result<(), Failure> {
    let mut text = format!(
        "{} compared, {} of them expected to be one person's; learnt in {}\n",
        several(training.pairs, "pair"),
        count(training.one_person.round().max(0.0) as u64),
        several(u64::from(training.rounds), "round"),
    );
    let mut grid =
        Grid::list(out, &[("what moved most", Column::Text), ("from", Column::Count), ("to", Column::Count)]);
    for Moved { field, place, story, from, to } in &training.moved {
        grid.row([format!("{field}[{place}] {story}"), figure(*from), figure(*to)]);
    }
    if !grid.is_empty() {
        text.push_str(&format!("\n{}", grid.render()));
    }
    out.print(&text)
}

/// Three figures that mean something, however small.
fn figure(value: f32) -> String {
    if value >= 0.001 { format!("{value:.3}") } else { format!("{value:.1e}") }
}
