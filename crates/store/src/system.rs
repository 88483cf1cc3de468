//! The few queries across tenants: which tenants there are, which task is due, and whose an e-mail address is that
//! somebody signs in with. Nothing else is here, and nothing else may pass the policies' system door (`migrate::SYSTEM_TABLES`).

use doorstep_core::audit::AuditEntry;
use doorstep_core::id::UserId;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Actor, Tenant};
use doorstep_core::time::Zone;
use doorstep_core::{TenantId, Timestamp, planted};
use uuid::Uuid;

use crate::db::{Db, set_tenant};
use crate::dialect::Dialect;
use crate::error::{Error, Result, word};
use crate::sql::Native;
use crate::task::Claim;
use crate::tx::Tx;
use crate::value::{At, Value};
use crate::{args, audit, rule_set, user};

async fn begin(db: &Db, writing: bool) -> Result<Native> {
    let mut native = db.begin(writing).await?;
    set_door(&mut native, "on").await?;
    Ok(native)
}

#[derive(sqlx::FromRow)]
struct TenantRow {
    tenant_id: i64,
    name: String,
    time_zone: String,
    country: String,
    created_at: At,
}

impl TenantRow {
    fn read(self, own_numbers: Vec<Phone>) -> Result<Tenant> {
        Ok(Tenant {
            id: TenantId::from_number(self.tenant_id),
            name: self.name,
            time_zone: word::<Zone>("tenant.time_zone", &self.time_zone)?,
            country: word::<Region>("tenant.country", &self.country)?,
            own_numbers,
            created_at: self.created_at.0,
        })
    }
}

/// All tenants, by number.
#[crate::boxed]
pub async fn tenants(db: &Db) -> Result<Vec<Tenant>> {
    let mut native = begin(db, false).await?;
    let sql = "select tenant_id, name, time_zone, country, created_at from tenant order by tenant_id";
    let rows: Vec<TenantRow> = native.fetch_all(sql, args![]).await?;
    let sql = "select tenant_id, phone from own_number order by tenant_id, phone";
    let own: Vec<(i64, String)> = native.fetch_all(sql, args![]).await?;
    let own_of = |tenant: i64| {
        let mine = own.iter().filter(|(owner, _)| *owner == tenant);
        mine.map(|(_, phone)| Phone::from_normal(phone.clone())).collect()
    };
    rows.into_iter()
        .map(|row| {
            let own = own_of(row.tenant_id);
            row.read(own)
        })
        .collect()
}

/// The numbers of all tenants within an open transaction, which ends up bound to none: backup and restore go
/// on tenant by tenant.
#[crate::boxed]
pub(crate) async fn tenant_ids(native: &mut Native) -> Result<Vec<TenantId>> {
    set_door(native, "on").await?;
    let rows: Vec<(i64,)> = native.fetch_all("select tenant_id from tenant order by tenant_id", args![]).await?;
    set_door(native, "").await?;
    Ok(rows.into_iter().map(|(number,)| TenantId::from_number(number)).collect())
}

async fn set_door(native: &mut Native, state: &str) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        native.execute("select set_config('app.system', $1, true)", args![state]).await?;
    }
    Ok(())
}

/// What a new tenant needs.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Unique name.
    pub name: String,
    /// Its zone.
    pub time_zone: Zone,
    /// Its country.
    pub country: Region,
    /// The numbers it calls and texts from.
    pub own_numbers: Vec<Phone>,
}

/// Creates a tenant.
///
/// # Errors
/// [`Error::Conflict`] if there is one of that name.
#[crate::boxed]
pub async fn create_tenant(db: &Db, new: &NewTenant) -> Result<Tenant> {
    let mut native = begin(db, true).await?;
    let tenant = insert_tenant(&mut native, new, db.clock().now()).await?;
    native.commit().await?;
    Ok(tenant)
}

/// The same, with an entry in the new tenant's audit log.
pub async fn create_tenant_audited(
    db: &Db,
    new: &NewTenant,
    entry: impl FnOnce(&Tenant) -> AuditEntry,
) -> Result<Tenant> {
    let mut native = begin(db, true).await?;
    let now = db.clock().now();
    let tenant = insert_tenant(&mut native, new, now).await?;
    set_tenant(&mut native, tenant.id).await?;
    let mut tx = Tx::new(native, tenant.id, now, None);
    audit::insert(&mut tx, &entry(&tenant)).await?;
    tx.commit().await?;
    Ok(tenant)
}

