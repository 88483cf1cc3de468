//! A house with a live source: a sim of it, a connection, and what the hub should hold by what the source says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::connection::Connection;
use doorstep_core::id::{ConnectionId, CustomerId, RecordId};
use doorstep_core::money::Money;
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::schedule::Schedule;
use doorstep_core::source::Gone;
use doorstep_core::sync::{Run, State};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::connection::{NewConnection, Said as Settings};
use doorstep_engine::seal::Keys;
use doorstep_engine::sync::Now;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_engine::{Engine, Result};
use doorstep_sim::{Edit, Kind, Options, Sim};
use doorstep_store::live_record::{self, Object};
use doorstep_store::testing::TestStore;
use doorstep_store::{Db, customer, equipment, job, membership, property, record};
use doorstep_upstream::Upstreams;
use doorstep_upstream::http::{HttpOptions, Origin, Surroundings};
use doorstep_upstream::source::{Part, Said, mapping};
use serde_json::Value;

use crate::house::House;

/// How long one try may take: faults that never answer are waited out for real.
const TRY_TIMEOUT: Duration = Duration::from_millis(1_000);
/// Every stream with what the sim calls it.
pub const STREAMS: [(&str, Kind); 12] = [
    ("tag_types", Kind::TagTypes),
    ("job_types", Kind::JobTypes),
    ("technicians", Kind::Technicians),
    ("membership_types", Kind::MembershipTypes),
    ("customers", Kind::Customers),
    ("customer_contacts", Kind::Contacts),
    ("locations", Kind::Locations),
    ("installed_equipment", Kind::Equipment),
    ("jobs", Kind::Jobs),
    ("appointments", Kind::Appointments),
    ("assignments", Kind::Assignments),
    ("memberships", Kind::Memberships),
];

/// A house and a sim, connected.
pub struct Connected {
    pub house: House,
    pub sim: Arc<Sim>,
    pub id: ConnectionId,
}

pub fn keys() -> Arc<Keys> {
    Arc::new(Keys::parse(&"07".repeat(32)).unwrap())
}

fn upstreams(sim: &Arc<Sim>, store: &TestStore) -> Arc<Upstreams> {
    let options = HttpOptions {
        allowed: vec![Origin::parse(&sim.base_url()).unwrap()],
        user_agent: "doorstep/test".to_owned(),
        total_timeout: Some(TRY_TIMEOUT),
        max_body_bytes: None,
    };
    // Waits turn the sim's clock and nothing else: a lease of ours must not end by them.
    let (turned, drawn) = (Arc::clone(sim), std::sync::atomic::AtomicU64::new(1));
    let random = move || drawn.fetch_add(0x9e37_79b9, std::sync::atomic::Ordering::SeqCst).rotate_left(23);
    let surroundings = Surroundings::new(store.clock.clone(), random).sleeping(move |length| {
        turned.advance(length);
        Box::pin(tokio::task::yield_now())
    });
    Arc::new(Upstreams::new(options, surroundings).unwrap())
}

/// What connects a business of a sim, counted from 0.
pub fn settings(sim: &Sim, business: usize) -> Settings {
    let (number, credentials) = sim.world(|world| {
        let tenant = &world.tenants()[business];
        (tenant.number, tenant.credentials.clone())
    });
    let url = sim.base_url();
    let said = [
        ("servicetitan_tenant", number.to_string()),
        ("client_id", credentials.client_id),
        ("client_secret", credentials.client_secret),
        ("app_key", credentials.app_key),
        ("api_url", url.clone()),
        ("auth_url", url),
    ];
    Settings(said.map(|(name, value)| (name.to_owned(), value)).into())
}

pub fn new_connection(sim: &Sim, business: usize, name: &str) -> NewConnection {
    NewConnection {
        source: Source::ServiceTitan,
        name: Some(name.to_owned()),
        settings: settings(sim, business),
        schedule: Schedule::every(900, None).unwrap(),
    }
}

