//! Finding words in what people wrote: a message is found when every word of the question begins a word of it, whatever
//! their case and accents, and the passage that shows it has those words marked.

use serde::Serialize;

use crate::survivorship::fold::fold;
use crate::survivorship::{MAX_QUERY_WORDS, MAX_WORD_BYTES};

/// Longest question that is read, in bytes: more is no question, and is cut.
const MAX_QUESTION_BYTES: usize = 2_000;
/// Bytes of one text that are looked through: some fifty screens of a telephone.
const MAX_TEXT_BYTES: usize = 20_000;
/// How much a passage tells before what was found, and how long it is as a whole, in characters.
const BEFORE_CHARS: usize = 40;
const PASSAGE_CHARS: usize = 180;

/// The words that are looked for, folded; at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    words: Vec<String>,
}

crate::masked_debug!(Question:);

/// A piece of a text, around the first word that was found.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Passage {
    /// One after the other they are the piece; nothing in them breaks a line or turns the direction of writing.
    pub parts: Vec<Part>,
}

crate::masked_debug!(Passage:);

/// A part of a passage.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it says.
    pub text: String,
    /// Whether it is what was looked for.
    pub is_found: bool,
}

crate::masked_debug!(Part: is_found);

/// A word of a text: where it stands, and its folded form.
struct Word {
    from: usize,
    to: usize,
    folded: String,
}

impl Question {
    /// The words of what somebody typed; `None` where there is no letter or digit in it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = &text[..text.floor_char_boundary(MAX_QUESTION_BYTES)];
        let mut words: Vec<String> = Vec::new();
        for word in words_of(text) {
            let mut folded = without_apostrophes(&word.folded);
            folded.truncate(folded.floor_char_boundary(MAX_WORD_BYTES));
            if !folded.is_empty() && !words.contains(&folded) && words.len() < MAX_QUERY_WORDS {
                words.push(folded);
            }
        }
        (!words.is_empty()).then_some(Self { words })
    }

    /// The passage that shows that a text has every word; `None` where it does not.
    pub fn find(&self, text: &str) -> Option<Passage> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        let words = words_of(text);
        let is_any = |word: &&Word| self.words.iter().any(|wanted| begins(word, wanted));
        let has = |wanted: &String| words.iter().any(|word| begins(word, wanted));
        if !self.words.iter().all(has) {
            return None;
        }
        let found: Vec<(usize, usize)> = words.iter().filter(is_any).map(|word| (word.from, word.to)).collect();
        let first = found.first()?.0;
        Some(Passage::around(text, first, &found))
    }
}

impl Passage {
    fn around(text: &str, first: usize, found: &[(usize, usize)]) -> Self {
        let from = text[..first].char_indices().rev().nth(BEFORE_CHARS - 1).map_or(0, |(at, _)| at);
        // Not in the middle of a word.
        let skipped = if from == 0 { 0 } else { text[from..first].find(char::is_whitespace).unwrap_or(0) };
        let from = from + skipped;
        let to = text[from..].char_indices().nth(PASSAGE_CHARS).map_or(text.len(), |(at, _)| from + at);
        let mut parts = Vec::new();
        let mut at = from;
        for (begin, end) in found.iter().filter(|(begin, end)| *begin >= from && *end <= to) {
            push(&mut parts, &text[at..*begin], false);
            push(&mut parts, &text[*begin..*end], true);
            at = *end;
        }
        push(&mut parts, &text[at..to], false);
        if let Some(part) = parts.first_mut().filter(|_| from > 0) {
            part.text.insert(0, '…');
        }
        if let Some(part) = parts.last_mut().filter(|_| to < text.len()) {
            part.text.push('…');
        }
        Self { parts }
    }

    /// All of it, with what was found between two signs of the caller's.
    pub fn marked(&self, before: &str, after: &str) -> String {
        let part = |part: &Part| match part.is_found {
            true => format!("{before}{}{after}", part.text),
            false => part.text.clone(),
        };
        self.parts.iter().map(part).collect()
    }
}

fn push(parts: &mut Vec<Part>, text: &str, is_found: bool) {
    let turns = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let text: String = text.chars().filter(turns).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if !text.is_empty() {
        parts.push(Part { text, is_found });
    }
}

