//! Why a tool did not do what it was asked, in words that a model can act on.

use doorstep_core::tenant::Permission;
use doorstep_engine::{Error, sentence};

/// Why a call came to nothing. The text says what happened and what to do, and quotes nothing that a customer said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of refusal it is, for programs.
    pub kind: Kind,
    /// The same for whoever reads it.
    pub text: String,
}

/// Kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no such tool.
    UnknownTool,
    /// The session's scope, or its kind, does not have it.
    Denied {
        /// The permission it takes, where that is what is missing.
        needs: Option<Permission>,
    },
    /// The arguments are not what the tool takes.
    Arguments,
    /// It is not known whom the session talks to.
    NobodyVerified,
    /// Nobody, or not one alone, is what was named.
    NotOne,
    /// It makes no sense as things stand.
    Unfit,
    /// Not now: trying again later may help.
    Later,
    /// A mistake of ours, which is in the log.
    Broken,
}

impl Kind {
    /// The name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTool => "unknown_tool",
            Self::Denied { .. } => "denied",
            Self::Arguments => "arguments",
            Self::NobodyVerified => "nobody_verified",
            Self::NotOne => "not_one",
            Self::Unfit => "unfit",
            Self::Later => "later",
            Self::Broken => "broken",
        }
    }
}

impl Refusal {
    /// A refusal of that kind.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn arguments(text: impl Into<String>) -> Self {
        Self::new(Kind::Arguments, text)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        use doorstep_store::Error as Store;
        let (kind, text) = match &error {
            Error::Denied(denied) => {
                use doorstep_core::tenant::Denied;
                let needs = match denied {
                    Denied::Role { wanted, .. } | Denied::Narrowed { wanted } => Some(*wanted),
                    Denied::Above { .. } => None,
                };
                (Kind::Denied { needs }, sentence(&error.to_string()))
            }
            Error::Store(Store::Busy) => (Kind::Later, "The database is busy. Try again in a moment.".to_owned()),
            Error::Store(Store::DiskFull) => (Kind::Later, "The disk is full, so nothing was kept.".to_owned()),
            Error::Store(_) | Error::File { .. } => {
                tracing::error!(%error, "a tool failed");
                let text = "Doorstep made a mistake here, and it is in its log. Nothing half done was kept.";
                (Kind::Broken, text.to_owned())
            }
            Error::TooManyTries(_) | Error::NotSent(_) | Error::Overloaded => {
                (Kind::Later, sentence(&error.to_string()))
            }
            Error::NotReached(_) => (Kind::Denied { needs: None }, sentence(&error.to_string())),
            Error::NoCustomer(_) => (Kind::NotOne, sentence(&error.to_string())),
            Error::BadValue(_) | Error::BadName(_) | Error::BadRemark(_) => {
                (Kind::Arguments, sentence(&error.to_string()))
            }
            _ => (Kind::Unfit, sentence(&error.to_string())),
        };
        Self { kind, text }
    }
}

impl From<doorstep_store::Error> for Refusal {
    fn from(error: doorstep_store::Error) -> Self {
        Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_said_stays_in_the_log() {
        let said = doorstep_store::Error::Database("near `Ann Smith`: syntax error".to_owned());
        let refusal = Refusal::from(said);
        assert_eq!(refusal.kind, Kind::Broken);
        assert!(!refusal.text.contains("Ann"), "{refusal:?}");
    }
}
