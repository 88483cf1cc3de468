//! The customer: the golden record of one person or business, derived from records.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{CustomerId, PinId, RecordId};
use crate::identifier::{Identifier, IdentifierKind};
use crate::money::Money;
use crate::record::Source;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// A field of the golden record that survivorship chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The name shown.
    Name,
    /// The company the person works for.
    Company,
    /// The phone to call first.
    Phone,
    /// The e-mail address to write to first.
    Email,
    /// The postal address.
    Address,
    /// Notes.
    Notes,
}

impl Field {
    /// All of them, in the order of a card.
    pub const ALL: [Self; 6] = [Self::Name, Self::Company, Self::Phone, Self::Email, Self::Address, Self::Notes];

    /// The name in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Company => "company",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Address => "address",
            Self::Notes => "notes",
        }
    }
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        let found = Self::ALL.into_iter().find(|field| field.as_str() == text);
        found.ok_or_else(|| UnknownField(text.chars().take(64).collect()))
    }
}

/// A field that customers do not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a field of a customer (name, company, phone, email, address, notes)")]
pub struct UnknownField(String);

/// Why a field has the value it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// No other record says anything.
    OnlyValue,
    /// Entered by hand.
    HandEdit,
    /// Says more than the others (a full name over a first name).
    Completeness,
    /// Said last.
    Recency,
    /// A person pinned it: it stands whatever records say.
    Pinned,
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The record that says it.
    pub record: RecordId,
    /// Its source.
    pub source: Source,
    /// When it was said (last seen, or stored).
    pub said_at: Timestamp,
    /// Why it was chosen.
    pub rule: Rule,
    /// The pin, where it is one; `record` is the one that the pin hangs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<PinId>,
    /// Who pinned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_by: Option<Actor>,
}

/// An identifier as belonging to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Phone or e-mail and its normal form.
    #[serde(flatten)]
    pub identifier: Identifier,
    /// The source that said it first.
    pub source: Source,
    /// The record that said it first.
    pub record: RecordId,
    /// Earliest sight.
    pub first_seen_at: Timestamp,
    /// Latest sight.
    pub last_seen_at: Timestamp,
    /// Whether a code sent there came back.
    pub verified: bool,
}

/// The golden record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The id of its oldest record; stable, and resolves for ever.
    pub id: CustomerId,
    /// The name shown; a customer known by number only shows the number.
    pub display_name: String,
    /// The company the person works for.
    pub company: Option<String>,
    /// The phone to call first.
    pub phone: Option<String>,
    /// The e-mail address to write to first.
    pub email: Option<String>,
    /// The postal address.
    pub address: Option<String>,
    /// Notes, as written.
    pub notes: Option<String>,
    /// What they owe, in cents, by the books of all sources that say it together; negative is in their favour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// All phones and e-mail addresses, phones first, each in the order of first sight.
    pub identities: Vec<Identity>,
    /// Earliest sight of any record.
    pub first_seen_at: Timestamp,
    /// Where each chosen value comes from.
    pub provenance: BTreeMap<Field, Provenance>,
}

crate::masked_debug!(Customer: id, first_seen_at);

impl Customer {
    /// The identities of one kind.
    pub fn identities_of(&self, kind: IdentifierKind) -> impl Iterator<Item = &Identity> {
        self.identities.iter().filter(move |identity| identity.identifier.kind == kind)
    }
}
