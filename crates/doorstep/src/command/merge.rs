//! `doorstep merge` and `doorstep unmerge`

use doorstep_core::id::CustomerId;
use doorstep_engine::customer::Lookup;
use doorstep_engine::merge::Decided;

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::one_line;

/// Make one customer of two.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Make one customer of two.

Which is named first does not matter: of each field the better value stays, and the older id. The other id keeps \
working, and `doorstep unmerge` takes it back.")]
#[command(after_help = "\
Examples:
  doorstep merge cus_01h455vb4pex5vsknk084sn02q cus_01h455vb4pex5vsknk084sn0a7")]
pub struct MergeArgs {
    /// One customer.
    a: CustomerId,
    /// The other.
    b: CustomerId,
    /// Why, for whoever asks later.
    #[arg(long)]
    reason: Option<String>,
}

/// Give back a customer that was joined to another.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Give back a customer that was joined to another.

Takes the id that went away. If a person had merged the two, that is taken back; if a rule had, they are kept apart \
from now on.")]
#[command(after_help = "Examples:\n  doorstep unmerge cus_01h455vb4pex5vsknk084sn0a7 --reason 'brothers'")]
pub struct UnmergeArgs {
    /// The customer that was joined to an older one.
    id: CustomerId,
    /// Why, for whoever asks later.
    #[arg(long)]
    reason: Option<String>,
}

pub async fn merge(args: MergeArgs, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| {
        let decided = hub.engine.merge(&hub.scope, args.a, args.b, args.reason.as_deref()).await?;
        tell(hub, &decided).await
    };
    program.at_work(work).await
}

pub async fn unmerge(args: UnmergeArgs, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| {
        let decided = hub.engine.unmerge(&hub.scope, args.id, args.reason.as_deref()).await?;
        tell(hub, &decided).await
    };
    program.at_work(work).await
}

/// Says what a decision came to.
pub async fn tell(hub: &Hub, decided: &Decided) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        return out.json(decided);
    }
    let a = name_of(hub, decided.a).await?;
    out.print(&if decided.a == decided.b {
        format!("one customer now: {a} ({})", decided.a)
    } else {
        format!("two customers: {a} ({}) and {} ({})", decided.a, name_of(hub, decided.b).await?, decided.b)
    })
}

async fn name_of(hub: &Hub, id: CustomerId) -> Result<String, Failure> {
    Ok(match hub.engine.look_up(&hub.scope, id).await? {
        Lookup::Customer { customer, .. } => one_line(&customer.display_name),
        Lookup::TakenOut(_) | Lookup::Unknown => "nobody".to_owned(),
    })
}
