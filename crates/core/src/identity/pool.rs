//! The customers while they form: a union-find that knows which unions are excluded.

use std::collections::{BTreeMap, HashMap};

use crate::contact::ContactRecord;
use crate::matching::Persona;
use crate::name::Agreement;

use super::MAX_NAMES_PER_CUSTOMER;

/// A root of the union-find: one customer so far. Goes stale when the customer is united with another.
pub(super) type Root = u32;

/// All records and the customers that they are in.
pub(super) struct Pool<'a> {
    parent: Vec<u32>,
    customers: Vec<Customer>,
    /// The distinct persona of each record; `None` where it says neither name nor company.
    persona_of: Vec<Option<u32>>,
    personas: Vec<Persona<'a>>,
    /// Comparisons made, by the numbers of the personas, smaller first.
    agreements: HashMap<(u32, u32), Agreement>,
    unions: usize,
}

/// What is known about a customer; meaningful at its root only.
#[derive(Default)]
struct Customer {
    /// Number of records.
    size: u32,
    /// Place of the oldest record.
    oldest: u32,
    /// Numbers of the distinct personas, ascending.
    personas: Vec<u32>,
    /// Places of records that a decision keeps apart from one of ours.
    apart: Vec<u32>,
    /// Whether a decision or the source itself put conflicting names together.
    mixed: bool,
}

impl<'a> Pool<'a> {
    /// Every record a customer of its own.
    pub(super) fn new(records: &[&'a ContactRecord]) -> Self {
        // Numbered by their text, so that a component numbers them in the same order as the whole does.
        let mut personas: BTreeMap<Text<'a>, Persona<'a>> = BTreeMap::new();
        for &record in records {
            personas.entry(text(record)).or_insert_with(|| Persona::of(record));
        }
        personas.retain(|_, persona| !persona.is_nobody());
        let numbers: HashMap<Text<'a>, u32> = personas.keys().copied().zip(0u32..).collect();
        let persona_of: Vec<Option<u32>> = records.iter().map(|record| numbers.get(&text(record)).copied()).collect();
        let personas = personas.into_values().collect();
        let customers = (0u32..)
            .zip(&persona_of)
            .map(|(place, persona)| Customer {
                size: 1,
                oldest: place,
                personas: persona.iter().copied().collect(),
                ..Customer::default()
            })
            .collect();
        let parent = (0..records.len() as u32).collect();
        Self { parent, customers, persona_of, personas, agreements: HashMap::new(), unions: 0 }
    }

    /// The customer that holds the record at `place`.
    pub(super) fn find(&self, place: u32) -> Root {
        let mut root = place;
        while self.parent[root as usize] != root {
            root = self.parent[root as usize];
        }
        root
    }

    /// The place of a customer's oldest record.
    pub(super) fn oldest(&self, root: Root) -> u32 {
        self.customers[root as usize].oldest
    }

    /// The distinct persona of a record.
    pub(super) fn persona_of(&self, place: u32) -> Option<u32> {
        self.persona_of[place as usize]
    }

    /// The personas that a record stands for: its own, or all that a decision put beside it.
    pub(super) fn personas_of(&self, place: u32) -> Vec<u32> {
        let own = self.persona_of(place);
        let customer = &self.customers[self.find(place) as usize];
        if own.is_some() && customer.mixed {
            customer.personas.iter().copied().take(MAX_NAMES_PER_CUSTOMER).collect()
        } else {
            own.into_iter().collect()
        }
    }

    /// Whether no record of the customer says a name or a company.
    pub(super) fn is_nobody(&self, root: Root) -> bool {
        self.customers[root as usize].personas.is_empty()
    }

    /// Whether anything could keep the customer from being united with another: a name or a decision.
    pub(super) fn may_exclude(&self, root: Root) -> bool {
        let customer = &self.customers[root as usize];
        !customer.personas.is_empty() || !customer.apart.is_empty()
    }

    /// How many unions were made.
    pub(super) fn unions(&self) -> usize {
        self.unions
    }

    /// How many pairs of names were compared.
    pub(super) fn compared(&self) -> usize {
        self.agreements.len()
    }

    /// Notes a decision to keep two records apart. Before any union.
    pub(super) fn keep_apart(&mut self, a: u32, b: u32) {
        self.customers[a as usize].apart.push(b);
        self.customers[b as usize].apart.push(a);
    }

    /// Whether a decision keeps the two customers apart.
    pub(super) fn kept_apart(&self, a: Root, b: Root) -> bool {
        let (from, to) = if self.apart(a).len() <= self.apart(b).len() { (a, b) } else { (b, a) };
        self.apart(from).iter().any(|place| self.find(*place) == to)
    }

    /// How two personas agree; equal ones are the same without asking.
    pub(super) fn agreement(&mut self, p: u32, q: u32) -> Agreement {
        if p == q {
            return Agreement::Same;
        }
        let (p, q) = (p.min(q), p.max(q));
        let personas = &self.personas;
        *self.agreements.entry((p, q)).or_insert_with(|| personas[p as usize].agreement(&personas[q as usize]))
    }

    /// Whether the rules may unite the two customers.
    pub(super) fn can_unite(&mut self, a: Root, b: Root) -> bool {
        !self.kept_apart(a, b) && !self.too_many_names(a, b) && !self.names_conflict(a, b)
    }

    /// Whether `a` and `b` cannot both be united with `who`.
    pub(super) fn exclude_each_other(&mut self, a: Root, b: Root, who: Root) -> bool {
        self.kept_apart(a, b) || self.too_many_names(a, b) || self.contradict(a, b, Some(who))
    }

    /// Whether a name of one customer contradicts a name of the other.
    ///
    /// Two names that a decision (or the source) has put into one customer do not contradict each other there,
    /// and whoever agrees with one of them is not contradicted by the other.
    pub(super) fn names_conflict(&mut self, a: Root, b: Root) -> bool {
        self.contradict(a, b, None)
    }

    /// As [`Pool::names_conflict`], within a customer that also has the names of `who`.
    fn contradict(&mut self, a: Root, b: Root, who: Option<Root>) -> bool {
        let (of_a, of_b) = (self.take_personas(a), self.take_personas(b));
        let accepted = |root: Root| Some(&self.customers[root as usize]).filter(|customer| customer.mixed);
        let mixed = (accepted(a).is_some(), accepted(b).is_some());
        let beside = who.and_then(accepted).map(|who| who.personas.clone()).unwrap_or_default();
        let mut contradicts = |p, q| {
            let is_accepted = |pool: &mut Self| {
                (mixed.0 && pool.is_accepted(&of_a, p, q))
                    || (mixed.1 && pool.is_accepted(&of_b, q, p))
                    || pool.is_accepted(&beside, p, q)
                    || pool.is_accepted(&beside, q, p)
            };
            self.agreement(p, q) == Agreement::Conflict && !is_accepted(self)
        };
        let conflict = of_a.iter().any(|&p| of_b.iter().any(|&q| contradicts(p, q)));
        self.customers[a as usize].personas = of_a;
        self.customers[b as usize].personas = of_b;
        conflict
    }

    /// The worst agreement between names of two customers, for the words of a review.
    pub(super) fn worst_agreement(&mut self, a: Root, b: Root) -> Agreement {
        if self.is_nobody(a) || self.is_nobody(b) {
            return Agreement::Unknown;
        }
        if self.names_conflict(a, b) {
            return Agreement::Conflict;
        }
        let (of_a, of_b) = (self.customers[a as usize].personas.clone(), self.customers[b as usize].personas.clone());
        let pairs = of_a.iter().flat_map(|p| of_b.iter().map(move |q| (*p, *q)));
        let found: Vec<Agreement> = pairs.map(|(p, q)| self.agreement(p, q)).collect();
        let doubtful = [Agreement::Unknown, Agreement::Compatible].into_iter().find(|one| found.contains(one));
        doubtful.unwrap_or(Agreement::Same)
    }

    /// Makes one customer of two, whatever their names; `None` when a decision keeps them apart.
    pub(super) fn force(&mut self, a: u32, b: u32) -> Option<Root> {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return Some(a);
        }
        if self.kept_apart(a, b) {
            return None;
        }
        let conflict = self.names_conflict(a, b);
        let root = self.unite(a, b);
        self.customers[root as usize].mixed |= conflict;
        Some(root)
    }

