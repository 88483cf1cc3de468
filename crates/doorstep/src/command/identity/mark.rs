//! `doorstep identity mark`, `marks` and `unmark`

use clap::ValueEnum;
use doorstep_core::email::Email;
use doorstep_core::id::MarkId;
use doorstep_core::identifier::Identifier;
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::Phone;
use doorstep_core::position::{Position, Way};
use doorstep_engine::mark::Marked;
use doorstep_store::mark::Stored;

use crate::command::customer::words;
use crate::command::tenant::{reached, rebuild};
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, one_line};

/// Marks of one page.
const PAGE: i64 = 50;

/// What is said of what.
#[derive(Debug, clap::Args)]
pub struct MarkArgs {
    /// A phone number in any spelling, or an e-mail address.
    #[arg(value_name = "PHONE|EMAIL")]
    what: String,
    /// What it is.
    verdict: Word,
    /// Why, for whoever asks later.
    #[arg(long)]
    reason: Option<String>,
}

/// Which marks are shown.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// How many.
    #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=200))]
    limit: i64,
    /// Those before this one.
    #[arg(long, value_name = "ID")]
    before: Option<MarkId>,
}

/// Which mark is taken back.
#[derive(Debug, clap::Args)]
pub struct UnmarkArgs {
    /// The mark.
    id: MarkId,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    /// Several people are reached by it, as an office line: it joins nobody.
    Shared,
    /// Filled in for want of one: it identifies nobody.
    Placeholder,
    /// The business' own: it identifies nobody.
    Mine,
}

pub async fn mark(args: MarkArgs, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| {
        let verdict = match args.verdict {
            Word::Shared => Verdict::Shared,
            Word::Placeholder => Verdict::Placeholder,
            Word::Mine => Verdict::Mine,
        };
        let wanted = IdentifierMark { identifier: identifier(hub, args.what.trim())?, verdict };
        let marked = hub.engine.mark_identifier(&hub.scope, &wanted, args.reason.as_deref()).await?;
        tell(hub, program, &marked).await
    };
    program.at_work(work).await
}

pub async fn unmark(args: UnmarkArgs, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| {
        let marked = hub.engine.retract_mark(&hub.scope, args.id).await?;
        tell(hub, program, &marked).await
    };
    program.at_work(work).await
}

pub async fn list(args: ListArgs, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| {
        let position = args.before.map(|before| Position::new("marks", Way::Forward, &before));
        let page = hub.engine.marks(&hub.scope, position.as_ref(), args.limit).await?;
        show(hub, &page.rows, page.next.is_some())
    };
    program.at_work(work).await
}

fn identifier(hub: &Hub, what: &str) -> Result<Identifier, Failure> {
    let wrong = |error: String| Failure::refused(format!("`{}` cannot be marked: {error}", one_line(what)));
    if what.contains('@') {
        return Email::parse(what).map(|email| Identifier::from(&email)).map_err(|error| wrong(error.to_string()));
    }
    Phone::parse(what, hub.tenant.country)
        .map(|phone| Identifier::from(&phone))
        .map_err(|error| wrong(error.to_string()))
}

async fn tell(hub: &Hub, program: &Program, marked: &Marked) -> Result<(), Failure> {
    if marked.customers.by_task {
        rebuild(hub, program, "the mark is stored").await?;
    }
    if hub.out.json {
        return hub.out.json(marked);
    }
    let shown = words::address(&marked.mark.identifier.value, hub.tenant.country);
    let said = match marked.mark.retracted_at {
        None => format!("{shown} is marked as {} ({})", marked.mark.verdict, marked.mark.id),
        Some(_) => format!("{shown} is not marked as {} any more", marked.mark.verdict),
    };
    hub.out.print(&format!("{said}\n{}\n", reached(&marked.customers, "it")))
}

fn show(hub: &Hub, marks: &[Stored], has_more: bool) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        return out.json(&marks);
    }
    if marks.is_empty() {
        out.note("nothing is marked: `doorstep identity mark PHONE shared` says that several people have a number");
        return Ok(());
    }
    let columns = [
        ("id", Column::Whole),
        ("what", Column::Whole),
        ("is", Column::Whole),
        ("state", Column::Whole),
        ("why", Column::SpareText),
        ("by", Column::SpareText),
    ];
    let mut grid = Grid::list(out, &columns);
    for mark in marks {
        let what = words::address(&mark.identifier.value, hub.tenant.country);
        let state = mark
            .retracted_at
            .map_or_else(|| format!("since {}", hub.day(mark.marked_at)), |at| format!("taken back {}", hub.day(at)));
        let why = mark.reason.as_deref().map(one_line).unwrap_or_default();
        let by = one_line(&mark.actor.to_string());
        grid.row([mark.id.to_string(), what, mark.verdict.to_string(), state, why, by]);
    }
    out.print(&grid.render())?;
    if let Some(last) = marks.last().filter(|_| has_more) {
        out.note(&format!("the next: doorstep identity marks --before {}", last.id));
    }
    Ok(())
}
