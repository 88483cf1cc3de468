//! `doorstep identity resolve`

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use doorstep_core::changeover::{State, Summary};
use doorstep_core::id::CustomerId;
use doorstep_engine::changeover::Shown;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;

use super::rules::tell_rates;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Bar, Output, count, one_line, several};
use crate::stop::Stop;

/// Time between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Resolve all customers by another version of the rules.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").args(["preview", "apply"]).required(true)))]
pub struct Args {
    /// Say what would change, and change nothing.
    #[arg(long)]
    preview: bool,
    /// Change exactly what was said last, or nothing.
    #[arg(long)]
    apply: bool,
    /// Which version; the newest to look at, and the one that was looked at last to apply, unless said otherwise.
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

pub async fn run(args: &Args, program: &Program) -> Result<(), Failure> {
    program
        .at_work(
            async |hub: &Hub| if args.preview { preview(args, hub).await } else { apply(args, hub, program).await },
        )
        .await
}

async fn preview(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let newest = async || {
        let rules = hub.engine.rule_sets(&hub.scope).await?;
        Ok::<_, Failure>(rules.versions.first().map_or(rules.in_force, |newest| newest.version))
    };
    let version = match args.version {
        Some(version) => version,
        None => newest().await?,
    };
    let bar = Bar::new(&hub.out, "Looking", "records");
    let looked = hub.engine.preview_rules(&hub.scope, version, |done, all| bar.at(done, all)).await?;
    drop(bar);
    tell(&looked, &hub.out)?;
    hub.out
        .remark(&format!("\nNothing has changed. `doorstep identity resolve --apply --version {version}` does that."));
    Ok(())
}

async fn apply(args: &Args, hub: &Hub, program: &Program) -> Result<(), Failure> {
    let stored = hub.engine.changeover(&hub.scope).await?.map(|shown| shown.changeover);
    let Some(stored) = stored else {
        return Err(Failure::refused("nothing was looked at yet, so there is nothing to apply")
            .hint("`doorstep identity resolve --preview` says what the newest version of the rules would change"));
    };
    let version = args.version.unwrap_or(stored.version);
    let digest = stored.digest.unwrap_or_default();
    match stored.state {
        // It stopped half-way: whoever asks again lets it go on.
        State::Checking | State::Applying if stored.version == version => {
            hub.engine.resume_changeover(&hub.scope).await?;
        }
        State::Previewing | State::Previewed | State::Checking | State::Applying | State::Applied => {
            hub.engine.apply_rules(&hub.scope, version, &digest).await?;
        }
    }
    followed(hub, program, version).await?;
    let Some(shown) = hub.engine.changeover(&hub.scope).await? else { return Ok(()) };
    if shown.changeover.state == State::Previewed {
        tell(&shown, &hub.out)?;
        return Err(Failure::refused("other things would change by now than were looked at: nothing was changed")
            .hint(format!("this is what would; `doorstep identity resolve --apply --version {version}` does it")));
    }
    if hub.out.json {
        return hub.out.json(&shown);
    }
    let records = several(shown.changeover.records_done, "record");
    hub.out.print(&format!(
        "version {version} of the rules is in force, and all customers stand on it: {records} looked at"
    ))
}

enum End {
    There,
    Parked(String),
    Stopped,
    Broken(Failure),
}

/// Runs tasks until all customers have followed.
async fn followed(hub: &Hub, program: &Program, version: i64) -> Result<(), Failure> {
    let lease = Duration::from_secs(program.config.worker.lease_seconds);
    let worker = Worker::new(hub.engine.clone(), Tasks).with_lease(lease);
    let end = Mutex::new(End::Stopped);
    let told = Stop::listen()?;
    let stop = async {
        let ended = tokio::select! {
            ended = watched(hub) => ended.unwrap_or_else(End::Broken),
            () = told.told() => End::Stopped,
        };
        *end.lock().unwrap_or_else(PoisonError::into_inner) = ended;
    };
    worker.run_until(stop).await?;
    let goes_on =
        format!("`doorstep identity resolve --apply --version {version}` goes on; so does any running server");
    match end.into_inner().unwrap_or_else(PoisonError::into_inner) {
        End::There => Ok(()),
        End::Broken(failure) => Err(failure),
        End::Parked(reason) => {
            let text = format!("version {version} is in force, but not all customers have followed: {reason}");
            Err(Failure::failed(text).hint(goes_on))
        }
        End::Stopped => {
            Err(Failure::failed(format!("stopped; customers are half-way to version {version}")).hint(goes_on))
        }
    }
}

async fn watched(hub: &Hub) -> Result<End, Failure> {
    let bar = Bar::new(&hub.out, "Resolving", "records");
    loop {
        let Some(shown) = hub.engine.changeover(&hub.scope).await? else { return Ok(End::There) };
        bar.at(shown.changeover.records_done, shown.changeover.records_total);
        if matches!(shown.changeover.state, State::Applied | State::Previewed) {
            return Ok(End::There);
        }
        if let Some(reason) = shown.stopped {
            return Ok(End::Parked(reason));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn tell(looked: &Shown, out: &Output) -> Result<(), Failure> {
    let Some(summary) = &looked.changeover.summary else { return Ok(()) };
    if out.json {
        return out.json(looked);
    }
    let (version, from) = (looked.changeover.version, looked.changeover.from_version);
    let mut text = format!("Version {version} of the rules, compared with version {from}, which is in force\n\n");
    text.push_str(&format!(
        "  {} of {}: {} now, {} then\n",
        several(summary.records_moved, "record"),
        count(summary.records),
        several(summary.customers_before, "customer"),
        count(summary.customers_after),
    ));
    text.push_str(&format!(
        "  {}, {}; {} opened, {} closed\n",
        several(summary.merges, "merge"),
        several(summary.splits, "split"),
        several(summary.reviews_opened, "review"),
        count(summary.reviews_closed),
    ));
    text.push_str(&examples(looked, summary));
    out.print(&text)?;
    out.print("\nThe errors to be expected with its weights\n")?;
    tell_rates(&summary.rates, None, out)
}

fn examples(looked: &Shown, summary: &Summary) -> String {
    let named = |id: &CustomerId| {
        let name = looked.names.get(id).map(|name| one_line(name)).unwrap_or_default();
        format!("    {id}  {name}\n")
    };
    let mut text = String::new();
    for merge in &summary.example_merges {
        text.push_str("\n  become one\n");
        merge.customers.iter().for_each(|id| text.push_str(&named(id)));
    }
    for split in &summary.example_splits {
        text.push_str("\n  becomes several\n");
        split.becomes.iter().for_each(|id| text.push_str(&named(id)));
    }
    let left = (summary.merges + summary.splits)
        .saturating_sub((summary.example_merges.len() + summary.example_splits.len()) as u64);
    if left > 0 {
        text.push_str(&format!("\n  and {} more\n", count(left)));
    }
    text
}
