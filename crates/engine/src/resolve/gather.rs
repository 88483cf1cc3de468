//! Everything that matters for whose what is new is, and no more.
//!
//! Some records are *inside*: theirs are the customers that are computed again. They are what is new, whoever is in a pair
//! that counts otherwise now that there are more people behind what it shares with what is new (or fewer, where something
//! went), and from there on whoever is one with somebody inside or enough alike for a question. Beside them stand the
//! records that share an identifier, or a name and a place, with somebody inside and are none of these: they are compared,
//! and stay as they are. So a line of fifty strangers is looked at and not walked along.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use doorstep_core::contact::ContactRecord;
use doorstep_core::id::{CustomerId, DecisionId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::identity::{Beside, Candidates, Cluster, Decision, Partition};
use doorstep_core::matching::Rules;
use doorstep_core::pin::Pin;
use doorstep_store::customer::{self, Put};
use doorstep_store::record::Stored;
use doorstep_store::review::{self, Review};
use doorstep_store::{Tx, decision, pin, record};

use super::{MAX_COMPONENT, TARGET};
use crate::error::{Error, Result};

/// What is stored around some records, with those records.
#[derive(Debug, Default)]
pub struct Neighbourhood {
    /// The records, those inside and those beside them.
    pub candidates: Candidates,
    /// Those whose customers are computed again.
    pub inside: HashSet<RecordId>,
    /// Those of them that are not stored yet.
    pub new: HashSet<RecordId>,
    /// Whose the stored records are now.
    pub customer_of: HashMap<RecordId, CustomerId>,
    /// The golden records of the customers inside, but of those that stay as they are.
    pub golden: BTreeMap<CustomerId, Put>,
    /// The customers of the records inside, where they are worked out already.
    pub decided: Option<Partition>,
    /// Customers that have the records that they had: what is stored of them is theirs.
    pub unchanged: HashSet<CustomerId>,
    /// The decisions in force among the records.
    pub decisions: Vec<Decision>,
    /// The pins in force on the records inside.
    pub pins: Vec<Pin>,
    /// The open reviews that name the customers inside.
    pub reviews: Vec<Review>,
    /// Identifiers that too many records share to prove anything.
    pub hubs: BTreeSet<Identifier>,
}

/// The search as it widens.
struct Search<'a> {
    rules: &'a Rules,
    found: Neighbourhood,
    /// Identifiers whose records are among the candidates.
    asked: HashSet<Identifier>,
    /// Records whose identifiers are among those asked for.
    expanded: HashSet<RecordId>,
    /// Records that were looked for.
    looked_for: HashSet<RecordId>,
    /// Customers whose records are all inside.
    whole: HashSet<CustomerId>,
    decisions: BTreeMap<DecisionId, Decision>,
    limit: usize,
}

/// Where to start beside new records.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// Identifiers, names and places of records that went: whoever has them is to be looked at.
    pub identifiers: &'a [Identifier],
    /// Records to be looked at.
    pub records: &'a [RecordId],
    /// Customers that may have lost all their records.
    pub customers: &'a [CustomerId],
    /// Nothing is new and nobody went: who merely shares an identifier with the records is not looked at again.
    pub settled: bool,
    /// Looks at a whole file at once, to predict: no limit on how much is looked at, and no golden records.
    pub whole: bool,
    /// Records that may be looked at.
    pub limit: usize,
}

impl Start<'_> {
    /// Whether nothing happened but that records came. Then a customer who has the records that it had is what it was.
    fn is_arrival(&self) -> bool {
        !self.settled && self.identifiers.is_empty() && self.records.is_empty() && self.customers.is_empty()
    }
}

impl Default for Start<'_> {
    fn default() -> Self {
        Self { identifiers: &[], records: &[], customers: &[], settled: false, whole: false, limit: MAX_COMPONENT }
    }
}

