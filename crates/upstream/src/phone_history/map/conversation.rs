//! A row of conversations.csv.

use std::fmt;

use doorstep_core::conversation::Channel;
use doorstep_core::time::Timestamp;
use serde_json::Value;

use super::super::wire;
use super::text::{self, Notes, shown};
use super::{Mapper, contact};

/// Words for what a conversation runs over; what is not here is `other`.
const CHANNELS: [(&str, Channel); 20] = [
    ("sms", Channel::Sms),
    ("mms", Channel::Sms),
    ("rcs", Channel::Sms),
    ("text", Channel::Sms),
    ("texts", Channel::Sms),
    ("message", Channel::Sms),
    ("messages", Channel::Sms),
    ("imessage", Channel::Sms),
    ("group", Channel::Sms),
    ("voice", Channel::Voice),
    ("call", Channel::Voice),
    ("calls", Channel::Voice),
    ("phone", Channel::Voice),
    ("voicemail", Channel::Voice),
    ("email", Channel::Email),
    ("e-mail", Channel::Email),
    ("web_chat", Channel::WebChat),
    ("webchat", Channel::WebChat),
    ("web chat", Channel::WebChat),
    ("chat", Channel::WebChat),
];

/// A conversation in our words. Its `Debug` shows its keys only.
#[derive(Clone, PartialEq)]
pub struct ConversationRow {
    /// `conversation_id`.
    pub key: String,
    /// `contact_id`.
    pub contact_key: Option<String>,
    /// Who takes part: E.164 or e-mail address, each once, the tenant's own numbers left out.
    pub participants: Vec<String>,
    /// Text messages where the file does not say.
    pub channel: Channel,
    /// As the file says.
    pub started_at: Option<Timestamp>,
    /// As the file says.
    pub last_message_at: Option<Timestamp>,
    /// As the file says.
    pub message_count: Option<i64>,
    /// The row as it said itself.
    pub payload: Value,
}

impl fmt::Debug for ConversationRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationRow").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Mapper<'_> {
    /// Maps a row of conversations.csv.
    pub fn conversation(&mut self, row: wire::Row<'_>, notes: &mut Notes) -> Result<ConversationRow, String> {
        let wire = wire::Conversation::from(row);
        let key = text::key("conversation_id", wire.conversation_id)?.ok_or("`conversation_id` is blank")?;
        let zone = &self.options.zone;
        let started_at = text::time("started_at", wire.started_at, zone, notes);
        let last_message_at = text::time("last_message_at", wire.last_message_at, zone, notes);
        Ok(ConversationRow {
            key,
            contact_key: text::key("contact_id", wire.contact_id)?,
            participants: self.participants(&wire.participants, notes),
            channel: channel(wire.channel),
            started_at,
            last_message_at,
            message_count: count(wire.message_count, notes),
            payload: contact::payload(row),
        })
    }

    fn participants(&mut self, cells: &[&str], notes: &mut Notes) -> Vec<String> {
        let mut all: Vec<String> = vec![];
        for cell in cells {
            for party in self.people.read("participants", cell, notes) {
                let normal = party.normal().filter(|_| !party.is_own).map(str::to_owned);
                all.extend(normal.filter(|normal| !all.contains(normal)));
            }
        }
        all
    }
}

fn channel(cell: &str) -> Channel {
    if cell.is_empty() {
        return Channel::Sms;
    }
    let known = CHANNELS.iter().find(|(word, _)| cell.eq_ignore_ascii_case(word));
    known.map_or(Channel::Other, |(_, channel)| *channel)
}

fn count(cell: &str, notes: &mut Notes) -> Option<i64> {
    if cell.is_empty() {
        return None;
    }
    let count = cell.parse().ok().filter(|count: &i64| *count >= 0);
    if count.is_none() {
        notes.push(format!("`message_count`: `{}` is not a count; left out", shown(cell)));
    }
    count
}
