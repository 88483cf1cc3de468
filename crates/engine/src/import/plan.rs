//! The plan: what every row of the archive comes to, given what the hub holds. Made by reading only.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use doorstep_core::IdMaker;
use doorstep_core::Timestamp;
use doorstep_core::id::ImportId;
use doorstep_core::import::{FileKind, Summary};
use doorstep_core::matching::Rules;
use doorstep_core::phone::Phone;
use doorstep_core::planted;
use doorstep_store::Tx;
use doorstep_upstream::phone_history::{Archive, Options, Party, manifest_differences};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::contacts::{Caller, Callers, ContactPlan, Contacts};
use super::conversations::ConversationPlan;
use super::outcome::Fates;
use super::problems::Problems;
use super::reader::Source;
use super::rows::{RowsInPlan, explain};
use crate::error::{Error, Result};
use crate::{Engine, rules};

/// Problems that are kept with their words; all are counted. A person reads the first few dozen, and the file of a
/// tool that repairs exports may be longer; a file that is bad throughout must not fill the disk.
pub const MAX_PROBLEMS: usize = 10_000;

/// How far a plan or its application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Done of `total`: unpacked bytes while planning, rows while applying.
    pub done: u64,
    /// All of it.
    pub total: u64,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading the archive and comparing it with the hub.
    Planning,
    /// Putting rows in.
    Applying,
    /// Taking rows out.
    Undoing,
}

/// What an archive would do.
#[derive(Debug)]
pub struct Plan {
    pub(super) contacts: ContactPlan,
    pub(super) callers: Vec<Caller>,
    pub(super) conversations: ConversationPlan,
    pub(super) messages: Fates,
    pub(super) calls: Fates,
    pub(super) summary: Summary,
    pub(super) problems: Problems,
    pub(super) digest: String,
    stands_on: BTreeSet<ImportId>,
    mapping: Value,
    manifest: Value,
}

/// What all parts of a plan in the making add to.
pub(super) struct Making {
    /// The import that is planned.
    pub import: ImportId,
    /// The tenant's.
    pub rules: Rules,
    pub problems: Problems,
    /// Earlier imports that brought what this one passes over.
    pub stands_on: BTreeSet<ImportId>,
    /// Data rows of each file.
    pub rows: BTreeMap<FileKind, u64>,
    /// Phones of the file's contacts.
    pub phones: HashSet<String>,
}

impl Making {
    fn new(import: ImportId, rules: Rules) -> Self {
        Self {
            import,
            rules,
            problems: Problems::default(),
            stands_on: BTreeSet::new(),
            rows: BTreeMap::new(),
            phones: HashSet::new(),
        }
    }

    /// Counts rows, and keeps what is to be noted about one that may go in all the same.
    pub fn note(&mut self, file: FileKind, line: u64, rows: u64, notes: Vec<String>) {
        *self.rows.entry(file).or_default() += rows;
        for note in notes {
            self.problems.push(file, line, note);
        }
    }
}

/// Tells how many of the archive's bytes have been read.
struct Meter<'a> {
    tell: &'a (dyn Fn(Progress) + Send + Sync),
    total: u64,
    before: u64,
    in_file: u64,
}

impl Meter<'_> {
    fn at(&mut self, bytes_read: u64) {
        self.in_file = bytes_read;
        (self.tell)(Progress { phase: Phase::Planning, done: self.before + bytes_read, total: self.total });
    }

    fn next_file(&mut self) {
        self.before += std::mem::take(&mut self.in_file);
    }
}

