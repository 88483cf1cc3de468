//! `doorstep import prune`

use std::time::Duration;

use doorstep_core::time::parse_length;

use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{count, several};

/// How old.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Plans older than this: 14d, 36h, or a number of days; import.keep_plans unless given.
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<Duration>,
}

fn age(text: &str) -> Result<Duration, String> {
    parse_length(text).ok_or_else(|| "give a length of time like `14d` or `36h`, or a number of days".to_owned())
}

pub async fn run(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let keep = args.older_than.unwrap_or(hub.engine.keep_plans);
    let pruned = hub.engine.prune_plans(&hub.scope, keep).await?;
    if hub.out.json {
        return hub.out.json(&pruned);
    }
    if pruned.plans.is_empty() && pruned.leftovers == 0 {
        return hub.out.print("no plan is so old");
    }
    let mut text = String::new();
    for id in &pruned.plans {
        text.push_str(&format!("{id} is expired\n"));
    }
    if pruned.leftovers > 0 {
        text.push_str(&format!("{} that nobody needs any more removed\n", several(pruned.leftovers, "archive")));
    }
    text.push_str(&format!("{} bytes freed\n", count(pruned.bytes)));
    hub.out.print(&text)
}
