//! `doorstep rebuild`

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Bar, several};

/// Compute every customer again from what the sources said.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Compute every customer again from what the sources said.

What sources say and what people decide is kept; customers, and the properties, equipment, jobs and memberships that hang \
on them, are computed from it. This computes all of them again, without asking any source, and puts right what differs; \
with --check it only counts, and exits with 1 if anything differs.")]
#[command(after_help = "\
Examples:
  doorstep rebuild --check
  doorstep rebuild --tenant 'Ace Plumbing'")]
pub struct Args {
    /// Write nothing; exit with 1 if a customer differs.
    #[arg(long)]
    check: bool,
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    let out = &program.out;
    let work = async |hub: &Hub| {
        let bar = Bar::new(out, if args.check { "Checking" } else { "Rebuilding" }, "records");
        Ok(hub.engine.rebuild(&hub.scope, args.check, |done| bar.at(done, done)).await?)
    };
    let rebuilt = program.at_work(work).await?;
    let differs = rebuilt.different > 0;
    let (customers, records) = (several(rebuilt.customers, "customer"), several(rebuilt.records, "record"));
    if args.check && differs {
        let examples: Vec<String> = rebuilt.examples.iter().map(|id| format!("`{id}`")).collect();
        let mut text = format!("{} of {customers} from {records}", several(rebuilt.different, "difference"));
        if rebuilt.rows_different > 0 {
            text.push_str(&format!(", {} of them in what live sources said", several(rebuilt.rows_different, "row")));
        }
        if !examples.is_empty() {
            text.push_str(&format!(": {}", examples.join(", ")));
        }
        let details = serde_json::to_value(&rebuilt).unwrap_or_default();
        return Err(Failure::failed(text).hint("`doorstep rebuild` without `--check` puts them right").with(details));
    }
    if out.json {
        return out.json(&rebuilt);
    }
    out.print(&match (args.check, differs) {
        (true, _) | (false, false) => format!("{customers} are exactly what {records} make of them"),
        (false, true) => format!("{} put right: {customers} from {records}", several(rebuilt.different, "difference")),
    })
}
