//! `doorstep import`

mod apply;
mod list;
mod plan;
mod prune;
pub mod report;
pub mod stopwatch;
mod undo;
mod watch;

pub use apply::start;
pub use plan::plan;

use clap::Subcommand;
use doorstep_core::id::ImportId;

use crate::failure::Failure;
use crate::hub::{Hub, Program};

/// Phone history: dry run, apply, list, show, undo.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(long_about = "\
Phone history: dry run, apply, list, show, undo.

An import is a plan first: what every row would come to, and why rows would not go in. A plan is applied exactly as \
shown, or not at all. An applied import can be undone, as long as nothing later stands on it.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read an archive and say what it would bring; with --apply, bring it.
    #[command(long_about = "\
Read an archive and say what it would bring; with --apply, bring it.

The archive is a ZIP with contacts.csv, conversations.csv, messages.csv, calls.csv and manifest.json, as phone systems \
export it; any of them may be missing. Columns are known by many names; --alias adds one. Without --apply nothing is \
written but the plan itself.")]
    #[command(after_help = "\
Examples:
  doorstep import phone-history export.zip
  doorstep import phone-history export.zip --apply --notes 'the old office'
  doorstep import phone-history export.zip --alias messages.body='They wrote'
  doorstep import phone-history export.zip --json | jq .summary

Exits with 2 if the archive is refused as a whole; rows that cannot go in are listed with line and reason.")]
    PhoneHistory(plan::Args),
    /// Apply a plan, exactly as it was shown.
    #[command(long_about = "\
Apply a plan, exactly as it was shown.

If customers have changed since the plan was made so that it would come to something else, nothing is written, and the \
new plan is shown instead (exit code 1).")]
    #[command(after_help = "Examples:\n  doorstep import apply imp_01h455vb4pex5vsknk084sn02q")]
    Apply {
        /// The plan.
        id: ImportId,
    },
    /// Show imports, newest first.
    #[command(after_help = "Examples:\n  doorstep import list\n  doorstep import list --json | jq .[0].id")]
    List(list::Args),
    /// Show one import: what it brought, how columns were read, what did not go in.
    #[command(after_help = "\
Examples:
  doorstep import show imp_01h455vb4pex5vsknk084sn02q
  doorstep import show imp_01h455vb4pex5vsknk084sn02q --problems 500")]
    Show {
        /// Which.
        id: ImportId,
        /// How many problems to list.
        #[arg(long, value_name = "N", default_value_t = report::PROBLEMS_SHOWN)]
        problems: usize,
    },
    /// Take out again what an import brought.
    #[command(long_about = "\
Take out again what an import brought.

Customers that nothing else knows go, others become what they were. Decisions that people made stay. Asks first on a \
terminal.")]
    #[command(after_help = "Examples:\n  doorstep import undo imp_01h455vb4pex5vsknk084sn02q --yes")]
    Undo {
        /// Which.
        id: ImportId,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Remove the archives of plans that nobody applied.
    #[command(long_about = "\
Remove the archives of plans that nobody applied.

A plan keeps a copy of its archive until it is applied. This removes those of plans older than `import.keep_plans` (14 \
days unless said otherwise), or than --older-than; the plans stay listed as expired. Making a new plan does the same by \
itself. Imports under way and imports that are in are left alone.")]
    #[command(after_help = "\
Examples:
  doorstep import prune
  doorstep import prune --older-than 36h")]
    Prune(prune::Args),
    /// Go on with an import that stopped half-way.
    #[command(after_help = "Examples:\n  doorstep import resume imp_01h455vb4pex5vsknk084sn02q")]
    Resume {
        /// Which.
        id: ImportId,
    },
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::PhoneHistory(args) => plan::run(args, program, hub).await,
        Action::Apply { id } => apply::run(id, program, hub).await,
        Action::List(args) => list::run(&args, hub).await,
        Action::Show { id, problems } => list::show(id, problems, hub).await,
        Action::Undo { id, yes } => undo::run(id, yes, program, hub).await,
        Action::Prune(args) => prune::run(&args, hub).await,
        Action::Resume { id } => apply::resume(id, program, hub).await,
    };
    program.at_work(work).await
}
