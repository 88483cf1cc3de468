//! Training: weights learnt from the records themselves, without anybody saying who is who.
//!
//! Expectation-maximisation (Dempster, Laird and Rubin 1977; for record linkage Winkler 1988): with the weights as they
//! are, how likely is each pair one person's; with that, how often do pairs of one person give each answer; and again.
//! What may be learnt is less than what may be written down, and each limit below is there because without it the
//! matcher got worse:
//!
//! - Learnt are how often one person's records give each answer, how often strangers do (from pairs drawn by chance), and
//!   how many pairs of a household or a line there are to one of one person. How alike two of a household are stays as
//!   shipped: nothing in the records tells the two ways of not being strangers apart if both may move.
//! - How common a name is, is no weight: it is counted, and goes into each pair's odds as it does in matching.
//! - A field is learnt from pairs that were found by something else. All pairs found by an equal number have one.
//! - What is shipped counts as [`SHIPPED_PAIRS`] pairs, and nothing moves further than [`MOST_BITS`]: a small tenant's
//!   few pairs, and a large one's odd ones, do not run away.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Field, Observed};
use super::level::{Fit, Generation, Kind, Levels, Part, Reach, Where};
use super::score::Scale;
use super::weights::{Row, Weights};

/// Pairs of one person that what is shipped counts for, in each field.
pub const SHIPPED_PAIRS: f64 = 500.0;
/// Pairs drawn by chance that what is shipped counts for.
const SHIPPED_STRANGERS: f64 = 50_000.0;
/// Bits that a likelihood may move by.
pub const MOST_BITS: f32 = 1.5;
/// Bits that the likelihood of an answer that speaks of two people may become rarer by. A pair of one person that differs
/// in nearly everything does not look like one, so that what differs always seems rarer than it is.
const MOST_BITS_RARER: f32 = 0.5;
/// Rounds at most; most sets are done after a dozen.
const MAX_ROUNDS: u32 = 40;
/// Bits of movement that are none.
const STILL: f32 = 0.002;
/// Changes that the report names.
const MAX_NAMED: usize = 12;

/// What training came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The weights; thresholds are as they were.
    pub weights: Weights,
    /// What was seen and done.
    pub training: Training,
}

/// What training saw and did; stored with the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Pairs that were compared.
    pub pairs: u64,
    /// Those of them that are expected to be one person's, at the end.
    pub one_person: f64,
    /// Rounds until nothing moved any more.
    pub rounds: u32,
    /// What moved most.
    pub moved: Vec<Moved>,
}

/// A likelihood that training moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Which field, as in the weights' JSON.
    pub field: String,
    /// Which answer, by its place there.
    pub place: usize,
    /// Under which story: `same`, `stranger`, or `before` where it is no likelihood but how many pairs there are.
    pub story: String,
    /// What it was.
    pub from: f32,
    /// What it is.
    pub to: f32,
}

/// Learns weights, starting from `shipped` (whose word also counts on the way), among `people`.
pub fn train(observed: &Observed, shipped: &Weights, people: f32) -> Trained {
    let answers = observed.answers();
    let mut weights = strangers(observed, shipped);
    let (mut rounds, mut one_person) = (0, 0.0);
    while rounds < MAX_ROUNDS {
        rounds += 1;
        let expected = expect(&answers, &weights, people);
        one_person = expected.one_person;
        let next = expected.maximise(shipped, &weights);
        let moved = furthest(&weights, &next);
        weights = next;
        if moved < STILL {
            break;
        }
    }
    let pairs = answers.iter().map(|(_, pairs)| pairs).sum();
    let training = Training { pairs, one_person, rounds, moved: most_moved(shipped, &weights) };
    Trained { weights, training }
}

/// Of names: a letter that fits is another question, and so are names that are changed over.
const NAMES: &[usize] =
    &[Part::Equal as usize, Part::Form as usize, Part::Typo as usize, Part::Similar as usize, Part::Different as usize];
const REACHES: &[usize] =
    &[Reach::Several as usize, Reach::One as usize, Reach::Close as usize, Reach::Different as usize];
/// A ZIP code without a house is another question.
const PLACES: &[usize] = &[
    Where::Same as usize,
    Where::House as usize,
    Where::OtherUnit as usize,
    Where::Close as usize,
    Where::OtherHouse as usize,
    Where::Different as usize,
];
const GENERATIONS: &[usize] = &[
    Generation::Same as usize,
    Generation::OneSided as usize,
    Generation::Different as usize,
    Generation::Missing as usize,
];

/// The fields, by their names in the weights' JSON, with the answers that are learnt: those of one question.
const LEARNT: [(Field, &str, &[usize]); 9] = [
    (Field::Given, "given", NAMES),
    (Field::Family, "family", NAMES),
    (Field::Middle, "middle", &[Fit::Same as usize, Fit::Different as usize]),
    (Field::Generation, "generation", GENERATIONS),
    (Field::Kind, "kind", &[Kind::Different as usize, Kind::Alike as usize]),
    (Field::Company, "company", &[Fit::Same as usize, Fit::Close as usize, Fit::Different as usize]),
    (Field::Phone, "phone", REACHES),
    (Field::Email, "email", REACHES),
    (Field::Place, "place", PLACES),
];

