//! `doorstep review`

use clap::{Subcommand, ValueEnum};
use doorstep_core::customer::Customer;
use doorstep_core::id::ReviewId;
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::matching::Evidence;
use doorstep_engine::merge::Answer;
use doorstep_store::customer;
use doorstep_store::review::{self, Review};
use serde_json::json;

use super::customer::words;
use super::merge::tell;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, clean, one_line, several};

/// Reviews of one page.
const PAGE: i64 = 20;

/// Pairs of customers that may be one: a person decides.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(long_about = "\
Pairs of customers that may be one: a person decides.

They share a phone number or an e-mail address, but their names speak against one person: perhaps a household, perhaps \
a number that was handed on. Until somebody decides, they stay two.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show those that are open, oldest first.
    #[command(
        after_help = "Examples:\n  doorstep review list\n  doorstep review list --after rvw_01h455vb4pex5vsknk084sn02q"
    )]
    List {
        /// How many.
        #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
        /// Those after this one.
        #[arg(long, value_name = "ID")]
        after: Option<ReviewId>,
    },
    /// Say that the two are one customer, or two for ever.
    #[command(after_help = "\
Examples:
  doorstep review decide rvw_01h455vb4pex5vsknk084sn02q merge
  doorstep review decide rvw_01h455vb4pex5vsknk084sn02q apart")]
    Decide {
        /// Which review.
        id: ReviewId,
        /// One customer, or two.
        answer: Word,
        /// Why, for whoever asks later.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    /// They are one.
    Merge,
    /// They are two, for ever.
    Apart,
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::List { limit, after } => {
            let reviews = hub.engine.reviews(&hub.scope, after, limit).await?;
            list(hub, &reviews, limit).await
        }
        Action::Decide { id, answer, reason } => {
            let answer = match answer {
                Word::Merge => Answer::Merge,
                Word::Apart => Answer::Apart,
            };
            let decided = hub.engine.decide_review(&hub.scope, id, answer, reason.as_deref()).await?;
            tell(hub, &decided).await
        }
    };
    program.at_work(work).await
}

/// A review with both customers.
type Pair<'a> = (&'a Review, Customer, Customer);

async fn pairs<'a>(hub: &Hub, reviews: &'a [Review]) -> Result<Vec<Pair<'a>>, Failure> {
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let mut pairs = Vec::new();
    for review in reviews {
        let found = customer::get_many(&mut tx, &[review.a, review.b]).await?;
        let side = |id| found.iter().find(|put| put.customer.id == id).map(|put| &put.customer);
        if let (Some(a), Some(b)) = (side(review.a), side(review.b)) {
            pairs.push((review, a.clone(), b.clone()));
        }
    }
    Ok(pairs)
}

/// Prints reviews with both customers.
pub async fn print(hub: &Hub, reviews: &[Review]) -> Result<(), Failure> {
    for (review, a, b) in pairs(hub, reviews).await? {
        hub.out.print(&side_by_side(hub, review, &a, &b))?;
    }
    Ok(())
}

async fn list(hub: &Hub, reviews: &[Review], limit: i64) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        let row = |(review, a, b): &Pair<'_>| json!({ "id": review.id, "created_at": review.created_at, "evidence": review.evidence, "probability": review::share(review.score), "a": a, "b": b });
        return out.json(&pairs(hub, reviews).await?.iter().map(row).collect::<Vec<_>>());
    }
    if reviews.is_empty() {
        out.note("no pair is waiting for a decision");
        return Ok(());
    }
    print(hub, reviews).await?;
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let open = review::count(&mut tx).await?.unsigned_abs();
    let more = match reviews.last() {
        Some(last) if reviews.len() as i64 == limit => format!("; the next: doorstep review list --after {}", last.id),
        _ => String::new(),
    };
    out.note(&format!("{} open{more}", several(open, "review")));
    Ok(())
}

/// Both customers beside each other, with what speaks for and against.
fn side_by_side(hub: &Hub, review: &Review, a: &Customer, b: &Customer) -> String {
    let out = &hub.out;
    let evidence: Vec<String> = review.evidence.iter().map(|evidence| in_words(hub, evidence)).collect();
    let mut text = format!("{}  {}\n", out.bold(&review.id.to_string()), evidence.join("; "));
    let mut grid = Grid::text(out, &[Column::Whole, Column::Text, Column::Text]).indented(2);
    let mut fact = |label: &str, one: String, other: String| {
        if !(one.is_empty() && other.is_empty()) {
            grid.fact(label, [one, other]);
        }
    };
    fact("name", one_line(&a.display_name), one_line(&b.display_name));
    let company = |side: &Customer| side.company.as_deref().map(one_line).unwrap_or_default();
    fact("company", company(a), company(b));
    let of = |side: &Customer, kind| words::identifiers(side, kind, hub.tenant.country).join("\n");
    fact("phone", of(a, IdentifierKind::Phone), of(b, IdentifierKind::Phone));
    fact("e-mail", of(a, IdentifierKind::Email), of(b, IdentifierKind::Email));
    let notes = |side: &Customer| words::shortened(&one_line(side.notes.as_deref().unwrap_or_default()));
    fact("notes", notes(a), notes(b));
    fact("since", hub.day(a.first_seen_at), hub.day(b.first_seen_at));
    fact("id", a.id.to_string(), b.id.to_string());
    text.push_str(&grid.render());
    text.push_str(&format!("  {}\n\n", out.dim(&format!("doorstep review decide {} merge|apart", review.id))));
    text
}

/// "both have (617) 555-1234, but different names"
fn in_words(hub: &Hub, evidence: &Evidence) -> String {
    let value = match evidence.kind {
        IdentifierKind::Phone => words::phone(&evidence.value, hub.tenant.country),
        IdentifierKind::Email | IdentifierKind::NamePlace => clean(&evidence.value),
        IdentifierKind::SourceKey => "the same entry of one source".to_owned(),
        IdentifierKind::WebUser => "the same user of the website".to_owned(),
    };
    format!("both have {value}, and {}", evidence.names)
}
