//! The reader of one tenant's change feed: reads what is new when something stirs, and tells each topic at most once in
//! a while, the last change of a burst included.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use doorstep_core::Scope;
use tokio::time::Instant;

use super::{Live, Station, Topic};

/// How long a topic rests after it was told.
const REST: Duration = Duration::from_millis(250);
/// The same for "look at everything", which costs every open page a request.
const REST_OF_EVERYTHING: Duration = Duration::from_secs(1);
/// The time between two looks at the feed: commits in a burst are read together.
const LOOK_GAP: Duration = Duration::from_millis(20);
/// The longest time without a look, whatever the signals say.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Changes read in one query.
const PAGE: i64 = 1_000;
/// Changes of one burst beyond which nobody wants to hear them one by one.
const BURST: usize = 2_000;

/// Follows the tenant's feed until nobody watches any more.
pub(super) async fn follow(live: Live, station: Arc<Station>) {
    let mut reader = Reader { cursor: station.head, waiting: BTreeSet::new(), told: HashMap::new() };
    loop {
        reader.wait(&station).await;
        if live.close_if_empty(&station) {
            return;
        }
        if let Err(error) = reader.read(&live, &station).await {
            tracing::warn!(tenant = %station.tenant, %error, "the change feed could not be read; trying again");
        }
        reader.tell(&station);
        tokio::time::sleep(LOOK_GAP).await;
    }
}

struct Reader {
    /// The last change read.
    cursor: i64,
    /// Topics that changed and were not told yet.
    waiting: BTreeSet<Topic>,
    /// When a topic was told, for as long as it rests.
    told: HashMap<Topic, Instant>,
}

impl Reader {
    /// Waits until something stirs or a topic that waits has rested.
    async fn wait(&mut self, station: &Station) {
        let now = Instant::now();
        self.told.retain(|topic, at| *at + rest(*topic) > now);
        let due = self.waiting.iter().filter_map(|topic| self.told.get(topic).map(|at| *at + rest(*topic))).min();
        let until = due.unwrap_or(now + LOOK_EVERY);
        tokio::select! {
            () = station.stir.notified() => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }

    async fn read(&mut self, live: &Live, station: &Station) -> doorstep_engine::Result<()> {
        let (engine, scope) = (&live.0.engine, Scope::worker(station.tenant));
        loop {
            let changes = engine.feed(&scope, self.cursor, PAGE).await?;
            let Some(last) = changes.last() else { return Ok(()) };
            self.cursor = last.number;
            let lag = engine.db.clock().now().micros() - changes[0].changed_at.micros();
            let lag = Duration::from_micros(u64::try_from(lag).unwrap_or_default());
            live.0.metrics.live_lag.lock().unwrap_or_else(PoisonError::into_inner).observe(lag);
            self.waiting.extend(changes.iter().flat_map(Topic::of).flatten());
            if self.waiting.len() > BURST {
                // What a page shows of so much has changed in any case.
                self.waiting = BTreeSet::from([Topic::Everything]);
                self.cursor = engine.last_change(&scope).await?.max(self.cursor);
            }
            if changes.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// Tells what has rested; the rest goes on waiting.
    fn tell(&mut self, station: &Station) {
        let now = Instant::now();
        let told = &mut self.told;
        let ready = |topic: &Topic| told.get(topic).is_none_or(|at| *at + rest(*topic) <= now);
        let (ready, waiting): (Vec<Topic>, Vec<Topic>) = self.waiting.iter().partition(|topic| ready(topic));
        self.waiting = waiting.into_iter().collect();
        if !ready.is_empty() {
            told.extend(ready.iter().map(|topic| (*topic, now)));
            // Nobody may be listening any more: the next look closes the station.
            let _ = station.sender.send(ready.into());
        }
    }
}

fn rest(topic: Topic) -> Duration {
    if topic == Topic::Everything { REST_OF_EVERYTHING } else { REST }
}