fn rows(weights: &mut Weights, field: Field) -> &mut [Row] {
    match field {
        Field::Given => &mut weights.given,
        Field::Family => &mut weights.family,
        Field::Middle => &mut weights.middle,
        Field::Generation => &mut weights.generation,
        Field::Kind => &mut weights.kind,
        Field::Company => &mut weights.company,
        Field::Phone => &mut weights.phone,
        Field::Email => &mut weights.email,
        Field::Place => &mut weights.place,
    }
}

/// The answer to one field, where the field was asked: a family name that differs beside a given name that differs is
/// weighed as one answer of both, and a generation is one of namesakes only.
fn answer(levels: &Levels, field: Field) -> Option<usize> {
    let named = levels.given != Part::Missing || levels.company != Fit::Missing || levels.kind == Kind::Different;
    let namesakes = !matches!(levels.given, Part::Different | Part::Missing) && levels.family != Part::Different;
    match field {
        Field::Given => Some(levels.given as usize),
        Field::Family if matches!(levels.given, Part::Different | Part::Swapped) => None,
        Field::Family => Some(levels.family as usize),
        Field::Middle => Some(levels.middle as usize),
        Field::Generation => namesakes.then_some(levels.generation as usize),
        Field::Kind => named.then_some(levels.kind as usize),
        Field::Company => Some(levels.company as usize),
        Field::Phone => Some(levels.phone as usize),
        Field::Email => Some(levels.email as usize),
        Field::Place => Some(levels.place as usize),
    }
}

/// Answers of one field, counted; the answers of each field have places below this.
type Tally = [f64; 8];

/// `shipped` with how often strangers give each answer, as pairs drawn by chance do. What is so rare that the few pairs
/// of one person among them would be most of it stays: equal numbers, houses, companies. Equal names do too, for how
/// common a name is, is counted name by name.
fn strangers(observed: &Observed, shipped: &Weights) -> Weights {
    let (mut given, mut family, mut place): (Tally, Tally, Tally) = Default::default();
    for levels in observed.strangers() {
        given[levels.given as usize] += 1.0;
        family[levels.family as usize] += 1.0;
        place[levels.place as usize] += 1.0;
    }
    let mut weights = shipped.clone();
    for (field, tally) in [(Field::Given, given), (Field::Family, family)] {
        let asked: f64 = NAMES.iter().map(|place| tally[*place]).sum();
        for place in NAMES.iter().skip(1) {
            let row = &mut rows(&mut weights, field)[*place];
            // Two who share a line and nothing else are strangers by their names.
            let moved = blend(tally[*place], asked, row.stranger, SHIPPED_STRANGERS) / row.stranger;
            (row.stranger, row.line) = ((row.stranger * moved).min(1.0), (row.line * moved).min(1.0));
        }
    }
    let near = place[Where::Zip as usize] + place[Where::OtherHouse as usize];
    let asked: f64 = place[..Where::Missing as usize].iter().sum();
    for level in [Where::Zip, Where::OtherHouse] {
        let row = &mut weights.place[level as usize];
        row.stranger = blend(near, asked, row.stranger, SHIPPED_STRANGERS);
    }
    let elsewhere = &mut weights.place[Where::Different as usize];
    elsewhere.stranger = blend(place[Where::Different as usize], asked, elsewhere.stranger, SHIPPED_STRANGERS);
    weights
}

/// A share of `asked`, beside `shipped`, which counts for `pairs`.
fn blend(found: f64, asked: f64, shipped: f32, pairs: f64) -> f32 {
    ((found + pairs * f64::from(shipped)) / (asked + pairs)) as f32
}

/// What the weights expect of the pairs.
struct Expected {
    one_person: f64,
    /// Of pairs of one person: how many gave each answer.
    tallies: [Tally; LEARNT.len()],
    /// Where one person is named behind what the two share: pairs of one person, of a household, of a line.
    alone: [f64; 3],
    /// Where more are; pairs of one person once for each further name beside.
    crowd: [f64; 4],
}

fn expect(answers: &[(Answer, u64)], weights: &Weights, people: f32) -> Expected {
    let scale = Scale { weights, people };
    let mut expected = Expected { one_person: 0.0, tallies: Default::default(), alone: [0.0; 3], crowd: [0.0; 4] };
    for (pair, count) in answers {
        let found = scale.weigh_answer(&pair.context(), &pair.levels, pair.behind.map(u32::from));
        let [same, strangers, household, line] =
            [found.same, found.strangers, found.household, found.line].map(f64::from);
        let all = same + strangers + household + line;
        // So unlikely under each of the four that the numbers end: it says nothing.
        if !(all.is_normal() && all > 0.0) {
            continue;
        }
        let share = |story: f64| story / all * *count as f64;
        expected.one_person += share(same);
        for ((field, _, places), tally) in LEARNT.iter().zip(&mut expected.tallies) {
            let answer = answer(&pair.levels, *field).filter(|answer| places.contains(answer));
            if let Some(answer) = answer.filter(|_| pair.teaches.holds(*field)) {
                tally[answer] += share(same);
            }
        }
        match pair.behind {
            None => {}
            Some(0 | 1) => {
                let found = [share(same), share(household), share(line)];
                expected.alone.iter_mut().zip(found).for_each(|(sum, pairs)| *sum += pairs);
            }
            Some(people) => {
                let others = f64::from(people - 1);
                let found = [share(same), share(household), share(line), share(same) * others];
                expected.crowd.iter_mut().zip(found).for_each(|(sum, pairs)| *sum += pairs);
            }
        }
    }
    expected
}

