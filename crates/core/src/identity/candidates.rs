//! Records that may be one another's, prepared once however often they are looked at.
//!
//! Whoever has all records of a tenant clusters them at once ([`super::cluster`]). Whoever has a database reads no more
//! than what matters: some records are *inside*, the others stand beside them because they share what those are found by.
//! [`Candidates::reached`] says which of the others belong inside, too; when nobody is reached any more, the customers of
//! those inside are what clustering everything would make of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::contact::ContactRecord;
use crate::id::{CustomerId, RecordId};
use crate::identifier::Identifier;
use crate::linkage::{Asked, Description, Observed, Sets};
use crate::matching::Rules;

use super::link::{Prepared, prepare};
use super::{Cluster, Decision, Partition, Verb, review};

/// Records with what of them is compared.
#[derive(Default)]
pub struct Candidates {
    /// In the order of age. A record's place in this order stands for it below.
    by_age: BTreeMap<RecordId, Candidate>,
}

struct Candidate {
    record: ContactRecord,
    description: Description,
}

/// What stands beside the records and decides with them.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// The decisions in force. One whose records are equal or not among the candidates is passed over.
    pub decisions: &'a [Decision],
    /// The tenant's rules.
    pub rules: &'a Rules,
    /// Identifiers that more than [`super::HUB_LIMIT`] objects of the tenant share, whether or not their records are among
    /// the candidates: they speak for nothing.
    pub hubs: &'a BTreeSet<Identifier>,
}

impl Candidates {
    /// Adds a record; `false` if it is among them already.
    pub fn add(&mut self, record: ContactRecord, rules: &Rules) -> bool {
        let id = record.id;
        if self.by_age.contains_key(&id) {
            return false;
        }
        let mut description = Description::of(&record, rules);
        description.weigh(&rules.frequencies);
        description.keep_stored();
        self.by_age.insert(id, Candidate { record, description });
        true
    }

    /// One of them.
    pub fn get(&self, id: RecordId) -> Option<&ContactRecord> {
        Some(&self.by_age.get(&id)?.record)
    }

    /// What one of them is compared by: see [`Rules::compared_by`].
    pub fn compared_by(&self, id: RecordId, rules: &Rules) -> Vec<Identifier> {
        let Some(candidate) = self.by_age.get(&id) else { return Vec::new() };
        let identifiers = rules.identifying(&candidate.record).into_iter();
        let identifiers = identifiers.filter(|identifier| rules.meet_by(identifier));
        identifiers.chain(candidate.description.names_with_places()).collect()
    }

    /// What one of them is stored under: see [`Rules::stored_under`].
    pub fn stored_under(&self, id: RecordId, rules: &Rules) -> Vec<Identifier> {
        let Some(candidate) = self.by_age.get(&id) else { return Vec::new() };
        rules.found_by(&candidate.record).chain(candidate.description.names_with_places()).collect()
    }

    /// All of them, the oldest first.
    pub fn records(&self) -> impl Iterator<Item = &ContactRecord> {
        self.by_age.values().map(|candidate| &candidate.record)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.by_age.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_age.is_empty()
    }

    /// Those that are not inside and belong there: one with somebody inside by decision or by their source, or enough
    /// alike to one of `fresh` for a link or a question. `fresh` are those inside from whom nobody was looked for yet.
    ///
    /// Of everybody inside all who share what they are [compared by](Rules::compared_by) must be among the candidates (but
    /// for hubs), and of all candidates everybody to whom a decision or a source key ties them.
    pub fn reached(&self, inside: &HashSet<RecordId>, fresh: &HashSet<RecordId>, beside: &Beside<'_>) -> Vec<RecordId> {
        let ids: Vec<RecordId> = self.by_age.keys().copied().collect();
        if ids.iter().all(|id| inside.contains(id)) {
            return Vec::new();
        }
        let places = |of: &HashSet<RecordId>| ids.iter().map(|id| of.contains(id)).collect();
        let asked = Asked::Reach { from: places(fresh), inside: places(inside) };
        let prepared = self.prepared_for(asked, beside);
        let linkage = prepared.linkage(beside.rules);
        let is_inside = |place: u32| inside.contains(&ids[place as usize]);
        let mut reached: BTreeSet<u32> = linkage.edges().iter().flat_map(|edge| [edge.a, edge.b]).collect();
        let held: HashSet<u32> =
            (0u32..).zip(linkage.one()).filter(|(place, _)| is_inside(*place)).map(|(_, one)| *one).collect();
        reached.extend((0u32..).zip(linkage.one()).filter(|(_, one)| held.contains(one)).map(|(place, _)| place));
        reached.into_iter().filter(|place| !is_inside(*place)).map(|place| ids[place as usize]).collect()
    }

    /// Whose customers may be others because of what is new, beside those whom it is alike to: those in a pair that counts
    /// otherwise now that there are more people behind what the two share, and whoever has what becomes a hub.
    ///
    /// Of what is new all who share what it is [compared by](Rules::compared_by) must be among the candidates, and it must
    /// be tied to nobody else by a decision or a source key.
    pub fn turned(&self, new: &HashSet<RecordId>, beside: &Beside<'_>) -> Vec<RecordId> {
        let is_new: Vec<bool> = self.by_age.keys().map(|id| new.contains(id)).collect();
        let turned = self.prepared_for(Asked::All, beside).turned(&is_new, beside.rules);
        self.by_age.keys().zip(turned).filter(|(_, is_turned)| *is_turned).map(|(id, _)| *id).collect()
    }

