//! Bringing a store's schema up to date, on start, under one lock.

use doorstep_core::survivorship::sort_name;
use doorstep_core::tenant::Actor;
use doorstep_core::{Timestamp, planted};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::audit;
use crate::db::{Backend, Db};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::rule_set;
use crate::schema::TABLES;
use crate::sql::Native;
use crate::statistics;
use crate::value::Value;

/// One step, written once for both databases.
struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
    /// The database that it is for, if it is about how that one stores.
    only: Option<Dialect>,
}

impl Migration {
    /// What that database is to run.
    fn script(&self, dialect: Dialect) -> String {
        let is_for = self.only.is_none_or(|only| only == dialect);
        if is_for { render(self.text, dialect) } else { String::new() }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "create_house",
        text: include_str!("../migrations/0001_create_house.sql"),
        only: None,
    },
    Migration { version: 2, name: "add_users", text: include_str!("../migrations/0002_add_users.sql"), only: None },
    Migration { version: PINS, name: "add_pins", text: include_str!("../migrations/0003_add_pins.sql"), only: None },
    Migration {
        version: AUDIT_SUBJECTS,
        name: "add_audit_subjects",
        text: include_str!("../migrations/0004_add_audit_subjects.sql"),
        only: None,
    },
    Migration {
        version: ROW_OF_LIST,
        name: "keep_row_of_list",
        text: include_str!("../migrations/0005_keep_row_of_list.sql"),
        only: None,
    },
    Migration {
        version: 6,
        name: "store_customer_by_row",
        text: include_str!("../migrations/0006_store_customer_by_row.sql"),
        only: Some(Dialect::Sqlite),
    },
    Migration {
        version: RULE_SETS,
        name: "add_rule_sets",
        text: include_str!("../migrations/0007_add_rule_sets.sql"),
        only: None,
    },
    Migration {
        version: 8,
        name: "add_identifier_marks",
        text: include_str!("../migrations/0008_add_identifier_marks.sql"),
        only: None,
    },
    Migration {
        version: 9,
        name: "add_verifications",
        text: include_str!("../migrations/0009_add_verifications.sql"),
        only: None,
    },
    Migration {
        version: 10,
        name: "rank_reviews",
        text: include_str!("../migrations/0010_rank_reviews.sql"),
        only: None,
    },
    Migration {
        version: 11,
        name: "add_connections",
        text: include_str!("../migrations/0011_add_connections.sql"),
        only: None,
    },
    Migration {
        version: NAMES_WITH_PLACES,
        name: "find_by_name_and_place",
        text: include_str!("../migrations/0012_find_by_name_and_place.sql"),
        only: None,
    },
    Migration {
        version: 13,
        name: "add_contexts",
        text: include_str!("../migrations/0013_add_contexts.sql"),
        only: None,
    },
    Migration {
        version: 14,
        name: "add_customer_refreshes",
        text: include_str!("../migrations/0014_add_customer_refreshes.sql"),
        only: None,
    },
    Migration {
        version: 15,
        name: "add_remarks",
        text: include_str!("../migrations/0015_add_remarks.sql"),
        only: None,
    },
    Migration {
        version: 17,
        name: "index_what_is_looked_for",
        text: include_str!("../migrations/0017_index_what_is_looked_for.sql"),
        only: None,
    },
    Migration {
        version: 18,
        name: "add_removals",
        text: include_str!("../migrations/0018_add_removals.sql"),
        only: None,
    },
    Migration {
        version: PAST_ROWS,
        name: "keep_past_rows",
        text: include_str!("../migrations/0019_keep_past_rows.sql"),
        only: None,
    },
    Migration {
        version: 20,
        name: "keep_balances",
        text: include_str!("../migrations/0020_keep_balances.sql"),
        only: None,
    },
];

/// The step that brought sort names, which SQL cannot make of the names that are there.
const PINS: i64 = 3;
/// The step that brought what entries of the audit log are about, part of which stands in their details.
const AUDIT_SUBJECTS: i64 = 4;
/// The step that brought what a list shows of a customer into its row.
const ROW_OF_LIST: i64 = 5;
/// The step that brought the versions of rules: every tenant that is there has one, which is what this program ships.
const RULE_SETS: i64 = 7;
/// The step from which records are found by their names with their places, which SQL cannot make of addresses: every
/// tenant that is there has its records put in order by the task that does that anyway.
const NAMES_WITH_PLACES: i64 = 12;
/// The step from which past rows are kept: of what every tenant that is there had before, nobody knows how it stood.
const PAST_ROWS: i64 = 19;
/// Customers that are read together to get their sort names.
const NAMES_PER_STEP: i64 = 1_000;

