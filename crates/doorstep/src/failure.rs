//! What a person reads when something did not work: one sentence, a hint, and a number for scripts.

use doorstep_engine::Error as EngineError;
use doorstep_store::Error as StoreError;
use serde_json::{Map, Value, json};

use crate::output::Output;

/// How the program ends; in the help of `doorstep`, for scripts to rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// It worked.
    Done,
    /// It did not work: the database, a disk, a task that gave up, a check that found something.
    Failed,
    /// It was refused: a bad archive, bad arguments, something that makes no sense as things stand.
    Refused,
    /// There is no such thing.
    NotFound,
}

impl Code {
    /// The number that the shell sees.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::NotFound => 3,
        }
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub code: Code,
    text: String,
    hint: Option<String>,
    /// With `--json`: what else the object on standard output holds.
    details: Map<String, Value>,
}

impl Failure {
    fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), hint: None, details: Map::new() }
    }

    /// Something broke.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::new(Code::Failed, text)
    }

    /// What was asked makes no sense.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(Code::Refused, text)
    }

    /// There is no such thing.
    pub fn not_found(text: impl Into<String>) -> Self {
        Self::new(Code::NotFound, text)
    }

    /// The reader of standard output has gone (`doorstep … | head`): not an error, and nothing to say.
    pub fn nobody_reads() -> Self {
        Self::new(Code::Done, "")
    }

    /// It failed, and standard output says already how.
    pub fn told() -> Self {
        Self::new(Code::Failed, "")
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with more for a program to read.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        if let Value::Object(details) = details {
            self.details.extend(details);
        }
        self
    }

    /// Tells it: to a person on standard error, and with `--json` also as one object on standard output.
    pub fn report(&self, out: &Output) {
        if self.text.is_empty() {
            return;
        }
        if out.json {
            let mut object = self.details.clone();
            object.insert("error".to_owned(), json!(self.text));
            if let Some(hint) = &self.hint {
                object.insert("hint".to_owned(), json!(hint));
            }
            // Nobody may be reading any more; standard error still says it.
            let _ = out.json(&object);
        }
        out.note(&format!("{} {}", out.on_stderr("error:", "1;31"), self.text));
        if let Some(hint) = &self.hint {
            out.note(&format!(" {} {hint}", out.on_stderr("hint:", "1")));
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let text = error.to_string();
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Refused(_) => Self::refused(text),
            EngineError::Denied(_)
            | EngineError::NotReached(_)
            | EngineError::BadName(_)
            | EngineError::NotThen(_)
            | EngineError::Unfit(_)
            | EngineError::TakenBack(_)
            | EngineError::MarkTakenBack(_)
            | EngineError::RemarkTakenBack(_)
            | EngineError::BadRemark(_)
            | EngineError::StillOne { .. }
            | EngineError::BadAlias(_)
            | EngineError::BadThresholds(_)
            | EngineError::StillFollowing(_)
            | EngineError::TooConnected { .. }
            | EngineError::EmailTaken
            | EngineError::WrongSignIn
            | EngineError::SeveralTenants(_)
            | EngineError::DeadLink
            | EngineError::WrongCode
            | EngineError::BadPassword(_)
            | EngineError::OtherRequest
            | EngineError::NotAPlan { .. }
            | EngineError::Stale { .. }
            | EngineError::BadValue(_)
            | EngineError::BadPosition(_)
            | EngineError::TooLarge { .. } => Self::refused(text),
            EngineError::TooManyTries(_) | EngineError::Overloaded | EngineError::NotSent(_) => Self::failed(text),
            EngineError::NoUser(_) | EngineError::NoSession(_) => {
                Self::not_found(text).hint("`doorstep user list` shows the users")
            }
            EngineError::NoApiKey(_) => Self::not_found(text).hint("`doorstep api-key list` shows them"),
            EngineError::NoCustomer(_) => {
                Self::not_found(text).hint("`doorstep customer search NAME` finds customers and their ids")
            }
            EngineError::NoImport(_) => Self::not_found(text).hint("`doorstep import list` shows them"),
            EngineError::NoConnection(_) => Self::not_found(text).hint("`doorstep connection list` shows them"),
            EngineError::NoRun(_) => Self::not_found(text).hint("`doorstep sync runs CONNECTION` shows them"),
            EngineError::AlreadyRunning { run, .. } => {
                Self::refused(text).hint(format!("`doorstep sync cancel {run}` stops it")).with(json!({ "run": run }))
            }
            EngineError::NoKey => Self::refused(text).hint(
                "`openssl rand -hex 32 > FILE` makes one; then set DOORSTEP_SOURCES_KEY_FILE=FILE for every process",
            ),
            EngineError::Source(_) | EngineError::OtherKey | EngineError::Unsealable => Self::failed(text),
            EngineError::NoRuleSet(_) => Self::not_found(text).hint("`doorstep identity rules` shows them"),
            EngineError::NotPreviewed(version) => {
                Self::refused(text).hint(format!("`doorstep identity resolve --preview --version {version}`"))
            }
            EngineError::NoMark(_) => Self::not_found(text).hint("`doorstep identity marks` shows them"),
            EngineError::NoDecision(_) | EngineError::NoRemark(_) => Self::not_found(text),
            EngineError::NoReview(_) => Self::not_found(text).hint("`doorstep review list` shows those that are open"),
            EngineError::File { error, .. } if error.kind() == std::io::ErrorKind::NotFound => Self::refused(text),
            EngineError::File { .. } | EngineError::Stopped(_) | EngineError::TooManyPlans => Self::failed(text),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Conflict(what) => Self::refused(format!("there is a {what} already")),
            StoreError::Database(_) | StoreError::Unreadable { .. } => {
                Self::failed(text).hint("`doorstep doctor` looks at the database as a whole")
            }
            StoreError::Newer { .. } => {
                Self::failed(text).hint("or restore the backup that was made before the upgrade")
            }
            StoreError::DiskFull
            | StoreError::Busy
            | StoreError::Damaged(_)
            | StoreError::Setup(_)
            | StoreError::LeaseLost(_) => Self::failed(text),
        }
    }
}
