//! Takes a number out of the words around it: label, extension, quotes, marks of spreadsheets and dialers.
//!
//! The text falls into head (words before), run (what looks like the number) and tail (words after). A number in
//! brackets stays in the run, words in brackets are notes. The run decides; letters become digits only where
//! [`super::vanity`] finds a number that is meant to be spelt.

use super::chars;
use super::{BadPhone, LabelledPhone, MAX_PHONE_CHARS, Region, plan, vanity};

/// Longest label kept, in characters: "wife's mobile (evenings only)" and the like.
const MAX_LABEL_CHARS: usize = 60;
/// Longest extension, in digits; more of them are another number.
const MAX_EXTENSION_DIGITS: usize = 8;
/// Longest run of digits after a bare pause (`,` `;`) that is an extension and not a local number.
const MAX_PAUSED_DIGITS: usize = 6;
/// This many digits after the number are a second number (a local number has seven).
const SECOND_NUMBER_DIGITS: usize = 7;

/// What upstreams write for a hidden caller. The numbers spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
/// UNAVAILABLE on a dial (Twilio's `From` of a hidden caller); the negative ones are Android's call log.
const WITHHELD_CODES: [&str; 8] =
    ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "-1", "-2", "-3"];
/// Words for a hidden caller.
const WITHHELD: [&str; 10] = [
    "unknown",
    "restricted",
    "anonymous",
    "private",
    "blocked",
    "withheld",
    "unavailable",
    "hidden",
    "payphone",
    "nocallerid",
];
/// Words that may stand beside them.
const FILLERS: [&str; 8] = ["number", "caller", "id", "name", "call", "phone", "no", "is"];
/// Words for nothing.
const NOTHING: [&str; 9] = ["na", "n", "none", "null", "nil", "nan", "no", "empty", "blank"];
/// Words before a number that say only that it is one.
const EMPTY_LABELS: [&str; 10] = ["tel", "sms", "callto", "phone", "ph", "telephone", "number", "no", "num", "nr"];
/// Words that announce an extension, longest first where one starts another.
const EXTENSION_WORDS: [&str; 16] = [
    "extension",
    "extensión",
    "extn",
    "ext",
    "durchwahl",
    "poste",
    "ramal",
    "anexo",
    "interno",
    "int",
    "xtn",
    "xt",
    "dw",
    "доб",
    "x",
    "#",
];

/// Reads exactly one number.
pub(super) fn one(text: &str, region: Region) -> Result<LabelledPhone, BadPhone> {
    if text.chars().nth(MAX_PHONE_CHARS).is_some() {
        return Err(BadPhone::TooLong);
    }
    let plain = chars::plain(text);
    if let Some(bad) = no_number(&plain) {
        return Err(bad);
    }
    let (plain, mut notes) = Notes::taken_from(&plain);
    let parts = Parts::of(&plain);
    notes.label(parts.head);
    if parts.digits.is_empty() {
        return Err(BadPhone::NotANumber);
    }
    if scientific(parts.tail) {
        return Err(BadPhone::Scientific);
    }
    let phone = match plan::resolve(parts.plus, &parts.digits, region) {
        Ok(phone) => {
            notes.tail(parts.tail)?;
            phone
        }
        Err(bad) if second_number(parts.tail) => return Err(several_or(bad, &parts, region)),
        Err(bad) => vanity::spelt(parts.from_run, parts.plus, region).ok_or(bad).map_err(|bad| match bad {
            // Short codes are written in one; digits in groups are a number that breaks off.
            BadPhone::ShortCode if !parts.in_one => BadPhone::TooShort(region.to_string()),
            bad => bad,
        })?,
    };
    Ok(LabelledPhone { phone, label: notes.label, extension: notes.extension })
}

