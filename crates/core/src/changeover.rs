//! A changeover: a tenant going over from one version of its rules to another. It is looked at first, and applied
//! exactly as it was looked at, or not at all.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::id::{CustomerId, RecordId};
use crate::linkage::Rate;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Merges that are named, and as many splits; more are counted.
pub const MAX_EXAMPLES: usize = 20;
/// Customers that one example names.
pub const MAX_NAMED: usize = 8;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being worked out what would change.
    Previewing,
    /// That is known, and nothing has changed.
    Previewed,
    /// It is to be applied, and it is being looked again whether that is still what would change.
    Checking,
    /// The rules are in force, and customers follow page by page.
    Applying,
    /// All customers stand on the rules.
    Applied,
}

impl State {
    /// The name in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Previewing => "previewing",
            Self::Previewed => "previewed",
            Self::Checking => "checking",
            Self::Applying => "applying",
            Self::Applied => "applied",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Previewing, Self::Previewed, Self::Checking, Self::Applying, Self::Applied];
        let found = all.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no state of a changeover"))
    }
}

/// What a changeover would do, or did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Records looked at.
    pub records: u64,
    /// Customers that they are now.
    pub customers_before: u64,
    /// Customers that they would be.
    pub customers_after: u64,
    /// Customers that would be made of several.
    pub merges: u64,
    /// Customers that would become several.
    pub splits: u64,
    /// Records that would go to another customer.
    pub records_moved: u64,
    /// Reviews that would open.
    pub reviews_opened: u64,
    /// Reviews that would go away.
    pub reviews_closed: u64,
    /// Some of the merges.
    pub example_merges: Vec<Merge>,
    /// Some of the splits.
    pub example_splits: Vec<Split>,
    /// The errors to be expected at a few thresholds, and at that of the version.
    pub rates: Vec<Rate>,
}

/// Several customers that become one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The one.
    pub into: CustomerId,
    /// Those that it is made of, the oldest first, no more than [`MAX_NAMED`].
    pub customers: Vec<CustomerId>,
}

/// A customer that becomes several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The one.
    pub customer: CustomerId,
    /// What it becomes, the oldest first, no more than [`MAX_NAMED`]; the oldest keeps the id.
    pub becomes: Vec<CustomerId>,
}

/// A tenant's newest changeover.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changeover {
    /// To which version.
    pub version: i64,
    /// From which.
    pub from_version: i64,
    /// How far it is.
    pub state: State,
    /// Of what would change, to be named when it is applied; `None` while that is not known.
    pub digest: Option<String>,
    /// The head of the change feed when that was worked out.
    #[serde(skip)]
    pub feed_number: i64,
    /// What would change.
    pub summary: Option<Summary>,
    /// The record up to which customers have followed.
    #[serde(skip)]
    pub after: Option<RecordId>,
    /// Records looked at.
    pub records_done: u64,
    /// Records in all; 0 while nobody has counted.
    pub records_total: u64,
    /// Who asked for it.
    pub actor: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When the last customer had followed.
    pub applied_at: Option<Timestamp>,
}

/// A digest of a set of facts: the same in whatever order they come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Digest([u128; 2]);

impl Digest {
    /// Takes in one fact.
    pub fn add(&mut self, fact: &[u8]) {
        let hash = Sha256::digest(fact);
        for (sum, half) in self.0.iter_mut().zip(hash.chunks(16)) {
            *sum = sum.wrapping_add(half.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)));
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}{:032x}", self.0[0], self.0[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_the_set() {
        let of = |facts: &[&str]| {
            let mut digest = Digest::default();
            facts.iter().for_each(|fact| digest.add(fact.as_bytes()));
            digest.to_string()
        };
        assert_eq!(of(&["a", "b", "c"]), of(&["c", "a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
        assert_ne!(of(&["a"]), of(&["a", "a"]));
        assert_eq!(of(&["a"]).len(), 64);
    }
}
