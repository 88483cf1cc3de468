//! The program at work: an open store, the tenant that is meant, and who acts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::tenant::{Actor, Role, Tenant};
use doorstep_core::{Scope, Timestamp};
use doorstep_engine::Engine;
use doorstep_engine::seal::Keys;
use doorstep_store::{Db, Error as StoreError, FILE_NAME, Location, system};

use crate::clock::{SystemClock, id_maker};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::source::{LiveSources, seal_keys};

/// The folder of imported archives between plan and apply, in the data directory.
const SPOOL: &str = "spool";

/// What every command gets.
#[derive(Clone)]
pub struct Program {
    /// The settings.
    pub config: Config,
    /// Where results go.
    pub out: Output,
    /// Opens live sources.
    sources: Arc<LiveSources>,
    /// What their credentials are sealed with.
    seal_keys: Arc<Keys>,
}

/// A store opened for one tenant.
pub struct Hub {
    /// The calls that every door shares.
    pub engine: Engine,
    /// The tenant.
    pub tenant: Tenant,
    /// Who acts, for whom.
    pub scope: Scope,
    /// Where results go.
    pub out: Output,
}

impl Program {
    /// The program with its settings.
    ///
    /// # Errors
    /// A setting that only shows to be none where it is used: a key, an address.
    pub fn new(config: Config, out: Output) -> Result<Self, Failure> {
        let sources = Arc::new(LiveSources::new(&config.sources, Arc::new(SystemClock))?);
        let seal_keys = Arc::new(seal_keys(&config.sources)?);
        Ok(Self { config, out, sources, seal_keys })
    }

    /// Where the store is.
    pub fn location(&self) -> Location {
        match &self.config.database.url {
            Some(url) => Location::Postgres { url: url.clone(), owner_url: self.config.database.owner_url.clone() },
            None => Location::DataDir(self.config.data.dir.clone()),
        }
    }

    fn spool_dir(&self) -> PathBuf {
        self.config.import.spool_dir.clone().unwrap_or_else(|| self.config.data.dir.join(SPOOL))
    }

    /// Opens the store; there must be one.
    pub async fn open(&self) -> Result<Engine, Failure> {
        let dir = &self.config.data.dir;
        if self.config.database.url.is_none() && !dir.join(FILE_NAME).exists() {
            return Err(Failure::not_found(format!("there is no doorstep database in `{}`", dir.display())).hint(
                "`doorstep tenant create NAME --time-zone America/New_York` makes one, `--data-dir DIR` names another \
                 place, `doorstep demo` shows one that is full",
            ));
        }
        self.open_or_create().await
    }

    /// Opens the store; on SQLite an empty one is made where there is none.
    pub async fn open_or_create(&self) -> Result<Engine, Failure> {
        if self.config.database.url.is_none() {
            create_private(&self.config.data.dir)?;
        }
        // Migrating as the owner locks every table for a moment, which an import under way in another process cannot
        // have: only a database that turns out to need it is opened that way.
        match self.open_at(&self.without_owner()).await {
            Err(StoreError::Setup(_)) if self.config.database.owner_url.is_some() => self.open_and_migrate().await,
            opened => Ok(opened?),
        }
    }

    /// Opens the store and migrates it, also where nothing seems to be missing.
    pub async fn open_and_migrate(&self) -> Result<Engine, Failure> {
        if self.config.database.url.is_none() {
            create_private(&self.config.data.dir)?;
        }
        Ok(self.open_at(&self.location()).await?)
    }

    fn without_owner(&self) -> Location {
        match self.location() {
            Location::Postgres { url, .. } => Location::Postgres { url, owner_url: None },
            Location::DataDir(dir) => Location::DataDir(dir),
        }
    }

    async fn open_at(&self, location: &Location) -> Result<Engine, StoreError> {
        let clock = Arc::new(SystemClock);
        let ids = Arc::new(id_maker(clock.as_ref()));
        let db = Db::open(location, clock).await?;
        let mut engine = Engine::new(db, ids, self.spool_dir());
        engine.keep_plans = self.config.import.keep_plans;
        engine.stale_after = self.config.sources.stale_after;
        engine.sources = self.sources.clone();
        engine.seal_keys = self.seal_keys.clone();
        Ok(engine)
    }

    /// Does `work` for the tenant that is meant, and closes the store whatever comes of it.
    pub async fn at_work<T>(&self, work: impl AsyncFnOnce(&Hub) -> Result<T, Failure>) -> Result<T, Failure> {
        self.at_work_for(self.config.data.tenant.as_deref(), work).await
    }

