//! Telephone numbers that a validator accepts and nobody can have.
//!
//! The area codes are Massachusetts'. The exchanges are ones that the North American numbering plan assigns to no
//! subscriber: 958 and 959 are for tests of the network, 950 for reaching carriers, and those ending in 11 cannot
//! be exchanges (NANPA, central office code assignment guidelines). So the demonstration looks like the South
//! Shore and rings at no one's door. Abroad, the ranges that regulators keep for fiction.

use std::fmt::Write;

use super::random::{Of, Random, mix};

/// The business's own numbers: the office, the dispatcher's and the on-call mobile.
pub const OWN: [&str; 3] = ["+16179592040", "+16179592041", "+17819592040"];

/// Area code and exchange; areas with more of them have more of the customers. The own numbers' are left out.
const EXCHANGES: [(u64, u64); 42] = [
    (617, 958),
    (617, 950),
    (617, 211),
    (617, 311),
    (617, 411),
    (617, 511),
    (617, 611),
    (617, 711),
    (617, 811),
    (781, 958),
    (781, 950),
    (781, 211),
    (781, 311),
    (781, 411),
    (781, 511),
    (781, 611),
    (781, 711),
    (781, 811),
    (508, 958),
    (508, 959),
    (508, 311),
    (508, 411),
    (508, 711),
    (508, 811),
    (857, 958),
    (857, 959),
    (857, 211),
    (857, 411),
    (857, 611),
    (857, 811),
    (339, 958),
    (339, 959),
    (339, 311),
    (339, 511),
    (339, 711),
    (978, 958),
    (978, 959),
    (978, 411),
    (978, 611),
    (774, 958),
    (774, 311),
    (774, 711),
];
const LINES: u64 = 10_000;
/// How many different numbers there are.
pub const POOL: u64 = EXCHANGES.len() as u64 * LINES;

/// A number in E.164, without the plus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(u64);

impl Number {
    /// The `serial`-th number of this seed; different serials below [`POOL`] give different numbers.
    pub fn of(seed: u64, serial: u64) -> Self {
        // A four-round Feistel network permutes 20 bits; walking on until the value falls into the pool makes it
        // a permutation of the pool (Black and Rogaway, 2002).
        let mut value = serial % POOL;
        loop {
            for round in 0..4 {
                let (left, right) = (value >> 10, value & 0x3FF);
                let key = mix(seed ^ ((Of::Number as u64) << 56) ^ (round << 32) ^ right);
                value = (right << 10) | ((left ^ key) & 0x3FF);
            }
            if value < POOL {
                break;
            }
        }
        let (area, exchange) = EXCHANGES[(value / LINES) as usize];
        Self(10_000_000_000 + area * 10_000_000 + exchange * LINES + value % LINES)
    }

    /// The `serial`-th number in London or Paris, from the ranges kept for fiction.
    pub fn abroad(serial: u64) -> Self {
        match serial % 3 {
            0 => Self(33_199_000_000 + serial % LINES),
            _ => Self(442_079_460_000 + serial % 1_000),
        }
    }

    /// `+16179582040`
    pub fn e164(self) -> String {
        format!("+{}", self.0)
    }

    /// Area code, exchange, line; the first is 0 abroad.
    fn parts(self) -> (u64, u64, u64) {
        match self.0 / 10_000_000_000 {
            1 if self.0 < 20_000_000_000 => (self.0 / 10_000_000 % 1_000, self.0 / LINES % 1_000, self.0 % LINES),
            _ => (0, 0, 0),
        }
    }

    /// As people write it, one of a dozen ways.
    pub fn write(self, out: &mut String, random: &mut Random) {
        // Writing into a string cannot fail.
        let _ = match self.parts() {
            (0, ..) => self.write_abroad(out, random),
            (area, exchange, line) => match random.weighted(&[38, 20, 12, 10, 7, 4, 3, 3, 2, 1]) {
                0 => write!(out, "({area}) {exchange}-{line:04}"),
                1 => write!(out, "{area}-{exchange}-{line:04}"),
                2 => write!(out, "+1{area}{exchange}{line:04}"),
                3 => write!(out, "{area}{exchange}{line:04}"),
                4 => write!(out, "{area}.{exchange}.{line:04}"),
                5 => write!(out, "{area} {exchange} {line:04}"),
                6 => write!(out, "1-{area}-{exchange}-{line:04}"),
                7 => write!(out, "+1 ({area}) {exchange}-{line:04}"),
                8 => write!(out, "({area}){exchange}-{line:04}"),
                _ => write!(out, "1 {area} {exchange} {line:04}"),
            },
        };
    }

    fn write_abroad(self, out: &mut String, random: &mut Random) -> std::fmt::Result {
        let digits = self.0.to_string();
        match (random.below(3), digits.split_at(2)) {
            (0, (country, rest)) => write!(out, "+{country} {rest}"),
            (1, (country, rest)) => write!(out, "011 {country} {} {}", &rest[..3], &rest[3..]),
            _ => write!(out, "+{digits}"),
        }
    }

    /// As somebody types it into a search box.
    pub fn typed(self) -> String {
        match self.parts() {
            (0, ..) => self.e164(),
            (area, exchange, line) => match line % 3 {
                0 => format!("{area}-{exchange}-{line:04}"),
                1 => format!("({area}) {exchange}-{line:04}"),
                _ => format!("{area}.{exchange}.{line:04}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_number_is_given_twice_and_none_is_our_own() {
        let all: HashSet<u64> = (0..POOL).map(|serial| Number::of(7, serial).0).collect();
        assert_eq!(all.len() as u64, POOL);
        for own in OWN {
            assert!(!all.contains(&own[1..].parse().unwrap()), "{own}");
        }
    }

    #[test]
    fn every_way_of_writing_keeps_the_digits() {
        let mut random = Random::new(3, Of::Writing, 0);
        for serial in 0..2_000 {
            let number = Number::of(3, serial);
            let mut text = String::new();
            number.write(&mut text, &mut random);
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            assert!(number.e164().ends_with(digits.trim_start_matches('1')), "{text}");
        }
    }
}
