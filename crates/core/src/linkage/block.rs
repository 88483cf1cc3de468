//! Candidates: which records are compared, and how many people stand behind what they share.

use std::collections::{HashMap, HashSet};

use super::description::Description;
use super::key::{Key, KeyKind};
use super::level::Levels;
use super::score::MOST_BEHIND;
use super::{Asked, Given};

/// Versions of one object that are all compared with each other.
const MAX_VERSIONS: usize = 50;
/// People behind an identifier that is a hub: nobody counts them.
pub(super) const CROWD: u32 = u32::MAX;
/// People behind an identifier beyond which more make no difference to any pair: of two one is left out at most
/// (`Linkage::behind`), and one is not counted against them.
const MOST_COUNTED: u32 = MOST_BEHIND + 2;

/// Pairs of places, the smaller first, in one number; ascending, each once.
pub(super) type Pairs = Vec<u64>;

/// What blocking found.
pub(super) struct Blocked {
    /// Pairs to be compared.
    pub(super) pairs: Pairs,
    /// People named behind an identifier, where it is more than one; of any key that is a hub, a crowd.
    pub(super) behind: HashMap<Key, u32>,
}

impl Blocked {
    /// Whether so many share the key that it is a reason to compare nobody.
    pub(super) fn is_hub(&self, key: &Key) -> bool {
        self.behind.get(key) == Some(&CROWD)
    }
}

