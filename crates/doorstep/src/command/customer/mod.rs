//! `doorstep customer`

pub mod card;
mod find;
mod list;
pub mod show;
pub mod words;

use clap::Subcommand;

use crate::failure::Failure;
use crate::hub::{Hub, Program};

/// Rows of one page.
pub const PAGE: i64 = 25;
/// Rows of the largest page that can be asked for.
pub const MAX_PAGE: i64 = 10_000;

/// Look customers up, find or create them.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show one: by phone number in any spelling, e-mail address, or id.
    #[command(long_about = "\
Show one: by phone number in any spelling, e-mail address, or id.

An id that was merged away still finds the customer. A number that several people share shows all of them, with what \
tells them apart.")]
    #[command(after_help = "\
Examples:
  doorstep customer show '(617) 555-1234'
  doorstep customer show ann@harbor.example --sources
  doorstep customer show cus_01h455vb4pex5vsknk084sn02q --messages 50")]
    Show(show::Args),
    /// Find customers by words of their name or company, by phone, or by e-mail address.
    #[command(after_help = "\
Each word may be the beginning of one: `smi` finds Smith and Smithson.

Examples:
  doorstep customer search smith
  doorstep customer search bob granite
  doorstep customer search 617-555-1234")]
    Search(list::SearchArgs),
    /// Show all, oldest first, a page at a time.
    #[command(after_help = "\
Examples:
  doorstep customer list --limit 100
  doorstep customer list --after cus_01h455vb4pex5vsknk084sn02q --json")]
    List(list::ListArgs),
    /// The customer with this phone or e-mail address; a new one if there is none.
    #[command(after_help = "\
Examples:
  doorstep customer find-or-create --phone '617 555 1234' --name 'Ann Miller'
  doorstep customer find-or-create --email ann@harbor.example --preview")]
    FindOrCreate(find::Args),
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match &args.action {
        Action::Show(args) => show::run(args, hub).await,
        Action::Search(args) => list::search(args, hub).await,
        Action::List(args) => list::list(args, hub).await,
        Action::FindOrCreate(args) => find::run(args, hub).await,
    };
    program.at_work(work).await
}
