//! What goes wrong between us and an upstream, by script or at random, and how it behaves without saying so.

use std::time::Duration;

use serde::Deserialize;

use crate::random::Random;

/// Rules kept at once: more than any test writes.
const MAX_RULES: usize = 1000;

/// When to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// In so many seconds.
    Seconds(u64),
    /// At a date so many seconds from now.
    Date(u64),
}

/// What one request meets in place of its answer, or on the way to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429.
    TooMany(Option<RetryAfter>),
    /// Another status with an error of the API: 500, 502, 503, …
    Status(u16),
    /// A status with a page in HTML, as from a proxy.
    Html(u16),
    /// No answer until the caller goes away. What was asked for is not done.
    Never,
    /// What was asked for is done, and no answer comes.
    Lost,
    /// The connection ends without a word. What was asked for is not done.
    Gone,
    /// An answer so many milliseconds later.
    Slow(u64),
    /// The connection ends in the middle of the body.
    Cut,
    /// Half of the JSON, ended as if it were all.
    Truncated,
    /// All tokens are taken back: 401.
    Expired,
}

/// A fault that waits for requests.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Rule {
    /// What they meet.
    pub fault: Fault,
    /// What their method, a blank and their path contain: `GET /crm`, `/export/`; nothing for all of them.
    #[serde(default)]
    pub matching: String,
    /// How many get through before.
    #[serde(default)]
    pub after: u32,
    /// How many meet it; all from then on without a number.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Rule {
    /// The next `times` requests whose method and path contain `matching` meet `fault`.
    pub fn next(times: u32, matching: &str, fault: Fault) -> Self {
        Self { fault, matching: matching.to_owned(), after: 0, times: Some(times) }
    }

    /// The same after so many got through.
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        self.after = count;
        self
    }

    /// Whether this request meets it; counts.
    fn strikes(&mut self, request: &str) -> bool {
        if !request.contains(&self.matching) || self.times == Some(0) {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.times = self.times.map(|times| times - 1);
        true
    }
}

/// How the upstream behaves without saying so.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manners {
    /// How often a list comes in an order that nobody asked for: 0.0 to 1.0.
    pub ignores_sort: f64,
    /// Rows of a page at most, whatever was asked.
    pub page_cap: Option<usize>,
    /// Rows of a page of an export feed: the server's choice.
    pub export_size: usize,
    /// Edits that happen after each page of a list or feed.
    pub edits_between_pages: usize,
    /// Edits that happen while a page of a list is put together: its first half is from before, the rest from after.
    pub edits_within_pages: usize,
    /// How far the `Date` of answers is ahead of the clock that stamps rows, in seconds; negative for behind.
    pub date_skew_seconds: i64,
    /// How much later than they are stamped edits can become visible, in seconds.
    pub lag_seconds: u64,
    /// How far each request turns the clock, in milliseconds.
    pub tick_milliseconds: u64,
    /// Whether the contacts of a customer that was merged away are told; otherwise 404.
    pub tells_merged_contacts: bool,
    /// Whether a note on a customer moves the customer's stamp, as some have seen.
    pub notes_touch_customers: bool,
    /// Whether the `phoneSettings` of an e-mail address are null, against the documents.
    pub null_phone_settings: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            ignores_sort: 0.0,
            page_cap: None,
            export_size: 500,
            edits_between_pages: 0,
            edits_within_pages: 0,
            date_skew_seconds: 0,
            lag_seconds: 0,
            tick_milliseconds: 0,
            tells_merged_contacts: false,
            notes_touch_customers: true,
            null_phone_settings: false,
        }
    }
}

impl Manners {
    pub(crate) fn lag(&self) -> Duration {
        Duration::from_secs(self.lag_seconds)
    }
}

/// All that can go wrong.
#[derive(Debug)]
pub struct Faults {
    /// How the upstream behaves.
    pub manners: Manners,
    rules: Vec<Rule>,
    chances: Vec<(Fault, f64)>,
    random: Random,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { manners: Manners::default(), rules: Vec::new(), chances: Vec::new(), random: Random::new(seed) }
    }

    /// Adds a rule; earlier ones come first.
    pub fn add(&mut self, rule: Rule) {
        if self.rules.len() < MAX_RULES {
            self.rules.push(rule);
        }
    }

    /// From now on each request meets each of these faults with its probability, drawn from `seed`.
    pub fn at_random(&mut self, seed: u64, chances: Vec<(Fault, f64)>) {
        self.random = Random::new(seed);
        self.chances = chances;
    }

    /// Nothing goes wrong any more, and the upstream behaves.
    pub fn clear(&mut self) {
        self.rules.clear();
        self.chances.clear();
        self.manners = Manners::default();
    }

    /// What this request meets.
    pub(crate) fn strike(&mut self, method: &str, path: &str) -> Option<Fault> {
        let request = format!("{method} {path}");
        let by_rule = self.rules.iter_mut().find_map(|rule| rule.strikes(&request).then(|| rule.fault.clone()));
        self.rules.retain(|rule| rule.times != Some(0));
        let random = &mut self.random;
        by_rule
            .or_else(|| self.chances.iter().find(|(_, chance)| random.chance(*chance)).map(|(fault, _)| fault.clone()))
    }

    /// Whether this list comes in another order, and in which.
    pub(crate) fn shuffle(&mut self) -> Option<u64> {
        (self.manners.ignores_sort > 0.0 && self.random.chance(self.manners.ignores_sort)).then(|| self.random.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_some_through_and_meets_the_next() {
        let mut faults = Faults::new(1);
        faults.add(Rule::next(2, "GET /crm", Fault::Status(500)).after(1));
        let met: Vec<bool> = ["/crm/a", "/jpm/a", "/crm/b", "/crm/c", "/crm/d"]
            .iter()
            .map(|path| faults.strike("GET", path).is_some())
            .collect();
        assert_eq!(met, [false, false, true, true, false]);
    }

    #[test]
    fn chances_follow_the_seed() {
        let strikes = |seed| {
            let mut faults = Faults::new(1);
            faults.at_random(seed, vec![(Fault::Cut, 0.2), (Fault::Status(503), 0.1)]);
            (0..1000).map(|_| faults.strike("GET", "/")).collect::<Vec<_>>()
        };
        assert_eq!(strikes(5), strikes(5));
        let cuts = strikes(5).iter().filter(|it| **it == Some(Fault::Cut)).count();
        assert!((150..250).contains(&cuts), "{cuts}");
    }
}
