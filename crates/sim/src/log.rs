//! What was asked: a bounded list of requests, for tests to look at.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use crate::stamp::Stamp;

/// Entries that are kept; older ones make room.
const MAX_ENTRIES: usize = 20_000;

/// One request, without what is secret: no header, nothing that went to the token endpoint, no key in the query.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Which request: 1, 2, …
    pub number: u64,
    /// When it came in, by the world's clock.
    pub at: Stamp,
    /// `GET`, …
    pub method: String,
    /// The path.
    pub path: String,
    /// What stands behind the question mark.
    pub query: String,
    /// The tenant, once it was let in.
    pub tenant: Option<i64>,
    /// The body, if it was JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The status that it was answered with; 0 while there is no answer, or if there never was one.
    pub status: u16,
    /// The fault that it met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// The requests of a sim, oldest first.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    count: u64,
}

impl Log {
    /// The number of the next request.
    pub(crate) fn count(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(crate) fn push(&mut self, mut entry: Entry) {
        // The vendor takes its key from the query, too; nobody should send it there, and it is not kept.
        if entry.query.to_lowercase().contains("servicetitanapplicationkey") {
            entry.query = "servicetitanapplicationkey=…".to_owned();
        }
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn answered(&mut self, number: u64, status: u16, tenant: Option<i64>) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|it| it.number == number) {
            entry.status = status;
            entry.tenant = tenant;
        }
    }

    /// The requests, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.iter().cloned().collect()
    }

    /// Forgets them; numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
