//! Which conversation a message belongs to, and who takes part in it.

use std::collections::{HashMap, HashSet};

use doorstep_core::IdMaker;
use doorstep_core::id::{ConversationId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::import::{Counts, FileKind};
use doorstep_core::record::Source;
use doorstep_store::conversation::Participant;
use doorstep_store::{Tx, conversation, record};
use doorstep_upstream::phone_history::{ConversationRow, MessageRow, Party, Row};

use super::contacts::{CONTACTS, Callers, ContactPlan};
use super::outcome::{Fate, Fates};
use super::plan::Making;
use super::problems::Problems;
use crate::error::Result;

/// Leads the key of a conversation that no file names: the numbers that take part stand for it.
const BY_NUMBERS: &str = "numbers:";

/// A conversation of the file, of the hub, or implied by messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub id: ConversationId,
    /// Its place among all that the plan has met: counts occurrences of equal texts.
    pub place: u32,
}

/// A conversation that only messages speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Implied {
    pub id: ConversationId,
    pub key: String,
    pub participants: Vec<Participant>,
}

/// What becomes of the conversations.
#[derive(Debug, Default)]
pub(super) struct ConversationPlan {
    pub fates: Fates,
    pub by_key: HashMap<String, Placed>,
    pub implied: Vec<Implied>,
    /// The records of contacts of earlier archives that this one speaks of.
    pub contacts: HashMap<String, RecordId>,
    /// Keys asked for and found nowhere.
    nowhere: HashSet<String>,
    asked_contacts: HashSet<String>,
}

