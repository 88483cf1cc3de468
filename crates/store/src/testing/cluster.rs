//! One PostgreSQL for all tests of a process, one migrated template in it, one clone per test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use doorstep_core::Clock;
use doorstep_core::time::TurnableClock;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use super::postgres::Server;
use crate::db::{Db, Location};

const OWNER: &str = "doorstep_owner";
const APP: &str = "doorstep_app";
const TEMPLATE: &str = "doorstep_template";

static SERVER: OnceLock<Server> = OnceLock::new();
static TEMPLATE_READY: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

fn server() -> &'static Server {
    SERVER.get_or_init(|| {
        Server::from_env_or_start()
            .unwrap_or_else(|why| panic!("the tests need PostgreSQL: {why} (`cargo xtask test` installs it)"))
    })
}

/// A fresh, migrated database; the application's role and the owning role.
pub async fn postgres_location() -> Location {
    TEMPLATE_READY.get_or_init(make_template).await;
    let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    admin(&format!("create database {name} template {TEMPLATE} owner {OWNER}"), "postgres").await;
    Location::Postgres { url: server().url(APP, &name), owner_url: Some(server().url(OWNER, &name)) }
}

/// A fresh database without any table, as the superuser sees it.
pub async fn empty_database() -> String {
    TEMPLATE_READY.get_or_init(make_template).await;
    let name = format!("bare_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    admin(&format!("create database {name}"), "postgres").await;
    server().url("postgres", &name)
}

/// The same database as the superuser sees it.
pub fn superuser_url(location: &Location) -> Option<String> {
    match location {
        Location::Postgres { url, .. } => Some(url.replacen(&format!("//{APP}@"), "//postgres@", 1)),
        Location::DataDir(_) => None,
    }
}

async fn admin(sql: &str, database: &str) {
    let mut connection =
        PgConnection::connect(&server().url("postgres", database)).await.expect("the test server answers");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the test server obeys");
    connection.close().await.expect("the connection closes");
}

/// Test binaries run one after the other and share the server: the first makes the template, anew each time
/// because the schema may have changed in between.
async fn make_template() {
    admin(
        &format!(
            "do $$ begin \
               if not exists (select from pg_roles where rolname = '{OWNER}') then create role {OWNER} login; end if; \
               if not exists (select from pg_roles where rolname = '{APP}') then create role {APP} login; end if; \
             end $$"
        ),
        "postgres",
    )
    .await;
    admin(&format!("drop database if exists {TEMPLATE} with (force)"), "postgres").await;
    admin(&format!("create database {TEMPLATE} owner {OWNER}"), "postgres").await;
    admin(&format!("alter schema public owner to {OWNER}"), TEMPLATE).await;
    let location =
        Location::Postgres { url: server().url(APP, TEMPLATE), owner_url: Some(server().url(OWNER, TEMPLATE)) };
    let clock: Arc<dyn Clock> = Arc::new(TurnableClock::at(super::START));
    let db = Db::open(&location, clock).await.expect("the template migrates");
    db.close().await;
}
