//! From pairs to groups: the surest pairs first, and never two people in one group.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::name::NameKeys;

use super::description::Description;
use super::key::Key;
use super::level::{Generation, Levels, Part};
use super::sets::Sets;
use super::weights::Weights;
use super::{BIT, Edge, Linkage};

/// Bits by which one of two people must be the better home for a record that could be either's.
const MARGIN: f32 = 2.5;
/// Bits from which two records are one person's though their names are not the same, of which one may be a slip.
pub(super) const SURELY_ONE: f32 = 1.0;
/// Spellings of a name that a group may have before it takes in nobody under yet another one: no person is written in so
/// many ways, but a chain of half-similar names is.
pub const MAX_PERSONAS: usize = 64;

/// Groups of descriptions, and the pairs of groups that a person should look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linked {
    /// Places of the descriptions of each group, ascending; the groups by their first.
    pub groups: Vec<Vec<u32>>,
    /// The pairs that made the groups: one fewer than members, without those that a person decided.
    pub links: Vec<Edge>,
    /// Pairs in doubt, by places of records.
    pub doubts: Vec<Doubt>,
}

/// Two records of two groups that may be one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// One record.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// Log2 of the odds, in 1/256.
    pub score: i32,
    /// Why they are not one group.
    pub why: Why,
}

/// Why two records are not in one group though something speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The evidence is not enough.
    Weak,
    /// Each would do, and they exclude each other.
    Ambiguous,
    /// The groups' names are two people's.
    Names,
    /// One group has a generation, the other none, and nothing private is shared.
    Generation,
    /// Each group has numbers and addresses of its own, and none in common.
    NeverMix,
}

struct Grouping<'a> {
    linkage: &'a Linkage<'a>,
    descriptions: &'a [&'a Description],
    weights: &'a Weights,
    sets: Sets,
    /// Sure pairs by place.
    sure: HashMap<u32, Vec<(u32, i32)>>,
    links: Vec<Edge>,
    doubts: Vec<Doubt>,
}

/// Groups the descriptions.
pub(super) fn group(linkage: &Linkage<'_>, edges: &[Edge]) -> Linked {
    let (descriptions, given, weights) = (linkage.descriptions.as_slice(), linkage.given, linkage.weights);
    let mut grouping = Grouping {
        linkage,
        descriptions,
        weights,
        sets: Sets::of(descriptions.len(), &given.apart),
        sure: HashMap::new(),
        links: Vec::new(),
        doubts: Vec::new(),
    };
    for (place, first) in (0u32..).zip(&linkage.one) {
        let (a, b) = (grouping.find(place), grouping.find(*first));
        if a != b {
            grouping.unite(a, b);
        }
    }
    let link = (weights.link * BIT) as i32;
    let mut sure: Vec<Edge> = edges.iter().filter(|edge| edge.score >= link).copied().collect();
    grouping.note(&sure);
    let order = |edge: &Edge| {
        let (a, b) = (descriptions[edge.a as usize].content, descriptions[edge.b as usize].content);
        (std::cmp::Reverse(edge.score), a.min(b), a.max(b), edge.a, edge.b)
    };
    sure.sort_by_cached_key(order);
    for edge in &sure {
        grouping.take(*edge);
    }
    for edge in edges.iter().filter(|edge| edge.score < link) {
        if grouping.find(edge.a) != grouping.find(edge.b) {
            grouping.doubt(*edge, Why::Weak);
        }
    }
    grouping.finish()
}

