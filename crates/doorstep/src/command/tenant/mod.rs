//! `doorstep tenant`

mod set;

pub use set::{reached, rebuild};

use clap::Subcommand;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Actor, Tenant};
use doorstep_core::time::Zone;
use doorstep_store::system::{self, NewTenant};

use crate::failure::Failure;
use crate::hub::Program;
use crate::output::{Column, Grid, Output, one_line};

/// The businesses that this installation serves.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a business.
    #[command(long_about = "\
Add a business.

Its time zone is how times without a zone are read, its country how numbers without a country code are read. Its own \
numbers tell which way a message went, and never identify a customer.")]
    #[command(after_help = "\
Examples:
  doorstep tenant create Ace --time-zone America/New_York --own-number +1617…
  doorstep tenant create 'Dee Heating' --time-zone Europe/London --country GB")]
    Create {
        /// What its people call it; unique.
        name: String,
        /// Its time zone: America/New_York, America/Denver, Europe/London, …
        #[arg(long, value_name = "ZONE")]
        time_zone: Zone,
        /// Its country, two letters.
        #[arg(long, default_value = "US")]
        country: Region,
        /// A number that it calls or texts from; give it once per number.
        #[arg(long = "own-number", value_name = "PHONE")]
        own_numbers: Vec<String>,
    },
    /// Change what a business is.
    #[command(long_about = "\
Change what a business is: its name, time zone, country, own numbers.

A number that becomes an own number joins no customers any more, and one that stops being one does: who hangs together \
by it is worked out again. Time zone, country and own numbers are how imports are read from now on; what is in stays as \
it was read, so that an archive imported before may come in again where it reads otherwise now.")]
    #[command(after_help = "\
Examples:
  doorstep tenant set Ace --add-own-number '+1 617 471 2001' --preview
  doorstep tenant set Ace --time-zone America/Chicago --rename 'Ace Plumbing'")]
    Set(set::Args),
    /// Show them.
    #[command(after_help = "Examples:\n  doorstep tenant list --json")]
    List,
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    match args.action {
        Action::Create { name, time_zone, country, own_numbers } => {
            let name = parse_name(&name)?;
            let own_numbers = parse_own(&own_numbers, country)?;
            let engine = program.open_or_create().await?;
            let actor = Actor::Operator(program.config.data.operator.clone());
            let new = NewTenant { name, time_zone, country, own_numbers };
            let created = engine.create_tenant(&actor, &new).await;
            engine.db.close().await;
            let tenant = created?;
            if program.out.json {
                return program.out.json(&tenant);
            }
            program.out.print(&format!("{} is tenant {}", tenant.name, tenant.id))?;
            program.out.note("next: doorstep import phone-history FILE.zip");
            Ok(())
        }
        Action::Set(args) => set::run(args, program).await,
        Action::List => {
            let engine = program.open().await?;
            let tenants = system::tenants(&engine.db).await?;
            engine.db.close().await;
            list(&program.out, &tenants)
        }
    }
}

fn parse_name(name: &str) -> Result<String, Failure> {
    let name = one_line(name);
    if name.is_empty() { Err(Failure::refused("the tenant's name is blank")) } else { Ok(name) }
}

fn parse_own(numbers: &[String], country: Region) -> Result<Vec<Phone>, Failure> {
    let parse = |text: &String| {
        Phone::parse(text, country).map_err(|error| {
            Failure::refused(format!("`{}` cannot be an own number: {error}", one_line(text)))
                .hint("write it with its country code, as in `+16174712000`")
        })
    };
    numbers.iter().map(parse).collect()
}

fn list(out: &Output, tenants: &[Tenant]) -> Result<(), Failure> {
    if out.json {
        return out.json(&tenants);
    }
    if tenants.is_empty() {
        out.note("there is no tenant yet: `doorstep tenant create NAME --time-zone America/New_York` makes one");
        return Ok(());
    }
    let mut grid = Grid::list(
        out,
        &[
            ("no", Column::Count),
            ("name", Column::Text),
            ("time zone", Column::Whole),
            ("country", Column::Whole),
            ("own numbers", Column::SpareText),
        ],
    );
    for tenant in tenants {
        let own: Vec<String> = tenant.own_numbers.iter().map(|phone| phone.national(tenant.country)).collect();
        let (zone, country) = (tenant.time_zone.to_string(), tenant.country.to_string());
        grid.row([tenant.id.to_string(), one_line(&tenant.name), zone, country, own.join(", ")]);
    }
    out.print(&grid.render())
}
