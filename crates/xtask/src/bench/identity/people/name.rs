//! Drawing names: given names and family names of one origin, weighted, with a long tail.

use std::collections::{BTreeMap, BTreeSet};

use super::random::{Random, Weighted};
use super::{family, given, rates};

/// A given and a family name that may stand together.
struct Origin {
    women: Weighted,
    men: Weighted,
    families: Weighted,
    /// The share of people whose family name comes from the long tail.
    tail: f64,
}

/// All names.
pub struct Names {
    origins: Vec<Origin>,
    tail: Vec<(Vec<&'static str>, Vec<&'static str>)>,
    tail_weights: Vec<f64>,
    short: BTreeMap<&'static str, Vec<&'static str>>,
    common: BTreeSet<String>,
}

impl Names {
    /// Reads the tables.
    pub fn new() -> Self {
        let origin = |[women, men]: [&str; 2], families: &str, tail: f64| Origin {
            women: Weighted::parse(women),
            men: Weighted::parse(men),
            families: Weighted::parse(families),
            tail,
        };
        let origins = vec![
            origin([given::WOMEN, given::MEN], family::COMMON, rates::FAMILY_NAME_OF_TAIL),
            origin(given::HISPANIC, family::HISPANIC, 0.0),
            origin(given::EAST_ASIAN, family::EAST_ASIAN, 0.0),
            origin(given::SOUTH_ASIAN, family::SOUTH_ASIAN, 0.15),
            origin(given::PORTUGUESE, family::PORTUGUESE, 0.0),
        ];
        let words = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        let tail: Vec<_> = family::TAIL.iter().map(|(stems, endings)| (words(stems), words(endings))).collect();
        let tail_weights = tail.iter().map(|(stems, endings)| ((stems.len() * endings.len()) as f64).sqrt()).collect();
        let short = words(given::SHORT).into_iter().filter_map(|entry| {
            let (long, short) = entry.split_once(':')?;
            Some((long, short.split(',').collect()))
        });
        let common = origins.iter().flat_map(|it| it.families.all().iter().cloned()).collect();
        Self { tail, tail_weights, short: short.collect(), common, origins }
    }

    /// The origin of a person.
    pub fn origin(&self, random: &mut Random) -> usize {
        random.weighted(&rates::ORIGINS)
    }

    /// A given name.
    pub fn given(&self, origin: usize, is_woman: bool, random: &mut Random) -> String {
        // One in six of other origins bears a name of no origin in particular.
        let origin = &self.origins[if random.chance(rates::GIVEN_NAME_OF_NO_ORIGIN) { 0 } else { origin }];
        if is_woman { &origin.women } else { &origin.men }.draw(random).to_owned()
    }

    /// A family name.
    pub fn family(&self, origin: usize, random: &mut Random) -> String {
        if random.chance(self.origins[origin].tail) {
            return self.tail_name(random);
        }
        self.origins[origin].families.draw(random).to_owned()
    }

    /// Whether a family name is one of the listed ones, which many people have.
    pub fn is_common(&self, family: &str) -> bool {
        self.common.contains(family)
    }

    fn tail_name(&self, random: &mut Random) -> String {
        let (stems, endings) = &self.tail[random.weighted(&self.tail_weights)];
        // The product of two draws: some names of the tail are far commoner than others.
        let skewed = |random: &mut Random, len: usize| random.below(len).min(random.below(len));
        let (stem, ending) = (stems[skewed(random, stems.len())], endings[skewed(random, endings.len())]);
        match ending.strip_prefix('\'') {
            Some("O") => format!("O'{stem}"),
            Some(prefix) => format!("{prefix}{stem}"),
            None if stem.ends_with(&ending[..1]) => format!("{stem}{}", &ending[1..]),
            None => format!("{stem}{ending}"),
        }
    }

    /// What somebody of this name may be called instead; the commoner ones more often.
    pub fn short(&self, given: &str, random: &mut Random) -> Option<&'static str> {
        let all = self.short.get(given)?;
        Some(all[random.below(all.len()).min(random.below(all.len()))])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn names_are_many_and_some_are_common() {
        let (names, mut random) = (Names::new(), Random::new(1, 2));
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..100_000 {
            let origin = names.origin(&mut random);
            *seen.entry(names.family(origin, &mut random)).or_default() += 1;
        }
        assert!(seen.len() > 3_500, "{}", seen.len());
        assert!((400..1_400).contains(&seen["Smith"]), "{}", seen["Smith"]);
        let rare: usize = seen.values().filter(|count| **count <= 20).sum();
        assert!(rare > 15_000, "{rare}");
    }
}
