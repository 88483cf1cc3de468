//! A connection: one live source as one tenant has it, with its schedule and how it stands.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::id::ConnectionId;
use crate::record::Source;
use crate::schedule::Schedule;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Connections that a tenant may have: a business has one of a kind, a group of businesses a few.
pub const MAX_CONNECTIONS: i64 = 50;
/// Longest name of a connection, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// What was said to connect a source, by the names of [`crate::source::SettingSpec`].
pub type Settings = BTreeMap<String, String>;

/// A connection. What is secret of its settings is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The source.
    pub source: Source,
    /// What its people call it; unique within the tenant.
    pub name: String,
    /// What was said to connect it, but for secrets.
    pub settings: Settings,
    /// When it is read by itself.
    pub schedule: Schedule,
    /// When the next run is due by the schedule. Moves only when a run has finished (I-06); `None` while switched off.
    pub next_run_at: Option<Timestamp>,
    /// When it is tried again after a failure, which is not when it is due.
    pub next_try_at: Option<Timestamp>,
    /// When the last finished run had begun.
    pub last_run_at: Option<Timestamp>,
    /// Runs that failed since the last one that did not.
    pub failures: i64,
    /// Whether it failed for so long, or in such a way, that a person should look.
    pub is_parked: bool,
    /// Why the last run failed, for people.
    pub reason: Option<String>,
    /// Who connected it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it was taken away, if it was: nothing is read any more, and what it said stays unless [`Self::removal`] says
    /// otherwise.
    pub removed_at: Option<Timestamp>,
    /// How far its records are taken out, where they go with it.
    pub removal: Option<Removal>,
}

/// How far the records of a connection that was taken away are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// Records that are still there.
    pub left: u64,
    /// Records that there were.
    pub total: u64,
}

impl Removal {
    /// Whether nothing is left.
    pub fn is_over(self) -> bool {
        self.left == 0
    }
}

impl Connection {
    /// When it should run next: at its next try after a failure, else when it is due. `None`: when somebody says so.
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.removed_at.is_some() || !self.schedule.enabled {
            return None;
        }
        match self.failures {
            0 => self.next_run_at,
            _ => self.next_try_at,
        }
    }
}
