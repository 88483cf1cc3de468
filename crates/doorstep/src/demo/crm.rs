//! The demonstration's field-service CRM: a made-up ServiceTitan in this process, read as a real one is, in which the
//! office goes on working while somebody watches.

use std::sync::Arc;
use std::time::Duration;

use doorstep_core::Clock as _;
use doorstep_core::record::Source;
use doorstep_core::schedule::Schedule;
use doorstep_engine::Error;
use doorstep_engine::connection::{NewConnection, Said};
use doorstep_engine::random;
use doorstep_engine::sync::Now;
use doorstep_sim::{Clock, Options, Sim, Size, Stamp};
use tokio::sync::watch;

use crate::clock::SystemClock;
use crate::command::serve::until_told;
use crate::command::sync::read_now;
use crate::failure::Failure;
use crate::hub::{Hub, Program};

/// Customers without being asked for a number.
pub const CUSTOMERS: u32 = 5_000;
/// Customers at most: the made-up business is in this process' memory.
pub const MAX_CUSTOMERS: i64 = 200_000;
/// How many things change in a minute.
const CHANGES_PER_MINUTE: u32 = 20;
/// Its schedule beside that, which a source is never without.
const INTERVAL_SECONDS: i64 = 15 * 60;
/// Between two looks for what has changed: a schedule's shortest interval is a minute, which is long for somebody who
/// waits for it.
const READ_EVERY: Duration = Duration::from_secs(10);
/// Looks in all, half an hour's: a demonstration that is forgotten must not fill the disk.
const MAX_READS: u64 = 180;

/// A made-up CRM with so many customers, and the program with the settings that reach it; `None` without customers.
pub async fn open(customers: u32, seed: u64, program: &mut Program) -> Result<Option<Sim>, Failure> {
    if customers == 0 {
        return Ok(None);
    }
    let now = || Stamp::from_micros(SystemClock.now().micros());
    let options = Options {
        seed,
        size: Size::of(customers),
        tenants: 1,
        clock: Clock::following(Arc::new(now)),
        listen: "127.0.0.1:0".to_owned(),
        is_limited: true,
        changes_per_minute: CHANGES_PER_MINUTE,
    };
    let sim = Sim::start(options).await;
    let sim = sim.map_err(|error| Failure::failed(format!("the made-up ServiceTitan cannot listen: {error}")))?;
    let mut config = program.config.clone();
    config.sources.allowed_urls = Some(sim.base_url());
    // Good for this demonstration alone, as the credentials are.
    let bytes = *random::secret()?.hash().bytes();
    config.sources.key = Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    *program = Program::new(config, program.out)?;
    Ok(Some(sim))
}

/// Connects it and reads all of it.
pub async fn connect(hub: &Hub, program: &Program, sim: &Sim) -> Result<(), Failure> {
    let (number, credentials) = sim
        .world(|world| world.tenants().first().map(|it| (it.number, it.credentials.clone())))
        .ok_or_else(|| Failure::failed("the made-up ServiceTitan has no business"))?;
    let url = sim.base_url();
    let settings = [
        ("servicetitan_tenant", number.to_string()),
        ("client_id", credentials.client_id),
        ("client_secret", credentials.client_secret),
        ("app_key", credentials.app_key),
        ("api_url", url.clone()),
        ("auth_url", url),
    ];
    let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let schedule = Schedule { enabled: true, interval_seconds: INTERVAL_SECONDS, window: None };
    let new = NewConnection { source: Source::ServiceTitan, name: None, settings: Said(settings), schedule };
    let connection = hub.engine.add_connection(&hub.scope, &new).await?;
    read_now(hub, program, &connection.id.to_string(), Now::default(), false).await
}

/// Reads what has changed every few seconds until told to stop; the worker beside does it.
pub async fn keep_reading(hub: &Hub, told: watch::Receiver<bool>) -> Result<(), Failure> {
    for _ in 0..MAX_READS {
        tokio::select! {
            () = until_told(told.clone()) => return Ok(()),
            () = tokio::time::sleep(READ_EVERY) => {}
        }
        for connection in hub.engine.connections(&hub.scope).await? {
            match hub.engine.sync_now(&hub.scope, connection.id, Now::default()).await {
                Ok(_) | Err(Error::AlreadyRunning { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    until_told(told).await;
    Ok(())
}
