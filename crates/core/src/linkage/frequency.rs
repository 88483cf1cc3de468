//! How common names are: two Smiths agree less than two Okonkwos (Winkler 2000, "frequency-based matching").

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::description::Description;

/// Shares of the commonest family names, per 100,000 people: 2010 Census surnames (United States Census Bureau).
const FAMILY: &str = include_str!("family.txt");
/// Shares of the commonest given names, per 100,000 people: Social Security card applications of those alive in 2020.
const GIVEN: &str = include_str!("given.txt");
/// Share of a family name that is not in the table.
const RARE_FAMILY: f32 = 0.000_1;
/// Share of a given name that is not in the table.
const RARE_GIVEN: f32 = 0.000_4;
/// Records that the shipped shares count for beside those of a set of records.
const SHIPPED_WEIGHT: f32 = 500.0;

/// Records that one person has, of several sources and years, on average.
const RECORDS_PER_PERSON: f32 = 2.5;
/// People whom even a small business' customers are drawn from.
const FEWEST_PEOPLE: f32 = 5_000.0;

/// Shares of names among the people of a tenant, and how many people those are.
#[derive(Debug, Clone)]
pub struct Frequencies {
    given: HashMap<Box<str>, f32>,
    family: HashMap<Box<str>, f32>,
    rare_given: f32,
    rare_family: f32,
    /// People among whom two records that share nothing but chance are sought.
    pub(super) people: f32,
}

static SHIPPED: LazyLock<Arc<Frequencies>> = LazyLock::new(|| Arc::new(Frequencies::read()));

impl Frequencies {
    /// As shipped: names as common as in the United States, among 50,000 people.
    pub fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    fn read() -> Self {
        Self {
            given: table(GIVEN),
            family: table(FAMILY),
            rare_given: RARE_GIVEN,
            rare_family: RARE_FAMILY,
            people: 50_000.0,
        }
    }
}

impl Frequencies {
    /// As these records have them, beside the shipped ones.
    pub fn of<'a>(descriptions: impl Iterator<Item = &'a Description>) -> Self {
        let shipped = Self::shipped();
        let (mut given, mut family) = (HashMap::<Box<str>, u32>::new(), HashMap::<Box<str>, u32>::new());
        let mut records = 0u32;
        for description in descriptions {
            records += 1;
            let Some(name) = &description.name else { continue };
            if let Some(word) = name.given().filter(|_| !name.is_initial()) {
                count(&mut given, word);
            }
            if let Some(word) = name.last_family() {
                count(&mut family, word);
            }
        }
        let people = (records as f32 / RECORDS_PER_PERSON).max(FEWEST_PEOPLE);
        let (rare_given, rare_family) = (shipped.rare_given / 4.0, shipped.rare_family / 4.0);
        Self {
            given: blend(given, |word| shipped.given(word)),
            family: blend(family, |word| shipped.family(word)),
            rare_given,
            rare_family,
            people,
        }
    }

    /// How many people there are to be mistaken for.
    pub fn people(&self) -> f32 {
        self.people
    }

    /// The share of people with a folded given name.
    pub(super) fn given(&self, word: &str) -> f32 {
        self.given.get(word).copied().unwrap_or(self.rare_given)
    }

    /// The share of people with a folded family name.
    pub(super) fn family(&self, word: &str) -> f32 {
        self.family.get(word).copied().unwrap_or(self.rare_family)
    }
}

fn count(counts: &mut HashMap<Box<str>, u32>, word: &str) {
    match counts.get_mut(word) {
        Some(count) => *count += 1,
        None => {
            counts.insert(word.into(), 1);
        }
    }
}

fn blend(counts: HashMap<Box<str>, u32>, shipped: impl Fn(&str) -> f32) -> HashMap<Box<str>, f32> {
    let all: u32 = counts.values().sum();
    let share = |(word, count): (Box<str>, u32)| {
        let share = (count as f32 + SHIPPED_WEIGHT * shipped(&word)) / (all as f32 + SHIPPED_WEIGHT);
        (word, share)
    };
    counts.into_iter().map(share).collect()
}

fn table(text: &'static str) -> HashMap<Box<str>, f32> {
    let words = text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    words
        .filter_map(|word| {
            let (name, share) = word.split_once(':')?;
            Some((name.into(), share.parse::<f32>().ok()? / 100_000.0))
        })
        .collect()
}
