//! A create that is sent again gets the same answer and creates nothing.

use doorstep_core::Scope;
use doorstep_core::contact::Contact;
use doorstep_store::idempotency::{Answer, MAX_KEY_BYTES};
use doorstep_store::{Error as StoreError, Tx, idempotency};

use crate::Engine;
use crate::customer::Found;
use crate::error::{Error, Result};

/// The key that a caller gave with a request, and how the answer is to be kept.
pub struct Keep<'a> {
    /// The caller's key.
    pub key: &'a str,
    /// SHA-256 of the request.
    pub request_hash: [u8; 32],
    /// What the door will say: the status and the body.
    pub answer: &'a (dyn Fn(&Found) -> (u16, serde_json::Value) + Send + Sync),
}

/// What came of a request that may have been sent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It was done now.
    Done(Found),
    /// It had been done: this was the answer.
    Kept(Answer),
}

impl Engine {
    /// Find-or-create that creates once, however often it is sent with the same key within a day. An answer is kept
    /// only where something was written; what was merely found is found again.
    ///
    /// # Errors
    /// Those of [`Engine::find_or_create`]; [`Error::Unfit`] for a key that is blank or too long;
    /// [`Error::OtherRequest`] if the key was given with another request.
    pub async fn find_or_create_once(&self, scope: &Scope, contact: &Contact, keep: &Keep<'_>) -> Result<Once> {
        if keep.key.is_empty() || keep.key.len() > MAX_KEY_BYTES {
            return Err(Error::Unfit(format!("an idempotency key has 1 to {MAX_KEY_BYTES} bytes")));
        }
        if let Some(answer) = self.kept(scope, keep).await? {
            return Ok(Once::Kept(answer));
        }
        match self.find_or_create_and(scope, contact, Some(keep)).await {
            // The same request was quicker by another way in; nothing of this one was kept.
            Err(Error::Store(StoreError::Conflict(why))) => match self.kept(scope, keep).await? {
                Some(answer) => Ok(Once::Kept(answer)),
                None => Err(Error::Store(StoreError::Conflict(why))),
            },
            found => found.map(Once::Done),
        }
    }

    async fn kept(&self, scope: &Scope, keep: &Keep<'_>) -> Result<Option<Answer>> {
        let mut tx = self.db.read(scope).await?;
        let found = idempotency::find(&mut tx, scope.actor(), keep.key).await?;
        match found {
            Some(answer) if answer.request_hash != keep.request_hash => Err(Error::OtherRequest),
            found => Ok(found),
        }
    }
}

impl Keep<'_> {
    /// Keeps the answer, in the transaction of the create.
    pub(crate) async fn put(&self, tx: &mut Tx, scope: &Scope, found: &Found) -> Result<()> {
        let (status, body) = (self.answer)(found);
        let answer = Answer { request_hash: self.request_hash, status, body };
        Ok(idempotency::insert(tx, scope.actor(), self.key, &answer).await?)
    }
}
