//! Person and business names. SKELETON.

use serde::{Deserialize, Serialize};

/// A name, parsed; stored as written and parsed again when read, so that better rules reach old data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Name {
    as_written: String,
}

/// How two names speak for or against one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The same normal form.
    Same,
    /// Nickname, initial, typo, missing part: may well be one person.
    Compatible,
    /// At least one says too little to tell.
    Unknown,
    /// Clearly two people or businesses.
    Conflict,
}

impl Name {
    /// Parses; `None` where the text holds no name (blank, a phone number, "Unknown").
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self { as_written: text.to_owned() })
    }

    /// As written, white space folded.
    pub fn as_written(&self) -> &str {
        &self.as_written
    }

    /// As shown: "John Smith Jr".
    pub fn display(&self) -> String {
        self.as_written.clone()
    }

    /// Normalised words for search.
    pub fn search_words(&self) -> Vec<String> {
        vec![]
    }

    /// Compares.
    pub fn compare(&self, other: &Self) -> Agreement {
        if self == other { Agreement::Same } else { Agreement::Conflict }
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self { as_written: text }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_written
    }
}
