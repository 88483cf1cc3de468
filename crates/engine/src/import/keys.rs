//! What the keys of an archive stand for.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// Values by the archive's own keys, of which only a hash is kept: millions of short texts that live as long as the
/// plan, between rows that come and go, would hold several times their size in memory.
#[derive(Debug)]
pub(super) struct ByKey<V>(HashMap<[u8; 16], V>);

impl<V> Default for ByKey<V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<V: Copy> ByKey<V> {
    pub fn get(&self, key: &str) -> Option<V> {
        self.0.get(&hash(key)).copied()
    }

    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(&hash(key))
    }

    /// Puts a value in place of what the key stood for.
    pub fn put(&mut self, key: &str, value: V) {
        self.0.insert(hash(key), value);
    }

    /// Puts a value unless the key stands for something already.
    pub fn put_if_new(&mut self, key: &str, value: V) {
        self.0.entry(hash(key)).or_insert(value);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Half of a SHA-256: no two keys of any archive have the same one, not even on purpose.
fn hash(key: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&Sha256::digest(key)[..16]);
    hash
}