/// The newest schema that this binary knows.
pub const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// Any number that nothing else uses: the advisory lock that lets one process migrate.
const MIGRATION_LOCK: i64 = 0x646f_6f72;

/// The tables whose rows are read for all tenants (src/system.rs), by the worker and by signing in: their policies
/// also let a transaction pass that says so. No other table has this door, and a test counts them.
pub(crate) const SYSTEM_TABLES: &[&str] = &["tenant", "task", "own_number", "feed", "app_user"];

const CREATE_LEDGER: &str = "create table if not exists schema_migration (\
     version {int} not null primary key, name {text} not null, applied_at {time} not null){table}";

/// A schema version as `doorstep migrate --status` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub version: i64,
    /// What it does.
    pub name: &'static str,
    /// Whether the store has it.
    pub applied: bool,
}

/// Every step this binary knows, and whether the store has it.
#[crate::boxed]
pub async fn status(db: &Db) -> Result<Vec<Step>> {
    let found = version(db).await?;
    let step = |m: &Migration| Step { version: m.version, name: m.name, applied: m.version <= found };
    Ok(MIGRATIONS.iter().map(step).collect())
}

fn render(text: &str, dialect: Dialect) -> String {
    let text = dialect.placeholders().iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    if planted!("keys-sort-as-the-server-likes") { text.replace(" collate \"C\"", "") } else { text }
}

/// All tables and indexes of the newest schema as that database writes them.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn tables(dialect: Dialect) -> String {
    MIGRATIONS.iter().map(|migration| migration.script(dialect)).collect()
}

#[crate::boxed]
pub(crate) async fn run(db: &Db) -> Result<()> {
    let mut native = db.begin(true).await?;
    apply(&mut native, db.clock.now()).await?;
    native.commit().await
}

/// Migrates PostgreSQL as the owning role and lets the application's role in.
#[crate::boxed]
pub(crate) async fn run_postgres(owner: &PgPool, app_role: &str, now: Timestamp) -> Result<()> {
    let mut native = Native::Postgres(owner.begin().await?);
    native.execute("select pg_advisory_xact_lock($1)", vec![Value::from(MIGRATION_LOCK)]).await?;
    let before = ledger_version(&mut native).await?;
    apply(&mut native, now).await?;
    // Securing takes every table's lock, which would wait for whoever is writing: only when there is something new.
    if before < NEWEST || !is_let_in(&mut native, app_role).await? {
        secure(&mut native, app_role).await?;
    }
    native.commit().await
}

/// Whether the application's role may change rows already: of the last table, which is granted last.
async fn is_let_in(native: &mut Native, app_role: &str) -> Result<bool> {
    let last = TABLES.last().map_or("tenant", |table| table.name);
    let sql = "select coalesce(has_table_privilege($1, to_regclass($2), 'insert'), false)";
    let row: Option<(bool,)> = native.fetch_optional(sql, vec![Value::from(app_role), Value::from(last)]).await?;
    Ok(row.is_some_and(|(may,)| may))
}

/// The schema that the ledger of an open transaction says; 0 before the first step.
async fn ledger_version(native: &mut Native) -> Result<i64> {
    native.run_script(&render(CREATE_LEDGER, native.dialect())).await?;
    let row: Option<(i64,)> =
        native.fetch_optional("select coalesce(max(version), 0) from schema_migration", vec![]).await?;
    Ok(row.unwrap_or_default().0)
}

