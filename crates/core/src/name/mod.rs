//! Names of people and businesses.
//!
//! A name is kept as its writer had it and taken apart whenever it is read, so that better rules reach old data.
//! Given and family name are told apart as English has it (given name first, or last behind a comma); names in
//! scripts that put no blank between them or run from right to left are kept whole, and never contradict a name in
//! another script.

mod business;
mod casing;
mod compare;
mod couple;
mod fold;
mod nicknames;
mod person;
mod relate;
mod words;

#[cfg(test)]
mod tests;

pub use compare::Agreement;
pub use relate::{NameKeys, Relation, Relations};

use serde::{Deserialize, Serialize};

use business::Business;
use couple::Couple;
use person::Person;

/// Longest name kept, in characters; longer cells hold a sentence, whose start is kept.
pub const MAX_NAME_CHARS: usize = 300;
/// Figures in a row that are a phone number and not part of a name.
const PHONE_DIGITS: usize = 7;

/// A name, parsed; stored as written and parsed again when read, so that better rules reach old data.
///
/// Two are equal when they are written alike; whether they name one person is [`Name::compare`]'s answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Name {
    as_written: String,
    content: Content,
}

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameKind {
    /// One person.
    Person,
    /// Two people of one household.
    Couple,
    /// A business, an office, an association.
    Business,
}

#[derive(Clone)]
enum Content {
    /// Stored before a rule said that it is no name; it agrees with nothing.
    Nothing,
    People(Vec<Person>),
    Business(Business),
}

impl Name {
    /// Parses; `None` where the text holds no name (blank, a phone number, "Unknown").
    pub fn parse(text: &str) -> Option<Self> {
        let name = Self::from_written(text);
        (!matches!(name.content, Content::Nothing)).then_some(name)
    }

    fn from_written(text: &str) -> Self {
        let as_written = fold::clean(text, MAX_NAME_CHARS);
        let content = read(&as_written);
        Self { as_written, content }
    }

    /// As written, white space folded; at most [`MAX_NAME_CHARS`].
    pub fn as_written(&self) -> &str {
        &self.as_written
    }

    /// As shown: "John Smith Jr". Title case where it was written in one case only; parsing it gives it again.
    pub fn display(&self) -> String {
        match &self.content {
            Content::Nothing => self.as_written.clone(),
            Content::Business(business) => business.shown.clone(),
            Content::People(people) => couple::shown(people),
        }
    }

    /// Person, couple or business.
    pub fn kind(&self) -> NameKind {
        match &self.content {
            Content::Business(_) => NameKind::Business,
            Content::People(people) if people.len() > 1 => NameKind::Couple,
            Content::People(_) | Content::Nothing => NameKind::Person,
        }
    }

    /// Whether it names two people of one household.
    pub fn is_couple(&self) -> bool {
        self.kind() == NameKind::Couple
    }

    /// Whether it names a business.
    pub fn is_business(&self) -> bool {
        self.kind() == NameKind::Business
    }

    /// The title, as shown: `Dr.` Of a couple, as all the following, the first one's.
    pub fn prefix(&self) -> Option<&str> {
        self.person()?.prefix
    }

    /// The given name; one word alone is one. Businesses and names kept whole have none.
    pub fn given(&self) -> Option<&str> {
        self.person()?.given.as_deref()
    }

    /// What stands between given and family name.
    pub fn middle(&self) -> Option<&str> {
        self.person()?.middle.as_deref()
    }

    /// The family name with its particles: `de la Cruz`.
    pub fn family(&self) -> Option<&str> {
        self.person()?.family.as_deref()
    }

    /// What stands behind the name, as shown: `Jr`, `III`, `MD`.
    pub fn suffix(&self) -> Option<&str> {
        self.person()?.suffix.as_deref()
    }

    /// The name in quotation marks or parentheses: William "Bill" Smith.
    pub fn nickname(&self) -> Option<&str> {
        self.person()?.nickname.as_deref()
    }

    fn people(&self) -> &[Person] {
        match &self.content {
            Content::People(people) => people,
            Content::Nothing | Content::Business(_) => &[],
        }
    }

    fn person(&self) -> Option<&Person> {
        self.people().first()
    }

