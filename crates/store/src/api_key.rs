//! API keys. Of the secret only the hash is here.

use doorstep_core::api_key::ApiKey;
use doorstep_core::id::{ApiKeyId, UserId};
use doorstep_core::permission::PermissionSet;
use doorstep_core::phone::Region;
use doorstep_core::session::SEEN_SECONDS;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::token::SecretHash;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::dialect::time_literal;
use crate::error::{Result, word};
use crate::session::hash_of;
use crate::tx::Tx;
use crate::value::{At, Value};

/// A key with what deciding about it takes, and what most calls that come with it ask next.
#[derive(Debug, Clone)]
pub struct Found {
    /// The key, which may have ended.
    pub key: ApiKey,
    /// The hash that the secret must match.
    pub hash: SecretHash,
    /// The country of its tenant.
    pub country: Region,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    country: String,
    #[sqlx(flatten)]
    key: ApiKeyRow,
}

#[derive(sqlx::FromRow)]
struct ApiKeyRow {
    id: Uuid,
    name: String,
    hash: Vec<u8>,
    role: String,
    scopes: Option<Json<PermissionSet>>,
    created_by: Json<Actor>,
    created_at: At,
    last_used_at: Option<At>,
    expires_at: Option<At>,
    revoked_at: Option<At>,
}

impl ApiKeyRow {
    fn read(self) -> Result<(ApiKey, SecretHash)> {
        let key = ApiKey {
            id: ApiKeyId::from_uuid(self.id),
            name: self.name,
            role: word("api_key.role", &self.role)?,
            scopes: self.scopes.map(|scopes| scopes.0),
            created_by: self.created_by.0,
            created_at: self.created_at.0,
            last_used_at: self.last_used_at.map(|at| at.0),
            expires_at: self.expires_at.map(|at| at.0),
            revoked_at: self.revoked_at.map(|at| at.0),
        };
        Ok((key, hash_of("api_key.hash", &self.hash)?))
    }
}

macro_rules! columns {
    () => {
        "id, name, hash, role, scopes, created_by, created_at, last_used_at, expires_at, revoked_at"
    };
}

const API_KEY: &str = concat!("select ", columns!(), " from api_key where tenant_id = $1");

/// Stores a key.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, key: &ApiKey, hash: &SecretHash) -> Result<()> {
    let mut args = args![key.id, key.name.as_str(), hash.bytes().to_vec(), key.role.as_str()];
    args.push(key.scopes.map_or(Ok(Value::Json(None)), |scopes| Value::json(&scopes))?);
    args.push(Value::json(&key.created_by)?);
    args.extend(args![key.creator(), key.created_at, key.expires_at]);
    let sql = "insert into api_key (tenant_id, id, name, hash, role, scopes, created_by, creator_id, created_at, \
               expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    tx.execute(sql, args).await?;
    Ok(())
}

/// A key with the hash that the secret must match. Whether it still opens the door is the caller's to say.
#[crate::boxed]
pub async fn find(tx: &mut Tx, id: ApiKeyId) -> Result<Option<Found>> {
    let sql = concat!(
        "select ",
        columns!(),
        ", (select t.country from tenant t where t.tenant_id = $1) as country \
         from api_key where tenant_id = $1 and id = $2"
    );
    let row: Option<FoundRow> = tx.fetch_optional(sql, args![id]).await?;
    row.map(|row| {
        let (key, hash) = row.key.read()?;
        Ok(Found { key, hash, country: word("tenant.country", &row.country)? })
    })
    .transpose()
}

/// Keys after `after`, in the order in which they were made, at most `limit`; those that ended among them.
#[crate::boxed]
pub async fn list(tx: &mut Tx, after: Option<ApiKeyId>, limit: i64) -> Result<Vec<ApiKey>> {
    let after = after.map_or(Uuid::nil(), ApiKeyId::uuid);
    let sql = format!("{API_KEY} and id > $2 order by id limit $3");
    let rows: Vec<ApiKeyRow> = tx.fetch_all(&sql, args![after, limit]).await?;
    rows.into_iter().map(|row| row.read().map(|(key, _)| key)).collect()
}

/// How many keys are not revoked.
#[crate::boxed]
pub async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from api_key where tenant_id = $1 and revoked_at is null";
    let (count,): (i64,) = tx.fetch_one(sql, args![]).await?;
    Ok(count)
}

/// Revokes a key; whether it was there and not revoked yet.
#[crate::boxed]
pub async fn revoke(tx: &mut Tx, id: ApiKeyId) -> Result<bool> {
    let now = tx.now();
    let sql = "update api_key set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null";
    Ok(tx.execute(sql, args![id, now]).await? > 0)
}

/// Revokes the keys that a user made whose role is above `most`, or all of them; how many.
#[crate::boxed]
pub async fn revoke_of_creator(tx: &mut Tx, user: UserId, most: Option<Role>) -> Result<u64> {
    let now = tx.now();
    let mut revoked = 0;
    for role in Role::ALL.into_iter().filter(|role| most.is_none_or(|most| *role > most)) {
        let sql = "update api_key set revoked_at = $4 \
                   where tenant_id = $1 and creator_id = $2 and role = $3 and revoked_at is null";
        revoked += tx.execute(sql, args![user, role.as_str(), now]).await?;
    }
    Ok(revoked)
}

/// Notes that keys were used just now. Those used within the last minute are left alone, and nothing is announced in
/// the change feed.
#[crate::boxed]
pub async fn touch(tx: &mut Tx, ids: &[ApiKeyId]) -> Result<u64> {
    let now = tx.now();
    let (dialect, before) = (tx.dialect(), now.plus_seconds(-SEEN_SECONDS));
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!(
        "update api_key set last_used_at = {} where tenant_id = $1 and id in (values {{set}}) \
         and (last_used_at is null or last_used_at <= {})",
        time_literal(dialect, now),
        time_literal(dialect, before)
    );
    tx.execute_in(&sql, 1, &keys).await
}
