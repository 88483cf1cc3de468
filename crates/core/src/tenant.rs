//! Tenant, user, role, and the scope without which nothing touches data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::phone::{Phone, Region};
use crate::time::{Timestamp, Zone};

/// Number of a tenant: small, so that the keys that all start with it stay compact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(i64);

impl TenantId {
    /// Wraps the number as the store knows it.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number as the store knows it.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// The name its people know it by; unique.
    pub name: String,
    /// The zone in which its times without a zone are read and its windows are kept.
    pub time_zone: Zone,
    /// The country in which a number without a country code is read.
    pub country: Region,
    /// The numbers that the business itself calls and texts from: they never identify a customer.
    pub own_numbers: Vec<Phone>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What a user may do, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees and looks up; changes nothing.
    ReadOnly,
    /// An AI agent: reads, and writes what its tools allow.
    Agent,
    /// Office staff: also decides reviews, merges and edits.
    Staff,
    /// Also imports, sources and users.
    Admin,
    /// Also removes the tenant.
    Owner,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 5] = [Self::ReadOnly, Self::Agent, Self::Staff, Self::Admin, Self::Owner];

    /// The name in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Agent => "agent",
            Self::Staff => "staff",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Whether the role grants the permission. Deny by default: what is not listed is refused.
    pub fn grants(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => true,
            Permission::CreateCustomer => self >= Self::Agent,
            Permission::DecideIdentity => self >= Self::Staff,
            Permission::Import | Permission::Administer => self >= Self::Admin,
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A role name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role (owner, admin, staff, agent, read_only)")]
pub struct UnknownRole(String);

/// What a scope may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Look up and list.
    Read,
    /// Find-or-create.
    CreateCustomer,
    /// Merge, unmerge, keep apart, decide reviews.
    DecideIdentity,
    /// Bring in files, and undo that.
    Import,
    /// Change the tenant itself, rebuild.
    Administer,
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Ours.
    pub id: UserId,
    /// What they sign in with.
    pub email: crate::email::Email,
    /// What colleagues call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Who acts: named in every decision, import and audit entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum Actor {
    /// Someone at the command line of the machine; the name is the operating system's.
    Operator(String),
    /// A signed-in user.
    User(UserId),
    /// A task of the worker.
    Worker,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "operator {name}"),
            Self::User(id) => write!(f, "user {id}"),
            Self::Worker => f.write_str("worker"),
        }
    }
}

/// Tenant, actor and permissions: the first argument of whatever touches data.
///
/// There is no way to make one without a tenant, and no `Default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    tenant: TenantId,
    actor: Actor,
    role: Role,
}

/// The scope does not grant what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the role `{}` may not do this ({wanted:?})", role.as_str())]
pub struct Denied {
    role: Role,
    wanted: Permission,
}

impl Scope {
    /// A scope for `actor` acting with `role` within `tenant`.
    pub fn new(tenant: TenantId, actor: Actor, role: Role) -> Self {
        Self { tenant, actor, role }
    }

    /// The scope in which the worker runs a tenant's tasks.
    pub fn worker(tenant: TenantId) -> Self {
        Self::new(tenant, Actor::Worker, Role::Owner)
    }

    /// The only tenant that this scope reaches.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Refuses unless the role grants `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.role.grants(permission) { Ok(()) } else { Err(Denied { role: self.role, wanted: permission }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_grants_what_the_one_below_grants_and_read_only_nothing_else() {
        let all = [
            Permission::Read,
            Permission::CreateCustomer,
            Permission::DecideIdentity,
            Permission::Import,
            Permission::Administer,
        ];
        for pair in Role::ALL.windows(2) {
            for permission in all {
                assert!(!pair[0].grants(permission) || pair[1].grants(permission), "{pair:?} {permission:?}");
            }
        }
        assert_eq!(all.iter().filter(|p| Role::ReadOnly.grants(**p)).count(), 1);
        let scope = Scope::new(TenantId::from_number(1), Actor::Worker, Role::Staff);
        assert!(scope.require(Permission::DecideIdentity).is_ok());
        assert!(scope.require(Permission::Import).is_err());
    }
}