/// A house's engine that can read a sim.
pub async fn opened(house: &House, options: Options) -> (Engine, Arc<Sim>) {
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let mut engine = house.engine.clone();
    engine.sources = upstreams(&sim, &house.store);
    engine.seal_keys = keys();
    (engine, sim)
}

impl Connected {
    /// Nothing is read yet.
    pub async fn new(store: TestStore, options: Options) -> Self {
        let mut house = House::new(store);
        let (engine, sim) = opened(&house, options).await;
        house.engine = engine;
        let new = new_connection(&sim, 0, "ServiceTitan");
        let id = house.engine.add_connection(&house.scope(), &new).await.unwrap().id;
        Self { house, sim, id }
    }

    /// As a history wants it: with ids of its own.
    pub async fn seeded(store: TestStore, options: Options) -> Self {
        let seed = options.seed;
        let mut connected = Self::new(store, options).await;
        connected.house.engine.ids = Arc::new(IdMaker::seeded(seed));
        connected
    }

    /// All is read once.
    pub async fn loaded(store: TestStore) -> Self {
        let connected = Self::new(store, Options::default()).await;
        let run = connected.run().await;
        assert_eq!(run.state, State::Finished, "{:?}", run.reason);
        connected
    }

    pub fn engine(&self) -> &Engine {
        &self.house.engine
    }

    pub fn scope(&self) -> Scope {
        self.house.scope()
    }

    pub fn business(&self) -> i64 {
        self.sim.tenant()
    }

    /// The engine of another process on the same store.
    pub fn engine_on(&self, db: Db, seed: u64) -> Engine {
        let mut engine = Engine::new(db, Arc::new(IdMaker::seeded(seed)), self.house.engine.spool_dir.clone());
        engine.sources = self.house.engine.sources.clone();
        engine.seal_keys = keys();
        engine
    }

    /// Lets everything run that is due.
    pub async fn settle(&self) {
        Worker::new(self.engine().clone(), Tasks).run_due().await.unwrap();
    }

    pub async fn start(&self, now: Now) -> Result<Run> {
        self.engine().sync_now(&self.scope(), self.id, now).await
    }

    /// Reads now, and waits for it.
    pub async fn run(&self) -> Run {
        self.run_and(Now::default()).await
    }

    pub async fn run_and(&self, now: Now) -> Run {
        let run = match self.start(now).await {
            Ok(run) => run.id,
            Err(doorstep_engine::Error::AlreadyRunning { run, .. }) => run,
            Err(error) => panic!("{error}"),
        };
        self.settle().await;
        self.engine().run(&self.scope(), run).await.unwrap()
    }

    pub async fn connection(&self) -> Connection {
        self.engine().connection(&self.scope(), self.id).await.unwrap()
    }

    /// Something happens at the source, a minute before anything else does.
    pub fn edit(&self, edit: Edit) {
        let business = self.business();
        assert!(self.sim.world(|world| world.edit(business, edit)));
        self.pass(60);
    }

    /// So many seconds go by for everybody.
    pub fn pass(&self, seconds: u64) {
        self.sim.advance(Duration::from_secs(seconds));
        self.house.store.clock.turn_seconds(seconds as i64);
    }

    /// The rows of a kind that the source still has, by key.
    pub fn truth(&self, kind: Kind) -> BTreeMap<String, Value> {
        // Of these, inactive ones were deleted.
        let is_passing = matches!(kind, Kind::Contacts | Kind::Jobs | Kind::Appointments | Kind::Assignments);
        let mut rows = self.sim.rows(self.business(), kind);
        rows.retain(|row| !is_passing || row["active"] != Value::Bool(false));
        rows.into_iter().map(|row| (row["id"].to_string(), row)).collect()
    }

    /// Keys of rows of a kind that are in use.
    pub fn keys(&self, kind: Kind) -> Vec<String> {
        let active = self.truth(kind).into_iter().filter(|(_, row)| row["active"] != Value::Bool(false));
        active.map(|(key, _)| key).collect()
    }

