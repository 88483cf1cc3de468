//! E-mail addresses.
//!
//! The normal form is the address alone, in lower case: no mail system that people use tells `John@` from
//! `john@`. International domains stay in Unicode, so that `müller.de` and its `xn--` spelling are two addresses
//! here; bringing one to the other takes tables that are not worth their size for how rarely it happens.

mod list;
mod shape;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// Longest text read as one address, in characters: an address with a display name and a subject behind it.
pub const MAX_EMAIL_CHARS: usize = 600;
/// Longest cell read as a list of addresses, in characters.
pub const MAX_EMAIL_CELL_CHARS: usize = 8_000;
/// Most addresses taken from one cell; nobody has more.
pub const MAX_EMAILS_PER_CELL: usize = 50;

/// Mail systems that deliver `name+anything` to `name`. Others may have people with a plus sign in their names.
const TAGS_IGNORED: [&str; 15] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "fastmail.com",
    "fastmail.fm",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "hey.com",
];
/// Mail systems that deliver `j.smith` to `jsmith`, and are one under two names.
const DOTS_IGNORED: [&str; 2] = ["gmail.com", "googlemail.com"];

/// An e-mail address in its normal form: lower case, nothing around it. Its `Debug` masks itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text is not one e-mail address. The reasons never repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadEmail {
    /// Nothing there, or a word for nothing ("n/a").
    #[error("no e-mail address given")]
    Blank,
    /// More characters than mail systems accept (RFC 5321, 4.5.3.1).
    #[error("too long for an e-mail address")]
    TooLong,
    /// No `@`.
    #[error("not an e-mail address: `@` is missing")]
    NoAt,
    /// Several addresses where one was wanted.
    #[error("more than one `@` in an e-mail address")]
    Several,
    /// Blank inside the address: which half is meant cannot be told.
    #[error("an e-mail address has no blanks")]
    HasBlank,
    /// What stands before the `@` is no mailbox name.
    #[error("what stands before `@` is not a mailbox name")]
    BadMailbox,
    /// What stands after the `@` is no domain.
    #[error("what stands after `@` is not a domain such as `example.com`")]
    BadDomain,
    /// More addresses in a cell than [`MAX_EMAILS_PER_CELL`].
    #[error("more than {MAX_EMAILS_PER_CELL} e-mail addresses in one cell")]
    TooMany,
}

impl Email {
    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Wraps a value that the store read back; it was parsed when it went in.
    pub fn from_normal(text: String) -> Self {
        Self(text)
    }

    /// Parses one address; takes off `mailto:`, a display name with angle brackets, a label (`work:`) and a
    /// comment in parentheses.
    ///
    /// # Errors
    /// [`BadEmail`] says in words why the text is not exactly one address.
    pub fn parse(text: &str) -> Result<Self, BadEmail> {
        shape::address(text).map(Self)
    }

    /// Parses a cell that may hold several addresses: the good ones in the order written (repetitions kept), and a
    /// reason for each part that has an `@` and is none. A blank cell gives nothing of either.
    pub fn parse_list(cell: &str) -> (Vec<Self>, Vec<BadEmail>) {
        list::all(cell)
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Equal for two spellings that are sure to reach one mailbox. For matching only: we write to the address as
    /// its owner gave it.
    pub fn match_key(&self) -> String {
        let Some((mailbox, domain)) = self.0.rsplit_once('@') else { return self.0.clone() };
        let untagged = match mailbox.split_once('+') {
            Some((name, _)) if TAGS_IGNORED.contains(&domain) && !name.is_empty() => name,
            _ => mailbox,
        };
        if DOTS_IGNORED.contains(&domain) {
            return format!("{}@{}", untagged.replace('.', ""), DOTS_IGNORED[0]);
        }
        format!("{untagged}@{domain}")
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***@***")
    }
}
