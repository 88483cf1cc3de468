//! A store with tenants whose connections read a world.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use doorstep_core::id::{ConnectionId, RunId};
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::schedule::Schedule;
use doorstep_core::sync::{Run, State};
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{Clock, IdMaker, Scope, Timestamp};
use doorstep_engine::Engine;
use doorstep_engine::connection::{NewConnection, Said};
use doorstep_engine::seal::Keys;
use doorstep_engine::sync::Now;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_store::system::{self, NewTenant};
use doorstep_store::testing::postgres_location;
use doorstep_store::{Db, Location};
use doorstep_upstream::Upstreams;
use doorstep_upstream::http::{HttpOptions, Origin, Surroundings};

use crate::watched::{Waited, Watched};
use crate::world::{Business, World};

/// Between two looks at how far a run is.
const LOOK: Duration = Duration::from_millis(50);
/// How often a connection is read by itself.
pub const INTERVAL_SECONDS: i64 = 15 * 60;

/// The system's clock, ahead by what it was turned: leases must pass while something is measured, and a connection be due
/// without anybody waiting for it.
#[derive(Debug, Default, Clone)]
pub struct WallClock(Arc<AtomicI64>);

impl WallClock {
    pub fn turn_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for WallClock {
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or_default();
        Timestamp::from_micros(micros + self.0.load(Ordering::SeqCst))
    }
}

/// A store, and what reads the world.
pub struct House {
    pub engine: Engine,
    pub clock: WallClock,
    pub waited: Waited,
}

impl House {
    pub async fn open(database: &str, dir: &Path, world: &World) -> Self {
        let location = match database {
            "sqlite" => Location::DataDir(dir.join("data")),
            _ => postgres_location().await,
        };
        let clock = WallClock::default();
        let db = Db::open(&location, Arc::new(clock.clone())).await.expect("the store opens");
        let mut engine = Engine::new(db, Arc::new(IdMaker::seeded(1)), dir.join("imports"));
        let options = HttpOptions {
            allowed: vec![Origin::parse(&world.url).expect("an origin")],
            user_agent: "doorstep/bench".to_owned(),
            total_timeout: None,
            max_body_bytes: None,
        };
        let drawn = AtomicU64::new(1);
        let random = move || drawn.fetch_add(0x9e37_79b9, Ordering::SeqCst).rotate_left(23);
        let surroundings = Surroundings::new(Arc::new(clock.clone()), random);
        let waited = Waited::default();
        let upstreams = Upstreams::new(options, surroundings).expect("a client");
        engine.sources = Arc::new(Watched { upstreams, waited: waited.clone() });
        engine.seal_keys = Arc::new(Keys::parse(&"07".repeat(32)).expect("a key"));
        Self { engine, clock, waited }
    }

    /// A tenant with a connection to a business of the world; nothing is read yet.
    pub async fn connect(&self, world: &World, business: &Business) -> Connected {
        let new = NewTenant {
            name: format!("Business {}", business.number),
            time_zone: "America/New_York".parse().expect("a zone"),
            country: Region::US,
            own_numbers: Vec::new(),
        };
        let tenant = system::create_tenant(&self.engine.db, &new).await.expect("a tenant");
        let scope = Scope::new(tenant.id, Actor::Operator("bench".to_owned()), Role::Owner);
        let said = [
            ("servicetitan_tenant", business.number.to_string()),
            ("client_id", business.client_id.clone()),
            ("client_secret", business.client_secret.clone()),
            ("app_key", business.app_key.clone()),
            ("api_url", world.url.clone()),
            ("auth_url", world.url.clone()),
        ];
        let settings = Said(said.map(|(name, value)| (name.to_owned(), value)).into());
        let schedule = Schedule::every(INTERVAL_SECONDS, None).expect("a schedule");
        let new = NewConnection { source: Source::ServiceTitan, name: None, settings, schedule };
        let id = self.engine.add_connection(&scope, &new).await.expect("a connection").id;
        Connected { scope, id }
    }

    /// Reads a connection now, and waits for it; how long it took.
    pub async fn read(&self, connected: &Connected) -> (Run, Duration) {
        let run = self.engine.sync_now(&connected.scope, connected.id, Now::default()).await.expect("a run").id;
        let began = Instant::now();
        self.work().await;
        (self.run(connected, run).await, began.elapsed())
    }

    /// The same, and how long each stream took.
    pub async fn read_in_parts(&self, connected: &Connected) -> (Run, Duration, BTreeMap<String, Duration>) {
        let run = self.engine.sync_now(&connected.scope, connected.id, Now::default()).await.expect("a run").id;
        let (began, mut parts) = (Instant::now(), BTreeMap::<String, Duration>::new());
        let (mut looks, mut looked) = (tokio::time::interval(LOOK), began);
        let work = self.work();
        tokio::pin!(work);
        loop {
            tokio::select! {
                () = &mut work => break,
                _ = looks.tick() => {
                    let stream = self.engine.run(&connected.scope, run).await.expect("the run").stream;
                    *parts.entry(stream.unwrap_or_default()).or_default() += looked.elapsed();
                    looked = Instant::now();
                }
            }
        }
        (self.run(connected, run).await, began.elapsed(), parts)
    }

    /// Lets everything run that is due.
    pub async fn work(&self) {
        Worker::new(self.engine.clone(), Tasks).run_due().await.expect("the worker runs");
    }

    /// A run that is over and went well.
    pub async fn run(&self, connected: &Connected, id: RunId) -> Run {
        let run = self.engine.run(&connected.scope, id).await.expect("the run");
        assert_eq!(run.state, State::Finished, "{:?}", run.reason);
        run
    }

    /// The newest run.
    pub async fn newest(&self, connected: &Connected) -> Run {
        let runs = self.engine.runs(&connected.scope, connected.id, None, 1).await.expect("runs");
        self.run(connected, runs.first().expect("a run").id).await
    }
}

/// A tenant with its connection.
pub struct Connected {
    pub scope: Scope,
    pub id: ConnectionId,
}

/// Rows that a run was told.
pub fn fetched(run: &Run) -> u64 {
    run.report.values().map(|entry| entry.counts.fetched).sum()
}
