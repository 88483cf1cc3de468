//! A sim, and our client of it with a clock that goes with the sim's and waits that turn both.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorstep_core::source::{Cursor, StreamSpec};
use doorstep_core::{Clock, Timestamp};
use doorstep_sim::{Options, Sim, Size};
use doorstep_upstream::Upstreams;
use doorstep_upstream::http::{HttpOptions, Origin, Surroundings};
use doorstep_upstream::servicetitan::ServiceTitan;
use doorstep_upstream::source::{Failure, Row, Source};

/// Pages that any read of these tests needs at most; a read that does not end fails here.
const MAX_PAGES: usize = 2_000;
/// How long one try may take: the faults that never answer are waited out for real.
const TRY_TIMEOUT: Duration = Duration::from_millis(1_500);
/// The largest answer that is taken here: larger than any page of these worlds.
const BODY_BYTES: usize = 16 << 20;

/// What a source said of a stream so far, by key: the later word counts, as it does with whoever stores rows.
pub type Told = BTreeMap<String, Row>;

/// The sim's clock, as seen by a machine whose own is ahead of it or behind.
struct OurClock {
    sim: Arc<Sim>,
    ahead_seconds: Arc<AtomicI64>,
}

impl fmt::Debug for OurClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OurClock")
    }
}

impl Clock for OurClock {
    fn now(&self) -> Timestamp {
        let ticks = self.sim.world(|world| world.now()).0;
        Timestamp::from_micros(ticks / 10).plus_seconds(self.ahead_seconds.load(Ordering::SeqCst))
    }
}

/// A sim and our client of it.
pub struct House {
    pub sim: Arc<Sim>,
    pub upstreams: Upstreams,
    /// The waits so far.
    pub slept: Arc<Mutex<Vec<Duration>>>,
    ahead_seconds: Arc<AtomicI64>,
    surroundings: Surroundings,
}

impl House {
    /// A small world with one business.
    pub async fn small() -> Self {
        Self::of(Options::default()).await
    }

    /// A world of so many customers.
    pub async fn sized(customers: u32) -> Self {
        Self::of(Options { size: Size::of(customers), ..Options::default() }).await
    }

    /// A world of one's own.
    pub async fn of(options: Options) -> Self {
        let sim = Arc::new(Sim::start(options).await.unwrap());
        let (slept, ahead_seconds) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicI64::new(0)));
        let clock = Arc::new(OurClock { sim: Arc::clone(&sim), ahead_seconds: Arc::clone(&ahead_seconds) });
        let drawn = AtomicU64::new(1);
        let random = move || drawn.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).rotate_left(23);
        let (turned, noted) = (Arc::clone(&sim), Arc::clone(&slept));
        let surroundings = Surroundings::new(clock, random).sleeping(move |length| {
            turned.advance(length);
            noted.lock().unwrap().push(length);
            Box::pin(tokio::task::yield_now())
        });
        let upstreams = upstreams(&sim.base_url(), &surroundings, BODY_BYTES);
        Self { sim, upstreams, slept, ahead_seconds, surroundings }
    }

    /// The same client, which may talk to `url` instead.
    pub fn talking_to(&self, url: &str) -> Upstreams {
        upstreams(url, &self.surroundings, BODY_BYTES)
    }

    /// The same client with less room for an answer.
    pub fn holding(&self, body_bytes: usize) -> Upstreams {
        upstreams(&self.sim.base_url(), &self.surroundings, body_bytes)
    }

    /// Sets our own clock so far ahead of the sim's; negative for behind.
    pub fn our_clock_is_ahead_by(&self, seconds: i64) {
        self.ahead_seconds.store(seconds, Ordering::SeqCst);
    }

    /// The settings of a business, counted from 0.
    pub fn settings(&self, business: usize) -> BTreeMap<String, String> {
        let (number, credentials) = self.sim.world(|world| {
            let tenant = &world.tenants()[business];
            (tenant.number, tenant.credentials.clone())
        });
        let url = self.sim.base_url();
        [
            ("servicetitan_tenant", number.to_string()),
            ("client_id", credentials.client_id),
            ("client_secret", credentials.client_secret),
            ("app_key", credentials.app_key),
            ("api_url", url.clone()),
            ("auth_url", url),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// A business' source.
    pub fn source(&self, business: usize) -> ServiceTitan {
        self.upstreams.servicetitan(&self.settings(business)).unwrap()
    }

    /// So many edits as an office makes them, and a minute.
    pub fn office(&self, edits: usize) {
        self.sim.world(|world| {
            let number = world.first().number;
            world.drift(number, edits);
        });
        self.sim.advance(Duration::from_secs(60));
    }

    /// The paths that were asked for, without tokens.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.sim.log().into_iter().filter(|entry| entry.path != "/connect/token");
        asked.map(|entry| format!("{} {}", entry.method, entry.path)).collect()
    }

    /// How many tokens were asked for.
    pub fn tokens(&self) -> usize {
        self.sim.log().iter().filter(|entry| entry.path == "/connect/token").count()
    }
}

fn upstreams(url: &str, surroundings: &Surroundings, body_bytes: usize) -> Upstreams {
    let options = HttpOptions {
        allowed: vec![Origin::parse(url).unwrap()],
        user_agent: "doorstep/test".to_owned(),
        total_timeout: Some(TRY_TIMEOUT),
        max_body_bytes: Some(body_bytes),
    };
    Upstreams::new(options, surroundings.clone()).unwrap()
}

/// Reads a stream from a cursor until there is no more: what was told goes into `told`, and every cursor on the way
/// is given back, the last one last.
pub async fn drain(
    source: &dyn Source,
    stream: &StreamSpec,
    from: Option<Cursor>,
    told: &mut Told,
) -> Result<Vec<Cursor>, Failure> {
    let mut cursors: Vec<Cursor> = from.into_iter().collect();
    for _ in 0..MAX_PAGES {
        let page = source.page(stream.name, cursors.last()).await?;
        assert_eq!(page.skipped, [], "{}", stream.name);
        told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
        cursors.extend(page.cursor);
        if !page.more {
            return Ok(cursors);
        }
    }
    panic!("{} does not end", stream.name);
}

/// Sweeps a stream: all that it has at present.
pub async fn sweep(source: &dyn Source, stream: &StreamSpec) -> Result<Told, Failure> {
    let (mut told, mut cursor) = (Told::new(), None);
    for _ in 0..MAX_PAGES {
        let page = source.sweep(stream.name, cursor.as_ref()).await?;
        assert_eq!(page.skipped, [], "{}", stream.name);
        told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
        cursor = page.cursor;
        if !page.more {
            return Ok(told);
        }
    }
    panic!("a sweep of {} does not end", stream.name);
}

/// What a hub does with a sweep: rows that are unknown or newer, and a direct read of each that no page told of.
pub async fn swept_into(source: &dyn Source, stream: &StreamSpec, told: &mut Told) -> Result<(), Failure> {
    let present = sweep(source, stream).await?;
    for (key, row) in &present {
        let is_news = told.get(key).is_none_or(|known| row.modified_at > known.modified_at);
        if is_news {
            told.insert(key.clone(), row.clone());
        }
    }
    let missed: Vec<Row> =
        told.values().filter(|row| !present.contains_key(&row.key) && row.gone.is_none()).cloned().collect();
    for known in missed {
        match source.read(stream.name, &known.key, known.parent.as_deref()).await? {
            Some(row) => told.insert(row.key.clone(), row),
            None => told.remove(&known.key),
        };
    }
    Ok(())
}