    /// Makes one customer of two different ones.
    pub(super) fn unite(&mut self, a: Root, b: Root) -> Root {
        let larger_first = self.customers[a as usize].size >= self.customers[b as usize].size;
        let (root, child) = if larger_first { (a, b) } else { (b, a) };
        self.parent[child as usize] = root;
        self.unions += 1;
        let gone = std::mem::take(&mut self.customers[child as usize]);
        let kept = &mut self.customers[root as usize];
        kept.size += gone.size;
        kept.oldest = kept.oldest.min(gone.oldest);
        kept.mixed |= gone.mixed;
        kept.apart.extend(gone.apart);
        if kept.personas != gone.personas {
            kept.personas.extend(gone.personas);
            kept.personas.sort_unstable();
            kept.personas.dedup();
        }
        root
    }

    /// The places of each customer's records, oldest first; the customers by their oldest record.
    pub(super) fn customers(&self) -> Vec<Vec<u32>> {
        let mut number_of: HashMap<Root, usize> = HashMap::new();
        let mut all: Vec<Vec<u32>> = Vec::new();
        for place in 0..self.parent.len() as u32 {
            let number = *number_of.entry(self.find(place)).or_insert(all.len());
            if number == all.len() {
                all.push(vec![]);
            }
            all[number].push(place);
        }
        all
    }

    /// Whether `stranger`, who contradicts `p`, agrees with one of the `accepted` names that contradicts `p` too.
    fn is_accepted(&mut self, accepted: &[u32], p: u32, stranger: u32) -> bool {
        accepted.iter().any(|&own| {
            self.agreement(own, p) == Agreement::Conflict
                && matches!(self.agreement(own, stranger), Agreement::Same | Agreement::Compatible)
        })
    }

    /// Whether one customer would have more names than [`MAX_NAMES_PER_CUSTOMER`], and more than before.
    fn too_many_names(&self, a: Root, b: Root) -> bool {
        let (of_a, of_b) = (&self.customers[a as usize].personas, &self.customers[b as usize].personas);
        if of_a.len() + of_b.len() <= MAX_NAMES_PER_CUSTOMER {
            return false;
        }
        let shared = of_a.iter().filter(|persona| of_b.binary_search(persona).is_ok()).count();
        let together = of_a.len() + of_b.len() - shared;
        together > MAX_NAMES_PER_CUSTOMER && together > of_a.len().max(of_b.len())
    }

    fn apart(&self, root: Root) -> &[u32] {
        &self.customers[root as usize].apart
    }

    fn take_personas(&mut self, root: Root) -> Vec<u32> {
        std::mem::take(&mut self.customers[root as usize].personas)
    }
}

/// Name and company as written: what makes a persona.
type Text<'a> = (Option<&'a str>, Option<&'a str>);

fn text(record: &ContactRecord) -> Text<'_> {
    (record.contact.name.as_ref().map(|name| name.as_written()), record.contact.company.as_deref())
}
