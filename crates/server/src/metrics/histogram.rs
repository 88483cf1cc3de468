//! How long things took.

use std::fmt::{self, Write};
use std::time::Duration;

/// The bounds of the buckets: from what a list costs to what a person gives up on.
const BOUNDS_MS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 2_500, 10_000];

/// Durations in buckets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    buckets: [u64; BOUNDS_MS.len()],
    count: u64,
    sum: Duration,
}

impl Histogram {
    /// One more.
    pub(crate) fn observe(&mut self, took: Duration) {
        if let Some(bucket) = BOUNDS_MS.iter().position(|bound| took <= Duration::from_millis(*bound)) {
            self.buckets[bucket] += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(took);
    }

    /// As Prometheus reads it; `labels` are `a="b"` without the braces, or nothing.
    pub(crate) fn write(&self, into: &mut String, name: &str, labels: &str) -> fmt::Result {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut below = 0;
        for (bound, own) in BOUNDS_MS.iter().zip(self.buckets) {
            below += own;
            let bound = Duration::from_millis(*bound).as_secs_f64();
            writeln!(into, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {below}")?;
        }
        writeln!(into, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {}", self.count)?;
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        writeln!(into, "{name}_sum{braced} {}", self.sum.as_secs_f64())?;
        writeln!(into, "{name}_count{braced} {}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_below_its_bound() {
        let mut histogram = Histogram::default();
        for ms in [1, 3, 400, 60_000] {
            histogram.observe(Duration::from_millis(ms));
        }
        let mut text = String::new();
        histogram.write(&mut text, "took", "route=\"/a\"").unwrap();
        for line in [
            "took_bucket{route=\"/a\",le=\"0.001\"} 1",
            "took_bucket{route=\"/a\",le=\"0.002\"} 1",
            "took_bucket{route=\"/a\",le=\"0.005\"} 2",
            "took_bucket{route=\"/a\",le=\"0.5\"} 3",
            "took_bucket{route=\"/a\",le=\"10\"} 3",
            "took_bucket{route=\"/a\",le=\"+Inf\"} 4",
            "took_sum{route=\"/a\"} 60.404",
            "took_count{route=\"/a\"} 4",
        ] {
            assert!(text.lines().any(|have| have == line), "{line} is not in\n{text}");
        }
    }
}
