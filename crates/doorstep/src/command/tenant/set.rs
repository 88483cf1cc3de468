//! `doorstep tenant set`

use std::time::Duration;

use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Tenant;
use doorstep_core::time::Zone;
use doorstep_engine::task::{Key, Tasks};
use doorstep_engine::tenant::{Change, Changed, Reached};
use doorstep_engine::worker::Worker;
use doorstep_store::task;
use serde_json::json;

use super::{parse_name, parse_own};
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{one_line, several};

/// Which tenant, and what is to be different.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name or its number.
    name: String,
    #[command(flatten)]
    change: Wanted,
    /// Say what would come of it, and write nothing.
    #[arg(long)]
    preview: bool,
}

/// At least one of these.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Wanted {
    /// Another time zone: America/New_York, America/Denver, Europe/London, …
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<Zone>,
    /// Another country, two letters.
    #[arg(long)]
    country: Option<Region>,
    /// Another name; unique.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// A number that it calls or texts from, too; give it once per number.
    #[arg(long = "add-own-number", value_name = "PHONE")]
    add_own_numbers: Vec<String>,
    /// A number that is not its own after all; give it once per number.
    #[arg(long = "remove-own-number", value_name = "PHONE")]
    remove_own_numbers: Vec<String>,
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| {
        let country = args.change.country.unwrap_or(hub.tenant.country);
        let change = Change {
            name: args.change.rename.as_deref().map(parse_name).transpose()?,
            time_zone: args.change.time_zone.clone(),
            country: args.change.country,
            add_own_numbers: parse_own(&args.change.add_own_numbers, country)?,
            remove_own_numbers: parse_own(&args.change.remove_own_numbers, country)?,
        };
        let changed = hub.engine.change_tenant(&hub.scope, &change, args.preview).await?;
        if changed.customers.by_task && !args.preview {
            rebuild(hub, program, "the tenant was changed").await?;
        }
        tell(hub, &changed, args.preview)
    };
    program.at_work_for(Some(&args.name), work).await
}

/// Runs the task that goes through all customers. If this process dies over it, whoever runs tasks next goes on.
/// `done` says what is so already.
pub async fn rebuild(hub: &Hub, program: &Program, done: &str) -> Result<(), Failure> {
    hub.out.remark("more customers are concerned than are looked at at once: all customers are computed again, which takes a while");
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    Worker::new(hub.engine.clone(), Tasks).with_lease(lease).run_due().await?;
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let Some(task) = task::get(&mut tx, &Key::Rebuild.to_string()).await? else { return Ok(()) };
    let reason = task.reason.unwrap_or_else(|| "another process is at it".to_owned());
    Err(Failure::failed(format!("{done}, but the customers are not all computed again: {reason}"))
        .hint("`doorstep rebuild` computes them again, `doorstep rebuild --check` says whether that is needed"))
}

fn tell(hub: &Hub, changed: &Changed, preview: bool) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        return out.json(&json!({
            "tenant": changed.tenant, "before": changed.before, "customers": changed.customers, "preview": preview,
        }));
    }
    let (before, after) = (&changed.before, &changed.tenant);
    if before == after {
        return out.print(&format!("{} is so already", one_line(&after.name)));
    }
    let mut text = format!("{} (tenant {})\n", one_line(&after.name), after.id);
    for line in differences(before, after) {
        text.push_str(&format!("  {line}\n"));
    }
    if before.own_numbers != after.own_numbers {
        text.push_str(&format!("{}\n", reached(&changed.customers, "these numbers")));
    }
    if preview {
        text.push_str("(a preview: nothing was written)\n");
    }
    out.print(&text)?;
    let is_read_otherwise = (&before.time_zone, before.country, &before.own_numbers)
        != (&after.time_zone, after.country, &after.own_numbers);
    if is_read_otherwise && !preview {
        out.note("what is in stays as it was read; an archive imported before may come in again where it reads otherwise now");
    }
    Ok(())
}

fn differences(before: &Tenant, after: &Tenant) -> Vec<String> {
    let mut lines = Vec::new();
    let mut differ = |what: &str, was: String, is: String| {
        if was != is {
            lines.push(format!("{what}: {was} → {is}"));
        }
    };
    differ("name", one_line(&before.name), one_line(&after.name));
    differ("time zone", before.time_zone.to_string(), after.time_zone.to_string());
    differ("country", before.country.to_string(), after.country.to_string());
    let only = |one: &Tenant, other: &Tenant| {
        let only = one.own_numbers.iter().filter(|phone| !other.own_numbers.contains(phone));
        only.map(|phone: &Phone| phone.national(after.country)).collect::<Vec<_>>()
    };
    lines.extend(only(after, before).into_iter().map(|phone| format!("own number: {phone} is one now")));
    lines.extend(only(before, after).into_iter().map(|phone| format!("own number: {phone} is none any more")));
    lines
}

/// What a change did to whoever has `what`.
pub fn reached(customers: &Reached, what: &str) -> String {
    if customers.by_task {
        return format!("at least {} have {what}; all are computed again", several(customers.holders, "customer"));
    }
    let have = if customers.holders == 1 { "has" } else { "have" };
    let mut text = format!("{} {have} {what}", several(customers.holders, "customer"));
    let counts = [
        (customers.created, "become customers of their own", "becomes a customer of its own"),
        (customers.joined, "are joined to others", "is joined to another"),
        (customers.changed, "change", "changes"),
    ];
    let words: Vec<String> = counts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, many, one)| format!("{} {}", several(number, "customer"), if number == 1 { one } else { many }))
        .collect();
    text.push_str(&if words.is_empty() { "; none changes".to_owned() } else { format!(": {}", words.join(", ")) });
    text
}
