//! Users: who may come in and with which role.
//!
//! The rules: nobody acts on somebody with more rights than their own, nor gives what they do not have (so only owners
//! make owners, and an admin cannot touch one); a tenant that has an owner keeps one who may sign in. A password that
//! was set, by whomever, ends the user's other sessions and links. Disabling ends sessions and links, and revokes the
//! API keys that the user made: somebody who leaves may have written them down. A lower role revokes those keys of
//! theirs that can do more than they now can. Enabling brings nothing of it back.

use doorstep_core::audit::{Act, Details};
use doorstep_core::email::Email;
use doorstep_core::id::{SessionId, UserId};
use doorstep_core::limit::LimitKey;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::password::Password;
use doorstep_core::tenant::{Actor, Permission, Role, Tenant};
use doorstep_core::user::{Label, User};
use doorstep_core::{Scope, planted};
use doorstep_store::system::{FirstTenant, NewTenant};
use doorstep_store::{Error as StoreError, Tx, api_key, one_time_link, session, system, user};

use crate::Engine;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::one_time_link::LinkToken;

/// Users of one tenant: more than a home-service business has people, few enough to list.
pub const MAX_USERS: i64 = 1_000;

/// A user who is to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they will sign in with.
    pub email: Email,
    /// What colleagues call them.
    pub name: Label,
    /// What they may do.
    pub role: Role,
    /// Their password, if it is known already; else they come in by a link.
    pub password: Option<Password>,
}

impl Engine {
    /// Adds a tenant, with the first entry of its audit log.
    #[crate::boxed]
    pub async fn create_tenant(&self, actor: &Actor, new: &NewTenant) -> Result<Tenant> {
        let now = self.db.clock().now();
        let entry = |tenant: &Tenant| {
            let details = Details::none().with("name", &tenant.name);
            self.entry(now, actor, Act::TenantCreated, Some(tenant.id.to_string()), details)
        };
        Ok(system::create_tenant_audited(&self.db, new, entry).await?)
    }

    /// The business that waits for its first owner, if the operator has made one; `None` as soon as anybody could sign
    /// in, and then nothing may be set up any more.
    #[crate::boxed]
    pub async fn to_set_up(&self) -> Result<Option<Option<Tenant>>> {
        if system::has_any_user(&self.db).await? && !planted!("anybody-sets-up-twice") {
            return Ok(None);
        }
        Ok(Some(system::tenants(&self.db).await?.into_iter().next()))
    }

    /// Creates the first user of the whole installation, an owner, and the tenant if it is new. `None` if there is a
    /// user already.
    #[crate::boxed]
    pub async fn create_first_owner(
        &self,
        actor: &Actor,
        tenant: &FirstTenant,
        email: &Email,
        name: &Label,
        password: &Password,
    ) -> Result<Option<(Scope, User)>> {
        if system::has_any_user(&self.db).await? {
            return Ok(None);
        }
        let hash = self.door.hasher.hash(password).await?;
        let owner = NewUser { email: email.clone(), name: name.clone(), role: Role::Owner, password: None };
        let new = self.new_row(&owner, Some(hash));
        let details = Details::none().with("role", Role::Owner).with("first", true);
        let entry = self.entry(self.db.clock().now(), actor, Act::UserCreated, Some(new.id.to_string()), details);
        let Some(tenant) = system::create_first_owner(&self.db, tenant, &new, &entry).await? else { return Ok(None) };
        let scope = Scope::new(tenant, Actor::User(new.id), Role::Owner);
        let mut tx = self.db.read(&scope).await?;
        let user = user::get(&mut tx, new.id).await?.ok_or(Error::NoUser(new.id))?;
        Ok(Some((scope, user)))
    }

