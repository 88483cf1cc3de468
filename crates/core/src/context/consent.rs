//! The section of consent: which numbers must not be texted.
//!
//! That nothing forbids a number is no leave to text it: leave is recorded elsewhere, and asked for before each text.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::consent::SaidBy;
use crate::identifier::IdentifierKind;
use crate::planted;
use crate::record::Source;

use super::assurance::{Field, Sight};
use super::known::Known;
use super::quote;

/// Most numbers told one by one; where more must not be texted than fit, none may be.
const MAX_NUMBERS: usize = 12;
/// Most statements told of one number.
const MAX_STATEMENTS: usize = 4;

/// What is forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Forbidden {
    /// Nobody has said anything.
    Nothing,
    /// Advertising.
    Advertising,
    /// Every text.
    Everything,
}

/// What is known of consent.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// Each number of the customer, those that must not be texted first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Number>,
    /// Set where more numbers must not be texted than a context has room for: then none may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forbids_all_numbers: Option<bool>,
}

crate::masked_debug!(Consent: forbids_all_numbers);

/// One number.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Number {
    /// In E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What must not be texted to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub do_not_text: Option<Forbidden>,
    /// Who says so, and where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_from: Vec<Statement>,
}

crate::masked_debug!(Number: do_not_text);

/// Where it is said that a number must not be texted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Statement {
    /// Which source says so.
    pub source: Source,
    /// Where in it: `contact`, `opt_out_list`, `marketing_opt_out_list`.
    pub said_by: String,
}

crate::masked_debug!(Statement: source);

impl Consent {
    pub(super) fn of(known: &Known) -> Self {
        let mut numbers: BTreeMap<&str, (Forbidden, Vec<Statement>)> = BTreeMap::new();
        for identity in known.customer.identities_of(IdentifierKind::Phone) {
            numbers.insert(&identity.identifier.value, (Forbidden::Nothing, Vec::new()));
        }
        for row in &known.do_not_text {
            let forbidden = match row.value.said_by {
                SaidBy::MarketingOptOutList => Forbidden::Advertising,
                SaidBy::Other(_) if planted!("a-word-we-do-not-know-allows") => Forbidden::Advertising,
                // A word that we do not know forbids as much as any: consent is never read generously.
                SaidBy::Contact | SaidBy::OptOutList | SaidBy::Other(_) => Forbidden::Everything,
            };
            let said_by = quote::value(row.value.said_by.as_str()).unwrap_or_default();
            let number = numbers.entry(row.value.phone.as_str()).or_insert((Forbidden::Nothing, Vec::new()));
            number.0 = number.0.max(forbidden);
            number.1.push(Statement { source: row.source, said_by });
        }
        let mut numbers: Vec<Number> = numbers
            .into_iter()
            .map(|(phone, (forbidden, mut known_from))| {
                known_from.sort();
                known_from.dedup();
                known_from.truncate(MAX_STATEMENTS);
                Number { phone: quote::value(phone), do_not_text: Some(forbidden), known_from }
            })
            .collect();
        numbers.sort_by(|a, b| b.do_not_text.cmp(&a.do_not_text).then_with(|| a.phone.cmp(&b.phone)));
        let is_beyond = |number: &Number| number.do_not_text != Some(Forbidden::Nothing);
        let forbids_all = numbers.iter().skip(MAX_NUMBERS).any(is_beyond);
        numbers.truncate(MAX_NUMBERS);
        Self { numbers, forbids_all_numbers: forbids_all.then_some(true) }
    }

    /// The sources that it comes from.
    pub(super) fn sources(known: &Known) -> impl Iterator<Item = Source> {
        let phones = known.customer.identities_of(IdentifierKind::Phone).map(|identity| identity.source);
        known.do_not_text.iter().map(|row| row.source).chain(phones)
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self { numbers, forbids_all_numbers } = self;
        let number = |Number { phone, do_not_text, known_from }: Number| Number {
            phone: sight.option(Field::ConsentPhone, phone),
            do_not_text: sight.option(Field::DoNotText, do_not_text),
            known_from: sight.list(Field::DoNotTextKnownFrom, known_from),
        };
        Self {
            numbers: sight.each(numbers, number),
            forbids_all_numbers: sight.option(Field::ForbidsAllNumbers, forbids_all_numbers),
        }
    }
}
