//! What a plan says beside its counts: how columns are read, and where the manifest says otherwise.

use serde::Deserialize;
use serde_json::Value;

/// How one file is read, as the plan keeps it.
#[derive(Deserialize)]
struct FileMapping {
    file: String,
    kind: Option<String>,
    #[serde(default)]
    columns: Vec<ColumnMapping>,
}

/// How one column is read.
#[derive(Deserialize)]
struct ColumnMapping {
    header: String,
    column: Option<String>,
    ignored: Option<String>,
}

/// One column of the archive.
pub(super) struct Column {
    pub file: String,
    pub header: String,
    pub ours: String,
    pub why: String,
}

/// Every column that is not simply called what we call it, and files that are not read.
pub(super) fn columns(plan: &Value) -> Vec<Column> {
    let mapping: Vec<FileMapping> =
        plan.get("mapping").cloned().and_then(|mapping| serde_json::from_value(mapping).ok()).unwrap_or_default();
    let mut columns = Vec::new();
    for file in mapping {
        if file.kind.is_none() {
            columns.push(Column {
                file: file.file,
                header: String::new(),
                ours: String::new(),
                why: "not read".to_owned(),
            });
            continue;
        }
        for column in file.columns {
            columns.push(Column {
                file: file.file.clone(),
                header: column.header,
                ours: column.column.unwrap_or_default(),
                why: column.ignored.unwrap_or_else(|| "not read".to_owned()),
            });
        }
    }
    columns
}

/// Where the manifest and the rows differ, in words.
pub(super) fn differences(plan: &Value) -> Vec<String> {
    let found = plan.get("manifest").and_then(|manifest| manifest.get("differences")).and_then(Value::as_object);
    let said = |(name, value): (&String, &Value)| {
        let number = |key: &str| value.get(key).and_then(Value::as_i64);
        match (number("manifest"), number("found")) {
            (Some(manifest), Some(rows)) => format!("{name}: the manifest says {manifest}, the file has {rows}"),
            _ => format!("{name}: the manifest and the file differ"),
        }
    };
    found.map(|found| found.iter().map(said).collect()).unwrap_or_default()
}
