//! Who may ask for which level (I-15, law 15).
//!
//! The level is that of whoever is talked to, and a caller could say any. So a role that talks to customers, an agent,
//! gets without more than what anybody may be told who only claims to be somebody: it names whom it means itself, and a
//! model may have written that. More than that it gets for whom a code proved: by the web user of the session in which the
//! code came back, or for the [`Subject`] that a session of ours names. What is the office's it never gets. All other roles
//! are people and programs of the business, who see cards anyway.

use doorstep_core::context::Assurance;
use doorstep_core::id::CustomerId;
use doorstep_core::tenant::Role;
use doorstep_core::{Scope, planted};

use super::whom::Whom;
use crate::error::Result;

/// A level that the scope's role may not ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReached {
    /// What is the office's.
    #[error(
        "an agent talks to customers and is not told what the office keeps to itself: ask with `assurance=verified` or less, \
         or with a key of another role"
    )]
    Office,
    /// What only a code proves.
    #[error(
        "an agent is told what a verified customer may hear only of the web user whose code came back: ask with \
         `type=web_user_id`, or with `assurance=claimed`"
    )]
    Unproven,
}

/// Whether the scope's role may ask for a level of whoever is named so.
///
/// # Errors
/// [`crate::Error::NotReached`].
pub fn may_ask(scope: &Scope, whom: &Whom, level: Assurance) -> Result<()> {
    if scope.role() != Role::Agent {
        return Ok(());
    }
    match level {
        Assurance::Staff => Err(NotReached::Office.into()),
        Assurance::Verified if !matches!(whom, Whom::WebUser(_)) && !planted!("a-number-is-a-proof") => {
            Err(NotReached::Unproven.into())
        }
        Assurance::None | Assurance::Claimed | Assurance::Verified => Ok(()),
    }
}

/// Whom a session is about, and how sure that is. Made by what keeps sessions, from what it knows itself: never from an
/// argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    whom: Whom,
    assurance: Assurance,
}

impl Subject {
    /// Somebody of whom nothing is known.
    pub fn nobody() -> Self {
        Self { whom: Whom::Phone(String::new()), assurance: Assurance::None }
    }

    /// Whoever a caller id or a typed address says they are.
    pub fn claimed(whom: Whom) -> Self {
        Self { whom, assurance: Assurance::Claimed }
    }

    /// A customer whose code came back in this session.
    pub fn verified(customer: CustomerId) -> Self {
        Self { whom: Whom::Customer(customer), assurance: Assurance::Verified }
    }

    /// How sure it is.
    pub fn assurance(&self) -> Assurance {
        self.assurance
    }

    pub(super) fn whom(&self) -> Whom {
        self.whom.clone()
    }
}
