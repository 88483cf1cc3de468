//! What speaks for and against two contact records being one customer: the first rules. SKELETON.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contact::ContactRecord;
use crate::identifier::{Identifier, IdentifierKind};
use crate::name::Agreement;
use crate::phone::Phone;

/// The rules of one tenant; a customer is a function of records, decisions and these.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The tenant's own numbers: they join nobody.
    pub own_numbers: BTreeSet<Phone>,
}

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One customer.
    Link,
    /// A person should look.
    Review,
    /// Nothing joins them.
    Apart,
}

/// One piece of evidence about two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which kind of identifier they share.
    pub kind: IdentifierKind,
    /// Its value.
    pub value: String,
    /// How their names agree, as a word.
    pub names: String,
}

/// The outcome of comparing two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What it comes to.
    pub verdict: Verdict,
    /// Why.
    pub evidence: Vec<Evidence>,
}

impl Rules {
    /// Whether an identifier can say anything about who somebody is: placeholders and own numbers cannot.
    pub fn identifies(&self, _identifier: &Identifier) -> bool {
        true
    }

    /// Compares two records.
    pub fn compare(&self, _a: &ContactRecord, _b: &ContactRecord) -> Comparison {
        let _ = Agreement::Same;
        Comparison { verdict: Verdict::Apart, evidence: vec![] }
    }
}
