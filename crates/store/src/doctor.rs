//! What an operator asks first: is the store whole, durable, and are its walls up?
//!
//! Findings name tables, settings, tenants by number and tasks by key; never a person's data.

use doorstep_core::id::UserId;
use doorstep_core::{Scope, TenantId};
use uuid::Uuid;

use crate::args;
use crate::db::{Backend, Db};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::migrate;
use crate::schema::TABLES;
use crate::value::At;
use crate::{system, user};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub name: &'static str,
    /// Whether all is well.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do, if something is to be done.
    pub advice: Option<String>,
}

impl Finding {
    fn new(name: &'static str, ok: bool, detail: impl Into<String>, advice: &str) -> Self {
        let advice = (!ok).then(|| advice.to_owned());
        Self { name, ok, detail: detail.into(), advice }
    }
}

/// Items of a kind that one finding lists; more would hide the first.
const LISTED: usize = 20;
/// PostgreSQL's own number of the oldest version that we support.
const OLDEST_POSTGRES: i64 = 150_000;

/// Looks at everything that can be looked at without changing anything. Reads the whole file on SQLite.
///
/// # Errors
/// Those of reading; what is merely wrong is a finding.
#[crate::boxed]
pub async fn check(db: &Db) -> Result<Vec<Finding>> {
    let mut found = vec![schema(db).await?];
    match db.dialect() {
        Dialect::Sqlite => sqlite(db, &mut found).await?,
        Dialect::Postgres => postgres(db, &mut found).await?,
    }
    tenants(db, &mut found).await?;
    Ok(found)
}

async fn schema(db: &Db) -> Result<Finding> {
    let missing = migrate::status(db).await?.iter().filter(|step| !step.applied).count();
    let detail = match missing {
        0 => format!("{} schema {}, up to date", db.dialect().name(), migrate::NEWEST),
        _ => format!("{missing} steps are missing"),
    };
    Ok(Finding::new("schema", missing == 0, detail, "run `doorstep migrate`"))
}

async fn sqlite(db: &Db, found: &mut Vec<Finding>) -> Result<()> {
    let Backend::Sqlite { writer, readers, file, .. } = &db.backend else { return Ok(()) };
    let said: Vec<String> = sqlx::query_scalar("pragma quick_check(1)").fetch_all(readers).await?;
    let ok = said == ["ok"];
    let detail = if ok { "every page is readable".to_owned() } else { "the file is damaged".to_owned() };
    found.push(Finding::new("integrity", ok, detail, "restore the newest backup (`doorstep restore`)"));

    let sql = "select \"table\", count(*) from pragma_foreign_key_check group by 1 order by 1";
    let dangling: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(readers).await?;
    let detail = match dangling.len() {
        0 => "every reference has its row".to_owned(),
        _ => listed(dangling.iter().map(|(table, rows)| format!("{rows} rows of `{table}` refer to nothing"))),
    };
    let advice = "restore the newest backup (`doorstep restore`)";
    found.push(Finding::new("references", dangling.is_empty(), detail, advice));

    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(readers).await?;
    let ok = mode == "wal";
    let advice = format!("keep `{}` on a local disk: a network share cannot hold a write-ahead log", file.display());
    found.push(Finding::new("journal", ok, format!("journal mode `{mode}`"), &advice));

    // Asked of the writer itself: this setting belongs to a connection.
    let level: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(writer).await?;
    let advice = "this version of doorstep is built wrongly: what it acknowledges may not survive a power cut";
    found.push(Finding::new("durability", level == 2, format!("synchronous level {level} (2 is full)"), advice));
    Ok(())
}

async fn postgres(db: &Db, found: &mut Vec<Finding>) -> Result<()> {
    let Backend::Postgres(pool) = &db.backend else { return Ok(()) };
    let sql = "select cast(current_setting('server_version_num') as bigint), current_setting('server_version')";
    let (number, version): (i64, String) = sqlx::query_as(sql).fetch_one(pool).await?;
    let ok = number >= OLDEST_POSTGRES;
    found.push(Finding::new("server", ok, format!("PostgreSQL {version}"), "upgrade to PostgreSQL 15 or newer"));

    let role = migrate::refuse_unsafe_role(pool).await;
    let advice = role.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let detail = if role.is_ok() {
        "is no superuser, bypasses nothing, owns nothing"
    } else {
        "can pass the wall between tenants"
    };
    found.push(Finding::new("role", role.is_ok(), detail, &advice));

    let sql = "select cast(c.relname as text) from pg_class c where c.relnamespace = cast('public' as regnamespace) and c.relkind = 'r' \
               and c.relrowsecurity and c.relforcerowsecurity \
               and exists (select from pg_policy p where p.polrelid = c.oid)";
    let walled: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await?;
    let open: Vec<&str> =
        TABLES.iter().map(|table| table.name).filter(|name| !walled.iter().any(|w| w == name)).collect();
    let detail = match open.len() {
        0 => format!("enabled and forced on all {} tables", TABLES.len()),
        _ => format!("not enabled and forced on {}", listed(open.iter().map(|name| format!("`{name}`")))),
    };
    let advice = "run `doorstep migrate` with `DOORSTEP_OWNER_DATABASE_URL` set to the role that owns the tables";
    found.push(Finding::new("row-level security", open.is_empty(), detail, advice));
    Ok(())
}

