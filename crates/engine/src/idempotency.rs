//! A create that is sent again gets the same answer and creates nothing.
//!
//! There is one way for all of them: [`Keep`] goes down to the transaction of the create, which puts the answer beside
//! what it writes. What the answer says is the door's business; a secret that was shown once is not to be in it.

use doorstep_core::Scope;
use doorstep_core::contact::Contact;
use doorstep_core::conversation::Channel;
use doorstep_core::id::{ConnectionId, CustomerId, DecisionId, MarkId, RemarkId, ReviewId};
use doorstep_core::matching::IdentifierMark;
use doorstep_core::remark::{Remark, Said};
use doorstep_core::sync::Run;
use doorstep_core::tenant::Permission;
use doorstep_core::user::User;
use doorstep_store::idempotency::{Answer, MAX_KEY_BYTES};
use doorstep_store::import::Stored;
use doorstep_store::{Tx, idempotency};
use serde_json::Value;

use crate::Engine;
use crate::api_key::{ApiKeyToken, NewApiKey};
use crate::connection::{Connected, NewConnection};
use crate::customer::Found;
use crate::error::{Error, Result};
use crate::import::{About, Limits, Progress, Upload};
use crate::mark::Marked;
use crate::merge::{self, Decided, Retracted};
use crate::one_time_link::LinkToken;
use crate::remark::Added;
use crate::source::within_limit;
use crate::sync::Now;
use crate::user::NewUser;

/// What a door will say about what was created: the status and the body.
pub type Reply<T> = dyn Fn(&T) -> (u16, Value) + Send + Sync;

/// The key that a caller gave with a request, and how the answer is to be kept.
pub struct Keep<'a, T> {
    /// The caller's key.
    pub key: &'a str,
    /// SHA-256 of the request: of what it asks for, and where.
    pub request_hash: [u8; 32],
    /// What is kept. It must hold no secret.
    pub answer: &'a Reply<T>,
}

/// What came of a request that may have been sent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It was done now.
    Done(T),
    /// It had been done: this was the answer.
    Kept(Answer),
}

/// The creates that happen once, however often they are sent with the same key within a day; without a key they are
/// what their namesakes are. An answer is kept only where something was written: what was merely found is found again,
/// and what was refused may be tried again.
///
/// # Errors
/// Those of their namesakes; [`Error::Unfit`] for a key that is blank or too long; [`Error::OtherRequest`] if the key
/// was given with another request.
impl Engine {
    /// As [`Engine::find_or_create`].
    #[crate::boxed]
    pub async fn find_or_create_once(
        &self,
        scope: &Scope,
        contact: &Contact,
        keep: Option<&Keep<'_, Found>>,
    ) -> Result<Once<Found>> {
        self.once(scope, Permission::CreateCustomer, keep, self.find_or_create_and(scope, contact, keep)).await
    }

    /// As [`Engine::merge`].
    #[crate::boxed]
    pub async fn merge_once(
        &self,
        scope: &Scope,
        (a, b): (CustomerId, CustomerId),
        reason: Option<&str>,
        keep: Option<&Keep<'_, Decided>>,
    ) -> Result<Once<Decided>> {
        self.once(scope, Permission::DecideIdentity, keep, self.merge_and(scope, a, b, reason, keep)).await
    }

    /// As [`Engine::unmerge`].
    #[crate::boxed]
    pub async fn unmerge_once(
        &self,
        scope: &Scope,
        id: CustomerId,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Decided>>,
    ) -> Result<Once<Decided>> {
        self.once(scope, Permission::DecideIdentity, keep, self.unmerge_and(scope, id, reason, keep)).await
    }

    /// As [`Engine::decide_review`].
    #[crate::boxed]
    pub async fn decide_review_once(
        &self,
        scope: &Scope,
        id: ReviewId,
        answer: merge::Answer,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Decided>>,
    ) -> Result<Once<Decided>> {
        let act = self.decide_review_and(scope, id, answer, reason, keep);
        self.once(scope, Permission::DecideIdentity, keep, act).await
    }

    /// As [`Engine::retract_decision`].
    #[crate::boxed]
    pub async fn retract_decision_once(
        &self,
        scope: &Scope,
        id: DecisionId,
        keep: Option<&Keep<'_, Retracted>>,
    ) -> Result<Once<Retracted>> {
        self.once(scope, Permission::DecideIdentity, keep, self.retract_decision_and(scope, id, keep)).await
    }

    /// As [`Engine::mark_identifier`].
    #[crate::boxed]
    pub async fn mark_identifier_once(
        &self,
        scope: &Scope,
        mark: &IdentifierMark,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Marked>>,
    ) -> Result<Once<Marked>> {
        let act = self.mark_identifier_and(scope, mark, reason, keep);
        self.once(scope, Permission::DecideIdentity, keep, act).await
    }

    /// As [`Engine::retract_mark`].
    #[crate::boxed]
    pub async fn retract_mark_once(
        &self,
        scope: &Scope,
        id: MarkId,
        keep: Option<&Keep<'_, Marked>>,
    ) -> Result<Once<Marked>> {
        self.once(scope, Permission::DecideIdentity, keep, self.retract_mark_and(scope, id, keep)).await
    }

    /// As [`Engine::add_remark`].
    #[crate::boxed]
    pub async fn add_remark_once(
        &self,
        scope: &Scope,
        customer: CustomerId,
        said: &Said,
        channel: Option<Channel>,
        keep: Option<&Keep<'_, Added>>,
    ) -> Result<Once<Added>> {
        let act = self.add_remark_and(scope, customer, said, channel, keep);
        self.once(scope, Permission::AddRemarks, keep, act).await
    }

