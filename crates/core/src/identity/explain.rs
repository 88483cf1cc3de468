//! Why two customers are one, or are not: what decided it, and the evidence for and against.
//!
//! It stands on the neighbourhood that resolving gathers, so that the people behind a number are counted here as they
//! are counted there.

mod words;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde::Serialize;

use crate::contact::ContactRecord;
use crate::id::{DecisionId, RecordId};
use crate::identifier::{Identifier, IdentifierKind};
use crate::linkage::{Explanation, Linkage, Linked, SHARED_EMAIL, SHARED_PHONE, Why, names_with_places};
use crate::matching::{Rules, Verdict};
use crate::phone::Phone;

pub use words::{how_much, how_sure, other_words, percent};

use super::link::Prepared;
use super::{Beside, Candidates, HUB_LIMIT, Verb};

/// Records of each side that are compared with those of the other: 10,000 pairs are a moment.
pub const MAX_COMPARED: usize = 100;
/// Pairs whose evidence is told: the surest of those that were compared.
pub const MAX_PAIRS: usize = 3;
/// Links of one customer that are told.
pub const MAX_LINKS: usize = 50;
/// Numbers and addresses in common that are told.
pub const MAX_SHARED: usize = 20;
/// Bits beyond which more say no more: a million million to one. It also keeps JSON free of infinity.
const MOST_BITS: f32 = 40.0;

/// What an explanation stands on, as resolving gathers it.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The records.
    pub candidates: &'a Candidates,
    /// Those of them that are asked about, with whoever may be one with them.
    pub inside: &'a HashSet<RecordId>,
    /// What decides beside them.
    pub beside: Beside<'a>,
}

/// What decided that two customers are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Because {
    /// Somebody keeps them apart.
    Decision {
        /// The decision.
        decision: DecisionId,
    },
    /// The evidence is not enough, or something beside the numbers speaks against it.
    Evidence {
        /// Why, where something speaks for one.
        why: Option<Why>,
    },
    /// All that they share proves nothing.
    NotCounted,
    /// They share nothing that records are compared by.
    NothingShared,
}

/// Two customers that are two.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Between {
    /// What decided it.
    pub because: Because,
    /// The surest pairs, the surest first.
    pub pairs: Vec<Pair>,
    /// Single facts any of which would change it, in words.
    pub would_change: Vec<String>,
    /// Numbers and addresses that both have.
    pub shared: Vec<Shared>,
    /// Pairs that were compared.
    pub compared: usize,
    /// Pairs that there are.
    pub pairs_in_all: usize,
    /// Whether the rules say otherwise by now than what is stored: a rebuild would make one of them.
    pub is_outdated: bool,
}

/// A record of the one and a record of the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Of the one.
    pub a: RecordId,
    /// Of the other.
    pub b: RecordId,
    /// The evidence.
    pub explanation: Explanation,
}

/// A number or address that both have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// As one of them says it.
    #[serde(flatten)]
    pub identifier: Identifier,
    /// Whether it says anything.
    pub counts: Counts,
    /// How many people the records behind it name, where it counts.
    pub people: Option<u32>,
}

/// Whether an identifier says anything about who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// It does.
    Yes,
    /// More than [`HUB_LIMIT`] objects have it.
    Hub,
    /// It is the tenant's own.
    OwnNumber,
    /// It was filled in for want of one.
    Placeholder,
    /// Somebody marked it as several people's.
    Shared,
}

impl Counts {
    /// Whether an identifier counts, and if not, why.
    pub fn of(identifier: &Identifier, rules: &Rules, hubs: &BTreeSet<Identifier>) -> Self {
        let phone = || Phone::from_normal(identifier.value.clone());
        match rules.marks.of(identifier) {
            Some(Verdict::Shared) => return Self::Shared,
            Some(Verdict::Mine) => return Self::OwnNumber,
            Some(Verdict::Placeholder) => return Self::Placeholder,
            None => {}
        }
        if identifier.kind == IdentifierKind::Phone && rules.own_numbers.contains(&phone()) {
            Self::OwnNumber
        } else if !rules.identifies(identifier) {
            Self::Placeholder
        } else if hubs.contains(identifier) {
            Self::Hub
        } else {
            Self::Yes
        }
    }

