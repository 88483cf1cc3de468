//! What may be asked for, and sets of it: what a role grants, and what an API key is narrowed to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a scope may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Look up and list.
    Read,
    /// Find-or-create.
    CreateCustomer,
    /// Say something of a customer: a note, a preference, an address; and take back what one said oneself.
    AddRemarks,
    /// Change what a customer's record says.
    EditCustomer,
    /// Merge, unmerge, keep apart, decide reviews.
    DecideIdentity,
    /// Bring in files, and undo that.
    Import,
    /// Add users, change their roles, disable them, end their sessions.
    ManageUsers,
    /// Make and revoke API keys.
    ManageApiKeys,
    /// Read the audit log.
    ReadAudit,
    /// Change the tenant itself, rebuild.
    Administer,
}

impl Permission {
    /// All of them, in the order in which they are listed to people.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::CreateCustomer,
        Self::AddRemarks,
        Self::EditCustomer,
        Self::DecideIdentity,
        Self::Import,
        Self::ManageUsers,
        Self::ManageApiKeys,
        Self::ReadAudit,
        Self::Administer,
    ];

    /// The name in the store, in JSON and at the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::CreateCustomer => "create_customer",
            Self::AddRemarks => "add_remarks",
            Self::EditCustomer => "edit_customer",
            Self::DecideIdentity => "decide_identity",
            Self::Import => "import",
            Self::ManageUsers => "manage_users",
            Self::ManageApiKeys => "manage_api_keys",
            Self::ReadAudit => "read_audit",
            Self::Administer => "administer",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        let found = Self::ALL.into_iter().find(|permission| permission.as_str() == text);
        found.ok_or_else(|| UnknownPermission(text.chars().take(MAX_QUOTED_CHARS).collect()))
    }
}

/// How much of a wrong name an error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// A permission name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a permission (read, create_customer, add_remarks, edit_customer, decide_identity, import, \
     manage_users, manage_api_keys, read_audit, administer)"
)]
pub struct UnknownPermission(String);

/// A set of permissions; in JSON the list of their names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PermissionSet(u16);

impl PermissionSet {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Whether it holds `permission`.
    pub const fn holds(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether it holds everything that `other` does.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it holds nothing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What it holds, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.holds(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::as_str))
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names
            .iter()
            .map(|name| name.parse())
            .collect::<Result<Self, UnknownPermission>>()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_list_of_its_names() {
        let set: PermissionSet = [Permission::ReadAudit, Permission::Read].into_iter().collect();
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["read","read_audit"]"#);
        assert_eq!(serde_json::from_str::<PermissionSet>(&text).unwrap(), set);
        assert!(serde_json::from_str::<PermissionSet>(r#"["read","fly"]"#).is_err());
        let all: PermissionSet = Permission::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), Permission::ALL.len(), "two permissions share a bit");
        assert!(all.covers(set) && !set.covers(all) && set.and(all) == set && PermissionSet::NONE.is_empty());
    }

    #[test]
    fn every_name_is_its_own() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(permission));
        }
        assert!("administrate".parse::<Permission>().is_err());
    }
}
