//! The measurement of the matcher: made-up records with the truth, public sets, and what others make of them.
//!
//! It knows the matcher by its command alone: `doorstep identity cluster RECORDS.csv --out CLUSTERS.csv`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::repository;

mod baseline;
mod cells;
mod kind;
mod learnt;
mod measured;
mod open_matcher;
pub mod people;

use measured::{Scored, Taken};
use open_matcher::{MODES, OpenMatcher};
use people::{Made, RECORDS, TRUTH};

/// The sets.
const SIZES: [usize; 5] = [10_000, 30_000, 100_000, 300_000, 1_000_000];
/// Those that have to be matched well, and all alike.
const JUDGED: [usize; 3] = [10_000, 100_000, 1_000_000];
/// The set on which joining by equal values, and what became of whom, is shown.
const SHOWN: usize = 100_000;
/// The largest set that the open matcher gets: what takes minutes is known by then.
const LARGEST_FOR_OPEN_MATCHER: usize = 100_000;
/// Not the seed that `cargo xtask people` has by default: what is judged by was not looked at while matching.
const SEED: u64 = 20_261_129;
/// Of the pairs joined, how many have to be right.
const LEAST_PRECISION: f64 = 0.99;
/// Pairwise F1 that has to be reached.
const LEAST_F1: f64 = 0.93;
/// A million records have to be done in this time, on two cores.
const MOST_SECONDS: f64 = 45.0;
/// And within this memory.
const MOST_BYTES: u64 = 2_000_000_000;
/// Joining by equal values has to be worse than this, or the data is too easy to say anything.
const MOST_BASELINE_F1: f64 = 0.1;

/// `cargo xtask people`: makes a set by hand.
///
/// # Errors
/// A file cannot be written.
pub fn make(seed: u64, records: usize, folder: &Path) -> Result<()> {
    let made = people::make(seed, records, folder)?;
    println!(
        "{} records of {} people in {}; the evidence in them allows a pairwise F1 of about {:.3}",
        made.records,
        made.people,
        folder.display(),
        made.bound()
    );
    Ok(())
}

/// A folder with so many made-up records and the truth, those that the matcher is judged by.
///
/// # Errors
/// A file cannot be written.
pub fn folder_of(records: usize) -> Result<PathBuf> {
    let set = folder()?.join(records.to_string());
    people::make(SEED, records, &set)?;
    Ok(set)
}

fn folder() -> Result<PathBuf> {
    Ok(repository::dev_programs()?.parent().context("`target` is no folder")?.join("identity"))
}

/// Measures the matcher; the figures as Markdown, and what of them is not good enough.
///
/// # Errors
/// A program cannot be run.
pub fn run() -> Result<(String, Vec<String>)> {
    let folder = folder()?;
    let (mut figures, mut missed) = (String::new(), Vec::new());
    figures += &show(
        "| records | seconds | records/s | peak memory | precision | recall | F1 | B-cubed F1 | the evidence allows |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for records in SIZES {
        let set = folder.join(records.to_string());
        let made = people::make(SEED, records, &set)?;
        let (taken, scored) = cluster(&set)?;
        figures += &show(&row(records, taken, scored, made));
        missed.extend(judged(records, taken, scored));
    }
    let shown = folder.join(SHOWN.to_string());
    figures += &show(&whom(&shown)?);
    let (by_values, score) = equal_values(&shown)?;
    figures += &show(&by_values);
    if score >= MOST_BASELINE_F1 {
        missed.push(format!("the data is too easy: joining by equal values has an F1 of {score:.3}"));
    }
    let (expected, beyond) = learnt::expected(&folder.join(SIZES[0].to_string()))?;
    figures += &show(&expected);
    missed.extend(beyond);
    let (trained, imprecise) = trained(&[SIZES[0], SHOWN].map(|size| folder.join(size.to_string())))?;
    figures += &trained;
    missed.extend(imprecise);
    if let Some(open) = OpenMatcher::find() {
        figures += &beside(&open, &folder)?;
        // What is learnt from public sets is shown and not judged.
        figures += &trained_head();
        for set in open.febrl(&folder)? {
            figures += &show(&learnt::trained(&set)?.0);
        }
    }
    Ok((figures, missed))
}

/// What is found is told as it comes.
fn show(text: &str) -> String {
    print!("{text}");
    text.to_owned()
}

/// Runs our matcher on the records of a folder.
fn cluster(set: &Path) -> Result<(Taken, Scored)> {
    let out = clusters(set);
    let words = ["identity", "cluster"].map(Path::new);
    let taken =
        measured::run(&measured::program()?, &[words[0], words[1], &set.join(RECORDS), Path::new("--out"), &out])?;
    Ok((taken, measured::score(&out, &set.join(TRUTH))?))
}

fn clusters(set: &Path) -> PathBuf {
    set.join("CLUSTERS.csv")
}

fn row(records: usize, taken: Taken, scored: Scored, made: Made) -> String {
    let Scored { precision, recall, f1, b_cubed } = scored;
    let (seconds, speed) = (taken.seconds, records as f64 / taken.seconds);
    let (memory, bound) = (taken.bytes / 1_000_000, made.bound());
    format!(
        "| {records} | {seconds:.1} s | {speed:.0} | {memory} MB | {precision:.4} | {recall:.4} | {f1:.4} | {b_cubed:.4} | {bound:.3} |\n"
    )
}