/// The reason where there is no digit to read, or only a stand-in for one.
fn no_number(plain: &str) -> Option<BadPhone> {
    let bare = plain.trim();
    if WITHHELD_CODES.contains(&bare) {
        return Some(BadPhone::Withheld);
    }
    if bare.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let words: Vec<String> =
        bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    if words.is_empty() || words.concat() == "na" || (words.len() == 1 && words.iter().all(|w| is(&NOTHING, w))) {
        return Some(BadPhone::Blank);
    }
    let hidden = words.iter().any(|word| is(&WITHHELD, word)) || words.concat() == "nocallerid";
    let only = words.iter().all(|word| is(&WITHHELD, word) || is(&FILLERS, word));
    Some(if hidden && only { BadPhone::Withheld } else { BadPhone::NotANumber })
}

/// A text cut into words before, number, words after.
struct Parts<'a> {
    head: &'a str,
    plus: bool,
    digits: String,
    /// Whether nothing stands between the digits.
    in_one: bool,
    /// The run with all that follows: a spelt number reaches into the words.
    from_run: &'a str,
    tail: &'a str,
}

impl<'a> Parts<'a> {
    fn of(plain: &'a str) -> Self {
        let plain = without_dial_code(plain.trim());
        let start = run_start(plain, 0);
        let (start, end) = match numbered_label(plain, start, run_end(plain, start)) {
            Some(later) => (later, run_end(plain, later)),
            None => (start, run_end(plain, start)),
        };
        let run = without_zero_fraction(&plain[start..end]);
        let digits = run.chars().filter(char::is_ascii_digit).collect();
        let plus = run.contains('+');
        let in_one = run.trim().bytes().all(|byte| byte.is_ascii_digit());
        Self { head: &plain[..start], plus, digits, in_one, from_run: &plain[start..], tail: &plain[end..] }
    }
}

