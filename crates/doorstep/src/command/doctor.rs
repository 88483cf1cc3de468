//! `doorstep doctor`

use doorstep_store::doctor;
use serde_json::json;

use crate::failure::Failure;
use crate::hub::Program;
use crate::output::{Column, Grid, one_line, several};

/// Look at the installation as a whole and say what is wrong.
#[derive(Debug, clap::Args)]
#[command(long_about = "\
Look at the installation as a whole and say what is wrong.

Changes nothing. On SQLite it reads the whole file, which takes a while on a large one. Exits with 1 if something is to \
be done.")]
#[command(after_help = "Examples:\n  doorstep doctor\n  doorstep doctor --json | jq '.[] | select(.ok | not)'")]
pub struct Args {}

pub async fn run(_: &Args, program: &Program) -> Result<(), Failure> {
    let engine = program.open().await?;
    let findings = doctor::check(&engine.db).await;
    engine.db.close().await;
    let findings = findings?;
    let out = &program.out;
    let wrong = findings.iter().filter(|finding| !finding.ok).count() as u64;
    if out.json {
        let row = |finding: &doctor::Finding| json!({ "name": finding.name, "ok": finding.ok, "detail": finding.detail, "advice": finding.advice });
        out.json(&findings.iter().map(row).collect::<Vec<_>>())?;
        return if wrong == 0 { Ok(()) } else { Err(Failure::told()) };
    }
    let mut grid = Grid::text(out, &[Column::Whole, Column::Whole, Column::Text]);
    for finding in &findings {
        let mark = if finding.ok { "ok" } else { "WRONG" };
        let mut detail = one_line(&finding.detail);
        if let Some(advice) = &finding.advice {
            detail.push_str(&format!("\n{}", one_line(advice)));
        }
        grid.row([mark, finding.name, &detail]);
    }
    out.print(&grid.render())?;
    if wrong == 0 { Ok(()) } else { Err(Failure::failed(format!("{} to put right", several(wrong, "thing")))) }
}
