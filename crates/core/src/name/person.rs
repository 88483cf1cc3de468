//! One person's name taken apart.

use super::casing;
use super::fold;
use super::nicknames;
use super::words::{self, Sex};

/// Most words of one name taken apart; more are a sentence.
const MAX_WORDS: usize = 12;

/// The parts of one person's name, as shown, with the keys by which they are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) prefix: Option<&'static str>,
    pub(super) given: Option<String>,
    pub(super) middle: Option<String>,
    pub(super) family: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) nickname: Option<String>,
    /// A name of a script whose names are not taken apart; then the other parts are missing.
    pub(super) whole: Option<String>,
    pub(super) keys: Keys,
}

/// Folded parts, for comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys {
    /// Without hyphen and blanks: `jeanpierre`.
    pub(super) given: String,
    /// The lines of nicknames that it is in.
    pub(super) lines: &'static [u16],
    /// Whether the given name is only its first letters.
    pub(super) is_initial: bool,
    pub(super) nickname: String,
    pub(super) middle: Vec<String>,
    /// The names in a double name, each with its particles: `delacruz`; `smith`, `jones`.
    pub(super) family: Vec<String>,
    /// All of them in one: `smithjones`.
    pub(super) whole_family: String,
    /// The last family name without particles: `cruz`.
    pub(super) bare_family: String,
    pub(super) generation: Option<u8>,
    pub(super) sex: Option<Sex>,
    pub(super) whole: Vec<String>,
}

impl Keys {
    /// Whether the given name is one of the table of nicknames.
    pub(super) fn is_listed(&self) -> bool {
        !self.lines.is_empty()
    }
}

impl Person {
    /// Reads a name of one person; `None` where no word is left that could be one.
    pub(super) fn of(text: &str) -> Option<Self> {
        let raw = Self::cased(text, false)?;
        if casing::is_flat(&raw.name_words()) { Self::cased(text, true) } else { Some(raw) }
    }

