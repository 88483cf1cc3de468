//! The change feed for programs: what changed, with typed ids, in the order of commits.

use doorstep_core::id::{
    CallId, ConnectionId, ConversationId, CustomerId, DecisionId, ImportId, MarkId, ReviewId, RunId,
};
use doorstep_core::position::page_size;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId, Timestamp};
use doorstep_store::change::{self, Subject};
use serde::Serialize;

use crate::Engine;
use crate::error::Result;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "subject", content = "id", rename_all = "snake_case")]
pub enum Changed {
    /// A customer: created, changed, merged away or gone.
    Customer(CustomerId),
    /// A conversation: created, gone, or has other messages.
    Conversation(ConversationId),
    /// A call: came in, or gone.
    Call(CallId),
    /// An import's state or progress.
    Import(ImportId),
    /// A connection: made, changed, or it stands otherwise.
    Connection(ConnectionId),
    /// A run's state or progress.
    Run(RunId),
    /// A review opened or closed.
    Review(ReviewId),
    /// A decision about who is who: made, or taken back. Lists leave out those that edits make.
    Decision(DecisionId),
    /// A mark of an identifier: made, or taken back.
    Mark(MarkId),
    /// The tenant itself: its name, zone, country or own numbers.
    Tenant(TenantId),
}

/// One entry of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its place: 1, 2, 3 … per tenant, without gaps. The next page begins after the last one read.
    pub number: i64,
    /// What changed.
    #[serde(flatten)]
    pub changed: Changed,
    /// When its transaction began.
    pub changed_at: Timestamp,
}

impl Engine {
    /// Entries after `after`, oldest first, at most `limit`. From 0 the whole feed.
    #[crate::boxed]
    pub async fn changes(&self, scope: &Scope, after: i64, limit: i64) -> Result<Vec<Change>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let read = change::list(&mut tx, after, page_size(limit) as i64).await?;
        Ok(read.into_iter().map(|entry| typed(scope.tenant(), entry)).collect())
    }

    /// The feed as it is stored, after `after`, oldest first, at most `limit`: for a reader of this process that keeps
    /// up with it.
    #[crate::boxed]
    pub async fn feed(&self, scope: &Scope, after: i64, limit: i64) -> Result<Vec<change::Change>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(change::list(&mut tx, after, limit).await?)
    }

    /// The number of the newest entry: where somebody begins who wants to hear of what comes. 0 before the first.
    #[crate::boxed]
    pub async fn last_change(&self, scope: &Scope) -> Result<i64> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(change::head(&mut tx).await?)
    }
}

fn typed(tenant: TenantId, entry: change::Change) -> Change {
    let id = entry.subject_id;
    let changed = match entry.subject {
        Subject::Customer => Changed::Customer(CustomerId::from_uuid(id)),
        Subject::Conversation => Changed::Conversation(ConversationId::from_uuid(id)),
        Subject::Call => Changed::Call(CallId::from_uuid(id)),
        Subject::Import => Changed::Import(ImportId::from_uuid(id)),
        Subject::Connection => Changed::Connection(ConnectionId::from_uuid(id)),
        Subject::Run => Changed::Run(RunId::from_uuid(id)),
        Subject::Review => Changed::Review(ReviewId::from_uuid(id)),
        Subject::Decision => Changed::Decision(DecisionId::from_uuid(id)),
        Subject::Mark => Changed::Mark(MarkId::from_uuid(id)),
        Subject::Tenant => Changed::Tenant(tenant),
    };
    Change { number: entry.number, changed, changed_at: entry.changed_at }
}
