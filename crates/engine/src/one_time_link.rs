//! One-time links: made for a user, used once, within minutes or days.

use doorstep_core::audit::{Act, Details};
use doorstep_core::id::{self, UserId};
use doorstep_core::one_time_link::{OneTimeLink, Purpose};
use doorstep_core::password::Password;
use doorstep_core::tenant::Actor;
use doorstep_core::token::Token;
use doorstep_core::user::User;
use doorstep_core::{Scope, planted};
use doorstep_store::one_time_link::Found;
use doorstep_store::{Tx, one_time_link, user};

use crate::error::{Error, Result};
use crate::session::SignedIn;
use crate::user::put_password;
use crate::{Engine, random};

/// Where on a server a link leads; its token follows.
pub const LINK_PATH: &str = "/link/";

/// What a link carries.
pub type LinkToken = Token<id::OneTimeLink>;

impl Engine {
    /// Makes a link for a user; an older one for the same purpose stops working.
    ///
    /// # Errors
    /// [`Error::Unfit`] if the user is disabled; [`Error::Denied`] if they are above the scope: the link is them.
    #[crate::boxed]
    pub async fn create_link(&self, scope: &Scope, user: UserId, purpose: Purpose) -> Result<LinkToken> {
        let (mut tx, user) = self.begin_on(scope, user).await?;
        if !user.is_enabled() {
            return Err(Error::Unfit(format!("`{}` is disabled, and a link would not let them in", user.id)));
        }
        let token = self.put_link(&mut tx, user.id, purpose).await?;
        let details = Details::none().with("purpose", purpose).with("link", token.id);
        self.note_act(&mut tx, scope.actor(), Act::LinkCreated, Some(user.id.to_string()), details).await?;
        tx.commit().await?;
        Ok(token)
    }

    #[crate::boxed]
    pub(crate) async fn put_link(&self, tx: &mut Tx, user: UserId, purpose: Purpose) -> Result<LinkToken> {
        let now = tx.now();
        let token = Token { tenant: tx.tenant(), id: self.ids.make(now), secret: random::secret()? };
        let expires_at = now.plus_seconds(purpose.seconds());
        let link = OneTimeLink { id: token.id, user, purpose, created_at: now, expires_at, used_at: None };
        one_time_link::insert(tx, &link, &token.secret.hash()).await?;
        Ok(token)
    }

    /// Whom a link lets in and what for, if it still works; it still does afterwards. For the page behind the link:
    /// mail programs open links to look at them, so that only what the page sends uses it up.
    #[crate::boxed]
    pub async fn link(&self, text: &str) -> Result<Option<(User, OneTimeLink)>> {
        let Some(token) = LinkToken::parse(text) else { return Ok(None) };
        let mut tx = self.db.read(&Scope::visitor(token.tenant)).await?;
        Ok(find(&mut tx, &token).await?.map(|found| (found.user, found.link)))
    }

    /// Signs in by a link that is for signing in.
    ///
    /// # Errors
    /// [`Error::DeadLink`].
    #[crate::boxed]
    pub async fn sign_in_by_link(&self, text: &str, user_agent: &str) -> Result<SignedIn> {
        let (mut tx, user) = self.use_link(text, Purpose::SignIn).await?;
        let signed_in = self.begin_session(&mut tx, &user, user_agent, "link").await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Sets a password by a link that is for it, and signs in.
    ///
    /// # Errors
    /// [`Error::DeadLink`]; [`Error::BadPassword`], after which the link still works.
    #[crate::boxed]
    pub async fn set_password_by_link(&self, text: &str, password: &str, user_agent: &str) -> Result<SignedIn> {
        let Some((user, _)) = self.link(text).await?.filter(|(_, link)| link.purpose == Purpose::SetPassword) else {
            return Err(Error::DeadLink);
        };
        let hash = self.door.hasher.hash(&Password::parse(password, &user.email)?).await?;
        let (mut tx, user) = self.use_link(text, Purpose::SetPassword).await?;
        let ended = put_password(&mut tx, user.id, &hash, None).await?;
        let details = Details::none().with("sessions_ended", ended).with("how", "link");
        let actor = Actor::User(user.id);
        self.note_act(&mut tx, &actor, Act::UserPasswordSet, Some(user.id.to_string()), details).await?;
        let signed_in = self.begin_session(&mut tx, &user, user_agent, "link").await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Uses a link up, in a transaction that is yet to be committed.
    async fn use_link(&self, text: &str, purpose: Purpose) -> Result<(Tx, User)> {
        let token = LinkToken::parse(text).ok_or(Error::DeadLink)?;
        let mut tx = self.db.write(&Scope::visitor(token.tenant)).await?;
        user::lock(&mut tx).await?;
        let found = find(&mut tx, &token).await?.filter(|found| found.link.purpose == purpose);
        let found = found.ok_or(Error::DeadLink)?;
        let is_used_up = planted!("a-link-works-twice") || one_time_link::use_up(&mut tx, token.id).await?;
        if !is_used_up {
            return Err(Error::DeadLink);
        }
        Ok((tx, found.user))
    }
}

/// A link that still works, with its user who may sign in.
async fn find(tx: &mut Tx, token: &LinkToken) -> Result<Option<Found>> {
    let now = tx.now();
    let found = one_time_link::find(tx, token.id).await?;
    let opens =
        |found: &Found| found.hash.matches(&token.secret) && found.link.is_alive(now) && found.user.is_enabled();
    Ok(found.filter(opens))
}
