//! One meaning per word (GLOSSARY.md): words that must not stand for things of ours.

use super::Finding;
use super::config::{Config, Word};
use super::source::words_of;
use super::sql;
use super::tree::{File, Tree};

/// Finds words to avoid in identifiers, comments and pages. Literals are left alone: the header aliases
/// of an import must name other people's words.
pub fn check(tree: &Tree, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        if let Some(source) = file.rust.as_ref().filter(|_| file.path.starts_with("crates/")) {
            for (at, line) in source.code.lines().enumerate() {
                findings.extend(words_of(line).flat_map(|word| look(file, config, at + 1, &parts(word), line, true)));
            }
            for comment in &source.comments {
                for (offset, line) in comment.text.lines().enumerate() {
                    findings.extend(look(file, config, comment.line + offset, &prose(line), line, false));
                }
            }
        } else if file.path.ends_with(".md") || file.path.ends_with(".sql") {
            for (at, line) in file.text.lines().enumerate() {
                let (code, remark) = if file.path.ends_with(".md") { ("", line) } else { cut_at_remark(line) };
                findings.extend(look(file, config, at + 1, &prose(code), line, true));
                findings.extend(look(file, config, at + 1, &prose(remark), line, false));
            }
        }
    }
    findings
}

fn cut_at_remark(line: &str) -> (&str, &str) {
    line.split_once("--").unwrap_or((line, ""))
}

/// Finds names of files and tables that say the wrong word.
pub fn names(tree: &Tree, config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, _) in tree.rust() {
        let in_src = file.path.split_once("/src/").map_or("", |(_, rest)| rest);
        for part in in_src.trim_end_matches(".rs").split('/') {
            findings.extend(name(file, config, 1, part, "file"));
        }
    }
    for (file, line, table) in sql::tables(tree) {
        findings.extend(name(file, config, line, &table, "table"));
    }
    findings
}

fn name(file: &File, config: &Config, line: usize, name: &str, kind: &str) -> Option<Finding> {
    let fits = |it: &&Word| it.only.as_deref().is_none_or(|only| only == kind) && singular(name) == singular(&it.avoid);
    let word = config.names.iter().find(fits)?;
    let message = format!("a {kind} named `{name}`: {}", word.say);
    Some(Finding { path: file.path.clone(), line, rule: "names", item: word.avoid.clone(), message })
}

fn look(file: &File, config: &Config, line: usize, parts: &[String], text: &str, in_code: bool) -> Vec<Finding> {
    let lowered = text.to_lowercase();
    let applies = |word: &&Word| {
        let here = in_code || word.only.as_deref() != Some("code");
        here && !word.unless.as_ref().is_some_and(|it| lowered.contains(&it.to_lowercase()))
    };
    let says = |word: &&Word| {
        let avoid: Vec<&str> = word.avoid.split(' ').collect();
        parts.windows(avoid.len()).any(|it| it.iter().zip(&avoid).all(|(said, avoided)| singular(said) == *avoided))
    };
    let found = config.words.iter().filter(applies).filter(says);
    let finding = |word: &Word| {
        let message = format!("`{}` is not our word: {}", word.avoid, word.say);
        Finding { path: file.path.clone(), line, rule: "words", item: word.avoid.clone(), message }
    };
    found.map(finding).collect()
}

/// `sync_job`, `SyncJob` and `SYNC_JOB` are `sync`, `job`.
fn parts(identifier: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before_lower = false;
    for c in identifier.chars() {
        if c == '_' || (c.is_uppercase() && before_lower) {
            parts.push(String::new());
        }
        if c != '_'
            && let Some(last) = parts.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The words of a sentence; identifiers in it are taken apart too.
fn prose(line: &str) -> Vec<String> {
    words_of(line).flat_map(parts).collect()
}

/// A plain plural's singular; enough for the words we look for.
pub fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(rest) if !rest.ends_with(['s', 'u', 'i']) => rest,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn takes_identifiers_apart() {
        let check = |text, expected: &[&str]| assert_eq!(parts(text), expected, "{text}");
        check("sync_job", &["sync", "job"]);
        check("SyncJob", &["sync", "job"]);
        check("SYNC_JOBS", &["sync", "jobs"]);
        check("_x1", &["x1"]);
    }

    #[test]
    fn finds_words_that_are_not_ours() {
        let check = |path: &str, text: &str, expected: &[&str]| {
            let expected: Vec<String> = expected.iter().map(|it| format!("{path}:{it}")).collect();
            assert_eq!(found(check, &[(path, text)]), expected, "{text}");
        };
        let rust = "crates/engine/src/a.rs";
        check(rust, "fn cursor() {}\n", &[]);
        check(rust, "\nstruct PageBookmark;\n", &["2 bookmark"]);
        check(rust, "let SYNC_JOBS = 1;\n", &["1 sync job"]);
        check(rust, "let sync = job;\n", &[]);
        check(rust, "/// The bookmarks of a source.\n", &["1 bookmark"]);
        check(rust, "let header = \"bookmark\";\n", &[]);
        check(rust, "// the cargo workspace\n", &[]);
        check("docs/a.md", "Each workspace has\na watermark.\n", &["1 workspace", "2 watermark"]);
        check("docs/a.md", "The Cargo workspace.\n", &[]);
        check("docs/a.md", "The golden record.\n", &[]);
        check(rust, "fn golden_record() {}\n", &["1 golden record"]);
        check("a.sql", "-- the golden record\nbookmark int, -- a watermark\n", &["2 bookmark", "2 watermark"]);
    }

    #[test]
    fn finds_files_and_tables_with_the_wrong_name() {
        let check = |path: &str, text: &str, expected: &[&str]| {
            let expected: Vec<String> = expected.iter().map(|it| format!("{path}:{it}")).collect();
            assert_eq!(found(names, &[(path, text)]), expected, "{text}");
        };
        check("crates/engine/src/helpers.rs", "", &["1 helper"]);
        check("crates/engine/src/thread/cut.rs", "", &["1 thread"]);
        check("crates/engine/src/task.rs", "", &[]);
        check("crates/upstream/src/http/client.rs", "", &[]);
        check("crates/store/migrations/0001_a.sql", "create table client (\n", &["1 client"]);
    }
}