    /// Does `work` for the tenant that `wanted` names, and closes the store whatever comes of it.
    pub async fn at_work_for<T>(
        &self,
        wanted: Option<&str>,
        work: impl AsyncFnOnce(&Hub) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let hub = self.hub(wanted).await?;
        let done = work(&hub).await;
        hub.close().await;
        done
    }

    /// Opens the store for the tenant that `wanted` names; the only one if nothing is named.
    async fn hub(&self, wanted: Option<&str>) -> Result<Hub, Failure> {
        let engine = self.open().await?;
        let tenants = system::tenants(&engine.db).await?;
        let tenant = choose(tenants, wanted)?;
        let scope = Scope::new(tenant.id, Actor::Operator(self.config.data.operator.clone()), Role::Owner);
        Ok(Hub { engine, tenant, scope, out: self.out })
    }
}

impl Hub {
    /// An instant as the tenant's people write it.
    pub fn local(&self, at: Timestamp) -> String {
        at.in_zone(&self.tenant.time_zone)
    }

    /// A day as the tenant's people write it.
    pub fn day(&self, at: Timestamp) -> String {
        self.local(at).chars().take(10).collect()
    }

    /// Ends the connections; on SQLite this folds the write-ahead log into the file.
    async fn close(&self) {
        self.engine.db.close().await;
    }
}

/// The tenant that `wanted` names, by number or name; the only one if nothing is named.
fn choose(tenants: Vec<Tenant>, wanted: Option<&str>) -> Result<Tenant, Failure> {
    let listed: Vec<String> = tenants.iter().map(|tenant| format!("`{}` ({})", tenant.name, tenant.id)).collect();
    let (listed, count) = (listed.join(", "), tenants.len());
    if count == 0 {
        return Err(Failure::not_found("there is no tenant here yet")
            .hint("`doorstep tenant create NAME --time-zone America/New_York --own-number +1617…` makes one"));
    }
    let Some(wanted) = wanted else {
        let only = tenants.into_iter().next().filter(|_| count == 1);
        return only.ok_or_else(|| {
            Failure::refused(format!("there are {count} tenants here, and this is about one of them"))
                .hint(format!("add `--tenant NAME` (or its number): {listed}"))
        });
    };
    let number: Option<i64> = wanted.trim().parse().ok();
    let is_meant = |tenant: &Tenant| {
        tenant.name.to_lowercase() == wanted.trim().to_lowercase() || number.is_some_and(|n| tenant.id.number() == n)
    };
    tenants.into_iter().find(is_meant).ok_or_else(|| {
        Failure::not_found(format!("there is no tenant `{wanted}` here")).hint(format!("there is: {listed}"))
    })
}

/// Makes the data directory for its owner's eyes only: what is in it is about people.
pub fn create_private(dir: &Path) -> Result<(), Failure> {
    if dir.exists() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| {
        Failure::failed(format!("the data directory `{}` cannot be made: {error}", dir.display()))
            .hint("`--data-dir DIR` or `DOORSTEP_DATA_DIR` names another place")
    })
}

#[cfg(test)]
mod tests {
    use doorstep_core::TenantId;
    use doorstep_core::phone::Region;
    use doorstep_core::time::Zone;

    use super::*;

    fn tenant(number: i64, name: &str) -> Tenant {
        Tenant {
            id: TenantId::from_number(number),
            name: name.to_owned(),
            time_zone: Zone::utc(),
            country: Region::US,
            own_numbers: vec![],
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn the_only_tenant_is_meant_and_of_several_the_one_that_is_named() {
        let two = || vec![tenant(1, "Ace"), tenant(2, "Bay State")];
        let number =
            |found: Result<Tenant, Failure>| found.map(|tenant| tenant.id.number()).map_err(|no| no.code.number());
        let check = |tenants: Vec<Tenant>, wanted: Option<&str>, expected: Result<i64, u8>| {
            assert_eq!(number(choose(tenants, wanted)), expected, "{wanted:?}");
        };
        check(vec![], None, Err(3));
        check(vec![tenant(7, "Ace")], None, Ok(7));
        check(two(), None, Err(2));
        check(two(), Some("bay state"), Ok(2));
        check(two(), Some("1"), Ok(1));
        check(two(), Some("Bay"), Err(3));
    }
}
