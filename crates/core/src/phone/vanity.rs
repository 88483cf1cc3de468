//! Numbers spelt in letters: `1-800-FLOWERS`, `617-GET-PIPE`, `1300 PLUMBER`.
//!
//! Letters turn any label into a wrong number ("617-555 mobile"), so they count only where a number is plainly
//! meant: a service number that the called one pays for, or letters joined to the digits by a dash or dot.

use super::{Phone, Region, plan};

/// Fewest letters in a spelt number; fewer are a typing error or an extension.
const MIN_LETTERS: usize = 3;
/// Area codes of calling code 1 for which the called one pays.
const TOLL_FREE: [&str; 8] = ["800", "888", "877", "866", "855", "844", "833", "822"];
/// Words beside numbers; never part of one.
const LABELS: [&str; 43] = [
    "anytime",
    "asst",
    "business",
    "call",
    "cell",
    "cellular",
    "company",
    "custom",
    "dad",
    "daughter",
    "direct",
    "emergency",
    "fax",
    "father",
    "home",
    "house",
    "husband",
    "iphone",
    "landline",
    "main",
    "manager",
    "message",
    "mob",
    "mobile",
    "mom",
    "mother",
    "office",
    "only",
    "other",
    "owner",
    "pager",
    "phone",
    "primary",
    "secondary",
    "shop",
    "son",
    "tel",
    "tenant",
    "text",
    "voicemail",
    "wife",
    "wk",
    "work",
];

/// The number that digits and letters spell, if it is valid and meant to be spelt.
pub(super) fn spelt(text: &str, plus: bool, region: Region) -> Option<Phone> {
    let text = text.trim();
    let usual = |c: char| c.is_ascii_alphanumeric() || "+()-. /".contains(c);
    if !text.chars().all(usual) || text.chars().filter(char::is_ascii_alphabetic).count() < MIN_LETTERS {
        return None;
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| is_label(word) || is_mask(word)) {
        return None;
    }
    let signs: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let american = if plus { text.starts_with("+1") } else { region.calling_code() == Some(1) };
    if american { north_american(&signs, joined(text), plus, region) } else { elsewhere(&signs, plus, region) }
}

fn north_american(signs: &[char], joined: bool, plus: bool, region: Region) -> Option<Phone> {
    let national = signs.strip_prefix(&['1']).unwrap_or(signs);
    let area: String = national.get(..3)?.iter().collect();
    let toll_free = TOLL_FREE.contains(&area.as_str());
    let spelt_area = !area.bytes().all(|byte| byte.is_ascii_digit());
    if spelt_area || !(toll_free || joined) || national.len() < 10 {
        return None;
    }
    // A word may be longer than its number; the exchange ignores what is dialled after the tenth.
    let (number, rest) = national.split_at(10);
    if !rest.iter().all(|sign| toll_free && sign.is_ascii_alphabetic()) {
        return None;
    }
    let digits: String = std::iter::once('1').chain(number.iter().map(|sign| key(*sign))).collect();
    plan::resolve(plus, &digits, region).ok()
}

fn elsewhere(signs: &[char], plus: bool, region: Region) -> Option<Phone> {
    let digits: String = signs.iter().map(|sign| key(*sign)).collect();
    plan::resolve(plus, &digits, region).ok().filter(plan::is_service)
}

/// Whether no letters stand apart from the digits before them.
fn joined(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let apart = c.is_ascii_alphabetic() && before == ' ';
        before = c;
        !apart
    })
}

fn is_label(word: &str) -> bool {
    LABELS.contains(&word.to_ascii_lowercase().as_str())
}

/// `XXXX` hides digits and is dialled by nobody.
fn is_mask(word: &str) -> bool {
    let first = word.as_bytes()[0].to_ascii_lowercase();
    word.len() > 1 && word.bytes().all(|byte| byte.to_ascii_lowercase() == first)
}

/// The key of the dial that carries a letter (ITU-T E.161).
fn key(sign: char) -> char {
    match sign.to_ascii_uppercase() {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        'W'..='Z' => '9',
        digit => digit,
    }
}
