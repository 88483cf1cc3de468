//! Which way a message or call went, and so who is on which side of it.

use doorstep_core::conversation::Direction;

use super::party::Party;
use super::text::{Notes, shown};

/// The two kinds of rows that have a direction; phones number their types differently for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Message,
    Call,
}

/// What the cell says: which way, and what else its word tells ("missed").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stated {
    pub direction: Direction,
    pub status: Option<&'static str>,
}

const IN: Stated = Stated { direction: Direction::Inbound, status: None };
const OUT: Stated = Stated { direction: Direction::Outbound, status: None };

const fn inbound(status: &'static str) -> Stated {
    Stated { direction: Direction::Inbound, status: Some(status) }
}

const fn outbound(status: &'static str) -> Stated {
    Stated { direction: Direction::Outbound, status: Some(status) }
}

/// Words in the wild. A missed call, a voicemail, a rejected call were calls to the business.
const WORDS: [(&str, Stated); 30] = [
    ("inbound", IN),
    ("incoming", IN),
    ("in", IN),
    ("received", IN),
    ("receive", IN),
    ("recv", IN),
    ("inbox", IN),
    ("rx", IN),
    ("answered", IN),
    ("missed", inbound("missed")),
    ("unanswered", inbound("missed")),
    ("voicemail", inbound("voicemail")),
    ("rejected", inbound("rejected")),
    ("declined", inbound("rejected")),
    ("blocked", inbound("blocked")),
    ("outbound", OUT),
    ("outgoing", OUT),
    ("out", OUT),
    ("sent", OUT),
    ("send", OUT),
    ("outbox", OUT),
    ("sentbox", OUT),
    ("tx", OUT),
    ("dialed", OUT),
    ("dialled", OUT),
    ("placed", OUT),
    ("queued", outbound("queued")),
    ("draft", outbound("draft")),
    ("drafts", outbound("draft")),
    ("failed", outbound("failed")),
];

/// What phones write for the type of a message (Android's `Telephony.Sms`).
const MESSAGE_TYPES: [Stated; 6] = [IN, OUT, outbound("draft"), OUT, outbound("failed"), outbound("queued")];
/// What phones write for the type of a call (Android's `CallLog.Calls`).
const CALL_TYPES: [Stated; 7] =
    [IN, OUT, inbound("missed"), inbound("voicemail"), inbound("rejected"), inbound("blocked"), IN];

/// Reads the cell; `None` where it says nothing that we know.
pub(super) fn stated(cell: &str, of: Of) -> Option<Stated> {
    let types: &[Stated] = match of {
        Of::Message => &MESSAGE_TYPES,
        Of::Call => &CALL_TYPES,
    };
    if let Ok(number) = cell.parse::<usize>() {
        return number.checked_sub(1).and_then(|index| types.get(index)).copied();
    }
    let words = cell.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let find = |word: &str| WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, stated)| *stated);
    // "Outgoing (failed)", "Missed Call": the word that tells the way and the word that tells the end may be two.
    words
        .filter_map(find)
        .reduce(|first, next| Stated { direction: first.direction, status: first.status.or(next.status) })
}

/// The sides of a row as far as its columns name them.
#[derive(Debug, Default)]
pub(super) struct Sides {
    pub from: Option<Party>,
    pub to: Vec<Party>,
    /// The other party, where the export does not say on which side.
    pub other: Vec<Party>,
}

/// The sides, settled.
#[derive(Debug)]
pub(super) struct Settled {
    pub from: Option<Party>,
    pub to: Vec<Party>,
    pub direction: Direction,
    pub status: Option<&'static str>,
}

impl Sides {
    /// Settles the direction (what the file says, else what the own numbers tell) and puts the other party on its
    /// side.
    pub fn settle(self, cell: &str, of: Of, notes: &mut Notes) -> Settled {
        let Self { mut from, mut to, other } = self;
        let stated = stated(cell, of);
        if stated.is_none() && !cell.is_empty() {
            notes.push(format!("`direction`: `{}` says neither in nor out", shown(cell)));
        }
        let direction = stated.map_or_else(|| told_by_numbers(from.as_ref(), &to), |stated| stated.direction);
        match direction {
            Direction::Outbound if to.is_empty() => to = other,
            Direction::Outbound => {}
            Direction::Inbound | Direction::Unknown if from.is_none() => from = other.into_iter().next(),
            Direction::Inbound | Direction::Unknown => {}
        }
        if direction == Direction::Unknown {
            notes.push("which way it went is unknown: no number of it is one of your own".to_owned());
        }
        if direction == Direction::Inbound && from.as_ref().is_some_and(|party| party.is_own) {
            notes.push("says that it came in, but from one of your own numbers".to_owned());
        }
        Settled { from, to, direction, status: stated.and_then(|stated| stated.status) }
    }
}

/// Own numbers on exactly one side tell the way.
fn told_by_numbers(from: Option<&Party>, to: &[Party]) -> Direction {
    let from_own = from.is_some_and(|party| party.is_own);
    let to_own = to.iter().any(|party| party.is_own);
    let to_others = to.iter().any(|party| !party.is_own);
    match (from_own, to_own) {
        (true, _) if to_others || to.is_empty() => Direction::Outbound,
        (false, true) => Direction::Inbound,
        (true | false, _) => Direction::Unknown,
    }
}