/// A pair as one number.
pub(super) fn pair(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

/// The places of a pair.
pub(super) fn places(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

/// Finds candidates.
pub(super) fn block(descriptions: &[&Description], one: &[u32], given: &Given) -> Blocked {
    let hubs = &given.hubs;
    let mut found: Vec<(Key, u32)> = Vec::with_capacity(descriptions.len() * 6);
    let asked = given.asked.few().map(|few| keys_of_few(descriptions, few));
    let is_wanted = |key: &Key| !hubs.contains(key) && asked.as_ref().is_none_or(|asked| asked.contains(key));
    for (place, description) in (0u32..).zip(descriptions) {
        found.extend(description.keys.iter().filter(|key| is_wanted(key)).map(|key| (*key, place)));
    }
    found.sort_unstable();
    // Where no pair is looked at, nobody asks who is behind the key either.
    let is_asked = |block: &&[(Key, u32)]| block.len() > 1 && given.asked.is_any(block.iter().map(|(_, place)| *place));
    let blocks: Vec<&[(Key, u32)]> = found.chunk_by(|a, b| a.0 == b.0).filter(is_asked).collect();
    let mut parts = crate::parallel::parts(&blocks, |blocks| {
        let (mut pairs, mut behind) = (Vec::new(), Vec::new());
        for block in blocks {
            look(descriptions, one, block, &given.asked, &mut pairs, &mut behind);
        }
        pairs.sort_unstable();
        pairs.dedup();
        (pairs, behind)
    });
    let mut pairs: Pairs = Vec::with_capacity(parts.iter().map(|(pairs, _)| pairs.len()).sum());
    let mut behind: HashMap<Key, u32> =
        hubs.iter().filter(|key| key.kind.is_identifier()).map(|key| (*key, CROWD)).collect();
    for (found, people) in &mut parts {
        pairs.append(found);
        behind.extend(people.drain(..));
    }
    pairs.sort_unstable();
    pairs.dedup();
    Blocked { pairs, behind }
}

/// What the few have of whom pairs are looked at: no other key is asked for.
fn keys_of_few(descriptions: &[&Description], few: &[bool]) -> HashSet<Key> {
    let few = descriptions.iter().zip(few).filter(|(_, is_one)| **is_one);
    few.flat_map(|(description, _)| description.keys.iter().copied()).collect()
}

/// What a block says of all who are in it: how many people are behind its key, as far as it makes a difference, or that
/// it is a hub.
pub(super) fn says(descriptions: &[&Description], one: &[u32], block: &[(Key, u32)]) -> u32 {
    match block.first() {
        None => 1,
        Some((key, _)) if is_hub(descriptions, key.kind, block) => CROWD,
        Some((key, _)) if key.kind.is_identifier() => people(descriptions, one, block).clamp(1, MOST_COUNTED),
        Some(_) => 1,
    }
}

fn look(
    descriptions: &[&Description],
    one: &[u32],
    block: &[(Key, u32)],
    asked: &Asked,
    pairs: &mut Pairs,
    behind: &mut Vec<(Key, u32)>,
) {
    let key = block[0].0;
    if is_hub(descriptions, key.kind, block) {
        behind.push((key, CROWD));
        return;
    }
    if key.kind == KeyKind::Object && block.len() > MAX_VERSIONS {
        let mut all = Vec::new();
        versions(descriptions, block, &mut all);
        all.retain(|pair| {
            let (a, b) = places(*pair);
            asked.is_pair(a, b)
        });
        return pairs.append(&mut all);
    }
    for (at, (_, a)) in block.iter().enumerate() {
        let others = block[at + 1..].iter().filter(|(_, b)| asked.is_pair(*a, *b));
        pairs.extend(others.map(|(_, b)| pair(*a, *b)));
    }
    if key.kind.is_identifier() {
        let people = people(descriptions, one, block);
        if people > 1 {
            behind.push((key, people));
        }
    }
}

/// Of an object that was said many times: each version with the first of its name, and the names with each other as long
/// as they are few. With more, only equal ones meet.
fn versions(descriptions: &[&Description], block: &[(Key, u32)], pairs: &mut Pairs) {
    let mut places: Vec<u32> = block.iter().map(|(_, place)| *place).collect();
    places.sort_by_key(|place| (descriptions[*place as usize].persona, descriptions[*place as usize].content));
    let names: Vec<&[u32]> =
        places.chunk_by(|a, b| descriptions[*a as usize].persona == descriptions[*b as usize].persona).collect();
    for name in &names {
        pairs.extend(name[1..].iter().map(|other| pair(name[0], *other)));
    }
    if names.len() <= MAX_VERSIONS {
        for (at, name) in names.iter().enumerate() {
            pairs.extend(names[at + 1..].iter().map(|other| pair(name[0], other[0])));
        }
    }
}

/// Whether more upstream objects share the key than its kind allows. An object said again in many versions counts once.
fn is_hub(descriptions: &[&Description], kind: KeyKind, block: &[(Key, u32)]) -> bool {
    if block.len() <= kind.limit() || crate::planted!("hub-limit-is-ignored") {
        return false;
    }
    let objects = || block.iter().map(|(_, place)| descriptions[*place as usize].object);
    let unknown = objects().filter(|object| *object == 0).count();
    unknown + objects().filter(|object| *object != 0).collect::<HashSet<_>>().len() > kind.limit()
}

/// How many people or businesses the records name: those with full names each once, by whether their names differ, and
/// those with less of a name that fit none of them. Who is one by decision counts once, whatever the names.
fn people(descriptions: &[&Description], one: &[u32], block: &[(Key, u32)]) -> u32 {
    let mut named: Vec<(&Description, u32)> = block
        .iter()
        .map(|(_, place)| (descriptions[*place as usize], one[*place as usize]))
        .filter(|(description, _)| !description.is_nobody())
        .collect();
    // By content, so that who is counted first does not hang on who came first.
    named.sort_by_key(|(description, _)| (!description.is_full(), description.persona, description.content));
    named.dedup_by_key(|(description, one)| (description.persona, *one));
    let (mut known, mut sets, mut count): (Vec<&Description>, HashSet<u32>, u32) = (Vec::new(), HashSet::new(), 0);
    for (description, one) in named {
        let is_new = known.iter().all(|other| Levels::of(other, description).names_differ());
        if sets.insert(one) && is_new {
            count += 1;
        }
        if is_new {
            known.push(description);
        }
    }
    count
}
