//! Chance that is the same everywhere and for ever: SplitMix64 (Steele, Lea and Flood, 2014), no clock, no crate.
//!
//! Every group of people draws from a sequence of its own, found from the seed and the group's number, so that a
//! change of how one is made leaves the others as they are.

/// A sequence of numbers that look like chance.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// SplitMix64's finalizer: every input bit reaches every output bit.
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A number for a text, the same everywhere (FNV-1a, then mixed).
pub fn hash(text: &str) -> u64 {
    mix(text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)))
}

impl Random {
    /// The sequence of the `index`-th thing under a seed.
    pub fn new(seed: u64, index: u64) -> Self {
        Self(mix(mix(seed ^ 0x5DEE_CE66_D1CE_4E5B) ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 to `limit` − 1, and 0 where `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.bits()) * limit as u128) >> 64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        ((self.bits() >> 11) as f64) < probability * (1_u64 << 53) as f64
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// The place of one of the weights, each as likely as it is heavy.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = (self.bits() >> 11) as f64 / (1_u64 << 53) as f64 * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len().saturating_sub(1)
    }
}

/// A list whose entries are drawn by their weights, from a text of `name weight name weight …`; `_` stands for a blank.
pub struct Weighted {
    names: Vec<String>,
    /// Sums of the weights up to and with each.
    sums: Vec<u64>,
}

impl Weighted {
    /// Reads the text; a name without a weight has the one before it.
    pub fn parse(text: &str) -> Self {
        let (mut names, mut sums, mut weight) = (Vec::new(), Vec::new(), 1);
        let words: Vec<&str> = text.split_whitespace().collect();
        for (place, word) in words.iter().enumerate() {
            if word.parse::<u64>().is_ok() {
                continue;
            }
            weight = words.get(place + 1).and_then(|next| next.parse().ok()).unwrap_or(weight);
            names.push(word.replace('_', " "));
            sums.push(sums.last().copied().unwrap_or(0) + weight);
        }
        Self { names, sums }
    }

    /// All of them.
    pub fn all(&self) -> &[String] {
        &self.names
    }

    /// One of them.
    pub fn draw(&self, random: &mut Random) -> &str {
        let total = self.sums.last().copied().unwrap_or(0) as usize;
        let drawn = random.below(total) as u64;
        &self.names[self.sums.partition_point(|sum| *sum <= drawn)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept() {
        let list = Weighted::parse("a 70 b 0 c 30 d_e");
        let mut random = Random::new(1, 1);
        let mut seen = [0_u32; 4];
        for _ in 0..13_000 {
            let drawn = list.draw(&mut random).to_owned();
            seen[["a", "b", "c", "d e"].iter().position(|it| *it == drawn).unwrap()] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((6_700..7_300).contains(&seen[0]) && (2_700..3_300).contains(&seen[3]), "{seen:?}");
        let hits = (0..10_000).filter(|_| random.chance(0.2)).count();
        assert!((1_850..2_150).contains(&hits), "{hits}");
        let placed = (0..10_000).filter(|_| random.weighted(&[1.0, 3.0]) == 1).count();
        assert!((7_300..7_700).contains(&placed), "{placed}");
    }
}
