//! tidy.toml: words to avoid and exceptions, each with its reason.

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use super::Finding;

/// A word (or words) that must not be used for a thing of ours, and the one to use.
#[derive(Debug)]
pub struct Word {
    /// In lower case; several words are separated by spaces.
    pub avoid: String,
    /// What to say for it.
    pub say: String,
    /// Where it is forbidden when not everywhere: `code`, `file` or `table`.
    pub only: Option<String>,
    /// A line that contains this (in any case) means something else.
    pub unless: Option<String>,
}

/// A place where a rule does not hold.
#[derive(Debug)]
pub struct Allow {
    /// The rule's name.
    pub rule: String,
    /// The beginning of the file's path.
    pub path: String,
    /// What it is about; everything when missing.
    pub item: Option<String>,
    /// Where it stands in tidy.toml, counted from 1.
    pub line: usize,
}

impl Allow {
    /// Whether this exception is for that finding.
    pub fn covers(&self, finding: &Finding) -> bool {
        let item_fits = self.item.as_ref().is_none_or(|item| *item == finding.item);
        self.rule == finding.rule && finding.path.starts_with(&self.path) && item_fits
    }
}

/// tidy.toml.
#[derive(Debug, Default)]
pub struct Config {
    /// Not in identifiers, comments, pages.
    pub words: Vec<Word>,
    /// Not as names of files and tables.
    pub names: Vec<Word>,
    /// Not anywhere in any file.
    pub texts: Vec<Word>,
    /// Where the rules do not hold.
    pub allow: Vec<Allow>,
}

impl Config {
    /// Reads the file's text.
    ///
    /// # Errors
    /// It is no TOML, or an entry lacks a field.
    pub fn parse(text: &str) -> Result<Config> {
        let table: Table = text.parse().context("is not TOML")?;
        let words = |key| entries(&table, key)?.iter().map(|entry| word(entry)).collect::<Result<Vec<Word>>>();
        let mut config =
            Config { words: words("word")?, names: words("name")?, texts: words("text")?, allow: Vec::new() };
        let starts = text.lines().enumerate().filter(|(_, line)| line.trim() == "[[allow]]").map(|(at, _)| at + 1);
        for (entry, line) in entries(&table, "allow")?.into_iter().zip(starts) {
            if field(entry, "reason")?.is_empty() {
                bail!("the exception on line {line} has no reason");
            }
            let item = entry.get("item").and_then(Value::as_str).map(str::to_owned);
            config.allow.push(Allow { rule: field(entry, "rule")?, path: field(entry, "path")?, item, line });
        }
        Ok(config)
    }
}

fn entries<'t>(table: &'t Table, key: &str) -> Result<Vec<&'t Table>> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().with_context(|| format!("`{key}` must be written as [[{key}]]"))?;
    list.iter().map(|it| it.as_table().with_context(|| format!("`{key}` must hold tables"))).collect()
}

fn field(entry: &Table, name: &str) -> Result<String> {
    let value = entry.get(name).and_then(Value::as_str);
    Ok(value.with_context(|| format!("an entry lacks `{name}`: {entry}"))?.to_owned())
}

fn word(entry: &Table) -> Result<Word> {
    let optional = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let only = optional("only");
    Ok(Word { avoid: field(entry, "avoid")?, say: field(entry, "say")?, only, unless: optional("unless") })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_words_and_exceptions() {
        let text =
            "[[word]]\navoid = 'a'\nsay = 'b'\nunless = 'c'\n\n[[allow]]\nrule = 'words'\npath = 'x/'\nreason = 'r'\n";
        let config = Config::parse(text).unwrap();
        assert_eq!((config.words.len(), config.words[0].unless.as_deref()), (1, Some("c")));
        assert_eq!((config.allow[0].line, config.allow[0].item.as_deref()), (6, None));
    }

    #[test]
    fn refuses_what_is_incomplete() {
        let check = |text: &str, part| assert!(Config::parse(text).unwrap_err().to_string().contains(part), "{text}");
        check("[[allow]]\nrule = 'words'\npath = 'x/'\n", "reason");
        check("[[allow]]\nrule = 'words'\npath = 'x/'\nreason = ''\n", "no reason");
        check("[[word]]\nsay = 'b'\n", "avoid");
        check("word = 1\n", "[[word]]");
        check("[[word", "TOML");
    }
}
