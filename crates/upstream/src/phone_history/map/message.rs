//! A row of messages.csv.

use std::fmt;

use doorstep_core::conversation::Direction;
use doorstep_core::time::Timestamp;

use super::super::wire;
use super::Mapper;
use super::party::Party;
use super::text::{self, Notes};
use super::way::{Of, Sides};

/// How many attachments of a message are kept; a picture message has at most some twenty.
const MAX_ATTACHMENTS: usize = 100;
/// Words and numbers that say whether there is an attachment, not which.
const NOT_ATTACHMENTS: [&str; 6] = ["0", "1", "false", "true", "no", "yes"];

/// A message in our words. Its `Debug` shows its keys only.
#[derive(Clone, PartialEq)]
pub struct MessageRow {
    /// `message_id`.
    pub key: Option<String>,
    /// `conversation_id`.
    pub conversation_key: Option<String>,
    /// The sender.
    pub from: Option<Party>,
    /// The recipients.
    pub to: Vec<Party>,
    /// As the file says, else as the own numbers tell.
    pub direction: Direction,
    /// As written, NUL characters taken out.
    pub body: String,
    /// As the file says; never the time of the import.
    pub sent_at: Timestamp,
    /// The source's word.
    pub status: Option<String>,
    /// Names or addresses of files.
    pub attachments: Vec<String>,
}

impl MessageRow {
    /// The parties that are not the tenant's own numbers.
    pub fn counterparts(&self) -> impl Iterator<Item = &Party> {
        self.from.iter().chain(&self.to).filter(|party| !party.is_own)
    }
}

impl fmt::Debug for MessageRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageRow").field("key", &self.key).field("sent_at", &self.sent_at).finish_non_exhaustive()
    }
}

impl Mapper<'_> {
    /// Maps a row of messages.csv.
    pub fn message(&mut self, row: wire::Row<'_>, notes: &mut Notes) -> Result<MessageRow, String> {
        let wire = wire::Message::from(row);
        let sent_at = text::needed_time("sent_at", wire.sent_at, wire.sent_time, &self.options.zone)?;
        let key = text::key("message_id", wire.message_id)?;
        let conversation_key = text::key("conversation_id", wire.conversation_id)?;
        let sides = self.sides(wire.from_number, &wire.to_number, wire.other_number, notes);
        let settled = sides.settle(wire.direction, Of::Message, notes);
        let attachments = attachments(&wire.attachments, notes);
        if wire.body.trim().is_empty() && attachments.is_empty() {
            notes.push("has neither text nor attachment".to_owned());
        }
        Ok(MessageRow {
            key,
            conversation_key,
            from: settled.from,
            to: settled.to,
            direction: settled.direction,
            body: wire.body.to_owned(),
            sent_at,
            status: text::short("status", wire.status, notes).or(settled.status.map(str::to_owned)),
            attachments,
        })
    }

    /// Who is on which side, as far as the columns say.
    pub(super) fn sides(&mut self, from: &str, to: &[&str], other: &str, notes: &mut Notes) -> Sides {
        let mut senders = self.people.read("from_number", from, notes).into_iter();
        let from = senders.next();
        if senders.next().is_some() {
            notes.push("`from_number` holds several; the first counts".to_owned());
        }
        let to = match to {
            [cell] => self.people.read("to_number", cell, notes),
            cells => cells.iter().flat_map(|cell| self.people.read("to_number", cell, notes)).collect(),
        };
        Sides { from, to, other: self.people.read("other_number", other, notes) }
    }
}

/// The attachments of all cells.
fn attachments(cells: &[&str], notes: &mut Notes) -> Vec<String> {
    let mut all: Vec<String> = cells.iter().flat_map(|cell| attachments_of(cell)).collect();
    if all.len() > MAX_ATTACHMENTS {
        notes.push(format!("has {} attachments; the first {MAX_ATTACHMENTS} are kept", all.len()));
        all.truncate(MAX_ATTACHMENTS);
    }
    all
}

fn attachments_of(cell: &str) -> Vec<String> {
    if NOT_ATTACHMENTS.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
        return vec![];
    }
    if let Some(list) = cell.starts_with('[').then(|| serde_json::from_str::<Vec<String>>(cell).ok()).flatten() {
        return list.iter().filter_map(|name| text::without_control(name)).collect();
    }
    // A file may have a comma in its name; a list of files has a dot in each of its parts.
    let by_comma = cell.contains(',') && cell.split(',').all(|part| part.contains('.'));
    let parts = cell.split(|c| matches!(c, ';' | '|' | '\n') || by_comma && c == ',');
    parts.filter_map(text::without_control).collect()
}
