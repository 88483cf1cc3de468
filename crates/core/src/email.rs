//! E-mail addresses. SKELETON.

use serde::{Deserialize, Serialize};

/// An e-mail address in its normal form. Its `Debug` masks itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// Not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadEmail(pub(crate) String);

impl Email {
    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Wraps a value that the store read back; it was parsed when it went in.
    pub fn from_normal(text: String) -> Self {
        Self(text)
    }

    /// Parses.
    pub fn parse(text: &str) -> Result<Self, BadEmail> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
