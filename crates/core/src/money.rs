//! Amounts of money in whole cents.
//!
//! Sources write dollars with a decimal point. They are read digit by digit, never through a floating-point number, so
//! that a sum over thousands of jobs is the sum that the business' books have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The largest amount taken, in cents: ten billion dollars, more than any of our businesses will see, and small enough
/// that a sum of a million such amounts fits.
const MAX_CENTS: i64 = 1_000_000_000_000;
/// Longest text read as an amount, in bytes.
const MAX_AMOUNT_BYTES: usize = 64;

/// An amount in whole cents of the tenant's currency; may be negative (a refund). In JSON and in the store it is an
/// integer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

/// Why a text is no amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadMoney {
    /// Letters, two points, nothing at all.
    #[error("not an amount like `1234.50`")]
    NotANumber,
    /// Beyond ten billion.
    #[error("an amount of more than ten billion, which is not taken for one")]
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole cents.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// Whole cents.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// The sum; stops at the ends of the range.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl FromStr for Money {
    type Err = BadMoney;

    /// Reads decimal text: `189`, `-12.5`, `1234.5600`, `1.2e3`. A fraction of a cent (prices that were worked out) is
    /// rounded to the nearest cent, half of one away from zero, as the vendors' own invoices have it.
    fn from_str(text: &str) -> Result<Self, BadMoney> {
        let text = text.trim();
        if text.len() > MAX_AMOUNT_BYTES {
            return Err(BadMoney::NotANumber);
        }
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| BadMoney::NotANumber)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !are_digits(whole) || !are_digits(fraction) {
            return Err(BadMoney::NotANumber);
        }
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| i64::from(byte - b'0'));
        // Where the point stands among the digits once the amount is in cents.
        let point =
            i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_add(i64::from(exponent)).saturating_add(2);
        let cents = cents(digits, point)?;
        Ok(Self(if is_negative { -cents } else { cents }))
    }
}

/// The digits before `point` as a number, the first one behind it rounded half up.
fn cents(digits: impl Iterator<Item = i64>, point: i64) -> Result<i64, BadMoney> {
    let mut cents: i64 = 0;
    let mut read: i64 = 0;
    for digit in digits {
        if read < point {
            cents = cents * 10 + digit;
        } else if read == point && digit >= 5 {
            cents += 1;
        }
        if cents > MAX_CENTS {
            return Err(BadMoney::TooLarge);
        }
        read += 1;
    }
    while read < point && cents != 0 {
        cents *= 10;
        if cents > MAX_CENTS {
            return Err(BadMoney::TooLarge);
        }
        read += 1;
    }
    Ok(cents)
}

impl fmt::Display for Money {
    /// As an American business writes it: `$1,234.50`, `-$3.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let digits = dollars.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(f, "{}${grouped}.{cents:02}", if self.0 < 0 { "-" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_decimal_text_digit_by_digit() {
        let check = |text: &str, expected: Result<i64, BadMoney>| {
            assert_eq!(text.parse::<Money>().map(Money::cents), expected, "{text}");
        };
        check("189", Ok(18_900));
        check("0.1", Ok(10));
        check(".5", Ok(50));
        check("5.", Ok(500));
        check("-12.5", Ok(-1_250));
        check("1234.5600000", Ok(123_456));
        check("1.005", Ok(101));
        check("1.00499", Ok(100));
        check("-1.005", Ok(-101));
        check("0.004", Ok(0));
        check("1.2e3", Ok(120_000));
        check("1e-7", Ok(0));
        check("5e-3", Ok(1));
        check("12345e-4", Ok(123));
        check("0e999999999", Ok(0));
        check("4503599627.37", Ok(450_359_962_737));
        check("1e400", Err(BadMoney::TooLarge));
        check("10000000000.01", Err(BadMoney::TooLarge));
        for bad in ["", "-", ".", "1,234.50", "$5", "NaN", "1.2.3", "1e", "--1", "１"] {
            check(bad, Err(BadMoney::NotANumber));
        }
    }

    #[test]
    fn is_shown_with_groups_and_cents() {
        let check = |cents: i64, expected: &str| assert_eq!(Money::from_cents(cents).to_string(), expected);
        check(0, "$0.00");
        check(-305, "-$3.05");
        check(245_000, "$2,450.00");
        check(123_456_789_012, "$1,234,567,890.12");
    }

    proptest! {
        /// What a JSON number's shortest text says comes back to the cent, whatever a binary fraction makes of it.
        #[test]
        fn cents_survive_json(cents in -MAX_CENTS..=MAX_CENTS) {
            let sign = if cents < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100);
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(json.to_string().parse::<Money>().map(Money::cents), Ok(cents));
        }

        #[test]
        fn no_text_breaks_it(text in "[-+0-9.eE]{0,40}") {
            let _ = text.parse::<Money>();
        }
    }
}
