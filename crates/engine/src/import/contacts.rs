//! What the rows of contacts.csv come to, and the callers whose numbers are in no contact.

use std::collections::{BTreeMap, HashSet};

use doorstep_core::contact::Contact;
use doorstep_core::id::{ImportId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::import::{ContactCounts, FileKind};
use doorstep_core::matching::Rules;
use doorstep_core::phone::Phone;
use doorstep_core::record::{Source, payload_hash};
use doorstep_core::{IdMaker, Timestamp};
use doorstep_store::{Tx, customer, record};
use doorstep_upstream::phone_history::{ContactRow, Row};
use sha2::{Digest, Sha256};

use super::fresh::Fresh;
use super::keys::ByKey;
use super::outcome::{Fate, Fates};
use super::plan::Making;
use super::problems::Problems;
use crate::error::Result;
use crate::resolve::Draft;

/// The stream of records from contacts.csv.
pub(super) const CONTACTS: &str = "contacts";
/// The stream of records made for numbers that are in no contact.
pub(super) const CALLERS: &str = "callers";

/// What becomes of the contacts.
#[derive(Debug, Default)]
pub(super) struct ContactPlan {
    /// [`Fate::New`] for every row that is stored, whether or not it tells us anything new.
    pub fates: Fates,
    /// The record of each row that is or will be stored.
    pub records: Vec<Option<RecordId>>,
    /// The record behind each `contact_id`.
    pub by_key: ByKey<RecordId>,
    pub counts: ContactCounts,
}

/// A number in no contact that wrote or called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub record: RecordId,
    pub phone: Phone,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
}

impl Caller {
    pub fn draft(&self, import: ImportId) -> Draft {
        let contact = Contact {
            phones: vec![self.phone.clone()],
            first_seen_at: Some(self.first_seen_at),
            last_seen_at: Some(self.last_seen_at),
            ..Contact::default()
        };
        Draft {
            id: self.record,
            source: Source::PhoneHistory,
            stream: CALLERS,
            key: self.phone.as_str().to_owned(),
            import: Some(import),
            payload: serde_json::json!({ "phone_number": self.phone.as_str() }),
            contact,
        }
    }
}

/// Contacts as they are read.
#[derive(Default)]
pub(super) struct Contacts {
    plan: ContactPlan,
    /// Rows that will be stored.
    fresh: Fresh,
    /// Hash of every key and payload of the file.
    said: HashSet<[u8; 16]>,
    phones: HashSet<String>,
}

impl Contacts {
    /// Takes in a page of rows.
    #[crate::boxed]
    pub async fn page(
        &mut self,
        tx: &mut Tx,
        ids: &IdMaker,
        rows: Vec<Row<ContactRow>>,
        making: &mut Making,
    ) -> Result<()> {
        let hashes: Vec<Option<[u8; 32]>> =
            rows.iter().map(|row| row.outcome.as_ref().ok().map(|contact| payload_hash(&contact.payload))).collect();
        let asked: Vec<(&str, [u8; 32])> = rows
            .iter()
            .zip(&hashes)
            .filter_map(|(row, hash)| Some((row.outcome.as_ref().ok()?.key.as_str(), (*hash)?)))
            .collect();
        let known = record::said(tx, Source::PhoneHistory, CONTACTS, &asked).await?;
        for (row, hash) in rows.into_iter().zip(hashes) {
            making.note(FileKind::Contacts, row.line, row.rows, row.notes);
            match (row.outcome, hash) {
                (Ok(contact), Some(hash)) => self.row(tx.now(), ids, row.line, contact, hash, &known, making)?,
                (Ok(_), None) => {}
                (Err(reason), _) => {
                    making.problems.push(FileKind::Contacts, row.line, reason);
                    self.plan.fates.push_bad(row.line, row.rows);
                    self.plan.records.push(None);
                    self.plan.counts.skipped += row.rows;
                }
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "one row with all that decides about it")]
    fn row(
        &mut self,
        now: Timestamp,
        ids: &IdMaker,
        line: u64,
        row: ContactRow,
        hash: [u8; 32],
        known: &record::Said,
        making: &mut Making,
    ) -> Result<()> {
        self.phones.extend(row.contact.phones.iter().map(|phone| phone.as_str().to_owned()));
        if let Some((record, import)) = known.get(&(row.key.clone(), hash.to_vec())) {
            making.stands_on.extend(*import);
            self.plan.fates.push(line, Fate::Known);
            self.plan.records.push(Some(*record));
            self.plan.by_key.put(&row.key, *record);
            self.plan.counts.skipped += 1;
            return Ok(());
        }
        let id: RecordId = ids.make(now);
        let mut said = [0; 16];
        said.copy_from_slice(&Sha256::new().chain_update(&row.key).chain_update(hash).finalize()[..16]);
        if !self.said.insert(said) {
            self.plan.fates.push(line, Fate::Repeated);
            self.plan.records.push(None);
            self.plan.counts.skipped += 1;
            return Ok(());
        }
        let place = self.plan.fates.push(line, Fate::New);
        self.plan.records.push(Some(id));
        self.plan.by_key.put(&row.key, id);
        self.fresh.push(place, making.import, &making.rules, &row)?;
        Ok(())
    }

    /// The phones of the file's contacts.
    pub fn take_phones(&mut self) -> HashSet<String> {
        std::mem::take(&mut self.phones)
    }

    /// Resolves all fresh rows against the hub, as applying will, and counts what a person would see.
    #[crate::boxed]
    pub async fn finish(
        mut self,
        tx: &mut Tx,
        rules: &Rules,
        digest: &mut Sha256,
        problems: &mut Problems,
        limit: usize,
    ) -> Result<ContactPlan> {
        self.said = HashSet::new();
        self.fresh.count(tx, rules, &mut self.plan, digest, problems, limit).await?;
        let fates = &self.plan.fates;
        problems.add_runs(FileKind::Contacts, fates, Fate::Known, "already imported, word for word");
        problems.add_runs(FileKind::Contacts, fates, Fate::Repeated, "the file says this row twice");
        Ok(self.plan)
    }
}

/// Numbers that wrote or called, with when.
#[derive(Default)]
pub(super) struct Callers(BTreeMap<Phone, (Timestamp, Timestamp)>);

impl Callers {
    /// Notes that a number wrote or called at `at`.
    pub fn note(&mut self, phone: &Phone, at: Timestamp) {
        if let Some((first, last)) = self.0.get_mut(phone) {
            (*first, *last) = (at.min(*first), at.max(*last));
        } else {
            self.0.insert(phone.clone(), (at, at));
        }
    }

    /// Those that nobody in the hub has and no contact of the file: each becomes a customer known by number.
    #[crate::boxed]
    pub async fn finish(self, tx: &mut Tx, ids: &IdMaker, rules: &Rules) -> Result<Vec<Caller>> {
        let telling: Vec<(Phone, (Timestamp, Timestamp))> =
            self.0.into_iter().filter(|(phone, _)| rules.identifies(&Identifier::from(phone))).collect();
        let phones: Vec<&str> = telling.iter().map(|(phone, _)| phone.as_str()).collect();
        let known = customer::known_phones(tx, &phones).await?;
        let now = tx.now();
        let unknown = telling.into_iter().filter(|(phone, _)| !known.contains(phone.as_str()));
        Ok(unknown
            .map(|(phone, (first_seen_at, last_seen_at))| Caller {
                record: ids.make(now),
                phone,
                first_seen_at,
                last_seen_at,
            })
            .collect())
    }
}
