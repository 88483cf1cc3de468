//! What a measurement holds against its limits: all of it, before it fails.

/// What misses its limit.
#[derive(Default)]
pub struct Misses(pub Vec<String>);

impl Misses {
    pub fn unless(&mut self, holds: bool, what: String) {
        if !holds {
            self.0.push(what);
        }
    }
}
