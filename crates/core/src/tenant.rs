//! Tenant, role, actor, and the scope without which nothing touches data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, UserId};
pub use crate::permission::{Permission, PermissionSet, UnknownPermission};
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
            Permission::CreateCustomer | Permission::AddRemarks => self >= Self::Agent,
            Permission::EditCustomer | Permission::DecideIdentity => self >= Self::Staff,
            Permission::Import
            | Permission::ManageUsers
            | Permission::ManageApiKeys
            | Permission::ReadAudit
            | Permission::Administer => self >= Self::Admin,
        }
    }

    /// All that the role grants.
    pub fn permissions(self) -> PermissionSet {
        Permission::ALL.into_iter().filter(|permission| self.grants(*permission)).collect()
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

/// Who acts: named in every decision, import and audit entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum Actor {
    /// Someone at the command line of the machine; the name is the operating system's.
    Operator(String),
    /// A signed-in user.
    User(UserId),
    /// A program with an API key.
    ApiKey(ApiKeyId),
    /// Somebody at the door who has not shown who they are.
    Visitor,
    /// A task of the worker.
    Worker,
}

impl Actor {
    /// One text per actor, by which the audit log is filtered: `user:usr_…`, `operator:jo`, `worker`.
    pub fn key(&self) -> String {
        match self {
            Self::Operator(name) => format!("operator:{name}"),
            Self::User(id) => format!("user:{id}"),
            Self::ApiKey(id) => format!("api_key:{id}"),
            Self::Visitor => "visitor".to_owned(),
            Self::Worker => "worker".to_owned(),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "operator {name}"),
            Self::User(id) => write!(f, "user {id}"),
            Self::ApiKey(id) => write!(f, "API key {id}"),
            Self::Visitor => f.write_str("a visitor"),
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
    /// What the role grants, or less: never more.
    granted: PermissionSet,
}

/// The scope does not grant what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role does not.
    #[error("the role `{}` may not do this: it takes the permission `{wanted}`", role.as_str())]
    Role {
        /// The scope's role.
        role: Role,
        /// What was asked for.
        wanted: Permission,
    },
    /// The role does, but the API key is narrowed to less.
    #[error("this API key may not do this: it takes the permission `{wanted}`, which the key was not given")]
    Narrowed {
        /// What was asked for.
        wanted: Permission,
    },
    /// It is about somebody with more rights than the scope has.
    #[error("only an `{}` may do this", above.as_str())]
    Above {
        /// The role that is above the scope's.
        above: Role,
    },
}

impl Scope {
    /// A scope for `actor` acting with `role` within `tenant`.
    pub fn new(tenant: TenantId, actor: Actor, role: Role) -> Self {
        Self { tenant, actor, role, granted: role.permissions() }
    }

    /// The same with no more than `permissions`, for an API key.
    #[must_use]
    pub fn narrowed_to(mut self, permissions: PermissionSet) -> Self {
        self.granted = self.granted.and(permissions);
        self
    }

    /// The scope of somebody who has not shown who they are: it grants nothing, and only names the tenant in which
    /// what they show is looked up.
    pub fn visitor(tenant: TenantId) -> Self {
        Self::new(tenant, Actor::Visitor, Role::ReadOnly).narrowed_to(PermissionSet::NONE)
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

    /// The role in which they act.
    pub fn role(&self) -> Role {
        self.role
    }

    /// All that it grants.
    pub fn permissions(&self) -> PermissionSet {
        self.granted
    }

    /// Whether it grants `permission`. Deny by default.
    pub fn grants(&self, permission: Permission) -> bool {
        self.granted.holds(permission)
    }

    /// Refuses unless it grants `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        match (self.grants(permission), self.role.grants(permission)) {
            (true, _) => Ok(()),
            (false, true) => Err(Denied::Narrowed { wanted: permission }),
            (false, false) => Err(Denied::Role { role: self.role, wanted: permission }),
        }
    }

    /// Refuses to act on, or to make, somebody who may do more than this scope: nobody gives what they do not have.
    pub fn require_reach(&self, role: Role, permissions: PermissionSet) -> Result<(), Denied> {
        if role > self.role {
            return Err(Denied::Above { above: role });
        }
        match permissions.and(role.permissions()).iter().find(|permission| !self.grants(*permission)) {
            Some(wanted) => Err(Denied::Narrowed { wanted }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_grants_what_the_one_below_grants_and_read_only_nothing_else() {
        let all = Permission::ALL;
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
    #[test]
    fn an_api_key_is_narrowed_never_widened() {
        let set = |permissions: &[Permission]| permissions.iter().copied().collect::<PermissionSet>();
        let staff = Scope::new(TenantId::from_number(1), Actor::Worker, Role::Staff);
        let narrowed = staff.clone().narrowed_to(set(&[Permission::Read, Permission::Administer]));
        assert!(narrowed.require(Permission::Read).is_ok());
        let denied = |permission| narrowed.require(permission).unwrap_err();
        assert_eq!(denied(Permission::DecideIdentity), Denied::Narrowed { wanted: Permission::DecideIdentity });
        assert!(matches!(denied(Permission::Administer), Denied::Role { .. }));
        let again = narrowed.clone().narrowed_to(Role::Owner.permissions());
        assert_eq!(again.permissions(), narrowed.permissions());
        let visitor = Scope::visitor(TenantId::from_number(1));
        assert!(Permission::ALL.iter().all(|permission| visitor.require(*permission).is_err()));
    }

    #[test]
    fn nobody_reaches_above_or_beyond_what_they_have() {
        let all = Role::Owner.permissions();
        let of = |role| Scope::new(TenantId::from_number(1), Actor::Worker, role);
        assert_eq!(of(Role::Admin).require_reach(Role::Owner, all), Err(Denied::Above { above: Role::Owner }));
        assert!(of(Role::Admin).require_reach(Role::Admin, all).is_ok());
        assert!(of(Role::Owner).require_reach(Role::Owner, all).is_ok());
        let narrowed = of(Role::Admin).narrowed_to([Permission::ManageUsers, Permission::Read].into_iter().collect());
        assert!(narrowed.require_reach(Role::ReadOnly, all).is_ok());
        assert!(narrowed.require_reach(Role::Agent, all).is_err());
        assert!(narrowed.require_reach(Role::Agent, [Permission::Read].into_iter().collect()).is_ok());
    }
}