    fn new_row(&self, new: &NewUser, password_hash: Option<String>) -> user::New {
        user::New {
            id: self.ids.make(self.db.clock().now()),
            email: new.email.clone(),
            name: new.name.as_str().to_owned(),
            role: new.role,
            password_hash,
        }
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Error::EmailTaken`] if somebody has that e-mail address; [`Error::Denied`] for a role above the scope's.
    #[crate::boxed]
    pub async fn add_user(&self, scope: &Scope, new: &NewUser) -> Result<User> {
        let (mut tx, user) = self.begin_add(scope, new).await?;
        let details = Details::none().with("role", new.role);
        self.note_act(&mut tx, scope.actor(), Act::UserCreated, Some(user.id.to_string()), details).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Adds a user who sets a password by the link that comes back.
    ///
    /// # Errors
    /// As [`Engine::add_user`].
    #[crate::boxed]
    pub async fn invite_user(&self, scope: &Scope, new: &NewUser) -> Result<(User, LinkToken)> {
        self.invite_user_and(scope, new, None).await
    }

    #[crate::boxed]
    pub(crate) async fn invite_user_and(
        &self,
        scope: &Scope,
        new: &NewUser,
        keep: Option<&Keep<'_, User>>,
    ) -> Result<(User, LinkToken)> {
        let (mut tx, user) = self.begin_add(scope, new).await?;
        let link = self.put_link(&mut tx, user.id, Purpose::SetPassword).await?;
        let details = Details::none().with("role", new.role).with("link", link.id);
        self.note_act(&mut tx, scope.actor(), Act::UserCreated, Some(user.id.to_string()), details).await?;
        idempotency::put(&mut tx, scope, keep, &user).await?;
        tx.commit().await?;
        Ok((user, link))
    }

    async fn begin_add(&self, scope: &Scope, new: &NewUser) -> Result<(Tx, User)> {
        scope.require(Permission::ManageUsers)?;
        scope.require_reach(new.role, new.role.permissions())?;
        let hash = match &new.password {
            Some(password) => Some(self.door.hasher.hash(password).await?),
            None => None,
        };
        let new = self.new_row(new, hash);
        let mut tx = self.db.write(scope).await?;
        user::lock(&mut tx).await?;
        if user::find_by_email(&mut tx, &new.email).await?.is_some() {
            return Err(Error::EmailTaken);
        }
        if user::count(&mut tx).await? >= MAX_USERS {
            return Err(Error::Unfit(format!("there are {MAX_USERS} users, and a tenant has no more")));
        }
        user::insert(&mut tx, &new).await.map_err(|error| match error {
            StoreError::Conflict(_) => Error::EmailTaken,
            other => Error::Store(other),
        })?;
        let user = user::get(&mut tx, new.id).await?.ok_or(Error::NoUser(new.id))?;
        Ok((tx, user))
    }

    /// Users after `after`, in the order in which they were added, at most `limit`.
    #[crate::boxed]
    pub async fn users(&self, scope: &Scope, after: Option<UserId>, limit: i64) -> Result<Vec<User>> {
        scope.require(Permission::ManageUsers)?;
        let mut tx = self.db.read(scope).await?;
        Ok(user::list(&mut tx, after, limit).await?)
    }

    /// One user; everybody may ask for themselves.
    #[crate::boxed]
    pub async fn user(&self, scope: &Scope, id: UserId) -> Result<User> {
        if *scope.actor() != Actor::User(id) {
            scope.require(Permission::ManageUsers)?;
        }
        let mut tx = self.db.read(scope).await?;
        user::get(&mut tx, id).await?.ok_or(Error::NoUser(id))
    }

    /// The user with that e-mail address.
    #[crate::boxed]
    pub async fn user_by_email(&self, scope: &Scope, email: &Email) -> Result<Option<User>> {
        scope.require(Permission::ManageUsers)?;
        let mut tx = self.db.read(scope).await?;
        Ok(user::find_by_email(&mut tx, email).await?)
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// [`Error::Unfit`] if it is the last owner who may sign in; [`Error::Denied`] if the user is above the scope, or
    /// the role is.
    #[crate::boxed]
    pub async fn set_role(&self, scope: &Scope, id: UserId, role: Role) -> Result<User> {
        let (mut tx, before) = self.begin_on(scope, id).await?;
        scope.require_reach(role, role.permissions())?;
        if before.role == role {
            return Ok(before);
        }
        if role != Role::Owner {
            keep_an_owner(&mut tx, &before).await?;
        }
        user::set_role(&mut tx, id, role).await?;
        let keys = api_key::revoke_of_creator(&mut tx, id, Some(role)).await?;
        let details = Details::none().with("was", before.role).with("role", role).with("api_keys_revoked", keys);
        self.end_on(tx, scope, id, Act::UserRoleSet, details).await
    }

    /// Bars a user from the door, and whatever they hold with it.
    ///
    /// # Errors
    /// [`Error::Unfit`] if it is the last owner who may sign in.
    #[crate::boxed]
    pub async fn disable_user(&self, scope: &Scope, id: UserId) -> Result<User> {
        let (mut tx, before) = self.begin_on(scope, id).await?;
        if !before.is_enabled() {
            return Ok(before);
        }
        keep_an_owner(&mut tx, &before).await?;
        let now = tx.now();
        user::set_disabled(&mut tx, id, Some(now)).await?;
        let sessions = session::revoke_of_user(&mut tx, id, None).await?;
        one_time_link::remove_of_user(&mut tx, id).await?;
        let keys = api_key::revoke_of_creator(&mut tx, id, None).await?;
        let details = Details::none().with("sessions_ended", sessions).with("api_keys_revoked", keys);
        self.end_on(tx, scope, id, Act::UserDisabled, details).await
    }

    /// Lets a user in again. What disabling ended stays ended.
    #[crate::boxed]
    pub async fn enable_user(&self, scope: &Scope, id: UserId) -> Result<User> {
        let (mut tx, before) = self.begin_on(scope, id).await?;
        if before.is_enabled() {
            return Ok(before);
        }
        user::set_disabled(&mut tx, id, None).await?;
        self.end_on(tx, scope, id, Act::UserEnabled, Details::none()).await
    }

    /// Sets somebody else's password, or one's own at the command line: all their sessions and links end.
    #[crate::boxed]
    pub async fn reset_password(&self, scope: &Scope, id: UserId, password: &Password) -> Result<User> {
        scope.require(Permission::ManageUsers)?;
        let hash = self.door.hasher.hash(password).await?;
        let (mut tx, _) = self.begin_on(scope, id).await?;
        let ended = put_password(&mut tx, id, &hash, None).await?;
        let details = Details::none().with("sessions_ended", ended).with("how", "reset");
        self.end_on(tx, scope, id, Act::UserPasswordSet, details).await
    }

    /// Sets one's own password, which takes the old one; all one's sessions but `this` end.
    ///
    /// # Errors
    /// [`Error::WrongSignIn`] if `old` is not the password; [`Error::TooManyTries`].
    #[crate::boxed]
    pub async fn change_password(
        &self,
        scope: &Scope,
        old: &str,
        new: &Password,
        this: Option<SessionId>,
    ) -> Result<User> {
        let Actor::User(id) = *scope.actor() else { return Err(Error::WrongSignIn) };
        let person = LimitKey::of_text(&id.to_string());
        self.door.take_try(person, None, self.db.clock().now())?;
        let mut tx = self.db.read(scope).await?;
        let before = user::password_hash(&mut tx, id).await?;
        drop(tx);
        if self.door.hasher.verify(old, vec![before.clone()]).await? != [true] {
            return Err(Error::WrongSignIn);
        }
        self.door.put_try_back(person);
        let hash = self.door.hasher.hash(new).await?;
        let mut tx = self.db.write(scope).await?;
        user::lock(&mut tx).await?;
        let user = user::get(&mut tx, id).await?.ok_or(Error::NoUser(id))?;
        if !user.is_enabled() || user::password_hash(&mut tx, id).await? != before {
            return Err(Error::WrongSignIn);
        }
        let ended = put_password(&mut tx, id, &hash, this).await?;
        let details = Details::none().with("sessions_ended", ended).with("how", "changed");
        self.end_on(tx, scope, id, Act::UserPasswordSet, details).await
    }

    /// A transaction about a user whom the scope may act on.
    #[crate::boxed]
    pub(crate) async fn begin_on(&self, scope: &Scope, id: UserId) -> Result<(Tx, User)> {
        scope.require(Permission::ManageUsers)?;
        let mut tx = self.db.write(scope).await?;
        user::lock(&mut tx).await?;
        let user = user::get(&mut tx, id).await?.ok_or(Error::NoUser(id))?;
        scope.require_reach(user.role, user.role.permissions())?;
        Ok((tx, user))
    }

    async fn end_on(&self, mut tx: Tx, scope: &Scope, id: UserId, act: Act, details: Details) -> Result<User> {
        self.note_act(&mut tx, scope.actor(), act, Some(id.to_string()), details).await?;
        let user = user::get(&mut tx, id).await?.ok_or(Error::NoUser(id))?;
        tx.commit().await?;
        Ok(user)
    }
}

/// Stores the hash of a new password and ends what was opened with the old one; how many sessions.
#[crate::boxed]
pub(crate) async fn put_password(tx: &mut Tx, id: UserId, hash: &str, this: Option<SessionId>) -> Result<u64> {
    user::set_password(tx, id, hash).await?;
    one_time_link::remove_of_user(tx, id).await?;
    Ok(session::revoke_of_user(tx, id, this).await?)
}

/// Refuses to take the last owner who may sign in.
async fn keep_an_owner(tx: &mut Tx, user: &User) -> Result<()> {
    let is_needed = user.role == Role::Owner && user.is_enabled();
    if is_needed && user::owners_besides(tx, user.id).await? == 0 {
        return Err(Error::Unfit(format!(
            "`{}` is the last owner who may sign in, and nobody could undo this: make somebody else an owner first",
            user.id
        )));
    }
    Ok(())
}
