//! A running sim: what tests hold.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::fault::{Faults, Rule};
use crate::listen;
use crate::log::Entry;
use crate::servicetitan::truth;
use crate::spec::Specs;
use crate::state::{Shared, State};
use crate::world::{Credentials, Kind, Size, World};

/// When a world's clock stands unless said otherwise: a working Tuesday in Boston, 10:00.
const USUAL_START: Timestamp = Timestamp::constant(1_773_151_200, 0);
/// Ten customers are enough to look at, and few enough to read.
const USUAL_CUSTOMERS: u32 = 40;

/// What kind of world to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Decides everything that looks random.
    pub seed: u64,
    /// How much each tenant holds.
    pub size: Size,
    /// How many tenants there are.
    pub tenants: usize,
    /// The world's clock.
    pub clock: Clock,
    /// Where to listen; port 0 for any free one.
    pub listen: String,
    /// Whether more than sixty requests a second of a tenant are refused.
    pub is_limited: bool,
    /// Edits that happen by themselves in a minute of real time.
    pub changes_per_minute: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            size: Size::of(USUAL_CUSTOMERS),
            tenants: 1,
            clock: Clock::at(USUAL_START),
            listen: "127.0.0.1:0".to_owned(),
            is_limited: false,
            changes_per_minute: 0,
        }
    }
}

/// A running sim; it ends when it is dropped.
pub struct Sim {
    address: SocketAddr,
    shared: Shared,
    #[allow(dead_code, reason = "held until the sim ends: dropping it ends the server")]
    tasks: JoinSet<()>,
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sim({})", self.address)
    }
}

impl Sim {
    /// Starts one.
    ///
    /// # Errors
    /// The address is taken, or not ours.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind(&options.listen).await?;
        let address = listener.local_addr()?;
        let world = World::seeded(options.seed, options.size, options.tenants, options.clock);
        let shared = Shared::new(State::new(options.seed, world, options.is_limited));
        let mut tasks = JoinSet::new();
        tasks.spawn(listen::run(listener, shared.clone()));
        if options.changes_per_minute > 0 {
            tasks.spawn(live(shared.clone(), options.changes_per_minute));
        }
        Ok(Self { address, shared, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What stands before every path, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the first tenant's programs show.
    pub fn credentials(&self) -> Credentials {
        self.world(|world| world.first().credentials.clone())
    }

    /// The first tenant's number.
    pub fn tenant(&self) -> i64 {
        self.world(|world| world.first().number)
    }

    /// Looks at the world, or changes it.
    pub fn world<T>(&self, with: impl FnOnce(&mut World) -> T) -> T {
        let mut state = self.shared.lock();
        let lag = state.faults.manners.lag();
        state.world.set_lag(lag);
        with(&mut state.world)
    }

    /// Turns the clock forward.
    pub fn advance(&self, time: Duration) {
        self.world(|world| world.advance(time));
    }

    /// Says what goes wrong from now on.
    pub fn faults<T>(&self, with: impl FnOnce(&mut Faults) -> T) -> T {
        with(&mut self.shared.lock().faults)
    }

    /// Adds a rule about what goes wrong.
    pub fn fault(&self, rule: Rule) {
        self.faults(|faults| faults.add(rule));
    }

    /// Takes all access tokens back.
    pub fn revoke_tokens(&self) {
        self.shared.lock().grants.revoke();
    }

    /// Switches the limit of requests on or off.
    pub fn limit(&self, is_on: bool) {
        self.shared.lock().is_limited = is_on;
    }

    /// What was asked so far, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.lock().log.entries()
    }

    /// All rows of a kind as a feed would show them, inactive ones too: what a hub is compared with.
    pub fn rows(&self, tenant: i64, kind: Kind) -> Vec<Value> {
        self.world(|world| world.tenant(tenant).map(|it| truth::all(it, kind)).unwrap_or_default())
    }

    /// One customer with all that is theirs, by the names of the tables; none if there is no such customer.
    pub fn truth(&self, tenant: i64, customer: i64) -> Option<Value> {
        self.world(|world| truth::customer(world.tenant(tenant)?, customer))
    }

    /// How many rows of each kind a tenant has.
    pub fn counts(&self, tenant: i64) -> Option<Value> {
        self.world(|world| world.tenant(tenant).map(truth::counts))
    }

    /// What is wrong with the requests so far by the upstream's own documents, each once; empty if all is well.
    pub fn spec_check(&self, specs: &Specs) -> Vec<String> {
        specs.requests(&self.log())
    }

    /// Forgets what was asked.
    pub fn clear_log(&self) {
        self.shared.lock().log.clear();
    }
}

/// Lets things happen, evenly spread.
async fn live(shared: Shared, per_minute: u32) {
    let mut ticks = tokio::time::interval(Duration::from_secs(60) / per_minute);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let mut state = shared.lock();
        let numbers: Vec<i64> = state.world.tenants().iter().map(|it| it.number).collect();
        for number in numbers {
            state.world.drift(number, 1);
        }
    }
}
