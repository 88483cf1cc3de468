//! How two names speak for or against one person. Symmetric; nothing here depends on which name came first.

use serde::Serialize;

use super::fold;
use super::nicknames;
use super::person::{Keys, Person};
use super::relate::Relation;
use crate::slip::is_one_letter_off;

/// Shortest word in which one wrong letter is a slip and not another name.
const MIN_TYPO_LETTERS: usize = 5;

/// How two names speak for or against one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The same normal form.
    Same,
    /// Nickname, initial, typo, missing part: may well be one person.
    Compatible,
    /// At least one says too little to tell.
    Unknown,
    /// Clearly two people or businesses.
    Conflict,
}

/// Two sets of people; a couple agrees with whom either of them agrees, though it is never the same as one.
pub(super) fn people(a: &[Person], b: &[Person]) -> Agreement {
    if let ([a], [b]) = (a, b) {
        return persons(a, b);
    }
    if let ([a, x], [b, y]) = (a, b) {
        let same = |p: &Person, q: &Person| persons(p, q) == Agreement::Same;
        if (same(a, b) && same(x, y)) || (same(a, y) && same(x, b)) {
            return Agreement::Same;
        }
    }
    let all: Vec<Agreement> = a.iter().flat_map(|p| b.iter().map(|q| persons(p, q))).collect();
    if all.iter().any(|agreement| matches!(agreement, Agreement::Same | Agreement::Compatible)) {
        Agreement::Compatible
    } else if all.contains(&Agreement::Unknown) {
        Agreement::Unknown
    } else {
        Agreement::Conflict
    }
}

/// What of a name is there to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    Full,
    /// One word alone, which may be a given name or a family name.
    Word,
    Family,
    Whole,
}

pub(super) fn extent(keys: &Keys) -> Extent {
    match (keys.whole.is_empty(), keys.given.is_empty(), keys.family.is_empty()) {
        (false, ..) => Extent::Whole,
        (_, false, false) => Extent::Full,
        (_, false, true) => Extent::Word,
        (_, true, _) => Extent::Family,
    }
}

fn persons(a: &Person, b: &Person) -> Agreement {
    let (a, b) = (&a.keys, &b.keys);
    let (a, b) = if extent(a) <= extent(b) { (a, b) } else { (b, a) };
    if matches!((a.generation, b.generation), (Some(a), Some(b)) if a != b) {
        return Agreement::Conflict;
    }
    let told = match (extent(a), extent(b)) {
        (Extent::Whole, Extent::Whole) => wholes(a, b),
        // How a name is written in another script cannot be told.
        (_, Extent::Whole) => return Agreement::Unknown,
        _ if script(a) != script(b) => return Agreement::Unknown,
        (Extent::Full, Extent::Full) => full(a, b),
        (Extent::Full, Extent::Word) => full_and_word(a, b),
        (Extent::Full, Extent::Family) => only_families(a, b, Agreement::Compatible),
        (Extent::Word, Extent::Word) => word_and_word(a, b),
        (Extent::Word, Extent::Family) if a.given == b.whole_family => Agreement::Compatible,
        (Extent::Word, Extent::Family) => Agreement::Unknown,
        (Extent::Family, _) => only_families(a, b, Agreement::Same),
        (Extent::Whole, _) | (Extent::Word, Extent::Full) => Agreement::Unknown,
    };
    // John Smith and John Smith Jr may be one or father and son.
    if told == Agreement::Same && a.generation != b.generation { Agreement::Compatible } else { told }
}

/// Whether the letters are Latin; names are compared within a script.
pub(super) fn script(keys: &Keys) -> bool {
    let letters = if keys.given.is_empty() { keys.family.first() } else { Some(&keys.given) };
    letters
        .is_some_and(|word| word.chars().next().is_some_and(|c| c.is_ascii() || ('\u{00C0}'..='\u{024F}').contains(&c)))
}

pub(super) fn wholes(a: &Keys, b: &Keys) -> Agreement {
    let (one, other) = (a.whole.concat(), b.whole.concat());
    if one == other {
        return Agreement::Same;
    }
    let within = |few: &Keys, many: &Keys| few.whole.iter().all(|word| many.whole.contains(word));
    // The family name alone, or the title behind it.
    if within(a, b) || within(b, a) || one.starts_with(&other) || other.starts_with(&one) {
        return Agreement::Compatible;
    }
    // Han in one and kana or Latin in the other say the same name in other signs.
    let kept = |name: &str| name.chars().all(fold::is_kept_whole);
    if kept(&one) && kept(&other) { Agreement::Conflict } else { Agreement::Unknown }
}