/// Makes the plan.
#[crate::boxed]
pub(super) async fn make(
    tx: &mut Tx,
    engine: &Engine,
    import: ImportId,
    source: &Source,
    tell: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Plan> {
    let ids = &*engine.ids;
    let opened = source.clone();
    let archive = tokio::task::spawn_blocking(move || opened.open()).await;
    let archive = archive.map_err(|_| Error::Unfit("reading the archive was interrupted".to_owned()))??;
    let mut meter = Meter { tell, total: archive.unpacked_bytes(), before: 0, in_file: 0 };
    let rules = rules(tx).await?;
    let mut making = Making::new(import, rules.clone());
    archive.problems().iter().for_each(|problem| making.problems.add(problem.clone()));
    let mut callers = Callers::default();
    let mut digest = Sha256::new();
    read_as(&source.options, &mut digest);

    let contacts = read_contacts(tx, ids, source, &mut meter, &mut making).await?;
    let contacts = contacts.finish(tx, &rules, &mut digest, &mut making.problems, engine.max_component).await?;
    meter.next_file();
    let mut conversations = ConversationPlan::default();
    let mut pages = source.pages(Archive::conversations);
    while let Some(page) = pages.next().await? {
        conversations.page(tx, ids, &contacts, page.rows, &mut callers, &mut making).await?;
        meter.at(page.bytes_read);
    }
    meter.next_file();
    let messages = read_messages(tx, ids, source, &mut conversations, &mut callers, &mut meter, &mut making).await?;
    meter.next_file();
    let calls = read_calls(tx, source, &contacts, &mut callers, &mut meter, &mut making).await?;
    let callers = callers.finish(tx, ids, &rules).await?;

    conversations.close();
    conversations.explain(&mut making.problems);
    let summary = Summary {
        contacts: contacts.counts,
        conversations: conversations.counts(),
        messages: explain(FileKind::Messages, &messages, &mut making.problems),
        calls: explain(FileKind::Calls, &calls, &mut making.problems),
    };
    for fates in [&contacts.fates, &conversations.fates, &messages, &calls] {
        if planted!("the-digest-knows-counts-only") {
            break;
        }
        let bytes: Vec<u8> = fates.of_row.iter().map(|fate| *fate as u8).collect();
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(&bytes);
    }
    if !planted!("the-digest-knows-no-callers") {
        callers.iter().for_each(|caller| digest.update(caller.phone.as_str()));
    }
    digest.update(serde_json::to_string(&summary).unwrap_or_default());
    Ok(Plan {
        mapping: serde_json::to_value(archive.mapping()).unwrap_or_default(),
        manifest: shown_manifest(&archive, &making),
        digest: digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        stands_on: making.stands_on,
        problems: making.problems,
        contacts,
        callers,
        conversations,
        messages,
        calls,
        summary,
    })
}

/// What the tenant is decides how a row is read: a plan made before it was changed is another plan.
fn read_as(options: &Options, digest: &mut Sha256) {
    let own: Vec<&str> = options.own_numbers.iter().map(Phone::as_str).collect();
    digest.update(format!("{} {} {}\n", options.zone.name(), options.region, own.join(" ")));
}

async fn read_contacts(
    tx: &mut Tx,
    ids: &IdMaker,
    source: &Source,
    meter: &mut Meter<'_>,
    making: &mut Making,
) -> Result<Contacts> {
    let mut contacts = Contacts::default();
    let mut pages = source.pages(Archive::contacts);
    while let Some(page) = pages.next().await? {
        contacts.page(tx, ids, page.rows, making).await?;
        meter.at(page.bytes_read);
    }
    making.phones = contacts.take_phones();
    Ok(contacts)
}

async fn read_messages(
    tx: &mut Tx,
    ids: &IdMaker,
    source: &Source,
    conversations: &mut ConversationPlan,
    callers: &mut Callers,
    meter: &mut Meter<'_>,
    making: &mut Making,
) -> Result<Fates> {
    let mut planned = RowsInPlan::new()?;
    let mut pages = source.pages(Archive::messages);
    while let Some(page) = pages.next().await? {
        conversations.ask(tx, &page.rows, making).await?;
        for row in page.rows {
            making.note(FileKind::Messages, row.line, row.rows, row.notes);
            let message = match row.outcome {
                Ok(message) => message,
                Err(reason) => {
                    planned.bad(row.line, row.rows);
                    making.problems.push(FileKind::Messages, row.line, reason);
                    continue;
                }
            };
            let named = message.conversation_key.as_ref();
            let unknown = named.filter(|key| !conversations.by_key.contains(key));
            let placed = conversations.place(&message).or_else(|| conversations.imply(tx.now(), ids, &message));
            let Some(placed) = placed else {
                planned.bad(row.line, row.rows);
                let reason = "belongs to no conversation of the archive and names no number that can be read";
                making.problems.push(FileKind::Messages, row.line, reason.to_owned());
                continue;
            };
            if let Some(key) = unknown {
                let reason =
                    format!("conversation `{key}` is in no conversations.csv; the message goes by its numbers");
                making.problems.push(FileKind::Messages, row.line, reason);
            }
            if named.is_none() || unknown.is_some() {
                note_parties(callers, making, message.counterparts(), message.sent_at);
            }
            planned.push(row.line, &message, placed.place)?;
        }
        meter.at(page.bytes_read);
    }
    planned.finish(tx, FileKind::Messages, making).await
}

async fn read_calls(
    tx: &mut Tx,
    source: &Source,
    contacts: &ContactPlan,
    callers: &mut Callers,
    meter: &mut Meter<'_>,
    making: &mut Making,
) -> Result<Fates> {
    let mut planned = RowsInPlan::new()?;
    let mut pages = source.pages(Archive::calls);
    while let Some(page) = pages.next().await? {
        for row in page.rows {
            making.note(FileKind::Calls, row.line, row.rows, row.notes);
            let call = match row.outcome {
                Ok(call) => call,
                Err(reason) => {
                    planned.bad(row.line, row.rows);
                    making.problems.push(FileKind::Calls, row.line, reason);
                    continue;
                }
            };
            let record = call.contact_key.as_deref().and_then(|key| contacts.by_key.get(key));
            let has_number = call.counterparts().any(|party| party.normal().is_some());
            match (&call.contact_key, record, has_number) {
                (_, None, false) => {
                    planned.bad(row.line, row.rows);
                    let reason = "names no contact of the archive and no number that can be read";
                    making.problems.push(FileKind::Calls, row.line, reason.to_owned());
                    continue;
                }
                (Some(key), None, true) => {
                    let reason = format!("contact `{key}` is in no contacts.csv; the call goes by its number");
                    making.problems.push(FileKind::Calls, row.line, reason);
                }
                _ => {}
            }
            if record.is_none() {
                note_parties(callers, making, call.counterparts(), call.started_at);
            }
            planned.push(row.line, &call, 0)?;
        }
        meter.at(page.bytes_read);
    }
    planned.finish(tx, FileKind::Calls, making).await
}

/// Notes the numbers of a row that goes by its numbers and are in no contact.
fn note_parties<'a>(callers: &mut Callers, making: &Making, parties: impl Iterator<Item = &'a Party>, at: Timestamp) {
    for phone in parties.filter_map(|party| party.phone.as_ref()) {
        if !making.phones.contains(phone.as_str()) {
            callers.note(phone, at);
        }
    }
}

