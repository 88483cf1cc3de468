//! Which records become one customer: the strengths of evidence in their order, and who goes to nobody.

use std::collections::{HashMap, HashSet};

use crate::contact::ContactRecord;
use crate::id::RecordId;
use crate::identifier::IdentifierKind;
use crate::name::Agreement;

use super::block::Block;
use super::pool::{Pool, Root};
use super::{Decision, HUB_LIMIT, Verb};

/// A record that could go to several customers who exclude each other, with the oldest of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Doubt {
    /// Number of a block that they share.
    pub block: usize,
    /// Place of the oldest record of the one in doubt.
    pub who: u32,
    /// Place of the oldest record of the oldest customer that it could go to.
    pub oldest: u32,
}

/// A possible union: two customers, and the number of the block that speaks for it.
type Edge = (Root, Root, usize);

/// Names of a block that are compared pair by pair; with more, only equal ones join. Only a source key has more
/// (address books of hundreds of devices that all count from 1), or an object renamed without end.
const NAMES_PER_BLOCK: usize = 4 * HUB_LIMIT;

/// Rounds of all steps; the last one finds nothing. More than two are rare: they need a customer of several names
/// (joined by hand) that took in a record late and so brought its other names to the record's identifiers.
const MAX_ROUNDS: usize = 8;

/// Unites what belongs together and returns what stays in doubt.
pub(super) fn join(
    pool: &mut Pool<'_>,
    records: &[&ContactRecord],
    blocks: &[Block<'_>],
    decisions: &[Decision],
) -> Vec<Doubt> {
    decide(pool, records, decisions);
    same_objects(pool, records.len(), blocks);
    let mut joining = Joining { pool, open: blocks.iter().enumerate().collect(), doubts: vec![] };
    for _ in 0..MAX_ROUNDS {
        if !joining.round() {
            break;
        }
    }
    joining.doubts
}

/// Takes the decisions: first all that keep apart, then the links, the latest first, so that of decisions that
/// contradict each other in a ring (a is b, b is c, a is not c) the oldest link gives way.
fn decide(pool: &mut Pool<'_>, records: &[&ContactRecord], decisions: &[Decision]) {
    let place_of = |id: RecordId| records.binary_search_by_key(&id, |record| record.id).ok().map(|at| at as u32);
    let mut links = Vec::new();
    for decision in decisions.iter().filter(|decision| decision.a != decision.b) {
        let (Some(a), Some(b)) = (place_of(decision.a), place_of(decision.b)) else { continue };
        match decision.verb {
            Verb::KeepApart => pool.keep_apart(a, b),
            Verb::Link => links.push((decision.id, a.min(b), a.max(b))),
        }
    }
    if !crate::planted!("links-in-the-order-of-arrival") {
        links.sort_unstable();
    }
    for (_, a, b) in links.into_iter().rev() {
        pool.force(a, b);
    }
}

/// Unites records of one source key that also share a phone or an e-mail address, whatever their names: the
/// source said one object again with another name.
fn same_objects(pool: &mut Pool<'_>, count: usize, blocks: &[Block<'_>]) {
    let mut shared_by: Vec<Vec<u32>> = vec![vec![]; count];
    for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind != IdentifierKind::SourceKey) {
        for &place in &block.records {
            shared_by[place as usize].push(number as u32);
        }
    }
    for block in blocks.iter().filter(|block| block.kind == IdentifierKind::SourceKey) {
        let mut holders: HashMap<u32, Vec<u32>> = HashMap::new();
        for &place in &block.records {
            for &number in &shared_by[place as usize] {
                let before = holders.entry(number).or_default();
                if !before.iter().any(|&other| pool.force(other, place).is_some()) {
                    before.push(place);
                }
            }
        }
    }
}

/// The state of the steps that rules take.
struct Joining<'p, 'a, 'b> {
    pool: &'p mut Pool<'a>,
    /// The blocks, with their numbers, that are not one customer yet.
    open: Vec<(usize, &'b Block<'b>)>,
    /// Of the present round.
    doubts: Vec<Doubt>,
}