/// What is not good enough.
fn judged(records: usize, taken: Taken, scored: Scored) -> Vec<String> {
    let mut missed = Vec::new();
    if JUDGED.contains(&records) && scored.precision < LEAST_PRECISION {
        missed.push(format!("{records} records: precision {:.4} is below {LEAST_PRECISION}", scored.precision));
    }
    if JUDGED.contains(&records) && scored.f1 < LEAST_F1 {
        missed.push(format!("{records} records: F1 {:.4} is below {LEAST_F1}", scored.f1));
    }
    if records == 1_000_000 && taken.seconds > MOST_SECONDS {
        missed.push(format!("{records} records: {:.1} s are more than {MOST_SECONDS}", taken.seconds));
    }
    if records == 1_000_000 && taken.bytes > MOST_BYTES {
        missed.push(format!("{records} records: {} bytes are more than {MOST_BYTES}", taken.bytes));
    }
    missed
}

/// Who was joined to whom they are not.
fn whom(set: &Path) -> Result<String> {
    let mut text = format!(
        "\n| {SHOWN} records, kind | people | joined to anybody else | pairs of one group | in one customer |\n\
         |---|---|---|---|---|\n"
    );
    for (kind, found) in kind::joined(set, &clusters(set))? {
        let share = |part: u64, whole: u64| match whole {
            0 => "–".to_owned(),
            _ => format!("{:.2} %", part as f64 / whole as f64 * 100.0),
        };
        let kind = kind.replace('_', " ");
        let (joined, together) = (share(found.joined, found.people), share(found.joined_pairs, found.pairs));
        let _ = writeln!(text, "| {kind} | {} | {joined} | {} | {together} |", found.people, found.pairs);
    }
    Ok(text)
}

fn trained_head() -> String {
    show("\n| set, with weights learnt from it | precision | recall | F1 | learning takes |\n|---|---|---|---|---|\n")
}

/// What weights come to that are learnt from the records themselves; and where they are not precise enough.
fn trained(sets: &[PathBuf]) -> Result<(String, Vec<String>)> {
    let (mut text, mut missed) = (trained_head(), Vec::new());
    for set in sets {
        let (row, scored) = learnt::trained(set)?;
        text += &show(&row);
        if scored.precision < LEAST_PRECISION {
            missed.push(format!(
                "{}, trained: precision {:.4} is below {LEAST_PRECISION}",
                set.display(),
                scored.precision
            ));
        }
    }
    Ok((text, missed))
}

/// Joining by equal numbers and addresses; the figures, and the better of the two F1.
fn equal_values(set: &Path) -> Result<(String, f64)> {
    let mut text =
        format!("\n| {SHOWN} records, joined by equal values | precision | recall | F1 |\n|---|---|---|---|\n");
    let mut best: f64 = 0.0;
    for (name, placeholders) in [("all", true), ("without placeholders", false)] {
        let out = set.join("EQUAL.csv");
        baseline::cluster(&set.join(RECORDS), &out, placeholders)?;
        let Scored { precision, recall, f1, .. } = measured::score(&out, &set.join(TRUTH))?;
        best = best.max(f1);
        let _ = writeln!(text, "| {name} | {precision:.4} | {recall:.4} | {f1:.4} |");
    }
    Ok((text, best))
}

/// The open matcher and ours on our sets and on public ones.
fn beside(open: &OpenMatcher, folder: &Path) -> Result<String> {
    let mut text = show(
        "\n| set | matcher | precision | recall | F1 | B-cubed F1 | seconds | peak memory |\n|---|---|---|---|---|---|---|---|\n",
    );
    let ours = SIZES.iter().filter(|size| **size <= LARGEST_FOR_OPEN_MATCHER).map(|size| folder.join(size.to_string()));
    for set in ours.chain(open.febrl(folder)?) {
        let name = set.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut add = |matcher: &str, (taken, scored): (Taken, Scored)| {
            let Scored { precision, recall, f1, b_cubed } = scored;
            let (seconds, memory) = (taken.seconds, taken.bytes / 1_000_000);
            text += &show(&format!(
                "| {name} | {matcher} | {precision:.4} | {recall:.4} | {f1:.4} | {b_cubed:.4} | {seconds:.1} s | {memory} MB |\n"
            ));
        };
        add("doorstep", cluster(&set)?);
        for mode in MODES {
            add(&format!("Splink, {mode}"), open.cluster(&set, mode)?);
        }
    }
    Ok(text)
}

/// Fails if something was not good enough.
///
/// # Errors
/// It says what.
pub fn fail_if(missed: &[String]) -> Result<()> {
    if missed.is_empty() {
        return Ok(());
    }
    bail!("the matcher misses its limits: {}", missed.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_good_enough_is_named() {
        let taken = Taken { seconds: 46.0, bytes: 1_000 };
        let scored = Scored { precision: 0.991, recall: 0.5, f1: 0.929, b_cubed: 0.9 };
        let missed = judged(1_000_000, taken, scored);
        assert_eq!(missed.len(), 2, "{missed:?}");
        assert!(missed[0].contains("F1 0.9290 is below 0.93") && missed[1].contains("46.0 s are more"), "{missed:?}");
        assert!(judged(300_000, taken, scored).is_empty());
        assert!(fail_if(&missed).is_err() && fail_if(&[]).is_ok());
    }
}
