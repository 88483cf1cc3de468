//! manifest.json: what the export says about itself. Shown and compared, never trusted, never a reason to refuse.

use std::collections::BTreeMap;

use doorstep_core::import::FileKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::alias;
use super::decode::{Bytes, Decoder};
use super::refused::{Limits, Refused};

/// Objects in which exports gather their counts.
const GROUPS: [&str; 12] = [
    "counts",
    "count",
    "totals",
    "total",
    "summary",
    "statistics",
    "stats",
    "rows",
    "records",
    "files",
    "recordcounts",
    "rowcounts",
];
/// Under which names an object about one file gives its count.
const COUNTS: [&str; 9] =
    ["count", "rows", "rowcount", "records", "recordcount", "total", "entries", "numrows", "numrecords"];
/// Under which names a list of files gives theirs.
const FILE_NAMES: [&str; 5] = ["name", "file", "filename", "path", "type"];

/// What the manifest says and what was found, where the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Rows that the manifest says there are.
    pub manifest: u64,
    /// Rows that the file has.
    pub found: u64,
}

/// Reads the manifest; the inner error says in words why it cannot be read.
pub(super) fn read(source: impl Bytes, limits: &Limits) -> Result<Result<Value, String>, Refused> {
    let mut text = Decoder::start(source)?;
    let mut bytes = Vec::new();
    loop {
        let block = text.block()?;
        if block.is_empty() {
            break;
        }
        let used = block.len();
        if bytes.len() + used > limits.max_manifest_bytes {
            return Ok(Err(format!("is longer than {} bytes and was not read", limits.max_manifest_bytes)));
        }
        bytes.extend_from_slice(block);
        text.consume(used);
    }
    Ok(match serde_json::from_slice::<Value>(&bytes) {
        Ok(value) => Ok(without_nul(value)),
        Err(error) => Err(format!("is not JSON (line {}, column {}) and was not read", error.line(), error.column())),
    })
}

/// PostgreSQL stores no NUL characters. The depth is bounded by the parser (128).
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "")),
        Value::Array(list) => list.into_iter().map(without_nul).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key.replace('\0', ""), without_nul(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

/// Compares the counts that the manifest claims with the rows that were found; names the differences only. What the
/// manifest does not say differs from nothing.
pub fn manifest_differences(
    manifest: &Value,
    found: impl IntoIterator<Item = (FileKind, u64)>,
) -> BTreeMap<FileKind, Difference> {
    let differs = |(kind, found): (FileKind, u64)| {
        let manifest = claimed(manifest, kind)?;
        (manifest != found).then_some((kind, Difference { manifest, found }))
    };
    found.into_iter().filter_map(differs).collect()
}

/// The count that the manifest claims for a file.
fn claimed(manifest: &Value, kind: FileKind) -> Option<u64> {
    let top = manifest.as_object()?;
    let groups = top.iter().filter(|(key, _)| GROUPS.contains(&alias::comparable(key).as_str()));
    of_kind(top, kind).or_else(|| groups.filter_map(|(_, group)| of_group(group, kind)).next())
}

fn of_group(group: &Value, kind: FileKind) -> Option<u64> {
    match group {
        Value::Object(map) => of_kind(map, kind),
        Value::Array(list) => list.iter().filter_map(Value::as_object).find_map(|file| {
            let is_it = |(key, name): (&String, &Value)| {
                FILE_NAMES.contains(&alias::comparable(key).as_str())
                    && name.as_str().is_some_and(|name| names(name, kind))
            };
            file.iter().any(is_it).then(|| count_in(file)).flatten()
        }),
        _ => None,
    }
}

fn of_kind(map: &Map<String, Value>, kind: FileKind) -> Option<u64> {
    map.iter().filter(|(key, _)| names(key, kind)).find_map(|(_, value)| match value {
        Value::Object(file) => count_in(file),
        other => count(other),
    })
}

fn count_in(file: &Map<String, Value>) -> Option<u64> {
    file.iter().filter(|(key, _)| COUNTS.contains(&alias::comparable(key).as_str())).find_map(|(_, value)| count(value))
}

fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().replace(',', "").parse().ok()))
}

/// Whether a name stands for the file: `contacts`, `contact_count`, `total_contacts`, `export/contacts.csv`.
fn names(name: &str, kind: FileKind) -> bool {
    let name = alias::comparable(name.rsplit('/').next().unwrap_or(name));
    let bare =
        ["total", "num", "numberof", "countof"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(&name);
    let bare = ["count", "counts", "total", "csv", "rows", "exported"]
        .iter()
        .find_map(|end| bare.strip_suffix(end))
        .unwrap_or(bare);
    let table = alias::table(kind);
    bare == table || Some(bare) == table.strip_suffix('s')
}

#[cfg(test)]
mod tests;