/// Gathers from new records and from `start`.
#[crate::boxed]
pub(crate) async fn gather(
    tx: &mut Tx,
    rules: &Rules,
    new: Vec<ContactRecord>,
    start: &Start<'_>,
) -> Result<Neighbourhood> {
    let mut search = Search {
        rules,
        found: Neighbourhood::default(),
        asked: HashSet::new(),
        expanded: HashSet::new(),
        looked_for: HashSet::new(),
        whole: HashSet::new(),
        decisions: BTreeMap::new(),
        limit: if start.whole { usize::MAX } else { start.limit },
    };
    search.begin(tx, new, start).await?;
    search.widen(tx).await?;
    search.finish(tx, start).await
}

/// Some records by themselves, with the decisions among them: for where more hangs together than may be looked at.
#[crate::boxed]
pub(crate) async fn gather_alone(
    tx: &mut Tx,
    rules: &Rules,
    stored: Vec<Stored>,
    customers: &[CustomerId],
) -> Result<Neighbourhood> {
    let ids: Vec<RecordId> = stored.iter().map(|stored| stored.record.id).collect();
    let golden = customer::get_many(tx, customers).await?;
    let mut alone = Neighbourhood {
        customer_of: stored.iter().filter_map(|stored| Some((stored.record.id, stored.customer?))).collect(),
        inside: ids.iter().copied().collect(),
        golden: golden.into_iter().map(|put| (put.customer.id, put)).collect(),
        decisions: decision::touching(tx, &ids).await?,
        reviews: review::touching(tx, customers).await?,
        ..Neighbourhood::default()
    };
    for stored in stored {
        alone.candidates.add(stored.record, rules);
    }
    Ok(alone)
}

impl Neighbourhood {
    /// The customers of the records inside.
    pub(crate) fn partition(&self, rules: &Rules) -> Partition {
        self.candidates.cluster(Some(&self.inside), &self.beside(rules))
    }

    /// Works the customers out, and which of them have the records that they had.
    fn settle(&mut self, rules: &Rules) {
        let partition = self.partition(rules);
        let mut held: HashMap<CustomerId, usize> = HashMap::new();
        self.stored_inside().for_each(|(_, customer)| *held.entry(customer).or_default() += 1);
        let stays = |cluster: &&Cluster| {
            let is_its = |id: &RecordId| self.customer_of.get(id) == Some(&cluster.id);
            held.get(&cluster.id) == Some(&cluster.records.len()) && cluster.records.iter().all(is_its)
        };
        self.unchanged = partition.clusters.iter().filter(stays).map(|cluster| cluster.id).collect();
        self.decided = Some(partition);
    }

    /// The stored records inside, with whose they are.
    pub(crate) fn stored_inside(&self) -> impl Iterator<Item = (RecordId, CustomerId)> {
        self.inside.iter().filter_map(|id| Some((*id, *self.customer_of.get(id)?)))
    }

    /// What decides beside the records.
    pub(crate) fn beside<'a>(&'a self, rules: &'a Rules) -> Beside<'a> {
        Beside { decisions: &self.decisions, rules, hubs: &self.hubs }
    }

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
    /// What is new or asked about, and everybody who shares an identifier with it.
    async fn begin(&mut self, tx: &mut Tx, new: Vec<ContactRecord>, start: &Start<'_>) -> Result<()> {
        let mut keys = Vec::with_capacity(new.len());
        timed!("preparing", {
            for record in new {
                keys.extend(source_key(self.rules, &record));
                self.looked_for.insert(record.id);
                self.found.new.insert(record.id);
                self.found.candidates.add(record, self.rules);
            }
        });
        let again = self.sharing(tx, keys).await?;
        self.load(tx, again.into_iter().chain(start.records.iter().copied()).collect()).await?;
        self.found.inside = self.found.candidates.records().map(|record| record.id).collect();
        if start.settled {
            return Ok(());
        }
        let mut identifiers = start.identifiers.to_vec();
        let inside = self.found.inside.clone();
        identifiers.extend(self.compared_by_anew(&inside));
        let links = self.links(tx, identifiers).await?;
        self.load(tx, links.iter().map(|(_, record)| *record).collect()).await?;
        let turned = timed!("counting people", self.turned(links, start));
        self.found.inside.extend(turned.into_iter().filter(|id| self.found.candidates.get(*id).is_some()));
        Ok(())
    }