    /// The customers of those inside (of all, without an `inside`), and who is to be looked at.
    pub fn cluster(&self, inside: Option<&HashSet<RecordId>>, beside: &Beside<'_>) -> Partition {
        let records: Vec<&ContactRecord> = self.records().collect();
        let prepared = self.prepared(inside, beside);
        let linkage = prepared.linkage(beside.rules);
        let linked = linkage.link();
        let mut of = vec![0; records.len()];
        for (number, group) in (0u32..).zip(&linked.groups) {
            group.iter().for_each(|place| of[*place as usize] = number);
        }
        let place_of = |id: RecordId| records.binary_search_by_key(&id, |record| record.id).ok().map(|at| at as u32);
        let apart = beside.decisions.iter().filter(|decision| decision.verb == Verb::KeepApart);
        let apart: Vec<(u32, u32)> =
            apart.filter_map(|decision| Some((place_of(decision.a)?, place_of(decision.b)?))).collect();
        let customers = review::Customers { groups: &linked.groups, of: &of, apart: &apart, records: &records };
        let cluster = |places: &Vec<u32>| {
            let ids: Vec<RecordId> = places.iter().map(|place| records[*place as usize].id).collect();
            Cluster { id: CustomerId::from_uuid(ids[0].uuid()), records: ids }
        };
        let is_inside = |cluster: &Cluster| inside.is_none_or(|inside| inside.contains(&cluster.records[0]));
        Partition {
            clusters: linked.groups.iter().map(cluster).filter(is_inside).collect(),
            reviews: review::reviews(&customers, &linked.doubts, &linkage, beside.rules),
        }
    }

    /// Notes what the pairs of those inside say, for training and for the errors to be expected. A pair with somebody beside
    /// is noted where the older of the two is inside, so that whoever goes through all records notes it once.
    pub fn observe(&self, inside: &HashSet<RecordId>, beside: &Beside<'_>, observed: &mut Observed) {
        self.prepared(Some(inside), beside).linkage(beside.rules).observe(observed);
    }

    /// How many records the largest neighbourhood has that would be read around one of these: everybody who shares an
    /// identifier with it, whoever is one or nearly one with those, and who shares an identifier with any of them.
    pub fn largest_neighbourhood(&self, beside: &Beside<'_>) -> usize {
        let prepared = self.prepared(None, beside);
        let linkage = prepared.linkage(beside.rules);
        let mut sharing: HashMap<Identifier, Vec<u32>> = HashMap::new();
        for (place, record) in (0u32..).zip(self.records()) {
            for identifier in self.compared_by(record.id, beside.rules) {
                sharing.entry(identifier).or_default().push(place);
            }
        }
        sharing.retain(|identifier, _| !linkage.is_crowd(identifier));
        let mut mates: Vec<Vec<u32>> = (0..self.len() as u32).map(|place| vec![place]).collect();
        for places in sharing.values() {
            places.iter().for_each(|place| mates[*place as usize].extend(places));
        }
        let mut one = Sets::of(self.len(), &[]);
        let given = (0u32..).zip(linkage.one()).map(|(place, first)| (place, *first));
        for (a, b) in given.chain(linkage.edges().iter().map(|edge| (edge.a, edge.b))) {
            let (a, b) = (one.find(a), one.find(b));
            if a != b {
                one.unite(a, b);
            }
        }
        let around = |place: usize| {
            let roots: HashSet<u32> = mates[place].iter().map(|mate| one.find(*mate)).collect();
            let inside = roots.into_iter().flat_map(|root| one.members(root));
            inside.flat_map(|place| mates[place as usize].iter().copied()).collect::<HashSet<u32>>().len()
        };
        (0..self.len()).map(around).max().unwrap_or_default()
    }

    pub(super) fn prepared(&self, inside: Option<&HashSet<RecordId>>, beside: &Beside<'_>) -> Prepared<'_> {
        let asked = inside
            .map_or(Asked::All, |inside| Asked::Within(self.by_age.keys().map(|id| inside.contains(id)).collect()));
        self.prepared_for(asked, beside)
    }

    fn prepared_for(&self, asked: Asked, beside: &Beside<'_>) -> Prepared<'_> {
        let records: Vec<&ContactRecord> = self.records().collect();
        let descriptions = self.by_age.values().map(|candidate| Cow::Borrowed(&candidate.description)).collect();
        let hubs = beside.rules.with_shared(beside.hubs);
        prepare(&records, descriptions, asked, &Beside { hubs: &hubs, ..*beside })
    }
}

impl std::fmt::Debug for Candidates {
    /// Names nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.by_age.keys()).finish()
    }
}

/// How many pairs of them are compared.
#[cfg(test)]
pub(super) fn compared(candidates: &Candidates, beside: &Beside<'_>) -> usize {
    candidates.prepared(None, beside).linkage(beside.rules).compared()
}
