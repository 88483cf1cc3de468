//! How many requests a tenant may make: a bucket of sixty that fills with sixty a second.

use std::collections::BTreeMap;

use crate::stamp::{Stamp, TICKS_PER_SECOND};

/// Requests a second, and as many at once.
const PER_SECOND: i64 = 60;
/// Tenants with a bucket; a world has a few.
const MAX_BUCKETS: usize = 1000;

/// The buckets, in ticks worth of requests.
#[derive(Debug, Default)]
pub(crate) struct Buckets(BTreeMap<String, (i64, Stamp)>);

impl Buckets {
    /// Takes one request out; false if the bucket is empty.
    pub(crate) fn take(&mut self, tenant: &str, now: Stamp) -> bool {
        if self.0.len() >= MAX_BUCKETS && !self.0.contains_key(tenant) {
            return false;
        }
        let (left, since) = self.0.entry(tenant.to_owned()).or_insert((TICKS_PER_SECOND, now));
        *left = left.saturating_add(now.0 - since.0).min(TICKS_PER_SECOND);
        *since = now;
        let one = TICKS_PER_SECOND / PER_SECOND;
        let is_let = *left >= one;
        if is_let {
            *left -= one;
        }
        is_let
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_at_once_and_sixty_a_second() {
        let mut buckets = Buckets::default();
        let mut taken =
            |tenant, second: i64| (0..100).filter(|_| buckets.take(tenant, Stamp(second * TICKS_PER_SECOND))).count();
        assert_eq!((taken("1", 0), taken("1", 0), taken("2", 0)), (60, 0, 60));
        assert_eq!((taken("1", 1), taken("1", 60)), (60, 60));
    }
}
