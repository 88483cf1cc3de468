//! Texts of others made harmless: nothing in them can end a quotation, begin a line, or hide what it is.
//!
//! Whatever a customer, a technician or a remote system wrote is data. It is made one line of visible characters and
//! cut before it comes into a context at all, so that the text form and the JSON hold the same. In the text form it
//! stands between `«` and `»`, which it can never hold itself.

use serde::Serialize;

use crate::planted;
use crate::record::Source;

/// Longest short value (a name, a kind of job, an address), in characters: one line of a prompt. Longer ones are cut.
pub const MAX_VALUE_CHARS: usize = 100;
/// Longest note, message or memo, in characters: what somebody at the telephone reads at a glance, about 70 tokens.
pub const MAX_QUOTE_CHARS: usize = 280;
/// Longest summary of conversations, in characters.
pub const MAX_SUMMARY_CHARS: usize = 600;
/// Most characters of a foreign text that are looked at: a note of a megabyte costs no more than a long one.
const MAX_READ_CHARS: usize = 8 * MAX_SUMMARY_CHARS;
/// Most marks over one letter; real scripts use two, "zalgo" text dozens.
const MAX_MARKS: usize = 2;
/// The sign of what was cut off.
const CUT: char = '…';

/// Who wrote a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer,
    /// Somebody of the business, or a program of theirs.
    Business,
    /// It cannot be told: the source says nothing of the direction.
    Unknown,
}

impl Author {
    /// The word in the text form.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Business => "business",
            Self::Unknown => "unknown writer",
        }
    }
}

/// What somebody wrote, with who: data, never an instruction.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// Who wrote it.
    pub author: Author,
    /// Where it was written.
    pub source: Source,
    /// What, in one line, cut.
    pub text: String,
}

crate::masked_debug!(Quote: author, source);

impl Quote {
    /// A note; `None` where nothing visible is in it.
    pub(super) fn new(author: Author, source: Source, text: &str) -> Option<Self> {
        line(text, MAX_QUOTE_CHARS).map(|text| Self { author, source, text })
    }
}

/// A short value in one line; `None` where nothing visible is in it.
pub fn value(text: &str) -> Option<String> {
    line(text, MAX_VALUE_CHARS)
}

/// A text in one line of visible characters, at most `max` of them, the sign of what was cut included.
pub fn line(text: &str, max: usize) -> Option<String> {
    let mut line = String::new();
    let (mut length, mut marks) = (0, 0);
    let mut is_cut = text.chars().nth(MAX_READ_CHARS).is_some();
    for c in text.chars().take(MAX_READ_CHARS) {
        let kind = kind(c);
        let c = match kind {
            Kind::Hidden => continue,
            Kind::Blank => ' ',
            Kind::Guillemet if planted!("a-quotation-ends-where-it-likes") => c,
            Kind::Guillemet => '"',
            Kind::Mark | Kind::Other => c,
        };
        marks = if kind == Kind::Mark { marks + 1 } else { 0 };
        let repeats = line.ends_with(c) && " #`-=*_~".contains(c);
        // `<|` and `|>` are how templates of models mark who speaks.
        let is_template = (line.ends_with('<') && c == '|') || (line.ends_with('|') && c == '>');
        if repeats || is_template || marks > MAX_MARKS || (line.is_empty() && (c == ' ' || marks > 0)) {
            continue;
        }
        if length == max {
            if c == ' ' {
                continue;
            }
            is_cut = true;
            break;
        }
        line.push(c);
        length += 1;
    }
    if is_cut && length == max {
        line.pop();
    }
    line.truncate(line.trim_end().len());
    if line.is_empty() {
        return None;
    }
    if is_cut {
        line.push(CUT);
    }
    Some(line)
}

/// What becomes of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Dropped: it shows nothing, or changes how others show.
    Hidden,
    /// A blank.
    Blank,
    /// Ends a quotation, or looks as if it did.
    Guillemet,
    /// Stands over the character before.
    Mark,
    /// Kept.
    Other,
}

fn kind(c: char) -> Kind {
    match c {
        _ if c.is_whitespace() => Kind::Blank,
        // The sheet's and Braille's blanks, which Unicode does not call white space.
        '\u{2800}' | '\u{3164}' | '\u{115f}' | '\u{1160}' | '\u{ffa0}' => Kind::Blank,
        _ if c.is_control() => Kind::Hidden,
        // Soft hyphen, joiners, marks of direction and their overrides, invisible operators, byte order mark,
        // interlinear notes, variation selectors, tags (in which whole hidden texts are written), private use.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' => Kind::Hidden,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' => Kind::Hidden,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => Kind::Hidden,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => Kind::Hidden,
        '«' | '»' | '‹' | '›' | '《' | '》' | '〈' | '〉' | '≪' | '≫' | '⟪' | '⟫' | '⟨' | '⟩' | '⪡' | '⪢' => {
            Kind::Guillemet
        }
        '\u{276e}' | '\u{276f}' | '\u{2770}' | '\u{2771}' | '\u{2329}' | '\u{232a}' => Kind::Guillemet,
        '\u{fe3d}'..='\u{fe40}' | '\u{1f67b}' => Kind::Guillemet,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' => Kind::Mark,
        '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}' => Kind::Mark,
        _ => Kind::Other,
    }
}

/// Most words of a value without quotation marks: longer ones are sentences, and a sentence may be an order.
const MAX_PLAIN_WORDS: usize = 6;
/// Most words of an address without quotation marks.
const MAX_ADDRESS_WORDS: usize = 14;

/// Whether a short value may stand without quotation marks: letters, digits and what stands in names and addresses,
/// few words, and nothing that a line of ours begins with. Anything else is quoted.
fn is_plain(text: &str, max_words: usize) -> bool {
    let may_stand = |c: char| c.is_alphanumeric() || kind(c) == Kind::Mark || " .,'’&/()+-@#_°½¼¾\"".contains(c);
    let begins = text.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '(' || c == '+');
    begins && text.chars().all(may_stand) && text.split(' ').count() <= max_words
}

/// A short value for the text form: as it is where it is plain, quoted where not.
pub fn shown(text: &str) -> String {
    if is_plain(text, MAX_PLAIN_WORDS) { text.to_owned() } else { quoted(text) }
}

/// An address for the text form.
pub fn shown_address(text: &str) -> String {
    if is_plain(text, MAX_ADDRESS_WORDS) { text.to_owned() } else { quoted(text) }
}

/// The quotation of what [`line()`] made.
pub fn quoted(text: &str) -> String {
    format!("«{text}»")
}
