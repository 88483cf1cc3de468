//! A position in a list: an opaque text that says where a page begins and which way it goes.
//!
//! Lists go by keys, never by numbers of rows: a position is the key of the row beside it, so that rows which come or
//! go meanwhile neither repeat nor hide others. It holds no tenant: whoever brings it sees their own rows only.

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Rows of one page at most: what a person scrolls through, and what one answer may cost.
pub const MAX_PAGE: usize = 200;
/// Longest position that is read: the longest key, twice as long in hexadecimal, with room to spare.
const MAX_CHARS: usize = 2_000;

/// Which way a page goes from its position, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// What comes after.
    #[serde(rename = "f")]
    Forward,
    /// What comes before.
    #[serde(rename = "b")]
    Back,
}

/// An opaque position, as it is handed out and taken back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(String);

/// Keys may be parts of names: they are not shown.
impl std::fmt::Debug for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Position(***)")
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A position that none of our answers said, or that belongs to another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this position is not one of this list: start from the first page, and take positions from its answers as they are"
)]
pub struct BadPosition;

impl Position {
    /// The position of `key` in the list of that name.
    pub fn new(list: &str, way: Way, key: &impl Serialize) -> Self {
        let text = serde_json::to_string(&(list, way, key)).unwrap_or_default();
        let mut hex = String::with_capacity(text.len() * 2);
        for byte in text.bytes() {
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// A text that a caller brings; whether it is a position shows when it is read.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The way and the key, if it is a position of that list.
    pub fn read<K: DeserializeOwned>(&self, list: &str) -> Result<(Way, K), BadPosition> {
        if self.0.len() > MAX_CHARS || !self.0.len().is_multiple_of(2) || !self.0.is_ascii() {
            return Err(BadPosition);
        }
        let digits = self.0.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
        let bytes: Option<Vec<u8>> = digits.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
        let (named, way, key): (String, Way, K) =
            serde_json::from_slice(&bytes.ok_or(BadPosition)?).map_err(|_| BadPosition)?;
        if named == list { Ok((way, key)) } else { Err(BadPosition) }
    }
}

/// Rows of a list with the positions beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// In the order of the list.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is more.
    pub next: Option<Position>,
    /// Where the page before ends, if there may be one.
    pub previous: Option<Position>,
}

impl<T> Page<T> {
    /// A page out of what was read: `read` holds up to one row more than `limit`, in the direction of `from`.
    pub fn of<K: Serialize>(
        list: &str,
        from: Option<Way>,
        mut read: Vec<T>,
        limit: usize,
        key: impl Fn(&T) -> K,
    ) -> Self {
        let more = read.len() > limit;
        read.truncate(limit);
        let back = from == Some(Way::Back);
        if back {
            read.reverse();
        }
        // Where we came from there are rows: the one that the position stands for, unless it went.
        let (before, after) = if back { (more, true) } else { (from.is_some(), more) };
        let at = |row: Option<&T>, way| row.map(|row| Position::new(list, way, &key(row)));
        let previous = at(read.first(), Way::Back).filter(|_| before);
        let next = at(read.last(), Way::Forward).filter(|_| after);
        Self { next, previous, rows: read }
    }

    /// The same page of something else.
    pub fn map<U>(self, to: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(to).collect(), next: self.next, previous: self.previous }
    }
}

/// How many rows a page may have when somebody asks for `asked`: at least one, at most [`MAX_PAGE`].
pub fn page_size(asked: i64) -> usize {
    usize::try_from(asked.max(1)).map_or(MAX_PAGE, |asked| asked.min(MAX_PAGE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_position_is_of_its_list_only_and_shows_nothing() {
        let position = Position::new("customers.name", Way::Back, &("smith", 7));
        assert_eq!(position.read("customers.name"), Ok((Way::Back, ("smith".to_owned(), 7))));
        assert_eq!(position.read::<(String, i64)>("customers"), Err(BadPosition));
        assert_eq!(position.read::<i64>("customers.name"), Err(BadPosition));
        assert_eq!(format!("{position:?}"), "Position(***)");
        for bad in ["", "7", "zz", "é", "5b5d", &"00".repeat(MAX_CHARS)] {
            assert_eq!(Position::from_text(bad).read::<i64>("customers"), Err(BadPosition), "{bad}");
        }
    }

    #[test]
    fn a_page_says_where_more_is() {
        let page = |from, read: &[i64], limit| Page::of("n", from, read.to_vec(), limit, |n| *n);
        let first = page(None, &[1, 2, 3], 2);
        assert_eq!((first.rows.as_slice(), first.previous.is_some(), first.next.is_some()), (&[1, 2][..], false, true));
        assert_eq!(first.next.unwrap().read("n"), Ok((Way::Forward, 2)));
        let last = page(Some(Way::Forward), &[3], 2);
        assert_eq!((last.rows.as_slice(), last.previous.is_some(), last.next.is_some()), (&[3][..], true, false));
        let back = page(Some(Way::Back), &[4, 3, 2], 2);
        assert_eq!((back.rows.as_slice(), back.previous.is_some(), back.next.is_some()), (&[3, 4][..], true, true));
        assert_eq!((page_size(-5), page_size(7), page_size(i64::MAX)), (1, 7, MAX_PAGE));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = Position::from_text(&text).read::<(String, i64)>("customers");
        }
    }
}
