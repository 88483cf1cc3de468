//! Marks: what a person said of a phone or an e-mail address that no table and no counting knows.
//!
//! They are rules and no decisions: a mark is about an identifier, whoever has it now or later, and so it outlives
//! every record that says the identifier.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identifier::Identifier;

/// Marks that a tenant may have in force. All of them are read with the rules, by every transaction that resolves;
/// an identifier that very many share is known for a hub without one.
pub const MAX_MARKS: usize = 1_000;

/// What an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Several people are reached by it, as an office line: it is no proof, and nobody is compared because of it.
    Shared,
    /// Filled in for want of one: it identifies nobody.
    Placeholder,
    /// The business' own: it identifies nobody.
    Mine,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shared, Self::Placeholder, Self::Mine];

    /// The name in the store, in JSON and at the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Placeholder => "placeholder",
            Self::Mine => "mine",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is marked as `shared`, `placeholder` or `mine`")]
pub struct UnknownVerdict;

impl FromStr for Verdict {
    type Err = UnknownVerdict;

    fn from_str(text: &str) -> Result<Self, UnknownVerdict> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text).ok_or(UnknownVerdict)
    }
}

/// A mark: an identifier, in whatever spelling, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierMark {
    /// Of what.
    pub identifier: Identifier,
    /// What it is.
    pub verdict: Verdict,
}

/// The marks in force: one to an identifier, in the form in which identifiers are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<Identifier, Verdict>);

impl FromIterator<IdentifierMark> for Marks {
    /// Of several marks of one identifier the strictest counts, so that their order does not.
    fn from_iter<T: IntoIterator<Item = IdentifierMark>>(marks: T) -> Self {
        let mut all = BTreeMap::new();
        for mark in marks {
            let verdict = all.entry(mark.identifier.compared()).or_insert(mark.verdict);
            *verdict = (*verdict).max(mark.verdict);
        }
        Self(all)
    }
}

impl Marks {
    /// What an identifier is marked as.
    pub fn of(&self, identifier: &Identifier) -> Option<Verdict> {
        // Hardly any identifier is marked, and most tenants have no mark at all.
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&identifier.compared()).copied()
    }

    /// The identifiers that are marked as shared.
    pub(crate) fn shared(&self) -> impl Iterator<Item = &Identifier> {
        self.0.iter().filter(|(_, verdict)| **verdict == Verdict::Shared).map(|(identifier, _)| identifier)
    }
}