impl ConversationPlan {
    /// Takes in a page of conversations.csv.
    pub async fn page(
        &mut self,
        tx: &mut Tx,
        ids: &IdMaker,
        contacts: &ContactPlan,
        rows: Vec<Row<ConversationRow>>,
        callers: &mut Callers,
        making: &mut Making,
    ) -> Result<()> {
        let keys: Vec<&str> = rows.iter().filter_map(|row| Some(row.outcome.as_ref().ok()?.key.as_str())).collect();
        let known = conversation::by_keys(tx, Source::PhoneHistory, &keys).await?;
        let spoken_of = rows.iter().filter_map(|row| row.outcome.as_ref().ok()?.contact_key.as_deref());
        self.ask_contacts(tx, contacts, spoken_of.map(str::to_owned).collect(), making).await?;
        for row in rows {
            making.note(FileKind::Conversations, row.line, row.rows, row.notes);
            let conversation = match row.outcome {
                Ok(conversation) => conversation,
                Err(reason) => {
                    self.fates.push(row.line, Fate::Bad);
                    making.problems.push(FileKind::Conversations, row.line, reason);
                    continue;
                }
            };
            if let Some((id, import)) = known.get(&conversation.key) {
                making.stands_on.extend(*import);
                self.fates.push(row.line, Fate::Known);
                self.meet(conversation.key, *id);
            } else if self.by_key.contains_key(&conversation.key) {
                self.fates.push(row.line, Fate::Repeated);
            } else {
                self.new_row(tx.now(), ids, contacts, row.line, conversation, callers, making);
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "one row with all that decides about it")]
    fn new_row(
        &mut self,
        now: doorstep_core::Timestamp,
        ids: &IdMaker,
        contacts: &ContactPlan,
        line: u64,
        row: ConversationRow,
        callers: &mut Callers,
        making: &mut Making,
    ) {
        let unknown = row.contact_key.as_ref().filter(|key| self.contact(contacts, key).is_none());
        let participants = self.participants(contacts, &row);
        if participants.is_empty() {
            let reason = match unknown {
                Some(key) => format!("contact `{key}` is in no contacts.csv, and no participant can be read"),
                None => "names no contact and no participant that can be read".to_owned(),
            };
            self.fates.push(line, Fate::Bad);
            making.problems.push(FileKind::Conversations, line, reason);
            return;
        }
        if let Some(key) = unknown {
            let reason = format!("contact `{key}` is in no contacts.csv; the conversation goes by its participants");
            making.problems.push(FileKind::Conversations, line, reason);
        }
        if let Some(at) = row.last_message_at.or(row.started_at) {
            note_callers(callers, making, &participants, at);
        }
        self.fates.push(line, Fate::New);
        self.meet(row.key, ids.make(now));
    }

    fn meet(&mut self, key: String, id: ConversationId) {
        let place = u32::try_from(self.by_key.len()).unwrap_or(u32::MAX);
        self.by_key.entry(key).or_insert(Placed { id, place });
    }

    /// Looks up contacts that are not in this archive but may have come with an earlier one.
    pub async fn ask_contacts(
        &mut self,
        tx: &mut Tx,
        contacts: &ContactPlan,
        keys: Vec<String>,
        making: &mut Making,
    ) -> Result<()> {
        let unknown: Vec<String> = keys
            .into_iter()
            .filter(|key| !contacts.by_key.contains_key(key) && self.asked_contacts.insert(key.clone()))
            .collect();
        let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
        for (key, (id, import)) in record::by_keys(tx, Source::PhoneHistory, CONTACTS, &unknown).await? {
            making.stands_on.extend(import);
            self.contacts.insert(key, id);
        }
        Ok(())
    }

    /// The record behind a `contact_id`.
    pub fn contact(&self, contacts: &ContactPlan, key: &str) -> Option<RecordId> {
        contacts.by_key.get(key).or_else(|| self.contacts.get(key)).copied()
    }

    /// Who takes part. The contact that the file names stands for itself; in a group the others go by number.
    pub fn participants(&self, contacts: &ContactPlan, row: &ConversationRow) -> Vec<Participant> {
        let by_identifier = |value: &String| Participant { identifier: identifier_of(value), record: None };
        let contact = row.contact_key.as_deref().and_then(|key| Some((key, self.contact(contacts, key)?)));
        let Some((key, record)) = contact else { return row.participants.iter().map(by_identifier).collect() };
        let source_key = format!("{}:{CONTACTS}:{key}", Source::PhoneHistory);
        let by_key = Identifier { kind: IdentifierKind::SourceKey, value: source_key };
        match row.participants.as_slice() {
            [] => vec![Participant { identifier: by_key, record: Some(record) }],
            [one] => vec![Participant { identifier: identifier_of(one), record: Some(record) }],
            several => {
                let mut all = vec![Participant { identifier: by_key, record: Some(record) }];
                all.extend(several.iter().map(by_identifier));
                all
            }
        }
    }

    /// Looks up the conversations of a page of messages that the plan has not met: they may have come with an
    /// earlier archive.
    pub async fn ask(&mut self, tx: &mut Tx, rows: &[Row<MessageRow>], making: &mut Making) -> Result<()> {
        let mut unknown: Vec<String> = Vec::new();
        for row in rows.iter().filter_map(|row| row.outcome.as_ref().ok()) {
            let named = row.conversation_key.clone();
            for key in named.into_iter().chain(by_numbers(row)) {
                if !self.by_key.contains_key(&key) && self.nowhere.insert(key.clone()) {
                    unknown.push(key);
                }
            }
        }
        let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
        for (key, (id, import)) in conversation::by_keys(tx, Source::PhoneHistory, &unknown).await? {
            making.stands_on.extend(import);
            self.meet(key, id);
        }
        Ok(())
    }

    /// Where a message belongs: the conversation that it names, else the one of its numbers.
    pub fn place(&self, row: &MessageRow) -> Option<Placed> {
        let named = row.conversation_key.as_ref().and_then(|key| self.by_key.get(key));
        named.copied().or_else(|| self.by_key.get(&by_numbers(row)?).copied())
    }

    /// Makes a conversation for a message that belongs nowhere yet; `None` if it has no number to go by.
    pub fn imply(&mut self, now: doorstep_core::Timestamp, ids: &IdMaker, row: &MessageRow) -> Option<Placed> {
        let key = by_numbers(row)?;
        let id: ConversationId = ids.make(now);
        let participants = normal_parties(row).into_iter();
        let participants = participants.map(|value| Participant { identifier: identifier_of(value), record: None });
        self.implied.push(Implied { id, key: key.clone(), participants: participants.collect() });
        self.meet(key.clone(), id);
        self.by_key.get(&key).copied()
    }

    pub fn counts(&self) -> Counts {
        let new = self.fates.count(Fate::New) + self.implied.len() as u64;
        Counts { new, skipped: self.fates.of_row.len() as u64 - self.fates.count(Fate::New) }
    }

    pub fn explain(&mut self, problems: &mut Problems) {
        self.nowhere = HashSet::new();
        problems.add_runs(FileKind::Conversations, &self.fates, Fate::Known, "already imported");
        let repeated = "its `conversation_id` is that of an earlier row of the file";
        problems.add_runs(FileKind::Conversations, &self.fates, Fate::Repeated, repeated);
    }
}

/// A phone in E.164 starts with a plus sign; everything else that takes part is an e-mail address.
fn identifier_of(value: &str) -> Identifier {
    let kind = if value.starts_with('+') { IdentifierKind::Phone } else { IdentifierKind::Email };
    Identifier { kind, value: value.to_owned() }
}

/// The other sides' numbers and addresses, sorted, each once.
fn normal_parties(row: &MessageRow) -> Vec<&str> {
    let mut parties: Vec<&str> = row.counterparts().filter_map(Party::normal).collect();
    parties.sort_unstable();
    parties.dedup();
    parties
}

/// The key of the conversation between the tenant and these numbers.
fn by_numbers(row: &MessageRow) -> Option<String> {
    let parties = normal_parties(row);
    (!parties.is_empty()).then(|| format!("{BY_NUMBERS}{}", parties.join(",")))
}

/// Whom a message is with, for telling equal messages: its numbers, which are the same whatever the conversation
/// is called (failure story H3), else the conversation.
pub(super) fn with_whom(row: &MessageRow) -> String {
    by_numbers(row).or_else(|| row.conversation_key.clone()).unwrap_or_default()
}

/// Notes the numbers that are in no contact.
pub(super) fn note_callers(
    callers: &mut Callers,
    making: &Making,
    participants: &[Participant],
    at: doorstep_core::Timestamp,
) {
    for participant in participants.iter().filter(|participant| participant.record.is_none()) {
        if participant.identifier.kind == IdentifierKind::Phone && !making.phones.contains(&participant.identifier.value)
        {
            let phone = doorstep_core::phone::Phone::from_normal(participant.identifier.value.clone());
            callers.note(&phone, at);
        }
    }
}