/// Whether a word begins so, or the part of it behind an apostrophe does: `brien` finds `O'Brien`, and so does `obrien`.
/// In scripts that put no blanks between words it may stand anywhere.
fn begins(word: &Word, wanted: &str) -> bool {
    let has_apostrophe = word.folded.contains(is_apostrophe);
    let has_blanks = wanted.chars().next().is_some_and(|c| c < '\u{0e00}');
    word.folded.starts_with(wanted)
        || (!has_blanks && word.folded.contains(wanted))
        || (has_apostrophe
            && (without_apostrophes(&word.folded).starts_with(wanted)
                || word.folded.split(is_apostrophe).any(|part| part.starts_with(wanted))))
}

fn words_of(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begun: Option<usize> = None;
    let mut end = |from: usize, to: usize| {
        let word = &text[from..to];
        // Most words are of plain letters, which are quicker.
        let folded = if word.is_ascii() { word.to_ascii_lowercase() } else { fold(word) };
        words.push(Word { from, to, folded });
    };
    for (at, c) in text.char_indices() {
        let is_inside = c.is_alphanumeric() || (begun.is_some() && (is_apostrophe(c) || is_mark(c)));
        match (begun, is_inside) {
            (None, true) => begun = Some(at),
            (Some(from), false) => {
                end(from, at);
                begun = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    if let Some(from) = begun {
        end(from, text.len());
    }
    words
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ')
}

fn without_apostrophes(word: &str) -> String {
    word.chars().filter(|c| !is_apostrophe(*c)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(question: &str, text: &str, expected: Option<&str>) {
        let found = Question::parse(question).and_then(|question| question.find(text));
        assert_eq!(found.map(|passage| passage.marked("[", "]")).as_deref(), expected, "{question:?} in {text:?}");
    }

    #[test]
    fn every_word_begins_a_word() {
        check("water heat", "The WATER heater leaks", Some("The [WATER] [heater] leaks"));
        check("heater cold", "The water heater leaks", None);
        check("ater", "The water heater leaks", None);
        check("manana", "Nos vemos mañana", Some("Nos vemos [mañana]"));
        check("mañana", "Nos vemos mana\u{303}ana, manana", Some("Nos vemos mana\u{303}ana, [manana]"));
        check("obrien", "ask O’Brien", Some("ask [O’Brien]"));
        check("brien", "ask O’Brien", Some("ask [O’Brien]"));
        check("471-0117", "call (617) 471-0117", Some("call (617) [471]-[0117]"));
        check("水", "没有热水了", Some("[没有热水了]"));
        check("", "anything", None);
        check("?! \u{202e}", "anything", None);
        check("hi", "hi\nthere\u{202e}\u{0}", Some("[hi] there "));
    }

    #[test]
    fn a_passage_is_short_and_shows_what_was_found() {
        let text = format!("{}leak in the kitchen {}", "so it goes ".repeat(30), "and on ".repeat(90));
        let passage = Question::parse("leak").unwrap().find(&text).unwrap();
        let told = passage.marked("[", "]");
        assert!(told.starts_with("… ") && told.contains("[leak] in the kitchen") && told.ends_with('…'), "{told}");
        assert!(told.chars().count() < PASSAGE_CHARS + 5, "{told}");
    }

    proptest! {
        /// I-28: whatever is asked and written, nothing is cut in the middle of a letter.
        #[test]
        fn nothing_crashes(question in "\\PC{0,40}", text in any::<String>()) {
            if let Some(passage) = Question::parse(&question).and_then(|question| question.find(&text)) {
                prop_assert!(passage.parts.iter().any(|part| part.is_found));
                prop_assert!(!passage.marked("", "").chars().any(char::is_control));
            }
        }

        /// What begins a word of a text is found in it.
        #[test]
        fn a_beginning_is_found(words in proptest::collection::vec("[a-zà-öø-ÿ]{2,8}", 1..6), cut in 1_usize..4) {
            let asked: String = words[0].chars().take(cut).collect();
            prop_assert!(Question::parse(&asked).unwrap().find(&words.join(" ")).is_some());
        }
    }
}
