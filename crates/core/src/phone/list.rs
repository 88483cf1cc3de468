//! A cell that holds several numbers.

use super::{BadPhone, LabelledPhone, MAX_PHONE_CELL_CHARS, MAX_PHONES_PER_CELL, Phone, Region, chars};

/// What cannot be inside a number, and so separates two.
const SEPARATORS: [&str; 11] = [":::", " or ", " and ", " & ", " und ", " ou ", " y ", ";", ",", "|", "  "];
/// What may be inside a number as well as between two.
const DOUBTFUL: [&str; 3] = ["/", "  ", " - "];

/// See [`Phone::parse_list`].
pub(super) fn all(cell: &str, region: Region) -> (Vec<LabelledPhone>, Vec<BadPhone>) {
    let mut found = Found { region, good: vec![], bad: vec![] };
    if cell.chars().nth(MAX_PHONE_CELL_CHARS).is_some() {
        found.bad.push(BadPhone::TooLong);
    } else {
        for line in cell.lines() {
            if found.full() {
                found.bad.push(BadPhone::TooMany);
                break;
            }
            found.line(line);
        }
    }
    (found.good, found.bad)
}

struct Found {
    region: Region,
    good: Vec<LabelledPhone>,
    bad: Vec<BadPhone>,
}

impl Found {
    fn full(&self) -> bool {
        self.good.len() + self.bad.len() >= MAX_PHONES_PER_CELL
    }

    /// Takes a line as one number if it can be one ("617/555-1234", "617-555-1234, ext 5"), else part by part.
    fn line(&mut self, line: &str) {
        if let Err(bad) = self.whole(line) {
            let parts = parts(line);
            if parts.len() < 2 {
                return self.bad.push(bad);
            }
            let before = self.good.len();
            let mut words = vec![];
            for part in parts {
                if self.full() {
                    return self.bad.push(BadPhone::TooMany);
                }
                match self.whole(&part) {
                    Ok(()) => {}
                    Err(bad) if is_words(&part) => words.push(bad),
                    Err(bad) => self.bad.push(bad),
                }
            }
            // "617-555-1234 (Mary or Bob)": words cut off a label that found its number are no loss.
            if self.good.len() == before {
                self.bad.append(&mut words);
            }
        }
    }

    /// Takes a text as a number, or as several between doubtful separators if every part is valid: the digits of
    /// two short German numbers are together a valid long one.
    fn whole(&mut self, text: &str) -> Result<(), BadPhone> {
        let both = DOUBTFUL.iter().find_map(|separator| self.between(separator, text));
        if let Some(both) = both {
            self.good.extend(both);
            return Ok(());
        }
        match Phone::parse_labelled(text, self.region) {
            Ok(phone) => self.good.push(phone),
            Err(BadPhone::Blank) => {}
            Err(bad) => return Err(bad),
        }
        Ok(())
    }

    fn between(&self, separator: &str, text: &str) -> Option<Vec<LabelledPhone>> {
        let parts: Vec<&str> = text.split(separator).take(MAX_PHONES_PER_CELL + 1).collect();
        if !(2..=MAX_PHONES_PER_CELL).contains(&parts.len()) {
            return None;
        }
        parts.into_iter().map(|part| Phone::parse_labelled(part, self.region).ok()).collect()
    }
}

fn is_words(part: &str) -> bool {
    !chars::plain(part).contains(|c: char| c.is_ascii_digit() || c == '@')
}

/// The line cut at its separators, blank parts left out.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![line.replace('\u{00A0}', " ")];
    for separator in SEPARATORS {
        parts = parts.iter().flat_map(|part| split(part, separator)).collect();
    }
    parts.iter().flat_map(|part| before_each_plus(part)).filter(|part| !part.trim().is_empty()).collect()
}

/// Cuts at `separator` in any letter case.
fn split(part: &str, separator: &str) -> Vec<String> {
    // ASCII only: byte positions then stay those of `part`.
    let lower = part.to_ascii_lowercase();
    let cuts = lower.match_indices(separator).map(|(at, _)| (at, at + separator.len())).collect();
    cut(part, cuts)
}

/// Cuts before every ` +` after a digit: a plus sign can only start a number.
fn before_each_plus(part: &str) -> Vec<String> {
    let after_digit = |at: usize| part[..at].contains(|c: char| c.is_ascii_digit());
    cut(part, part.match_indices(" +").map(|(at, _)| (at, at)).filter(|(at, _)| after_digit(*at)).collect())
}

fn cut(part: &str, cuts: Vec<(usize, usize)>) -> Vec<String> {
    let mut from = 0;
    let mut parts = vec![];
    for (end, next) in cuts {
        parts.push(part[from..end].to_owned());
        from = next;
    }
    parts.push(part[from..].to_owned());
    parts
}
