//! `doorstep backup` and `doorstep restore`

use std::path::PathBuf;
use std::sync::Arc;

use doorstep_store::backup::{self, Summary};
use serde_json::{Map, json};

use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::hub::Program;
use crate::output::{Output, several};

/// Write everything into one file, while everything runs.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Write everything into one file, while everything runs.

One consistent state of all tenants, in one format for SQLite and PostgreSQL: a backup of the one can be restored into \
the other. A file of that name is only there once it is whole.")]
#[command(after_help = "Examples:\n  doorstep backup /mnt/backup/doorstep-$(date +%F).backup")]
pub struct BackupArgs {
    /// The file to write; there must be none of that name.
    file: PathBuf,
}

/// Bring a backup back.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Bring a backup back.

Into an empty data directory (or database); with --force in place of what is there. No other doorstep may run on it \
meanwhile.")]
#[command(after_help = "\
Examples:
  doorstep restore doorstep-2026-06-12.backup --data-dir /srv/doorstep
  doorstep restore doorstep-2026-06-12.backup --force")]
pub struct RestoreArgs {
    /// The backup.
    file: PathBuf,
    /// In place of what is there.
    #[arg(long)]
    force: bool,
}

pub async fn backup(args: &BackupArgs, program: &Program) -> Result<(), Failure> {
    let engine = program.open().await?;
    let written = backup::backup(&engine.db, &args.file).await;
    engine.db.close().await;
    tell(&program.out, &format!("{} is written", args.file.display()), &written?)
}

pub async fn restore(args: &RestoreArgs, program: &Program) -> Result<(), Failure> {
    let restored = backup::restore(&program.location(), &args.file, Arc::new(SystemClock), args.force).await?;
    tell(&program.out, &format!("{} is back", args.file.display()), &restored)
}

fn tell(out: &Output, what: &str, summary: &Summary) -> Result<(), Failure> {
    if out.json {
        let rows: Map<_, _> = summary.rows.iter().map(|(table, rows)| ((*table).to_owned(), json!(rows))).collect();
        return out.json(&json!({ "schema_version": summary.schema_version, "bytes": summary.bytes, "rows": rows }));
    }
    let of = |table, noun| several(summary.rows_of(table), noun);
    let megabytes = summary.bytes as f64 / 1e6;
    out.print(&format!(
        "{what}: {megabytes:.1} MB, {}, {}, {}, {}",
        of("tenant", "tenant"),
        of("customer", "customer"),
        of("message", "message"),
        of("call", "call")
    ))
}