    /// Why it does not count, for people; `None` where it does.
    pub fn words(self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::Hub => Some(format!("more than {HUB_LIMIT} entries have it, so it proves nothing")),
            Self::OwnNumber => Some("it is the business' own, so it identifies nobody".to_owned()),
            Self::Shared => Some("somebody marked it as several people's, so it proves nothing".to_owned()),
            Self::Placeholder => {
                Some("it is what people fill in where there is none, so it identifies nobody".to_owned())
            }
        }
    }

    /// What would have to be otherwise for it to count.
    fn would_change(self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::Hub => Some(format!("no more than {HUB_LIMIT} entries had what they share")),
            Self::OwnNumber => Some("what they share was not the business' own".to_owned()),
            Self::Shared => Some("what they share was not marked as several people's".to_owned()),
            Self::Placeholder => Some("they shared a real number or address".to_owned()),
        }
    }
}

/// What holds one customer together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Within {
    /// Links between its records, at most [`MAX_LINKS`]: those that lead from the one asked about to the other first, then
    /// the surest.
    pub links: Vec<Link>,
    /// How many there are.
    pub links_in_all: usize,
    /// Whether the rules say otherwise by now than what is stored.
    pub is_outdated: bool,
}

/// What ties two records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// One record.
    pub a: RecordId,
    /// The other.
    pub b: RecordId,
    /// What ties them.
    pub by: By,
    /// The evidence, where it is that.
    pub explanation: Option<Explanation>,
    /// Whether it leads from the one asked about to the other.
    pub on_path: bool,
}

/// What ties two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum By {
    /// Somebody said so.
    Decision {
        /// The decision.
        decision: DecisionId,
    },
    /// They are two versions of one object of one source.
    Object,
    /// The evidence.
    Evidence,
}

/// The neighbourhood, ready to be asked about.
struct Scene<'a> {
    around: Around<'a>,
    /// By age; a record's place stands for it.
    records: Vec<&'a ContactRecord>,
    prepared: Prepared<'a>,
}

impl<'a> Scene<'a> {
    fn of(around: Around<'a>) -> Self {
        let records = around.candidates.records().collect();
        let prepared = around.candidates.prepared(Some(around.inside), &around.beside);
        Self { around, records, prepared }
    }

    fn place_of(&self, id: RecordId) -> Option<u32> {
        self.records.binary_search_by_key(&id, |record| record.id).ok().map(|at| at as u32)
    }

    fn id(&self, place: u32) -> RecordId {
        self.records[place as usize].id
    }

    fn record(&self, place: u32) -> &'a ContactRecord {
        self.records[place as usize]
    }

    fn places(&self, of: &HashSet<RecordId>) -> Vec<u32> {
        (0u32..).zip(&self.records).filter(|(_, record)| of.contains(&record.id)).map(|(place, _)| place).collect()
    }
}

/// Why the customers that have these records are two.
pub fn between(around: Around<'_>, a: &HashSet<RecordId>, b: &HashSet<RecordId>) -> Between {
    let scene = Scene::of(around);
    let linkage = scene.prepared.linkage(around.beside.rules);
    let linked = linkage.link();
    let (of_a, of_b) = (scene.places(a), scene.places(b));
    let shared = shared(&scene, &linkage, &of_a, &of_b);
    let doubt = doubt(&linked, &of_a, &of_b);
    let (some_a, some_b) = (chosen(&scene, &of_a, &shared), chosen(&scene, &of_b, &shared));
    let pairs = surest(&scene, &linkage, &some_a, &some_b);
    let kept = around.beside.decisions.iter().rev().find(|decision| {
        let across = |one, other| a.contains(&one) && b.contains(&other);
        decision.verb == Verb::KeepApart && (across(decision.a, decision.b) || across(decision.b, decision.a))
    });
    let any_counts = shared.iter().any(|one| one.counts == Counts::Yes);
    let because = match kept {
        Some(decision) => Because::Decision { decision: decision.id },
        None if doubt.is_some() || any_counts || live_alike(&scene, &linkage, &of_a, &of_b) => {
            Because::Evidence { why: doubt }
        }
        None if !shared.is_empty() => Because::NotCounted,
        None => Because::NothingShared,
    };
    let number_of = numbers(&linked, scene.records.len());
    let numbers_of = |places: &[u32]| places.iter().map(|place| number_of[*place as usize]).collect::<HashSet<_>>();
    Between {
        because,
        would_change: would_change(because, &pairs, &shared),
        pairs,
        shared,
        compared: some_a.len() * some_b.len(),
        pairs_in_all: of_a.len() * of_b.len(),
        is_outdated: !numbers_of(&of_a).is_disjoint(&numbers_of(&of_b)),
    }
}

/// Whether they are compared because of a name and a place.
fn live_alike(scene: &Scene<'_>, linkage: &Linkage<'_>, of_a: &[u32], of_b: &[u32]) -> bool {
    let keys = |places: &[u32]| -> HashSet<Identifier> {
        places.iter().flat_map(|place| names_with_places(&scene.record(*place).contact)).collect()
    };
    let of_b = keys(of_b);
    keys(of_a).iter().any(|key| of_b.contains(key) && !linkage.is_crowd(key))
}

