//! Sessions. Reading one by its token is one look-up by primary key that brings the user along: what was revoked,
//! disabled or given another role a moment ago is so for the next request (I-17).

use doorstep_core::Timestamp;
use doorstep_core::id::{SessionId, UserId};
use doorstep_core::session::{MAX_SESSIONS, SEEN_SECONDS, Session};
use doorstep_core::tenant::Tenant;
use doorstep_core::token::SecretHash;
use doorstep_core::user::User;
use uuid::Uuid;

use crate::args;
use crate::dialect::time_literal;
use crate::error::{Error, Result};
use crate::tenant::TenantRow;
use crate::tx::Tx;
use crate::user::{UserRow, columns};
use crate::value::{At, Value};

/// A session that is to begin.
#[derive(Debug, Clone)]
pub struct New {
    /// The session.
    pub session: Session,
    /// The hash of its secret.
    pub hash: SecretHash,
}

/// A session with what deciding about it takes.
#[derive(Debug, Clone)]
pub struct Found {
    /// The session, which may have ended.
    pub session: Session,
    /// The hash that the secret must match.
    pub hash: SecretHash,
    /// Its user as they are now, who may be disabled.
    pub user: User,
    /// Their tenant.
    pub tenant: Tenant,
    /// How many of its reviews are open, counted no further than was asked: every page shows it.
    pub open_reviews: i64,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    owner_id: Uuid,
    user_agent: Option<String>,
    created_at: At,
    last_seen_at: At,
    expires_at: At,
    revoked_at: Option<At>,
}

impl SessionRow {
    fn read(self) -> Session {
        Session {
            id: SessionId::from_uuid(self.id),
            user: UserId::from_uuid(self.owner_id),
            user_agent: self.user_agent,
            created_at: self.created_at.0,
            last_seen_at: self.last_seen_at.0,
            expires_at: self.expires_at.0,
            revoked_at: self.revoked_at.map(|at| at.0),
        }
    }
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    hash: Vec<u8>,
    #[sqlx(flatten)]
    tenant: TenantRow,
    #[sqlx(flatten)]
    session: SessionRow,
    #[sqlx(flatten)]
    user: UserRow,
}

macro_rules! session_columns {
    () => {
        "s.id, s.user_id as owner_id, s.user_agent, s.created_at, s.last_seen_at, s.expires_at, s.revoked_at"
    };
}

/// Begins a session, and makes room for it: of one user's sessions the newest [`MAX_SESSIONS`] stay, and none that
/// ended by itself.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, new: &New) -> Result<()> {
    let (session, now) = (&new.session, tx.now());
    let sql = "delete from session where tenant_id = $1 and user_id = $2 and (expires_at <= $3 or id not in \
               (select id from session where tenant_id = $1 and user_id = $2 order by id desc limit $4))";
    tx.execute(sql, args![session.user, now, MAX_SESSIONS - 1]).await?;
    let mut args = args![session.id, new.hash.bytes().to_vec(), session.user, session.user_agent.clone()];
    args.extend(args![session.created_at, session.last_seen_at, session.expires_at]);
    let sql = "insert into session \
               (tenant_id, id, hash, user_id, user_agent, created_at, last_seen_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, args).await?;
    Ok(())
}

/// A session with its user and their tenant, whose open reviews are counted no further than `most_reviews`. Whether it
/// still opens the door is the caller's to say.
#[crate::boxed]
pub async fn find(tx: &mut Tx, id: SessionId, most_reviews: i64) -> Result<Option<Found>> {
    let sql = format!(
        "select s.hash, {}, {}, {} from session s join app_user u on u.tenant_id = s.tenant_id and u.id = s.user_id \
         join tenant t on t.tenant_id = s.tenant_id where s.tenant_id = $1 and s.id = $2",
        TenantRow::columns("$3", "$4"),
        session_columns!(),
        columns!()
    );
    let row: Option<FoundRow> = tx.fetch_optional(&sql, args![id, Uuid::nil(), most_reviews]).await?;
    let tenant = tx.tenant();
    row.map(|row| {
        let hash = hash_of("session.hash", &row.hash)?;
        let (tenant, open_reviews) = row.tenant.read(tenant)?;
        Ok(Found { hash, session: row.session.read(), user: row.user.read()?, tenant, open_reviews })
    })
    .transpose()
}

/// A stored hash.
pub(crate) fn hash_of(what: &'static str, bytes: &[u8]) -> Result<SecretHash> {
    let hash = SecretHash::from_bytes(bytes);
    hash.ok_or_else(|| Error::Unreadable { what, why: format!("a hash has {} bytes", bytes.len()) })
}

/// A user's sessions, newest first; those that ended and were not yet cleared away among them.
#[crate::boxed]
pub async fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<Session>> {
    let sql = concat!(
        "select ",
        session_columns!(),
        " from session s where s.tenant_id = $1 and s.user_id = $2 order by s.id desc limit $3"
    );
    let rows: Vec<SessionRow> = tx.fetch_all(sql, args![user, MAX_SESSIONS]).await?;
    Ok(rows.into_iter().map(SessionRow::read).collect())
}

/// Ends a session; whether it was there and not revoked yet.
#[crate::boxed]
pub async fn revoke(tx: &mut Tx, id: SessionId) -> Result<bool> {
    let now = tx.now();
    let sql = "update session set revoked_at = $3 where tenant_id = $1 and id = $2 and revoked_at is null";
    Ok(tx.execute(sql, args![id, now]).await? > 0)
}

/// Ends all sessions of a user but `besides`; how many.
#[crate::boxed]
pub async fn revoke_of_user(tx: &mut Tx, user: UserId, besides: Option<SessionId>) -> Result<u64> {
    let now: Timestamp = tx.now();
    let besides = besides.map_or(Uuid::nil(), SessionId::uuid);
    let sql = "update session set revoked_at = $4 \
               where tenant_id = $1 and user_id = $2 and id <> $3 and revoked_at is null";
    tx.execute(sql, args![user, besides, now]).await
}

/// Notes that sessions were used just now. Those seen within the last minute are left alone, and nothing is announced
/// in the change feed.
#[crate::boxed]
pub async fn touch(tx: &mut Tx, ids: &[SessionId]) -> Result<u64> {
    let now = tx.now();
    let (dialect, before) = (tx.dialect(), now.plus_seconds(-SEEN_SECONDS));
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!(
        "update session set last_seen_at = {} where tenant_id = $1 and id in (values {{set}}) and last_seen_at <= {}",
        time_literal(dialect, now),
        time_literal(dialect, before)
    );
    tx.execute_in(&sql, 1, &keys).await
}
