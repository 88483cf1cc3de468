//! What each answer to each comparison is worth.
//!
//! Fellegi and Sunter (1969) weigh an answer by how much likelier it is of one person than of two. There is not one way
//! of being two people: strangers hardly ever share a street, spouses nearly always do, and the colleagues behind an
//! office line share little else. So each answer has four likelihoods, and what counts is one person against all the
//! others together:
//!
//! `log2( P(same) L(same) / (P(stranger) L(stranger) + P(household) L(household) + P(line) L(line)) )`
//!
//! The L are products over fields, as if fields were independent under each of the four; that they are not for strangers
//! in general (a family name and a street come together) is what the household is there to say.

use serde::{Deserialize, Serialize};

use super::level::{Fit, Generation, Kind, Part, Reach, Where};

/// The number of the weights below. Tenants store the weights that their customers stand on; this number is how a newer
/// program is noticed. Whoever changes a weight raises it and adds the file of the new weights to `shipped/`.
pub const SHIPPED_VERSION: i64 = 1;

/// Likelihoods of an answer under the four ways in which two records may relate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// One person or business.
    pub same: f32,
    /// Two who have nothing to do with each other.
    pub stranger: f32,
    /// Two of one household.
    pub household: f32,
    /// Two who share a line: an office, a manager's phone on tenants' records, a number that was given to somebody new.
    pub line: f32,
}

/// Likelihoods of all answers, and how likely the four are beforehand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// By [`Part`]; that of a stranger's equal name is the name's share.
    pub given: [Row; 8],
    /// By [`Part`].
    pub family: [Row; 8],
    /// How likely one entry of a couple and one of a single person have a given name in common though they are of two of
    /// a household.
    pub couple: f32,
    /// How many times as often two strangers share both names as chance would have it, if names were drawn apart.
    pub names_together: f32,
    /// How likely the family name is another where the given name is: a name that is wholly somebody else's.
    pub wholly_different: f32,
    /// By [`Fit`].
    pub middle: [Row; 4],
    /// By [`Generation`].
    pub generation: [Row; 4],
    /// By [`Generation`], of two of a household with one given name: father and son.
    pub namesakes: [f32; 4],
    /// By [`Kind`].
    pub kind: [Row; 2],
    /// By [`Fit`].
    pub company: [Row; 4],
    /// By [`Reach`].
    pub phone: [Row; 5],
    /// By [`Reach`].
    pub email: [Row; 5],
    /// By [`Where`].
    pub place: [Row; 8],
    /// Of two records that are versions of one upstream object; two address books that both count from one are rare.
    pub object: Row,
    /// Pairs of one household to one pair of one person, where a name behind a shared identifier is the only one.
    pub household_alone: f32,
    /// The same, where it is not.
    pub household: f32,
    /// Pairs who share a line to one pair of one person, where the name behind it is the only one.
    pub line_alone: f32,
    /// The same for each further name.
    pub line: f32,
    /// How much surer a pair must be that would join two groups which share no number and no address, in bits, each time
    /// the smaller group has twice the records.
    pub never_mix: f32,
    /// Where a pair links by itself: log2 of the odds.
    pub link: f32,
    /// Where a person should look.
    pub review: f32,
}

const fn row(same: f32, stranger: f32, household: f32, line: f32) -> Row {
    Row { same, stranger, household, line }
}

/// Says nothing.
const NOTHING: Row = row(1.0, 1.0, 1.0, 1.0);