    /// Reads a name; one that is `flat` is brought to title case.
    pub(super) fn cased(text: &str, flat: bool) -> Option<Self> {
        let mut person = Self::default();
        let text = person.take_enclosed(text);
        if text.contains(fold::is_kept_whole) {
            person.set_whole(&text);
            return (!person.keys.whole.is_empty()).then_some(person);
        }
        let mut parts: Vec<Vec<&str>> = text.split(',').map(tokens).filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            parts.retain(|part| !matches!(part.as_slice(), [word] if words::is_label(&fold::fold(word))));
        }
        let mut suffixes = vec![];
        while parts.len() > 1 && parts.last().is_some_and(|part| part.iter().all(|word| is_suffix(word))) {
            suffixes.splice(0..0, parts.pop().unwrap_or_default());
        }
        let mut parts = parts.into_iter();
        let (family, mut given) = match (parts.next()?, parts.next()) {
            (family, Some(given)) => (family, given),
            (given, None) => (vec![], given),
        };
        let (family, behind_family) = without_suffixes(&family, !given.is_empty());
        suffixes.splice(0..0, behind_family);
        let inverted = !family.is_empty();
        given = person.take_title(given, inverted);
        let (rest, behind) = without_suffixes(&given, inverted);
        suffixes.splice(0..0, behind);
        person.set_suffixes(&suffixes);
        person.set_names(&rest, &family, flat);
        person.has_name().then_some(person)
    }

    /// The words whose case says whether the writer minded it.
    pub(super) fn name_words(&self) -> String {
        let parts = [&self.given, &self.middle, &self.family];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn set_whole(&mut self, text: &str) {
        let edge = |c: char| !c.is_alphanumeric() && !fold::is_joined_mark(c);
        let words = text.split(is_separator).map(|word| word.trim_matches(edge)).filter(|word| !word.is_empty());
        self.whole = Some(words.collect::<Vec<_>>().join(" "));
        self.keys.whole = fold::words(text);
    }

    fn has_name(&self) -> bool {
        self.given.is_some() || self.family.is_some()
    }

    /// Takes what stands in quotation marks or parentheses out of the text; a word of them is the nickname.
    fn take_enclosed(&mut self, text: &str) -> String {
        let mut left = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((open, mark)) = rest.char_indices().find(|(at, c)| opens(rest, *at, *c)) {
            let inside_at = open + mark.len_utf8();
            let Some(close) = closing(&rest[inside_at..], mark) else { break };
            let inside = &rest[inside_at..inside_at + close];
            left.push_str(&rest[..open]);
            left.push(' ');
            self.set_nickname(inside);
            let mut behind = rest[inside_at + close..].chars();
            behind.next();
            rest = behind.as_str();
        }
        left.push_str(rest);
        left
    }

    fn set_nickname(&mut self, inside: &str) {
        let words = tokens(inside);
        let [word] = words.as_slice() else { return };
        let folded = fold::fold(word);
        if self.nickname.is_none() && !words::is_note(&folded) && !folded.contains(|c: char| c.is_ascii_digit()) {
            let shown = if casing::is_flat(word) { casing::person_word(word, false) } else { (*word).to_owned() };
            self.nickname = Some(shown);
            self.keys.nickname = folded;
        }
    }

    /// Takes the titles at the front.
    fn take_title<'a>(&mut self, words: Vec<&'a str>, alone: bool) -> Vec<&'a str> {
        let keep = usize::from(!alone);
        let titles = words.iter().take_while(|word| words::title(&fold::fold(word)).is_some()).count();
        let titles = titles.min(words.len().saturating_sub(keep));
        for word in &words[..titles] {
            if let Some((shown, sex)) = words::title(&fold::fold(word)) {
                self.prefix = Some(shown);
                self.keys.sex = self.keys.sex.or(sex);
            }
        }
        words[titles..].to_vec()
    }

    fn set_suffixes(&mut self, found: &[&str]) {
        let mut shown: Vec<&str> = vec![];
        for (word, generation) in found.iter().filter_map(|word| suffix(word)) {
            if !shown.contains(&word) {
                shown.push(word);
            }
            self.keys.generation = self.keys.generation.or(generation);
        }
        self.suffix = (!shown.is_empty()).then(|| shown.join(" "));
    }

    /// Sorts the words between title and suffix; `family` is what stood before a comma.
    fn set_names(&mut self, words: &[&str], family: &[&str], flat: bool) {
        // "John Smith, Mr." is no "last, first".
        let (words, family) = if words.is_empty() { (family, words) } else { (words, family) };
        let in_order = family.is_empty();
        let (words, is_household) = if in_order { without_household(words) } else { (words, false) };
        let (family, _) = without_household(family);
        let mut words = words.iter().copied().take(MAX_WORDS).collect::<Vec<_>>();
        let mut family = family.iter().copied().take(MAX_WORDS).collect::<Vec<_>>();
        if family.is_empty() {
            // "Mr. Smith" and "Smith family" say the family name; one word alone is a given name, more likely.
            let alone = is_household || (words.len() == 1 && self.prefix.is_some() && !is_suffix(words[0]));
            let at = if alone { 0 } else { family_start(&words) };
            family = words.split_off(at);
        }
        let (given, middle) = words.split_at(words.len().min(1));
        // A particle is small inside a name, not where the name starts.
        self.given = shown(given, flat, false);
        self.middle = shown(middle, flat, false);
        self.family = shown(&family, flat, !given.is_empty() && family.len() > 1);
        self.set_keys(given, middle, &family);
    }

    fn set_keys(&mut self, given: &[&str], middle: &[&str], family: &[&str]) {
        self.keys.given = given.iter().map(|word| fold::fold(word)).collect();
        self.keys.lines = nicknames::lines(&self.keys.given);
        self.keys.is_initial = given.iter().any(|word| is_initials(word));
        self.keys.middle = middle.iter().flat_map(|word| fold::words(word)).collect();
        let mut name = String::new();
        for word in family.iter().flat_map(|word| fold::words(word)) {
            let particle = words::is_particle(&word);
            name.push_str(&word);
            if !particle {
                self.keys.family.push(std::mem::take(&mut name));
                self.keys.bare_family = word;
            }
        }
        if !name.is_empty() {
            self.keys.bare_family.clone_from(&name);
            self.keys.family.push(name);
        }
        self.keys.whole_family = self.keys.family.concat();
    }

    /// Takes the family name of the other half of a couple.
    pub(super) fn inherit_family(&mut self, other: &Self) {
        self.family.clone_from(&other.family);
        self.keys.family.clone_from(&other.keys.family);
        self.keys.whole_family.clone_from(&other.keys.whole_family);
        self.keys.bare_family.clone_from(&other.keys.bare_family);
    }

    /// Sets the title that `text` is.
    pub(super) fn set_title(&mut self, text: &str) {
        self.take_title(tokens(text), true);
    }

    /// Leaves only the family name.
    pub(super) fn forget_given(&mut self) {
        (self.given, self.middle, self.nickname) = (None, None, None);
        self.keys.given.clear();
        self.keys.lines = &[];
        self.keys.nickname.clear();
        self.keys.middle.clear();
        self.keys.is_initial = false;
    }

    /// As shown: `Dr. Jane "Janie" de la Cruz Jr`.
    pub(super) fn shown(&self) -> String {
        // Everybody is Mr. or Ms.; the word is needed only where it stands in for the given name.
        let plain = matches!(self.prefix, Some("Mr." | "Mrs." | "Ms." | "Miss")) && self.given.is_some();
        let prefix = self.prefix.filter(|_| !plain);
        let name = self.shown_without_title(true);
        match prefix {
            Some(prefix) => format!("{prefix} {name}"),
            None => name,
        }
    }

    /// As shown, without title, and without the family name where the other half of a couple shows it.
    pub(super) fn shown_without_title(&self, with_family: bool) -> String {
        let nickname = self.nickname.as_ref().map(|name| format!("\"{name}\""));
        // So that it is read as a family name again.
        let alone = self.family.is_some() && self.given.is_none() && self.prefix.is_none();
        let parts = [
            self.whole.as_deref(),
            self.given.as_deref(),
            nickname.as_deref(),
            self.middle.as_deref(),
            self.family.as_deref().filter(|_| with_family),
            alone.then_some("Family"),
            self.suffix.as_deref(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The words of a text without the marks around them; the point of an initial stays.
pub(super) fn tokens(text: &str) -> Vec<&str> {
    let words = text.split(is_separator).filter_map(|word| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        let inside = word.trim_end_matches(|c: char| !c.is_alphanumeric() && !fold::is_joined_mark(c));
        let dotted = &word[..inside.len() + usize::from(word[inside.len()..].starts_with('.'))];
        let word = if is_initials(dotted) { dotted } else { inside };
        // A joiner that joined nothing.
        (word.contains(char::is_alphanumeric) && !word.eq_ignore_ascii_case("and")).then_some(word)
    });
    without_labels(words.collect())
}

/// What stands between words, and marks left over from pairs.
fn is_separator(c: char) -> bool {
    " ;|*_/\"\u{201C}\u{201D}\u{00AB}\u{00BB}()[]{}<>".contains(c)
}

/// Without "cell" and the like at the end, and without figures: the number of a flat or of the second entry.
fn without_labels(mut words: Vec<&str>) -> Vec<&str> {
    let figures = |word: &&str| word.contains(|c: char| c.is_ascii_digit()) && !is_suffix(word);
    if words.len() > 1 && words.iter().any(figures) {
        let before_figures: Vec<&str> = words.iter().take_while(|word| !figures(word)).copied().collect();
        let unit = before_figures.last().is_some_and(|word| words::is_unit(&fold::fold(word)));
        let kept = before_figures.len() - usize::from(unit);
        if kept > 0 {
            words.truncate(kept);
        }
    }
    words.retain(|word| word.contains(char::is_alphabetic));
    while words.len() > 1 && words.last().is_some_and(|word| words::is_label(&fold::fold(word))) {
        words.pop();
    }
    words
}

fn is_suffix(word: &str) -> bool {
    suffix(word).is_some()
}

/// The suffix that a word is: `M.D.` is one, but `J.R.` is somebody's initials.
fn suffix(word: &str) -> Option<(&'static str, Option<u8>)> {
    let dotted = word.trim_end_matches('.').contains('.');
    words::suffix(&fold::fold(word)).filter(|(_, generation)| generation.is_none() || !dotted)
}

/// The words and the suffixes behind them; the first word is a name unless the family name is known.
fn without_suffixes<'a>(words: &[&'a str], family_known: bool) -> (Vec<&'a str>, Vec<&'a str>) {
    let names = usize::from(!family_known);
    let mut end = words.len();
    while end > names && is_suffix(words[end - 1]) {
        end -= 1;
    }
    (words[..end].to_vec(), words[end..].to_vec())
}

