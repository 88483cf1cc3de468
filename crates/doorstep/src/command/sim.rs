//! `doorstep sim`: a made-up ServiceTitan, to connect to without having one.

use std::sync::Arc;

use doorstep_core::Clock as _;
use doorstep_sim::{Clock, Credentials, Options, Sim, Size, Stamp};
use serde_json::json;

use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::hub::Program;
use crate::output::Output;
use crate::stop::Stop;

/// Customers without being asked for a number: what a business of ten people has.
const CUSTOMERS: u32 = 2_000;
/// Customers at most: more do not fit into the memory of a usual machine.
const MAX_CUSTOMERS: i64 = 1_000_000;
/// Changes a minute at most: a hundred a second.
const MAX_CHANGES: i64 = 6_000;

/// What it is, in a paragraph.
pub const LONG_ABOUT: &str = "\
A made-up ServiceTitan, for trials and for writing integrations.

Answers over HTTP as ServiceTitan's API does: tokens, lists, export feeds, notes and tags, for a business that is made \
of a seed: customers, their phones and houses, jobs, technicians, memberships and equipment. Its clock follows this \
machine's, and things change as in an office. Through /_control it can be edited, broken and looked into. Nothing is \
stored: all of it is gone at the end (Ctrl-C).";

/// A made-up ServiceTitan, for trials and for writing integrations.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  doorstep sim
  doorstep sim --customers 100000 --seed 7 --changes-per-minute 0
  doorstep sim --listen 127.0.0.1:7900 --json")]
pub struct Args {
    /// Where to listen; port 0 is any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    /// How many customers; each has three jobs.
    #[arg(long, value_name = "N", default_value_t = CUSTOMERS, value_parser = clap::value_parser!(u32).range(1..=MAX_CUSTOMERS))]
    customers: u32,
    /// Another seed, other people.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many businesses, each with credentials of its own.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=20))]
    tenants: u8,
    /// How many things change in a minute.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=MAX_CHANGES))]
    changes_per_minute: u32,
    /// Whether more than 60 requests a second are refused, as ServiceTitan does.
    #[arg(long, value_name = "on|off", default_value = "on", value_enum, hide_possible_values = true)]
    rate_limit: Switch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    /// They are.
    On,
    /// They are not.
    Off,
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let now = || Stamp::from_micros(SystemClock.now().micros());
    let options = Options {
        seed: args.seed,
        size: Size::of(args.customers),
        tenants: usize::from(args.tenants),
        clock: Clock::following(Arc::new(now)),
        listen: args.listen.clone(),
        is_limited: args.rate_limit == Switch::On,
        changes_per_minute: args.changes_per_minute,
    };
    let sim = Sim::start(options).await.map_err(|error| {
        Failure::failed(format!("the sim cannot listen at `{}`: {error}", args.listen))
            .hint("`--listen ADDRESS` names another place; port 0 is any that is free")
    })?;
    introduce(&sim, &program.out)?;
    program.out.remark("Ctrl-C ends it, and everything in it is gone");
    stop.told().await;
    Ok(())
}

/// Says how to come in.
fn introduce(sim: &Sim, out: &Output) -> Result<(), Failure> {
    let tenants: Vec<(i64, String, Credentials)> = sim
        .world(|world| world.tenants().iter().map(|it| (it.number, it.name.clone(), it.credentials.clone())).collect());
    let url = sim.base_url();
    if out.json {
        let shape = |(number, name, it): &(i64, String, Credentials)| {
            json!({
                "tenant": number,
                "name": name,
                "app_key": it.app_key,
                "client_id": it.client_id,
                "client_secret": it.client_secret,
            })
        };
        return out.json(&json!({ "url": url, "tenants": tenants.iter().map(shape).collect::<Vec<_>>() }));
    }
    out.print(&format!("A made-up ServiceTitan is at {url}"))?;
    for (number, name, it) in &tenants {
        out.print(&format!(
            "\n{name}\n  tenant         {number}\n  app key        {}\n  client id      {}\n  client secret  {}",
            it.app_key, it.client_id, it.client_secret
        ))?;
    }
    let Some((number, _, it)) = tenants.first() else { return Ok(()) };
    out.print(&format!(
        "\nTry:\n  curl -s {url}/connect/token -d grant_type=client_credentials -d client_id={} -d client_secret={}\n  \
         curl -s '{url}/crm/v2/tenant/{number}/customers?pageSize=3' -H 'ST-App-Key: {}' -H 'Authorization: Bearer TOKEN'\n  \
         curl -s {url}/_control/counts",
        it.client_id, it.client_secret, it.app_key
    ))
}
