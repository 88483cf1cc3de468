//! Takes an address out of what stands around it and checks its shape (RFC 5321 and 5322, what is used of them).

use super::{BadEmail, MAX_EMAIL_CHARS};

/// Longest address (RFC 5321, 4.5.3.1.3 less the angle brackets), in bytes.
const MAX_ADDRESS_BYTES: usize = 254;
/// Longest mailbox name (RFC 5321, 4.5.3.1.1), in bytes.
const MAX_MAILBOX_BYTES: usize = 64;
/// Longest label of a domain (RFC 1035, 2.3.4), in bytes.
const MAX_LABEL_BYTES: usize = 63;
/// Words for nothing.
const NOTHING: [&str; 10] = ["", "-", "na", "n/a", "none", "null", "nil", "nan", "no email", "no e-mail"];

/// The normal form of the one address in `text`.
pub(super) fn address(text: &str) -> Result<String, BadEmail> {
    if text.chars().nth(MAX_EMAIL_CHARS).is_some() {
        return Err(BadEmail::TooLong);
    }
    let plain: String = text.chars().filter_map(plain_char).collect::<String>().to_lowercase();
    if NOTHING.contains(&plain.trim()) {
        return Err(BadEmail::Blank);
    }
    let bare = bare(&plain)?;
    check(&bare)?;
    Ok(bare)
}

/// Full-width forms to ASCII, any space a blank; drops what cannot be seen.
fn plain_char(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0),
        '\u{3002}' | '\u{FF61}' => Some('.'),
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => None,
        _ if c.is_whitespace() => Some(' '),
        _ if c.is_control() => None,
        _ => Some(c),
    }
}

/// Without display name, `mailto:`, label, comment and marks around.
fn bare(plain: &str) -> Result<String, BadEmail> {
    let mut rest = match (plain.rfind('<'), plain.rfind('>')) {
        (Some(open), Some(close)) if open < close => {
            let (inside, around) = (&plain[open + 1..close], format!("{}{}", &plain[..open], &plain[close + 1..]));
            // Many programs write the address as the display name too.
            if without_quotations(&around).contains('@') && around.trim() != inside {
                return Err(BadEmail::Several);
            }
            inside.to_owned()
        }
        _ => plain.to_owned(),
    };
    while let Some((open, close)) = comment(&rest) {
        rest.replace_range(open..=close, "");
    }
    let mut rest = rest.as_str();
    loop {
        let trimmed = rest.trim_matches([' ', ',', ';', '<', '>', '\'', '`', '=']).trim_end_matches(['.', ':']);
        let trimmed = quoted_whole(trimmed).unwrap_or(trimmed);
        let trimmed = trimmed.strip_prefix("mailto:").unwrap_or(trimmed);
        let trimmed = label(trimmed).unwrap_or(trimmed);
        if trimmed == rest {
            break;
        }
        rest = trimmed;
    }
    // A link may carry the letter to be written: `mailto:a@b.com?subject=hello`.
    let query = rest.find('@').and_then(|at| rest[at..].find('?').map(|mark| at + mark));
    Ok(rest[..query.unwrap_or(rest.len())].to_owned())
}

fn without_quotations(text: &str) -> String {
    text.split('"').step_by(2).collect()
}

fn comment(text: &str) -> Option<(usize, usize)> {
    let open = text.find('(')?;
    Some((open, open + text[open..].find(')')?))
}

/// What is inside quotation marks that stand around all of `text`.
fn quoted_whole(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"').filter(|inside| inside.contains('@') && !inside.contains('"'))
}

/// What follows `work:` or `e-mail:`; a colon is in no address.
fn label(text: &str) -> Option<&str> {
    let (words, rest) = text.split_once(':')?;
    (!words.contains(['@', '"'])).then_some(rest)
}

fn check(address: &str) -> Result<(), BadEmail> {
    let Some((mailbox, domain)) = address.rsplit_once('@') else { return Err(BadEmail::NoAt) };
    let quoted = mailbox.len() > 2 && mailbox.starts_with('"') && mailbox.ends_with('"');
    if mailbox.contains('@') && !quoted {
        return Err(BadEmail::Several);
    }
    if address.contains(' ') {
        return Err(BadEmail::HasBlank);
    }
    if address.len() > MAX_ADDRESS_BYTES || mailbox.len() > MAX_MAILBOX_BYTES {
        return Err(BadEmail::TooLong);
    }
    let good_mailbox = if quoted {
        !mailbox[1..mailbox.len() - 1].contains(['"', '\\'])
    } else {
        mailbox.split('.').all(|atom| !atom.is_empty() && atom.chars().all(in_atom))
    };
    if !good_mailbox {
        return Err(BadEmail::BadMailbox);
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let top_is_word =
        labels.last().is_some_and(|top| top.chars().count() > 1 && !top.bytes().all(|b| b.is_ascii_digit()));
    if labels.len() < 2 || !top_is_word || !labels.iter().all(|label| is_label(label)) {
        return Err(BadEmail::BadDomain);
    }
    Ok(())
}

/// RFC 5322 `atext`, and letters beyond ASCII (RFC 6532).
fn in_atom(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c) || is_mark(c)
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL_BYTES).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-' || is_mark(c))
}

/// Marks that join the letter before them.
fn is_mark(c: char) -> bool {
    ('\u{0300}'..='\u{036F}').contains(&c)
}
