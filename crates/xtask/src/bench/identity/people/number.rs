//! Phone numbers: each issued once, and the ways in which people write them.

use super::random::{Random, mix};

/// Area codes of the region, the commonest first; larger sets use more of them.
const AREAS: &[u32] =
    &[617, 781, 508, 978, 401, 603, 339, 857, 774, 860, 203, 413, 201, 973, 914, 845, 516, 631, 215, 610];
/// Records for which one more area code is opened.
const RECORDS_PER_AREA: usize = 25_000;
/// Numbers of an area code: exchanges 200 to 999 without 555 and those that end in 11.
const PER_AREA: u64 = 791 * 10_000;

/// Hands numbers out.
pub struct Numbers {
    areas: u64,
    issued: u64,
    offset: u64,
    exchanges: Vec<u64>,
}

impl Numbers {
    /// For a set of so many records.
    pub fn new(seed: u64, records: usize) -> Self {
        let areas = (3 + records / RECORDS_PER_AREA).min(AREAS.len()) as u64;
        let exchanges = (200..1_000).filter(|it| *it != 555 && it % 100 != 11).collect();
        Self { areas, issued: 0, offset: mix(seed) % PER_AREA, exchanges }
    }

    /// Ten digits that nobody else has.
    pub fn issue(&mut self, random: &mut Random) -> String {
        self.issued += 1;
        // Steps that share no factor with the count go once around before they repeat; the first area is the fullest.
        let place = (self.offset + self.issued * 3_456_789_013) % PER_AREA;
        let area = random.below(self.areas as usize).min(random.below(self.areas as usize)) as u64;
        let exchange = self.exchanges[(place / 10_000) as usize];
        format!("{}{exchange}{:04}", AREAS[area as usize], place % 10_000)
    }
}

/// A spelling of ten digits.
pub fn spelled(digits: &str, random: &mut Random) -> String {
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    match random.weighted(&[26.0, 20.0, 12.0, 14.0, 8.0, 6.0, 6.0, 4.0, 2.0, 2.0]) {
        0 => format!("({area}) {exchange}-{line}"),
        1 => format!("{area}-{exchange}-{line}"),
        2 => digits.to_owned(),
        3 => format!("+1{digits}"),
        4 => format!("{area}.{exchange}.{line}"),
        5 => format!("{area} {exchange} {line}"),
        6 => format!("1-{area}-{exchange}-{line}"),
        7 => format!("+1 ({area}) {exchange}-{line}"),
        8 => format!("({area}){exchange}{line}"),
        _ => format!("1 {area} {exchange}{line}"),
    }
}

/// The same with a label or an extension, as people add them by hand.
pub fn labelled(spelled: &str, random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("{spelled} (cell)"),
        1 => format!("cell: {spelled}"),
        2 => format!("h {spelled}"),
        3 => format!("{spelled} home"),
        4 => format!("mobile {spelled}"),
        5 => format!("{spelled} x{}", random.between(1, 399)),
        6 => format!("{spelled} ext. {}", random.between(10, 99)),
        _ => format!("w: {spelled}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_number_is_issued_twice_and_spellings_keep_the_digits() {
        let (mut numbers, mut random) = (Numbers::new(7, 100_000), Random::new(7, 7));
        let mut seen = BTreeSet::new();
        for _ in 0..20_000 {
            let digits = numbers.issue(&mut random);
            assert_eq!(digits.len(), 10);
            assert!(seen.insert(digits[3..].to_owned()), "{digits}");
            let written: String = spelled(&digits, &mut random).chars().filter(char::is_ascii_digit).collect();
            assert!(written.ends_with(&digits), "{written}");
        }
    }
}
