//! An instant on a page: in words of the business' zone, and exactly for the browser, which makes "3 minutes ago" of it.

use std::fmt;

use doorstep_core::Timestamp;
use doorstep_core::time::Zone;

/// An instant as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `2026-03-02T15:00:00Z`
    pub exact: String,
    /// `2026-03-02 10:00`
    pub words: String,
}

impl Moment {
    /// That instant in the zone of the business.
    pub fn new(at: Timestamp, zone: &Zone) -> Self {
        let words: String = at.in_zone(zone).chars().take("2026-03-02 10:00".len()).collect();
        Self { exact: at.to_string(), words }
    }

    /// `10:00`
    pub fn clock(&self) -> &str {
        self.words.get("2026-03-02 ".len()..).unwrap_or_default()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}
