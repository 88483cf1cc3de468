//! Counts since 1970, told by how many digits they have.

use super::clock::micros;
use super::{BadTime, Timestamp, in_range};

/// Longest fraction read, in digits: what a floating-point number prints.
const MAX_FRACTION_DIGITS: usize = 17;

/// Reads a text that is a number and nothing else; `None` for any other text.
///
/// Ten digits reach from 2001 to 2286 as seconds, thirteen the same as milliseconds and so on, so that none can
/// be taken for another. Eight and fourteen digits are dates without separators, which are read elsewhere.
pub(super) fn read(text: &str) -> Option<Result<Timestamp, BadTime>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    if whole.is_empty() || !number(whole) || !number(fraction) || fraction.len() > MAX_FRACTION_DIGITS {
        return None;
    }
    if whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0') {
        return Some(Err(BadTime::Zero));
    }
    if text.starts_with('-') {
        return Some(Err(BadTime::OutOfRange));
    }
    let count: i64 = whole.parse().ok()?;
    let micros = match whole.len() {
        10 => count * 1_000_000 + i64::from(micros(fraction)),
        13 => count * 1_000 + i64::from(micros(fraction)) / 1_000,
        16 => count,
        // Nanoseconds, as Go and Android's sensors write.
        19 => count / 1_000,
        8 | 14 if fraction.is_empty() => return None,
        _ => return Some(Err(BadTime::NotATime)),
    };
    Some(in_range(micros))
}
