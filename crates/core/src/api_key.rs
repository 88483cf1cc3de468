//! An API key: how a program comes in.

use serde::Serialize;

use crate::id::{ApiKeyId, UserId};
use crate::permission::PermissionSet;
use crate::tenant::{Actor, Role, Scope, TenantId};
use crate::time::Timestamp;
use crate::token;

/// An API key. Its secret was shown once; the rest can be listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for, in a person's words.
    pub name: String,
    /// What it may do at most.
    pub role: Role,
    /// What it is narrowed to; all that the role grants if this is `None`.
    pub scopes: Option<PermissionSet>,
    /// Who made it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it still opens the door.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// The beginning of its text, by which people recognise it. It follows from tenant and id, so it is not stored.
    pub fn shown(&self, tenant: TenantId) -> String {
        format!("{}_…", token::shown_of(tenant, self.id))
    }

    /// The scope of a program that comes in with it.
    pub fn scope(&self, tenant: TenantId) -> Scope {
        let scope = Scope::new(tenant, Actor::ApiKey(self.id), self.role);
        match self.scopes {
            Some(scopes) => scope.narrowed_to(scopes),
            None => scope,
        }
    }

    /// The user who made it, if it was one.
    pub fn creator(&self) -> Option<UserId> {
        match self.created_by {
            Actor::User(id) => Some(id),
            Actor::Operator(_) | Actor::ApiKey(_) | Actor::Visitor | Actor::Worker => None,
        }
    }
}