/// What holds the customer together that has these records. `path` are two records of it: how the one comes to the other.
pub fn within(around: Around<'_>, of: &HashSet<RecordId>, path: Option<(RecordId, RecordId)>) -> Within {
    let scene = Scene::of(around);
    let linkage = scene.prepared.linkage(around.beside.rules);
    let linked = linkage.link();
    let places: HashSet<u32> = scene.places(of).into_iter().collect();
    let ties = ties(&scene, &linked, &places);
    let ends = path.and_then(|(a, b)| Some((scene.place_of(a)?, scene.place_of(b)?)));
    let on_path: HashSet<usize> = ends.map(|(a, b)| way(&ties, a, b)).unwrap_or_default().into_iter().collect();
    let links_in_all = ties.len();
    let mut order: Vec<usize> = (0..ties.len()).collect();
    order.sort_by_key(|at| !on_path.contains(at));
    order.truncate(MAX_LINKS);
    let number_of = numbers(&linked, scene.records.len());
    let groups: HashSet<u32> = places.iter().map(|place| number_of[*place as usize]).collect();
    let link = |at: usize| {
        let Tie { a, b, by } = ties[at];
        let explanation = (by == By::Evidence).then(|| finite(linkage.explain(a, b)));
        Link { a: scene.id(a), b: scene.id(b), by, explanation, on_path: on_path.contains(&at) }
    };
    Within { links: order.into_iter().map(link).collect(), links_in_all, is_outdated: groups.len() > 1 }
}

#[derive(Debug, Clone, Copy)]
struct Tie {
    a: u32,
    b: u32,
    by: By,
}

/// What ties records of one customer, in the order of authority: what somebody said, one object, the evidence from the
/// surest on.
fn ties(scene: &Scene<'_>, linked: &Linked, places: &HashSet<u32>) -> Vec<Tie> {
    let mut ties = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |a: u32, b: u32, by: By| {
        if places.contains(&a) && places.contains(&b) && seen.insert((a.min(b), a.max(b))) {
            ties.push(Tie { a: a.min(b), b: a.max(b), by });
        }
    };
    for decision in scene.around.beside.decisions.iter().filter(|decision| decision.verb == Verb::Link) {
        if let (Some(a), Some(b)) = (scene.place_of(decision.a), scene.place_of(decision.b)) {
            add(a, b, By::Decision { decision: decision.id });
        }
    }
    for (a, b) in &scene.prepared.given().objects {
        add(*a, *b, By::Object);
    }
    for edge in &linked.links {
        add(edge.a, edge.b, By::Evidence);
    }
    ties
}

/// The ties on the shortest way from one record to another.
fn way(ties: &[Tie], from: u32, to: u32) -> Vec<usize> {
    let mut beside: HashMap<u32, Vec<(u32, usize)>> = HashMap::new();
    for (at, tie) in ties.iter().enumerate() {
        beside.entry(tie.a).or_default().push((tie.b, at));
        beside.entry(tie.b).or_default().push((tie.a, at));
    }
    let mut came_by: HashMap<u32, (u32, usize)> = HashMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(here) = next.pop_front() {
        for (there, at) in beside.get(&here).into_iter().flatten() {
            if *there != from && !came_by.contains_key(there) {
                came_by.insert(*there, (here, *at));
                next.push_back(*there);
            }
        }
    }
    let (mut way, mut here) = (Vec::new(), to);
    while let Some((before, at)) = came_by.get(&here) {
        way.push(*at);
        here = *before;
    }
    way
}

/// By place, the number of its group.
fn numbers(linked: &Linked, count: usize) -> Vec<u32> {
    let mut numbers = vec![0; count];
    for (number, group) in (0u32..).zip(&linked.groups) {
        group.iter().for_each(|place| numbers[*place as usize] = number);
    }
    numbers
}

/// Why two customers are two though something speaks for one: of the surest pair.
fn doubt(linked: &Linked, a: &[u32], b: &[u32]) -> Option<Why> {
    let (a, b): (HashSet<&u32>, HashSet<&u32>) = (a.iter().collect(), b.iter().collect());
    let across = |one: &u32, other: &u32| a.contains(one) && b.contains(other);
    let between = linked.doubts.iter().filter(|doubt| across(&doubt.a, &doubt.b) || across(&doubt.b, &doubt.a));
    between.max_by_key(|doubt| doubt.score).map(|doubt| doubt.why)
}