fn full(a: &Keys, b: &Keys) -> Agreement {
    let (given, family) = (given(a, b), families(a, b));
    match (given, family) {
        (Relation::Equal, Relation::Equal) => middles(a, b),
        (Relation::Form | Relation::Initial | Relation::Typo, Relation::Equal)
        | (Relation::Equal, Relation::Typo | Relation::Initial)
        | (Relation::Equal | Relation::Form | Relation::Initial, Relation::Form)
        | (Relation::Form, Relation::Initial) => same_sex(given, a, b, Agreement::Compatible),
        // "J. S." is many people.
        (Relation::Initial, Relation::Initial) => Agreement::Unknown,
        _ if swapped(a, b) => Agreement::Compatible,
        _ => Agreement::Conflict,
    }
}

/// `John Smith` and `Smith John`.
pub(super) fn swapped(a: &Keys, b: &Keys) -> bool {
    a.given == b.whole_family && b.given == a.whole_family
}

/// The same, one of the two with a slip or as a nickname.
pub(super) fn nearly_swapped(a: &Keys, b: &Keys) -> bool {
    let (of_a, of_b) = (&a.whole_family, &b.whole_family);
    let near = |one: &str, other: &str| is_typo(one, other) || nicknames::related(one, other);
    (a.given == *of_b && near(&b.given, of_a)) || (b.given == *of_a && near(&a.given, of_b))
}

fn full_and_word(a: &Keys, word: &Keys) -> Agreement {
    if word.is_initial {
        return Agreement::Unknown;
    }
    let name = &word.given;
    let relations = [given(a, word), families_of_word(a, name)];
    if relations.iter().any(|told| matches!(told, Relation::Equal | Relation::Form | Relation::Typo)) {
        return Agreement::Compatible;
    }
    // "J. Smith" and "John": the letter fits many.
    if relations.contains(&Relation::Initial) { Agreement::Unknown } else { Agreement::Conflict }
}

fn word_and_word(a: &Keys, b: &Keys) -> Agreement {
    if a.given == b.given {
        return Agreement::Same;
    }
    if a.is_initial || b.is_initial {
        return Agreement::Unknown;
    }
    match given(a, b) {
        Relation::Different => Agreement::Conflict,
        _ => Agreement::Compatible,
    }
}

/// Where at least one says no given name.
fn only_families(a: &Keys, b: &Keys, if_equal: Agreement) -> Agreement {
    let told = match families(a, b) {
        Relation::Equal => if_equal,
        Relation::Form | Relation::Typo => Agreement::Compatible,
        Relation::Initial | Relation::Missing => Agreement::Unknown,
        Relation::Similar | Relation::Different => Agreement::Conflict,
    };
    same_sex(Relation::Different, a, b, told)
}

/// Mr. and Mrs. Smith are two people, unless the given names are equal and somebody slipped.
fn same_sex(given: Relation, a: &Keys, b: &Keys, told: Agreement) -> Agreement {
    let differ = matches!((a.sex, b.sex), (Some(a), Some(b)) if a != b);
    if differ && given != Relation::Equal { Agreement::Conflict } else { told }
}

/// Middle names of two who agree in all else; a middle name is often left out.
pub(super) fn middles(a: &Keys, b: &Keys) -> Agreement {
    let (one, other) = (a.middle.concat(), b.middle.concat());
    let (Some(x), Some(y)) = (a.middle.first(), b.middle.first()) else {
        return if one == other { Agreement::Same } else { Agreement::Compatible };
    };
    let fits = one == other || starts(&one, &other) || nicknames::related(x, y) || is_typo(&one, &other) || x == y;
    match (fits, one == other) {
        (_, true) => Agreement::Same,
        (true, _) => Agreement::Compatible,
        (false, _) => Agreement::Conflict,
    }
}

/// Whether one is the first letter of the other.
pub(super) fn starts(a: &str, b: &str) -> bool {
    let letter = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    letter(a, b) || letter(b, a)
}

/// How the given names relate, with nicknames and middle names that people go by.
pub(super) fn given(a: &Keys, b: &Keys) -> Relation {
    if a.given == b.given {
        return Relation::Equal;
    }
    if nicknames::share(a.lines, b.lines) || by_nickname(a, b) || run_together(a, b) || run_together(b, a) {
        return Relation::Form;
    }
    if a.is_initial || b.is_initial {
        let first = |keys: &Keys| keys.given.chars().next();
        return if first(a) == first(b) { Relation::Initial } else { Relation::Different };
    }
    if goes_by_middle(a, b) || goes_by_middle(b, a) {
        return Relation::Form;
    }
    let known = a.is_listed() && b.is_listed();
    if !known && is_given_typo(&a.given, &b.given) { Relation::Typo } else { Relation::Different }
}

