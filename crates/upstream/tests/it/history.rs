//! Histories: an office works, the network fails, rows vanish, somebody reads now and then; and in the end what was
//! told is what there is, field by field, as the sim's own books have it.

use std::time::Duration;

use doorstep_core::source::Cursor;
use doorstep_sim::{Edit, Fault, Kind, Options, Size};
use doorstep_upstream::servicetitan::SPEC;
use doorstep_upstream::source::{Failure, Source};
use serde_json::Value;

use crate::house::{House, Told, drain, swept_into};

/// Histories that are played: enough that each kind of trouble meets each kind of edit.
const HISTORIES: u64 = 20;

const BOOKS: [(&str, Kind); 12] = [
    ("customers", Kind::Customers),
    ("customer_contacts", Kind::Contacts),
    ("locations", Kind::Locations),
    ("jobs", Kind::Jobs),
    ("appointments", Kind::Appointments),
    ("assignments", Kind::Assignments),
    ("job_types", Kind::JobTypes),
    ("technicians", Kind::Technicians),
    ("memberships", Kind::Memberships),
    ("membership_types", Kind::MembershipTypes),
    ("installed_equipment", Kind::Equipment),
    ("tag_types", Kind::TagTypes),
];

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 29)) % most
    }
}

/// A stream as a hub holds it.
struct Held {
    stream: &'static str,
    told: Told,
    cursor: Option<Cursor>,
}

/// Reads a few pages, as far as trouble lets it; a failed page leaves all as it was.
async fn read_a_little(source: &dyn Source, held: &mut Held, pages: u64) {
    for _ in 0..pages {
        match source.page(held.stream, held.cursor.as_ref()).await {
            Ok(page) => {
                held.told.extend(page.rows.into_iter().map(|row| (row.key.clone(), row)));
                held.cursor = page.cursor.or(held.cursor.take());
                if !page.more {
                    return;
                }
            }
            // A token that is taken back twice in one call looks as credentials do that are wrong.
            Err(Failure::Retry { .. } | Failure::Auth { .. }) => {}
            Err(failure) => panic!("{}: {failure:?}", held.stream),
        }
    }
}

fn something_happens(house: &House, dice: &mut Dice) {
    house.office(usize::try_from(dice.below(20)).unwrap());
    house.sim.world(|world| {
        let number = world.first().number;
        let id = |ids: Vec<i64>, dice: &mut Dice| ids.get(usize::try_from(dice.below(40)).unwrap()).copied();
        if dice.below(4) == 0
            && let Some(id) = id(world.first().contacts.ids(|_| true), dice)
        {
            world.edit(number, Edit::Delete { kind: Kind::Contacts, id });
        }
        if dice.below(6) == 0
            && let Some(id) = id(world.first().customers.ids(|_| true), dice)
        {
            world.edit(number, Edit::Delete { kind: Kind::Customers, id });
        }
        if dice.below(5) == 0 {
            let count = usize::try_from(dice.below(30)).unwrap();
            world.edit(number, Edit::Restamp { kind: Kind::Customers, count });
        }
        if dice.below(3) == 0 {
            world.edit(number, Edit::Restamp { kind: Kind::JobTypes, count: 3 });
        }
    });
    house.sim.advance(Duration::from_secs(dice.below(3_000)));
}

fn trouble(house: &House, seed: u64, dice: &mut Dice) {
    house.sim.faults(|faults| {
        faults.clear();
        faults.manners.export_size = usize::try_from(5 + dice.below(40)).unwrap();
        faults.manners.page_cap = (dice.below(2) == 0).then_some(10);
        faults.manners.ignores_sort = if dice.below(2) == 0 { 0.3 } else { 0.0 };
        faults.manners.edits_between_pages = usize::try_from(dice.below(3)).unwrap();
        faults.manners.edits_within_pages = usize::try_from(dice.below(2)).unwrap();
        faults.manners.lag_seconds = dice.below(200);
        faults.manners.tick_milliseconds = dice.below(500);
        faults.manners.date_skew_seconds = i64::try_from(dice.below(200)).unwrap() - 100;
        let chance = 0.04;
        faults.at_random(
            seed,
            vec![
                (Fault::TooMany(None), chance),
                (Fault::Status(500), chance),
                (Fault::Html(200), chance),
                (Fault::Cut, chance),
                (Fault::Gone, chance),
                (Fault::Truncated, chance),
                (Fault::Expired, chance),
            ],
        );
    });
}

#[tokio::test]
async fn what_was_told_in_the_end_is_what_there_is() {
    for seed in 1..=HISTORIES {
        let house = House::of(Options { seed, size: Size::of(40), ..Options::default() }).await;
        let source = house.source(0);
        let mut dice = Dice(seed);
        let mut hub: Vec<Held> =
            BOOKS.iter().map(|(stream, _)| Held { stream, told: Told::new(), cursor: None }).collect();
        for _ in 0..5 {
            trouble(&house, seed ^ dice.below(1_000), &mut dice);
            house.our_clock_is_ahead_by(i64::try_from(dice.below(7_200)).unwrap() - 3_600);
            for held in &mut hub {
                read_a_little(&source, held, 1 + dice.below(6)).await;
            }
            something_happens(&house, &mut dice);
        }
        // Trouble ends, and what was made becomes visible.
        house.sim.faults(|faults| {
            faults.clear();
            faults.at_random(seed, Vec::new());
        });
        house.sim.advance(Duration::from_secs(3_600));
        let number = house.sim.tenant();
        for (held, (name, kind)) in hub.iter_mut().zip(BOOKS) {
            let stream = SPEC.stream(name).unwrap();
            let mut from = held.cursor.take();
            if let Err(Failure::Cursor { .. }) = source.page(name, from.as_ref()).await {
                from = None;
            }
            drain(&source, stream, from, &mut held.told).await.unwrap();
            swept_into(&source, stream, &mut held.told).await.unwrap();
            let books: Vec<(String, Value)> =
                house.sim.rows(number, kind).into_iter().map(|row| (row["id"].to_string(), row)).collect();
            for (key, row) in &books {
                assert_eq!(held.told.get(key).map(|told| &told.payload), Some(row), "{name}, history {seed}");
            }
            // What vanished and was switched off before is not asked about again; all else that is held is there.
            let in_use = held.told.values().filter(|row| row.gone.is_none());
            for row in in_use {
                assert!(books.iter().any(|(key, _)| *key == row.key), "{name} {}, history {seed}", row.key);
            }
        }
    }
}
