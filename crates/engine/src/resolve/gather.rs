//! Everything that hangs together with what is new.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorstep_core::contact::ContactRecord;
use doorstep_core::id::{CustomerId, DecisionId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::identity::{Decision, HUB_LIMIT};
use doorstep_core::matching::Rules;
use doorstep_core::pin::Pin;
use doorstep_store::customer::{self, Put};
use doorstep_store::record::Stored;
use doorstep_store::review::{self, Review};
use doorstep_store::{Tx, decision, pin, record};

use super::MAX_COMPONENT;
use crate::error::{Error, Result};

/// What is stored around some records: closed under shared identifiers (but for hubs) and under decisions.
#[derive(Debug, Default)]
pub struct Neighbourhood {
    /// The stored records.
    pub records: Vec<ContactRecord>,
    /// Whose they are now.
    pub customer_of: HashMap<RecordId, CustomerId>,
    /// The golden records of those customers.
    pub golden: BTreeMap<CustomerId, Put>,
    /// The decisions in force among them.
    pub decisions: Vec<Decision>,
    /// The pins in force on those records.
    pub pins: Vec<Pin>,
    /// The open reviews that name those customers.
    pub reviews: Vec<Review>,
    /// Identifiers that too many records share to prove anything.
    pub hubs: BTreeSet<Identifier>,
}

/// The search as it widens.
struct Search<'a> {
    rules: &'a Rules,
    found: Neighbourhood,
    seen_identifiers: HashSet<Identifier>,
    seen_records: HashSet<RecordId>,
    decisions: BTreeMap<DecisionId, Decision>,
    limit: usize,
}

/// Where to start beside new records.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// Identifiers whose records are to be looked at.
    pub identifiers: &'a [Identifier],
    /// Records to be looked at.
    pub records: &'a [RecordId],
    /// Customers that may have lost all their records.
    pub customers: &'a [CustomerId],
    /// Looks at a whole file at once, to predict: no limit on how much is looked at, and no golden records.
    pub whole: bool,
    /// Stored records that may be looked at.
    pub limit: usize,
}

impl Default for Start<'_> {
    fn default() -> Self {
        Self { identifiers: &[], records: &[], customers: &[], whole: false, limit: MAX_COMPONENT }
    }
}

/// Gathers from new records and from `start`.
pub(crate) async fn gather(
    tx: &mut Tx,
    rules: &Rules,
    new: &[ContactRecord],
    start: &Start<'_>,
) -> Result<Neighbourhood> {
    let mut search = Search {
        rules,
        found: Neighbourhood::default(),
        seen_identifiers: HashSet::new(),
        seen_records: new.iter().map(|record| record.id).collect(),
        decisions: BTreeMap::new(),
        limit: if start.whole { usize::MAX } else { start.limit },
    };
    let mut next_identifiers = start.identifiers.to_vec();
    for record in new {
        next_identifiers.extend(rules.identifying(record));
    }
    let mut next_records = start.records.to_vec();
    while !next_identifiers.is_empty() || !next_records.is_empty() {
        let sharing = search.sharing(tx, next_identifiers).await?;
        next_records.extend(sharing);
        (next_identifiers, next_records) = search.load(tx, next_records).await?;
    }
    if start.whole { Ok(search.close()) } else { search.finish(tx, start.customers).await }
}

/// Some records by themselves, with the decisions among them: for where more hangs together than may be looked at.
pub(crate) async fn gather_alone(tx: &mut Tx, stored: Vec<Stored>, customers: &[CustomerId]) -> Result<Neighbourhood> {
    let ids: Vec<RecordId> = stored.iter().map(|stored| stored.record.id).collect();
    let golden = customer::get_many(tx, customers).await?;
    Ok(Neighbourhood {
        customer_of: stored.iter().filter_map(|stored| Some((stored.record.id, stored.customer?))).collect(),
        records: stored.into_iter().map(|stored| stored.record).collect(),
        golden: golden.into_iter().map(|put| (put.customer.id, put)).collect(),
        decisions: decision::touching(tx, &ids).await?,
        reviews: review::touching(tx, customers).await?,
        ..Neighbourhood::default()
    })
}

impl Neighbourhood {
    /// The pins on these records.
    pub(crate) fn pins_on(&self, records: &[&ContactRecord]) -> Vec<&Pin> {
        // Most neighbourhoods have none.
        if self.pins.is_empty() {
            return Vec::new();
        }
        let records: HashSet<RecordId> = records.iter().map(|record| record.id).collect();
        self.pins.iter().filter(|pin| records.contains(&pin.record)).collect()
    }
}

impl Search<'_> {
    /// The records that share identifiers not asked for yet.
    async fn sharing(&mut self, tx: &mut Tx, identifiers: Vec<Identifier>) -> Result<Vec<RecordId>> {
        let mut fresh: Vec<Identifier> = Vec::new();
        for identifier in identifiers {
            if self.rules.identifies(&identifier) && self.seen_identifiers.insert(identifier.clone()) {
                fresh.push(identifier);
            }
        }
        // One that becomes a hub only now, with the new records, is not yet among these: its records are all
        // gathered, and clustering sees by itself that they are too many.
        let sharing = record::sharing(tx, &fresh, HUB_LIMIT).await?;
        self.found.hubs.extend(sharing.hubs);
        Ok(sharing.links.into_iter().map(|(_, record)| record).collect())
    }

    /// Loads records not loaded yet; what they lead to.
    async fn load(&mut self, tx: &mut Tx, ids: Vec<RecordId>) -> Result<(Vec<Identifier>, Vec<RecordId>)> {
        let fresh: Vec<RecordId> = ids.into_iter().filter(|id| self.seen_records.insert(*id)).collect();
        let mut next_identifiers = Vec::new();
        let mut next_records = Vec::new();
        for stored in record::get_many(tx, &fresh).await? {
            next_identifiers.extend(self.rules.identifying(&stored.record));
            if let Some(customer) = stored.customer {
                self.found.customer_of.insert(stored.record.id, customer);
            }
            self.found.records.push(stored.record);
        }
        for decision in decision::touching(tx, &fresh).await? {
            next_records.extend([decision.a, decision.b]);
            self.decisions.insert(decision.id, decision);
        }
        self.found.pins.extend(pin::on(tx, &fresh).await?);
        next_records.retain(|id| !self.seen_records.contains(id));
        if self.found.records.len() > self.limit {
            return Err(Error::TooConnected { records: self.found.records.len(), limit: self.limit });
        }
        Ok((next_identifiers, next_records))
    }

    async fn finish(mut self, tx: &mut Tx, also: &[CustomerId]) -> Result<Neighbourhood> {
        let customers: BTreeSet<CustomerId> = self.found.customer_of.values().chain(also).copied().collect();
        let customers: Vec<CustomerId> = customers.into_iter().collect();
        let golden = customer::get_many(tx, &customers).await?;
        self.found.golden = golden.into_iter().map(|put| (put.customer.id, put)).collect();
        self.found.reviews = review::touching(tx, &customers).await?;
        Ok(self.close())
    }

    fn close(mut self) -> Neighbourhood {
        self.found.decisions = self.decisions.into_values().collect();
        self.found
    }
}