/// The manifest as it is, and where its counts differ from the rows that were found.
fn shown_manifest(archive: &Archive, making: &Making) -> Value {
    let Some(manifest) = archive.manifest() else { return Value::Null };
    let found = FileKind::TABLES.map(|file| (file, making.rows.get(&file).copied().unwrap_or_default()));
    let differences = manifest_differences(manifest, found);
    let mut shown = match manifest {
        Value::Object(map) => map.clone(),
        other => serde_json::Map::from_iter([("content".to_owned(), other.clone())]),
    };
    shown.insert("differences".to_owned(), serde_json::to_value(differences).unwrap_or_default());
    Value::Object(shown)
}

impl Plan {
    /// Rows that applying puts in.
    pub(super) fn rows_total(&self) -> u64 {
        use super::outcome::Fate;
        let files = [&self.contacts.fates, &self.conversations.fates, &self.messages, &self.calls];
        let rows: u64 = files.iter().map(|fates| fates.count(Fate::New)).sum();
        rows + self.callers.len() as u64 + self.conversations.implied.len() as u64
    }

    /// What the plan shows beside the counts; stored with the import.
    pub(super) fn shown(&self, aliases: &BTreeMap<String, Vec<String>>) -> Value {
        json!({
            "mapping": self.mapping,
            "manifest": self.manifest,
            "callers": { "new": self.callers.len() },
            "aliases": aliases,
            "stands_on": self.stands_on,
        })
    }
}

/// The extra names of columns that a stored plan was made with.
pub(super) fn aliases_of(shown: &Value) -> BTreeMap<String, Vec<String>> {
    shown.get("aliases").and_then(|aliases| serde_json::from_value(aliases.clone()).ok()).unwrap_or_default()
}

/// The earlier imports whose rows a stored plan passes over.
pub(super) fn stands_on(shown: &Value) -> BTreeSet<ImportId> {
    shown.get("stands_on").and_then(|ids| serde_json::from_value(ids.clone()).ok()).unwrap_or_default()
}
