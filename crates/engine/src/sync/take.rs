//! What becomes of the rows of a page: new, something else, the same as before, older than what is known, or nothing that
//! can be taken. Pure: nothing is read or written here.

use std::collections::HashMap;

use doorstep_core::id::{ConnectionId, RecordId};
use doorstep_core::source::Gone;
use doorstep_core::sync::{Counts, Problem};
use doorstep_core::{IdMaker, Timestamp, planted};
use doorstep_store::live_record::{Head, Word};
use doorstep_upstream::source::Row;
use sha2::{Digest, Sha256};

/// Longest key of an object, in bytes: those of sources are numbers or UUIDs, and phone numbers.
const MAX_KEY_BYTES: usize = 200;
/// Largest payload, in bytes: a job with all its notes has some tens of thousands; a megabyte is no record of ours.
const MAX_PAYLOAD_BYTES: usize = 1_000_000;

/// What becomes of rows.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Objects that were never said before.
    pub new: Vec<Word>,
    /// Objects of which something else is said, those that come back included.
    pub changed: Vec<Word>,
    /// What was known of those.
    pub before: HashMap<RecordId, Head>,
    /// Objects to be taken out, and their keys.
    pub going: Vec<(RecordId, Head)>,
    pub going_keys: Vec<String>,
    /// Objects of which the source says nothing else, but that it was changed.
    pub modified: Vec<(RecordId, Timestamp)>,
    /// How many of each.
    pub counts: Counts,
}

impl Taken {
    /// Objects that are new, or that come back.
    pub(super) fn arrived(&self) -> impl Iterator<Item = &Word> {
        let is_back = |word: &&Word| self.before.get(&word.id).is_some_and(is_out);
        self.new.iter().chain(self.changed.iter().filter(is_back))
    }

    /// All objects of which something is said that was not.
    pub(super) fn said(&self) -> impl Iterator<Item = &Word> {
        self.new.iter().chain(&self.changed)
    }
}

/// A row that can be kept, with what it says as text: that is measured, hashed and stored.
#[derive(Clone)]
pub(super) struct Told {
    pub row: Row,
    pub text: String,
}

impl From<Row> for Told {
    fn from(row: Row) -> Self {
        Self { text: row.payload.to_string(), row }
    }
}

/// How rows came, and so what speaks against taking them.
#[derive(Debug, Clone, Copy)]
pub(super) enum How<'a> {
    /// From the last cursor on: what is older than what is known counts for nothing.
    Page,
    /// By a sweep: what is known counts only if it is newer, because a list may word it otherwise than a feed.
    Sweep,
    /// Of one customer alone, beside a run that may have stored a newer word while the answer was on its way. With what was known
    /// before the source was asked: what has been said since is gone back on only by a newer stamp.
    Beside(&'a HashMap<String, Head>),
}

impl How<'_> {
    fn is_only_for_news(self) -> bool {
        matches!(self, Self::Sweep | Self::Beside(_))
    }

    /// Whether somebody else has said something of the object since the source was asked.
    fn is_overtaken(self, key: &str, head: Option<&Head>) -> bool {
        match self {
            Self::Page | Self::Sweep => false,
            Self::Beside(seen) => head.is_some() && head != seen.get(key),
        }
    }
}

/// Whether an object was taken out.
pub(super) fn is_out(head: &Head) -> bool {
    head.gone == Some(Gone::Deleted)
}

/// A row that can be kept, or what is wrong with it.
pub(super) fn sound(stream: &str, row: Row) -> Result<Told, Problem> {
    let is_key = |key: &str| (1..=MAX_KEY_BYTES).contains(&key.len()) && !key.chars().any(char::is_control);
    let refuse = |key: Option<&str>, reason: &str| Problem {
        stream: stream.to_owned(),
        key: key.map(str::to_owned),
        reason: reason.to_owned(),
    };
    if !is_key(&row.key) {
        return Err(refuse(None, "its key is empty, too long or holds control characters"));
    }
    if row.parent.as_deref().is_some_and(|parent| !is_key(parent)) {
        return Err(refuse(
            Some(&row.key),
            "the key of what it belongs to is empty, too long or holds control characters",
        ));
    }
    let told = Told::from(row);
    if told.text.len() > MAX_PAYLOAD_BYTES {
        return Err(refuse(Some(&told.row.key), "it says more than a megabyte"));
    }
    Ok(told)
}

/// Hash of what an object says. The connection is part of it: two connections of one tenant may have equal objects.
fn hash_of(connection: ConnectionId, text: &str) -> [u8; 32] {
    let hash = Sha256::new().chain_update(connection.uuid().as_bytes()).chain_update(text);
    hash.finalize().into()
}

