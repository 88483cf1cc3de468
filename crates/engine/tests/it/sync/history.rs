//! I-01: whatever happens at the source, on the way and in here, in the end the hub holds what the source says.
//!
//! A history follows from its seed: what an office does, what the network and the source do to us, after which statement a
//! process dies. One that fails says its number, and `DOORSTEP_TEST_HISTORY=number` plays it alone;
//! `DOORSTEP_TEST_HISTORIES=count` plays more than usual.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use doorstep_core::sync::State;
use doorstep_engine::removal::Records;
use doorstep_engine::sync::Now;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Edit, Fault, Kind, Manners, Options, RetryAfter, Size};
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::{TestStore, crash};

use super::connected::Connected;

/// Histories on SQLite: each takes some half a second of a slow processor without optimisation, and CI has a minute for all.
const ON_SQLITE: u64 = 240;
/// Histories on PostgreSQL, each of which takes twice as long; the rules are the same, and so is most of the code.
const ON_POSTGRES: u64 = 24;
/// Histories that share a database, each as a tenant of its own: setting one up takes as long as playing a history.
const TOGETHER: u64 = 40;
/// Times that something happens in one history: a first reading, one that goes on from it, one that goes on from that.
const STEPS: u64 = 3;
/// Statements of a reading of such a world at most: a process dies anywhere among them.
const STATEMENTS: u64 = 500;
/// Readings at the end at most: one that had not come to its end goes on first.
const TRIES: usize = 6;

/// What a hundred histories meet at least, some three quarters of what they do: one that is made cheaper must not become
/// easier by it.
const MET_BY_A_HUNDRED: [(&str, u64); 9] = [
    ("requests", 10_000),
    ("crashes", 60),
    ("TooMany", 240),
    ("Status", 180),
    ("Cut", 140),
    ("Truncated", 120),
    ("Expired", 85),
    ("Gone", 85),
    ("Html", 75),
];

/// Vigna's SplitMix64: a history is its seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// A row of a kind that the source still has.
    fn row(&mut self, connected: &Connected, kind: Kind) -> Option<i64> {
        let keys: Vec<String> = connected.truth(kind).into_keys().collect();
        let place = self.below(keys.len().max(1) as u64) as usize;
        keys.get(place).map(|key| key.parse().unwrap())
    }
}

/// How the source behaves from now on. One that is orderly keeps the order that was asked for, and puts no page together of
/// two moments: then nothing waits for a sweep but what was deleted without a word.
fn mood(connected: &Connected, chance: &mut Chance, is_orderly: bool) {
    let manners = Manners {
        // Small pages are where things go wrong, and large ones what most of a history can be read by.
        export_size: [3, 8, 100, 100][chance.below(4) as usize],
        page_cap: [None, None, Some(2), Some(4)][chance.below(4) as usize],
        edits_between_pages: chance.below(2) as usize,
        edits_within_pages: if is_orderly { 0 } else { chance.below(2) as usize },
        ignores_sort: if is_orderly { 0.0 } else { 0.3 },
        date_skew_seconds: [0, -90, 90][chance.below(3) as usize],
        lag_seconds: [0, 0, 40, 200][chance.below(4) as usize],
        tick_milliseconds: chance.below(400),
        ..Manners::default()
    };
    let troubles = vec![
        (Fault::TooMany(Some(RetryAfter::Seconds(2))), 0.04),
        (Fault::Status(500), 0.04),
        (Fault::Cut, 0.03),
        (Fault::Gone, 0.02),
        (Fault::Truncated, 0.03),
        (Fault::Html(200), 0.02),
        (Fault::Expired, 0.02),
    ];
    let seed = chance.below(1 << 40);
    let is_calm = chance.one_in(3);
    connected.sim.faults(|faults| {
        faults.manners = manners;
        faults.at_random(seed, if is_calm { Vec::new() } else { troubles });
    });
}

/// What an office does, and what a person there does beside the usual.
fn something_happens(connected: &Connected, chance: &mut Chance) {
    let business = connected.business();
    let edits = chance.below(8) as usize;
    connected.sim.world(|world| world.drift(business, edits));
    let edit = |edit| connected.sim.world(|world| world.edit(business, edit));
    if chance.one_in(3)
        && let (Some(from), Some(into)) =
            (chance.row(connected, Kind::Customers), chance.row(connected, Kind::Customers))
        && from != into
    {
        edit(Edit::Merge { from, into });
    }
    let kinds = [Kind::Customers, Kind::Contacts, Kind::Jobs, Kind::JobTypes, Kind::Technicians, Kind::Locations];
    let kind = kinds[chance.below(4) as usize];
    if chance.one_in(3)
        && kind != Kind::JobTypes
        && let Some(id) = chance.row(connected, kind)
    {
        edit(Edit::Delete { kind, id });
    }
    if chance.one_in(2) {
        edit(Edit::Restamp { kind: Kind::JobTypes, count: 1 + chance.below(9) as usize });
    }
    if chance.one_in(4) {
        let kind = kinds[chance.below(6) as usize];
        edit(Edit::Restamp { kind, count: 1 + chance.below(6) as usize });
    }
}

/// What histories have met so far, by its name: a history that nothing happens in shows nothing.
#[derive(Default)]
struct Met(Mutex<BTreeMap<String, u64>>);

impl Met {
    fn add(&self, what: impl Into<String>) {
        *self.0.lock().unwrap().entry(what.into()).or_default() += 1;
    }