    /// What the hub holds of a stream, by key.
    pub async fn objects(&self, stream: &str) -> BTreeMap<String, Object> {
        let mut tx = self.engine().db.read(&self.scope()).await.unwrap();
        let all = live_record::count(&mut tx, self.id, stream).await.unwrap();
        let mut found = live_record::after(&mut tx, self.id, stream, None, 1_000_000).await.unwrap();
        // And those whose rows wait to be made again.
        let stale = live_record::stale(&mut tx, self.id, stream, 1_000_000).await.unwrap();
        found.extend(live_record::get_many(&mut tx, &stale).await.unwrap());
        assert_eq!(found.len() as u64, all, "{stream}");
        found.into_iter().map(|object| (object.key.clone(), object)).collect()
    }

    /// The customer of an object of the source.
    pub async fn customer(&self, key: &str) -> Option<CustomerId> {
        let mut tx = self.engine().db.read(&self.scope()).await.unwrap();
        let found = live_record::by_keys(&mut tx, self.id, "customers", &[key]).await.unwrap();
        found.first().and_then(|object| object.customer)
    }

    pub async fn card(&self, key: &str) -> String {
        let customer = self.customer(key).await.expect("a customer");
        self.house.card(customer).await
    }

    /// I-01: the hub holds what the source says, field by field, and everything that follows from it.
    pub async fn assert_equal(&self) {
        for (stream, kind) in STREAMS {
            let (truth, held) = (self.truth(kind), self.objects(stream).await);
            let (said, known): (BTreeSet<&String>, BTreeSet<&String>) = (truth.keys().collect(), held.keys().collect());
            assert_eq!(said, known, "{stream}");
            for (key, row) in &truth {
                assert_eq!(&held[key].payload, row, "{stream} {key}");
            }
        }
        self.assert_contacts().await;
        self.assert_belongings().await;
        self.house.assert_rebuilt_the_same().await;
    }

    /// I-01 without a sweep: all that the source has is held as it says it now. More may be held: what was deleted without
    /// a word.
    pub async fn assert_all_was_heard(&self) {
        for (stream, kind) in STREAMS {
            let held = self.objects(stream).await;
            for (key, row) in self.truth(kind) {
                assert_eq!(held.get(&key).map(|object| &object.payload), Some(&row), "{stream} {key} was not heard of");
            }
        }
    }

    /// I-05: whatever a sweep did not meet, who is there is not taken out.
    pub async fn assert_nobody_was_taken_out_who_is_there(&self) {
        let mut tx = self.engine().db.read(&self.scope()).await.unwrap();
        let may_go = [Kind::Customers, Kind::Contacts, Kind::Jobs, Kind::JobTypes];
        for (stream, kind) in STREAMS.into_iter().filter(|(_, kind)| may_go.contains(kind)) {
            let there = self.truth(kind);
            let keys: Vec<&str> = there.keys().map(String::as_str).collect();
            for (key, head) in live_record::heads(&mut tx, self.id, stream, &keys).await.unwrap() {
                assert_ne!(head.gone, Some(Gone::Deleted), "{stream} {key} is there and was taken out");
            }
        }
    }

    /// The contact of each record is what all that is said of it comes to.
    async fn assert_contacts(&self) {
        let mapping = mapping(Source::ServiceTitan).unwrap();
        let contacts = self.objects("customer_contacts").await;
        for (key, object) in self.objects("customers").await {
            let theirs = contacts.values().filter(|it| it.parent_key.as_ref() == Some(&key) && it.gone.is_none());
            let parts: Vec<Part<'_>> =
                theirs.map(|it| Part { stream: "customer_contacts", key: &it.key, payload: &it.payload }).collect();
            let said = Said { key: &key, payload: &object.payload, parts: &parts, referred: &[], region: Region::US };
            assert_eq!(mapping.contact(&said).unwrap(), object.contact, "{key}");
            assert!(object.customer.is_some(), "{key} is nobody's");
        }
    }

