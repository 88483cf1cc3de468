//! Disjoint sets of places, some of which must never be one.

use std::collections::HashMap;

/// Groups on their way.
pub(crate) struct Sets {
    parent: Vec<u32>,
    /// Of roots that have more than themselves.
    members: HashMap<u32, Vec<u32>>,
    /// Places that a decision keeps apart, by place.
    apart: HashMap<u32, Vec<u32>>,
}

impl Sets {
    /// Each place by itself.
    pub(crate) fn of(count: usize, apart: &[(u32, u32)]) -> Self {
        let mut sets = Self { parent: (0..count as u32).collect(), members: HashMap::new(), apart: HashMap::new() };
        for (a, b) in apart {
            sets.apart.entry(*a).or_default().push(*b);
            sets.apart.entry(*b).or_default().push(*a);
        }
        sets
    }

    /// What stands for the set of a place.
    pub(crate) fn find(&self, place: u32) -> u32 {
        let mut root = place;
        while self.parent[root as usize] != root {
            root = self.parent[root as usize];
        }
        root
    }

    /// The places of a set.
    pub(crate) fn members(&self, root: u32) -> Vec<u32> {
        self.members.get(&root).cloned().unwrap_or_else(|| vec![root])
    }

    /// Makes one set of two; what stands for it is that of the larger, so that finding it takes few steps.
    pub(crate) fn unite(&mut self, a: u32, b: u32) {
        let (mut one, mut other) = (self.members(a), self.members(b));
        let (root, child) = if one.len() >= other.len() { (a, b) } else { (b, a) };
        if one.len() < other.len() {
            std::mem::swap(&mut one, &mut other);
        }
        self.parent[child as usize] = root;
        one.append(&mut other);
        self.members.remove(&child);
        self.members.insert(root, one);
    }

    /// Whether a decision keeps two sets apart.
    pub(crate) fn kept_apart(&self, a: u32, b: u32) -> bool {
        if self.apart.is_empty() {
            return false;
        }
        let others = self.members(a);
        others.iter().filter_map(|place| self.apart.get(place)).flatten().any(|other| self.find(*other) == b)
    }
}
