//! A link that works once: how a new user comes in, and one who forgot the password.

use std::str::FromStr;

use serde::Serialize;

use crate::id::{OneTimeLinkId, UserId};
use crate::time::Timestamp;

/// A sign-in link works for this long, in seconds: a quarter of an hour.
pub const SIGN_IN_SECONDS: i64 = 15 * 60;
/// A link to set a password works for this long, in seconds: three days, a weekend between.
pub const SET_PASSWORD_SECONDS: i64 = 3 * 24 * 60 * 60;

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signs in.
    SignIn,
    /// Sets a password, and signs in with it.
    SetPassword,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::SignIn, Self::SetPassword];

    /// The name in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SetPassword => "set_password",
        }
    }

    /// How long such a link works.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::SignIn => SIGN_IN_SECONDS,
            Self::SetPassword => SET_PASSWORD_SECONDS,
        }
    }
}

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text).ok_or(UnknownPurpose)
    }
}

/// A purpose that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a one-time link is for `sign_in` or `set_password`")]
pub struct UnknownPurpose;

/// A link that works once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneTimeLink {
    /// Its id.
    pub id: OneTimeLinkId,
    /// Whom it lets in.
    pub user: UserId,
    /// What for.
    pub purpose: Purpose,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used, or taken back.
    pub used_at: Option<Timestamp>,
}

impl OneTimeLink {
    /// Whether it still works.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}