    /// Of those who share something with what is new or went, whose customers may be others because of it: there are other
    /// people now behind a phone or an e-mail address, or something becomes a hub or stops being one.
    fn turned(&self, links: Vec<(Identifier, RecordId)>, start: &Start<'_>) -> Vec<RecordId> {
        let is_tied = self.found.inside.len() > self.found.new.len();
        if start.is_arrival() && !is_tied {
            let decisions = self.decisions_now();
            return self.found.candidates.turned(&self.found.new, &self.beside(&decisions));
        }
        let went: HashSet<&Identifier> = start.identifiers.iter().collect();
        let mut of_new: HashMap<Identifier, usize> = HashMap::new();
        for identifier in self.compared_by(&self.found.new) {
            *of_new.entry(identifier).or_default() += 1;
        }
        let turns = |having: &&[(Identifier, RecordId)]| {
            let identifier = &having[0].0;
            let count = having.len() + of_new.get(identifier).copied().unwrap_or_default();
            identifier.kind.counts_people() || went.contains(identifier) || count > identifier.kind.hub_limit()
        };
        links.chunk_by(|a, b| a.0 == b.0).filter(turns).flatten().map(|(_, record)| *record).collect()
    }

    /// From those inside to whoever belongs there with them, until nobody more does.
    async fn widen(&mut self, tx: &mut Tx) -> Result<()> {
        let mut fresh = self.found.inside.clone();
        while !fresh.is_empty() {
            // Where the rules have changed since, who is one need not be alike any more; a customer is never seen in part.
            let customers: BTreeSet<CustomerId> =
                fresh.iter().filter_map(|id| self.found.customer_of.get(id)).copied().collect();
            let customers: Vec<CustomerId> = customers.into_iter().filter(|id| self.whole.insert(*id)).collect();
            let theirs = timed!("whole customers", record::ids_of_customers(tx, &customers).await?);
            self.load(tx, theirs.clone()).await?;
            fresh.extend(theirs.into_iter().filter(|id| self.found.candidates.get(*id).is_some()));
            self.found.inside.extend(fresh.iter().copied());
            let identifiers = self.compared_by_anew(&fresh);
            let beside = self.sharing(tx, identifiers).await?;
            self.load(tx, beside).await?;
            fresh = timed!("reaching", self.reached(&fresh).into_iter().collect());
        }
        Ok(())
    }

    /// Whoever belongs inside and is not.
    fn reached(&self, fresh: &HashSet<RecordId>) -> Vec<RecordId> {
        let decisions = self.decisions_now();
        self.found.candidates.reached(&self.found.inside, fresh, &self.beside(&decisions))
    }

    fn decisions_now(&self) -> Vec<Decision> {
        self.decisions.values().cloned().collect()
    }

    fn beside<'b>(&'b self, decisions: &'b [Decision]) -> Beside<'b> {
        Beside { decisions, rules: self.rules, hubs: &self.found.hubs }
    }

    fn compared_by(&self, ids: &HashSet<RecordId>) -> Vec<Identifier> {
        ids.iter().flat_map(|id| self.found.candidates.compared_by(*id, self.rules)).collect()
    }

    /// The same, of those whose were not asked for yet.
    fn compared_by_anew(&mut self, ids: &HashSet<RecordId>) -> Vec<Identifier> {
        let anew = ids.iter().filter(|id| self.expanded.insert(**id));
        anew.flat_map(|id| self.found.candidates.compared_by(*id, self.rules)).collect()
    }

