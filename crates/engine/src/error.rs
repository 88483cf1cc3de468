//! What can go wrong here, sorted by what the caller can do about it.

use doorstep_core::TenantId;
use doorstep_core::edit::BadValue;
use doorstep_core::id::{
    ApiKeyId, ConnectionId, CustomerId, DecisionId, ImportId, MarkId, RemarkId, ReviewId, RunId, SessionId, UserId,
};
use doorstep_core::import::State;
use doorstep_core::limit::Wait;
use doorstep_core::password::BadPassword;
use doorstep_core::position::BadPosition;
use doorstep_core::remark::BadRemark;
use doorstep_core::rule_set::BadThresholds;
use doorstep_core::tenant::Denied;
use doorstep_upstream::phone_history::{BadAlias, Refused};

use crate::import::MAX_PLANS;

/// An error of the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The scope's role does not grant it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A level of assurance that the scope's role may not ask for.
    #[error(transparent)]
    NotReached(#[from] crate::context::NotReached),
    /// It cannot be told how things stood at an instant.
    #[error(transparent)]
    NotThen(#[from] crate::context::NotThen),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] doorstep_store::Error),
    /// What is to name a customer cannot be read: it is no phone number, no e-mail address, no id of that kind.
    #[error("{0}")]
    BadName(String),
    /// The archive is refused whole; nothing was written.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// More names for columns that cannot be used; nothing was written.
    #[error(transparent)]
    BadAlias(#[from] BadAlias),
    /// There is no such customer in this tenant.
    #[error("there is no customer `{0}` here")]
    NoCustomer(CustomerId),
    /// There is no such import in this tenant.
    #[error("there is no import `{0}` here")]
    NoImport(ImportId),
    /// There is no such open review in this tenant.
    #[error("there is no open review `{0}` here; it may have been decided already")]
    NoReview(ReviewId),
    /// There is no such decision in this tenant.
    #[error("there is no decision `{0}` here")]
    NoDecision(DecisionId),
    /// A decision that was taken back already; nothing was written.
    #[error("`{0}` has been taken back already: there is nothing left to do")]
    TakenBack(DecisionId),
    /// There is no such mark in this tenant.
    #[error("there is no mark `{0}` here")]
    NoMark(MarkId),
    /// A mark that was taken back already; nothing was written.
    #[error("`{0}` has been taken back already: there is nothing left to do")]
    MarkTakenBack(MarkId),
    /// There is no such remark in this tenant.
    #[error("there is no remark `{0}` here")]
    NoRemark(RemarkId),
    /// A remark that was taken back already; nothing was written.
    #[error("`{0}` has been taken back already, or something else was said in its place: there is nothing left to do")]
    RemarkTakenBack(RemarkId),
    /// Something cannot be said of a customer.
    #[error(transparent)]
    BadRemark(#[from] BadRemark),
    /// Two stay one customer although the merge of the two was to be taken back; nothing was written.
    #[error(
        "`{id}` and `{holder}` stay one customer: something else joins them; keep them apart instead (`doorstep review \
         decide`, or `doorstep unmerge` of the record that ties them)"
    )]
    StillOne {
        /// Which was to be given back.
        id: CustomerId,
        /// Which it would be given back from.
        holder: CustomerId,
    },
    /// There is no such version of the rules in this tenant.
    #[error("there is no version {0} of the rules here")]
    NoRuleSet(i64),
    /// Thresholds that make no sense.
    #[error(transparent)]
    BadThresholds(#[from] BadThresholds),
    /// What is to be applied is not what was looked at last; nothing was written.
    #[error("version {0} of the rules is not what was looked at last: look at what it would change, then apply that")]
    NotPreviewed(i64),
    /// Customers are following a version of the rules at this moment; nothing was written.
    #[error("customers are following version {0} of the rules at this moment: wait until all have")]
    StillFollowing(i64),
    /// There is no such user in this tenant.
    #[error("there is no user `{0}` here")]
    NoUser(UserId),
    /// There is no such session in this tenant.
    #[error("there is no session `{0}` here")]
    NoSession(SessionId),
    /// There is no such API key in this tenant.
    #[error("there is no API key `{0}` here")]
    NoApiKey(ApiKeyId),
    /// A user of the tenant has that e-mail address, or another spelling of it.
    #[error("a user with this e-mail address is here already")]
    EmailTaken,
    /// Not let in. One answer for every reason, so that nobody learns who is a user here.
    #[error("the e-mail address or the password is not right, or the user may not sign in any more")]
    WrongSignIn,
    /// The password is right at several businesses: which one is meant must be asked.
    #[error("this is a user of several businesses here: say which one")]
    SeveralTenants(Vec<(TenantId, String)>),
    /// Somebody tries too often.
    #[error(transparent)]
    TooManyTries(#[from] Wait),
    /// More people sign in at this moment than passwords can be checked.
    #[error("too many people are signing in at this moment: try again in a few seconds")]
    Overloaded,
    /// What a web user said is not the code: a wrong one, one that is too old, one that was tried too often, or none was
    /// sent. One answer for all of it.
    #[error("this is not the code that was sent last, or it is too old, or it was tried too often: ask for a new one")]
    WrongCode,
    /// A code could not be sent. It counts as one that was asked for.
    #[error("the code could not be sent: {0}")]
    NotSent(String),
    /// A one-time link that was used, is too old, or never was one.
    #[error("this link does not work any more: it works once and for a while only; ask for a new one")]
    DeadLink,
    /// The password may not be set.
    #[error(transparent)]
    BadPassword(#[from] BadPassword),
    /// An idempotency key came with another request before.
    #[error("this idempotency key was given with another request: use a new key for each new request")]
    OtherRequest,
    /// Somebody changed the customer since it was looked at; nothing was written.
    #[error(
        "`{id}` has been changed since you looked at it (version {found}, not {seen}): nothing was written; look at it \
         again and repeat what should still be changed"
    )]
    Stale {
        /// Which customer.
        id: CustomerId,
        /// The version that the edit was made from.
        seen: i64,
        /// The version that it has.
        found: i64,
    },
    /// A field cannot say what was typed.
    #[error(transparent)]
    BadValue(#[from] BadValue),
    /// A position that belongs to no page of this list.
    #[error(transparent)]
    BadPosition(#[from] BadPosition),
    /// An import that is no plan, or no plan any more; nothing was written.
    #[error("`{id}` is {}: only a plan can be applied, and only once", state.as_str())]
    NotAPlan {
        /// Which.
        id: ImportId,
        /// How far it is.
        state: State,
    },
    /// A plan was given up while it was being made; nothing is left of it.
    #[error("the plan `{0}` was stopped before it was made: nothing was written; bring the file again")]
    Stopped(ImportId),
    /// This process makes as many plans as it can.
    #[error("{MAX_PLANS} archives are being read at this moment: try again when one of them is done")]
    TooManyPlans,
    /// An upload is larger than was allowed; nothing of it is left.
    #[error("the file is larger than the {} MB that may be uploaded: split the export, or import it at the command line", max_bytes >> 20)]
    TooLarge {
        /// What was allowed.
        max_bytes: u64,
    },
    /// There is no such connection in this tenant.
    #[error("there is no connection `{0}` here")]
    NoConnection(ConnectionId),
    /// There is no such run in this tenant.
    #[error("there is no run `{0}` here")]
    NoRun(RunId),
    /// The connection is being read at this moment; nothing was started.
    #[error("`{connection}` is being read at this moment, by `{run}`: wait until that is over, or stop it")]
    AlreadyRunning {
        /// Which connection.
        connection: ConnectionId,
        /// The run that is not over.
        run: RunId,
    },
    /// A live source gave no answer; the text says why and what to do.
    #[error(transparent)]
    Source(#[from] doorstep_upstream::source::Failure),
    /// Credentials cannot be kept or read without a key.
    #[error("there is no key to seal credentials with: none was given to this process")]
    NoKey,
    /// Credentials were sealed with a key that this process was not given.
    #[error(
        "the credentials were sealed with another key: give this process that key, too, or say the credentials again"
    )]
    OtherKey,
    /// Sealed credentials that open no more.
    #[error("the credentials cannot be opened: they were changed, or belong to something else; say them again")]
    Unsealable,
    /// What was asked makes no sense as things stand; the text says why and what to do.
    #[error("{0}")]
    Unfit(String),
    /// A file could not be read or written.
    #[error("{what}: {error}")]
    File {
        /// What was being done with which file.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// More records hang together than one step may hold.
    #[error(
        "{records} records hang together by shared phones and e-mail addresses, more than the {limit} that can be \
         resolved at once: leave the number or address that they all share out of the file"
    )]
    TooConnected {
        /// How many were found so far.
        records: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// The result of a call to the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Wraps an I/O error with what was being done.
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::File { what, error }
    }

    /// What the log says. A refused archive may quote its own file names, and somebody may have named those for a
    /// person; who asked for the import reads them where they ask.
    pub(crate) fn for_log(&self) -> String {
        match self {
            Self::Refused(refused) => format!("the archive is refused: {}", refused.kind()),
            other => other.to_string(),
        }
    }

    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        use doorstep_store::Error as Store;
        matches!(
            self,
            Self::Overloaded
                | Self::NotSent(_)
                | Self::TooManyTries(_)
                | Self::TooManyPlans
                | Self::Store(
                    Store::Busy | Store::DiskFull | Store::LeaseLost(_) | Store::Conflict(_) | Store::Database(_)
                )
        )
    }
}

/// An error's text as a sentence, for those who read it by itself: `There is no import here.`
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_sentence() {
        assert_eq!(sentence("there is no import `x` here"), "There is no import `x` here.");
        assert_eq!(sentence("élan?"), "Élan?");
        assert_eq!(sentence(""), ".");
    }
}
