//! An identifier: a kind and a normalised value that may belong to a customer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::email::Email;
use crate::phone::Phone;
use crate::verification::WebUser;

/// What kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// A phone number in E.164.
    Phone,
    /// An e-mail address in its normal form.
    Email,
    /// A source's own key: `phone_history:contacts:c42`. Equal keys are the same contact.
    SourceKey,
    /// The id that a website knows its visitor by, verified by a code.
    WebUser,
    /// A name with a place, hashed: nobody's, but what records are found by to be compared
    /// ([`names_with_places`](crate::linkage::names_with_places)).
    NamePlace,
}

impl IdentifierKind {
    /// The name in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::SourceKey => "source_key",
            Self::WebUser => "web_user",
            Self::NamePlace => "name_place",
        }
    }

    /// Upstream objects that may share one before it is a hub, which is a reason to compare nobody.
    pub fn hub_limit(self) -> usize {
        match self {
            Self::Phone | Self::Email => crate::identity::HUB_LIMIT,
            Self::NamePlace => crate::linkage::NAME_PLACE_LIMIT,
            // Versions of one object, and what decisions tie.
            Self::SourceKey | Self::WebUser => usize::MAX,
        }
    }

    /// Whether the people behind one are counted, which makes it prove less to all who share it.
    pub fn counts_people(self) -> bool {
        matches!(self, Self::Phone | Self::Email)
    }
}

/// A kind of identifier that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of identifier")]
pub struct UnknownKind(String);

impl FromStr for IdentifierKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        [Self::Phone, Self::Email, Self::SourceKey, Self::WebUser, Self::NamePlace]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A kind and a normalised value. Its `Debug` masks the value: identifiers are personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// Which kind.
    pub kind: IdentifierKind,
    /// The normal form of that kind.
    pub value: String,
}

impl Identifier {
    /// In the form in which identifiers are compared: an e-mail address by its match key, all others as they are.
    pub fn compared(&self) -> Self {
        let value = match self.kind {
            IdentifierKind::Email => Email::from_normal(self.value.clone()).match_key(),
            IdentifierKind::Phone | IdentifierKind::SourceKey | IdentifierKind::WebUser | IdentifierKind::NamePlace => {
                self.value.clone()
            }
        };
        Self { kind: self.kind, value }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:***", self.kind.as_str())
    }
}

impl From<&Phone> for Identifier {
    fn from(phone: &Phone) -> Self {
        Self { kind: IdentifierKind::Phone, value: phone.as_str().to_owned() }
    }
}

impl From<&Email> for Identifier {
    fn from(email: &Email) -> Self {
        Self { kind: IdentifierKind::Email, value: email.as_str().to_owned() }
    }
}

impl From<&WebUser> for Identifier {
    fn from(web_user: &WebUser) -> Self {
        Self { kind: IdentifierKind::WebUser, value: web_user.as_str().to_owned() }
    }
}