    /// Notes what requests met that were made so far.
    fn heard(&self, connected: &Connected) {
        for entry in connected.sim.log() {
            self.add("requests");
            if let Some(fault) = entry.fault {
                // Without what it says beside its name.
                self.add(fault.split('(').next().unwrap_or_default());
            }
        }
    }

    /// Holds all that so many histories met against what they should meet.
    fn assert_enough(self, histories: u64) {
        let met = self.0.into_inner().unwrap();
        eprintln!("{histories} histories met {met:?}");
        for (what, by_a_hundred) in MET_BY_A_HUNDRED {
            // A few histories may be any.
            let wanted = if histories < 100 { 0 } else { by_a_hundred * histories / 100 };
            let count = met.get(what).copied().unwrap_or_default();
            assert!(count >= wanted, "{histories} histories met {count} of `{what}`, which should be {wanted}");
        }
    }
}

/// Reads, or begins to and dies; then whoever comes next goes on.
async fn read(connected: &Connected, chance: &mut Chance, met: &Met) {
    let sweeps = chance.one_in(4);
    let now = Now { sweeps, removes_missing: sweeps && !chance.one_in(4) };
    if !chance.one_in(3) {
        connected.run_and(now).await;
        if sweeps {
            connected.assert_nobody_was_taken_out_who_is_there().await;
        }
        return;
    }
    let _ = connected.start(now).await;
    let worker = Worker::new(connected.engine().clone(), Tasks);
    let ended = crash::after(1 + chance.below(STATEMENTS), worker.run_due()).await;
    met.add(if ended.is_some() { "ends before the crash" } else { "crashes" });
    crash::is_over(&connected.engine().db).await;
    if chance.one_in(2) {
        something_happens(connected, chance);
    }
    // The lease of the dead ends.
    connected.pass(60);
    connected.settle().await;
}

/// Plays one history to its end, and holds both sides against each other.
async fn live_through(store: TestStore, seed: u64, met: &Met) {
    let mut chance = Chance(seed);
    let size = Size { customers: 2 + chance.below(4) as u32, jobs: 1 + chance.below(5) as u32 };
    let connected = Connected::seeded(store, Options { seed: seed + 1, size, ..Options::default() }).await;
    let is_orderly = !chance.one_in(3);
    // Their clock is not ours, and is behind it as often as ahead.
    connected.house.store.clock.turn_seconds(chance.below(240) as i64 - 120);
    for _ in 0..STEPS {
        mood(&connected, &mut chance, is_orderly);
        something_happens(&connected, &mut chance);
        connected.pass([0, 20, 400, 2_000][chance.below(4) as usize]);
        read(&connected, &mut chance, met).await;
    }
    // Quiet: nothing happens any more, and all that is due has run.
    connected.sim.faults(|faults| faults.clear());
    connected.sim.world(|world| world.settle());
    connected.pass(7_200);
    if is_orderly {
        // What failed before is tried again first, and the run that goes on is that one.
        for _ in 0..TRIES {
            if connected.run().await.state == State::Finished {
                break;
            }
        }
        connected.assert_all_was_heard().await;
    }
    for tries in 1.. {
        let run = connected.run_and(Now { sweeps: true, removes_missing: true }).await;
        if run.state == State::Finished && run.removes_missing {
            break;
        }
        assert!(tries < TRIES, "{:?}", run.reason);
    }
    connected.assert_equal().await;
    met.heard(&connected);
    // Nothing of it is due any more when another tenant's history is played.
    connected.engine().remove_connection(&connected.scope(), connected.id, Records::Keep).await.unwrap();
    connected.pass(10 * 86_400);
    connected.settle().await;
}

/// Says which history it was, if this is dropped by a panic.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("history {0} ended otherwise than its source: DOORSTEP_TEST_HISTORY={0} plays it alone", self.0);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "said by whoever runs the tests, not configuration of the product")]
fn said(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// Plays histories as long as there are any, `TOGETHER` to a database.
fn play(dialect: Dialect, next: &AtomicU64, end: u64, met: &Met) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        loop {
            let store = TestStore::careless(dialect).await;
            for _ in 0..TOGETHER {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= end {
                    return;
                }
                let named = Named(seed);
                live_through(store.another_tenant(&format!("History {seed}")).await, seed, met).await;
                drop(named);
            }
            store.db.close().await;
        }
    });
}

/// Plays all histories of a database, as many at once as there are processors.
fn play_all(dialect: Dialect, usual: u64) {
    let (first, end) = match (said("DOORSTEP_TEST_HISTORY"), said("DOORSTEP_TEST_HISTORIES")) {
        (Some(one), _) => (one, one + 1),
        (None, count) => (0, count.unwrap_or(usual)),
    };
    let (next, met) = (AtomicU64::new(first), Met::default());
    let players = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let playing: Vec<_> = (0..players).map(|_| scope.spawn(|| play(dialect, &next, end, &met))).collect();
        for player in playing {
            // Whoever else plays stops at the end of a history.
            if let Err(panic) = player.join() {
                next.store(end, Ordering::SeqCst);
                std::panic::resume_unwind(panic);
            }
        }
    });
    met.assert_enough(end - first);
}

mod whatever_happens_in_the_end_the_hub_holds_what_the_source_says {
    use super::*;

    #[test]
    fn sqlite() {
        play_all(Dialect::Sqlite, ON_SQLITE);
    }

    #[test]
    fn postgres() {
        play_all(Dialect::Postgres, ON_POSTGRES);
    }
}
