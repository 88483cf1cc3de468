//! Verifications: pending ones with the hashes of their codes, and how often they were asked for and tried.

use doorstep_core::Timestamp;
use doorstep_core::id::VerificationId;
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::verification::{MAX_ATTEMPTS, Verification, WebUser};
use uuid::Uuid;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::At;

/// Stores a verification with the hash of its code. Those of its web user that are pending expire: one code counts.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, new: &Verification, hash: &str) -> Result<()> {
    let sql = "update verification set expires_at = $3 \
               where tenant_id = $1 and web_user = $2 and verified_at is null and expires_at > $3";
    tx.execute(sql, args![new.web_user.as_str(), new.created_at]).await?;
    let (said, compared) = (&new.identifier, new.identifier.compared());
    let mut args = args![new.id, new.web_user.as_str(), said.kind.as_str(), compared.value, said.value.as_str(), hash];
    args.extend(args![new.attempts, new.created_at, new.expires_at]);
    let sql = "insert into verification \
               (tenant_id, id, web_user, kind, value, address, hash, attempts, created_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    tx.execute(sql, args).await?;
    Ok(())
}

/// When the newest ones were asked for, newest first, at most `limit` of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    /// Of the web user.
    pub of_web_user: Vec<Timestamp>,
    /// Of the identifier.
    pub of_identifier: Vec<Timestamp>,
}

/// When a web user and for an identifier verifications were asked for.
#[crate::boxed]
pub async fn requests(tx: &mut Tx, web_user: &WebUser, identifier: &Identifier, limit: i64) -> Result<Requests> {
    let sql = "select created_at from verification where tenant_id = $1 and web_user = $2 \
               order by created_at desc limit $3";
    let of_web_user: Vec<(At,)> = tx.fetch_all(sql, args![web_user.as_str(), limit]).await?;
    let identifier = identifier.compared();
    let sql = "select created_at from verification where tenant_id = $1 and kind = $2 and value = $3 \
               order by created_at desc limit $4";
    let of_identifier: Vec<(At,)> = tx.fetch_all(sql, args![identifier.kind.as_str(), identifier.value, limit]).await?;
    let times = |rows: Vec<(At,)>| rows.into_iter().map(|(at,)| at.0).collect();
    Ok(Requests { of_web_user: times(of_web_user), of_identifier: times(of_identifier) })
}

/// When verifications were asked for at all after `since`, newest first, at most `limit`.
#[crate::boxed]
pub async fn newest(tx: &mut Tx, since: Timestamp, limit: i64) -> Result<Vec<Timestamp>> {
    let sql = "select created_at from verification where tenant_id = $1 and created_at > $2 \
               order by created_at desc limit $3";
    let rows: Vec<(At,)> = tx.fetch_all(sql, args![since, limit]).await?;
    Ok(rows.into_iter().map(|(at,)| at.0).collect())
}

#[derive(sqlx::FromRow)]
struct VerificationRow {
    id: Uuid,
    web_user: String,
    kind: String,
    address: String,
    hash: String,
    attempts: i64,
    created_at: At,
    expires_at: At,
    verified_at: Option<At>,
}

/// The newest verification of a web user with the hash of its code, however far it is.
#[crate::boxed]
pub async fn find(tx: &mut Tx, web_user: &WebUser) -> Result<Option<(Verification, String)>> {
    let sql = "select id, web_user, kind, address, hash, attempts, created_at, expires_at, verified_at from verification \
               where tenant_id = $1 and web_user = $2 order by created_at desc, id desc limit 1";
    let row: Option<VerificationRow> = tx.fetch_optional(sql, args![web_user.as_str()]).await?;
    row.map(VerificationRow::read).transpose()
}

/// Counts one try; whether it may be made. Of several at the same time only as many may as are left.
#[crate::boxed]
pub async fn take_attempt(tx: &mut Tx, id: VerificationId) -> Result<bool> {
    let now = tx.now();
    let sql = "update verification set attempts = attempts + 1 where tenant_id = $1 and id = $2 and attempts < $3 \
               and verified_at is null and expires_at > $4";
    Ok(tx.execute(sql, args![id, MAX_ATTEMPTS, now]).await? > 0)
}

/// Says that the right code was said; whether that counts. Of two at the same time one does.
#[crate::boxed]
pub async fn verify(tx: &mut Tx, id: VerificationId) -> Result<bool> {
    let now = tx.now();
    let sql = "update verification set verified_at = $3 \
               where tenant_id = $1 and id = $2 and verified_at is null and expires_at > $3";
    Ok(tx.execute(sql, args![id, now]).await? > 0)
}

/// Forgets those that were asked for before `before`; how many.
#[crate::boxed]
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    tx.execute("delete from verification where tenant_id = $1 and created_at < $2", args![before]).await
}

impl VerificationRow {
    fn read(self) -> Result<(Verification, String)> {
        let kind: IdentifierKind = word("verification.kind", &self.kind)?;
        let verification = Verification {
            id: VerificationId::from_uuid(self.id),
            web_user: WebUser::from_normal(self.web_user),
            identifier: Identifier { kind, value: self.address },
            attempts: self.attempts,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
            verified_at: self.verified_at.map(|at| at.0),
        };
        Ok((verification, self.hash))
    }
}