/// Brings one database to the newest schema, within the caller's transaction.
#[crate::boxed]
pub(crate) async fn apply(native: &mut Native, now: Timestamp) -> Result<()> {
    let dialect = native.dialect();
    let found = ledger_version(native).await?;
    refuse_newer(found)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        native.run_script(&migration.script(dialect)).await?;
        let args = vec![Value::from(migration.version), Value::from(migration.name), Value::from(now)];
        native.execute("insert into schema_migration (version, name, applied_at) values ($1, $2, $3)", args).await?;
        if migration.version == PINS && found > 0 {
            write_sort_names(native).await?;
        }
        if migration.version == AUDIT_SUBJECTS && found > 0 {
            audit::write_subjects(native).await?;
        }
        if migration.version == ROW_OF_LIST && found > 0 {
            write_rows_of_list(native).await?;
        }
        if migration.version == RULE_SETS && found > 0 {
            write_first_rules(native, now).await?;
        }
        if migration.version == NAMES_WITH_PLACES && found > 0 {
            wake_rebuilds(native, now).await?;
        }
        if migration.version == PAST_ROWS && found > 0 {
            begin_past(native, now).await?;
        }
    }
    if dialect == Dialect::Sqlite && found < NEWEST {
        statistics::write(native).await?;
    }
    Ok(())
}

/// Gives the customers of an older store what a list shows of what hangs on them.
async fn write_rows_of_list(native: &mut Native) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        // As for sort names.
        for table in ["customer", "identity", "record"] {
            native.run_script(&format!("alter table {table} no force row level security")).await?;
        }
    }
    native
        .run_script(
            "update customer set source_count = (select count(distinct r.source) from record r \
             where r.tenant_id = customer.tenant_id and r.customer_id = customer.id and r.removed_at is null), \
             last_seen_at = (select max(i.last_seen_at) from identity i \
             where i.tenant_id = customer.tenant_id and i.customer_id = customer.id)",
        )
        .await
}

/// Gives the tenants of an older store their first version of rules.
async fn write_first_rules(native: &mut Native, now: Timestamp) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        // As for sort names.
        native.run_script("alter table tenant no force row level security").await?;
    }
    let tenants: Vec<(i64,)> = native.fetch_all("select tenant_id from tenant order by tenant_id", vec![]).await?;
    for (tenant,) in tenants {
        rule_set::insert_first(native, tenant, &Actor::Worker, now).await?;
    }
    Ok(())
}

/// Has everything that is derived from the records of an older store computed again, in the background.
async fn wake_rebuilds(native: &mut Native, now: Timestamp) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        // As for sort names.
        for table in ["tenant", "task", "record"] {
            native.run_script(&format!("alter table {table} no force row level security")).await?;
        }
    }
    let sql = "insert into task (tenant_id, key, state, due_at, wakes, attempts, created_at) \
               select tenant_id, 'rebuild', 'waiting', $1, 1, 0, $1 from tenant t \
               where exists (select 1 from record r where r.tenant_id = t.tenant_id and r.removed_at is null) \
               on conflict do nothing";
    native.execute(sql, vec![Value::from(now)]).await?;
    Ok(())
}

/// Says of the tenants of an older store that past rows are kept from now on.
async fn begin_past(native: &mut Native, now: Timestamp) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        // As for sort names.
        native.run_script("alter table tenant no force row level security").await?;
    }
    native.execute("update tenant set past_since_at = $1", vec![Value::from(now)]).await?;
    Ok(())
}

/// Gives the customers of an older store the names that they are sorted by.
async fn write_sort_names(native: &mut Native) -> Result<()> {
    if native.dialect() == Dialect::Postgres {
        // The owner is held back by the walls too; they are put up again at the end of every migration.
        native.run_script("alter table customer no force row level security").await?;
    }
    let mut after = (i64::MIN, Uuid::nil());
    loop {
        let sql = "select tenant_id, id, display_name from customer where (tenant_id, id) > ($1, $2) \
                   order by tenant_id, id limit $3";
        let args = vec![Value::from(after.0), Value::from(after.1), Value::from(NAMES_PER_STEP)];
        let page: Vec<(i64, Uuid, String)> = native.fetch_all(sql, args).await?;
        let Some((tenant, id, _)) = page.last() else { return Ok(()) };
        after = (*tenant, *id);
        for (tenant, id, name) in &page {
            let args = vec![Value::from(*tenant), Value::from(*id), Value::from(sort_name(name))];
            native.execute("update customer set sort_name = $3 where tenant_id = $1 and id = $2", args).await?;
        }
    }
}

