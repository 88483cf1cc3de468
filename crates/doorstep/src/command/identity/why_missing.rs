//! `doorstep identity why-missing`

use doorstep_core::identity::Verb;
use doorstep_engine::missing::{Asked, Finding, Missing, Wanted};
use doorstep_store::decision::Stored;

use crate::command::customer::words;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::one_line;

/// What is looked for.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    /// A phone number in any spelling, an e-mail address, words of a name, or an id.
    #[arg(value_name = "VALUE")]
    value: String,
}

pub async fn run(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let wanted = Wanted::guess(&args.value, hub.tenant.country);
    let missing = hub.engine.why_missing(&hub.scope, &wanted).await?;
    if hub.out.json { hub.out.json(&missing) } else { hub.out.print(tell(hub, &missing).trim_end()) }
}

fn tell(hub: &Hub, missing: &Missing) -> String {
    let mut text = String::new();
    for finding in &missing.findings {
        text.push_str(&format!("{}\n", hub.out.bold(&finding.words())));
        for customer in finding.customers() {
            let name = words::address(&one_line(&customer.display_name), hub.tenant.country);
            text.push_str(&format!("  {name} ({})\n", customer.id));
        }
        for merge in finding.merges() {
            text.push_str(&format!("  {}\n", merged(hub, merge)));
        }
        text.push_str(&more(finding));
    }
    text.push_str("\nSources that were asked:\n");
    for asked in &missing.sources {
        text.push_str(&format!("  {}\n", source(hub, asked)));
    }
    text
}

fn merged(hub: &Hub, merge: &Stored) -> String {
    let why = merge.reason.as_deref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
    let verb = if merge.verb == Verb::Link { "merged" } else { "kept apart" };
    format!("{verb} by {} on {}{why} ({})", one_line(&merge.actor.key()), hub.day(merge.decided_at), merge.id)
}

fn more(finding: &Finding) -> String {
    match finding {
        Finding::Known { has_more: true, .. } | Finding::NotCounted { has_more: true, .. } => "  and more\n".to_owned(),
        Finding::Review { review, .. } => format!("  doorstep review decide {review} merge|apart\n"),
        Finding::Skipped { import, file, line, reason } => {
            let reason = reason.as_deref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
            format!("  {file}, line {line}, of {import}{reason}\n")
        }
        Finding::TakenOut { import: Some(import) } => format!("  {import}\n"),
        _ => String::new(),
    }
}

fn source(hub: &Hub, asked: &Asked) -> String {
    let came = asked.last_came_at.map_or_else(|| "nothing yet".to_owned(), |at| format!("last on {}", hub.day(at)));
    let out =
        asked.last_taken_out_at.map(|at| format!("; something was taken out on {}", hub.day(at))).unwrap_or_default();
    format!("{}: {came}{out}", asked.source.label())
}