/// Where a nickname is written with the name.
fn by_nickname(a: &Keys, b: &Keys) -> bool {
    if a.nickname.is_empty() && b.nickname.is_empty() {
        return false;
    }
    let pairs = [(&a.given, &b.nickname), (&a.nickname, &b.given), (&a.nickname, &b.nickname)];
    pairs.iter().any(|(x, y)| !x.is_empty() && (x == y || nicknames::related(x, y)))
}

/// `Mary Ann` and `Maryann`; `Jean-Pierre` and `Jean`, whose hyphen is folded away.
fn run_together(a: &Keys, b: &Keys) -> bool {
    a.middle.first().is_some_and(|middle| b.given.strip_prefix(a.given.as_str()) == Some(middle))
}

/// `John Robert Smith` whom all call Robert, or Bob.
fn goes_by_middle(a: &Keys, b: &Keys) -> bool {
    let full = |word: &&String| word.chars().count() > 1;
    a.middle.iter().filter(full).any(|middle| *middle == b.given || nicknames::related(middle, &b.given))
}

pub(super) fn families(a: &Keys, b: &Keys) -> Relation {
    let (one, other) = (&a.whole_family, &b.whole_family);
    if one == other {
        return Relation::Equal;
    }
    let within = |few: &Keys, many: &Keys| few.family.iter().all(|name| many.family.contains(name));
    // In "Maria Garcia Lopez" the first family name looks like a middle name.
    let in_middle =
        |few: &Keys, many: &Keys| few.family.iter().all(|name| name.len() > 1 && many.middle.contains(name));
    let bare = a.bare_family == b.bare_family && (a.bare_family == *one || b.bare_family == *other);
    if within(a, b) || within(b, a) || in_middle(a, b) || in_middle(b, a) || bare {
        return Relation::Form;
    }
    if starts(one, other) {
        return Relation::Initial;
    }
    if is_typo(one, other) { Relation::Typo } else { Relation::Different }
}

/// How one word alone relates to the family name.
pub(super) fn families_of_word(keys: &Keys, word: &str) -> Relation {
    let whole = &keys.whole_family;
    if whole == word || keys.bare_family == word {
        Relation::Equal
    } else if keys.family.iter().any(|name| name == word) {
        Relation::Form
    } else if is_typo(whole, word) {
        Relation::Typo
    } else {
        Relation::Different
    }
}

/// A slip in a given name, of two that are not both known: those are two names. The last letter tells Mario from Maria and
/// Daniel from Daniela.
fn is_given_typo(a: &str, b: &str) -> bool {
    is_typo(a, b) && !is_other_sex(a, b)
}

/// Whether only the last letter tells two given names apart.
pub(super) fn is_other_sex(a: &str, b: &str) -> bool {
    fn body(word: &str) -> &str {
        let mut letters = word.chars();
        letters.next_back();
        letters.as_str()
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    body(a) == body(b) || (long.strip_prefix(short).is_some_and(|rest| matches!(rest, "a" | "o")))
}

/// Whether one letter wrong, missing, too many, or two changed over make one word the other, of words long enough for that
/// to be a slip.
fn is_typo(a: &str, b: &str) -> bool {
    let is_long = |word: &str| word.chars().nth(MIN_TYPO_LETTERS - 1).is_some();
    is_long(a) && is_long(b) && a != b && is_one_letter_off(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_a_typo_and_two_are_not() {
        for (a, b) in [
            ("smith", "smyth"),
            ("smith", "smiths"),
            ("johnson", "jonhson"),
            ("johnson", "jonson"),
            ("xsmith", "smith"),
        ] {
            assert!(is_typo(a, b) && is_typo(b, a), "{a} {b}");
        }
        for (a, b) in
            [("smith", "smith"), ("smith", "smothe"), ("lee", "leo"), ("johnson", "jansen"), ("smith", "htims")]
        {
            assert!(!is_typo(a, b) && !is_typo(b, a), "{a} {b}");
        }
        assert!(is_given_typo("micheal", "michael") && is_given_typo("jenifer", "jennifer"));
        assert!(!is_given_typo("mario", "maria") && !is_given_typo("gabriel", "gabriela"));
        assert!(!is_given_typo("julia", "julie") && !is_given_typo("marcia", "marcus"));
    }
}
