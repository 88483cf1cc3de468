//! How the parts of two names relate, part by part: what record linkage weighs. [`super::Name::compare`] answers as a
//! whole, for whoever needs a yes or no.

use serde::Serialize;

use super::business::Business;
use super::compare::{self, Agreement, Extent};
use super::nicknames;
use super::person::{Keys, Person};
use super::{Content, Name};
use crate::slip::{is_one_letter_off, is_similar};

/// Jaro-Winkler similarity from which two words may be one misspelt (Winkler 1990 takes 0.88 to 0.94 for names).
const SIMILAR: f64 = 0.88;
/// Shortest word in which similarity says anything.
const MIN_SIMILAR_LETTERS: usize = 5;
/// Shortest word in which one slip may make another.
const MIN_SHORT_LETTERS: usize = 3;

/// How one part of two names relates, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The same word.
    Equal,
    /// A nickname, a part of a double name, a name run together.
    Form,
    /// One letter wrong, missing, too many or changed over.
    Typo,
    /// Alike, in more than one letter.
    Similar,
    /// One is the first letter of the other.
    Initial,
    /// At least one does not say it.
    Missing,
    /// Two words.
    Different,
}

/// How two names of people relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relations {
    /// Given names, with nicknames and middle names that people go by.
    pub given: Relation,
    /// Family names.
    pub family: Relation,
    /// Whether the middle names fit, where both say one and the given names do not differ.
    pub middle: Option<bool>,
    /// Whether one has what the other has for given and for family name.
    pub swapped: bool,
}

/// A name's parts as they are compared, without how they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameKeys(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Nothing,
    People(Box<[Keys]>),
    Business(Box<Business>),
}

impl Name {
    /// The parts as they are compared.
    pub fn keys(&self) -> NameKeys {
        NameKeys(match &self.content {
            Content::Nothing => Kind::Nothing,
            Content::People(people) => Kind::People(people.iter().map(|Person { keys, .. }| keys.clone()).collect()),
            Content::Business(business) => Kind::Business(Box::new(business.clone())),
        })
    }
}

impl NameKeys {
    /// Whether it names a business.
    pub fn is_business(&self) -> bool {
        matches!(self.0, Kind::Business(_))
    }

    /// Whether it names two people.
    pub fn is_couple(&self) -> bool {
        self.people().len() > 1
    }

    /// Whether it says both a given name, more than its first letter, and a family name, of one person.
    pub fn is_full(&self) -> bool {
        let [keys] = self.people() else { return false };
        matches!(compare::extent(keys), Extent::Full | Extent::Whole) && !(keys.is_initial && keys.whole.is_empty())
    }

    /// Folded given name of a single person, as written.
    pub fn given(&self) -> Option<&str> {
        self.people().first().map(|keys| keys.given.as_str()).filter(|given| !given.is_empty())
    }

    /// Whether the given name is one that many bear: no slip, and no word that was taken for a name.
    pub fn is_given_name_known(&self) -> bool {
        self.given().is_some_and(nicknames::is_given_name)
    }

    /// Whether the given name is only a letter.
    pub fn is_initial(&self) -> bool {
        self.people().first().is_some_and(|keys| keys.is_initial)
    }

    /// The formal name that a given name is short for; itself where it is none. Where it is short for several, the first
    /// in the table.
    pub fn formal_given(&self) -> Option<&str> {
        self.given().map(nicknames::formal)
    }

    /// Folded family name without particles.
    pub fn family(&self) -> Option<String> {
        let whole = self.people().first()?.whole_family.clone();
        (!whole.is_empty()).then_some(whole)
    }

    /// The last family name of a double one, without particles; what it is found by.
    pub fn last_family(&self) -> Option<&str> {
        self.people().first().map(|keys| keys.bare_family.as_str()).filter(|family| !family.is_empty())
    }

    /// The generation behind the name: 1 for `Sr`, 2 for `Jr` and `II`.
    pub fn generation(&self) -> Option<u8> {
        self.people().first().and_then(|keys| keys.generation)
    }

    /// A business' telling words in one, sorted; what it is found by.
    pub fn business_key(&self) -> Option<String> {
        match &self.0 {
            Kind::Business(business) => Some(business.telling()),
            Kind::Nothing | Kind::People(_) => None,
        }
    }

    /// How two names of businesses agree; `None` where either is none.
    pub fn compare_businesses(&self, other: &Self) -> Option<Agreement> {
        match (&self.0, &other.0) {
            (Kind::Business(a), Kind::Business(b)) => Some(a.compare(b)),
            _ => None,
        }
    }

    /// How two names of people relate; of couples, the two that fit best. `None` where either names nobody.
    pub fn relate(&self, other: &Self) -> Option<Relations> {
        let all = self.people().iter().flat_map(|a| other.people().iter().map(move |b| persons(a, b)));
        all.min_by_key(|relations| (relations.given.max(relations.family), relations.given, relations.family))
    }

    fn people(&self) -> &[Keys] {
        match &self.0 {
            Kind::People(people) => people,
            Kind::Nothing | Kind::Business(_) => &[],
        }
    }
}

