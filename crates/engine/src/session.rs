//! Sessions: signing in, being known at each request, ending one.

use std::net::IpAddr;

use doorstep_core::audit::{Act, Details};
use doorstep_core::email::Email;
use doorstep_core::id::{self, SessionId, UserId};
use doorstep_core::limit::LimitKey;
use doorstep_core::password::Password;
use doorstep_core::session::{ABSOLUTE_SECONDS, Session, is_stale, user_agent};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_core::token::{Secret, Token};
use doorstep_core::user::User;
use doorstep_core::{Scope, TenantId, planted};
use doorstep_store::system::{self, Candidate};
use doorstep_store::{Tx, session, user};

use crate::around::{Around, Colleagues, MAX_OPEN_REVIEWS};
use crate::error::{Error, Result};
use crate::password::is_outdated;
use crate::{Engine, random};

/// What a session's cookie carries.
pub type SessionToken = Token<id::Session>;

/// Longest e-mail address that is looked at, in bytes: there are no longer ones (RFC 5321, 4.5.3.1).
const MAX_EMAIL_BYTES: usize = 320;

/// What a session's token against forged requests is derived for.
const PAGE_TOKEN: &str = "page token";

/// Somebody who wants to sign in.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    /// As they wrote it.
    pub email: &'a str,
    /// As they wrote it.
    pub password: &'a str,
    /// Where they come from, behind the proxies that are trusted.
    pub source: IpAddr,
    /// What their browser says it is.
    pub user_agent: &'a str,
    /// Which business, if they were asked.
    pub tenant: Option<TenantId>,
}

impl std::fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignIn(…)")
    }
}

/// Somebody who is in.
#[derive(Debug)]
pub struct SignedIn {
    /// What they may do from now on.
    pub scope: Scope,
    /// Who they are.
    pub user: User,
    /// Their session.
    pub session: Session,
    /// Its token, for the cookie; shown this once.
    pub token: SessionToken,
}

/// Somebody whose session was recognised.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What they may do at this moment.
    pub scope: Scope,
    /// Who they are at this moment.
    pub user: User,
    /// Their session.
    pub session: Session,
    /// What stands around whatever they look at, at this moment.
    pub around: Around,
    /// What their own pages bring along with what changes something, and nobody else's can: it follows from the
    /// session's secret, and is not stored.
    pub page_token: Secret,
}

impl Engine {
    /// Signs in with a password.
    ///
    /// An e-mail address that nobody has, a wrong password and a disabled user get the same answer after the same
    /// work. (Of somebody who is a user of several tenants each password is compared, which takes longer.)
    ///
    /// # Errors
    /// [`Error::WrongSignIn`]; [`Error::TooManyTries`] with how long to wait; [`Error::Overloaded`];
    /// [`Error::SeveralTenants`] if the password is right at several businesses and none was named.
    #[crate::boxed]
    pub async fn sign_in(&self, attempt: &SignIn<'_>) -> Result<SignedIn> {
        let now = self.db.clock().now();
        let email = Some(attempt.email).filter(|text| text.len() <= MAX_EMAIL_BYTES);
        let email = email.and_then(|text| Email::parse(text).ok()).map(|email| email.match_key());
        let person = LimitKey::of_text(email.as_deref().unwrap_or(attempt.email));
        self.door.take_try(person, Some(attempt.source), now)?;
        let mut candidates = match &email {
            Some(email) => system::users_by_email(&self.db, email).await?,
            None => Vec::new(),
        };
        candidates.retain(|candidate| attempt.tenant.is_none_or(|tenant| tenant == candidate.tenant));
        let hashes = candidates.iter().map(|candidate| candidate.password_hash.clone()).collect();
        let right = self.door.hasher.verify(attempt.password, hashes).await?;
        let may = |(candidate, right): (&Candidate, bool)| (right && !candidate.is_disabled).then(|| candidate.clone());
        let let_in: Vec<Candidate> = candidates.iter().zip(right).filter_map(may).collect();
        match let_in.as_slice() {
            [] => {
                let users: Vec<_> = candidates.iter().map(|candidate| (candidate.tenant, candidate.user)).collect();
                self.door.note_failure(person, &users, now);
                Err(Error::WrongSignIn)
            }
            [one] => {
                self.door.put_try_back(person);
                self.let_in(one, attempt).await
            }
            several => {
                self.door.put_try_back(person);
                let mut tenants = system::tenants(&self.db).await?;
                tenants.retain(|tenant| several.iter().any(|candidate| candidate.tenant == tenant.id));
                Err(Error::SeveralTenants(tenants.into_iter().map(|tenant| (tenant.id, tenant.name)).collect()))
            }
        }
    }

