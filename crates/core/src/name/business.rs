//! Businesses and other bodies: how their names are told from people's, shown and compared.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::casing;
use super::compare::Agreement;
use super::fold;
use super::nicknames;
use super::words;

/// Words that people's names do not have; one makes a business.
static STRONG: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("business_words.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});
/// Words that are family names too: they make a business of a name unless a known given name stands before.
const WEAK: &[&str] = &[
    "bar", "center", "centre", "church", "deli", "design", "designs", "farm", "farms", "homes", "inn", "kitchen",
    "law", "legal", "lodge", "market", "mart", "mall", "parish", "spa", "sons", "store", "temple", "tower", "towers",
];
/// Two words that mean a body wherever they stand.
const PHRASES: &[&str] = &[
    "city of",
    "town of",
    "county of",
    "state of",
    "village of",
    "estate of",
    "university of",
    "bank of",
    "church of",
    "real estate",
    "high school",
    "home improvement",
    "pest control",
];
/// What the law adds to a name; says nothing about which business it is.
const LEGAL: &[&str] = &[
    "llc",
    "llcs",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llp",
    "lp",
    "pllc",
    "plc",
    "pc",
    "gmbh",
    "pa",
];
/// Words that names of one business have or not, as the writer likes.
const SMALL: &[&str] = &["the", "and", "of", "at"];

/// The name of a business, for comparison and display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Business {
    /// As shown.
    pub(super) shown: String,
    /// Folded words without legal form, sorted; all words where nothing else is left.
    words: Vec<String>,
    /// The folded words as written, in order.
    all: Vec<String>,
}

impl Business {
    /// Reads a text that [`is_business`].
    pub(super) fn of(text: &str) -> Self {
        let all = joined_initials(fold::words(text));
        let telling = |word: &&String| !LEGAL.contains(&word.as_str()) && !SMALL.contains(&word.as_str());
        let mut words: Vec<String> = all.iter().filter(telling).cloned().collect();
        if words.is_empty() {
            words.clone_from(&all);
        }
        words.sort_unstable();
        words.dedup();
        Self { shown: casing::business(text), words, all }
    }

    pub(super) fn search_words(&self) -> Vec<String> {
        self.all.clone()
    }

    pub(super) fn word_count(&self) -> usize {
        self.words.len()
    }

    /// The same words are the same business, some of them may be, others are another.
    pub(super) fn compare(&self, other: &Self) -> Agreement {
        if self.words == other.words {
            return Agreement::Same;
        }
        // Blanks come and go: `All Star`, `Allstar`.
        if self.all_but_legal() == other.all_but_legal() {
            return Agreement::Same;
        }
        let (few, many) = if self.words.len() <= other.words.len() { (self, other) } else { (other, self) };
        if !few.words.iter().all(|word| many.words.contains(word)) {
            return Agreement::Conflict;
        }
        // "Restaurant" is part of many names.
        if few.words.iter().all(|word| is_kind_word(word)) { Agreement::Unknown } else { Agreement::Compatible }
    }

    /// The telling words, sorted, in one.
    pub(super) fn telling(&self) -> String {
        self.words.join(" ")
    }

    fn all_but_legal(&self) -> String {
        let telling = self.all.iter().filter(|word| !LEGAL.contains(&word.as_str()) && !SMALL.contains(&word.as_str()));
        telling.map(String::as_str).collect()
    }
}

fn is_kind_word(word: &str) -> bool {
    STRONG.contains(&word) || WEAK.contains(&word) || LEGAL.contains(&word)
}

/// `L L C` (from `L.L.C.`) is one word.
fn joined_initials(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = vec![];
    let mut after_letter = false;
    for word in words {
        let letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match joined.last_mut() {
            Some(before) if letter && after_letter => before.push_str(&word),
            _ => joined.push(word),
        }
        after_letter = letter;
    }
    joined
}

/// Whether a cleaned text names a business rather than a person.
pub(super) fn is_business(text: &str) -> bool {
    let words = joined_initials(fold::words(text));
    let Some(first) = words.first() else { return false };
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let strong = words.iter().any(|word| STRONG.contains(word.as_str()));
    if strong || has(&LEGAL[..3]) || (words.len() > 1 && ends_in_legal_form(&words)) {
        return words.len() > 1 || !nicknames::is_given_name(first);
    }
    let line = words.join(" ");
    let phrase = PHRASES.iter().any(|phrase| line.starts_with(phrase) || line.contains(&format!(" {phrase}")));
    let the = first == "the"
        && words.len() > 1
        && !words.iter().any(|word| words::is_household(word))
        && !plural_family(&words);
    let weak = has(WEAK) && words.len() > 1 && (words.len() > 3 || !nicknames::is_given_name(first));
    phrase || the || weak || has_figures(&words) || possessive(text)
}

/// `Smith Co`, `Acme Ltd`; not `Co Nguyen`.
fn ends_in_legal_form(words: &[String]) -> bool {
    let last = words.last().map(String::as_str).unwrap_or_default();
    // `Pa` and `Pc` are names and initials.
    LEGAL.contains(&last) && !matches!(last, "pa" | "pc")
}

/// `The Smiths`.
fn plural_family(words: &[String]) -> bool {
    words.len() == 2 && words[1].ends_with('s')
}

/// `7 Eleven`, `Studio 54`, `24/7 Drains`; not `John Smith 3rd`, `John Smith 2`, `John Smith apt 4B`.
fn has_figures(words: &[String]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let figures = word.chars().any(|c| c.is_ascii_digit());
        let after_unit = at > 0 && words::is_unit(&words[at - 1]);
        let second_entry =
            at + 1 == words.len() && at > 0 && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
        figures && !after_unit && !second_entry && words::suffix(word).is_none()
    })
}

/// `Joe's`, `Domino's`: alone or in front of one more word.
fn possessive(text: &str) -> bool {
    let mut tokens = text.split(' ');
    let first = tokens.next().unwrap_or_default();
    let mut ending = first.chars().rev();
    let possessive = matches!(ending.next(), Some('s' | 'S')) && ending.next().is_some_and(fold::is_apostrophe);
    possessive && tokens.count() <= 1
}