async fn insert_tenant(native: &mut Native, new: &NewTenant, now: Timestamp) -> Result<Tenant> {
    // The head of the numbering is read under the same lock that serialises writers: on SQLite the write
    // transaction itself, on PostgreSQL the table lock, held for the blink that creating a tenant takes.
    if native.dialect() == Dialect::Postgres {
        native.run_script("select pg_advisory_xact_lock(7061)").await?;
    }
    let (last,): (i64,) =
        native.fetch_optional("select coalesce(max(tenant_id), 0) from tenant", args![]).await?.unwrap_or_default();
    let id = last + 1;
    let sql = "insert into tenant (tenant_id, name, time_zone, country, created_at) values ($1, $2, $3, $4, $5)";
    let args = args![id, new.name.as_str(), new.time_zone.name(), new.country.as_str(), now];
    native.execute(sql, args).await.map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict(format!("tenant `{}`", new.name)),
        other => other,
    })?;
    native.execute("insert into feed (tenant_id, last_number) values ($1, 0)", args![id]).await?;
    let phones: Vec<Value> = new.own_numbers.iter().map(|phone| Value::from(phone.as_str())).collect();
    let head = "insert into own_number (tenant_id, phone)";
    native.insert_many(head, "on conflict do nothing", 1, &Value::from(id), &mut phones.into_iter()).await?;
    set_tenant(native, TenantId::from_number(id)).await?;
    rule_set::insert_first(native, id, &Actor::Worker, now).await?;
    Ok(Tenant {
        id: TenantId::from_number(id),
        name: new.name.clone(),
        time_zone: new.time_zone.clone(),
        country: new.country,
        own_numbers: new.own_numbers.clone(),
        created_at: now,
    })
}

/// Users of all tenants that one e-mail address may belong to, at most.
pub const MAX_CANDIDATES: i64 = 20;

/// A user as signing in sees them.
#[derive(Clone)]
pub struct Candidate {
    /// Of this tenant.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// The hash of their password, if they have one.
    pub password_hash: Option<String>,
    /// Whether they may not sign in.
    pub is_disabled: bool,
}

