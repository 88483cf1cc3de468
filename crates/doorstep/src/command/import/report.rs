//! An import in words: what it brings, how its columns are read, what does not go in and why.

use std::collections::BTreeMap;

use doorstep_core::import::{FileKind, Import, Problem, State};
use doorstep_engine::import::MAX_PROBLEMS;
use doorstep_store::import::Stored;
use doorstep_upstream::phone_history::{Difference, FileMapping};

use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{Column, Grid, Output, count, one_line, several};

/// Problems that are listed unless more are asked for.
pub const PROBLEMS_SHOWN: usize = 10;
/// Kinds of problems that the totals name.
const KINDS_SHOWN: usize = 12;
/// Problems fetched at a time.
const PAGE: i64 = 2_000;

/// The whole report.
pub async fn render(hub: &Hub, stored: &Stored, problems: usize) -> Result<String, Failure> {
    let out = &hub.out;
    let import = &stored.import;
    let mut text = format!("{}\n", out.bold(&headline(hub, import)));
    if let Some(notes) = &import.notes {
        text.push_str(&format!("{}\n", one_line(notes)));
    }
    text.push_str(&format!("\n{}", summary(out, import)));
    let mapping = stored.plan.get("mapping").cloned().unwrap_or_default();
    let mapping: Vec<FileMapping> = serde_json::from_value(mapping).unwrap_or_default();
    section(out, &mut text, "How columns are read, where that is not plain", &columns(out, &mapping));
    section(out, &mut text, "The manifest says otherwise", &differences(stored));
    let all = all_problems(hub, import).await?;
    if import.problem_count > 0 {
        let title = format!("{} with what the archive holds", several(import.problem_count, "problem"));
        section(out, &mut text, &title, &by_reason(out, &all));
        let shown = problems.min(all.len());
        let title = match shown as u64 == import.problem_count {
            true => "Each of them".to_owned(),
            false => format!("The first {}", count(shown as u64)),
        };
        section(out, &mut text, &title, &listed(out, &all, shown));
        if (shown as u64) < import.problem_count {
            text.push_str(&format!("  all: doorstep import show {} --problems {}\n", import.id, import.problem_count));
        }
    }
    Ok(text)
}

/// What it came to, for somebody who has seen the plan.
pub fn brief(hub: &Hub, stored: &Stored) -> String {
    let import = &stored.import;
    let mut text = format!("{}\n", hub.out.bold(&headline(hub, import)));
    if import.state != State::Undone {
        text.push_str(&summary(&hub.out, import));
    }
    text
}

fn section(out: &Output, text: &mut String, title: &str, body: &str) {
    if !body.is_empty() {
        text.push_str(&format!("\n{}\n{body}", out.bold(title)));
    }
}

/// A state in words.
pub fn state(state: State) -> &'static str {
    match state {
        State::Planned => "planned",
        State::Applying => "coming in",
        State::Applied => "applied",
        State::Undoing => "going out",
        State::Undone => "undone",
        State::Superseded => "superseded",
        State::Expired => "expired",
    }
}

fn headline(hub: &Hub, import: &Import) -> String {
    let file = one_line(&import.file_name);
    let at = |at: Option<doorstep_core::Timestamp>| at.map(|at| format!(" {}", hub.local(at))).unwrap_or_default();
    let progress = format!("{} of {} rows", count(import.rows_done), count(import.rows_total));
    match import.state {
        State::Planned => format!("Dry run of {file}"),
        State::Applying => format!("{file} is coming in: {progress}"),
        State::Applied => format!("{file} was brought in{}", at(import.applied_at)),
        State::Undoing => format!("{file} is being taken out"),
        State::Undone => format!("{file} was brought in and taken out again{}", at(import.undone_at)),
        State::Superseded => format!("{file}: an older dry run, another one stands in its place"),
        State::Expired => format!("{file}: a dry run that was never applied; its archive was removed"),
    }
}

/// The counts.
pub fn summary(out: &Output, import: &Import) -> String {
    let columns = [("", Column::Whole), ("new", Column::Count), ("updated", Column::Count), ("skipped", Column::Count)];
    let mut grid = Grid::list(out, &columns).indented(2);
    let contacts = &import.summary.contacts;
    grid.row(["contacts".to_owned(), count(contacts.new), count(contacts.updated), count(contacts.skipped)]);
    let rest = [
        ("conversations", import.summary.conversations),
        ("messages", import.summary.messages),
        ("calls", import.summary.calls),
    ];
    for (name, counts) in rest {
        grid.row([name.to_owned(), count(counts.new), String::new(), count(counts.skipped)]);
    }
    if import.callers_new > 0 {
        grid.row(["numbers in no contact".to_owned(), count(import.callers_new), String::new(), String::new()]);
    }
    grid.render()
}