/// Without `*67` and `#31#`, which hide the caller and belong to no number.
fn without_dial_code(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix("#31#").or_else(|| text.strip_prefix("*31#")) {
        return rest;
    }
    match text.as_bytes() {
        [b'*', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => &text[3..],
        _ => text,
    }
}

/// Where the first digit at or after `from` is, or the `+` or `(` that leads to it.
fn run_start(text: &str, from: usize) -> usize {
    let Some(digit) = text[from..].find(|c: char| c.is_ascii_digit()).map(|at| from + at) else { return text.len() };
    let lead = text[from..digit].trim_end_matches(['+', '(', '[', ' ']);
    let start = from + lead.len();
    start + (text[start..digit].len() - text[start..digit].trim_start().len())
}

/// Where the number that starts at `start` ends: at the first character that numbers are not written with.
fn run_end(text: &str, start: usize) -> usize {
    let mut digits = 0;
    for (at, c) in text[start..].char_indices() {
        let goes_on = match c {
            '0'..='9' => {
                digits += 1;
                true
            }
            '+' => digits == 0,
            '(' | ')' | '[' | ']' | '-' | '.' | '/' | ' ' | '~' => true,
            _ => false,
        };
        if !goes_on {
            return start + at;
        }
    }
    text.len()
}

/// Where the number starts after a label that ends in a figure: `Phone 2: 617…`.
fn numbered_label(text: &str, start: usize, end: usize) -> Option<usize> {
    let short = text[start..end].trim().len() <= 2;
    let labelled = start > 0 && text[end..].starts_with(':');
    let later = run_start(text, end);
    (short && labelled && later < text.len()).then_some(later)
}

/// Without the `.0` that a table program gave a column of whole numbers.
fn without_zero_fraction(run: &str) -> &str {
    match run.trim_end().strip_suffix(".0") {
        Some(whole) if whole.len() >= 7 && whole.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => run,
    }
}

fn second_number(tail: &str) -> bool {
    tail.chars().filter(char::is_ascii_digit).count() >= SECOND_NUMBER_DIGITS
}

/// The reason for a text with digits enough for two numbers whose first is not valid.
fn several_or(bad: BadPhone, parts: &Parts<'_>, region: Region) -> BadPhone {
    let rest = Parts::of(parts.tail);
    if plan::resolve(rest.plus, &rest.digits, region).is_ok() { BadPhone::Several } else { bad }
}

/// What stood beside the number.
#[derive(Default)]
struct Notes {
    label: Option<String>,
    extension: Option<String>,
}

impl Notes {
    /// Takes bracketed words ("(cell)", "[ext 12]") out of a text; a blank is left in their place.
    fn taken_from(plain: &str) -> (String, Self) {
        let mut notes = Self::default();
        let mut rest = plain;
        let mut left = String::with_capacity(plain.len());
        while let Some(open) = rest.find(['(', '[', '{', '<']) {
            let Some(close) = rest[open..].find([')', ']', '}', '>']).map(|at| open + at) else { break };
            let inside = &rest[open + 1..close];
            if inside.contains(char::is_alphabetic) && !second_number(inside) {
                left.push_str(&rest[..open]);
                left.push(' ');
                notes.bracketed(inside);
            } else {
                left.push_str(&rest[..=close]);
            }
            rest = &rest[close + 1..];
        }
        left.push_str(rest);
        (left, notes)
    }

    fn bracketed(&mut self, inside: &str) {
        match extension(inside) {
            Some((digits, rest)) => {
                self.extension.get_or_insert(digits);
                self.label(rest);
            }
            None => self.label(inside),
        }
    }

    /// Reads what follows a valid number.
    fn tail(&mut self, tail: &str) -> Result<(), BadPhone> {
        // The number is then relative to a context that is not read here (RFC 3966, 5.1.4).
        if tail.contains("phone-context") {
            return Err(BadPhone::NotANumber);
        }
        let rest = match extension(tail) {
            Some((digits, rest)) => {
                self.extension.get_or_insert(digits);
                rest
            }
            None => tail,
        };
        if second_number(rest) {
            return Err(BadPhone::Several);
        }
        if rest.contains(|c: char| c.is_ascii_digit()) && !rest.contains(char::is_alphabetic) {
            return Err(BadPhone::NotANumber);
        }
        self.label(rest);
        Ok(())
    }

    /// Adds words to the label, unless they say nothing.
    fn label(&mut self, words: &str) {
        let edge = |c: char| !c.is_alphanumeric() && c != '\'';
        let words = words.trim_matches(edge).trim_matches('\'');
        let bare = words.to_lowercase();
        if !words.contains(char::is_alphabetic) || EMPTY_LABELS.contains(&bare.as_str()) {
            return;
        }
        let whole = match self.label.take() {
            Some(before) => format!("{before} {words}"),
            None => words.to_owned(),
        };
        self.label = Some(whole.chars().take(MAX_LABEL_CHARS).collect::<String>().trim_end().to_owned());
    }
}

/// `E+09` right after the digits.
fn scientific(tail: &str) -> bool {
    let Some(power) = tail.strip_prefix(['e', 'E']) else { return false };
    let power = power.trim_start_matches(['+', '-']);
    power.starts_with(|c: char| c.is_ascii_digit()) && power.bytes().all(|byte| byte.is_ascii_digit())
}

/// The extension that `text` starts with, and what follows it: `ext. 12`, `x12`, `#12`, `,,12#`, `;ext=12`.
fn extension(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let after_pause = text.trim_start_matches([',', ';', ' ', '.', '-', ':']);
    let word = EXTENSION_WORDS.iter().find_map(|word| strip_word(after_pause, word));
    let (digits_at, most) = match word {
        Some(rest) => (rest.trim_start_matches([' ', '.', ':', '=', '-', '#']), MAX_EXTENSION_DIGITS),
        None => {
            (text.strip_prefix([',', ';', 'p', 'w'])?.trim_start_matches([',', ';', 'p', 'w', ' ']), MAX_PAUSED_DIGITS)
        }
    };
    let length = digits_at.bytes().take_while(u8::is_ascii_digit).count();
    let rest = digits_at[length..].trim_start_matches('#');
    let ends = rest.is_empty() || (rest.starts_with([' ', ')', ',', ';', '/']) && !second_number(rest));
    (length > 0 && length <= most && ends).then(|| (digits_at[..length].to_owned(), rest))
}

/// What follows `word` at the start of `text`, in any letter case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in word.chars() {
        if !rest.next()?.to_lowercase().eq(std::iter::once(expected)) {
            return None;
        }
    }
    Some(rest.as_str())
}