/// Sorts sound rows by what becomes of them.
pub(super) fn sort(
    connection: ConnectionId,
    rows: Vec<Told>,
    heads: &HashMap<String, Head>,
    how: How<'_>,
    mut make_id: impl FnMut() -> RecordId,
) -> Taken {
    let mut taken = Taken::default();
    let mut last: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    for (place, told) in rows.iter().enumerate() {
        last.insert(told.row.key.clone(), place);
    }
    for (place, told) in rows.into_iter().enumerate() {
        let row = &told.row;
        taken.counts.fetched += 1;
        // The same object twice in one page: the later one counts.
        if last.get(&row.key) != Some(&place) {
            taken.counts.unchanged += 1;
            continue;
        }
        let head = heads.get(&row.key);
        let is_older = match (head.and_then(|head| head.modified_at), row.modified_at) {
            // I-04: older never beats newer.
            (Some(known), Some(said)) => said < known || said == known && how.is_overtaken(&row.key, head),
            _ => how.is_overtaken(&row.key, head),
        } && !planted!("older-beats-newer");
        match (head, &row.gone) {
            (None, Some(Gone::Deleted)) => taken.counts.unchanged += 1,
            (None, _) => {
                taken.counts.new += 1;
                taken.new.push(word(make_id(), connection, told));
            }
            (Some(head), Some(Gone::Deleted)) if is_out(head) => taken.counts.unchanged += 1,
            (Some(_), _) if is_older => taken.counts.unchanged += 1,
            (Some(head), Some(Gone::Deleted)) => {
                taken.counts.gone += 1;
                taken.modified.extend(row.modified_at.map(|at| (head.id, at)));
                taken.going.push((head.id, head.clone()));
                taken.going_keys.push(told.row.key);
            }
            (Some(head), _) => again(&mut taken, connection, head, told, how),
        }
    }
    taken
}

/// Another word about an object that is known.
fn again(taken: &mut Taken, connection: ConnectionId, head: &Head, told: Told, how: How<'_>) {
    let word = word(head.id, connection, told);
    let is_newer = match (head.modified_at, word.modified_at) {
        (Some(known), Some(said)) => said > known,
        _ => true,
    };
    let stands_alike = head.gone == word.gone;
    if how.is_only_for_news() && !is_newer && stands_alike && !planted!("older-beats-newer") {
        taken.counts.unchanged += 1;
        return;
    }
    if head.hash == word.hash && stands_alike && head.parent_key == word.parent_key {
        taken.counts.unchanged += 1;
        taken
            .modified
            .extend(word.modified_at.filter(|_| is_newer && head.modified_at.is_some()).map(|at| (head.id, at)));
        return;
    }
    match word.gone.is_some() && !stands_alike {
        true => taken.counts.gone += 1,
        false => taken.counts.changed += 1,
    }
    taken.before.insert(head.id, head.clone());
    taken.changed.push(word);
}

fn word(id: RecordId, connection: ConnectionId, Told { row, text }: Told) -> Word {
    Word {
        id,
        hash: hash_of(connection, &text),
        key: row.key,
        parent_key: row.parent,
        modified_at: row.modified_at,
        gone: row.gone,
        payload: row.payload,
        text,
        settled: None,
    }
}

