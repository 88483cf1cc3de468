//! What can go wrong with a store, sorted by what the caller can do about it.

use doorstep_core::planted;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk or its quota is full: nothing of this transaction was kept.
    #[error("the disk is full: nothing of this step was kept; free some space and run it again")]
    DiskFull,
    /// Another process holds the database for longer than we wait.
    #[error("the database is busy: another process has been writing for too long; try again")]
    Busy,
    /// The database file is damaged or is not one of ours.
    #[error("`{0}` is not a healthy doorstep database; restore a backup (`doorstep restore`)")]
    Damaged(String),
    /// The store was written by a newer version.
    #[error("this database has schema {found}, and this version of doorstep knows {known}: run a newer doorstep")]
    Newer {
        /// The schema in the store.
        found: i64,
        /// The newest schema of this binary.
        known: i64,
    },
    /// The store is set up in a way that would break a promise; the text says what to do.
    #[error("{0}")]
    Setup(String),
    /// The lease under which this was written has ended: somebody else may be at it.
    #[error("the lease on task `{0}` ended before the work did; it starts again by itself")]
    LeaseLost(String),
    /// A uniqueness or reference rule refused the row.
    #[error("`{0}` refused a row that is already there")]
    Conflict(String),
    /// What the database holds cannot be read as what it should be.
    #[error("`{what}` holds something unreadable: {why}")]
    Unreadable {
        /// The table or column.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// Anything else.
    #[error("the database refused: {0}")]
    Database(String),
}

/// The result of a call to the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => crate::dialect::classify(database.as_ref()),
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(io) if io.raw_os_error() == Some(28) => Self::DiskFull,
            // What could not be decoded is quoted by the library that tried: it may be anything that is stored.
            sqlx::Error::ColumnDecode { .. } if planted!("an-unreadable-row-is-quoted") => {
                Self::Database(error.to_string())
            }
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Unreadable { what: "a row", why: format!("its column {index} is not what it should be") }
            }
            sqlx::Error::Decode(_) => Self::Unreadable { what: "a row", why: "it is not what it should be".to_owned() },
            sqlx::Error::Encode(_) => Self::Database("a value could not be bound".to_owned()),
            // The texts below name the kind of failure and, for I/O, the system's reason; never a value.
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        // Its own text quotes what it found.
        let kind = if error.is_data() { "it is of another form" } else { "it is no JSON" };
        Self::Unreadable { what: "json", why: format!("{kind} at line {} column {}", error.line(), error.column()) }
    }
}

/// Reads a stored word of a closed set.
pub(crate) fn word<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|why: T::Err| Error::Unreadable { what, why: why.to_string() })
}
