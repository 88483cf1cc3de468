//! What speaks for one person, against all that speaks for two: log2 of the odds.

use serde::{Deserialize, Serialize};

use crate::name::NameKeys;

use super::description::Description;
use super::level::{Levels, Part};
use super::weights::{Row, Weights};

/// Share below which a given name says no more by being rarer: misspellings are all rare.
const RAREST_GIVEN: f32 = 0.000_2;
/// The same of a family name.
const RAREST_FAMILY: f32 = 0.000_02;
/// Names behind a line beyond which more make it no likelier that two are strangers on it.
pub(super) const MOST_BEHIND: u32 = 20;

/// How two records may relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Story {
    /// One person or business.
    Same,
    /// Two who have nothing to do with each other.
    Strangers,
    /// Two of one household.
    Household,
    /// Two who share a line.
    Line,
}

/// How likely what two records say is under each story.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likelihood {
    pub(super) same: f32,
    pub(super) strangers: f32,
    pub(super) household: f32,
    pub(super) line: f32,
}

impl Likelihood {
    pub(super) fn times(&mut self, row: Row) {
        self.same *= row.same;
        self.strangers *= row.stranger;
        self.household *= row.household;
        self.line *= row.line;
    }

    /// Log2 of the odds of one person.
    pub(super) fn bits(&self) -> f32 {
        (self.same / (self.strangers + self.household + self.line)).log2()
    }

    /// The likeliest story of two people.
    pub(super) fn other(&self) -> Story {
        if self.household >= self.strangers && self.household >= self.line {
            Story::Household
        } else if self.line >= self.strangers {
            Story::Line
        } else {
            Story::Strangers
        }
    }

    /// How likely under one story.
    pub(super) fn of(&self, story: Story) -> f32 {
        match story {
            Story::Same => self.same,
            Story::Strangers => self.strangers,
            Story::Household => self.household,
            Story::Line => self.line,
        }
    }
}

/// What beside the levels decides what an answer is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// Whether one entry is a couple's and the other is not.
    pub(super) couple: bool,
    /// Whether both are businesses.
    pub(super) businesses: bool,
    /// Whether both are versions of one upstream object.
    pub(super) versions: bool,
    /// How common the given name is that both have; of names that are swapped, how often chance would swap them.
    pub(super) given_share: f32,
    /// How common the family name is that both have.
    pub(super) family_share: f32,
}

impl Context {
    pub(super) fn of(a: &Description, b: &Description, levels: &Levels) -> Self {
        let couple = |description: &Description| description.name.as_ref().is_some_and(NameKeys::is_couple);
        let given_share = match levels.given {
            // Each of the two words is by chance where the other has it.
            Part::Swapped => a.given_share.max(RAREST_GIVEN) * b.given_share.max(RAREST_GIVEN),
            _ => a.given_share.max(b.given_share).max(RAREST_GIVEN),
        };
        Self {
            couple: couple(a) != couple(b),
            businesses: a.is_business() && b.is_business(),
            versions: a.object != 0 && a.object == b.object,
            given_share,
            family_share: a.family_share.max(b.family_share).max(RAREST_FAMILY),
        }
    }
}

/// What answers are weighed with.
pub(super) struct Scale<'a> {
    pub(super) weights: &'a Weights,
    /// How many people there are to be mistaken for.
    pub(super) people: f32,
}

impl Scale<'_> {
    /// How likely the stories are before anything is compared. `behind` says how many people are named by the records
    /// that share the identifier which the two share; `None` where they share none.
    pub(super) fn before(&self, context: &Context, behind: Option<u32>) -> Likelihood {
        let weights = self.weights;
        let (household, line) = match behind {
            Some(0 | 1) => (weights.household_alone, weights.line_alone),
            Some(n) => (weights.household, weights.line * (n - 1).min(MOST_BEHIND) as f32),
            None => (weights.household, 0.0),
        };
        let mut before = Likelihood { same: 1.0, strangers: self.people, household, line };
        if context.versions {
            before.times(weights.object);
        }
        before
    }

    /// The rows of all answers, by field: see [`super::explain`].
    pub(super) fn rows(&self, context: &Context, levels: &Levels) -> [Row; 9] {
        let weights = self.weights;
        let namesakes = matches!(levels.given, Part::Equal | Part::Form) && levels.family == Part::Equal;
        [
            self.given(context, levels),
            self.family(context, levels),
            weights.middle(levels.middle),
            weights.generation(levels.generation, namesakes),
            weights.kind(levels.kind),
            self.company(context, levels),
            weights.phone(levels.phone),
            weights.email(levels.email),
            weights.place(levels.place),
        ]
    }

    /// How likely the stories are after all.
    pub(super) fn weigh(&self, a: &Description, b: &Description, levels: &Levels, behind: Option<u32>) -> Likelihood {
        self.weigh_answer(&Context::of(a, b, levels), levels, behind)
    }

    /// The same, of what decides alone.
    pub(super) fn weigh_answer(&self, context: &Context, levels: &Levels, behind: Option<u32>) -> Likelihood {
        let mut found = self.before(context, behind);
        self.rows(context, levels).into_iter().for_each(|row| found.times(row));
        found
    }

    /// Colleagues share a company; two businesses that share a line do not share a name.
    fn company(&self, context: &Context, levels: &Levels) -> Row {
        let row = self.weights.company(levels.company);
        if context.businesses { Row { line: row.stranger, household: row.stranger, ..row } } else { row }
    }

    fn given(&self, context: &Context, levels: &Levels) -> Row {
        let row = self.weights.given(levels.given);
        // An entry of two people is as likely the other's.
        if context.couple && matches!(levels.given, Part::Equal | Part::Form) {
            return Row { household: self.weights.couple, ..row };
        }
        if !matches!(levels.given, Part::Equal | Part::Swapped) {
            return row;
        }
        // Namesakes of one household are father and son, and have the family name in common.
        let household = if levels.family == Part::Different { row.stranger } else { row.household };
        Row { stranger: context.given_share, line: context.given_share, household, ..row }
    }

    fn family(&self, context: &Context, levels: &Levels) -> Row {
        let row = self.weights.family(levels.family);
        match (levels.family, levels.given) {
            (Part::Equal, _) => {}
            (Part::Different, Part::Different) => return Row { same: self.weights.wholly_different, ..row },
            _ => return row,
        }
        let mut share = context.family_share;
        if levels.given == Part::Equal {
            // Given and family names come together: where somebody is from decides both.
            share = (share * self.weights.names_together).min(1.0);
        }
        Row { stranger: share, line: share.max(row.line), ..row }
    }
}
