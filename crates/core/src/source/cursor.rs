//! Where the next read of a stream begins.

use serde::{Deserialize, Serialize};

/// Longest cursor, in bytes: those of the sources we know have some hundred, and whoever sends a megabyte is not one.
pub const MAX_CURSOR_BYTES: usize = 4096;

/// Where the next read of a stream begins: a text that its source makes and alone understands. Everybody else stores
/// it, in the transaction that stores the rows before it, and gives it back.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(String);

/// Why a text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor has 1 to {MAX_CURSOR_BYTES} bytes, none of them a control character")]
pub struct BadCursor;

impl Cursor {
    /// A cursor of a source, or as the store read it back.
    ///
    /// # Errors
    /// [`BadCursor`] where it is blank, too long, or holds control characters (which a database may refuse).
    pub fn new(text: impl Into<String>) -> Result<Self, BadCursor> {
        let text = text.into();
        let is_plain = !text.chars().any(char::is_control);
        if (1..=MAX_CURSOR_BYTES).contains(&text.len()) && is_plain { Ok(Self(text)) } else { Err(BadCursor) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Cursor {
    /// Its length only: some sources put into it what was asked for.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cursor({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Cursor {
    type Error = BadCursor;

    fn try_from(text: String) -> Result<Self, BadCursor> {
        Self::new(text)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_bounded_and_plain() {
        assert!(Cursor::new("x".repeat(MAX_CURSOR_BYTES)).is_ok());
        for bad in [String::new(), "x".repeat(MAX_CURSOR_BYTES + 1), "a\0b".to_owned(), "a\nb".to_owned()] {
            assert_eq!(Cursor::new(bad), Err(BadCursor));
        }
    }
}
