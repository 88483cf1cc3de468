//! I-01: whatever happens at the source, on the way and in here, in the end the hub holds what the source says.

use std::sync::Arc;
use std::time::Duration;

use doorstep_core::sync::State;
use doorstep_engine::sync::Now;
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_sim::{Edit, Fault, Kind, Manners, Options, RetryAfter, Size};
use doorstep_store::dialect::Dialect;
use doorstep_store::on_both;

use super::connected::Connected;

/// Histories on each database; each is some twenty readings.
const HISTORIES: u64 = 3;
/// Times that something happens in one history.
const STEPS: u64 = 8;

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
}

async fn live_through(connected: &Connected, seed: u64) {
    let mut chance = Chance(seed);
    for _ in 0..STEPS {
        let manners = Manners {
            export_size: 3 + chance.below(40) as usize,
            edits_between_pages: chance.below(3) as usize,
            edits_within_pages: chance.below(2) as usize,
            ignores_sort: [0.0, 0.3][chance.below(2) as usize],
            date_skew_seconds: [0, -90, 90][chance.below(3) as usize],
            ..Manners::default()
        };
        let troubles = vec![
            (Fault::TooMany(Some(RetryAfter::Seconds(2))), 0.05),
            (Fault::Status(500), 0.05),
            (Fault::Cut, 0.03),
            (Fault::Truncated, 0.03),
            (Fault::Expired, 0.03),
        ];
        let fault_seed = chance.below(1 << 40);
        connected.sim.faults(|faults| {
            faults.manners = manners;
            faults.at_random(fault_seed, if fault_seed.is_multiple_of(3) { Vec::new() } else { troubles });
        });
        let edits = chance.below(12) as usize;
        let business = connected.business();
        connected.sim.world(|world| world.drift(business, edits));
        if chance.below(3) == 0 {
            let keys = connected.keys(Kind::Customers);
            let (from, into) =
                (&keys[chance.below(keys.len() as u64) as usize], &keys[chance.below(keys.len() as u64) as usize]);
            if from != into {
                connected.edit(Edit::Merge { from: from.parse().unwrap(), into: into.parse().unwrap() });
            }
        }
        connected.pass(chance.below(2_000));
        if chance.below(4) == 0 {
            // A process that dies somewhere in the middle.
            let engine = connected.engine_on(connected.house.store.another_process().await, chance.below(1 << 40));
            let _ = connected.start(Now { sweeps: chance.below(2) == 0, removes_missing: false }).await;
            let worker = tokio::task::spawn(async move { Worker::new(engine, Tasks).run_due().await });
            tokio::time::sleep(Duration::from_millis(chance.below(400))).await;
            worker.abort();
            let _ = worker.await;
            connected.pass(60);
        } else {
            connected.run().await;
        }
    }
}

on_both! {
    async fn whatever_happens_in_the_end_the_hub_holds_what_the_source_says(store: TestStore) {
        let dialect = store.db.dialect();
        let mut first = Some(store);
        for seed in 0..HISTORIES {
            let store = match first.take() {
                Some(store) => store,
                None => doorstep_store::testing::TestStore::new(dialect).await,
            };
            let seed = seed * 2 + u64::from(dialect == Dialect::Postgres);
            let options = Options { seed: seed + 1, size: Size::of(25), ..Options::default() };
            let connected = Connected::new(store, options).await;
            live_through(&connected, seed).await;
            // Quiescence: nothing happens any more, and all that is due has run.
            connected.sim.faults(|faults| faults.clear());
            connected.sim.world(|world| world.settle());
            connected.pass(7_200);
            let mut run = connected.run().await;
            for _ in 0..5 {
                if run.state == State::Finished {
                    break;
                }
                connected.pass(7_200);
                run = connected.run().await;
            }
            let run = connected.run_and(Now { sweeps: true, removes_missing: true }).await;
            assert_eq!(run.state, State::Finished, "history {seed}: {:?}", run.reason);
            eprintln!("history {seed}");
            connected.assert_equal().await;
            drop(Arc::clone(&connected.sim));
        }
    }
}
