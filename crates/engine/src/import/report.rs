//! An import as one object: the same at the command line and at every other door. Scripts rely on its shape.

use doorstep_core::id::ImportId;
use doorstep_core::import::{Problem, State, Summary};
use doorstep_core::tenant::Actor;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::import::Stored;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Engine;
use crate::error::Result;

/// Problems in the object; `problem_count` tells all.
pub const PROBLEMS_IN_REPORT: i64 = 1_000;

/// The object of one import; fields in the order in which they are printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Who brought the file.
    pub actor: Actor,
    /// When the last row went in.
    pub applied_at: Option<Timestamp>,
    /// The import's id.
    pub batch_id: ImportId,
    /// Numbers that are in no contact: how many are new.
    pub callers: Value,
    /// When the plan was made.
    pub created_at: Timestamp,
    /// Whether it is only a plan.
    pub dry_run: bool,
    /// The archive's name as the person gave it.
    pub file_name: String,
    /// What the archive says about itself, and where the rows say otherwise.
    pub manifest: Map<String, Value>,
    /// How each file and column is read.
    pub mapping: Value,
    /// The person's notes.
    pub notes: Option<String>,
    /// How many problems there are.
    pub problem_count: u64,
    /// The first [`PROBLEMS_IN_REPORT`] of them.
    pub problems: Vec<Problem>,
    /// Rows that are in.
    pub rows_done: u64,
    /// Rows that applying puts in.
    pub rows_total: u64,
    /// How far it is.
    pub state: State,
    /// What it does, by kind.
    pub summary: Summary,
    /// When the last row went out again.
    pub undone_at: Option<Timestamp>,
}

impl Report {
    /// Of a stored import and the first of its problems.
    pub fn of(stored: &Stored, problems: Vec<Problem>) -> Self {
        let import = stored.import.clone();
        let of_plan = |key: &str| stored.plan.get(key).cloned();
        // An archive without a manifest differs from nothing.
        let manifest = match of_plan("manifest") {
            Some(Value::Object(manifest)) => manifest,
            _ => Map::from_iter([("differences".to_owned(), json!({}))]),
        };
        Self {
            dry_run: matches!(import.state, State::Planned | State::Superseded),
            batch_id: import.id,
            state: import.state,
            file_name: import.file_name,
            notes: import.notes,
            actor: import.actor,
            created_at: import.created_at,
            applied_at: import.applied_at,
            undone_at: import.undone_at,
            rows_done: import.rows_done,
            rows_total: import.rows_total,
            summary: import.summary,
            manifest,
            mapping: of_plan("mapping").unwrap_or_default(),
            callers: of_plan("callers").unwrap_or_default(),
            problem_count: import.problem_count,
            problems,
        }
    }
}

impl Engine {
    /// The object of an import that was read already.
    #[crate::boxed]
    pub async fn import_report(&self, scope: &Scope, stored: &Stored) -> Result<Report> {
        let problems = self.import_problems(scope, stored.import.id, 0, PROBLEMS_IN_REPORT).await?;
        Ok(Report::of(stored, problems))
    }
}
