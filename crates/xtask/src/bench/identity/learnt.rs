//! What the weights expect of themselves, and what is learnt from the records, both held against the truth.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::measured::{self, Scored};
use super::people::{RECORDS, TRUTH};
use crate::repository;

/// Of pairs that link, the share that may really be wrong beyond what was expected.
const MOST_BEYOND: f64 = 0.01;

/// The errors that are expected at some thresholds beside those that are made; and what is too far off.
///
/// # Errors
/// The program cannot be run.
pub fn expected(set: &Path) -> Result<(String, Vec<String>)> {
    let name = set.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut command = repository::command(&measured::program()?.to_string_lossy(), &["identity", "rules", "--rates"]);
    command.arg("--file").arg(set.join(RECORDS)).arg("--truth").arg(set.join(TRUTH)).arg("--json");
    let told: Value = serde_json::from_str(&repository::output(&mut command)?).context("it is no JSON")?;
    let mut text = format!(
        "\n| {name} records, link from | pairs | expected wrong | really wrong | expected missed | really missed |\n\
         |---|---|---|---|---|---|\n"
    );
    let mut missed = Vec::new();
    for rate in told["rates"].as_array().context("it tells no rates")? {
        let figure = |value: &Value| value.as_f64().unwrap_or_default();
        let (wrong, really_wrong) = (figure(&rate["wrong_share"]), figure(&rate["real"]["wrong_share"]));
        let (miss, really_missed) = (figure(&rate["missed_share"]), figure(&rate["real"]["missed_share"]));
        let (link, pairs) = (figure(&rate["link"]), &rate["pairs"]);
        let _ = writeln!(
            text,
            "| {link:.1} | {pairs} | {:.2} % | {:.2} % | {:.1} % | {:.1} % |",
            wrong * 100.0,
            really_wrong * 100.0,
            miss * 100.0,
            really_missed * 100.0,
        );
        if really_wrong > wrong + MOST_BEYOND {
            missed
                .push(format!("{name} records from {link} bits: {really_wrong:.4} are wrong and {wrong:.4} expected"));
        }
    }
    Ok((text, missed))
}

/// Learns weights from the records of a folder and goes by them: a row.
///
/// # Errors
/// The program cannot be run.
pub fn trained(set: &Path) -> Result<(String, Scored)> {
    let (rules, out) = (set.join("RULES.json"), set.join("LEARNT.csv"));
    let (program, records) = (measured::program()?, set.join(RECORDS));
    let word = |word: &'static str| Path::new(word);
    let train = [word("identity"), word("train"), word("--file"), &records, word("--out"), &rules];
    let taken = measured::run(&program, &train)?;
    let cluster = [word("identity"), word("cluster"), &records, word("--out"), &out, word("--rules"), &rules];
    measured::run(&program, &cluster)?;
    let scored = measured::score(&out, &set.join(TRUTH))?;
    let name = set.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Scored { precision, recall, f1, .. } = scored;
    Ok((format!("| {name} | {precision:.4} | {recall:.4} | {f1:.4} | {:.1} s |\n", taken.seconds), scored))
}