    /// The records that have identifiers not asked for yet.
    async fn sharing(&mut self, tx: &mut Tx, identifiers: Vec<Identifier>) -> Result<Vec<RecordId>> {
        Ok(self.links(tx, identifiers).await?.into_iter().map(|(_, record)| record).collect())
    }

    /// The same, with which of them each has; those of one stand together.
    async fn links(&mut self, tx: &mut Tx, identifiers: Vec<Identifier>) -> Result<Vec<(Identifier, RecordId)>> {
        let mut fresh: Vec<Identifier> = Vec::new();
        for identifier in identifiers {
            if self.rules.meet_by(&identifier) && self.asked.insert(identifier.clone()) {
                fresh.push(identifier);
            }
        }
        // One that becomes a hub only now, with the new records, is not yet among these: its records are all
        // gathered, and clustering sees by itself that they are too many.
        let sharing = timed!("look-ups", record::sharing(tx, &fresh, IdentifierKind::hub_limit).await?);
        self.found.hubs.extend(sharing.hubs);
        Ok(sharing.links)
    }

    /// Loads records not loaded yet, and whomever a decision or a source key ties to them: what they say is said of all.
    /// Which were loaded.
    async fn load(&mut self, tx: &mut Tx, ids: Vec<RecordId>) -> Result<Vec<RecordId>> {
        let (mut next, mut loaded) = (ids, Vec::new());
        loop {
            let fresh: Vec<RecordId> = next.drain(..).filter(|id| self.looked_for.insert(*id)).collect();
            if fresh.is_empty() {
                return Ok(loaded);
            }
            let stored = timed!("reading records", record::get_many(tx, &fresh).await?);
            let mut keys = Vec::with_capacity(stored.len());
            timed!("preparing", {
                for Stored { record, customer } in stored {
                    keys.extend(source_key(self.rules, &record));
                    if let Some(customer) = customer {
                        self.found.customer_of.insert(record.id, customer);
                    }
                    loaded.push(record.id);
                    self.found.candidates.add(record, self.rules);
                }
            });
            if self.found.candidates.len() > self.limit {
                return Err(Error::TooConnected { records: self.found.candidates.len(), limit: self.limit });
            }
            for decision in timed!("reading decisions", decision::touching(tx, &fresh).await?) {
                next.extend([decision.a, decision.b]);
                self.decisions.insert(decision.id, decision);
            }
            next.extend(self.sharing(tx, keys).await?);
        }
    }

    async fn finish(mut self, tx: &mut Tx, start: &Start<'_>) -> Result<Neighbourhood> {
        let inside: Vec<RecordId> = self.found.inside.iter().copied().collect();
        self.found.pins = timed!("reading pins", pin::on(tx, &inside).await?);
        self.found.decisions = self.decisions.into_values().collect();
        if !start.whole {
            let customers: BTreeSet<CustomerId> = self.whole.iter().chain(start.customers).copied().collect();
            let mut customers: Vec<CustomerId> = customers.into_iter().collect();
            self.found.reviews = timed!("reading reviews", review::touching(tx, &customers).await?);
            if start.is_arrival() {
                timed!("grouping", self.found.settle(self.rules));
                customers.retain(|id| !self.found.unchanged.contains(id));
            }
            let golden = timed!("reading customers", customer::get_many(tx, &customers).await?);
            self.found.golden = golden.into_iter().map(|put| (put.customer.id, put)).collect();
        }
        let (new, inside, read) = (self.found.new.len(), self.found.inside.len(), self.found.candidates.len());
        tracing::trace!(target: TARGET, new, inside, read);
        Ok(self.found)
    }
}

/// The upstream object that a record is a version of.
fn source_key(rules: &Rules, record: &ContactRecord) -> Option<Identifier> {
    let key = Identifier { kind: IdentifierKind::SourceKey, value: record.source_key.clone() };
    rules.identifies(&key).then_some(key)
}
