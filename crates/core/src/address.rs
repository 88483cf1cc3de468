//! Postal addresses, US style. SKELETON.

use serde::{Deserialize, Serialize};

/// An address as written; its normal form is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address {
    as_written: String,
}

impl Address {
    /// As written.
    pub fn as_written(&self) -> &str {
        &self.as_written
    }
}
