//! The change feed: every committed change, once, in the order of commits.

use doorstep_core::Timestamp;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::At;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A customer: created, changed, merged away or gone.
    Customer,
    /// A conversation: created, or has other messages.
    Conversation,
    /// A call: came in, or gone. Whose it is follows when it is read.
    Call,
    /// An import's state or progress.
    Import,
    /// A connection was made, changed, or stands otherwise.
    Connection,
    /// A run's state or progress.
    Run,
    /// A review opened or closed.
    Review,
    /// A decision about who is who was made or taken back.
    Decision,
    /// A mark of an identifier was made or taken back.
    Mark,
    /// The tenant itself: its name, zone, country or own numbers. The id holds its number.
    Tenant,
}

impl Subject {
    const ALL: [Self; 10] = [
        Self::Customer,
        Self::Conversation,
        Self::Call,
        Self::Import,
        Self::Connection,
        Self::Run,
        Self::Review,
        Self::Decision,
        Self::Mark,
        Self::Tenant,
    ];

    /// The name in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Conversation => "conversation",
            Self::Call => "call",
            Self::Import => "import",
            Self::Connection => "connection",
            Self::Run => "run",
            Self::Review => "review",
            Self::Decision => "decision",
            Self::Mark => "mark",
            Self::Tenant => "tenant",
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|subject| subject.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is not a subject of changes"))
    }
}

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place: 1, 2, 3 … per tenant, without gaps.
    pub number: i64,
    /// What changed.
    pub subject: Subject,
    /// Which one.
    pub subject_id: Uuid,
    /// When its transaction began.
    pub changed_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    number: i64,
    subject: String,
    subject_id: Uuid,
    changed_at: At,
}

/// Entries after `after`, oldest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Change>> {
    let sql = "select number, subject, subject_id, changed_at from change \
               where tenant_id = $1 and number > $2 order by number limit $3";
    let rows: Vec<ChangeRow> = tx.fetch_all(sql, args![after, limit]).await?;
    let read = |row: ChangeRow| {
        Ok(Change {
            number: row.number,
            subject: word("change.subject", &row.subject)?,
            subject_id: row.subject_id,
            changed_at: row.changed_at.0,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Whether such a thing has changed after entry `after`.
#[crate::boxed]
pub async fn any_since(tx: &mut Tx, after: i64, subject: Subject) -> Result<bool> {
    let sql = "select number from change where tenant_id = $1 and number > $2 and subject = $3 limit 1";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![after, subject.as_str()]).await?;
    Ok(row.is_some())
}

/// The number of the newest entry; 0 before the first.
#[crate::boxed]
pub async fn head(tx: &mut Tx) -> Result<i64> {
    let sql = "select last_number from feed where tenant_id = $1";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![]).await?;
    Ok(row.map_or(0, |(number,)| number))
}
