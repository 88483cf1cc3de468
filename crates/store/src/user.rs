//! Users of a tenant. Their table is `app_user`: `user` is a reserved word of PostgreSQL.

use doorstep_core::email::Email;
use doorstep_core::id::UserId;
use doorstep_core::tenant::Role;
use doorstep_core::user::User;
use doorstep_core::{Timestamp, planted};
use uuid::Uuid;

use crate::args;
use crate::error::{Error, Result, word};
use crate::tx::Tx;
use crate::value::At;

/// What a new user needs.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: UserId,
    /// What they sign in with.
    pub email: Email,
    /// What colleagues call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The Argon2id hash of their password, if they have one.
    pub password_hash: Option<String>,
}

/// The columns of a user, named for joins by the alias `u`.
macro_rules! columns {
    () => {
        "u.id as user_id, u.email, u.name, u.role, u.password_hash is not null as has_password, \
         u.created_at as user_created_at, u.password_changed_at, u.disabled_at"
    };
}
pub(crate) use columns;

#[derive(sqlx::FromRow)]
pub(crate) struct UserRow {
    user_id: Uuid,
    email: String,
    name: String,
    role: String,
    has_password: bool,
    user_created_at: At,
    password_changed_at: Option<At>,
    disabled_at: Option<At>,
}

impl UserRow {
    pub(crate) fn read(self) -> Result<User> {
        Ok(User {
            id: UserId::from_uuid(self.user_id),
            email: Email::from_normal(self.email),
            name: self.name,
            role: word("app_user.role", &self.role)?,
            has_password: self.has_password,
            created_at: self.user_created_at.0,
            password_changed_at: self.password_changed_at.map(|at| at.0),
            disabled_at: self.disabled_at.map(|at| at.0),
        })
    }
}

/// Adds a user.
///
/// # Errors
/// [`Error::Conflict`] if a user of the tenant has that e-mail address, or a spelling of it.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, new: &New) -> Result<()> {
    let now = tx.now();
    let changed_at = new.password_hash.as_ref().map(|_| now);
    let mut args = args![new.id, new.email.as_str(), new.email.match_key(), new.name.as_str(), new.role.as_str()];
    args.extend(args![new.password_hash.clone(), now, changed_at]);
    let sql = "insert into app_user \
               (tenant_id, id, email, email_key, name, role, password_hash, created_at, password_changed_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute(sql, args).await.map_err(|error| match error {
        // The databases differ in what they name; neither may repeat the address.
        Error::Conflict(_) => Error::Conflict("app_user_by_email".to_owned()),
        other => other,
    })?;
    Ok(())
}

/// Takes the tenant's turn to change who may do what, so that of two owners who demote each other at the same time
/// one stays. Held until commit. Names no key column, so that rows may refer to the tenant meanwhile.
#[crate::boxed]
pub async fn lock(tx: &mut Tx) -> Result<()> {
    tx.execute("update tenant set country = country where tenant_id = $1", args![]).await?;
    Ok(())
}

/// One user.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    let sql = concat!("select ", columns!(), " from app_user u where u.tenant_id = $1 and u.id = $2");
    let sql = match planted!("a-user-is-anybodys") {
        true => sql.replace("u.tenant_id = $1", "u.tenant_id > -$1"),
        false => sql.to_owned(),
    };
    let row: Option<UserRow> = tx.fetch_optional(&sql, args![id]).await?;
    row.map(UserRow::read).transpose()
}

/// The user with that e-mail address, in any spelling of it.
#[crate::boxed]
pub async fn find_by_email(tx: &mut Tx, email: &Email) -> Result<Option<User>> {
    let sql = concat!("select ", columns!(), " from app_user u where u.tenant_id = $1 and u.email_key = $2");
    let row: Option<UserRow> = tx.fetch_optional(sql, args![email.match_key()]).await?;
    row.map(UserRow::read).transpose()
}

/// Users after `after`, in the order in which they were added, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, after: Option<UserId>, limit: i64) -> Result<Vec<User>> {
    let after = after.map_or(Uuid::nil(), UserId::uuid);
    let sql =
        concat!("select ", columns!(), " from app_user u where u.tenant_id = $1 and u.id > $2 order by u.id limit $3");
    let rows: Vec<UserRow> = tx.fetch_all(sql, args![after, limit]).await?;
    rows.into_iter().map(UserRow::read).collect()
}

/// How many users there are.
#[crate::boxed]
pub async fn count(tx: &mut Tx) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one("select count(*) from app_user where tenant_id = $1", args![]).await?;
    Ok(count)
}

/// How many owners could sign in if it were not for `besides`.
#[crate::boxed]
pub async fn owners_besides(tx: &mut Tx, besides: UserId) -> Result<i64> {
    let sql = "select count(*) from app_user \
               where tenant_id = $1 and id <> $2 and role = 'owner' and disabled_at is null";
    let (count,): (i64,) = tx.fetch_one(sql, args![besides]).await?;
    Ok(count)
}

/// The hash of a user's password.
#[crate::boxed]
pub async fn password_hash(tx: &mut Tx, id: UserId) -> Result<Option<String>> {
    let sql = "select password_hash from app_user where tenant_id = $1 and id = $2";
    let row: Option<(Option<String>,)> = tx.fetch_optional(sql, args![id]).await?;
    Ok(row.and_then(|(hash,)| hash))
}

/// Gives a user another role.
#[crate::boxed]
pub async fn set_role(tx: &mut Tx, id: UserId, role: Role) -> Result<()> {
    tx.execute("update app_user set role = $3 where tenant_id = $1 and id = $2", args![id, role.as_str()]).await?;
    Ok(())
}

/// Disables a user, or enables them again.
#[crate::boxed]
pub async fn set_disabled(tx: &mut Tx, id: UserId, since: Option<Timestamp>) -> Result<()> {
    tx.execute("update app_user set disabled_at = $3 where tenant_id = $1 and id = $2", args![id, since]).await?;
    Ok(())
}

/// Sets the hash of a user's password.
#[crate::boxed]
pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> Result<()> {
    let now = tx.now();
    let sql = "update app_user set password_hash = $3, password_changed_at = $4 where tenant_id = $1 and id = $2";
    tx.execute(sql, args![id, hash, now]).await?;
    Ok(())
}

/// Puts another hash of the same password in place of `old`, unless the password was changed meanwhile.
#[crate::boxed]
pub async fn rehash(tx: &mut Tx, id: UserId, old: &str, new: &str) -> Result<()> {
    let sql = "update app_user set password_hash = $4 where tenant_id = $1 and id = $2 and password_hash = $3";
    tx.execute(sql, args![id, old, new]).await?;
    Ok(())
}
