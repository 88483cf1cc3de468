//! conversations.csv, and the timetable that messages.csv follows.
//!
//! How many messages a conversation gets is its share of the weight of all: one pass adds the weights up, and the
//! two that write share the asked number out, so nothing but the sum is kept. A timetable is made once for
//! conversations.csv, which tells when a conversation began and ended, and once more for messages.csv.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::calendar::write_iso;
use super::contacts;
use super::csv::Table;
use super::episode::{Episode, Step, play};
use super::numbers::{Number, OWN};
use super::people::{BLOCK, Kind, STRANGERS, World};
use super::random::{Of, Random};
use super::scripts::{Relation, Say};

/// The file's columns.
pub const HEADER: [&str; 7] =
    ["conversation_id", "contact_id", "participants", "channel", "started_at", "last_message_at", "message_count"];

/// Slots of a block: one for each row, four strangers', two groups', one unused. A prime, so that any stride permutes.
const SLOTS: u64 = 107;
const TEXTING_STRANGERS: u64 = 4;
/// The showcase's and the two short codes'.
const SPECIAL_SLOTS: u64 = 3;
/// The city's inspection reminders and the supply house.
pub const SHORT_CODES: [(&str, Relation); 2] = [("72166", Relation::Inspections), ("28849", Relation::SupplyHouse)];

const DAY: i64 = 86_400;

/// Who is on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A row of contacts.csv that has a number to text with.
    Row(u32, Number),
    /// A number in no contact.
    Stranger(u32, Number),
    /// Two rows, each with a number to text with.
    Group([(u32, Number); 2]),
    /// A short code.
    ShortCode(&'static str, Relation),
}

/// A conversation without its messages.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// Which chances it has.
    pub slot: u64,
    /// 1 for the first of the file.
    pub number: u64,
    /// Who is on the other side.
    pub party: Party,
    /// The own number that it runs over.
    pub own: &'static str,
    /// How many it has; at least 1.
    pub messages: u32,
}

/// What is said when in one conversation.
#[derive(Debug, Default)]
pub struct Timetable {
    /// In order of time.
    pub steps: Vec<Step>,
    /// By number.
    pub episodes: Vec<Episode>,
}

/// All conversations, in the order of the file.
#[derive(Debug)]
pub struct Heads<'a> {
    world: &'a World,
    messages: u64,
    weight_total: u64,
    weight_before: u64,
    number: u64,
    slot: u64,
}

impl<'a> Heads<'a> {
    /// The conversations that share `messages`.
    pub fn new(world: &'a World, messages: u64) -> Self {
        let weigh = |slot| party(world, slot).map_or(0, |party| weight(world, slot, &party));
        let weight_total = (0..slots(world)).map(weigh).sum();
        Self { world, messages, weight_total, weight_before: 0, number: 0, slot: 0 }
    }

    /// How many messages there are up to a weight. Rounded up, so that the first conversation always has one.
    fn messages_at(&self, weight: u64) -> u64 {
        (u128::from(weight) * u128::from(self.messages)).div_ceil(u128::from(self.weight_total.max(1))) as u64
    }
}

impl Iterator for Heads<'_> {
    type Item = Head;

    fn next(&mut self) -> Option<Head> {
        while self.slot < slots(self.world) {
            let slot = self.slot;
            self.slot += 1;
            let Some(party) = party(self.world, slot) else { continue };
            let messages_before = self.messages_at(self.weight_before);
            self.weight_before += weight(self.world, slot, &party);
            let messages = (self.messages_at(self.weight_before) - messages_before) as u32;
            if messages > 0 {
                self.number += 1;
                let own = match Random::new(self.world.seed, Of::Share, slot << 8).weighted(&[80, 14, 6]) {
                    0 => OWN[0],
                    1 => OWN[1],
                    _ => OWN[2],
                };
                return Some(Head { slot, number: self.number, party, own, messages });
            }
        }
        None
    }
}

fn slots(world: &World) -> u64 {
    SPECIAL_SLOTS + u64::from(world.contacts.div_ceil(BLOCK)) * SLOTS
}

/// Whose a slot is; `None` where nobody texts.
fn party(world: &World, slot: u64) -> Option<Party> {
    let texting = |row: u32| world.entry(row).cell.map(|cell| (row, cell));
    let Some(place) = slot.checked_sub(SPECIAL_SLOTS) else {
        return match slot {
            0 => texting(world.showcase()?).map(|(row, cell)| Party::Row(row, cell)),
            _ => SHORT_CODES.get(slot as usize - 1).map(|(code, relation)| Party::ShortCode(code, *relation)),
        };
    };
    let block = (place / SLOTS) as u32;
    // Shuffled, so that groups and strangers do not all come at the end.
    let stride = 1 + Random::new(world.seed, Of::Block, u64::from(block) << 32 | 1).below(SLOTS - 1);
    match (place % SLOTS) * stride % SLOTS {
        member @ 0..100 => {
            let row = block * BLOCK + member as u32;
            let own_conversation = row < world.contacts && world.showcase() != Some(row);
            let (row, cell) = own_conversation.then(|| texting(row))??;
            // Whoever is written twice has one conversation, under the first row.
            let twice = matches!(world.entry(row).kind, Kind::Twice { .. });
            (!twice).then_some(Party::Row(row, cell))
        }
        member if member < 100 + TEXTING_STRANGERS => {
            let which = block * STRANGERS + (member - 100) as u32;
            Some(Party::Stranger(which, world.stranger(which)))
        }
        104 => {
            let (a, b) = world.couple(block, 1);
            Some(Party::Group([texting(a?)?, texting(b?)?]))
        }
        105 => {
            let (manager, tenant) = (world.managers(block).0?, world.neighbour(block)?);
            Some(Party::Group([texting(manager)?, texting(tenant)?]))
        }
        _ => None,
    }
}

