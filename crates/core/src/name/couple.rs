//! Two people under one name: `John & Mary Smith`, `Mr. and Mrs. Smith`, `Smith, John & Mary`.

use super::casing;
use super::fold;
use super::nicknames;
use super::person::{Person, tokens};
use super::words;

/// What stands between two people's names.
const JOINERS: &[&str] = &[" & ", " and ", " + ", "/"];

/// What a text with a joiner names.
pub(super) enum Couple {
    /// Two people.
    Two(Box<[Person; 2]>),
    /// Two family names, as firms have them: `Smith & Wesson`.
    Firm,
    /// No joiner, or nothing that makes a couple of it.
    No,
}

/// Reads a text that names no business by its words.
pub(super) fn read(text: &str) -> Couple {
    let Some((left, right)) = halves(text) else { return Couple::No };
    let (left, right) = (left.trim(), right.trim());
    if left.is_empty() || right.is_empty() || halves(right).is_some() {
        return Couple::No;
    }
    // "Smith, John & Mary": the family name stands before the comma for both.
    let (left, right) = match left.split_once(',') {
        Some((family, given))
            if !right.contains(',')
                && !family.trim().is_empty()
                && !given.trim().is_empty()
                && !tokens(right).is_empty() =>
        {
            (left.to_owned(), if tokens(right).len() > 1 { right.to_owned() } else { format!("{family}, {right}") })
        }
        _ => (left.to_owned(), right.to_owned()),
    };
    let (alone, other_alone) = (only_title(&left), only_title(&right));
    if alone && !other_alone {
        return titled(&left, &right);
    }
    let both = |flat: bool| Person::cased(&left, flat).zip(Person::cased(&right, flat));
    let Some((mut first, mut second)) = both(false) else { return Couple::No };
    if casing::is_flat(&format!("{} {}", first.name_words(), second.name_words())) {
        (first, second) = both(true).unwrap_or((first, second));
    }
    if first.whole.is_some() || second.whole.is_some() {
        return Couple::No;
    }
    let one_word = |person: &Person| person.family.is_none() && person.prefix.is_none();
    if one_word(&first) && one_word(&second) {
        let known = nicknames::is_given_name(&first.keys.given) || nicknames::is_given_name(&second.keys.given);
        return if known { Couple::Two(Box::new([first, second])) } else { Couple::Firm };
    }
    if first.family.is_none() {
        first.inherit_family(&second);
    }
    Couple::Two(Box::new([first, second]))
}

/// `Mr.` with `Mrs. John Smith`: the name is his, and hers is the family name.
fn titled(title: &str, rest: &str) -> Couple {
    let Some(mut second) = Person::of(rest).filter(|person| person.prefix.is_some()) else { return Couple::No };
    let mut first = second.clone();
    first.prefix = None;
    first.keys.sex = None;
    first.set_title(title);
    if second.family.is_some() {
        second.forget_given();
    }
    Couple::Two(Box::new([first, second]))
}

/// The text before and after its first joiner.
fn halves(text: &str) -> Option<(&str, &str)> {
    // ASCII only, so that positions stay those of the text.
    let lower = text.to_ascii_lowercase();
    let (at, joiner) = JOINERS.iter().filter_map(|joiner| Some((lower.find(joiner)?, joiner))).min()?;
    Some((&text[..at], &text[at + joiner.len()..]))
}

fn only_title(text: &str) -> bool {
    let words: Vec<&str> = tokens(text);
    !words.is_empty() && words.iter().all(|word| words::title(&fold::fold(word)).is_some())
}

/// One or two people as shown; what a couple shares stands once, at the end.
pub(super) fn shown(people: &[Person]) -> String {
    let [first, second] = people else { return people.iter().map(Person::shown).collect() };
    match (first.prefix, second.prefix) {
        (Some(title), Some(other)) if second.given.is_none() && first.family == second.family => {
            format!("{title} & {other} {}", first.shown_without_title(true))
        }
        _ if first.family == second.family && first.given.is_some() && second.given.is_some() => {
            let title = first.prefix.filter(|title| !matches!(*title, "Mr." | "Mrs." | "Ms." | "Miss"));
            let title = title.map(|title| format!("{title} ")).unwrap_or_default();
            format!("{title}{} & {}", first.shown_without_title(false), second.shown())
        }
        _ => format!("{} & {}", first.shown(), second.shown()),
    }
}