impl Expected {
    fn maximise(&self, shipped: &Weights, now: &Weights) -> Weights {
        let (mut shipped, mut next) = (shipped.clone(), now.clone());
        for ((field, _, places), tally) in LEARNT.iter().zip(&self.tallies) {
            let before = rows(&mut shipped, *field);
            let whole: f32 = places.iter().map(|place| before[*place].same).sum();
            let asked: f64 = places.iter().map(|place| tally[*place]).sum();
            for place in *places {
                let was = before[*place].same;
                let learnt = blend(tally[*place], asked, was / whole, SHIPPED_PAIRS) * whole;
                let least = if differs(*field, *place) { MOST_BITS_RARER } else { MOST_BITS };
                rows(&mut next, *field)[*place].same = bounded(learnt, was, least).min(1.0);
            }
        }
        // Only pairs that share an identifier are counted here, and those of each story do so more or less often.
        let shares = |of: fn(&Row) -> f32| {
            let misses = |rows: &[Row; 5]| 1.0 - f64::from(of(&rows[0]) + of(&rows[1]));
            1.0 - misses(&now.phone) * misses(&now.email)
        };
        let (same, household, line) = (shares(|row| row.same), shares(|row| row.household), shares(|row| row.line));
        let rate = |pairs: f64, to: f64, was: f32| {
            let learnt = (pairs + SHIPPED_PAIRS * f64::from(was)) / (to / same + SHIPPED_PAIRS);
            bounded(learnt as f32, was, MOST_BITS)
        };
        let ([alone, of_house, of_line], crowd) = (self.alone, self.crowd);
        next.household_alone = rate(of_house / household, alone, shipped.household_alone);
        next.line_alone = rate(of_line / line, alone, shipped.line_alone);
        next.household = rate(crowd[1] / household, crowd[0], shipped.household);
        next.line = rate(crowd[2] / line, crowd[3], shipped.line);
        next
    }
}

/// No further from what is shipped than is allowed; `rarer` is how many bits it may become rarer by.
fn bounded(learnt: f32, shipped: f32, rarer: f32) -> f32 {
    learnt.clamp(shipped * (-rarer).exp2(), shipped * MOST_BITS.exp2())
}

/// Whether an answer speaks of two people.
fn differs(field: Field, place: usize) -> bool {
    match field {
        Field::Given | Field::Family => place == Part::Different as usize,
        Field::Middle | Field::Company => place == Fit::Different as usize,
        Field::Generation => place == Generation::Different as usize,
        Field::Kind => place == Kind::Different as usize,
        Field::Phone | Field::Email => place == Reach::Different as usize,
        Field::Place => place == Where::OtherHouse as usize || place == Where::Different as usize,
    }
}

/// The most that anything moved, in bits.
fn furthest(from: &Weights, to: &Weights) -> f32 {
    all_moved(from, to).into_iter().map(|moved| bits(&moved)).fold(0.0, f32::max)
}

fn bits(moved: &Moved) -> f32 {
    (moved.to / moved.from).log2().abs()
}

fn most_moved(from: &Weights, to: &Weights) -> Vec<Moved> {
    let mut moved: Vec<Moved> = all_moved(from, to).into_iter().filter(|moved| bits(moved) > 0.05).collect();
    moved.sort_by(|one, other| bits(other).total_cmp(&bits(one)));
    moved.truncate(MAX_NAMED);
    moved
}

fn all_moved(from: &Weights, to: &Weights) -> Vec<Moved> {
    let (mut from, mut to) = (from.clone(), to.clone());
    let mut moved = Vec::new();
    let mut add = |field: &str, place: usize, story: &str, from: f32, to: f32| {
        moved.push(Moved { field: field.to_owned(), place, story: story.to_owned(), from, to });
    };
    for (field, name, _) in LEARNT {
        for (place, (from, to)) in rows(&mut from, field).iter().zip(rows(&mut to, field)).enumerate() {
            add(name, place, "same", from.same, to.same);
            add(name, place, "stranger", from.stranger, to.stranger);
        }
    }
    let before = |weights: &Weights| {
        let Weights { household_alone, household, line_alone, line, .. } = weights;
        [("household_alone", *household_alone), ("household", *household), ("line_alone", *line_alone), ("line", *line)]
    };
    for ((name, from), (_, to)) in before(&from).into_iter().zip(before(&to)) {
        add(name, 0, "before", from, to);
    }
    moved
}

#[cfg(test)]
mod tests;
