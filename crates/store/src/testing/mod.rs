//! Stores for tests: a fresh SQLite file or a fresh clone of a migrated PostgreSQL database for every test.

pub mod baseline;
pub mod broken;
pub mod crash;
pub mod crowd;
pub mod disk;
pub mod postgres;
pub mod trace;

use std::sync::Arc;

use doorstep_core::tenant::{Actor, Role, Tenant};
use doorstep_core::time::{TurnableClock, Zone};
use doorstep_core::{Clock, Scope, Timestamp};

use crate::db::{Backend, Db, Location};
use crate::dialect::Dialect;
use crate::system::{self, NewTenant};

/// 2026-03-02T15:00:00Z, a Monday: the instant at which every test's clock starts.
pub const START: Timestamp = Timestamp::from_micros(1_772_463_600_000_000);

/// A fresh store with one tenant and a clock that can be turned. Ends with the test.
pub struct TestStore {
    /// The store.
    pub db: Db,
    /// Its clock.
    pub clock: Arc<TurnableClock>,
    /// The tenant "Bay State Plumbing", Boston time, own number +1 617 471 2000.
    pub tenant: Tenant,
    /// Where it is, to be opened again as another process would.
    pub location: Location,
    /// A directory for files, gone with the test.
    pub dir: tempfile::TempDir,
}

impl TestStore {
    /// A fresh store of that kind.
    pub async fn new(dialect: Dialect) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let location = match dialect {
            Dialect::Sqlite => Location::DataDir(dir.path().to_owned()),
            Dialect::Postgres => postgres_location().await,
        };
        let clock = Arc::new(TurnableClock::at(START));
        let db = Db::open(&location, clock.clone() as Arc<dyn Clock>).await.expect("the store opens");
        let tenant = create_tenant(&db, "Bay State Plumbing", "+16174712000").await;
        Self { db, clock, tenant, location, dir }
    }

    /// A store that loses what was written last if the machine loses its power, which tests of thousands of histories do
    /// not wait to prevent.
    pub async fn careless(dialect: Dialect) -> Self {
        let store = Self::new(dialect).await;
        if let Backend::Sqlite { writer, .. } = &store.db.backend {
            for pragma in ["pragma synchronous = off", "pragma wal_autocheckpoint = 1000"] {
                sqlx::raw_sql(pragma).execute(writer).await.expect("SQLite obeys");
            }
        }
        store
    }

    /// The same database for one more tenant, with the clock where every test's starts.
    pub async fn another_tenant(&self, name: &str) -> Self {
        let since = self.clock.now().micros() - START.micros();
        self.clock.turn_seconds(-since / 1_000_000);
        let tenant = create_tenant(&self.db, name, "+16174712000").await;
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (db, clock, location) = (self.db.clone(), Arc::clone(&self.clock), self.location.clone());
        Self { db, clock, tenant, location, dir }
    }

    /// The owner's scope in the tenant.
    pub fn scope(&self) -> Scope {
        owner_of(&self.tenant)
    }

    /// The same store as another process sees it.
    pub async fn another_process(&self) -> Db {
        Db::open(&self.location, self.clock.clone() as Arc<dyn Clock>).await.expect("the store opens again")
    }
}

/// An owner's scope.
pub fn owner_of(tenant: &Tenant) -> Scope {
    Scope::new(tenant.id, Actor::Operator("test".to_owned()), Role::Owner)
}

/// One more tenant.
pub async fn create_tenant(db: &Db, name: &str, own_number: &str) -> Tenant {
    let new = NewTenant {
        name: name.to_owned(),
        time_zone: "America/New_York".parse::<Zone>().expect("a zone"),
        country: doorstep_core::phone::Region::US,
        own_numbers: vec![doorstep_core::phone::Phone::from_normal(own_number.to_owned())],
    };
    system::create_tenant(db, &new).await.expect("a tenant")
}

mod cluster;
pub use cluster::{empty_database, postgres_location, superuser_url};

/// Runs one test on both databases: `on_both!(async fn name(store: TestStore) { … })` becomes
/// `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($store:ident: TestStore) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn on_each_database($store: $crate::testing::TestStore) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on_each_database($crate::testing::TestStore::new($crate::dialect::Dialect::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                on_each_database($crate::testing::TestStore::new($crate::dialect::Dialect::Postgres).await).await;
            }
        }
    )*};
}
