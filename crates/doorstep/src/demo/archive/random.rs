//! Chance that is the same everywhere and for ever: SplitMix64 (Steele, Lea and Flood, 2014), no clock, no crate.
//!
//! Each thing made up (a person, a timetable, a text) has its own sequence, found from the seed, the kind of
//! thing and its number. So any row can be made again at any moment without keeping it: that is what lets the
//! conversations of the archive be written before the messages that they count.

/// What a sequence is for; two kinds never share one.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// How the rows of a block are shuffled.
    Block = 1,
    /// Who a contact is.
    Person,
    /// How a contact is written down.
    Writing,
    /// How much is texted in a conversation.
    Share,
    /// When what is said in a conversation.
    Timetable,
    /// The words of a conversation.
    Text,
    /// A call.
    Call,
    /// A telephone number.
    Number,
}

/// A sequence of numbers that look like chance.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// SplitMix64's finalizer: every input bit reaches every output bit.
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Random {
    /// The sequence of the `index`-th thing of a kind.
    pub fn new(seed: u64, of: Of, index: u64) -> Self {
        Self(mix(seed ^ mix((of as u64) << 56 ^ index)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 to `limit` − 1, and 0 where `limit` is 0. Lemire's multiplication without the rejection:
    /// the bias is below 2⁻⁴⁰ for our limits.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as u64 + 1) as i64
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// One of a list. The lists are constants of this module and not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// The place of one of the weights, each as likely as it is heavy.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (place, weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return place,
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // SplitMix64 from state 1234567, as in the reference implementation.
        let mut random = Random(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(1, Of::Text, 1);
        let mut seen = [0_u32; 3];
        for _ in 0..10_000 {
            seen[random.weighted(&[70, 0, 30])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((6_700..7_300).contains(&seen[0]), "{seen:?}");
    }
}
