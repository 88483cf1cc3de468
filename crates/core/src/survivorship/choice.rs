//! The choice among what several records say about one field.

use std::cmp::Ordering;

use crate::contact::ContactRecord;
use crate::customer::{Provenance, Rule};
use crate::record::Source;

/// What one record says.
pub(super) struct Said<'a, T> {
    record: &'a ContactRecord,
    value: T,
    /// How much it says; more stands above less among sources.
    completeness: u32,
}

impl<'a> Said<'a, String> {
    /// What `record` says, unless it is blank.
    pub(super) fn by(record: &'a ContactRecord, value: String, completeness: u32) -> Option<Self> {
        (!value.trim().is_empty()).then_some(Self { record, value, completeness })
    }
}

impl<T> Said<'_, T> {
    fn is_by_hand(&self) -> bool {
        self.record.source == Source::Hub
    }

    /// Which of two stands above, and by which rule. Between entries by hand the later one is the correction,
    /// even where it says less. Equal to the microsecond, the younger record stands: ids ascend in time.
    fn against(&self, other: &Self) -> (Ordering, Rule) {
        let by_hand = self.is_by_hand().cmp(&other.is_by_hand());
        if by_hand.is_ne() {
            return (by_hand, Rule::HandEdit);
        }
        let fuller = self.completeness.cmp(&other.completeness);
        if fuller.is_ne() && !self.is_by_hand() {
            return (fuller, Rule::Completeness);
        }
        let later = super::said_at(self.record).cmp(&super::said_at(other.record));
        (later.then(self.record.id.cmp(&other.record.id)), Rule::Recency)
    }
}

/// The value that stands above all others and where it comes from; `None` when nothing is said.
///
/// The rule is that by which it beat a source if it was entered by hand, else that by which it beat the strongest
/// record that says something else.
pub(super) fn choose<T: PartialEq>(mut said: Vec<Said<'_, T>>) -> Option<(T, Provenance)> {
    said.sort_by(|a, b| b.against(a).0);
    let best = said.first()?;
    let rivals = || said[1..].iter().filter(|other| other.value != best.value);
    let rival = rivals().find(|other| other.is_by_hand() != best.is_by_hand()).or_else(|| rivals().next());
    let rule = rival.or(said.get(1)).map_or(Rule::OnlyValue, |rival| best.against(rival).1);
    let record = best.record;
    let provenance = Provenance {
        record: record.id,
        source: record.source,
        said_at: super::said_at(record),
        rule,
        pin: None,
        pinned_by: None,
    };
    said.into_iter().next().map(|best| (best.value, provenance))
}
