//! The archive that benchmarks bring in: the demo's, at any size.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::demo::archive;
use doorstep_core::import::State;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{Clock, IdMaker, Scope, Timestamp};
use doorstep_engine::Engine;
use doorstep_engine::import::NewImport;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_store::import::Stored;
use doorstep_store::system::{self, NewTenant};
use doorstep_store::{Db, Location};

/// The system's clock: leases must pass while the benchmark runs.
#[derive(Debug)]
struct WallClock;

impl Clock for WallClock {
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or_default())
    }
}

/// A store with a tenant, for measuring.
pub struct House {
    pub engine: Engine,
    pub scope: Scope,
}

impl House {
    pub async fn open(location: &Location, dir: &Path) -> Self {
        let db = Db::open(location, Arc::new(WallClock)).await.expect("the store opens");
        let own = archive::own_numbers().map(|number| Phone::parse(number, Region::US).expect("an own number"));
        let new = NewTenant {
            name: archive::BUSINESS_NAME.to_owned(),
            time_zone: archive::TIME_ZONE.parse().expect("a zone"),
            country: Region::US,
            own_numbers: own.to_vec(),
        };
        let tenant = system::create_tenant(&db, &new).await.expect("a tenant");
        let scope = Scope::new(tenant.id, Actor::Operator("bench".to_owned()), Role::Owner);
        Self { engine: Engine::new(db, Arc::new(IdMaker::seeded(1)), dir.join("imports")), scope }
    }

    /// Plans and applies an archive; how long each took.
    pub async fn import(&self, file: &Path) -> (Stored, Duration, Duration) {
        let new = NewImport {
            file,
            file_name: "history.zip".to_owned(),
            notes: None,
            aliases: BTreeMap::new(),
            limits: Default::default(),
        };
        let began = Instant::now();
        let planned = self.engine.plan_import(&self.scope, &new, &|_| {}).await.expect("a plan");
        let planning = began.elapsed();
        let began = Instant::now();
        self.engine.apply_import(&self.scope, planned.import.id, &|_| {}).await.expect("applying starts");
        Worker::new(self.engine.clone(), Tasks).run_due().await.expect("the worker runs");
        let stored = self.engine.import(&self.scope, planned.import.id).await.expect("the import");
        assert_eq!(stored.import.state, State::Applied, "the import is in");
        (stored, planning, began.elapsed())
    }
}

/// Writes an archive of that size.
pub fn write(path: &Path, contacts: u32, messages: u32) {
    let shape = archive::Shape { seed: 11, contacts, messages, calls: messages / 10, ..archive::Shape::demo() };
    archive::write(&shape, File::create(path).expect("a file")).expect("the archive is written");
}
