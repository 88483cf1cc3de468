//! A record: one upstream object as it said itself. Records are ground state; customers are derived.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{ImportId, RecordId};
use crate::time::Timestamp;

/// Where records come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Entered by hand or created by find-or-create: Doorstep itself is the source.
    Hub,
    /// An imported archive of phone history.
    PhoneHistory,
    /// ServiceTitan, over its API.
    #[serde(rename = "servicetitan")]
    ServiceTitan,
}

impl Source {
    /// The name in the store, in JSON and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::PhoneHistory => "phone_history",
            Self::ServiceTitan => "servicetitan",
        }
    }

    /// Whether it says what customers owe.
    pub fn keeps_books(self) -> bool {
        match self {
            Self::ServiceTitan => true,
            Self::Hub | Self::PhoneHistory => false,
        }
    }

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hub => "entered by hand",
            Self::PhoneHistory => "phone history",
            Self::ServiceTitan => "ServiceTitan",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A source name that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a source that this version of doorstep knows")]
pub struct UnknownSource(String);

impl FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        match text {
            "hub" => Ok(Self::Hub),
            "phone_history" => Ok(Self::PhoneHistory),
            "servicetitan" => Ok(Self::ServiceTitan),
            other => Err(UnknownSource(other.to_owned())),
        }
    }
}

/// One stored record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Ours. The id of a customer is the id of its oldest record (docs/decisions/0002).
    pub id: RecordId,
    /// Which source said it.
    pub source: Source,
    /// Which import brought it; `None` for what did not come from a file.
    pub import: Option<ImportId>,
    /// Which kind of object of the source: `contacts`, `callers`.
    pub stream: String,
    /// The source's own key within the stream.
    pub key: String,
    /// What it said, word for word.
    pub payload: serde_json::Value,
    /// [`payload_hash`] of the payload: equal hash, nothing new.
    pub hash: [u8; 32],
    /// When we stored it.
    pub created_at: Timestamp,
}

/// SHA-256 of the payload's canonical text (serde_json writes object keys in sorted order).
pub fn payload_hash(payload: &serde_json::Value) -> [u8; 32] {
    Sha256::digest(payload.to_string().as_bytes()).into()
}
