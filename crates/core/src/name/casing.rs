//! How names in capitals or in small letters only are shown. A name in mixed case is shown as its writer had it.

use super::fold;
use super::words;

/// Shortest word without a vowel in a business name that is spelt in capitals: `KFC`, `HVAC` has one by chance.
const SPELT: &[&str] = &[
    "llc", "llp", "lp", "pllc", "plc", "pc", "pa", "hvac", "hoa", "usa", "us", "ymca", "ywca", "va", "bbq", "cpa",
    "aaa", "ac", "tv", "it", "nyc", "dba",
];
/// Small words inside a business name.
const SMALL: &[&str] = &["of", "the", "and", "at", "for", "in", "on", "by", "de", "la", "del"];

/// Whether all letters that have a case have the same, so that the case says nothing.
pub(super) fn is_flat(text: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    for c in text.chars() {
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
    }
    (upper > 1 && lower == 0) || (lower > 0 && upper == 0)
}

/// A word of a person's name in title case.
pub(super) fn person_word(word: &str, inside: bool) -> String {
    let folded = fold::fold(word);
    if inside && words::is_small(&folded) {
        return word.to_lowercase();
    }
    // `JJ` and `TJ` are spelt; no name has two consonants and no more.
    let spelt = folded.len() == 2 && !folded.contains(['a', 'e', 'i', 'o', 'u', 'y']) && folded.is_ascii();
    if spelt && words::title(&folded).is_none() && words::suffix(&folded).is_none() && folded != "st" && folded != "mc"
    {
        return word.to_uppercase();
    }
    title_case(word)
}

/// Title case that knows `McDonald`, `O'Brien` and `Smith-Jones`.
fn title_case(word: &str) -> String {
    let lower = word.to_lowercase();
    let mut shown = String::with_capacity(word.len());
    let mut raise = true;
    let mut letters = 0;
    for (at, c) in lower.char_indices() {
        // The letter that an apostrophe sets apart: `O'Brien`, `D'Angelo`, but `Joe's`.
        let after_mark = fold::is_apostrophe(c) && letters == 1;
        let after_mc = letters == 2 && lower[..at].ends_with("mc") && lower[at..].len() > 1;
        if c.is_alphabetic() && (raise || after_mc) {
            shown.push(capital(c));
        } else {
            shown.push(c);
        }
        letters = if c.is_alphanumeric() { letters + 1 } else { 0 };
        raise = match c {
            '-' | '.' | '/' | '&' | ' ' => true,
            _ if after_mark => true,
            _ => raise && !c.is_alphanumeric(),
        };
    }
    shown
}

/// The capital of a letter; letters without one of their own, such as `ß`, stay.
fn capital(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) => capital,
        _ => c,
    }
}

/// The name of a business.
pub(super) fn business(text: &str) -> String {
    if !is_flat(text) {
        return text.to_owned();
    }
    let shown: Vec<String> = text.split(' ').enumerate().map(|(at, word)| business_word(word, at > 0)).collect();
    shown.join(" ")
}

fn business_word(word: &str, inside: bool) -> String {
    let folded = fold::fold(word);
    let vowels = folded.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    let figures = folded.contains(|c: char| c.is_ascii_digit());
    if SPELT.contains(&folded.as_str())
        || (folded.len() <= 4 && folded.is_ascii() && !vowels && !figures && !is_short_word(&folded))
    {
        return word.to_uppercase();
    }
    if inside && SMALL.contains(&folded.as_str()) { word.to_lowercase() } else { title_case(word) }
}

/// Words without a vowel that are shortened, not spelt.
fn is_short_word(folded: &str) -> bool {
    words::title(folded).is_some()
        || matches!(folded, "st" | "ltd" | "mgmt" | "ctr" | "bldg" | "blvd" | "rd" | "pkwy" | "mt" | "ft" | "bros")
}
