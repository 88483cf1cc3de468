//! API keys: how programs come in.

use doorstep_core::api_key::ApiKey;
use doorstep_core::audit::{Act, Details};
use doorstep_core::id::{self, ApiKeyId};
use doorstep_core::permission::PermissionSet;
use doorstep_core::phone::Region;
use doorstep_core::session::is_stale;
use doorstep_core::tenant::{Actor, Permission, Role};
use doorstep_core::token::Token;
use doorstep_core::user::Label;
use doorstep_core::{Scope, Timestamp, planted};
use doorstep_store::api_key;

use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::{Engine, random};

/// What a program sends to be known.
pub type ApiKeyToken = Token<id::ApiKey>;

/// Keys of one tenant that are not revoked: more than it has programs.
pub const MAX_API_KEYS: i64 = 200;

/// A key that is to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is for.
    pub name: Label,
    /// What it may do at most.
    pub role: Role,
    /// What it is narrowed to, if it is.
    pub scopes: Option<PermissionSet>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A program whose key was recognised.
#[derive(Debug, Clone)]
pub struct Call {
    /// What it may do at this moment.
    pub scope: Scope,
    /// Its key.
    pub key: ApiKey,
    /// The country of its tenant, by which numbers are read.
    pub country: Region,
}

impl Engine {
    /// Makes a key; the token is shown this once.
    ///
    /// # Errors
    /// [`Error::Denied`] if the key could do what the scope cannot; [`Error::Unfit`] if it could do nothing, or ends
    /// before it begins, or there are too many.
    #[crate::boxed]
    pub async fn create_api_key(&self, scope: &Scope, new: &NewApiKey) -> Result<(ApiKey, ApiKeyToken)> {
        self.create_api_key_and(scope, new, None).await
    }

    #[crate::boxed]
    pub(crate) async fn create_api_key_and(
        &self,
        scope: &Scope,
        new: &NewApiKey,
        keep: Option<&Keep<'_, ApiKey>>,
    ) -> Result<(ApiKey, ApiKeyToken)> {
        scope.require(Permission::ManageApiKeys)?;
        if let Actor::ApiKey(_) = scope.actor() {
            // Its key would outlive the person who made the first one.
            return Err(Error::Unfit("an API key makes no API keys: sign in as a person".to_owned()));
        }
        let granted = new.scopes.unwrap_or(new.role.permissions());
        scope.require_reach(new.role, granted)?;
        if granted.and(new.role.permissions()).is_empty() {
            return Err(Error::Unfit(format!(
                "the role `{}` grants none of these scopes: the key could do nothing",
                new.role.as_str()
            )));
        }
        let mut tx = self.db.write(scope).await?;
        let now = tx.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::Unfit("the key would end before it begins: give a time to come".to_owned()));
        }
        if api_key::count(&mut tx).await? >= MAX_API_KEYS {
            return Err(Error::Unfit(format!("there are {MAX_API_KEYS} keys: revoke those that nobody uses")));
        }
        let token = ApiKeyToken { tenant: scope.tenant(), id: self.ids.make(now), secret: random::secret()? };
        let key = ApiKey {
            id: token.id,
            name: new.name.as_str().to_owned(),
            role: new.role,
            scopes: new.scopes,
            created_by: scope.actor().clone(),
            created_at: now,
            last_used_at: None,
            expires_at: new.expires_at,
            revoked_at: None,
        };
        api_key::insert(&mut tx, &key, &token.secret.hash()).await?;
        let details = Details::none().with("role", key.role).with("scopes", key.scopes);
        self.note_act(&mut tx, scope.actor(), Act::ApiKeyCreated, Some(key.id.to_string()), details).await?;
        idempotency::put(&mut tx, scope, keep, &key).await?;
        tx.commit().await?;
        Ok((key, token))
    }

    /// Keys after `after`, in the order in which they were made, at most `limit`; those that ended among them.
    #[crate::boxed]
    pub async fn api_keys(&self, scope: &Scope, after: Option<ApiKeyId>, limit: i64) -> Result<Vec<ApiKey>> {
        scope.require(Permission::ManageApiKeys)?;
        let mut tx = self.db.read(scope).await?;
        Ok(api_key::list(&mut tx, after, limit).await?)
    }

    /// Revokes a key; again is fine.
    ///
    /// # Errors
    /// [`Error::NoApiKey`]; [`Error::Denied`] if the key's role is above the scope's.
    #[crate::boxed]
    pub async fn revoke_api_key(&self, scope: &Scope, id: ApiKeyId) -> Result<()> {
        scope.require(Permission::ManageApiKeys)?;
        let mut tx = self.db.write(scope).await?;
        let key = api_key::find(&mut tx, id).await?.ok_or(Error::NoApiKey(id))?.key;
        scope.require_reach(key.role, PermissionSet::NONE)?;
        if api_key::revoke(&mut tx, id).await? {
            self.note_act(&mut tx, scope.actor(), Act::ApiKeyRevoked, Some(id.to_string()), Details::none()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Which program comes with this text, and what it may do at this moment: one look-up by primary key. `None` if
    /// none does.
    #[crate::boxed]
    pub async fn authenticate_api_key(&self, text: &str) -> Result<Option<Call>> {
        let Some(token) = ApiKeyToken::parse(text) else { return Ok(None) };
        let mut tx = self.db.glance(&Scope::visitor(token.tenant)).await?;
        let now = tx.now();
        let Some(found) = api_key::find(&mut tx, token.id).await? else { return Ok(None) };
        let api_key::Found { key, hash, country } = found;
        if !hash.matches(&token.secret) || !(key.is_alive(now) || planted!("a-revoked-key-opens")) {
            return Ok(None);
        }
        if is_stale(key.last_used_at, now) {
            self.door.note_api_key(token.tenant, token.id);
        }
        Ok(Some(Call { scope: key.scope(token.tenant), key, country }))
    }
}