    /// As [`Engine::retract_remark`].
    #[crate::boxed]
    pub async fn retract_remark_once(
        &self,
        scope: &Scope,
        id: RemarkId,
        keep: Option<&Keep<'_, Remark>>,
    ) -> Result<Once<Remark>> {
        self.once(scope, Permission::AddRemarks, keep, self.retract_remark_and(scope, id, keep)).await
    }

    /// As [`Engine::invite_user`]; what is kept knows the user, not the link.
    #[crate::boxed]
    pub async fn invite_user_once(
        &self,
        scope: &Scope,
        new: &NewUser,
        keep: Option<&Keep<'_, User>>,
    ) -> Result<Once<(User, LinkToken)>> {
        self.once(scope, Permission::ManageUsers, keep, self.invite_user_and(scope, new, keep)).await
    }

    /// As [`Engine::create_api_key`]; what is kept knows the key's row, not its secret.
    #[crate::boxed]
    pub async fn create_api_key_once(
        &self,
        scope: &Scope,
        new: &NewApiKey,
        keep: Option<&Keep<'_, doorstep_core::api_key::ApiKey>>,
    ) -> Result<Once<(doorstep_core::api_key::ApiKey, ApiKeyToken)>> {
        self.once(scope, Permission::ManageApiKeys, keep, self.create_api_key_and(scope, new, keep)).await
    }

    /// As [`Engine::add_connection`], after asking the source whether it can be read where `checks` says so. A request that
    /// was answered before asks nothing of the source.
    #[crate::boxed]
    pub async fn add_connection_once(
        &self,
        scope: &Scope,
        new: &NewConnection,
        checks: bool,
        keep: Option<&Keep<'_, Connected>>,
    ) -> Result<Once<Connected>> {
        let act = async {
            let checked = match checks {
                true => Some(within_limit(self.check_settings(scope, new.source, &new.settings)).await?),
                false => None,
            };
            let connection = self.add_connection_and(scope, new, checked.clone(), keep).await?;
            Ok(Connected { connection, checked })
        };
        self.once(scope, Permission::Administer, keep, act).await
    }

    /// As [`Engine::sync_now`].
    #[crate::boxed]
    pub async fn sync_now_once(
        &self,
        scope: &Scope,
        id: ConnectionId,
        now: Now,
        keep: Option<&Keep<'_, Run>>,
    ) -> Result<Once<Run>> {
        self.once(scope, Permission::Import, keep, self.sync_now_and(scope, id, now, keep)).await
    }

    /// As [`Engine::plan_upload`]. An archive that is sent again is read and thrown away: its hash is part of the
    /// request's.
    #[crate::boxed]
    pub async fn plan_upload_once(
        &self,
        scope: &Scope,
        upload: Upload,
        about: &About<'_>,
        progress: &(dyn Fn(Progress) + Send + Sync),
        keep: Option<&Keep<'_, Stored>>,
    ) -> Result<Once<Stored>> {
        let act = self.plan_upload_and(scope, upload, about, Limits::default(), progress, keep);
        self.once(scope, Permission::Import, keep, act).await
    }

    /// Runs `act`, which keeps its answer by [`put`], unless an answer is there already. Who has lost the right to the
    /// act has lost the right to its answers.
    async fn once<T, U>(
        &self,
        scope: &Scope,
        permission: Permission,
        keep: Option<&Keep<'_, T>>,
        act: impl Future<Output = Result<U>>,
    ) -> Result<Once<U>> {
        scope.require(permission)?;
        let Some(keep) = keep else { return act.await.map(Once::Done) };
        if keep.key.is_empty() || keep.key.len() > MAX_KEY_BYTES {
            return Err(Error::Unfit(format!("an idempotency key has 1 to {MAX_KEY_BYTES} bytes")));
        }
        if let Some(answer) = self.kept(scope, keep).await? {
            return Ok(Once::Kept(answer));
        }
        match act.await {
            Ok(done) => Ok(Once::Done(done)),
            // The same request may have been quicker by another way in: then this one came too late (one customer
            // already, an e-mail address that is taken, a key that is there), and nothing of it was kept.
            Err(error) => match self.kept(scope, keep).await {
                Ok(Some(answer)) => Ok(Once::Kept(answer)),
                Err(Error::OtherRequest) => Err(Error::OtherRequest),
                Ok(None) | Err(_) => Err(error),
            },
        }
    }

    async fn kept<T>(&self, scope: &Scope, keep: &Keep<'_, T>) -> Result<Option<Answer>> {
        let mut tx = self.db.read(scope).await?;
        let found = idempotency::find(&mut tx, scope.actor(), keep.key).await?;
        match found {
            Some(answer) if answer.request_hash != keep.request_hash => Err(Error::OtherRequest),
            found => Ok(found),
        }
    }
}

/// Keeps the answer, in the transaction of the create; nothing where no key came along.
pub(crate) async fn put<T>(tx: &mut Tx, scope: &Scope, keep: Option<&Keep<'_, T>>, created: &T) -> Result<()> {
    let Some(keep) = keep else { return Ok(()) };
    let (status, body) = (keep.answer)(created);
    let answer = Answer { request_hash: keep.request_hash, status, body };
    Ok(idempotency::insert(tx, scope.actor(), keep.key, &answer).await?)
}
