//! One-time links.

use doorstep_core::id::{OneTimeLinkId, UserId};
use doorstep_core::one_time_link::OneTimeLink;
use doorstep_core::token::SecretHash;
use doorstep_core::user::User;
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::session::hash_of;
use crate::tx::Tx;
use crate::user::{UserRow, columns};
use crate::value::At;

/// A link with what deciding about it takes.
#[derive(Debug, Clone)]
pub struct Found {
    /// The link, which may not work any more.
    pub link: OneTimeLink,
    /// The hash that the secret must match.
    pub hash: SecretHash,
    /// Whom it lets in, who may be disabled.
    pub user: User,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    id: Uuid,
    hash: Vec<u8>,
    purpose: String,
    created_at: At,
    expires_at: At,
    used_at: Option<At>,
    #[sqlx(flatten)]
    user: UserRow,
}

/// Stores a link. A user's newest link of a purpose is the one that works: older ones go, also those that ended.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, link: &OneTimeLink, hash: &SecretHash) -> Result<()> {
    let now = tx.now();
    let sql = "delete from one_time_link \
               where tenant_id = $1 and user_id = $2 and (purpose = $3 or expires_at <= $4)";
    tx.execute(sql, args![link.user, link.purpose.as_str(), now]).await?;
    let mut args = args![link.id, hash.bytes().to_vec(), link.user, link.purpose.as_str()];
    args.extend(args![link.created_at, link.expires_at]);
    let sql = "insert into one_time_link (tenant_id, id, hash, user_id, purpose, created_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, args).await?;
    Ok(())
}

/// A link with its user. Whether it still works is the caller's to say.
#[crate::boxed]
pub async fn find(tx: &mut Tx, id: OneTimeLinkId) -> Result<Option<Found>> {
    let sql = concat!(
        "select l.id, l.hash, l.purpose, l.created_at, l.expires_at, l.used_at, ",
        columns!(),
        " from one_time_link l join app_user u on u.tenant_id = l.tenant_id and u.id = l.user_id \
         where l.tenant_id = $1 and l.id = $2"
    );
    let row: Option<FoundRow> = tx.fetch_optional(sql, args![id]).await?;
    row.map(|row| {
        let user = row.user.read()?;
        let link = OneTimeLink {
            id: OneTimeLinkId::from_uuid(row.id),
            user: user.id,
            purpose: word("one_time_link.purpose", &row.purpose)?,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            used_at: row.used_at.map(|at| at.0),
        };
        Ok(Found { link, hash: hash_of("one_time_link.hash", &row.hash)?, user })
    })
    .transpose()
}

/// Uses a link up; whether it still worked. Of two who use it at the same time one is told so.
#[crate::boxed]
pub async fn use_up(tx: &mut Tx, id: OneTimeLinkId) -> Result<bool> {
    let now = tx.now();
    let sql = "update one_time_link set used_at = $3 \
               where tenant_id = $1 and id = $2 and used_at is null and expires_at > $3";
    Ok(tx.execute(sql, args![id, now]).await? > 0)
}

/// Takes back all links of a user.
#[crate::boxed]
pub async fn remove_of_user(tx: &mut Tx, user: UserId) -> Result<u64> {
    tx.execute("delete from one_time_link where tenant_id = $1 and user_id = $2", args![user]).await
}
