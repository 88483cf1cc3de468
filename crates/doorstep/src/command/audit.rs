//! `doorstep audit`

use clap::Subcommand;
use doorstep_core::audit::{Act, AuditEntry};
use doorstep_core::id::AuditEntryId;
use doorstep_store::audit::Filter;
use serde_json::Value;

use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, one_line};

/// Entries of one page.
const PAGE: i64 = 50;

/// Who did what, and when.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show entries, newest first.
    #[command(long_about = "\
Show entries, newest first.

Every act with consequences leaves one entry, together with what it changed: there is none without the other. Of failed \
sign-ins one a minute is kept for each person.")]
    #[command(after_help = "\
Examples:
  doorstep audit list --act customer.merged
  doorstep audit list --actor usr_01h455vb4pex5vsknk084sn02q
  doorstep audit list --actor operator:sam --json")]
    List {
        /// Those of one actor: a user's or key's id, `operator:NAME`, `visitor` or `worker`.
        #[arg(long)]
        actor: Option<String>,
        /// Those about one act: customer.merged, user.created, session.refused, …
        #[arg(long)]
        act: Option<Act>,
        /// How many.
        #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
        /// Those before this one.
        #[arg(long, value_name = "ID")]
        before: Option<AuditEntryId>,
    },
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::List { actor, act, limit, before } => {
            let filter = Filter { actor: actor.as_deref().map(actor_key), act, ..Filter::default() };
            let entries = hub.engine.audit_entries(&hub.scope, &filter, before, limit).await?;
            list(hub, &entries, limit)
        }
    };
    program.at_work(work).await
}

/// An id says of itself whose it is.
fn actor_key(text: &str) -> String {
    let text = text.trim();
    match text.split_once('_') {
        Some(("usr", _)) => format!("user:{text}"),
        Some(("key", _)) => format!("api_key:{text}"),
        Some(_) | None => text.to_owned(),
    }
}

fn list(hub: &Hub, entries: &[AuditEntry], limit: i64) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        return out.json(&entries);
    }
    if entries.is_empty() {
        out.note("no entry says that");
        return Ok(());
    }
    let mut grid = Grid::list(
        out,
        &[
            ("when", Column::Whole),
            ("who", Column::Text),
            ("what", Column::Whole),
            ("which", Column::Text),
            ("more", Column::SpareText),
        ],
    );
    for entry in entries {
        let fact = |(name, value): (&String, &Value)| match value {
            Value::String(text) => format!("{name} {text}"),
            other => format!("{name} {other}"),
        };
        let more: Vec<String> = entry.details.facts().iter().map(fact).collect();
        grid.row([
            hub.local(entry.at),
            one_line(&entry.actor.to_string()),
            entry.act.to_string(),
            entry.subject_id.as_deref().map(one_line).unwrap_or_default(),
            one_line(&more.join(", ")),
        ]);
    }
    out.print(&grid.render())?;
    if let Some(last) = entries.last().filter(|_| entries.len() as i64 == limit) {
        out.note(&format!("older: doorstep audit list --before {}", last.id));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_named_by_id_or_word() {
        for (text, key) in [
            ("usr_01", "user:usr_01"),
            ("key_01", "api_key:key_01"),
            ("operator:a_b", "operator:a_b"),
            ("worker", "worker"),
        ] {
            assert_eq!(actor_key(text), key);
        }
    }
}