pub(crate) fn refuse_newer(found: i64) -> Result<()> {
    if found > NEWEST { Err(Error::Newer { found, known: NEWEST }) } else { Ok(()) }
}

/// Row-level security on every table, forced also for the owner; the application's role may change rows and
/// owns nothing. Runs at each migration, so that a table cannot be forgotten (PROMISES, rules 1, 8, 10).
async fn secure(native: &mut Native, app_role: &str) -> Result<()> {
    let role = quote(app_role);
    let mut script = format!("grant usage on schema public to {role};\ngrant select on schema_migration to {role};\n");
    for table in TABLES.iter().map(|table| table.name) {
        if planted!("a-table-without-its-wall") && table == "call" {
            script.push_str(&format!("grant select, insert, update, delete on {table} to {role};\n"));
            continue;
        }
        let tenant = "nullif(current_setting('app.tenant', true), '')::bigint";
        // Read in a subquery the setting is looked up once a statement instead of once a row; but a choice between
        // two subqueries says nothing to the planner, and the tables with a system door are small.
        let pass = match SYSTEM_TABLES.contains(&table) {
            true => format!("tenant_id = {tenant} or coalesce(current_setting('app.system', true), '') = 'on'"),
            false => format!("tenant_id = (select {tenant})"),
        };
        script.push_str(&format!(
            "alter table {table} enable row level security;\n\
             alter table {table} force row level security;\n\
             drop policy if exists of_tenant on {table};\n\
             create policy of_tenant on {table} using ({pass}) with check ({pass});\n\
             grant select, insert, update, delete on {table} to {role};\n"
        ));
    }
    native.run_script(&script).await
}

/// A name as an SQL identifier.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The schema that the store has; 0 for an empty one.
async fn version(db: &Db) -> Result<i64> {
    let mut native = db.begin(false).await?;
    let sql = "select coalesce(max(version), 0) from schema_migration";
    match native.fetch_optional::<(i64,)>(sql, vec![]).await {
        Ok(row) => Ok(row.map_or(0, |(version,)| version)),
        // There is no ledger yet; the exact text differs between the databases, the meaning does not.
        Err(Error::Database(_)) => Ok(0),
        Err(other) => Err(other),
    }
}

/// Refuses a store whose schema is not the newest that this binary knows; asking is one small query.
///
/// # Errors
/// [`Error::Newer`], or [`Error::Setup`] with what to run.
#[crate::boxed]
pub async fn check(db: &Db) -> Result<()> {
    let found = version(db).await?;
    refuse_newer(found)?;
    if found < NEWEST {
        return Err(Error::Setup(format!(
            "the database has schema {found} and this version of doorstep needs {NEWEST}: run `doorstep migrate` with \
             `DOORSTEP_OWNER_DATABASE_URL` set to the role that owns the tables"
        )));
    }
    Ok(())
}

/// Refuses a role for which row-level security would not count (PROMISES, rules 1 and 2).
#[crate::boxed]
pub(crate) async fn refuse_unsafe_role(pool: &PgPool) -> Result<()> {
    let (above,): (bool,) =
        sqlx::query_as("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
            .fetch_one(pool)
            .await?;
    if above {
        return Err(Error::Setup(
            "the role of `DATABASE_URL` is a superuser or bypasses row-level security, which would switch off the wall \
             between tenants: use a plain role (`create role doorstep_app login`), and the owning role in \
             `DOORSTEP_OWNER_DATABASE_URL`"
                .to_owned(),
        ));
    }
    let (owned,): (i64,) = sqlx::query_as(AssertSqlSafe(
        "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user) \
         and relkind = 'r' and relnamespace = cast('public' as regnamespace)"
            .to_owned(),
    ))
    .fetch_one(pool)
    .await?;
    if owned > 0 {
        return Err(Error::Setup(
            "the role of `DATABASE_URL` owns tables and could switch off the wall between tenants: let another role own \
             them (`DOORSTEP_OWNER_DATABASE_URL`) and connect as a plain one"
                .to_owned(),
        ));
    }
    Ok(())
}

impl Db {
    /// Whether this process runs on a file of its own.
    pub fn is_embedded(&self) -> bool {
        matches!(self.backend, Backend::Sqlite { .. })
    }
}