/// The users with that e-mail address, by its match key, in all tenants.
///
/// Somebody who signs in says who they are and not whose customer hub they mean, and must not have to know its number:
/// this look-up cannot be within a tenant. It finds by one exact key, brings nothing that could be shown, and what
/// follows from it happens in the scope of the tenant whose password was right.
#[crate::boxed]
pub async fn users_by_email(db: &Db, match_key: &str) -> Result<Vec<Candidate>> {
    let mut native = begin(db, false).await?;
    let sql = "select tenant_id, id, password_hash, disabled_at is not null from app_user where email_key = $1 \
               order by tenant_id limit $2";
    let rows: Vec<(i64, Uuid, Option<String>, bool)> = native.fetch_all(sql, args![match_key, MAX_CANDIDATES]).await?;
    let read = |(tenant, user, password_hash, is_disabled)| Candidate {
        tenant: TenantId::from_number(tenant),
        user: UserId::from_uuid(user),
        password_hash,
        is_disabled,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Whether anybody could ever sign in here: without, a first start offers to create the owner.
#[crate::boxed]
pub async fn has_any_user(db: &Db) -> Result<bool> {
    let mut native = begin(db, false).await?;
    any_user(&mut native).await
}

async fn any_user(native: &mut Native) -> Result<bool> {
    let row: Option<(i64,)> = native.fetch_optional("select tenant_id from app_user limit 1", args![]).await?;
    Ok(row.is_some())
}

/// Whose owner the first user becomes.
#[derive(Debug, Clone)]
pub enum FirstTenant {
    /// Of a business that is there.
    Existing(TenantId),
    /// Of a new one.
    New(NewTenant),
}

/// Creates the first user of the installation, an owner, and the tenant with them if it is new. `None` if there is a
/// user already, in any tenant: of two who call at the same time one becomes the owner.
///
/// # Errors
/// [`Error::Conflict`] if the tenant is there already, or is not there.
#[crate::boxed]
pub async fn create_first_owner(
    db: &Db,
    tenant: &FirstTenant,
    owner: &user::New,
    entry: &AuditEntry,
) -> Result<Option<TenantId>> {
    let mut native = begin(db, true).await?;
    // On SQLite the write transaction itself lets one in at a time.
    if native.dialect() == Dialect::Postgres {
        native.run_script("select pg_advisory_xact_lock(7062)").await?;
    }
    if any_user(&mut native).await? {
        return Ok(None);
    }
    let now = db.clock().now();
    let id = match tenant {
        FirstTenant::Existing(id) => *id,
        FirstTenant::New(new) => insert_tenant(&mut native, new, now).await?.id,
    };
    set_tenant(&mut native, id).await?;
    let mut tx = Tx::new(native, id, now, None);
    user::insert(&mut tx, owner).await?;
    audit::insert(&mut tx, entry).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Claims at most `limit` due tasks for `holder` until `lease_until`: waiting ones that are due, and running
/// ones whose lease has ended. One a tenant per call, tenants with the fewest running tasks first, so that a
/// tenant with a long queue cannot keep another waiting; among equals whoever has waited longest, so that nobody is
/// passed over for ever where more is due than is claimed (I-29).
#[crate::boxed]
pub async fn claim_tasks(
    db: &Db,
    holder: Uuid,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<Claim>> {
    let mut native = begin(db, true).await?;
    let candidates = claimable(&mut native, now, limit).await?;
    let mut claimed = Vec::new();
    for (tenant, key) in candidates {
        let sql = format!(
            "update task set state = 'running', holder = $3, lease_until = $4, attempts = attempts + 1 \
             where (tenant_id, key) in (select tenant_id, key from task where tenant_id = $1 and key = $2 \
             and ((state = 'waiting' and due_at <= $5) or (state = 'running' and lease_until <= $5)){}) \
             returning wakes, attempts",
            native.dialect().skip_locked()
        );
        let args = args![tenant, key.as_str(), holder, lease_until, now];
        let row: Option<(i64, i64)> = native.fetch_optional(&sql, args).await?;
        if let Some((wakes, attempts)) = row {
            claimed.push(Claim { tenant: TenantId::from_number(tenant), key, holder, wakes, attempts });
        }
    }
    native.commit().await?;
    Ok(claimed)
}

/// One task of each tenant that comes next: one whose lease has ended, else the one that is due longest. The cost
/// follows the number of tenants, not the length of queues; only of those that come next is the task looked up.
async fn claimable(native: &mut Native, now: Timestamp, limit: i64) -> Result<Vec<(i64, String)>> {
    let turn =
        if planted!("the-smallest-number-comes-first") { "running, tenant_id" } else { "running, since, tenant_id" };
    let sql = format!(
        "select tenant_id, \
                coalesce((select l.key from task l where l.tenant_id = next.tenant_id and l.state = 'running' \
                          and l.lease_until <= $1 order by l.lease_until, l.key limit 1), \
                         (select w.key from task w where w.tenant_id = next.tenant_id and w.state = 'waiting' \
                          and w.due_at <= $1 order by w.due_at, w.key limit 1)) as key \
         from (select tenant_id, since, running from (\
                 select t.tenant_id as tenant_id, \
                        coalesce((select l.lease_until from task l where l.tenant_id = t.tenant_id \
                                  and l.state = 'running' and l.lease_until <= $1 order by l.lease_until limit 1), \
                                 (select w.due_at from task w where w.tenant_id = t.tenant_id \
                                  and w.state = 'waiting' and w.due_at <= $1 order by w.due_at limit 1)) as since, \
                        (select count(*) from task r where r.tenant_id = t.tenant_id and r.state = 'running' \
                         and r.lease_until > $1) as running \
                 from tenant t) as waiting \
               where since is not null order by {turn} limit $2) as next \
         order by {turn}"
    );
    native.fetch_all(&sql, args![now, limit]).await
}

/// When the next task falls due or the next lease ends; `None` if nothing waits.
#[crate::boxed]
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>> {
    let mut native = begin(db, false).await?;
    let sql = "select min(at) from (select min(due_at) as at from task where state = 'waiting' \
               union all select min(lease_until) as at from task where state = 'running') as next";
    let row: Option<(Option<At>,)> = native.fetch_optional(sql, args![]).await?;
    Ok(row.and_then(|(at,)| at).map(|at| at.0))
}

/// When the first waiting task of a kind falls due, of all tenants; its kind stands before the colon of its key. `None` if
/// none waits.
#[crate::boxed]
pub async fn next_due_of(db: &Db, kind: &str) -> Result<Option<Timestamp>> {
    let mut native = begin(db, false).await?;
    let sql = "select min(due_at) from task where state = 'waiting' and key > $1 and key < $2";
    // The sign behind the colon bounds all keys that begin with it.
    let row: Option<(Option<At>,)> = native.fetch_optional(sql, args![format!("{kind}:"), format!("{kind};")]).await?;
    Ok(row.and_then(|(at,)| at).map(|at| at.0))
}

/// How many tasks of all tenants are in each state, by the state's name.
#[crate::boxed]
pub async fn tasks_by_state(db: &Db) -> Result<Vec<(String, i64)>> {
    let mut native = begin(db, false).await?;
    native.fetch_all("select state, count(*) from task group by state order by state", args![]).await
}
