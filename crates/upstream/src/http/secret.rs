//! Text that opens something at an upstream.

use std::fmt;

use sha2::{Digest, Sha256};

/// A client secret, a key, a token: shown to its upstream and to nobody else. Its `Debug` masks itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one request that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// A digest, for telling two apart without keeping either.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