    /// Jobs, properties, equipment and memberships hang on whose they are, with what they come to.
    async fn assert_belongings(&self) {
        let customers = self.objects("customers").await;
        let records: BTreeMap<RecordId, &String> = customers.iter().map(|(key, it)| (it.id, key)).collect();
        let mut tx = self.engine().db.read(&self.scope()).await.unwrap();
        let (mut jobs, mut properties, mut installed, mut plans) = (0, 0, 0, 0);
        let mut worth: BTreeMap<&String, (u64, i64)> = BTreeMap::new();
        let mut owed: BTreeMap<CustomerId, i64> = BTreeMap::new();
        for it in customers.values().filter(|it| it.payload["mergedToId"].is_null()) {
            let balance: Money = it.payload["balance"].to_string().parse().unwrap();
            *owed.entry(it.customer.unwrap()).or_default() += balance.cents();
        }
        let owners: BTreeSet<CustomerId> = customers.values().filter_map(|it| it.customer).collect();
        for customer in owners {
            let theirs = job::of_customer(&mut tx, customer, 100_000).await.unwrap();
            jobs += theirs.len();
            for it in theirs {
                assert_eq!(it.job.customer_key, *records[&it.customer_record]);
                assert_eq!(it.property_record.is_some(), it.job.property_key.is_some(), "{:?}", it.job);
                assert!(it.job.type_name.is_some(), "{:?}", it.job);
                if it.job.status == Some(doorstep_core::job::JobStatus::Completed) && it.job.is_active {
                    let entry = worth.entry(records[&it.customer_record]).or_default();
                    entry.0 += 1;
                    entry.1 += it.job.total.map_or(0, Money::cents);
                }
            }
            let totals = job::totals(&mut tx, customer).await.unwrap();
            let mine: Vec<&(u64, i64)> =
                worth.iter().filter(|(key, _)| customers[**key].customer == Some(customer)).map(|(_, it)| it).collect();
            let (count, cents) = mine.iter().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
            assert_eq!((totals.completed, totals.value.cents()), (count, cents));
            let golden = customer::get(&mut tx, customer).await.unwrap().unwrap();
            assert_eq!(golden.balance.map(Money::cents), owed.get(&customer).copied(), "{customer}");
            for it in property::of_customer(&mut tx, customer, 100_000).await.unwrap() {
                properties += 1;
                assert_eq!(it.property.customer_key, *records[&it.customer_record]);
            }
            installed += equipment::of_customer(&mut tx, customer, 100_000).await.unwrap().len();
            plans += membership::of_customer(&mut tx, customer, 100_000).await.unwrap().len();
        }
        drop(tx);
        // What hangs on somebody whom the source has no more is kept as it was said, and is nobody's.
        let there = |field: &str, on: BTreeSet<String>| {
            let field = field.to_owned();
            move |row: &Value| on.contains(&row[&field].to_string())
        };
        let people: BTreeSet<String> = self.truth(Kind::Customers).into_keys().collect();
        let somebodys = there("customerId", people);
        let places = self.truth(Kind::Locations).into_iter().filter(|(_, row)| somebodys(row));
        let places: BTreeSet<String> = places.map(|(key, _)| key).collect();
        let count = |kind: Kind| self.truth(kind).values().filter(|row| somebodys(row)).count();
        assert_eq!(jobs, count(Kind::Jobs), "jobs");
        assert_eq!(properties, places.len(), "properties");
        let stands = there("locationId", places);
        assert_eq!(installed, self.truth(Kind::Equipment).values().filter(|row| stands(row)).count(), "equipment");
        assert_eq!(plans, count(Kind::Memberships), "memberships");
    }

    /// How many records and customers there are.
    pub async fn sizes(&self, scope: &Scope) -> (u64, i64) {
        let mut tx = self.engine().db.read(scope).await.unwrap();
        (record::count(&mut tx).await.unwrap(), doorstep_store::customer::count(&mut tx).await.unwrap())
    }
}
