//! `doorstep identity cluster`

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Read as _};
use std::path::{Path, PathBuf};

use doorstep_core::linkage::{Explanation, Story, Weights};
use doorstep_core::phone::Region;
use doorstep_engine::contact_file::{self, LinkedFile, Pair};
use serde_json::json;

use crate::demo::archive::csv::Table;
use crate::failure::Failure;
use crate::output::{Bar, Output, count, one_line, several};

/// The largest file of weights.
const MAX_RULES_BYTES: u64 = 1 << 20;

/// Who is who in a CSV file: reads it, writes which records are one customer, and stores nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The records.
    #[arg(value_name = "RECORDS.csv")]
    records: PathBuf,
    /// Where to write record_id,customer_id.
    #[arg(long, value_name = "CLUSTERS.csv")]
    out: PathBuf,
    /// Where to write the pairs of customers that a person should look at.
    #[arg(long, value_name = "REVIEW.csv")]
    review: Option<PathBuf>,
    /// Write the evidence for every link, too; beside the customers where no file is named.
    #[arg(long, value_name = "EVIDENCE.csv", num_args = 0..=1, default_missing_value = "")]
    explain: Option<String>,
    /// Go by the weights in this file, as `doorstep identity train` writes it, instead of those that are shipped.
    #[arg(long, value_name = "RULES.json")]
    rules: Option<PathBuf>,
    /// The country of numbers that do not say theirs, as two letters.
    #[arg(long, value_name = "COUNTRY", default_value = "US")]
    country: Region,
}

pub fn run(args: &Args, out: &Output) -> Result<(), Failure> {
    let explain = args.explain.as_deref().map(|path| evidence_path(path, &args.out));
    let read = [Some(&args.records), args.rules.as_ref()];
    each_its_own(&[&read[..], &[Some(&args.out), args.review.as_ref(), explain.as_ref()]].concat())?;
    let bar = Bar::new(out, "Reading the records", "rows");
    let weights = weights(args.rules.as_deref())?;
    let contacts = contact_file::read(&args.records, args.country, |rows| bar.at(rows, rows));
    let linked = contacts.map_err(|error| unfit(&args.records, &error))?.link(weights);
    drop(bar);
    write(&args.out, &["record_id", "customer_id"], |table| {
        for (record, customer) in linked.customers() {
            table.field(record);
            table.field(customer);
            table.end_row()?;
        }
        Ok(())
    })?;
    if let Some(path) = &args.review {
        write(
            path,
            &["record_a", "record_b", "customer_a", "customer_b", "probability", "why", "evidence", "would_change"],
            |table| linked.each_doubt(|pair| review(table, &pair)),
        )?;
    }
    if let Some(path) = &explain {
        write(path, &["record_a", "record_b", "customer", "probability", "bits", "evidence"], |table| {
            linked.each_link(|pair| link(table, &pair))
        })?;
    }
    tell(args, &linked, explain.as_deref(), out)
}

fn tell(args: &Args, linked: &LinkedFile, explain: Option<&Path>, out: &Output) -> Result<(), Failure> {
    let records = linked.customers().count();
    let (customers, doubtful) = (linked.count(), linked.doubtful());
    if out.json {
        return out.json(&json!({ "records": records, "customers": customers, "review": doubtful }));
    }
    let shown = |path: &Path| one_line(&path.display().to_string());
    let mut text = format!(
        "{} are {}: {}\n",
        several(records as u64, "record"),
        several(customers as u64, "customer"),
        shown(&args.out)
    );
    text.push_str(&match &args.review {
        Some(path) => format!("{} of customers to look at: {}\n", several(doubtful as u64, "pair"), shown(path)),
        None => format!("{} pairs of customers to look at (`--review FILE` writes them)\n", count(doubtful as u64)),
    });
    if let Some(path) = explain {
        text.push_str(&format!("why they are: {}\n", shown(path)));
    }
    out.print(text.trim_end())
}

/// Refuses two files in one place: the second would be written over the first, and the records over with it.
pub(super) fn each_its_own(paths: &[Option<&PathBuf>]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for path in paths.iter().flatten() {
        // One that is not there yet is where it is named.
        let place = std::fs::canonicalize(path).unwrap_or_else(|_| (*path).clone());
        if !seen.insert(place) {
            let shown = one_line(&path.display().to_string());
            return Err(Failure::refused(format!("`{shown}` is named twice: it would be written over"))
                .hint("give the records and each result a file of their own"));
        }
    }
    Ok(())
}

pub(super) fn unfit(path: &Path, error: &contact_file::Error) -> Failure {
    Failure::refused(format!("`{}`: {error}", one_line(&path.display().to_string())))
}

/// The weights of a file; those that are shipped if there is none.
pub(super) fn weights(path: Option<&Path>) -> Result<Weights, Failure> {
    let Some(path) = path else { return Ok(Weights::default()) };
    let shown = one_line(&path.display().to_string());
    let text = read_small(path)?;
    serde_json::from_str(&text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Failure::refused(format!("`{shown}` holds no weights that this version of doorstep knows ({place})"))
            .hint("`doorstep identity train --file RECORDS.csv --out RULES.json` writes such a file")
    })
}

/// A file of weights is some kilobytes; whatever is named is read no further than that.
fn read_small(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_RULES_BYTES).read_to_string(&mut text));
    let shown = one_line(&path.display().to_string());
    read.map_err(|error| Failure::refused(format!("`{shown}` cannot be read: {error}")))?;
    Ok(text)
}

/// `CLUSTERS.csv` → `CLUSTERS.evidence.csv`, unless a file is named.
fn evidence_path(named: &str, out: &Path) -> PathBuf {
    if named.is_empty() { out.with_extension("evidence.csv") } else { PathBuf::from(named) }
}

fn write(
    path: &Path,
    header: &[&str],
    rows: impl FnOnce(&mut Table<BufWriter<File>>) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = (|| {
        let mut table = Table::new(BufWriter::new(File::create(path)?), header)?;
        rows(&mut table)?;
        table.finish()
    })();
    written.map_err(|error| {
        Failure::failed(format!("`{}` cannot be written: {error}", one_line(&path.display().to_string())))
    })
}

fn review(table: &mut Table<BufWriter<File>>, pair: &Pair<'_>) -> io::Result<()> {
    let explanation = &pair.explanation;
    for text in [pair.a, pair.b, pair.customer_a, pair.customer_b] {
        table.field(text);
    }
    table.field(&format!("{:.3}", explanation.probability));
    table.field(pair.why.unwrap_or_default());
    table.field(&evidence(explanation));
    table.field(&explanation.would_change.join("; "));
    table.end_row()
}

fn link(table: &mut Table<BufWriter<File>>, pair: &Pair<'_>) -> io::Result<()> {
    for text in [pair.a, pair.b, pair.customer_a] {
        table.field(text);
    }
    table.field(&format!("{:.4}", pair.explanation.probability));
    table.field(&format!("{:.1}", pair.explanation.bits));
    table.field(&evidence(&pair.explanation));
    table.end_row()
}

/// `phone: the same (+9.1); given name: different (-5.2); else: two of one household`
fn evidence(explanation: &Explanation) -> String {
    let pieces = explanation.pieces.iter().map(|piece| format!("{}: {} ({:+.1})", piece.field, piece.says, piece.bits));
    let other = match explanation.other {
        Story::Same | Story::Strangers => "two strangers",
        Story::Household => "two of one household",
        Story::Line => "two who share a line",
    };
    pieces.chain([format!("else: {other} ({:+.1})", explanation.before)]).collect::<Vec<_>>().join("; ")
}
