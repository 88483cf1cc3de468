//! A person who signs in.

use serde::Serialize;

use crate::email::Email;
use crate::id::UserId;
use crate::tenant::Role;
use crate::time::Timestamp;

/// A person who signs in to one tenant. Someone who works for two businesses is a user of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Ours.
    pub id: UserId,
    /// What they sign in with; unique in the tenant by its match key.
    pub email: Email,
    /// What colleagues call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have a password; without one they come in by a one-time link.
    pub has_password: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When their password was set last.
    pub password_changed_at: Option<Timestamp>,
    /// Since when they may not sign in, if they may not.
    pub disabled_at: Option<Timestamp>,
}

impl User {
    /// Whether they may sign in.
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }
}

/// Longest name of a person or of an API key, in characters.
pub const MAX_LABEL_CHARS: usize = 100;

/// What people call a user or an API key: one line, not blank, at most [`MAX_LABEL_CHARS`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Label(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLabel {
    /// Nothing but blanks.
    #[error("the name is blank")]
    Blank,
    /// Too long to show in a list.
    #[error("the name is longer than {MAX_LABEL_CHARS} characters")]
    TooLong,
}

impl Label {
    /// Takes blanks, control and formatting characters out of a name, and refuses what is left if it is none.
    ///
    /// # Errors
    /// [`BadLabel`] says in words why.
    pub fn parse(text: &str) -> Result<Self, BadLabel> {
        // More than any name with its blanks: what is longer is not looked at.
        if text.len() > 40 * MAX_LABEL_CHARS {
            return Err(BadLabel::TooLong);
        }
        let shown = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(shown).collect();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.chars().count() {
            0 => Err(BadLabel::Blank),
            1..=MAX_LABEL_CHARS => Ok(Self(line)),
            _ => Err(BadLabel::TooLong),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_shows() {
        let check = |text: &str, expected: Result<&str, BadLabel>| {
            assert_eq!(Label::parse(text).as_ref().map(Label::as_str).map_err(|bad| *bad), expected, "{text:?}");
        };
        check("  Jo\n Smith\t", Ok("Jo Smith"));
        check("Jo\u{202e}htimS", Ok("JohtimS"));
        check("", Err(BadLabel::Blank));
        check(" \u{200b}\u{0}", Err(BadLabel::Blank));
        check(&"ü".repeat(100), Ok(&"ü".repeat(100)));
        check(&"ü".repeat(101), Err(BadLabel::TooLong));
        check(&" ".repeat(10_000), Err(BadLabel::TooLong));
    }
}