impl<'b> Joining<'_, '_, 'b> {
    /// Takes every step once; whether anything was united.
    fn round(&mut self) -> bool {
        use IdentifierKind::{Email, Phone, SourceKey};
        let before = self.pool.unions();
        self.doubts.clear();
        let mut open = std::mem::take(&mut self.open);
        open.retain(|(_, block)| !self.is_settled(block));
        self.open = open;
        self.same_names(SourceKey);
        self.likely(SourceKey, Agreement::Compatible);
        self.nameless(SourceKey);
        self.likely(SourceKey, Agreement::Unknown);
        self.same_names(Email);
        self.same_names(Phone);
        self.likely(Email, Agreement::Compatible);
        self.likely(Phone, Agreement::Compatible);
        self.nameless(Email);
        self.likely(Email, Agreement::Unknown);
        self.nameless(Phone);
        self.likely(Phone, Agreement::Unknown);
        self.pool.unions() > before
    }

    /// The open blocks of one kind that are still not one customer.
    fn open(&self, kind: IdentifierKind) -> Vec<(usize, &'b Block<'b>)> {
        self.open.iter().copied().filter(|(_, block)| block.kind == kind && !self.is_settled(block)).collect()
    }

    /// Unites records that share an identifier of `kind` and have the same name; a customer that excludes another
    /// of its name does not get in the way of the third, who goes to the oldest.
    fn same_names(&mut self, kind: IdentifierKind) {
        for (_, block) in self.open(kind) {
            let mut groups = self.by_persona(&block.records);
            if groups.len() <= NAMES_PER_BLOCK {
                groups = self.by_same_name(groups);
            }
            for (_, places) in groups {
                self.gather(&places);
            }
        }
    }

    /// Unites nameless customers with each other: ten voice mails from one number are one unknown caller.
    fn nameless(&mut self, kind: IdentifierKind) {
        for (_, block) in self.open(kind) {
            let nameless: Vec<u32> =
                block.records.iter().copied().filter(|place| self.pool.is_nobody(self.pool.find(*place))).collect();
            self.gather(&nameless);
        }
    }

    /// Unites customers of which two records share an identifier of `kind` and agree as `wanted`, except those
    /// that could go to several customers who exclude each other.
    ///
    /// All possible unions are found before the first is made, so that who comes first decides nothing.
    fn likely(&mut self, kind: IdentifierKind, wanted: Agreement) {
        let mut edges = Vec::new();
        for (number, block) in self.open(kind) {
            self.edges(number, block, wanted, &mut edges);
        }
        // Of several blocks that speak for the same union the first stands for it.
        edges.sort_unstable();
        edges.dedup_by_key(|(a, b, _)| (*a, *b));
        let mut in_doubt = self.in_doubt(&edges);
        if crate::planted!("doubt-goes-to-the-oldest") {
            in_doubt.clear();
        }
        edges.retain(|(a, b, _)| !in_doubt.contains(a) && !in_doubt.contains(b));
        let mut in_age: Vec<(u32, u32)> =
            edges.into_iter().map(|(a, b, _)| ordered(self.pool.oldest(a), self.pool.oldest(b))).collect();
        in_age.sort_unstable();
        for (a, b) in in_age {
            let (a, b) = (self.pool.find(a), self.pool.find(b));
            if a != b && self.pool.can_unite(a, b) {
                self.pool.unite(a, b);
            }
        }
    }

    /// The possible unions within one block.
    fn edges(&mut self, number: usize, block: &Block<'_>, wanted: Agreement, edges: &mut Vec<Edge>) {
        let groups = self.by_persona(&block.records);
        if groups.len() > NAMES_PER_BLOCK {
            return;
        }
        let mut sides: Vec<(Option<u32>, Vec<Root>)> =
            groups.into_iter().map(|(persona, places)| (Some(persona), self.roots(&places))).collect();
        if wanted == Agreement::Unknown {
            let nameless: Vec<u32> =
                block.records.iter().copied().filter(|place| self.pool.persona_of(*place).is_none()).collect();
            sides.push((None, self.roots(&nameless)));
        }
        for (at, (p, of_p)) in sides.iter().enumerate() {
            // Two nameless records agree as little with each other as with a named one; one may be John's by now.
            let from = if p.is_some() { at + 1 } else { at };
            for (q, of_q) in &sides[from..] {
                let agreement = p.zip(*q).map_or(Agreement::Unknown, |(p, q)| self.pool.agreement(p, q));
                if agreement != wanted {
                    continue;
                }
                for (&a, &b) in of_p.iter().flat_map(|a| of_q.iter().map(move |b| (a, b))) {
                    if a != b && self.pool.can_unite(a, b) {
                        let (a, b) = ordered(a, b);
                        edges.push((a, b, number));
                    }
                }
            }
        }
    }

