//! An import as one JSON object: the shape that scripts rely on.

use doorstep_core::import::{Problem, State};
use doorstep_store::import::Stored;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::hub::Hub;

/// Problems in the object; `problem_count` tells all.
const PROBLEMS: i64 = 1_000;

/// The object of one import.
pub async fn object(hub: &Hub, stored: &Stored) -> Result<Value, Failure> {
    let problems = hub.engine.import_problems(&hub.scope, stored.import.id, 0, PROBLEMS).await?;
    Ok(object_of(stored, &problems))
}

fn object_of(stored: &Stored, problems: &[Problem]) -> Value {
    let import = &stored.import;
    let of_plan = |key: &str| stored.plan.get(key).cloned();
    // An archive without a manifest differs from nothing.
    let manifest = match of_plan("manifest") {
        Some(Value::Object(manifest)) => manifest,
        _ => Map::from_iter([("differences".to_owned(), json!({}))]),
    };
    json!({
        "dry_run": matches!(import.state, State::Planned | State::Superseded),
        "batch_id": import.id,
        "state": import.state,
        "file_name": import.file_name,
        "notes": import.notes,
        "actor": import.actor,
        "created_at": import.created_at,
        "applied_at": import.applied_at,
        "undone_at": import.undone_at,
        "rows_done": import.rows_done,
        "rows_total": import.rows_total,
        "summary": import.summary,
        "manifest": manifest,
        "mapping": of_plan("mapping").unwrap_or_default(),
        "callers": of_plan("callers").unwrap_or_default(),
        "problem_count": import.problem_count,
        "problems": problems,
    })
}
