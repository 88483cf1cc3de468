//! Why: the evidence about two records in words, and what would change the answer.

use serde::Serialize;

use super::description::Description;
use super::level::{Fit, Generation, Kind, Levels, Part, Reach, Where};
use super::score::{Context, Likelihood, Scale, Story};

/// A fact that would make two records meet.
pub(crate) const SHARED_PHONE: &str = "they shared a phone of their own";
/// Another.
pub(crate) const SHARED_EMAIL: &str = "they shared an e-mail address of their own";
/// Bits below which an answer is not worth a line.
const TELLING: f32 = 0.25;

/// What two records come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Log2 of the odds that they are one person's.
    pub bits: f32,
    /// The same as a share, from 0 to 1.
    pub probability: f32,
    /// Whether that links them by itself.
    pub links: bool,
    /// Whether a person should look.
    pub review: bool,
    /// The likeliest way of being two.
    pub other: Story,
    /// How likely one person is against that before anything is compared, in bits.
    pub before: f32,
    /// What each field says, the weightiest first.
    pub pieces: Vec<Piece>,
    /// Single facts that would change the answer, in words.
    pub would_change: Vec<String>,
}

/// What one field says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Piece {
    /// Which field, in words.
    pub field: &'static str,
    /// What it says, in words.
    pub says: &'static str,
    /// How much it speaks for one person (or, below 0, against it), in bits: one bit doubles the odds.
    pub bits: f32,
}

/// The fields, in the order of [`Scale::rows`].
const FIELDS: [&str; 9] = [
    "given name",
    "family name",
    "middle name",
    "generation",
    "person or business",
    "company",
    "phone",
    "e-mail",
    "address",
];

pub(super) fn explain(
    scale: &Scale<'_>,
    a: &Description,
    b: &Description,
    levels: Levels,
    behind: Option<u32>,
) -> Explanation {
    let context = Context::of(a, b, &levels);
    let found = scale.weigh_answer(&context, &levels, behind);
    let other = found.other();
    let against = |of: &Likelihood| (of.same / of.of(other)).log2();
    let says = words(&levels);
    let mut pieces: Vec<Piece> = Vec::new();
    for ((field, says), row) in FIELDS.into_iter().zip(says).zip(scale.rows(&context, &levels)) {
        let mut alone = Likelihood { same: 1.0, strangers: 1.0, household: 1.0, line: 1.0 };
        alone.times(row);
        let bits = against(&alone);
        if let Some(says) = says.filter(|_| bits.abs() >= TELLING) {
            pieces.push(Piece { field, says, bits });
        }
    }
    pieces.sort_by(|one, other| other.bits.abs().total_cmp(&one.bits.abs()));
    let bits = found.bits();
    Explanation {
        bits,
        probability: probability(bits),
        links: bits >= scale.weights.link,
        review: bits >= scale.weights.review && bits < scale.weights.link,
        other,
        before: against(&scale.before(&context, behind)),
        pieces,
        would_change: would_change(scale, a, b, levels, behind, bits),
    }
}

/// Odds in bits as a share, from 0 to 1.
pub fn probability(bits: f32) -> f32 {
    1.0 / (1.0 + (-bits).exp2())
}

/// Each answer in words; `None` where nothing was said.
fn words(levels: &Levels) -> [Option<&'static str>; 9] {
    let part = |part| match part {
        Part::Equal => Some("the same"),
        Part::Form => Some("a form of the same"),
        Part::Typo => Some("one slip apart"),
        Part::Similar => Some("alike"),
        Part::Initial => Some("a letter that fits"),
        Part::Swapped => Some("given and family name changed over"),
        Part::Different => Some("different"),
        Part::Missing => None,
    };
    let fit = |fit| match fit {
        Fit::Same => Some("the same"),
        Fit::Close => Some("one is part of the other"),
        Fit::Different => Some("different"),
        Fit::Missing => None,
    };
    let reach = |reach| match reach {
        Reach::Several => Some("two or more are the same"),
        Reach::One => Some("the same"),
        Reach::Close => Some("one slip apart"),
        Reach::Different => Some("none is the same"),
        Reach::Missing => None,
    };
    let generation = match levels.generation {
        Generation::Same => Some("the same suffix"),
        Generation::OneSided => Some("only one has a suffix such as Jr"),
        Generation::Different => Some("two generations of one name"),
        // Of namesakes in one house it says something.
        Generation::Missing => Some("neither has a suffix such as Jr"),
    };
    let kind = (levels.kind == Kind::Different).then_some("a person and a business");
    let place = match levels.place {
        Where::Same => Some("the same"),
        Where::House => Some("the same house, one without a unit"),
        Where::OtherUnit => Some("the same house, another unit"),
        Where::Close => Some("one slip apart"),
        Where::Zip => Some("the same ZIP code"),
        Where::OtherHouse => Some("another house in the same ZIP code"),
        Where::Different => Some("elsewhere"),
        Where::Missing => None,
    };
    [
        part(levels.given),
        if levels.family == Part::Swapped { None } else { part(levels.family) },
        fit(levels.middle),
        generation,
        kind,
        fit(levels.company),
        reach(levels.phone),
        reach(levels.email),
        place,
    ]
}

/// The single facts that would bring two records from one side of the threshold to the other.
fn would_change(
    scale: &Scale<'_>,
    a: &Description,
    b: &Description,
    levels: Levels,
    behind: Option<u32>,
    bits: f32,
) -> Vec<String> {
    let links = bits >= scale.weights.link;
    let own = Some(1);
    let facts: [(&str, Levels, Option<u32>); 7] = if links {
        [
            ("the given names were two people's", Levels { given: Part::Different, ..levels }, behind),
            ("the family names were two people's", Levels { family: Part::Different, ..levels }, behind),
            ("one were Jr and the other Sr", Levels { generation: Generation::Different, ..levels }, behind),
            ("the phones were two people's", Levels { phone: Reach::Different, ..levels }, None),
            ("the e-mail addresses were two people's", Levels { email: Reach::Different, ..levels }, behind),
            ("they lived elsewhere", Levels { place: Where::Different, ..levels }, behind),
            ("others had the same number, too", levels, behind.map(|n| n.max(1) + 1)),
        ]
    } else {
        [
            ("the given name was the same", Levels { given: Part::Equal, ..levels }, behind),
            ("the family name was the same", Levels { family: Part::Equal, ..levels }, behind),
            (SHARED_PHONE, Levels { phone: Reach::One, ..levels }, own),
            (SHARED_EMAIL, Levels { email: Reach::One, ..levels }, own),
            ("they lived in the same place", Levels { place: Where::Same, ..levels }, behind),
            ("both had the same suffix, or none", Levels { generation: Generation::Missing, ..levels }, behind),
            ("nobody else had what they share", levels, behind.map(|_| 1)),
        ]
    };
    let changes = |(_, levels, behind): &(&str, Levels, Option<u32>)| {
        (scale.weigh(a, b, levels, *behind).bits() >= scale.weights.link) != links
    };
    facts.into_iter().filter(changes).map(|(fact, ..)| fact.to_owned()).collect()
}