    /// The customers with two neighbours that exclude each other; each is noted with the oldest neighbour.
    fn in_doubt(&mut self, edges: &[Edge]) -> HashSet<Root> {
        let mut neighbours: Vec<Edge> =
            edges.iter().flat_map(|&(a, b, block)| [(a, b, block), (b, a, block)]).collect();
        neighbours.sort_unstable();
        let mut in_doubt = HashSet::new();
        for group in neighbours.chunk_by(|one, other| one.0 == other.0) {
            let choosy: Vec<Root> =
                group.iter().map(|edge| edge.1).filter(|root| self.pool.may_exclude(*root)).collect();
            let who = group[0].0;
            let excluded = choosy
                .iter()
                .enumerate()
                .any(|(at, &a)| choosy[at + 1..].iter().any(|&b| self.pool.exclude_each_other(a, b, who)));
            let oldest = group.iter().min_by_key(|(_, neighbour, _)| self.pool.oldest(*neighbour));
            if let (true, Some(&(_, oldest, block))) = (excluded, oldest) {
                in_doubt.insert(who);
                self.doubts.push(Doubt { block, who: self.pool.oldest(who), oldest: self.pool.oldest(oldest) });
            }
        }
        in_doubt
    }

    /// Unites each record with the oldest of the others that it can be united with.
    fn gather(&mut self, places: &[u32]) {
        let mut firsts: Vec<u32> = Vec::new();
        for &place in places {
            let root = self.pool.find(place);
            if firsts.iter().any(|first| self.pool.find(*first) == root) {
                continue;
            }
            let mut taken = false;
            for &first in &firsts {
                let other = self.pool.find(first);
                if self.pool.can_unite(other, root) {
                    self.pool.unite(other, root);
                    taken = true;
                    break;
                }
            }
            if !taken {
                firsts.push(place);
            }
        }
    }

    /// Whether all records of a block are one customer already.
    fn is_settled(&self, block: &Block<'_>) -> bool {
        let mut roots = block.records.iter().map(|place| self.pool.find(*place));
        let first = roots.next();
        roots.all(|root| Some(root) == first)
    }

    /// The distinct customers of the records, by their first record among them.
    fn roots(&self, places: &[u32]) -> Vec<Root> {
        let mut seen = HashSet::with_capacity(places.len());
        places.iter().map(|place| self.pool.find(*place)).filter(|root| seen.insert(*root)).collect()
    }

    /// The named records by persona, in the order of the first record of each. A record of a customer in whom a
    /// decision put several names together stands under all of them.
    fn by_persona(&self, places: &[u32]) -> Vec<(u32, Vec<u32>)> {
        let mut number_of: HashMap<u32, usize> = HashMap::new();
        let mut groups: Vec<(u32, Vec<u32>)> = Vec::new();
        for &place in places {
            for persona in self.pool.personas_of(place) {
                let number = *number_of.entry(persona).or_insert(groups.len());
                if number == groups.len() {
                    groups.push((persona, vec![]));
                }
                groups[number].1.push(place);
            }
        }
        groups
    }

    /// Groups of one name in several spellings put together.
    fn by_same_name(&mut self, groups: Vec<(u32, Vec<u32>)>) -> Vec<(u32, Vec<u32>)> {
        let mut merged: Vec<(u32, Vec<u32>)> = Vec::new();
        for (persona, places) in groups {
            match merged.iter().position(|(other, _)| self.pool.agreement(*other, persona) == Agreement::Same) {
                Some(at) => merged[at].1.extend(places),
                None => merged.push((persona, places)),
            }
        }
        for (_, places) in &mut merged {
            places.sort_unstable();
            places.dedup();
        }
        merged
    }
}

/// The two, smaller first.
fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}