/// Columns whose names are not ours, and what is not read.
fn columns(out: &Output, mapping: &[FileMapping]) -> String {
    let mut grid = Grid::text(out, &[Column::Whole, Column::Text]).indented(2);
    for file in mapping {
        let name = one_line(&file.file);
        let Some(kind) = file.kind else {
            grid.row([name, "is not read".to_owned()]);
            continue;
        };
        let mut notes = Vec::new();
        if name != kind.file_name() {
            notes.push(format!("is read as {}", kind.file_name()));
        }
        if !["UTF-8", ""].contains(&file.encoding.as_str()) {
            notes.push(format!("in {}", file.encoding));
        }
        for column in &file.columns {
            let header = one_line(&column.header);
            match (&column.column, &column.ignored) {
                (Some(ours), _) if *ours == header => {}
                (Some(ours), _) => notes.push(format!("“{header}” is {ours}")),
                (None, Some(why)) => notes.push(format!("“{header}” is not read ({})", one_line(why))),
                (None, None) => notes.push(format!("“{header}” is not read")),
            }
        }
        if !notes.is_empty() {
            grid.row([name, notes.join("\n")]);
        }
    }
    if grid.is_empty() { String::new() } else { grid.render() }
}

fn differences(stored: &Stored) -> String {
    let differences = stored.plan.get("manifest").and_then(|manifest| manifest.get("differences")).cloned();
    let differences: BTreeMap<FileKind, Difference> =
        differences.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
    let line = |(file, difference): (&FileKind, &Difference)| {
        let (claimed, found) = (count(difference.manifest), count(difference.found));
        format!("  {} has {found} rows; the manifest says {claimed}\n", file.file_name())
    };
    differences.iter().map(line).collect()
}

/// All problems that were kept, in the order of files and lines.
async fn all_problems(hub: &Hub, import: &Import) -> Result<Vec<Problem>, Failure> {
    let mut all: Vec<Problem> = Vec::new();
    while all.len() < MAX_PROBLEMS {
        let page = hub.engine.import_problems(&hub.scope, import.id, all.len() as u64, PAGE).await?;
        let is_last = (page.len() as i64) < PAGE;
        all.extend(page);
        if is_last {
            break;
        }
    }
    let place = |file: &str| FileKind::TABLES.iter().position(|table| table.file_name() == file);
    all.sort_by_key(|problem| (place(&problem.file), problem.line));
    Ok(all)
}

/// How many of each kind, the most frequent first; what is quoted in a reason differs from row to row.
fn by_reason(out: &Output, problems: &[Problem]) -> String {
    let mut kinds: BTreeMap<(String, String), u64> = BTreeMap::new();
    for problem in problems {
        *kinds.entry((problem.file.clone(), without_quotes(&problem.reason))).or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
    let mut grid = Grid::text(out, &[Column::Count, Column::Whole, Column::Text]).indented(2);
    let more: u64 = kinds.iter().skip(KINDS_SHOWN).map(|(_, number)| number).sum();
    for ((file, reason), number) in kinds.into_iter().take(KINDS_SHOWN) {
        grid.row([count(number), file, one_line(&reason)]);
    }
    if more > 0 {
        grid.row([count(more), String::new(), "others".to_owned()]);
    }
    grid.render()
}

/// A reason with what it quotes of the row left out.
fn without_quotes(reason: &str) -> String {
    let parts = reason.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 0 { part } else { "`…`" }).collect()
}

fn listed(out: &Output, problems: &[Problem], shown: usize) -> String {
    let mut grid = Grid::text(out, &[Column::Whole, Column::Text]).indented(2);
    for problem in problems.iter().take(shown) {
        let place = match problem.line {
            0 => problem.file.clone(),
            line => format!("{}:{line}", problem.file),
        };
        grid.row([place, one_line(&problem.reason)]);
    }
    if grid.is_empty() { String::new() } else { grid.render() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_only_in_what_they_quote_are_one_kind() {
        assert_eq!(without_quotes("`N/A` is no number, and `x` neither"), "`…` is no number, and `…` neither");
        let problem = |line, reason: &str| Problem { file: "contacts.csv".to_owned(), line, reason: reason.to_owned() };
        let problems = [problem(2, "`a` is bad"), problem(3, "`b` is bad"), problem(9, "has no name")];
        let text = by_reason(&Output::of_width(Some(80)), &problems);
        assert_eq!(text, "  2  contacts.csv  `…` is bad\n  1  contacts.csv  has no name\n");
    }
}
