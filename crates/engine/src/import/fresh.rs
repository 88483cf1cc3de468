//! Contacts that will be stored, on their way to being counted: packed, so that a large address book stays small in
//! memory, and unpacked a few connected components at a time.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use doorstep_core::contact::{Contact, ContactRecord, source_key};
use doorstep_core::id::{CustomerId, ImportId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::import::FileKind;
use doorstep_core::linkage::names_with_places;
use doorstep_core::matching::Rules;
use doorstep_core::record::Source;
use doorstep_core::survivorship::{adds_to, golden};
use doorstep_store::{Tx, record};
use doorstep_upstream::phone_history::ContactRow;
use sha2::{Digest, Sha256};

use super::contacts::{CONTACTS, ContactPlan};
use super::problems::Problems;
use crate::error::{Error, Result};
use crate::resolve::{self, Neighbourhood, Start};

/// Records that are unpacked and clustered together; a larger component comes whole.
const RECORDS_PER_STEP: usize = 2_000;

/// The packed contacts.
#[derive(Default)]
pub(super) struct Fresh {
    import: Option<ImportId>,
    packed: Vec<u8>,
    /// Row of the file, and where its packed contact ends.
    rows: Vec<(u32, usize)>,
    /// Hash of each identifier, and the place that has it: equal hashes hang together.
    identifiers: Vec<(u64, u32)>,
    hasher: RandomState,
}

impl Fresh {
    pub fn push(&mut self, row: u32, import: ImportId, rules: &Rules, contact: &ContactRow) -> Result<()> {
        self.import = Some(import);
        let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let phones = contact.contact.phones.iter().map(Identifier::from);
        let emails = contact.contact.emails.iter();
        let emails = emails.map(|email| Identifier { kind: IdentifierKind::Email, value: email.match_key() });
        let key = Identifier { kind: IdentifierKind::SourceKey, value: contact.key.clone() };
        let named = names_with_places(&contact.contact);
        for identifier in phones.chain(emails).chain([key]).chain(named).filter(|one| rules.meet_by(one)) {
            self.identifiers.push((self.hasher.hash_one(&identifier), place));
        }
        let packed = serde_json::to_writer(&mut self.packed, &(&contact.key, &contact.contact));
        packed.map_err(|error| Error::Unfit(format!("a contact cannot be kept: {error}")))?;
        self.rows.push((row, self.packed.len()));
        Ok(())
    }

    fn record(&self, tx: &Tx, plan: &ContactPlan, place: usize) -> Result<ContactRecord> {
        let begins_at = if place == 0 { 0 } else { self.rows[place - 1].1 };
        let (row, ends_at) = self.rows[place];
        let (key, contact): (String, Contact) = serde_json::from_slice(&self.packed[begins_at..ends_at])
            .map_err(|error| Error::Unfit(format!("a contact cannot be read back: {error}")))?;
        let id = plan.records.get(row as usize).copied().flatten();
        Ok(ContactRecord {
            id: id.ok_or_else(|| Error::Unfit("a contact was left without a record".to_owned()))?,
            source: Source::PhoneHistory,
            import: self.import,
            source_key: source_key(Source::PhoneHistory, self.import, CONTACTS, &key),
            created_at: tx.now(),
            contact,
        })
    }

    /// Resolves all of them against the hub, as applying will, and counts what a person would see.
    ///
    /// # Errors
    /// [`Error::TooConnected`] if more than `limit` records would hang together: they could not be applied.
    #[allow(clippy::too_many_arguments, reason = "what all parts of a plan add to")]
    #[crate::boxed]
    pub async fn count(
        &self,
        tx: &mut Tx,
        rules: &Rules,
        plan: &mut ContactPlan,
        digest: &mut Sha256,
        problems: &mut Problems,
        limit: usize,
    ) -> Result<()> {
        let mut nothing_new: Vec<(u32, String)> = Vec::new();
        for step in self.steps(tx, rules, plan).await? {
            let mut records = Vec::with_capacity(step.len());
            let mut row_of: HashMap<RecordId, u32> = HashMap::with_capacity(step.len());
            for place in step {
                let record = self.record(tx, plan, place)?;
                row_of.insert(record.id, self.rows[place].0);
                records.push(record);
            }
            let start = Start { whole: true, ..Start::default() };
            let around = resolve::gather(tx, rules, records, &start).await?;
            refuse_too_connected(&around, rules, limit)?;
            count_step(plan, &around, &row_of, rules, digest, &mut nothing_new);
        }
        nothing_new.sort_unstable();
        for (line, reason) in nothing_new {
            problems.push(FileKind::Contacts, u64::from(line), reason);
        }
        Ok(())
    }

    /// The places, a few whole connected components to a step: what hangs together, also by way of customers of
    /// the hub, is counted together.
    async fn steps(&self, tx: &mut Tx, rules: &Rules, plan: &ContactPlan) -> Result<Vec<Vec<usize>>> {
        let mut components = Components::new(self.rows.len());
        let mut first_with: HashMap<u64, u32> = HashMap::new();
        for (identifier, place) in &self.identifiers {
            let first = *first_with.entry(*identifier).or_insert(*place);
            components.unite(first as usize, *place as usize);
        }
        if record::any(tx).await? {
            self.unite_by_hub(tx, rules, plan, &mut components).await?;
        }
        Ok(components.steps())
    }

    /// Unites what meets the same customer of the hub.
    async fn unite_by_hub(
        &self,
        tx: &mut Tx,
        rules: &Rules,
        plan: &ContactPlan,
        components: &mut Components,
    ) -> Result<()> {
        let mut first_of: HashMap<CustomerId, usize> = HashMap::new();
        let mut asked: HashMap<Identifier, usize> = HashMap::new();
        for place in 0..self.rows.len() {
            let record = self.record(tx, plan, place)?;
            for identifier in rules.compared_by(&record) {
                asked.entry(identifier).or_insert(place);
            }
            if asked.len() < RECORDS_PER_STEP && place + 1 < self.rows.len() {
                continue;
            }
            let identifiers: Vec<Identifier> = asked.keys().cloned().collect();
            let sharing = record::sharing(tx, &identifiers, IdentifierKind::hub_limit).await?;
            let records: Vec<RecordId> = sharing.links.iter().map(|(_, record)| *record).collect();
            let customers = record::customers_of(tx, &records).await?;
            for (identifier, record) in sharing.links {
                if let (Some(place), Some(customer)) = (asked.get(&identifier), customers.get(&record)) {
                    components.unite(*first_of.entry(*customer).or_insert(*place), *place);
                }
            }
            asked.clear();
        }
        Ok(())
    }
}

/// Connected components by union-find with path halving.
struct Components(Vec<u32>);

impl Components {
    fn new(count: usize) -> Self {
        Self((0..u32::try_from(count).unwrap_or(u32::MAX)).collect())
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }

    fn root(&mut self, place: usize) -> u32 {
        let mut place = place as u32;
        while self.0[place as usize] != place {
            self.0[place as usize] = self.0[self.0[place as usize] as usize];
            place = self.0[place as usize];
        }
        place
    }

    /// Components in the order of their first member, filled up to steps.
    fn steps(mut self) -> Vec<Vec<usize>> {
        let mut by_root: Vec<(u32, u32)> = (0..self.0.len()).map(|place| (self.root(place), place as u32)).collect();
        by_root.sort_unstable();
        let mut steps: Vec<Vec<usize>> = Vec::new();
        for component in by_root.chunk_by(|a, b| a.0 == b.0) {
            let members = component.iter().map(|(_, place)| *place as usize);
            match steps.last_mut().filter(|step| step.len() + component.len() <= RECORDS_PER_STEP) {
                Some(step) => step.extend(members),
                None => steps.push(members.collect()),
            }
        }
        steps
    }
}

/// Refuses what applying would refuse, or what could not be resolved again afterwards.
fn refuse_too_connected(around: &Neighbourhood, rules: &Rules, limit: usize) -> Result<()> {
    if around.candidates.len() <= limit {
        return Ok(());
    }
    match around.candidates.largest_neighbourhood(&around.beside(rules)) {
        records if records > limit => Err(Error::TooConnected { records, limit }),
        _ => Ok(()),
    }
}

/// New, updated or skipped: what each fresh row does to the golden record of the customer it belongs to.
fn count_step(
    plan: &mut ContactPlan,
    around: &Neighbourhood,
    row_of: &HashMap<RecordId, u32>,
    rules: &Rules,
    digest: &mut Sha256,
    nothing_new: &mut Vec<(u32, String)>,
) {
    let partition = around.partition(rules);
    for cluster in &partition.clusters {
        let members: Vec<&ContactRecord> = cluster.records.iter().filter_map(|id| around.candidates.get(*id)).collect();
        let stored = members.iter().take_while(|record| !row_of.contains_key(&record.id)).count();
        if stored == members.len() {
            continue;
        }
        digest.update(if stored > 0 { cluster.id.uuid().into_bytes() } else { [0; 16] });
        let pins = around.pins_on(&members);
        let mut before = golden(&members[..stored], &pins);
        for last in stored..members.len() {
            let Some(row) = row_of.get(&members[last].id) else { continue };
            let line = plan.fates.lines[*row as usize];
            digest.update(line.to_be_bytes());
            let is_new = before.is_none();
            if is_new && last + 1 == members.len() {
                plan.counts.new += 1;
                break;
            }
            let after = golden(&members[..=last], &pins);
            let Some(gained) = &after else { continue };
            if is_new {
                plan.counts.new += 1;
            } else if adds_to(before.as_ref(), gained) {
                plan.counts.updated += 1;
            } else {
                plan.counts.skipped += 1;
                nothing_new.push(match stored {
                    0 => (line, "says nothing new about a customer whom an earlier row brings".to_owned()),
                    _ => (line, format!("says nothing new about a customer who is known already (`{}`)", cluster.id)),
                });
            }
            before = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_stay_whole_and_steps_stay_small() {
        let mut components = Components::new(3 * RECORDS_PER_STEP);
        for place in (2..3 * RECORDS_PER_STEP).step_by(3) {
            components.unite(place, place - 1);
        }
        components.unite(0, 3 * RECORDS_PER_STEP - 1);
        let steps = components.steps();
        assert_eq!(steps.iter().map(Vec::len).sum::<usize>(), 3 * RECORDS_PER_STEP);
        assert!(steps.iter().all(|step| step.len() <= RECORDS_PER_STEP));
        assert_eq!(steps[0][..3], [0, 3 * RECORDS_PER_STEP - 2, 3 * RECORDS_PER_STEP - 1]);
    }
}
