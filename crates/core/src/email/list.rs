//! A cell that holds several addresses.

use super::{BadEmail, Email, MAX_EMAIL_CELL_CHARS, MAX_EMAILS_PER_CELL};

/// See [`Email::parse_list`].
pub(super) fn all(cell: &str) -> (Vec<Email>, Vec<BadEmail>) {
    if cell.chars().nth(MAX_EMAIL_CELL_CHARS).is_some() {
        return (vec![], vec![BadEmail::TooLong]);
    }
    match Email::parse(cell) {
        Ok(email) => return (vec![email], vec![]),
        Err(BadEmail::Blank) => return (vec![], vec![]),
        // Words and nothing else: the reason is that of the whole, not of each word.
        Err(bad) if !cell.contains(['@', '\u{FF20}']) => return (vec![], vec![bad]),
        Err(_) => {}
    }
    let (mut good, mut bad) = (vec![], vec![]);
    for part in parts(cell) {
        if good.len() + bad.len() >= MAX_EMAILS_PER_CELL {
            bad.push(BadEmail::TooMany);
            break;
        }
        match Email::parse(&part) {
            Ok(email) => good.push(email),
            // "Smith, John <j@example.com>": words without an `@` are pieces of a display name.
            Err(BadEmail::Blank | BadEmail::NoAt) => {}
            Err(why) => bad.push(why),
        }
    }
    (good, bad)
}

/// The cell cut at what separates addresses, but not inside quotation marks.
fn parts(cell: &str) -> Vec<String> {
    let mut quoted = false;
    let mut parts = vec![String::new()];
    for c in cell.chars() {
        // A quotation mark that is never closed ends with its line.
        quoted = if c == '"' { !quoted } else { quoted && c != '\n' };
        match parts.last_mut() {
            Some(part) if quoted || !matches!(c, ';' | ',' | '|' | '\n' | '\r' | '\t') => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().flat_map(|part| words(&part.replace(":::", " "))).collect()
}

/// A part with several `@` cut at blanks and slashes, which stand between addresses then; else the part.
fn words(part: &str) -> Vec<String> {
    if part.matches('@').count() < 2 || part.contains('"') {
        return vec![part.to_owned()];
    }
    part.split([' ', '/', '\u{00A0}']).map(str::to_owned).collect()
}
