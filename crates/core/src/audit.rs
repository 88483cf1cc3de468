//! The audit log: every act with consequences, who did it, when, and to what. Entries are only ever added.

use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::id::AuditEntryId;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Longest JSON of an entry's details, in bytes: an entry says what happened, it is no copy of the data.
pub const MAX_DETAILS_BYTES: usize = 4_000;
/// Longest text kept in the details, in characters.
const MAX_TEXT_CHARS: usize = 500;

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $text:literal $subject:literal;)*) => {
        /// What was done; the text is `noun.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act {$(
            $(#[$doc])*
            $name,
        )*}

        impl Act {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the store, in JSON and at the command line.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What kind of thing it was done to.
            pub const fn subject(self) -> &'static str {
                match self { $(Self::$name => $subject),* }
            }
        }
    };
}

acts! {
    /// Find-or-create made a new customer.
    CustomerCreated "customer.created" "customer";
    /// Find-or-create stored something new about a customer who was there.
    CustomerExtended "customer.extended" "customer";
    /// A person said what fields of a customer say.
    CustomerEdited "customer.edited" "customer";
    /// A field of a customer says again what the records say.
    CustomerUnpinned "customer.unpinned" "customer";
    /// Somebody said something of a customer by hand: a note, a preference, an address.
    RemarkAdded "remark.added" "customer";
    /// What somebody had said of a customer was taken back.
    RemarkRetracted "remark.retracted" "customer";
    /// Two customers became one.
    CustomersMerged "customer.merged" "customer";
    /// A customer was given back that had been joined to another.
    CustomerUnmerged "customer.unmerged" "customer";
    /// Two customers will never be one.
    CustomersKeptApart "customer.kept_apart" "customer";
    /// Two customers who were kept apart may be one again.
    CustomersNotKeptApart "customer.not_kept_apart" "customer";
    /// A person said what an identifier is: shared, a placeholder, or the business' own.
    IdentifierMarked "identifier.marked" "mark";
    /// A mark of an identifier was taken back.
    IdentifierUnmarked "identifier.unmarked" "mark";
    /// A code was asked for, to be sent to a phone or an e-mail address.
    VerificationRequested "verification.requested" "verification";
    /// A web user said the right code.
    VerificationConfirmed "verification.confirmed" "verification";
    /// All customers were computed again, and put right.
    CustomersRebuilt "customer.rebuilt" "tenant";
    /// A person decided a review.
    ReviewDecided "review.decided" "review";
    /// An archive was read and planned.
    ImportPlanned "import.planned" "import";
    /// A plan is being applied.
    ImportApplied "import.applied" "import";
    /// An import that had stopped goes on.
    ImportResumed "import.resumed" "import";
    /// An import is being taken out again.
    ImportUndone "import.undone" "import";
    /// A live source was connected.
    ConnectionCreated "connection.created" "connection";
    /// A connection's name, settings, credentials or schedule were changed, or it was switched on or off.
    ConnectionChanged "connection.changed" "connection";
    /// A connection was taken away, and its credentials forgotten.
    ConnectionRemoved "connection.removed" "connection";
    /// A person wrote a test note to a customer at a source.
    ConnectionTried "connection.tried" "connection";
    /// A person let a connection be read.
    SyncStarted "sync.started" "connection";
    /// A person stopped a run.
    SyncCanceled "sync.canceled" "connection";
    /// A version of the rules was made; it is not in force by that.
    RuleSetCreated "rule_set.created" "rule_set";
    /// A version of the rules was put in force, and customers follow.
    RuleSetApplied "rule_set.applied" "rule_set";
    /// A tenant was added.
    TenantCreated "tenant.created" "tenant";
    /// A tenant's own data were changed.
    TenantChanged "tenant.changed" "tenant";
    /// A user was added.
    UserCreated "user.created" "user";
    /// A user's role was changed.
    UserRoleSet "user.role_set" "user";
    /// A user may not sign in any more.
    UserDisabled "user.disabled" "user";
    /// A user may sign in again.
    UserEnabled "user.enabled" "user";
    /// A user's password was set.
    UserPasswordSet "user.password_set" "user";
    /// A one-time link was made.
    LinkCreated "link.created" "user";
    /// Somebody signed in.
    SignedIn "session.created" "user";
    /// Somebody tried to sign in as a user and could not.
    SignInFailed "session.refused" "user";
    /// A session was ended by a person.
    SessionRevoked "session.revoked" "user";
    /// An API key was made.
    ApiKeyCreated "api_key.created" "api_key";
    /// An API key was revoked.
    ApiKeyRevoked "api_key.revoked" "api_key";
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Act {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Act {
    type Err = UnknownAct;

    fn from_str(text: &str) -> Result<Self, UnknownAct> {
        let found = Self::ALL.iter().copied().find(|act| act.as_str() == text);
        found.ok_or_else(|| UnknownAct(text.chars().take(64).collect()))
    }
}

/// The name of an act that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an act of the audit log (they look like `customer.merged` or `user.created`)")]
pub struct UnknownAct(String);

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its id; ids ascend with time.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub act: Act,
    /// The kind of thing it was done to.
    pub subject: String,
    /// Which one, if it has an id.
    pub subject_id: Option<String>,
    /// More about it; ids, names of roles, counts. Never a secret, and no text of customers.
    pub details: Details,
}

/// What an entry says beside who, what and when: a small JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Details(Map<String, Value>);

impl Details {
    /// Nothing more to say.
    pub fn none() -> Self {
        Self::default()
    }

    /// With one fact more. Texts are cut, and what does not fit any more is left out and counted, so that nobody can
    /// fill the log with one act.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        let value = match serde_json::to_value(value) {
            Ok(Value::String(text)) => Value::String(text.chars().take(MAX_TEXT_CHARS).collect()),
            Ok(Value::Null) | Err(_) => return self,
            Ok(value) => value,
        };
        self.0.insert(name.to_owned(), value);
        if Value::Object(self.0.clone()).to_string().len() > MAX_DETAILS_BYTES {
            self.0.remove(name);
            self.0.insert("left_out".to_owned(), Value::Bool(true));
        }
        self
    }

    /// Wraps what the store read back.
    pub fn from_stored(value: Value) -> Self {
        match value {
            Value::Object(facts) => Self(facts),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Self::default(),
        }
    }

    /// The facts by name.
    pub fn facts(&self) -> &Map<String, Value> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_a_name_of_its_own() {
        for act in Act::ALL {
            assert_eq!(act.as_str().parse(), Ok(*act), "{act}");
        }
        assert!("user.flew".parse::<Act>().is_err());
    }

    #[test]
    fn details_stay_small() {
        let long =
            Details::none().with("reason", "ü".repeat(100_000)).with("role", "staff").with("nothing", None::<i64>);
        assert_eq!(long.facts()["reason"].as_str().map(|text| text.chars().count()), Some(MAX_TEXT_CHARS));
        assert_eq!(long.facts().len(), 2);
        let many = Details::none().with("ids", vec!["x".repeat(100); 100]).with("count", 100);
        assert_eq!(serde_json::to_string(&many).unwrap(), r#"{"count":100,"left_out":true}"#);
    }
}
