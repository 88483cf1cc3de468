//! Rule sets: the numbered versions of what evidence is worth at one tenant.
//!
//! A customer is a function of records, decisions and rules, so the rules are stored as they are, weights and all: a
//! program that comes with other weights changes no customer by itself, and what a version said years ago can be put in
//! force again although no program knows it any more.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::linkage::{Training, Weights};
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Where a pair may link by itself at the boldest, and at the most timid: log2 of the odds.
pub const LINK_RANGE: (f32, f32) = (-5.0, 30.0);
/// How far below that a person may still be asked to look.
pub const REVIEW_RANGE: (f32, f32) = (-20.0, 30.0);

/// Where a rule set comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The program's own weights.
    Shipped,
    /// Another version's weights with thresholds that a person chose.
    Thresholds,
    /// Learnt from the tenant's own records.
    Trained,
}

impl Origin {
    /// The name in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Thresholds => "thresholds",
            Self::Trained => "trained",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = [Self::Shipped, Self::Thresholds, Self::Trained].into_iter().find(|it| it.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is no origin of rules that this version of doorstep knows"))
    }
}

/// One version of a tenant's rules. Never changed once it is stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleSet {
    /// Its number within the tenant, from 1.
    pub version: i64,
    /// Where it comes from.
    pub origin: Origin,
    /// Of shipped weights, which of them: [`crate::linkage::SHIPPED_VERSION`] of the program that brought them.
    pub shipped_version: Option<i64>,
    /// The version of the tenant that it was made from.
    pub based_on: Option<i64>,
    /// What evidence is worth, and the two thresholds.
    pub weights: Weights,
    /// What training saw and did, where it is trained.
    pub training: Option<Training>,
    /// Who made it.
    pub actor: Actor,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when customers stand on it; `None` for one that is not in force.
    pub in_force_since: Option<Timestamp>,
}

/// Thresholds that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadThresholds {
    /// One is out of its range.
    #[error("`{name}` has to be between {least} and {most} bits (log2 of the odds)")]
    OutOfRange {
        /// Which.
        name: &'static str,
        /// In bits.
        least: i32,
        /// In bits.
        most: i32,
    },
    /// The review's is above the link's.
    #[error("`review` has to be at or below `link`: pairs between the two are those that a person looks at")]
    Crossed,
}

/// Weights with other thresholds, if those make sense.
///
/// # Errors
/// [`BadThresholds`] where a threshold is out of its range, or the review's is above the link's.
pub fn with_thresholds(weights: &Weights, link: f32, review: f32) -> Result<Weights, BadThresholds> {
    let within = |name: &'static str, value: f32, (least, most): (f32, f32)| {
        if value.is_finite() && value >= least && value <= most {
            return Ok(());
        }
        Err(BadThresholds::OutOfRange { name, least: least as i32, most: most as i32 })
    };
    within("link", link, LINK_RANGE)?;
    within("review", review, REVIEW_RANGE)?;
    if review > link {
        return Err(BadThresholds::Crossed);
    }
    Ok(Weights { link, review, ..weights.clone() })
}

/// What tells weights apart: equal for equal weights and thresholds, on every machine.
pub fn hash_of(weights: &Weights) -> [u8; 32] {
    // A struct of numbers is always written.
    Sha256::digest(serde_json::to_vec(weights).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::SHIPPED_VERSION;

    /// The weights of every version that was ever shipped, as tenants have them stored.
    const SHIPPED: [&str; 1] = [include_str!("linkage/shipped/1.json")];

    #[test]
    fn shipped_weights_are_those_of_their_number_and_all_can_still_be_read() {
        assert_eq!(SHIPPED.len() as i64, SHIPPED_VERSION, "other weights are another version");
        for text in SHIPPED {
            serde_json::from_str::<Weights>(text).unwrap();
        }
        let newest: Weights = serde_json::from_str(SHIPPED[SHIPPED.len() - 1]).unwrap();
        assert_eq!(newest, Weights::default(), "weights were changed without a new number: see SHIPPED_VERSION");
    }

    #[test]
    fn weights_come_back_from_json_to_the_bit() {
        let mut weights = Weights::default();
        weights.given[0].same = 0.1 + 0.2;
        weights.email[0].stranger = f32::MIN_POSITIVE;
        let read: Weights = serde_json::from_value(serde_json::to_value(&weights).unwrap()).unwrap();
        assert_eq!(read, weights);
        assert_eq!(hash_of(&read), hash_of(&weights));
        assert_ne!(hash_of(&weights), hash_of(&Weights::default()));
    }

    #[test]
    fn thresholds_have_to_make_sense() {
        let check = |link: f32, review: f32, good: bool| {
            let made = with_thresholds(&Weights::default(), link, review);
            assert_eq!(made.is_ok(), good, "{link} {review}: {made:?}");
        };
        check(2.6, -2.0, true);
        check(5.0, 5.0, true);
        check(5.0, 5.1, false);
        check(f32::NAN, 0.0, false);
        check(2.0, f32::NEG_INFINITY, false);
        check(31.0, 0.0, false);
    }
}
