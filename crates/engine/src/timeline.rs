//! What was written and said: the timeline of a customer, its conversations, and their messages.

use doorstep_core::conversation::{Conversation, Entry, Message};
use doorstep_core::id::{ConversationId, CustomerId, MessageId};
use doorstep_core::position::{Page, Position, page_size};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::timeline::{self, Place};
use doorstep_store::{conversation, message};

use crate::Engine;
use crate::error::Result;
use crate::merge::current;

impl Engine {
    /// Messages and calls of a customer in one list, newest first.
    ///
    /// # Errors
    /// [`crate::Error::NoCustomer`]; [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn timeline(
        &self,
        scope: &Scope,
        id: CustomerId,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Entry>> {
        const LIST: &str = "timeline";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<Place>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let id = current(&mut tx, id).await?;
        let read = timeline::page(&mut tx, id, from, limit as i64 + 1).await?;
        Ok(Page::of(LIST, from.map(|(way, _)| way), read, limit, Entry::place))
    }

    /// The conversations of a customer, the one with the newest message first.
    ///
    /// # Errors
    /// [`crate::Error::NoCustomer`]; [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn conversations(
        &self,
        scope: &Scope,
        id: CustomerId,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Conversation>> {
        const LIST: &str = "conversations";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<(Timestamp, ConversationId)>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let id = current(&mut tx, id).await?;
        let read = conversation::page(&mut tx, id, from, limit as i64 + 1).await?;
        let key =
            |one: &Conversation| (one.last_message_at.or(one.started_at).unwrap_or(Timestamp::from_micros(0)), one.id);
        Ok(Page::of(LIST, from.map(|(way, _)| way), read, limit, key))
    }

    /// One conversation.
    #[crate::boxed]
    pub async fn conversation(&self, scope: &Scope, id: ConversationId) -> Result<Option<Conversation>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(conversation::get(&mut tx, id).await?)
    }

    /// The messages of a conversation, newest first; none of one that is not here.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn messages(
        &self,
        scope: &Scope,
        id: ConversationId,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Message>> {
        const LIST: &str = "messages";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<(Timestamp, MessageId)>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = message::page(&mut tx, id, from, limit as i64 + 1).await?;
        Ok(Page::of(LIST, from.map(|(way, _)| way), read, limit, |one: &Message| (one.sent_at, one.id)))
    }
}
