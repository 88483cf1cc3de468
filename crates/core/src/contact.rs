//! A contact record: what one source says about a person, in normal form.

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::email::Email;
use crate::id::{ConnectionId, ImportId, RecordId};
use crate::identifier::{Identifier, IdentifierKind};
use crate::money::Money;
use crate::name::Name;
use crate::phone::Phone;
use crate::record::Source;
use crate::time::Timestamp;
use crate::verification::WebUser;

/// The normalised content of a record about a person or business.
///
/// Stored beside the payload so that matching reads no source format; computed again from the payload
/// when a mapping changes.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name, if the source gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The company the person works for, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Valid phone numbers, in the order given, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// Valid e-mail addresses, in the order given, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Web users who have shown by a code that they are reached by one of the phones or e-mail addresses here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub web_users: Vec<WebUser>,
    /// Postal addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Free text about the person, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What the person owes, by the source's books; negative is in their favour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// When the source first saw the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen_at: Option<Timestamp>,
    /// When the source last saw the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

crate::masked_debug!(Contact: first_seen_at, last_seen_at);

/// A contact with the record it stands on: the unit that identity works with.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactRecord {
    /// The record.
    pub id: RecordId,
    /// Which source said it.
    pub source: Source,
    /// Which import brought it.
    pub import: Option<ImportId>,
    /// Equal for two versions of the same upstream object: see [`source_key`].
    pub source_key: String,
    /// When we stored it, or when a live source said it last: recency for survivorship.
    pub created_at: Timestamp,
    /// What it says.
    pub contact: Contact,
}

crate::masked_debug!(ContactRecord: id, source, import, created_at);

/// The key of an upstream object among all sources: `source:stream:key`. Keys from a file are good within that file
/// only (every phone's export counts its contacts from 1), so those lead with the import.
pub fn source_key(source: Source, import: Option<ImportId>, stream: &str, key: &str) -> String {
    match import {
        Some(import) => format!("{source}:{import}:{stream}:{key}"),
        None => format!("{source}:{stream}:{key}"),
    }
}

/// The same of an object of a live source: `source:connection:stream:key`. Two connections of one tenant may count alike
/// (D2: elsewhere they collided), so the connection leads.
pub fn connected_key(source: Source, connection: ConnectionId, stream: &str, key: &str) -> String {
    format!("{source}:{connection}:{stream}:{key}")
}

impl ContactRecord {
    /// Every identifier of the record: its source key, its phones, its e-mail addresses, its web users.
    pub fn identifiers(&self) -> Vec<Identifier> {
        let mut all = vec![Identifier { kind: IdentifierKind::SourceKey, value: self.source_key.clone() }];
        all.extend(self.contact.phones.iter().map(Identifier::from));
        all.extend(self.contact.emails.iter().map(Identifier::from));
        all.extend(self.contact.web_users.iter().map(Identifier::from));
        all
    }
}
