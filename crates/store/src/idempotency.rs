//! What a create answered, kept under the key that its caller gave: the same request sent again gets the same answer
//! and creates nothing.
//!
//! The answer is stored in the transaction of the create. Of two equal requests at the same time both may do the work,
//! and one of them is refused here with [`Error::Conflict`], which keeps nothing of it: it then reads the other's
//! answer.

use doorstep_core::planted;
use doorstep_core::tenant::Actor;
use sqlx::types::Json;

use crate::args;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Value;

/// How long an answer is kept, in seconds: 24 hours.
pub const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// Longest key that a caller may give, in bytes.
pub const MAX_KEY_BYTES: usize = 255;
/// Answers that ended and are cleared away when one more is stored: more than come in, few enough to be quick.
const CLEARED_AT_ONCE: i64 = 20;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// SHA-256 of the request that it answered: another request under the same key is a mistake of the caller.
    pub request_hash: [u8; 32],
    /// The status, as the door said it.
    pub status: u16,
    /// What the door said.
    pub body: serde_json::Value,
}

/// What was answered under `key` to that actor within the last day.
#[crate::boxed]
pub async fn find(tx: &mut Tx, actor: &Actor, key: &str) -> Result<Option<Answer>> {
    let now = tx.now();
    let sql = "select request_hash, status, body from idempotency \
               where tenant_id = $1 and actor_key = $2 and key = $3 and expires_at > $4";
    let sql = match (planted!("a-kept-answer-forgets-its-tenant"), planted!("a-kept-answer-is-anybodys")) {
        (true, _) => sql.replace("tenant_id = $1", "tenant_id <= $1"),
        (_, true) => sql.replace("actor_key = $2", "actor_key >= substr($2, 1, 0)"),
        (false, false) => sql.to_owned(),
    };
    let row: Option<(Vec<u8>, i64, Json<serde_json::Value>)> =
        tx.fetch_optional(&sql, args![actor.key(), key, now]).await?;
    row.map(|(hash, status, body)| {
        let unreadable = |why: &str| Error::Unreadable { what: "idempotency", why: why.to_owned() };
        Ok(Answer {
            request_hash: hash.try_into().map_err(|_| unreadable("a hash that is none"))?,
            status: u16::try_from(status).map_err(|_| unreadable("a status that is none"))?,
            body: body.0,
        })
    })
    .transpose()
}

/// Keeps an answer.
///
/// # Errors
/// [`Error::Conflict`] if there is one under that key already.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, actor: &Actor, key: &str, answer: &Answer) -> Result<()> {
    let now = tx.now();
    let actor = actor.key();
    let sql = "delete from idempotency where tenant_id = $1 and actor_key = $2 and key = $3 and expires_at <= $4";
    tx.execute(sql, args![actor.as_str(), key, now]).await?;
    let sql = "delete from idempotency where tenant_id = $1 and (actor_key, key) in \
               (select actor_key, key from idempotency where tenant_id = $1 and expires_at <= $2 \
               order by expires_at limit $3)";
    tx.execute(sql, args![now, CLEARED_AT_ONCE]).await?;
    let mut args = args![actor, key, answer.request_hash.to_vec(), i64::from(answer.status)];
    args.extend([Value::json(&answer.body)?, now.into(), now.plus_seconds(KEPT_SECONDS).into()]);
    let sql = "insert into idempotency (tenant_id, actor_key, key, request_hash, status, body, created_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, args).await?;
    Ok(())
}
