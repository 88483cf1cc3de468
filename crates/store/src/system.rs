//! The few queries across tenants: which tenants there are, and which task is due. Nothing else is here,
//! and nothing else may pass the policies' system door (`migrate::SYSTEM_TABLES`).

use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Tenant;
use doorstep_core::time::Zone;
use doorstep_core::{TenantId, Timestamp};
use uuid::Uuid;

use crate::args;
use crate::db::Db;
use crate::dialect::Dialect;
use crate::error::{Error, Result, word};
use crate::sql::Native;
use crate::task::Claim;
use crate::value::{At, Value};

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
pub async fn create_tenant(db: &Db, new: &NewTenant) -> Result<Tenant> {
    let mut native = begin(db, true).await?;
    // The head of the numbering is read under the same lock that serialises writers: on SQLite the write
    // transaction itself, on PostgreSQL the table lock, held for the blink that creating a tenant takes.
    if native.dialect() == Dialect::Postgres {
        native.run_script("select pg_advisory_xact_lock(7061)").await?;
    }
    let (last,): (i64,) =
        native.fetch_optional("select coalesce(max(tenant_id), 0) from tenant", args![]).await?.unwrap_or_default();
    let (id, now) = (last + 1, db.clock().now());
    let sql = "insert into tenant (tenant_id, name, time_zone, country, created_at) values ($1, $2, $3, $4, $5)";
    let args = args![id, new.name.as_str(), new.time_zone.name(), new.country.as_str(), now];
    native.execute(sql, args).await.map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict(format!("tenant `{}`", new.name)),
        other => other,
    })?;
    native.execute("insert into feed (tenant_id, last_number) values ($1, 0)", args![id]).await?;
    let phones: Vec<Value> = new.own_numbers.iter().map(|phone| Value::from(phone.as_str())).collect();
    let head = "insert into own_number (tenant_id, phone)";
    native.insert_many(head, "on conflict do nothing", 1, &Value::from(id), phones).await?;
    native.commit().await?;
    Ok(Tenant {
        id: TenantId::from_number(id),
        name: new.name.clone(),
        time_zone: new.time_zone.clone(),
        country: new.country,
        own_numbers: new.own_numbers.clone(),
        created_at: now,
    })
}

/// Claims at most `limit` due tasks for `holder` until `lease_until`: waiting ones that are due, and running
/// ones whose lease has ended. One a tenant per call, tenants with the fewest running tasks first, so that a
/// tenant with a long queue cannot keep another waiting.
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

/// One task of each tenant that has any: one whose lease has ended, else the one that is due longest. The cost
/// follows the number of tenants, not the length of queues.
async fn claimable(native: &mut Native, now: Timestamp, limit: i64) -> Result<Vec<(i64, String)>> {
    let sql = "select tenant_id, key from (\
                 select t.tenant_id as tenant_id, \
                        coalesce((select l.key from task l where l.tenant_id = t.tenant_id and l.state = 'running' \
                                  and l.lease_until <= $1 order by l.lease_until, l.key limit 1), \
                                 (select w.key from task w where w.tenant_id = t.tenant_id and w.state = 'waiting' \
                                  and w.due_at <= $1 order by w.due_at, w.key limit 1)) as key, \
                        (select count(*) from task r where r.tenant_id = t.tenant_id and r.state = 'running' \
                         and r.lease_until > $1) as running \
                 from tenant t) as next \
               where key is not null order by running, tenant_id limit $2";
    native.fetch_all(sql, args![now, limit]).await
}

/// When the next task falls due or the next lease ends; `None` if nothing waits.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>> {
    let mut native = begin(db, false).await?;
    let sql = "select min(at) from (select min(due_at) as at from task where state = 'waiting' \
               union all select min(lease_until) as at from task where state = 'running') as next";
    let row: Option<(Option<At>,)> = native.fetch_optional(sql, args![]).await?;
    Ok(row.and_then(|(at,)| at).map(|at| at.0))
}

/// How many tasks of all tenants are in each state, by the state's name.
pub async fn tasks_by_state(db: &Db) -> Result<Vec<(String, i64)>> {
    let mut native = begin(db, false).await?;
    native.fetch_all("select state, count(*) from task group by state order by state", args![]).await
}
