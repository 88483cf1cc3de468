//! How often something may be tried: token buckets in memory, in bounded number.
//!
//! Pure: the time comes in. Nothing personal is kept, a key is a hash.

use std::collections::HashMap;
use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::time::Timestamp;

/// Who or what is limited, as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey([u8; 16]);

impl LimitKey {
    /// For a text, such as an e-mail address; any length.
    pub fn of_text(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// For a source address. Of IPv6 only the network counts: one household has 2^64 addresses.
    pub fn of_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::of_text(&address.to_string()),
            IpAddr::V6(address) => Self::of_text(&format!("{:x?}", &address.segments()[..4])),
        }
    }
}

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Tries at once.
    pub tries: u32,
    /// Seconds after which one more try is there.
    pub seconds_per_try: u32,
    /// Keys that are remembered; more push out those that have used least.
    pub max_keys: usize,
}

/// Refused for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries: try again in {seconds} seconds")]
pub struct Wait {
    /// How long to wait, at least one second.
    pub seconds: u32,
}

/// A bucket as the instant at which it will be full again: that alone says how much is in it.
type FullAt = i64;

/// Buckets of one kind.
#[derive(Debug)]
pub struct Limits {
    allowance: Allowance,
    buckets: HashMap<LimitKey, FullAt>,
}

impl Limits {
    /// All buckets full.
    pub fn new(allowance: Allowance) -> Self {
        Self { allowance, buckets: HashMap::new() }
    }

    /// Takes one try.
    ///
    /// # Errors
    /// [`Wait`] if none is left.
    pub fn take(&mut self, key: LimitKey, now: Timestamp) -> Result<(), Wait> {
        let (now, one) = (now.micros(), i64::from(self.allowance.seconds_per_try) * 1_000_000);
        let full_at = self.buckets.get(&key).copied().unwrap_or(now).max(now);
        let ends_at = full_at.saturating_add(one);
        let wait = ends_at.saturating_sub(now).saturating_sub(one.saturating_mul(i64::from(self.allowance.tries)));
        if wait > 0 {
            let seconds = (wait + 999_999) / 1_000_000;
            return Err(Wait { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) });
        }
        if self.buckets.len() >= self.allowance.max_keys && !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        self.buckets.insert(key, ends_at);
        Ok(())
    }

    /// Gives one try back: it was a good one.
    pub fn put_back(&mut self, key: LimitKey) {
        let one = i64::from(self.allowance.seconds_per_try) * 1_000_000;
        if let Some(full_at) = self.buckets.get_mut(&key) {
            *full_at = full_at.saturating_sub(one);
        }
    }

    /// Forgets full buckets, and of the others the fuller half: somebody with many addresses must not be able to
    /// push out the bucket of the one that they are after. Halving keeps the cost of it small per try.
    fn make_room(&mut self, now: i64) {
        self.buckets.retain(|_, full_at| *full_at > now);
        if self.buckets.len() * 2 > self.allowance.max_keys {
            let mut all: Vec<FullAt> = self.buckets.values().copied().collect();
            let half = all.len() / 2;
            let (_, median, _) = all.select_nth_unstable(half);
            let (median, mut spare) = (*median, half);
            // Of many that are equally full only so many go as make half.
            self.buckets.retain(|_, full_at| {
                let goes = *full_at <= median && spare > 0;
                spare -= usize::from(goes);
                !goes
            });
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(max_keys: usize) -> Limits {
        Limits::new(Allowance { tries: 3, seconds_per_try: 10, max_keys })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_772_463_600_000_000).plus_seconds(seconds)
    }

    #[test]
    fn so_many_at_once_then_one_by_one_and_each_key_for_itself() {
        let (mut limits, jo, al) = (limits(100), LimitKey::of_text("jo"), LimitKey::of_text("al"));
        for _ in 0..3 {
            assert_eq!(limits.take(jo, at(0)), Ok(()));
        }
        assert_eq!(limits.take(jo, at(0)), Err(Wait { seconds: 10 }));
        assert_eq!(limits.take(jo, at(7)), Err(Wait { seconds: 3 }), "a refused try costs nothing");
        assert_eq!(limits.take(al, at(7)), Ok(()));
        assert_eq!(limits.take(jo, at(10)), Ok(()));
        assert_eq!(limits.take(jo, at(10)), Err(Wait { seconds: 10 }));
        limits.put_back(jo);
        assert_eq!(limits.take(jo, at(10)), Ok(()));
        for _ in 0..3 {
            assert_eq!(limits.take(jo, at(1_000)), Ok(()), "a bucket holds no more than it holds");
        }
        assert_eq!(limits.take(jo, at(1_000)), Err(Wait { seconds: 10 }));
        assert!(limits.take(jo, at(-1_000)).is_err(), "a clock that steps back opens nothing");
    }

    #[test]
    fn memory_is_bounded_and_who_tried_most_is_remembered() {
        let (mut limits, victim) = (limits(100), LimitKey::of_text("victim"));
        for _ in 0..3 {
            limits.take(victim, at(0)).unwrap();
        }
        for number in 0..10_000 {
            limits.take(LimitKey::of_text(&number.to_string()), at(0)).unwrap();
            assert!(limits.len() <= 100, "{}", limits.len());
        }
        assert!(limits.take(victim, at(0)).is_err(), "crowding out opened the door");
    }

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let of = |text: &str| LimitKey::of_address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }
}
