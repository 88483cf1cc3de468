//! How many there are right now.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(Arc<AtomicUsize>);

/// One that is in; dropping it leaves.
#[derive(Debug)]
pub(crate) struct Entered(Arc<AtomicUsize>);

impl Gauge {
    /// One more, until what is returned is dropped.
    pub(crate) fn enter(&self) -> Entered {
        self.0.fetch_add(1, Ordering::Relaxed);
        Entered(self.0.clone())
    }

    /// How many.
    pub(crate) fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_those_that_are_in() {
        let gauge = Gauge::default();
        let (one, two) = (gauge.enter(), gauge.enter());
        assert_eq!(gauge.now(), 2);
        drop(one);
        assert_eq!(gauge.now(), 1);
        drop(two);
        assert_eq!(gauge.now(), 0);
    }
}