    /// Normalised words for search, without repetition: folded to lower case without accents, with the formal
    /// names of nicknames and the usual nicknames of formal names, so that "Bob" finds Robert and back.
    pub fn search_words(&self) -> Vec<String> {
        let mut words = match &self.content {
            Content::Nothing => fold::words(&self.as_written),
            Content::Business(business) => business.search_words(),
            Content::People(people) => people.iter().flat_map(person_words).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words
    }

    /// How the two names speak for or against one person or business; symmetric, and [`Agreement::Same`] for a
    /// name and itself.
    ///
    /// A person and a business contradict each other; that the business may be the person's is for the caller,
    /// who knows the company.
    pub fn compare(&self, other: &Self) -> Agreement {
        match (&self.content, &other.content) {
            (Content::Nothing, _) | (_, Content::Nothing) => Agreement::Unknown,
            _ if self.as_written == other.as_written => Agreement::Same,
            (Content::Business(a), Content::Business(b)) => a.compare(b),
            (Content::People(a), Content::People(b)) => compare::people(a, b),
            (Content::Business(_), Content::People(_)) | (Content::People(_), Content::Business(_)) => {
                Agreement::Conflict
            }
        }
    }

    /// How much the name says, for choosing between two of one customer: a full name beats one with an initial,
    /// which beats a word alone; title, nickname, suffix and mixed case decide between equals. 0 says nothing.
    pub fn completeness(&self) -> u32 {
        let parts = match &self.content {
            Content::Nothing => return 0,
            Content::Business(business) => 40 + 5 * u32::try_from(business.word_count().min(6)).unwrap_or(6),
            // "John & Mary Smith" tells less about either than the name of one.
            Content::People(people) => {
                let best = people.iter().map(part_score).max().unwrap_or(0);
                if people.len() > 1 { best.saturating_sub(5) } else { best }
            }
        };
        parts + u32::from(!casing::is_flat(&self.as_written))
    }
}

/// The formal name that a folded given name is short for, the first of several; itself where it is none.
pub(crate) fn formal(folded: &str) -> &str {
    nicknames::formal(folded)
}

/// Reads a cleaned text.
fn read(text: &str) -> Content {
    let Some(text) = without_reachables(text) else { return Content::Nothing };
    let folded = fold::words(&text);
    let letters = folded.iter().any(|word| word.chars().any(char::is_alphabetic));
    if !letters || words::is_placeholder(&folded.join(" ")) {
        return Content::Nothing;
    }
    if business::is_business(&text) {
        return Content::Business(Business::of(&text));
    }
    match couple::read(&text) {
        Couple::Two(two) => Content::People((*two).into()),
        Couple::Firm => Content::Business(Business::of(&text)),
        Couple::No => match Person::of(&text) {
            // "Unknown (cell)": nothing but what programs write for no name.
            Some(person) if !words::is_placeholder(&fold::words(&person.shown()).join(" ")) => {
                Content::People(vec![person])
            }
            _ => Content::Nothing,
        },
    }
}

/// The text without the phone numbers and e-mail addresses in it; `None` where only labels of them are left.
fn without_reachables(text: &str) -> Option<String> {
    let has_phone = text.chars().filter(char::is_ascii_digit).count() >= PHONE_DIGITS;
    if !has_phone && !text.contains('@') {
        return Some(text.to_owned());
    }
    let in_phone = |word: &str| word.contains(|c: char| c.is_ascii_digit()) && !word.contains(char::is_alphabetic);
    let is_address = |word: &str| word.split_once('@').is_some_and(|(name, at)| !name.is_empty() && at.contains('.'));
    let rest = text.split(' ').filter(|word| !(is_address(word) || has_phone && in_phone(word)));
    let rest = rest.collect::<Vec<_>>().join(" ");
    let only_labels = fold::words(&rest).iter().all(|word| words::is_label(word) || words::is_note(word));
    (!only_labels).then_some(rest)
}

fn person_words(person: &Person) -> Vec<String> {
    let parts = [&person.whole, &person.given, &person.nickname, &person.middle, &person.family];
    let mut words: Vec<String> = parts.into_iter().flatten().flat_map(|part| fold::words(part)).collect();
    let forms: Vec<String> = [&person.keys.given, &person.keys.nickname]
        .into_iter()
        .flat_map(|name| nicknames::also_searched(name))
        .map(str::to_owned)
        .collect();
    words.extend(forms);
    words.extend(person.suffix.iter().flat_map(|suffix| fold::words(suffix)));
    words
}

fn part_score(person: &Person) -> u32 {
    let length = |part: &Option<String>| part.as_ref().map_or(0, |part| fold::fold(part).chars().count());
    let score = |part: &Option<String>, full: u32, initial: u32| match length(part) {
        0 => 0,
        1 => initial,
        _ => full,
    };
    let given = if person.keys.is_initial { 10 } else { score(&person.given, 40, 10) };
    let whole = score(&person.whole, 70, 30);
    let extras = u32::from(person.suffix.is_some()) * 3
        + u32::from(person.nickname.is_some()) * 2
        + u32::from(person.prefix.is_some());
    whole + given + score(&person.family, 40, 10) + score(&person.middle, 8, 4) + extras
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_written == other.as_written
    }
}

impl Eq for Name {}

impl std::fmt::Debug for Name {
    /// Names are personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(***)")
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::from_written(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_written
    }
}