/// Of given names, by [`Part`].
const GIVEN: [Row; 8] = [
    row(0.78, 0.01, 0.025, 0.01),
    row(0.10, 0.004, 0.006, 0.004),
    row(0.04, 0.0015, 0.001_5, 0.0015),
    row(0.02, 0.004, 0.010, 0.004),
    row(0.85, 0.07, 0.10, 0.07),
    row(0.01, 0.000_1, 0.000_05, 0.000_1),
    row(0.02, 0.98, 0.97, 0.98),
    NOTHING,
];
/// Of family names, by [`Part`].
const FAMILY: [Row; 8] = [
    row(0.88, 0.001, 0.75, 0.002),
    row(0.02, 0.000_5, 0.02, 0.000_5),
    row(0.035, 0.000_4, 0.03, 0.000_4),
    row(0.015, 0.002, 0.012, 0.002),
    row(0.85, 0.07, 0.75, 0.07),
    row(1.0, 1.0, 1.0, 1.0),
    row(0.02, 0.99, 0.19, 0.99),
    NOTHING,
];
/// Of phones, by [`Reach`].
const PHONE: [Row; 5] = [
    row(0.10, 1e-12, 0.01, 0.02),
    row(0.60, 1e-8, 0.25, 0.85),
    row(0.02, 2e-5, 0.01, 0.001),
    row(0.27, 1.0, 0.74, 0.13),
    NOTHING,
];
/// Of e-mail addresses, by [`Reach`].
const EMAIL: [Row; 5] = [
    row(0.03, 1e-13, 0.002, 0.001),
    row(0.60, 5e-9, 0.08, 0.25),
    row(0.04, 2e-5, 0.002, 0.000_1),
    row(0.33, 1.0, 0.92, 0.75),
    NOTHING,
];
/// Of addresses, by [`Where`].
const PLACE: [Row; 8] = [
    row(0.60, 1e-5, 0.85, 0.10),
    row(0.05, 5e-6, 0.05, 0.02),
    row(0.01, 2e-5, 0.01, 0.05),
    row(0.05, 3e-5, 0.03, 0.01),
    row(0.80, 0.012, 0.90, 0.05),
    row(0.06, 0.012, 0.02, 0.07),
    row(0.23, 0.98, 0.05, 0.75),
    NOTHING,
];

impl Default for Weights {
    fn default() -> Self {
        Self {
            given: GIVEN,
            family: FAMILY,
            couple: 0.5,
            names_together: 8.0,
            wholly_different: 0.002,
            middle: [row(0.90, 0.10, 0.15, 0.10), row(0.9, 0.1, 0.15, 0.1), row(0.05, 0.90, 0.85, 0.90), NOTHING],
            generation: [
                row(0.015, 0.001, 0.005, 0.001),
                row(0.012, 0.03, 0.03, 0.03),
                row(0.000_2, 0.001, 0.001, 0.001),
                row(0.97, 0.96, 0.96, 0.96),
            ],
            namesakes: [0.05, 0.40, 0.15, 0.40],
            kind: [row(0.01, 0.20, 0.10, 0.40), row(0.99, 0.80, 0.90, 0.60)],
            company: [
                row(0.75, 0.000_5, 0.15, 0.60),
                row(0.10, 0.000_5, 0.02, 0.10),
                row(0.15, 0.999, 0.83, 0.30),
                NOTHING,
            ],
            phone: PHONE,
            email: EMAIL,
            place: PLACE,
            object: row(0.9, 1e-7, 0.000_1, 0.000_1),
            household_alone: 0.09,
            household: 1.0,
            line_alone: 0.01,
            line: 0.5,
            never_mix: 4.0,
            link: 2.6,
            review: -5.0,
        }
    }
}

impl Weights {
    /// Of given names.
    pub(super) fn given(&self, level: Part) -> Row {
        self.given[level as usize]
    }

    /// Of family names.
    pub(super) fn family(&self, level: Part) -> Row {
        self.family[level as usize]
    }

    /// Of middle names.
    pub(super) fn middle(&self, level: Fit) -> Row {
        self.middle[level as usize]
    }

    /// Of generations; of namesakes in one household, father and son.
    pub(super) fn generation(&self, level: Generation, namesakes: bool) -> Row {
        let row = self.generation[level as usize];
        if namesakes { Row { household: self.namesakes[level as usize], ..row } } else { row }
    }

    /// Of who is named.
    pub(super) fn kind(&self, level: Kind) -> Row {
        self.kind[level as usize]
    }

    /// Of companies.
    pub(super) fn company(&self, level: Fit) -> Row {
        self.company[level as usize]
    }

    /// Of phones.
    pub(super) fn phone(&self, level: Reach) -> Row {
        self.phone[level as usize]
    }

    /// Of e-mail addresses.
    pub(super) fn email(&self, level: Reach) -> Row {
        self.email[level as usize]
    }

    /// Of addresses.
    pub(super) fn place(&self, level: Where) -> Row {
        self.place[level as usize]
    }
}