/// The words without "the" before and "family" behind them, and whether they had it.
fn without_household<'a, 'b>(words: &'b [&'a str]) -> (&'b [&'a str], bool) {
    match words {
        [names @ .., last] if !names.is_empty() && words::is_household(&fold::fold(last)) => match names {
            [the, names @ ..] if !names.is_empty() && fold::fold(the) == "the" => (names, true),
            names => (names, true),
        },
        words => (words, false),
    }
}

/// The words as shown; in title case if `flat`, the first of them as a word inside the name if `inside`.
fn shown(words: &[&str], flat: bool, inside: bool) -> Option<String> {
    let shown = words.iter().enumerate().map(|(at, word)| match flat {
        true => casing::person_word(word, inside || at > 0),
        false => (*word).to_owned(),
    });
    (!words.is_empty()).then(|| shown.collect::<Vec<_>>().join(" "))
}

/// Where the family name starts: at the last word and the particles before it, but never at the first.
fn family_start(words: &[&str]) -> usize {
    let mut start = words.len().saturating_sub(1).max(1);
    while start > 1 && words::is_particle(&fold::fold(words[start - 1])) {
        start -= 1;
    }
    start.min(words.len())
}

/// `J`, `J.`, `J.R.`
fn is_initials(word: &str) -> bool {
    let mut letters = word.split('.');
    let single = |part: &str| part.chars().filter(|c| !fold::is_joined_mark(*c)).count() == 1;
    let first = letters.next().is_some_and(|part| single(part) && part.contains(char::is_alphabetic));
    first && letters.all(|part| part.is_empty() || single(part))
}

fn opens(text: &str, at: usize, c: char) -> bool {
    let after_blank = text[..at].chars().next_back().is_none_or(|before| before == ' ');
    matches!(c, '(' | '[' | '"' | '\u{201C}' | '\u{00AB}') || (after_blank && matches!(c, '\'' | '\u{2018}'))
}

/// Where what `mark` opened ends.
fn closing(text: &str, mark: char) -> Option<usize> {
    match mark {
        '(' => text.find(')'),
        '[' => text.find(']'),
        '\u{00AB}' => text.find('\u{00BB}'),
        '"' | '\u{201C}' => text.find(['"', '\u{201D}']),
        // An apostrophe inside the name is no end: 'D'Arcy'.
        _ => {
            let end = |(at, c): &(usize, char)| fold::is_apostrophe(*c) && ends_word(text, at + c.len_utf8());
            text.char_indices().find(end).map(|(at, _)| at)
        }
    }
}

fn ends_word(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|c| c == ' ' || c == ',')
}