/// What was found in all tenants, one line each for what is wrong.
#[derive(Default)]
struct Troubles {
    parked: Vec<String>,
    lapsed: Vec<String>,
    torn: Vec<String>,
    locked: Vec<String>,
}

async fn tenants(db: &Db, found: &mut Vec<Finding>) -> Result<()> {
    let mut troubles = Troubles::default();
    let tenants = system::tenants(db).await?;
    for tenant in &tenants {
        look_at(db, tenant.id, &mut troubles).await?;
    }
    let count = match tenants.len() {
        1 => "1 tenant".to_owned(),
        count => format!("{count} tenants"),
    };
    let finding = |name, troubles: Vec<String>, fine: &str, advice: &str| {
        let detail = if troubles.is_empty() { format!("{fine} ({count})") } else { listed(troubles.iter().cloned()) };
        Finding::new(name, troubles.is_empty(), detail, advice)
    };
    let advice = "see to the reason, then wake the task by doing again what it was for";
    found.push(finding("parked tasks", troubles.parked, "none", advice));
    let advice =
        "a process died at it: `doorstep import resume ID` goes on with an import (`doorstep import list` shows which)";
    found.push(finding("lapsed leases", troubles.lapsed, "none", advice));
    let advice = "restore the newest backup (`doorstep restore`) and report this: it must not happen";
    found.push(finding("change feed", troubles.torn, "without gaps", advice));
    let advice = "make somebody an owner: `doorstep user set-role EMAIL owner`, or `doorstep user enable EMAIL`";
    found.push(finding("owners", troubles.locked, "whoever has users has an owner", advice));
    Ok(())
}

async fn look_at(db: &Db, tenant: TenantId, troubles: &mut Troubles) -> Result<()> {
    let mut tx = db.read(&Scope::worker(tenant)).await?;
    let sql = "select key, reason from task where tenant_id = $1 and state = 'parked' order by key";
    let parked: Vec<(String, Option<String>)> = tx.fetch_all(sql, args![]).await?;
    let line = |(key, reason): (String, Option<String>)| {
        format!("`{key}` of tenant {tenant}: {}", reason.as_deref().unwrap_or("no reason given"))
    };
    troubles.parked.extend(parked.into_iter().map(line));

    let sql = "select key, lease_until from task where tenant_id = $1 and state = 'running' and lease_until <= $2 \
               order by key";
    let now = db.clock().now();
    let lapsed: Vec<(String, At)> = tx.fetch_all(sql, args![now]).await?;
    troubles
        .lapsed
        .extend(lapsed.into_iter().map(|(key, until)| format!("`{key}` of tenant {tenant} since {}", until.0)));

    let sql = "select f.last_number, (select count(*) from change c where c.tenant_id = $1), \
               (select coalesce(max(c.number), 0) from change c where c.tenant_id = $1) \
               from feed f where f.tenant_id = $1";
    let feed: Option<(i64, i64, i64)> = tx.fetch_optional(sql, args![]).await?;
    match feed {
        Some((last, count, newest)) if last == count && last == newest => {}
        Some((last, count, newest)) => troubles.torn.push(format!(
            "tenant {tenant} counts {last} changes, but holds {count} and the newest is number {newest}"
        )),
        None => troubles.torn.push(format!("tenant {tenant} has no feed")),
    }

    let owners = user::owners_besides(&mut tx, UserId::from_uuid(Uuid::nil())).await?;
    if owners == 0 && user::count(&mut tx).await? > 0 {
        troubles.locked.push(format!("tenant {tenant} has users and no owner who may sign in"));
    }
    Ok(())
}

/// A list for one line.
fn listed(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect();
    let more = all.len().saturating_sub(LISTED);
    let mut text = all.into_iter().take(LISTED).collect::<Vec<_>>().join("; ");
    if more > 0 {
        text.push_str(&format!("; and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_says_how_much_it_left_out() {
        let check = |count: usize, end: &str| {
            let text = listed((1..=count).map(|number| number.to_string()));
            assert!(text.ends_with(end), "{text}");
        };
        check(1, "1");
        check(20, "; 20");
        check(23, "; 20; and 3 more");
    }
}
