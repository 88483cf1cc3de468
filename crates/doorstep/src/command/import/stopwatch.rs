//! How long something took, for people.

use std::time::Instant;

/// How long something takes.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// In seconds, with one decimal: `4.2 s`.
    pub fn read(&self) -> String {
        format!("{:.1} s", self.0.elapsed().as_secs_f64())
    }
}