/// Ids of new records, made at `now`.
pub(super) fn ids_at(ids: &IdMaker, now: Timestamp) -> impl FnMut() -> RecordId {
    move || ids.make(now)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AT: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn row(key: &str, name: &str, seconds: i64) -> Row {
        let modified_at = Some(AT.plus_seconds(seconds));
        Row { key: key.to_owned(), parent: None, modified_at, gone: None, payload: json!({ "name": name }) }
    }

    fn connection() -> ConnectionId {
        ConnectionId::from_uuid(uuid::Uuid::from_u128(7))
    }

    fn take(rows: Vec<Row>, heads: &HashMap<String, Head>, is_sweep: bool) -> Taken {
        take_how(rows, heads, if is_sweep { How::Sweep } else { How::Page })
    }

    fn take_how(rows: Vec<Row>, heads: &HashMap<String, Head>, how: How<'_>) -> Taken {
        let ids = IdMaker::seeded(1);
        let rows = rows.into_iter().map(Told::from).collect();
        sort(connection(), rows, heads, how, ids_at(&ids, AT))
    }

    /// What is known once these rows are stored.
    fn known(rows: Vec<Row>) -> HashMap<String, Head> {
        let head = |word: Word| {
            let Word { id, hash, parent_key, modified_at, gone, .. } = word;
            (word.key, Head { id, hash, parent_key, modified_at, gone })
        };
        take(rows, &HashMap::new(), false).new.into_iter().map(head).collect()
    }

    #[test]
    fn each_row_counts_once() {
        let heads = known(vec![row("1", "Ann", 0), row("2", "Bob", 0), row("3", "Cy", 0), row("4", "Di", 0)]);
        let rows = vec![
            row("1", "Ann", 0),
            row("2", "Bobby", 5),
            Row { gone: Some(Gone::Inactive), ..row("3", "Cy", 5) },
            Row { gone: Some(Gone::Deleted), ..row("4", "", 5) },
            row("5", "Ed", 0),
            row("5", "Eddy", 0),
            Row { gone: Some(Gone::Deleted), ..row("6", "", 5) },
        ];
        let taken = take(rows, &heads, false);
        let Counts { fetched, new, changed, unchanged, gone, skipped, failed } = taken.counts;
        assert_eq!((fetched, new, changed, unchanged, gone, skipped, failed), (7, 1, 1, 3, 2, 0, 0));
        assert_eq!(taken.new[0].payload, json!({ "name": "Eddy" }), "the later one counts");
        assert_eq!(taken.going.len(), 1);
    }

    #[test]
    fn older_never_beats_newer_and_equal_stamps_do() {
        let heads = known(vec![row("1", "Ann", 5)]);
        assert_eq!(take(vec![row("1", "Anna", 4)], &heads, false).counts.unchanged, 1);
        assert_eq!(take(vec![row("1", "Anna", 5)], &heads, false).counts.changed, 1);
        let unstamped = Row { modified_at: None, ..row("1", "Anna", 0) };
        assert_eq!(take(vec![unstamped], &heads, false).counts.changed, 1);
    }

    #[test]
    fn a_sweep_takes_what_is_newer_or_stands_otherwise() {
        let heads = known(vec![row("1", "Ann", 5)]);
        assert_eq!(take(vec![row("1", "in other words", 5)], &heads, true).counts.unchanged, 1);
        assert_eq!(take(vec![row("1", "Anna", 6)], &heads, true).counts.changed, 1);
        let inactive = Row { gone: Some(Gone::Inactive), ..row("1", "Ann", 5) };
        assert_eq!(take(vec![inactive], &heads, true).counts.gone, 1);
    }

    #[test]
    fn what_was_said_while_an_answer_was_on_its_way_gives_way_to_a_newer_stamp_only() {
        let seen = known(vec![row("1", "Ann", 5)]);
        let deleted = || Row { gone: Some(Gone::Deleted), modified_at: None, ..row("1", "", 0) };
        let unstamped = || Row { modified_at: None, ..row("1", "Anna", 0) };
        // Nobody said anything meanwhile.
        assert_eq!(take_how(vec![row("1", "Anna", 6)], &seen, How::Beside(&seen)).counts.changed, 1);
        assert_eq!(take_how(vec![unstamped()], &seen, How::Beside(&seen)).counts.changed, 1);
        assert_eq!(take_how(vec![deleted()], &seen, How::Beside(&seen)).going.len(), 1);
        assert_eq!(take_how(vec![row("2", "Bob", 0)], &seen, How::Beside(&seen)).counts.new, 1);
        // Somebody did: it was changed, came, or was taken out.
        let mut out = known(vec![row("1", "Anne", 7)]);
        out.get_mut("1").unwrap().gone = Some(Gone::Deleted);
        for (heads, seen) in [
            (known(vec![row("1", "Anne", 7)]), &seen),
            (known(vec![row("1", "Anne", 7)]), &HashMap::new()),
            (out, &seen),
        ] {
            for old in [row("1", "Anna", 6), row("1", "Anna", 7), unstamped(), deleted()] {
                let taken = take_how(vec![old.clone()], &heads, How::Beside(seen));
                assert_eq!((taken.counts.unchanged, taken.going.len()), (1, 0), "{old:?}");
            }
            assert_eq!(take_how(vec![row("1", "Anna", 8)], &heads, How::Beside(seen)).counts.unchanged, 0);
        }
    }

    #[test]
    fn one_that_comes_back_has_arrived() {
        let mut heads = known(vec![row("1", "Ann", 5)]);
        let head = heads.get_mut("1").unwrap();
        (head.gone, head.hash) = (Some(Gone::Deleted), [0; 32]);
        let id = head.id;
        let taken = take(vec![row("1", "Ann", 5)], &heads, false);
        assert_eq!(taken.arrived().map(|word| word.id).collect::<Vec<_>>(), [id]);
    }

    #[test]
    fn two_connections_have_two_hashes() {
        let other = ConnectionId::from_uuid(uuid::Uuid::from_u128(8));
        assert_ne!(hash_of(connection(), "{}"), hash_of(other, "{}"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused_with_a_reason() {
        for key in ["", "a\0b", &"x".repeat(MAX_KEY_BYTES + 1)] {
            assert!(sound("customers", row(key, "", 0)).is_err(), "{key:?}");
        }
        let huge = Row { payload: json!("x".repeat(MAX_PAYLOAD_BYTES)), ..row("1", "", 0) };
        let refused = sound("customers", huge).err().unwrap();
        assert!(refused.reason.contains("megabyte") && refused.key.as_deref() == Some("1"));
        assert!(sound("customers", Row { parent: Some(String::new()), ..row("1", "", 0) }).is_err());
        assert!(sound("customers", row("1", "Ann", 0)).is_ok());
    }
}
