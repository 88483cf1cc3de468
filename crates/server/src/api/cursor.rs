//! Cursors: where a page of a list begins, as an opaque text.
//!
//! A cursor is bound to the tenant and to the list with its filters by a sum over all of them, so that one that was
//! made up, cut short, taken from another list or from another tenant is refused in words. The sum is no secret: what a
//! cursor can name is a place in a list that its bearer may read from end to end anyway, since every query is bound to
//! the tenant of whoever asks. So cursors outlive a restart and hold at every server (docs/decisions/0024).

use std::fmt::Write;

use doorstep_core::position::{Page, Position};
use doorstep_core::{TenantId, planted};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::problem::{Problem, Result};

/// Bytes of the sum: enough that nobody meets it by chance.
const SUM_BYTES: usize = 12;

/// One list as somebody reads it.
#[derive(Clone)]
pub(super) struct List {
    tenant: TenantId,
    name: String,
}

/// A page as programs read it.
#[derive(Serialize)]
pub(super) struct Items<T> {
    items: Vec<T>,
    next: Option<String>,
    previous: Option<String>,
}

impl<T> Items<T> {
    /// The same page of something else.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Items<U> {
        Items { items: self.items.into_iter().map(each).collect(), next: self.next, previous: self.previous }
    }
}

impl List {
    /// The list of that name; `filters` are part of which list it is.
    pub fn new(tenant: TenantId, name: &str, filters: &[&str]) -> Self {
        let name = filters.iter().fold(name.to_owned(), |mut name, filter| {
            // With its length, so that no two lists of filters are one text.
            let _ = write!(name, " {}:{filter}", filter.len());
            name
        });
        let tenant = if planted!("a-cursor-forgets-its-tenant") { TenantId::from_number(1) } else { tenant };
        Self { tenant, name }
    }

    fn sum(&self, place: &str) -> String {
        let hashed = Sha256::digest(format!("{} {}:{} {place}", self.tenant, self.name.len(), self.name));
        hashed.iter().take(SUM_BYTES).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The cursor of a place.
    pub fn seal(&self, place: &str) -> String {
        format!("{place}-{}", self.sum(place))
    }

    /// The place that a cursor stands for.
    ///
    /// # Errors
    /// A problem with status 400 if it is none of this list's.
    pub fn open<'a>(&self, cursor: &'a str) -> Result<&'a str> {
        let parts = cursor.rsplit_once('-').filter(|(place, sum)| self.sum(place) == *sum);
        parts.map(|(place, _)| place).ok_or_else(bad)
    }

    /// The position that a cursor stands for, if there is one.
    pub fn position(&self, cursor: Option<&str>) -> Result<Option<Position>> {
        cursor.map(|cursor| self.open(cursor).map(Position::from_text)).transpose()
    }

    /// A thing in the list that a cursor stands for, if there is one.
    pub fn place<T: std::str::FromStr>(&self, cursor: Option<&str>) -> Result<Option<T>> {
        cursor.map(|cursor| self.open(cursor)?.parse().map_err(|_| bad())).transpose()
    }

    /// A page of positions, sealed.
    pub fn page<T>(&self, page: Page<T>) -> Items<T> {
        let seal = |position: Option<Position>| position.map(|position| self.seal(&position.to_string()));
        Items { items: page.rows, next: seal(page.next), previous: seal(page.previous) }
    }

    /// A page that goes one way: the next one begins after the last of `read`, which holds one more than `limit` if
    /// there is more.
    pub fn onward<T>(&self, mut read: Vec<T>, limit: i64, place: impl Fn(&T) -> String) -> Items<T> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = read.len() > limit;
        read.truncate(limit);
        let next = read.last().filter(|_| has_more).map(|last| self.seal(&place(last)));
        Items { items: read, next, previous: None }
    }
}

fn bad() -> Problem {
    let detail =
        "`cursor` is not one of this list: start without it, and send what `next` or `previous` said as it is.";
    Problem { kind: "bad-cursor", ..Problem::bad_request(detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_its_tenant_list_and_filters_only() {
        let (ours, theirs) = (TenantId::from_number(1), TenantId::from_number(2));
        let list = List::new(ours, "customers", &["smith", "10"]);
        let cursor = list.seal("5b22-x");
        assert_eq!(list.open(&cursor).unwrap(), "5b22-x");
        for other in [
            List::new(theirs, "customers", &["smith", "10"]),
            List::new(ours, "reviews", &["smith", "10"]),
            List::new(ours, "customers", &["smyth", "10"]),
            List::new(ours, "customers", &["smith 2:10"]),
        ] {
            assert_eq!(other.open(&cursor).unwrap_err().kind, "bad-cursor");
        }
        for made in ["", "-", "5b22", "5b22-", &cursor[..cursor.len() - 1], &format!("6{}", &cursor[1..]), "é-é"] {
            assert!(list.open(made).is_err(), "{made}");
        }
    }
}