    async fn let_in(&self, candidate: &Candidate, attempt: &SignIn<'_>) -> Result<SignedIn> {
        let hash = candidate.password_hash.as_deref().unwrap_or_default();
        let newer = match Password::as_set(attempt.password) {
            Some(password) if is_outdated(hash) => Some(self.door.hasher.hash(&password).await?),
            _ => None,
        };
        let mut tx = self.db.write(&Scope::visitor(candidate.tenant)).await?;
        // What was compared is what counts now, too: the user may have been disabled meanwhile. Under the lock, so
        // that disabling cannot pass over a session that is just about to begin.
        user::lock(&mut tx).await?;
        let user = user::get(&mut tx, candidate.user).await?.filter(User::is_enabled).ok_or(Error::WrongSignIn)?;
        if user::password_hash(&mut tx, user.id).await?.as_deref() != Some(hash) {
            return Err(Error::WrongSignIn);
        }
        if let Some(newer) = newer {
            user::rehash(&mut tx, user.id, hash, &newer).await?;
        }
        let signed_in = self.begin_session(&mut tx, &user, attempt.user_agent, "password").await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Begins a session of somebody who has shown who they are, in a transaction that is yet to be committed.
    #[crate::boxed]
    pub(crate) async fn begin_session(&self, tx: &mut Tx, who: &User, agent: &str, how: &str) -> Result<SignedIn> {
        let now = tx.now();
        let token = SessionToken { tenant: tx.tenant(), id: self.ids.make(now), secret: random::secret()? };
        let session = Session {
            id: token.id,
            user: who.id,
            user_agent: user_agent(agent),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus_seconds(ABSOLUTE_SECONDS),
            revoked_at: None,
        };
        session::insert(tx, &session::New { session: session.clone(), hash: token.secret.hash() }).await?;
        let (actor, subject) = (Actor::User(who.id), Some(who.id.to_string()));
        let details = Details::none().with("session", token.id).with("how", how);
        self.note_act(tx, &actor, Act::SignedIn, subject, details).await?;
        let scope = Scope::new(token.tenant, actor, who.role);
        Ok(SignedIn { scope, user: who.clone(), session, token })
    }

    /// Who comes with this cookie, as they are at this moment: one look-up by primary key. `None` if nobody does.
    #[crate::boxed]
    pub async fn authenticate_session(&self, cookie: &str) -> Result<Option<Visit>> {
        let Some(token) = SessionToken::parse(cookie) else { return Ok(None) };
        let mut tx = self.db.glance(&Scope::visitor(token.tenant)).await?;
        let now = tx.now();
        let Some(found) = session::find(&mut tx, token.id, MAX_OPEN_REVIEWS).await? else { return Ok(None) };
        let is_right = found.hash.matches(&token.secret) || planted!("a-forged-cookie-opens");
        if !is_right || !found.session.is_alive(now) || !found.user.is_enabled() {
            return Ok(None);
        }
        if is_stale(Some(found.session.last_seen_at), now) {
            self.door.note_session(token.tenant, token.id);
        }
        let mut scope = Scope::new(token.tenant, Actor::User(found.user.id), found.user.role);
        if planted!("a-role-is-remembered") {
            static SCOPE: std::sync::OnceLock<Scope> = std::sync::OnceLock::new();
            scope = SCOPE.get_or_init(|| scope.clone()).clone();
        }
        let page_token = token.secret.derived(PAGE_TOKEN);
        let session::Found { user, session, tenant, open_reviews, .. } = found;
        let around = Around { tenant, colleagues: Colleagues::default(), open_reviews, now };
        Ok(Some(Visit { scope, user, session, around, page_token }))
    }

    /// A user's sessions that are alive, newest first; everybody may ask for their own.
    #[crate::boxed]
    pub async fn sessions(&self, scope: &Scope, user: UserId) -> Result<Vec<Session>> {
        if *scope.actor() != Actor::User(user) {
            scope.require(Permission::ManageUsers)?;
        }
        let mut tx = self.db.read(scope).await?;
        let now = tx.now();
        let mut sessions = session::of_user(&mut tx, user).await?;
        sessions.retain(|session| session.is_alive(now));
        Ok(sessions)
    }

    /// Ends a session: signs out, or throws somebody out.
    ///
    /// # Errors
    /// [`Error::NoSession`]; [`Error::Denied`] if it is somebody else's, and the scope may not act on them.
    #[crate::boxed]
    pub async fn revoke_session(&self, scope: &Scope, id: SessionId) -> Result<()> {
        let mut tx = self.db.write(scope).await?;
        let found = session::find(&mut tx, id, 0).await?;
        let is_own = found.as_ref().is_some_and(|found| *scope.actor() == Actor::User(found.user.id));
        if !is_own {
            scope.require(Permission::ManageUsers)?;
        }
        let found = found.ok_or(Error::NoSession(id))?;
        if !is_own {
            scope.require_reach(found.user.role, found.user.role.permissions())?;
        }
        if session::revoke(&mut tx, id).await? {
            let (subject, details) = (Some(found.user.id.to_string()), Details::none().with("session", id));
            self.note_act(&mut tx, scope.actor(), Act::SessionRevoked, subject, details).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Ends all sessions of a user but `this`; how many.
    #[crate::boxed]
    pub async fn revoke_sessions(&self, scope: &Scope, id: UserId, this: Option<SessionId>) -> Result<u64> {
        let mut tx = if *scope.actor() == Actor::User(id) {
            self.db.write(scope).await?
        } else {
            self.begin_on(scope, id).await?.0
        };
        let ended = session::revoke_of_user(&mut tx, id, this).await?;
        if ended > 0 {
            let (subject, details) = (Some(id.to_string()), Details::none().with("sessions_ended", ended));
            self.note_act(&mut tx, scope.actor(), Act::SessionRevoked, subject, details).await?;
            tx.commit().await?;
        }
        Ok(ended)
    }
}