/// How much is said in a conversation, as against others: most are short, a few go on for years.
fn weight(world: &World, slot: u64, party: &Party) -> u64 {
    let mut random = Random::new(world.seed, Of::Share, slot);
    let mut between = |low, high| random.between(low, high) as u64;
    match party {
        Party::ShortCode(..) => between(40, 60),
        // Shown in the demonstration, so there should be something to see.
        Party::Stranger(0, _) => between(10, 13),
        Party::Stranger(..) => between(1, 9).min(between(1, 9)),
        Party::Group(_) => between(8, 40),
        Party::Row(row, _) if world.showcase() == Some(*row) => between(30, 40),
        Party::Row(row, _) => {
            let weight = match between(0, 99) {
                0..22 => 0,
                22..60 => between(3, 13),
                60..85 => between(13, 26),
                85..96 => between(26, 60),
                _ => between(60, 140),
            };
            weight * if world.entry(*row).kind == Kind::Manager { 3 } else { 1 }
        }
    }
}

impl Timetable {
    /// Fills the timetable for a conversation; what was in it is gone.
    pub fn fill(&mut self, world: &World, head: &Head) {
        self.steps.clear();
        self.episodes.clear();
        let mut random = Random::new(world.seed, Of::Timetable, head.slot);
        let (first, last) = match head.party {
            Party::Row(row, _) | Party::Group([(row, _), _]) => world.seen(row),
            Party::Stranger(which, _) => world.seen(u32::MAX - which),
            Party::ShortCode(..) => (world.since, world.until),
        };
        let relation = match head.party {
            Party::Row(row, _) | Party::Group([(row, _), _]) if world.entry(row).kind == Kind::Manager => {
                Relation::Manager
            }
            Party::Row(..) | Party::Group(_) => Relation::Household,
            Party::Stranger(which, _) if which % 4 == 3 => Relation::Nuisance,
            Party::Stranger(..) => Relation::Prospect,
            Party::ShortCode(_, relation) => relation,
        };
        // The newest message of all is the showcase's cry for help.
        let newest_of_all = head.slot == 0 || (head.number == 1 && world.showcase().is_none());
        let wanted = head.messages - u32::from(newest_of_all);
        while (self.steps.len() as u32) < wanted {
            let left = wanted - self.steps.len() as u32;
            let number = self.episodes.len() as u32;
            let from = if number == 0 { first + DAY } else { random.between(first + DAY, last - DAY) };
            self.episodes.push(play(&mut self.steps, number, left, (from, last), relation, &mut random));
        }
        self.steps.sort_by_key(|step| step.at);
        if newest_of_all {
            let (episode, say) = match head.party {
                Party::ShortCode(..) => (self.episodes.first().cloned(), Say::PickupNotice),
                _ => (None, Say::Urgent),
            };
            self.steps.push(Step { at: world.until, say, episode: self.episodes.len() as u32 });
            self.episodes.push(episode.unwrap_or_else(|| Episode::leak(world.until, &mut random)));
        }
        let mut previous = i64::MIN;
        for step in &mut self.steps {
            // Two episodes at once may share a second; their order stays readable if they do not.
            step.at = step.at.max(previous.saturating_add(1)).min(world.until);
            previous = step.at;
        }
    }
}

/// `CV-00042`
pub fn write_id(out: &mut String, number: u64) {
    // Writing into a string cannot fail.
    let _ = write!(out, "CV-{number:05}");
}

/// Writes every row; returns how many.
pub fn write<W: Write>(world: &World, messages: u64, out: W) -> io::Result<u64> {
    let mut table = Table::new(out, &HEADER)?;
    let mut timetable = Timetable::default();
    let mut text = String::new();
    let mut count = 0;
    for head in Heads::new(world, messages) {
        timetable.fill(world, &head);
        let times = (timetable.steps.first(), timetable.steps.last());
        let parts: [&dyn Fn(&mut String); 7] = [
            &|out| write_id(out, head.number),
            &|out| write_contact_id(out, &head.party),
            &|out| write_participants(out, &head),
            &|out| out.push_str("sms"),
            &|out| times.0.iter().for_each(|step| write_iso(out, step.at)),
            &|out| times.1.iter().for_each(|step| write_iso(out, step.at)),
            &|out| out.push_str(&timetable.steps.len().to_string()),
        ];
        for part in parts {
            text.clear();
            part(&mut text);
            table.field(&text);
        }
        table.end_row()?;
        count += 1;
    }
    table.finish()?;
    Ok(count)
}

fn write_contact_id(out: &mut String, party: &Party) {
    if let Party::Row(row, _) | Party::Group([(row, _), _]) = party {
        contacts::write_id(out, *row);
    }
}

fn write_participants(out: &mut String, head: &Head) {
    match head.party {
        Party::Row(_, number) | Party::Stranger(_, number) => out.push_str(&number.e164()),
        Party::ShortCode(code, _) => out.push_str(code),
        Party::Group([(_, a), (_, b)]) => {
            // Writing into a string cannot fail.
            let _ = write!(out, "{};{};{}", head.own, a.e164(), b.e164());
        }
    }
}
