//! `doorstep identity explain`

use doorstep_core::id::CustomerId;
use doorstep_core::identifier::IdentifierKind;
use doorstep_core::identity::explain::{how_much, how_sure, other_words, percent};
use doorstep_core::identity::side_by_side::{Agreed, Compared, Said, SideField};
use doorstep_core::linkage::Explanation;
use doorstep_engine::explain::{Behind, Brief, Explained, NOT_COMPARED, Reason, Side, Standing, Tied, Told};
use doorstep_store::decision::Stored;

use crate::command::customer::words;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{Column, Grid, one_line, several};

/// Which customers.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    /// A customer, under any id that it had.
    a: CustomerId,
    /// Another.
    b: Option<CustomerId>,
}

pub async fn run(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let explained = hub.engine.explain(&hub.scope, args.a, args.b).await?;
    if hub.out.json { hub.out.json(&explained) } else { hub.out.print(tell(hub, &explained).trim_end()) }
}

fn tell(hub: &Hub, told: &Explained) -> String {
    let mut text = head(hub, told);
    text.push_str(&fields(hub, told));
    for shared in &told.shared {
        text.push_str(&format!("{}\n", behind(hub, shared)));
    }
    if !told.is_compared && !told.pairs.is_empty() {
        text.push_str(&format!("\n{NOT_COMPARED}\n"));
    }
    for pair in &told.pairs {
        text.push_str(&evidence_of(hub, pair));
    }
    for link in &told.links {
        text.push_str(&tied(hub, link));
    }
    if told.would_change.is_empty() && told.because != Reason::OneRecord {
        text.push_str("\nNo single fact would change it.\n");
    } else if !told.would_change.is_empty() {
        text.push_str("\nIt would be otherwise if\n");
        for fact in &told.would_change {
            text.push_str(&format!("  {fact}\n"));
        }
    }
    let at = told.looked_at;
    if at.compared < at.of {
        text.push_str(&format!("\nOnly {} of {} are told.\n", at.compared, at.of));
    }
    if at.is_cut {
        text.push_str("\nSo much hangs together here that the people behind a number were not counted.\n");
    }
    if told.is_outdated {
        text.push_str("\nThe rules say otherwise by now: `doorstep rebuild` puts that right.\n");
    }
    text
}

fn head(hub: &Hub, told: &Explained) -> String {
    let (out, named) = (&hub.out, |side: &Side| format!("{} ({})", one_line(&side.display_name), side.customer));
    let standing = match told.standing {
        Standing::One => "One customer",
        Standing::Review => "Two customers, and a review asks whether they are one",
        Standing::Apart => "Two customers",
    };
    let mut text = format!("{}\n{}\n", out.bold(standing), told.in_words);
    if let Some(decision) = &told.decision {
        text.push_str(&format!("{}\n", decided(hub, decision)));
    }
    text.push_str(&format!("\n{}: {}\n", named(&told.a), several(told.a.records as u64, "record")));
    if let Some(b) = &told.b {
        text.push_str(&format!("{}: {}\n", named(b), several(b.records as u64, "record")));
    }
    if let Some(review) = told.review {
        text.push_str(&format!("{}\n", out.dim(&format!("doorstep review decide {review} merge|apart"))));
    }
    text
}

fn decided(hub: &Hub, decision: &Stored) -> String {
    let why = decision.reason.as_deref().map(|reason| format!(": {}", one_line(reason))).unwrap_or_default();
    format!("by {} on {}{why} ({})", one_line(&decision.actor.key()), hub.day(decision.decided_at), decision.id)
}

fn fields(hub: &Hub, told: &Explained) -> String {
    let columns = [Column::Whole, Column::Text, Column::Text, Column::Whole];
    let mut grid = Grid::text(&hub.out, &columns).indented(2);
    for row in &told.fields {
        let agreement = match row.agreement {
            Agreed::Same => "the same",
            Agreed::Fits => "may be one",
            Agreed::Differs => "different",
            Agreed::OneSided => "",
        };
        grid.fact(label(row), [values(hub, row.field, &row.a), values(hub, row.field, &row.b), agreement.to_owned()]);
    }
    format!("\n{}\n", grid.render().trim_end())
}

fn label(row: &Compared) -> &'static str {
    match row.field {
        SideField::Name => "name",
        SideField::Company => "company",
        SideField::Phone => "phone",
        SideField::Email => "e-mail",
        SideField::Address => "address",
    }
}

fn values(hub: &Hub, field: SideField, all: &[Said]) -> String {
    let shown = |value: &str| match field {
        SideField::Phone => words::phone(value, hub.tenant.country),
        _ => one_line(value),
    };
    all.iter().map(|said| shown(&said.value)).collect::<Vec<_>>().join("\n")
}

fn behind(hub: &Hub, shared: &Behind) -> String {
    let value = match shared.identifier.kind {
        IdentifierKind::Phone => words::phone(&shared.identifier.value, hub.tenant.country),
        IdentifierKind::Email | IdentifierKind::SourceKey | IdentifierKind::WebUser | IdentifierKind::NamePlace => {
            one_line(&shared.identifier.value)
        }
    };
    if let Some(why) = shared.counts.words() {
        return format!("Both have {value}, but {why}.");
    }
    let people = match shared.people {
        Some(people) if people > 1 => format!("; {people} people have it"),
        _ => String::new(),
    };
    let named: Vec<String> = shared.customers.iter().map(|one| one_line(&one.display_name)).collect();
    format!("Both have {value}{people}: {}.", named.join(", "))
}

fn evidence_of(hub: &Hub, pair: &Told) -> String {
    let between = format!("{} and {}", brief(hub, &pair.a), brief(hub, &pair.b));
    format!("\n{between}:\n{}", evidence(hub, &pair.explanation))
}

fn evidence(hub: &Hub, explanation: &Explanation) -> String {
    let share = percent(explanation.probability);
    let mut text = format!("  {} ({share}, {:+.1} bits)\n", how_sure(explanation.probability), explanation.bits);
    let mut grid = Grid::text(&hub.out, &[Column::Whole, Column::Text, Column::Whole, Column::Count]).indented(4);
    for piece in &explanation.pieces {
        grid.fact(piece.field, [piece.says.to_owned(), how_much(piece.bits).to_owned(), format!("{:+.1}", piece.bits)]);
    }
    let before = format!("against {}", other_words(explanation.other));
    grid.fact("beforehand", [before, how_much(explanation.before).to_owned(), format!("{:+.1}", explanation.before)]);
    text.push_str(&grid.render());
    text
}

fn tied(hub: &Hub, link: &Tied) -> String {
    let between = format!("\n{} and {}: ", brief(hub, &link.a), brief(hub, &link.b));
    match (link.by, &link.decision, &link.explanation) {
        (Reason::Decision, Some(decision), _) if link.a.is_edit || link.b.is_edit => {
            format!("{between}a person added it to the card, {}\n", decided(hub, decision))
        }
        (_, Some(decision), _) => format!("{between}somebody made one of them, {}\n", decided(hub, decision)),
        (_, None, Some(explanation)) => format!("{between}\n{}", evidence(hub, explanation)),
        _ => format!("{between}versions of one entry of one source\n"),
    }
}

/// `Ann Miller (phone history, 2024-03-01)`
fn brief(hub: &Hub, record: &Brief) -> String {
    let name = words::address(&one_line(&record.name), hub.tenant.country);
    format!("{name} ({}, {})", record.source.label(), hub.day(record.stored_at))
}
