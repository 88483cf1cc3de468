//! calls.csv: who rang when, in order of time, and what they left on voicemail.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::calendar::{self, write_iso};
use super::contacts;
use super::csv::Table;
use super::episode::Episode;
use super::numbers::{Number, OWN};
use super::people::{BLOCK, STRANGERS, World};
use super::random::{Of, Random};
use super::words::{Scene, Talker, voicemail};

/// The file's columns.
pub const HEADER: [&str; 9] = [
    "call_id",
    "contact_id",
    "from_number",
    "to_number",
    "direction",
    "started_at",
    "duration_seconds",
    "status",
    "voicemail_text",
];

/// Tries to find a row that was a customer at the time of a call; after that anybody does.
const TRIES: u32 = 12;
/// Calls from or to numbers in no contact.
const STRANGERS_PERCENT: u32 = 6;
/// By which hour of the day how many in a thousand calls have come: a morning rush, a lull at lunch, few at night.
const BY_HOUR: [(i64, i64); 9] =
    [(0, 0), (6, 20), (8, 130), (10, 370), (12, 540), (13, 590), (17, 880), (20, 970), (24, 1_000)];

/// Who rang, or was rung.
struct Party {
    row: Option<u32>,
    number: Number,
    talker: Talker,
}

/// Writes `calls` rows; returns how many.
pub fn write<W: Write>(world: &World, calls: u64, out: W) -> io::Result<u64> {
    let mut table = Table::new(out, &HEADER)?;
    let mut text = [const { String::new() }; 5];
    for call in 0..calls {
        let mut random = Random::new(world.seed, Of::Call, call);
        let at = started_at(world, call, calls, &mut random);
        let party = Party::find(world, at, &mut random);
        let inbound = random.percent(62);
        let (status, seconds) = outcome(inbound, &mut random);
        text.iter_mut().for_each(String::clear);
        let [id, contact, started, duration, voicemail_text] = &mut text;
        // Writing into a string cannot fail.
        let _ = write!(id, "L-{:06}", call + 1);
        if let Some(row) = party.row.filter(|_| random.percent(90)) {
            contacts::write_id(contact, row);
        }
        write_iso(started, at);
        let _ = write!(duration, "{seconds}");
        if inbound && status == "voicemail" {
            let episode = Episode::of_day(calendar::day_of(at), &mut random);
            let scene = Scene { talker: &party.talker, episode: &episode, now: at, day: episode.visit_day };
            voicemail::write(voicemail_text, &scene, party.row.is_some(), &mut random);
        }
        let own = OWN[random.weighted(&[75, 15, 10])];
        let theirs = party.number.e164();
        let (from, to, direction) =
            if inbound { (theirs.as_str(), own, "inbound") } else { (own, theirs.as_str(), "outbound") };
        for field in [id, contact, from, to, direction, started, duration, status, voicemail_text] {
            table.field(field);
        }
        table.end_row()?;
    }
    table.finish()?;
    Ok(calls)
}

/// The `call`-th of all: spread evenly over the days, and over each day by [`BY_HOUR`], so that times ascend.
fn started_at(world: &World, call: u64, calls: u64, random: &mut Random) -> i64 {
    const PARTS: u64 = 1 << 20;
    let first = calendar::day_of(world.since);
    let days = (calendar::day_of(world.until) - first).max(1) as u64;
    let place = (u128::from(call * PARTS + random.below(PARTS)) * u128::from(days) * 1_000 / u128::from(calls)) as u64;
    let day = first + (place / PARTS / 1_000) as i64;
    let within = place % (PARTS * 1_000);
    let per_mille = (within / PARTS) as i64;
    let mut second = 0;
    for pair in BY_HOUR.windows(2) {
        let ((from, below), (to, upto)) = (pair[0], pair[1]);
        if (below..upto).contains(&per_mille) {
            let width = (upto - below) as u64 * PARTS;
            let into = within - below as u64 * PARTS;
            second = from * 3_600 + (u128::from(into) * ((to - from) * 3_600) as u128 / u128::from(width)) as i64;
        }
    }
    calendar::at(day, second).min(world.until)
}

fn outcome(inbound: bool, random: &mut Random) -> (&'static str, i64) {
    let (status, least, most) = match (inbound, random.weighted(&[64, 18, 16, 2])) {
        (_, 0) => ("completed", 18, 900),
        (true, 1) => ("voicemail", 9, 95),
        (true, _) => ("missed", 0, 0),
        (false, 1) => ("no-answer", 0, 0),
        (false, 2) => ("voicemail", 12, 60),
        (false, _) => ("busy", 0, 0),
    };
    // The smaller of two draws: most calls are short.
    (status, random.between(least, most).min(random.between(least, most)))
}

impl Party {
    fn find(world: &World, at: i64, random: &mut Random) -> Self {
        let mut found = None;
        if !random.percent(STRANGERS_PERCENT) {
            for _ in 0..TRIES {
                let entry = world.entry(random.below(world.contacts.into()) as u32);
                let Some(number) = entry.number().filter(|_| entry.row < world.contacts) else { continue };
                let landline = entry.home.filter(|_| random.percent(50));
                found = Some((entry, landline.unwrap_or(number)));
                if (entry.seen.0..=entry.seen.1).contains(&at) {
                    break;
                }
            }
        }
        match found {
            Some((entry, number)) => {
                Self { row: Some(entry.row), number, talker: Talker::of_entry(&entry, number, random) }
            }
            None => {
                let blocks = world.contacts.div_ceil(BLOCK).max(1);
                let which = random.below(u64::from(blocks * STRANGERS)) as u32;
                let number = world.stranger(which);
                Self { row: None, number, talker: Talker::of_stranger(world, which, number, random) }
            }
        }
    }
}