/// The records that are compared: those that have something of the other side first, then the oldest.
fn chosen(scene: &Scene<'_>, places: &[u32], shared: &[Shared]) -> Vec<u32> {
    let has = |place: &u32| {
        let identifiers = said(scene.record(*place));
        identifiers.iter().any(|(_, said)| shared.iter().any(|one| one.identifier == *said))
    };
    let mut places = places.to_vec();
    if places.len() > MAX_COMPARED {
        places.sort_by_cached_key(|place| (!has(place), *place));
        places.truncate(MAX_COMPARED);
    }
    places
}

fn surest(scene: &Scene<'_>, linkage: &Linkage<'_>, a: &[u32], b: &[u32]) -> Vec<Pair> {
    let all = a.iter().flat_map(|one| b.iter().map(|other| (*one, *other)));
    let mut all: Vec<(f32, u32, u32)> = all.map(|(one, other)| (linkage.bits(one, other), one, other)).collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    all.truncate(MAX_PAIRS);
    let pair = |(_, a, b): (f32, u32, u32)| Pair {
        a: scene.id(a),
        b: scene.id(b),
        explanation: finite(linkage.explain(a, b)),
    };
    all.into_iter().map(pair).collect()
}

/// The phones and e-mail addresses of a record: in the form in which they are compared, and as said.
fn said(record: &ContactRecord) -> Vec<(Identifier, Identifier)> {
    let contact = &record.contact;
    let phones = contact.phones.iter().map(|phone| (Identifier::from(phone), Identifier::from(phone)));
    let emails = contact
        .emails
        .iter()
        .map(|email| (Identifier { kind: IdentifierKind::Email, value: email.match_key() }, Identifier::from(email)));
    phones.chain(emails).collect()
}

fn shared(scene: &Scene<'_>, linkage: &Linkage<'_>, a: &[u32], b: &[u32]) -> Vec<Shared> {
    let of_b: HashSet<Identifier> =
        b.iter().flat_map(|place| said(scene.record(*place))).map(|(form, _)| form).collect();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (form, said) in a.iter().flat_map(|place| said(scene.record(*place))) {
        if !of_b.contains(&form) || !seen.insert(form.clone()) || found.len() >= MAX_SHARED {
            continue;
        }
        let counts = match Counts::of(&form, scene.around.beside.rules, scene.around.beside.hubs) {
            // One that too many of the records themselves have is a hub, too, though nobody has noted it yet.
            Counts::Yes if linkage.people_behind(&form) == u32::MAX => Counts::Hub,
            counts => counts,
        };
        let people = (counts == Counts::Yes).then(|| linkage.people_behind(&form));
        found.push(Shared { identifier: said, counts, people });
    }
    found.sort_by_key(|one| (one.counts != Counts::Yes, one.identifier.kind));
    found
}

fn would_change(because: Because, pairs: &[Pair], shared: &[Shared]) -> Vec<String> {
    // What would make one of the surest pair; of a pair that would link, what would part it is beside the point.
    let facts =
        || pairs.first().filter(|pair| !pair.explanation.links).map(|pair| pair.explanation.would_change.clone());
    let one = |text: &str| vec![text.to_owned()];
    match because {
        Because::Decision { .. } => one("somebody took the decision back"),
        Because::Evidence { why: Some(Why::Names) } => {
            one("no name of the one was somebody else's than the names of the other")
        }
        Because::Evidence { why: Some(Why::Generation) } => {
            one("both said Jr, both said Sr, or they shared a number that nobody else has")
        }
        Because::Evidence { why: Some(Why::NeverMix) } => one("they shared a phone or an e-mail address"),
        Because::Evidence { why: Some(Why::Ambiguous) } => {
            one("there was only one whom it fits: now it fits two who are not one")
        }
        Because::Evidence { why: Some(Why::Weak) | None } => facts().unwrap_or_default(),
        // They are not even compared until they share something.
        Because::NothingShared => {
            let shares = |fact: &String| [SHARED_PHONE, SHARED_EMAIL].contains(&fact.as_str());
            facts().unwrap_or_default().into_iter().filter(shares).collect()
        }
        Because::NotCounted => {
            let mut words: Vec<String> = shared.iter().filter_map(|one| one.counts.would_change()).collect();
            words.dedup();
            words
        }
    }
}

/// The same with bits that are numbers, whatever underflowed.
fn finite(mut explanation: Explanation) -> Explanation {
    let tame = |bits: &mut f32| *bits = if bits.is_nan() { 0.0 } else { bits.clamp(-MOST_BITS, MOST_BITS) };
    tame(&mut explanation.bits);
    tame(&mut explanation.before);
    explanation.pieces.iter_mut().for_each(|piece| tame(&mut piece.bits));
    if explanation.probability.is_nan() {
        explanation.probability = 0.5;
    }
    explanation
}