impl Grouping<'_> {
    fn note(&mut self, sure: &[Edge]) {
        for Edge { a, b, score } in sure {
            self.sure.entry(*a).or_default().push((*b, *score));
            self.sure.entry(*b).or_default().push((*a, *score));
        }
    }

    /// Makes one group of two, if nothing speaks against it.
    fn take(&mut self, edge: Edge) {
        let (a, b) = (self.find(edge.a), self.find(edge.b));
        if a == b || self.kept_apart(a, b) {
            return;
        }
        let why = if self.too_many_names(a, b) || self.names_differ(a, b) {
            Some(Why::Names)
        } else if self.generations_differ(a, b, edge) {
            Some(Why::Generation)
        } else if self.never_mix(a, b, edge) {
            Some(Why::NeverMix)
        } else if self.is_ambiguous(a, b, edge.score) {
            Some(Why::Ambiguous)
        } else {
            None
        };
        match why {
            Some(why) => self.doubt(edge, why),
            None => {
                self.unite(a, b);
                self.links.push(edge);
            }
        }
    }

    fn doubt(&mut self, Edge { a, b, score }: Edge, why: Why) {
        self.doubts.push(Doubt { a, b, score, why });
    }

    fn find(&self, place: u32) -> u32 {
        self.sets.find(place)
    }

    fn members(&self, root: u32) -> Vec<u32> {
        self.sets.members(root)
    }

    fn unite(&mut self, a: u32, b: u32) {
        self.sets.unite(a, b);
    }

    fn kept_apart(&self, a: u32, b: u32) -> bool {
        self.sets.kept_apart(a, b)
    }

    /// The distinct personas of a group.
    fn personas(&self, root: u32) -> Vec<u32> {
        let mut all = self.members(root);
        all.retain(|place| !self.descriptions[*place as usize].is_nobody());
        // By content, so that who stands for a persona does not hang on who came first.
        all.sort_by_key(|place| {
            (self.descriptions[*place as usize].persona, self.descriptions[*place as usize].content)
        });
        all.dedup_by_key(|place| self.descriptions[*place as usize].persona);
        all
    }

    /// Whether one group would have more names than a person has, and more than before (failure story I16).
    fn too_many_names(&self, a: u32, b: u32) -> bool {
        let (few, many) = (self.members(a).len(), self.members(b).len());
        if few + many <= MAX_PERSONAS {
            return false;
        }
        let names = |root: u32| -> HashSet<u64> {
            self.members(root)
                .iter()
                .map(|place| self.descriptions[*place as usize].persona)
                .filter(|it| *it != 0)
                .collect()
        };
        let (one, other) = (names(a), names(b));
        let together = one.union(&other).count();
        together > MAX_PERSONAS && together > one.len().max(other.len())
    }

    /// Whether each group has a name that none of the other's can be.
    fn names_differ(&self, a: u32, b: u32) -> bool {
        self.exclude(&self.personas(a), &self.personas(b))
    }

    /// Whether each of two lists of names has one that none of the other's can be.
    fn exclude(&self, of_a: &[u32], of_b: &[u32]) -> bool {
        let generations = |places: &[u32]| -> HashSet<u8> {
            places.iter().filter_map(|place| self.descriptions[*place as usize].generation()).collect()
        };
        let (one, other) = (generations(of_a), generations(of_b));
        if !one.is_empty() && !other.is_empty() && one.is_disjoint(&other) {
            return true;
        }
        self.is_stranger(of_a, of_b) && self.is_stranger(of_b, of_a)
    }

    /// Whether one of these is nobody of those: of the full names among those, or of all where none is full. "Ann" is both
    /// Ann Miller and Ann Jones, and does not make them one.
    fn is_stranger(&self, of: &[u32], among: &[u32]) -> bool {
        let is_full = |place: &&u32| {
            let description = self.descriptions[**place as usize];
            description.is_full() || description.is_business()
        };
        let full: Vec<u32> = among.iter().filter(is_full).copied().collect();
        let among = if full.is_empty() { among } else { &full };
        !among.is_empty() && of.iter().any(|one| among.iter().all(|other| self.differ(*one, *other)))
    }

    /// Whether two records name two people. All else may overrule that; where each has a given name that many bear, only
    /// as surely as it would join the two by themselves: a third record makes nobody one of John and Jane.
    fn differ(&self, a: u32, b: u32) -> bool {
        let (one, other) = (self.descriptions[a as usize], self.descriptions[b as usize]);
        if one.persona == other.persona {
            return false;
        }
        let levels = Levels::of(one, other);
        let is_known = |it: &Description| it.name.as_ref().is_some_and(NameKeys::is_given_name_known);
        let known = levels.given == Part::Different && is_known(one) && is_known(other);
        let overruled = if known { self.weights.link } else { SURELY_ONE };
        levels.names_differ() && self.linkage.score(a, b) < overruled && !self.is_accepted(a, b)
    }

    /// Whether records of the same two groups, under the same two names, are surely one person's: then so are the names,
    /// here and nowhere else.
    fn is_accepted(&self, a: u32, b: u32) -> bool {
        let persona = |place: u32| self.descriptions[place as usize].persona;
        let (home, name) = (self.find(b), persona(b));
        let same = self.members(self.find(a)).into_iter().filter(|place| persona(*place) == persona(a));
        same.filter_map(|place| self.sure.get(&place))
            .flatten()
            .any(|(other, _)| persona(*other) == name && self.find(*other) == home)
    }

    /// Whether two groups, each held together by numbers and addresses of its own, share none of them, and the pair that
    /// would join them is not sure enough for that: namesakes in one house, or a bridge between two people. The more records
    /// on either side never mix, the surer it must be.
    fn never_mix(&self, a: u32, b: u32, edge: Edge) -> bool {
        let (of_a, of_b) = (self.members(a), self.members(b));
        let few = of_a.len().min(of_b.len());
        if few < 2 {
            return false;
        }
        let keys = |places: &[u32]| -> HashSet<Key> {
            let all = places.iter().flat_map(|place| self.descriptions[*place as usize].keys.iter());
            all.filter(|key| key.kind.is_identifier()).copied().collect()
        };
        let (one, other) = (keys(&of_a), keys(&of_b));
        let apart = !one.is_empty() && !other.is_empty() && one.is_disjoint(&other);
        apart && (edge.score as f32 / BIT) < self.weights.link + self.weights.never_mix * (few as f32).log2()
    }

    /// Whether one group is a junior's, the other says no generation, and they share nothing that father and son do not.
    fn generations_differ(&self, a: u32, b: u32, edge: Edge) -> bool {
        let has = |root: u32| {
            self.members(root).iter().any(|place| self.descriptions[*place as usize].generation().is_some())
        };
        if has(a) == has(b) {
            return false;
        }
        let (one, other) = (self.descriptions[edge.a as usize], self.descriptions[edge.b as usize]);
        let levels = Levels::of(one, other);
        if levels.generation != Generation::Missing {
            return false;
        }
        // As if the pair said it itself.
        let (missing, one_sided) = (Generation::Missing, Generation::OneSided);
        let by = |level| {
            let row = self.weights.generation(level, true);
            (row.same / row.household).log2()
        };
        (edge.score as f32 / BIT) + by(one_sided) - by(missing) < self.weights.link
    }

    /// Whether one of the two groups has another to go to, nearly as good, that excludes this one.
    fn is_ambiguous(&self, a: u32, b: u32, score: i32) -> bool {
        if crate::planted!("doubt-goes-to-the-oldest") {
            return false;
        }
        let least = score - (MARGIN * BIT) as i32;
        [(a, b), (b, a)].into_iter().any(|(who, home)| {
            let mut others: Vec<u32> = self
                .members(who)
                .iter()
                .filter_map(|place| self.sure.get(place))
                .flatten()
                .filter(|(_, score)| *score >= least)
                .map(|(place, _)| *place)
                .collect();
            others =
                others.into_iter().map(|place| self.find(place)).filter(|root| *root != who && *root != home).collect();
            others.sort_unstable();
            others.dedup();
            let together = [self.personas(who), self.personas(home)].concat();
            others.into_iter().any(|other| {
                (self.kept_apart(other, home) || self.exclude(&self.personas(other), &together))
                    && !self.kept_apart(other, who)
                    && !self.names_differ(other, who)
            })
        })
    }

    /// Whether the answer to a doubt would change anything: not between two records of one group, and not where one says no
    /// name and has a home among people who are not the other's.
    fn is_open(&self, doubt: &Doubt) -> bool {
        let (a, b) = (self.find(doubt.a), self.find(doubt.b));
        let is_nobody = |place: u32| self.descriptions[place as usize].is_nobody();
        a != b && !((is_nobody(doubt.a) || is_nobody(doubt.b)) && self.names_differ(a, b))
    }

    fn finish(self) -> Linked {
        let mut groups: Vec<Vec<u32>> = Vec::new();
        let mut number_of: HashMap<u32, usize> = HashMap::new();
        for place in 0..self.descriptions.len() as u32 {
            let root = self.find(place);
            let number = *number_of.entry(root).or_insert(groups.len());
            if number == groups.len() {
                groups.push(vec![]);
            }
            groups[number].push(place);
        }
        let doubts = self.doubts.iter().copied().filter(|doubt| self.is_open(doubt)).collect();
        Linked { groups, links: self.links, doubts }
    }
}
