//! The live stream: what changed, told to whoever looks at it, within a fraction of a second and without content. A
//! page that hears of a change asks again for what it shows, as the person that it is.
//!
//! One reader per tenant that anybody watches follows the tenant's change feed, wherever the commit came from (this
//! process, the command line, another server), and hands what it finds to all streams of the tenant. So a thousand open
//! pages cost one query for a change, and nothing where nothing changes.

mod feed;
mod stream;
mod topic;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId};
use doorstep_engine::Engine;
use doorstep_store::{Wake, Wakes};
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinSet;

use crate::app::stopped;
use crate::bounds::Limits;
use crate::metrics::{Entered, Metrics};
use crate::problem::{Problem, Result};

pub(crate) use stream::{answer, events};
pub use topic::{Topic, Watched};

/// Batches that a stream may fall behind before it is told to look at everything.
const BACKLOG: usize = 64;

/// Everybody who watches. Cheap to clone.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    engine: Engine,
    limits: Limits,
    metrics: Arc<Metrics>,
    stations: Mutex<HashMap<TenantId, Arc<Station>>>,
    opened: mpsc::UnboundedSender<Arc<Station>>,
    to_open: Mutex<Option<mpsc::UnboundedReceiver<Arc<Station>>>>,
}

/// One tenant that somebody watches.
struct Station {
    tenant: TenantId,
    /// The number of the last change before anybody watched.
    head: i64,
    sender: broadcast::Sender<Arc<[Topic]>>,
    /// Something was committed, or somebody left.
    stir: Notify,
    /// How many watch; changed only while the stations are locked.
    watchers: Mutex<usize>,
}

/// One stream: what changed for one scope, from the moment it was made.
pub struct Watcher {
    receiver: broadcast::Receiver<Arc<[Topic]>>,
    watched: Watched,
    seat: Seat,
}

/// A watcher's place, given up when it is dropped.
struct Seat {
    live: Live,
    station: Arc<Station>,
    #[allow(dead_code, reason = "held until the stream ends")]
    open: Entered,
}

impl Live {
    pub(crate) fn new(engine: Engine, limits: Limits, metrics: Arc<Metrics>) -> Self {
        let (opened, to_open) = mpsc::unbounded_channel();
        let (stations, to_open) = (Mutex::default(), Mutex::new(Some(to_open)));
        Self(Arc::new(Shared { engine, limits, metrics, stations, opened, to_open }))
    }

    fn stations(&self) -> MutexGuard<'_, HashMap<TenantId, Arc<Station>>> {
        self.0.stations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches for `scope`: all general topics that its role may see, and those of the things that `wanted` names.
    /// Nothing that is committed after this returns is missed.
    ///
    /// # Errors
    /// The role may not read, or the tenant has as many streams as it may have.
    pub async fn watch(&self, scope: &Scope, wanted: &[Topic]) -> Result<Watcher> {
        scope.require(Permission::Read).map_err(doorstep_engine::Error::from)?;
        let watched = Watched::new(scope, wanted);
        if let Some(watcher) = self.sit_down(scope.tenant(), watched.clone(), None)? {
            return Ok(watcher);
        }
        let head = self.0.engine.last_change(scope).await?;
        let watcher = self.sit_down(scope.tenant(), watched, Some(head))?;
        watcher.ok_or_else(Problem::broken)
    }

    /// Takes a seat at the tenant's station, which is opened at `head` if there is none yet.
    fn sit_down(&self, tenant: TenantId, watched: Watched, head: Option<i64>) -> Result<Option<Watcher>> {
        let mut stations = self.stations();
        let station = match (stations.get(&tenant), head) {
            (Some(station), _) => station.clone(),
            (None, None) => return Ok(None),
            (None, Some(head)) => {
                let sender = broadcast::channel(BACKLOG).0;
                let opened = Station { tenant, head, sender, stir: Notify::new(), watchers: Mutex::new(0) };
                let station = Arc::new(opened);
                stations.insert(tenant, station.clone());
                // It only fails when the server has ended, and then the stream ends at once, too.
                let _ = self.0.opened.send(station.clone());
                station
            }
        };
        let mut watchers = station.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        if *watchers >= self.0.limits.streams_per_tenant {
            return Err(Problem::unavailable("Too many pages are open at once. This one is not live for now.", 60));
        }
        *watchers += 1;
        drop(watchers);
        let seat = Seat { live: self.clone(), station: station.clone(), open: self.0.metrics.streams.enter() };
        Ok(Some(Watcher { receiver: station.sender.subscribe(), watched, seat }))
    }

    /// Closes a station that nobody watches any more; whether it is closed.
    fn close_if_empty(&self, station: &Station) -> bool {
        let mut stations = self.stations();
        let is_empty = *station.watchers.lock().unwrap_or_else(PoisonError::into_inner) == 0;
        if is_empty {
            stations.remove(&station.tenant);
        }
        is_empty
    }

    /// Runs the readers until the server stops. The store is listened to from the first watcher on.
    pub(crate) async fn run(self, mut stopping: watch::Receiver<bool>) {
        let to_open = self.0.to_open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut to_open) = to_open else { return };
        let (mut readers, mut wakes) = (JoinSet::new(), None);
        loop {
            tokio::select! {
                () = stopped(&mut stopping) => break,
                Some(_) = readers.join_next() => {}
                Some(station) = to_open.recv() => {
                    if wakes.is_none() {
                        wakes = self.listen().await;
                    }
                    readers.spawn(feed::follow(self.clone(), station));
                }
                wake = next(&mut wakes) => self.stir(wake),
            }
        }
        readers.shutdown().await;
    }

    /// Without signals the readers still look once in a while.
    async fn listen(&self) -> Option<Wakes> {
        let heard = self.0.engine.db.wakes().await;
        heard.inspect_err(|error| tracing::warn!(%error, "commits cannot be listened for")).ok()
    }

    fn stir(&self, wake: Option<Wake>) {
        for (tenant, station) in self.stations().iter() {
            if !matches!(wake, Some(Wake::Tenant(of)) if of != *tenant) {
                station.stir.notify_one();
            }
        }
    }
}

/// The next wake; never, while nobody listens.
async fn next(wakes: &mut Option<Wakes>) -> Option<Wake> {
    match wakes {
        Some(open) => {
            let wake = open.next().await;
            if wake.is_none() {
                *wakes = None;
            }
            wake
        }
        None => std::future::pending().await,
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let stations = self.live.stations();
        let mut watchers = self.station.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        *watchers = watchers.saturating_sub(1);
        drop((watchers, stations));
        self.station.stir.notify_one();
    }
}

impl Watcher {
    /// What changed next, as far as this stream may and wants to know; `None` once the server has ended.
    pub async fn next(&mut self) -> Option<Vec<Topic>> {
        loop {
            match self.receiver.recv().await {
                Ok(batch) => {
                    let told: Vec<Topic> = batch.iter().filter(|topic| self.watched.hears(topic)).copied().collect();
                    if !told.is_empty() {
                        return Some(told);
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => return Some(vec![Topic::Everything]),
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    /// The tenant that is watched.
    pub fn tenant(&self) -> TenantId {
        self.seat.station.tenant
    }
}
