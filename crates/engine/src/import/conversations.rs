//! Which conversation a message belongs to, and who takes part in it.

use std::collections::{HashMap, HashSet};

use doorstep_core::IdMaker;
use doorstep_core::contact::source_key;
use doorstep_core::id::{ConversationId, ImportId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::import::{Counts, FileKind};
use doorstep_core::record::Source;
use doorstep_store::conversation::Participant;
use doorstep_store::{Tx, conversation};
use doorstep_upstream::phone_history::{ConversationRow, MessageRow, Party, Row};

use super::contacts::{CONTACTS, Callers, ContactPlan};
use super::keys::ByKey;
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

/// Conversations of the hub by key, and which import brought each.
type Known = HashMap<String, (ConversationId, Option<ImportId>)>;

/// What becomes of the conversations.
#[derive(Debug, Default)]
pub(super) struct ConversationPlan {
    pub fates: Fates,
    pub by_key: ByKey<Placed>,
    pub implied: Vec<Implied>,
    /// Conversations of the file whose key stands for other people in the hub, and the key they go by instead.
    renamed: HashMap<String, String>,
    /// Keys asked for before.
    nowhere: HashSet<String>,
}

impl ConversationPlan {
    /// Takes in a page of conversations.csv.
    #[crate::boxed]
    pub async fn page(
        &mut self,
        tx: &mut Tx,
        ids: &IdMaker,
        contacts: &ContactPlan,
        rows: Vec<Row<ConversationRow>>,
        callers: &mut Callers,
        making: &mut Making,
    ) -> Result<()> {
        let known = self.known(tx, contacts, &rows, making).await?;
        for row in rows {
            making.note(FileKind::Conversations, row.line, row.rows, row.notes);
            let conversation = match row.outcome {
                Ok(conversation) => conversation,
                Err(reason) => {
                    self.fates.push_bad(row.line, row.rows);
                    making.problems.push(FileKind::Conversations, row.line, reason);
                    continue;
                }
            };
            if self.by_key.contains(&conversation.key) {
                self.fates.push(row.line, Fate::Repeated);
            } else if let Some((id, import)) = known.get(self.key_of(&conversation.key)) {
                making.stands_on.extend(*import);
                self.fates.push(row.line, Fate::Known);
                self.meet(&conversation.key, *id);
            } else {
                self.new_row(tx.now(), ids, contacts, row.line, conversation, callers, making);
            }
        }
        Ok(())
    }

    /// The page's conversations that the hub has, by the key that they go by there. A conversation of the same
    /// key but with other people is another one: each phone's export may count its conversations from 1.
    async fn known(
        &mut self,
        tx: &mut Tx,
        contacts: &ContactPlan,
        rows: &[Row<ConversationRow>],
        making: &Making,
    ) -> Result<Known> {
        let rows: Vec<&ConversationRow> = rows.iter().filter_map(|row| row.outcome.as_ref().ok()).collect();
        let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        let mut known = conversation::by_keys(tx, Source::PhoneHistory, &keys).await?;
        let ids: Vec<ConversationId> = known.values().map(|(id, _)| *id).collect();
        let people = conversation::participants(tx, &ids).await?;
        let mut renamed: Vec<String> = Vec::new();
        for row in rows {
            let Some((id, _)) = known.get(&row.key) else { continue };
            let said = participants(making.import, contacts, row);
            let said: Vec<&str> = said.iter().map(|who| who.identifier.value.as_str()).collect();
            if !are_same_people(&said, people.get(id)) {
                let other = format!("{}~{}", row.key, said.join(","));
                renamed.push(other.clone());
                self.renamed.insert(row.key.clone(), other);
            }
        }
        for key in self.renamed.keys() {
            known.remove(key);
        }
        let renamed: Vec<&str> = renamed.iter().map(String::as_str).collect();
        known.extend(conversation::by_keys(tx, Source::PhoneHistory, &renamed).await?);
        Ok(known)
    }

    /// The key that a conversation of the file goes by in the hub.
    pub fn key_of<'a>(&'a self, key: &'a str) -> &'a str {
        self.renamed.get(key).map_or(key, String::as_str)
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
        let unknown = row.contact_key.as_ref().filter(|key| !contacts.by_key.contains(key));
        let participants = participants(making.import, contacts, &row);
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
        self.meet(&row.key, ids.make(now));
    }

    fn meet(&mut self, key: &str, id: ConversationId) {
        let place = u32::try_from(self.by_key.len()).unwrap_or(u32::MAX);
        self.by_key.put_if_new(key, Placed { id, place });
    }

    /// Looks up the conversations of a page of messages that the plan has not met: they may have come with an
    /// earlier archive. One that a message names counts only if the message is with the same people.
    #[crate::boxed]
    pub async fn ask(&mut self, tx: &mut Tx, rows: &[Row<MessageRow>], making: &mut Making) -> Result<()> {
        let mut unknown: Vec<(String, Vec<String>)> = Vec::new();
        let readable = rows.iter().filter_map(|row| row.outcome.as_ref().ok());
        let is_met = |row: &&MessageRow| row.conversation_key.as_ref().is_some_and(|key| self.by_key.contains(key));
        for row in readable.filter(|row| !is_met(row)) {
            let with: Vec<String> = normal_parties(row).into_iter().map(str::to_owned).collect();
            for key in row.conversation_key.clone().into_iter().chain(by_numbers(row)) {
                if !self.by_key.contains(&key) && self.nowhere.insert(key.clone()) {
                    unknown.push((key, with.clone()));
                }
            }
        }
        let keys: Vec<&str> = unknown.iter().map(|(key, _)| key.as_str()).collect();
        let known = conversation::by_keys(tx, Source::PhoneHistory, &keys).await?;
        let ids: Vec<ConversationId> = known.values().map(|(id, _)| *id).collect();
        let people = conversation::participants(tx, &ids).await?;
        for (key, with) in unknown {
            let Some((id, import)) = known.get(&key) else { continue };
            let with: Vec<&str> = with.iter().map(String::as_str).collect();
            if are_same_people(&with, people.get(id)) {
                making.stands_on.extend(*import);
                self.meet(&key, *id);
            }
        }
        Ok(())
    }

    /// Where a message belongs: the conversation that it names, else the one of its numbers.
    pub fn place(&self, row: &MessageRow) -> Option<Placed> {
        let named = row.conversation_key.as_ref().and_then(|key| self.by_key.get(key));
        named.or_else(|| self.by_key.get(&by_numbers(row)?))
    }

    /// Makes a conversation for a message that belongs nowhere yet; `None` if it has no number to go by.
    pub fn imply(&mut self, now: doorstep_core::Timestamp, ids: &IdMaker, row: &MessageRow) -> Option<Placed> {
        let key = by_numbers(row)?;
        let id: ConversationId = ids.make(now);
        let participants = normal_parties(row).into_iter();
        let participants = participants.map(|value| Participant { identifier: identifier_of(value), record: None });
        self.implied.push(Implied { id, key: key.clone(), participants: participants.collect() });
        self.meet(&key, id);
        self.by_key.get(&key)
    }

    /// Forgets what only planning needs.
    pub fn close(&mut self) {
        self.nowhere = HashSet::new();
    }

    pub fn counts(&self) -> Counts {
        let new = self.fates.count(Fate::New) + self.implied.len() as u64;
        Counts { new, skipped: self.fates.skipped() }
    }

    pub fn explain(&mut self, problems: &mut Problems) {
        self.nowhere = HashSet::new();
        problems.add_runs(FileKind::Conversations, &self.fates, Fate::Known, "already imported");
        let repeated = "its `conversation_id` is that of an earlier row of the file";
        problems.add_runs(FileKind::Conversations, &self.fates, Fate::Repeated, repeated);
    }
}

/// Who takes part. The contact that the file names stands for itself; in a group the others go by number.
pub(super) fn participants(import: ImportId, contacts: &ContactPlan, row: &ConversationRow) -> Vec<Participant> {
    let by_identifier = |value: &String| Participant { identifier: identifier_of(value), record: None };
    let contact = row.contact_key.as_deref().and_then(|key| Some((key, contacts.by_key.get(key)?)));
    let Some((key, record)) = contact else { return row.participants.iter().map(by_identifier).collect() };
    let value = source_key(Source::PhoneHistory, Some(import), CONTACTS, key);
    let by_key = Identifier { kind: IdentifierKind::SourceKey, value };
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

/// Whether two lists of people can be one conversation's: they share somebody, or one of them says nobody.
fn are_same_people(said: &[&str], stored: Option<&Vec<String>>) -> bool {
    let Some(stored) = stored else { return true };
    let said: Vec<&&str> = said.iter().filter(|value| value.starts_with('+') || value.contains('@')).collect();
    said.is_empty() || stored.is_empty() || said.iter().any(|value| stored.iter().any(|other| other == **value))
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
        if participant.identifier.kind == IdentifierKind::Phone
            && !making.phones.contains(&participant.identifier.value)
        {
            let phone = doorstep_core::phone::Phone::from_normal(participant.identifier.value.clone());
            callers.note(&phone, at);
        }
    }
}