fn persons(a: &Keys, b: &Keys) -> Relations {
    let (a, b) = if compare::extent(a) <= compare::extent(b) { (a, b) } else { (b, a) };
    let (given, family, swapped) = match (compare::extent(a), compare::extent(b)) {
        (Extent::Whole, Extent::Whole) => match compare::wholes(a, b) {
            Agreement::Same => (Relation::Equal, Relation::Equal, false),
            Agreement::Compatible => (Relation::Form, Relation::Equal, false),
            Agreement::Unknown => (Relation::Missing, Relation::Missing, false),
            Agreement::Conflict => (Relation::Different, Relation::Different, false),
        },
        (_, Extent::Whole) => (Relation::Missing, Relation::Missing, false),
        _ if compare::script(a) != compare::script(b) => (Relation::Missing, Relation::Missing, false),
        (Extent::Full, Extent::Full) => full(a, b),
        (Extent::Full, Extent::Word) => word(a, b),
        (Extent::Word, Extent::Word) => (given(a, b), Relation::Missing, false),
        (Extent::Word, Extent::Family) if a.given == b.whole_family => (Relation::Missing, Relation::Equal, false),
        (Extent::Word, Extent::Family) => (Relation::Missing, Relation::Missing, false),
        _ => (Relation::Missing, family(a, b), false),
    };
    // Mr. and Mrs. Smith are two people, unless the given names are equal and somebody slipped.
    let sexes = matches!((a.sex, b.sex), (Some(a), Some(b)) if a != b);
    let given = if sexes && given != Relation::Equal { Relation::Different } else { given };
    let middle = (given != Relation::Different && !a.middle.is_empty() && !b.middle.is_empty())
        .then(|| compare::middles(a, b) != Agreement::Conflict);
    Relations { given, family, middle, swapped }
}

fn full(a: &Keys, b: &Keys) -> (Relation, Relation, bool) {
    let (given, family) = (given(a, b), family(a, b));
    let differ = given == Relation::Different || family == Relation::Different;
    if differ && (compare::swapped(a, b) || compare::nearly_swapped(a, b)) {
        (Relation::Equal, Relation::Equal, true)
    } else {
        (given, family, false)
    }
}

/// A full name and one word alone, which may be either of its parts.
fn word(a: &Keys, word: &Keys) -> (Relation, Relation, bool) {
    let as_given = given(a, word);
    let as_family = if word.is_initial { Relation::Different } else { compare::families_of_word(a, &word.given) };
    if as_family < as_given { (Relation::Missing, as_family, false) } else { (as_given, Relation::Missing, false) }
}

fn given(a: &Keys, b: &Keys) -> Relation {
    let told = compare::given(a, b);
    if told != Relation::Different {
        return told;
    }
    let (of_a, of_b) = (a.is_listed(), b.is_listed());
    // A slip makes of a name what is none.
    let slip = of_a != of_b && a.given.len().min(b.given.len()) >= MIN_SHORT_LETTERS;
    if slip && is_one_letter_off(&a.given, &b.given) && !is_initial(a, b) {
        return if compare::is_other_sex(&a.given, &b.given) { told } else { Relation::Typo };
    }
    let two_names = (of_a && of_b) || is_initial(a, b) || compare::is_other_sex(&a.given, &b.given);
    if two_names { told } else { similar(&a.given, &b.given) }
}

fn family(a: &Keys, b: &Keys) -> Relation {
    let told = compare::families(a, b);
    if told == Relation::Different { similar(&a.whole_family, &b.whole_family) } else { told }
}

fn is_initial(a: &Keys, b: &Keys) -> bool {
    a.is_initial || b.is_initial
}

/// Whether two words that are not one slip apart are alike none the less.
fn similar(a: &str, b: &str) -> Relation {
    let shorter = a.chars().count().min(b.chars().count());
    let similar = match shorter {
        0..MIN_SHORT_LETTERS => false,
        // One slip in so few letters makes another name, as often as not.
        MIN_SHORT_LETTERS..MIN_SIMILAR_LETTERS => is_one_letter_off(a, b),
        _ => is_one_letter_off(a, b) || is_similar(a, b, SIMILAR),
    };
    if similar { Relation::Similar } else { Relation::Different }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn related(a: &str, b: &str) -> (Relation, Relation, bool) {
        let keys = |text: &str| Name::parse(text).unwrap().keys();
        let (there, back) = (keys(a).relate(&keys(b)).unwrap(), keys(b).relate(&keys(a)).unwrap());
        assert_eq!(there, back, "{a} and {b}");
        (there.given, there.family, there.swapped)
    }

    #[test]
    fn parts_relate_the_same_from_both_sides() {
        use Relation::{Different, Equal, Form, Initial, Missing, Similar, Typo};
        for (a, b, given, family, swapped) in [
            ("John Smith", "JOHN SMITH", Equal, Equal, false),
            ("Bob Smith", "Robert Smyth", Form, Typo, false),
            ("J Smith", "John Smith", Initial, Equal, false),
            ("Webb, Maggie", "Maggie, Webb", Equal, Equal, true),
            ("Pawlowski, Laura", "Laurz, Pawlowski", Equal, Equal, true),
            ("Ivanov, Richard", "Rich, Ivanov", Equal, Equal, true),
            // A slip makes of a listed name what is none; of two listed names each is one.
            ("Tara Negrin", "Taar Negrin", Similar, Equal, false),
            ("Joan Negrin", "John Negrin", Different, Equal, false),
            ("Mario Rossi", "Maria Rossi", Different, Equal, false),
            ("Joshia Laux", "Joshua Laux", Typo, Equal, false),
            // In the last letter a slip is not told from the other sex.
            ("Joshuq Laux", "Joshua Laux", Different, Equal, false),
            ("Ann Kaufbreg", "Ann Kaufberg", Equal, Typo, false),
            ("Ann Christopherson", "Ann Cristofferson", Equal, Similar, false),
            ("Smith", "John Smith", Missing, Equal, false),
            ("John & Mary Smith", "Mary Smith", Equal, Equal, false),
            ("Mr. Smith", "Mrs. Smith", Different, Equal, false),
        ] {
            assert_eq!(related(a, b), (given, family, swapped), "{a} and {b}");
        }
    }
}
