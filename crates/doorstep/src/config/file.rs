//! The file `doorstep.toml`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use toml::{Table, Value};

use super::section::Values;
use super::{Origin, SECTIONS, keys, nearest};
use crate::failure::Failure;

/// The table of `[import]` that holds lists instead of single values.
const ALIASES: (&str, &str) = ("import", "aliases");

/// Reads the file into `values`; the names of columns that it holds. A file that need not exist may be missing.
pub fn read(path: &Path, must_exist: bool, values: &mut Values) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok(BTreeMap::new()),
        Err(error) => {
            return Err(Failure::refused(format!("the configuration `{}` cannot be read: {error}", path.display())));
        }
    };
    let table = parse(path, &text)?;
    let mut aliases = BTreeMap::new();
    for (section, content) in &table {
        let Some(known) = SECTIONS.into_iter().find(|known| known.name == section) else {
            let names: Vec<&str> = SECTIONS.iter().map(|known| known.name).collect();
            return Err(unknown(path, section, &names));
        };
        let Value::Table(content) = content else { return Err(unknown(path, section, &key_names())) };
        for (name, value) in content {
            if (known.name, name.as_str()) == ALIASES {
                aliases = alias_lists(path, value)?;
                continue;
            }
            let Some(key) = known.keys.iter().find(|key| key.name == name) else {
                return Err(unknown(path, &format!("{section}.{name}"), &key_names()));
            };
            if !must_exist && (known.name, key.name) == ("data", "dir") {
                return Err(Failure::refused(format!("`{}` sets `data.dir`, but lies in it", path.display())).hint(
                    "remove the line; `--data-dir`, `DOORSTEP_DATA_DIR` or a file given with `--config` may say it",
                ));
            }
            values.put(known, key, text_of(path, section, name, value)?, Origin::File(path.to_owned()));
        }
    }
    Ok(aliases)
}

/// Names of columns from a file of their own: `"messages.body" = ["What they wrote"]`.
pub fn read_aliases(path: &Path) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::refused(format!("the aliases `{}` cannot be read: {error}", path.display())))?;
    alias_lists(path, &Value::Table(parse(path, &text)?))
}

fn parse(path: &Path, text: &str) -> Result<Table, Failure> {
    text.parse::<Table>().map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        Failure::refused(format!("`{}`, line {line}: {}", path.display(), error.message()))
    })
}

fn key_names() -> Vec<&'static str> {
    // Leaked once per mistake, and a mistake ends the program.
    keys().map(|(section, key)| &*format!("{}.{}", section.name, key.name).leak()).collect()
}

fn unknown(path: &Path, name: &str, known: &[&str]) -> Failure {
    Failure::refused(format!("`{}` sets `{name}`, which is not a setting", path.display()))
        .hint(nearest::hint(name, known))
}

fn text_of(path: &Path, section: &str, name: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(flag) => Ok(flag.to_string()),
        Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => Err(Failure::refused(format!(
            "`{}`: `{section}.{name}` is {}, a text or a number is wanted",
            path.display(),
            value.type_str()
        ))),
    }
}

/// Accepts both spellings: `"messages.body" = […]`, and `[import.aliases.messages]` with `body = […]`.
fn alias_lists(path: &Path, value: &Value) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let wrong = |name: &str| {
        Failure::refused(format!("`{}`: the names for `{name}` must be a list of texts", path.display()))
            .hint("`\"messages.body\" = [\"What they wrote\"]`")
    };
    let mut found = BTreeMap::new();
    for (name, value) in value.as_table().ok_or_else(|| wrong("aliases"))? {
        match value {
            Value::Table(columns) => {
                for (column, names) in columns {
                    let column = format!("{name}.{column}");
                    let names = texts(names).ok_or_else(|| wrong(&column))?;
                    found.insert(column, names);
                }
            }
            other => {
                found.insert(name.clone(), texts(other).ok_or_else(|| wrong(name))?);
            }
        }
    }
    Ok(found)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(list) => list.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}
