//! messages.csv: what is said, conversation by conversation.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::calendar::write_iso;
use super::conversations::{self, Head, Heads, Party, Timetable};
use super::csv::Table;
use super::episode::{Episode, Step};
use super::people::World;
use super::random::{Of, Random};
use super::scripts::{Say, Speaker};
use super::words::{Scene, Talker};

/// The file's columns.
pub const HEADER: [&str; 9] = [
    "message_id",
    "conversation_id",
    "from_number",
    "to_number",
    "direction",
    "body",
    "sent_at",
    "status",
    "attachments",
];

/// Everything of one message that takes room; used again for the next.
#[derive(Default)]
struct Sheet {
    id: String,
    conversation: String,
    body: String,
    sent_at: String,
    attachments: String,
}

/// The other side of a conversation: who writes, and the numbers as they stand in the file.
struct Side {
    talkers: Vec<Talker>,
    numbers: Vec<String>,
    /// To whom a message of the office goes.
    all: String,
}

/// Writes every row; returns how many.
pub fn write<W: Write>(world: &World, messages: u64, out: W) -> io::Result<u64> {
    let mut table = Table::new(out, &HEADER)?;
    let mut timetable = Timetable::default();
    let mut sheet = Sheet::default();
    let mut count = 0;
    for head in Heads::new(world, messages) {
        timetable.fill(world, &head);
        let mut random = Random::new(world.seed, Of::Text, head.slot);
        let side = Side::new(world, &head, &mut random);
        sheet.conversation.clear();
        conversations::write_id(&mut sheet.conversation, head.number);
        let mut before: Option<(Step, usize)> = None;
        for step in &timetable.steps {
            count += 1;
            sheet.id.clear();
            // Writing into a string cannot fail.
            let _ = write!(sheet.id, "M-{count:07}");
            let who = sheet.write_words(&side, step, &timetable.episodes, before, &mut random);
            before = Some((*step, who));
            sheet.write_row(&mut table, &head, &side, (step.say, who), &mut random)?;
        }
    }
    table.finish()?;
    Ok(count)
}

impl Side {
    fn new(world: &World, head: &Head, random: &mut Random) -> Self {
        let (talkers, numbers): (Vec<_>, Vec<_>) = match head.party {
            Party::Row(row, number) => {
                let talker = Talker::of_entry(&world.entry(row), number, random);
                (vec![talker], vec![number.e164()])
            }
            Party::Group(members) => members
                .into_iter()
                .map(|(row, number)| (Talker::of_entry(&world.entry(row), number, random), number.e164()))
                .unzip(),
            Party::Stranger(which, number) => {
                (vec![Talker::of_stranger(world, which, number, random)], vec![number.e164()])
            }
            // Nobody in particular: only the address and the town are used.
            Party::ShortCode(code, _) => {
                (vec![Talker::of_stranger(world, 0, world.stranger(0), random)], vec![code.to_owned()])
            }
        };
        let all = numbers.join(";");
        Self { talkers, numbers, all }
    }
}

impl Sheet {
    /// Writes body, time and attachments; returns which of the talkers it is about.
    fn write_words(
        &mut self,
        side: &Side,
        step: &Step,
        episodes: &[Episode],
        before: Option<(Step, usize)>,
        random: &mut Random,
    ) -> usize {
        let mut who = random.below(side.talkers.len() as u64) as usize;
        let repeats = |(step_before, _): &(Step, usize)| {
            step.say == Say::Repeat && step_before.say == Say::Ok && step_before.episode == step.episode
        };
        let episode = &episodes[step.episode as usize];
        match before.filter(repeats) {
            // The same words from the same hand: the body stays as it is.
            Some((_, who_before)) => who = who_before,
            None => {
                self.body.clear();
                let scene =
                    Scene { talker: &side.talkers[who], episode, now: step.at, day: episode.day_meant(step.say) };
                scene.write(&mut self.body, step.say, random);
            }
        }
        self.sent_at.clear();
        write_iso(&mut self.sent_at, step.at);
        self.attachments.clear();
        self.write_attachments(step.say, episode, random);
        who
    }

    fn write_attachments(&mut self, say: Say, episode: &Episode, random: &mut Random) {
        let invoice = episode.invoice;
        // Writing into a string cannot fail.
        let _ = match say {
            Say::Picture => {
                let first = 1_000 + random.below(8_000);
                let mut written = write!(self.attachments, "IMG_{first}.jpg");
                for more in 1..=random.below(6).saturating_sub(3) {
                    written = write!(self.attachments, ";IMG_{}.jpg", first + more);
                }
                written
            }
            Say::Estimate if random.percent(60) => write!(self.attachments, "estimate-{invoice}.pdf"),
            Say::Invoice if random.percent(40) => write!(self.attachments, "invoice-{invoice}.pdf"),
            Say::Done if random.percent(8) => write!(self.attachments, "IMG_{}.jpg", 1_000 + random.below(8_000)),
            _ => Ok(()),
        };
    }

    fn write_row<W: Write>(
        &self,
        table: &mut Table<W>,
        head: &Head,
        side: &Side,
        (say, who): (Say, usize),
        random: &mut Random,
    ) -> io::Result<()> {
        let outbound = say.speaker() == Speaker::Office;
        let (from, to, direction, status) = if outbound {
            let status = match random.below(200) {
                0 => "failed",
                1 => "undelivered",
                2..6 => "sent",
                _ => "delivered",
            };
            (head.own, side.all.as_str(), "outbound", status)
        } else {
            (side.numbers[who].as_str(), head.own, "inbound", "received")
        };
        let fields =
            [&self.id, &self.conversation, from, to, direction, &self.body, &self.sent_at, status, &self.attachments];
        for field in fields {
            table.field(field);
        }
        table.end_row()
    }
}
