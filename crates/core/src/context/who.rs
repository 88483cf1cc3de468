//! The section of who somebody is.

use serde::Serialize;

use crate::customer::{Customer, Field as Chosen, Identity};
use crate::identifier::IdentifierKind;
use crate::name::{Name, NameKind};
use crate::record::Source;
use crate::time::{Date, Timestamp, Zone};

use super::assurance::{Field, Sight};
use super::known::Known;
use super::quote::{self, Author, Quote};
use super::words;

/// Most phones, and most e-mail addresses, in a context: the first is the one to use.
const MAX_IDENTITIES: usize = 10;
/// Most preferences in a context.
const MAX_PREFERENCES: usize = 10;
/// Most of what was written down by hand in a context: the newest, as somebody at the telephone reads at a glance.
const MAX_REMARKS: usize = 5;
/// Longest first name that an unverified caller is greeted by, in characters: longer ones are no first names.
const MAX_FIRST_NAME_CHARS: usize = 24;

/// Who somebody is.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The name; `None` where only a number or an e-mail address is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The given name alone, letters only; none of a business or a couple.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The company the person works for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Phones, the one to call first at the head.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Reached>,
    /// E-mail addresses, the one to write to first at the head.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Reached>,
    /// Ids by which websites know the customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub web_users: Vec<Reached>,
    /// Phones and e-mail addresses beyond those that a context has room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
    /// The postal address, where no property says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the customer likes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preferences: Vec<Quote>,
    /// Notes of the office about the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Quote>,
    /// What colleagues and agents wrote down about the customer, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Quote>,
    /// The first day that anything is known of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_since: Option<Date>,
}

crate::masked_debug!(Who: more, customer_since);

/// A number, an address or an id by which somebody is reached.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// In its normal form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether a code that went there came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_verified: Option<bool>,
    /// The source that said it first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// When it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

crate::masked_debug!(Reached: is_verified, source, last_seen_at);

/// For `skip_serializing_if`.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Who {
    pub(super) fn of(known: &Known, zone: &Zone, has_properties: bool) -> Self {
        let customer = &known.customer;
        // Without a name the customer is shown by company or number, which is no name.
        let name = customer.provenance.contains_key(&Chosen::Name).then_some(customer.display_name.as_str());
        let (phones, more_phones) = reached(customer, IdentifierKind::Phone, customer.phone.as_deref());
        let (emails, more_emails) = reached(customer, IdentifierKind::Email, customer.email.as_deref());
        let (web_users, _) = reached(customer, IdentifierKind::WebUser, None);
        let notes_source = customer.provenance.get(&Chosen::Notes).map(|from| from.source);
        let notes = customer.notes.as_deref();
        let since = [Some(customer.first_seen_at), known.totals.first_job_at].into_iter().flatten().min();
        let preferences = known.preferences.iter();
        Self {
            name: name.and_then(quote::value),
            first_name: name.and_then(first_name),
            company: customer.company.as_deref().and_then(quote::value),
            phones,
            emails,
            web_users,
            more: more_phones + more_emails,
            address: customer.address.as_deref().filter(|_| !has_properties).and_then(quote::value),
            preferences: preferences
                .filter_map(|(source, text)| Quote::new(Author::Customer, *source, text))
                .take(MAX_PREFERENCES)
                .collect(),
            notes: notes.and_then(|text| Quote::new(Author::Business, notes_source.unwrap_or(Source::Hub), text)),
            remarks: known
                .remarks
                .iter()
                .filter_map(|(source, text)| Quote::new(Author::Business, *source, text))
                .take(MAX_REMARKS)
                .collect(),
            customer_since: since.and_then(|at| words::day(at, zone)),
        }
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self {
            name,
            first_name,
            company,
            phones,
            emails,
            web_users,
            more,
            address,
            preferences,
            notes,
            remarks,
            customer_since,
        } = self;
        let reached = |Reached { value, is_verified, source, last_seen_at }: Reached| Reached {
            value: sight.option(Field::ReachedValue, value),
            is_verified: sight.option(Field::ReachedIsVerified, is_verified),
            source: sight.option(Field::ReachedSource, source),
            last_seen_at: sight.option(Field::ReachedLastSeenAt, last_seen_at),
        };
        Self {
            name: sight.option(Field::Name, name),
            first_name: sight.option(Field::FirstName, first_name),
            company: sight.option(Field::Company, company),
            phones: sight.each(phones, reached),
            emails: sight.each(emails, reached),
            web_users: sight.each(sight.list(Field::WebUsers, web_users), reached),
            more: sight.option(Field::MoreReached, Some(more)).unwrap_or_default(),
            address: sight.option(Field::Address, address),
            preferences: sight.list(Field::Preferences, preferences),
            notes: sight.option(Field::Notes, notes),
            remarks: sight.list(Field::Remarks, remarks),
            customer_since: sight.option(Field::CustomerSince, customer_since),
        }
    }

    /// The sources that it comes from.
    pub(super) fn sources(known: &Known) -> impl Iterator<Item = Source> {
        let customer = &known.customer;
        let chosen = customer.provenance.values().map(|from| from.source);
        chosen.chain(customer.identities.iter().map(|identity| identity.source))
    }
}

/// The given name of one person, where it is one word of letters.
fn first_name(name: &str) -> Option<String> {
    let name = Name::parse(name).filter(|name| name.kind() == NameKind::Person)?;
    let given = quote::line(name.given()?, MAX_FIRST_NAME_CHARS)?;
    given.chars().all(|c| c.is_alphabetic() || "-'’".contains(c)).then_some(given)
}

/// The identities of one kind, the one of the golden record first, and how many there are beyond the bound.
fn reached(customer: &Customer, kind: IdentifierKind, first: Option<&str>) -> (Vec<Reached>, usize) {
    let mut identities: Vec<&Identity> = customer.identities_of(kind).collect();
    identities.sort_by_key(|identity| Some(identity.identifier.value.as_str()) != first);
    let all = identities.len();
    let told = |identity: &&Identity| Reached {
        value: quote::value(&identity.identifier.value),
        is_verified: Some(identity.verified),
        source: Some(identity.source),
        last_seen_at: Some(identity.last_seen_at),
    };
    let items: Vec<Reached> = identities.iter().take(MAX_IDENTITIES).map(told).collect();
    (items, all.saturating_sub(MAX_IDENTITIES))
}
