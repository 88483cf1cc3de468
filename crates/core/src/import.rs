//! Imports: a file brought in by hand. Plan (dry run), apply exactly that plan, perhaps undo.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::ImportId;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// Which of the archive's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// contacts.csv
    Contacts,
    /// conversations.csv
    Conversations,
    /// messages.csv
    Messages,
    /// calls.csv
    Calls,
    /// manifest.json
    Manifest,
}

impl FileKind {
    /// The four tables, in the order in which they are read.
    pub const TABLES: [Self; 4] = [Self::Contacts, Self::Conversations, Self::Messages, Self::Calls];

    /// The file's canonical name.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts.csv",
            Self::Conversations => "conversations.csv",
            Self::Messages => "messages.csv",
            Self::Calls => "calls.csv",
            Self::Manifest => "manifest.json",
        }
    }
}

/// Counts of contacts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCounts {
    /// Customers that did not exist.
    pub new: u64,
    /// Customers that got something they lacked.
    pub updated: u64,
    /// Rows that add nothing or could not go in; each has a reason.
    pub skipped: u64,
}

/// Counts of what is either new or already there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Went in, or will.
    pub new: u64,
    /// Already there, or could not go in.
    pub skipped: u64,
}

/// What an import does, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Of contacts.csv.
    pub contacts: ContactCounts,
    /// Of conversations.csv, and conversations that messages imply.
    pub conversations: Counts,
    /// Of messages.csv.
    pub messages: Counts,
    /// Of calls.csv.
    pub calls: Counts,
}

/// Something about a row (or a file) that the owner should know.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `contacts.csv`
    pub file: String,
    /// The line the row starts on, counted from 1 with the header; 0 for the file as a whole.
    pub line: u64,
    /// What is wrong, and what was done about it.
    pub reason: String,
}

crate::masked_debug!(Problem: file, line);

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The dry run is done; nothing but this entry was written.
    Planned,
    /// Going in, page by page; a crash resumes here.
    Applying,
    /// All in.
    Applied,
    /// Going out again.
    Undoing,
    /// Taken out again.
    Undone,
    /// Planned, but the world changed before it was applied; a newer plan stands in its place.
    Superseded,
    /// Planned, but not applied for so long that its archive was removed.
    Expired,
}

impl State {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Planned, "planned"),
        (Self::Applying, "applying"),
        (Self::Applied, "applied"),
        (Self::Undoing, "undoing"),
        (Self::Undone, "undone"),
        (Self::Superseded, "superseded"),
        (Self::Expired, "expired"),
    ];

    /// The name in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, _)| *state == self).map_or("planned", |(_, name)| name)
    }
}

/// A state that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state of an import")]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found.map(|(state, _)| state).ok_or_else(|| UnknownState(text.to_owned()))
    }
}

/// One import as listed: who, when, what came of it.
#[derive(Clone, PartialEq, Serialize)]
pub struct Import {
    /// Ours; the batch id at the doors.
    pub id: ImportId,
    /// How far it is.
    pub state: State,
    /// The archive's file name as the person gave it.
    pub file_name: String,
    /// SHA-256 of the archive, in hexadecimal.
    pub archive_hash: String,
    /// The person's notes.
    pub notes: Option<String>,
    /// Who brought it.
    pub actor: Actor,
    /// When the plan was made.
    pub created_at: Timestamp,
    /// When it was applied in full.
    pub applied_at: Option<Timestamp>,
    /// When it was undone in full.
    pub undone_at: Option<Timestamp>,
    /// What it does or did.
    pub summary: Summary,
    /// Customers made for numbers that are in no contact.
    pub callers_new: u64,
    /// How many problems there are in all.
    pub problem_count: u64,
    /// Rows of the plan already in, of `rows_total`.
    pub rows_done: u64,
    /// Rows that the plan puts in.
    pub rows_total: u64,
}

crate::masked_debug!(Import: id, state, archive_hash, actor, created_at, applied_at, undone_at, summary, callers_new, problem_count, rows_done, rows_total);

/// What makes two rows the same message or call, in 16 bytes of SHA-256: 4 over whom it is with, 12 over all of it.
///
/// The lead keeps the rows of one person beside each other in the index, so that a conversation goes in on a page
/// or two instead of all over it. Two different rows with one person meet with a chance below 10⁻¹⁸ at a hundred
/// thousand rows with that person (birthday bound over 96 bits).
pub type RowKey = [u8; 16];

/// The key of a row that the source gives an id: the id and with whom, so that the same row with a better text or
/// status is still the same row, and two phones whose exports both count from 1 do not hide each other's rows.
pub fn external_key(stream: &str, who: &str, external_id: &str) -> RowKey {
    led_by(who, digest(&[b"id", stream.as_bytes(), who.as_bytes(), external_id.as_bytes()]))
}

/// The key of a row without an id: who, when, which way and what.
pub fn content_key(stream: &str, who: &str, at: Timestamp, direction: &str, text: &str) -> RowKey {
    let micros = if crate::planted!("texts-of-one-minute-are-one") { at.micros() / 60_000_000 } else { at.micros() };
    let at = micros.to_be_bytes();
    led_by(who, digest(&[b"content", stream.as_bytes(), who.as_bytes(), &at, direction.as_bytes(), text.as_bytes()]))
}

/// The key of the `n`-th row, counted from 1, of those in one conversation whose content key is `first`: two real
/// "ok" within a second both survive, and the same archive again finds both.
pub fn nth_key(first: RowKey, n: u32) -> RowKey {
    if n <= 1 {
        return first;
    }
    let mut key = digest(&[b"nth", &first, &n.to_be_bytes()]);
    key[..LEAD].copy_from_slice(&first[..LEAD]);
    key
}

/// Bytes of a key that say with whom.
const LEAD: usize = 4;

fn led_by(who: &str, mut key: RowKey) -> RowKey {
    let lead = digest(&[b"who", who.as_bytes()]);
    key[..LEAD].copy_from_slice(&lead[..LEAD]);
    key
}

fn digest(parts: &[&[u8]]) -> RowKey {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_differ_by_each_part_of_their_key() {
        let at = Timestamp::from_micros(1);
        let key = |who: &str, at: Timestamp, way: &str, text: &str| content_key("messages", who, at, way, text);
        let one = key("+16175551234", at, "inbound", "ok");
        assert_eq!(one, key("+16175551234", at, "inbound", "ok"));
        assert_eq!(nth_key(one, 1), one);
        for other in [
            key("+16175551235", at, "inbound", "ok"),
            key("+16175551234", at.plus_micros(1), "inbound", "ok"),
            key("+16175551234", at, "outbound", "ok"),
            key("+16175551234", at, "inbound", "ok "),
            nth_key(one, 2),
            nth_key(one, 3),
            external_key("messages", "+16175551234", "ok"),
        ] {
            assert_ne!(one, other);
        }
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }

    #[test]
    fn every_state_reads_back_from_its_name() {
        for (state, name) in State::ALL {
            assert_eq!((state.as_str(), name.parse()), (name, Ok(state)));
        }
        assert!("done".parse::<State>().is_err());
    }
}
