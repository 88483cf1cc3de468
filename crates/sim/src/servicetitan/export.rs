//! Export feeds: rows in the order of their last changes, resumed by an opaque token that belongs to one feed.

use std::time::Duration;

use serde_json::{Value, json};

use super::list::{Form, Listed};
use super::query::Query;
use super::refusal::Refusal;
use crate::random::mix;
use crate::stamp::Stamp;
use crate::world::Tenant;
use crate::world::table::Table;

/// How long a change is kept back unless `includeRecentChanges` asks for it: what the documentation says.
pub const LAG: Duration = Duration::from_secs(15 * 60);
/// The alphabet of RFC 4648; its `+` and `/` are why a token must be encoded in a query.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Where a feed goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// After the change with this number.
    change: u64,
    /// Only rows modified on or after this.
    since: Stamp,
}

impl Place {
    const BEGIN: Self = Self { change: 0, since: Stamp(i64::MIN) };

    /// As a token of one feed of one tenant.
    fn token(self, feed: u64) -> String {
        let words = [self.change, self.since.0 as u64];
        let seal = self.seal(feed);
        let mut bytes = Vec::with_capacity(25);
        bytes.extend(seal.to_be_bytes());
        // Nobody shall read a position out of a token, so that nobody can rely on it.
        for (at, word) in words.into_iter().enumerate() {
            bytes.extend((word ^ mix(seal.wrapping_add(at as u64))).to_be_bytes());
        }
        // A version, and the reason for padding.
        bytes.push(1);
        encode(&bytes)
    }

    fn seal(self, feed: u64) -> u64 {
        mix(mix(self.change ^ mix(feed)) ^ self.since.0 as u64)
    }

    /// Reads a token of this feed.
    fn read(token: &str, feed: u64) -> Option<Self> {
        let bytes = decode(token)?;
        if bytes.len() != 25 || bytes[24] != 1 {
            return None;
        }
        let word = |at: usize| bytes[at * 8..at * 8 + 8].iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let seal = word(0);
        let open = |at: usize| word(at) ^ mix(seal.wrapping_add(at as u64 - 1));
        let place = Self { change: open(1), since: Stamp(open(2) as i64) };
        (place.seal(feed) == seal).then_some(place)
    }
}

/// One page of a feed named `name`, of at most `size` rows.
///
/// # Errors
/// `from` is neither a date nor a token of this feed.
pub fn page<R: Listed>(
    table: &Table<R>,
    tenant: &Tenant,
    name: &str,
    query: &Query,
    (now, size): (Stamp, usize),
) -> Result<Value, Refusal> {
    let feed = name.bytes().fold(tenant.number as u64, |hash, byte| mix(hash ^ u64::from(byte)));
    let start = match query.text("from") {
        None => Place::BEGIN,
        Some(text) => match (Place::read(text, feed), Stamp::parse(text)) {
            (Some(place), _) => place,
            (None, Some(since)) => Place { since, ..Place::BEGIN },
            (None, None) => return Err(Refusal::field("from", "The continuation token is invalid.")),
        },
    };
    let settled = now.before(LAG);
    let is_eager = query.flag("includeRecentChanges")?.unwrap_or(false);
    let active = query.narrow_active()?;
    let mut next = start;
    // The last place before rows that may still come again.
    let mut firm = start;
    let (mut data, mut has_more) = (Vec::new(), false);
    for (change, row) in table.feed(start.change) {
        let head = row.head();
        let is_recent = head.modified > settled;
        if is_recent && !is_eager {
            break;
        }
        if data.len() == size {
            has_more = true;
            break;
        }
        if head.modified >= start.since && active.is_none_or(|active| head.active == active) {
            data.push(row.shape(tenant, Form::Export));
        }
        next.change = change;
        if !is_recent {
            firm = next;
        }
    }
    // Caught up among recent changes: they come again until they are old enough.
    let resume = if has_more { next } else { firm };
    Ok(json!({ "hasMore": has_more, "continueFrom": resume.token(feed), "data": data }))
}

impl Query {
    /// Two feeds take `active`; they and all others hold every row unless asked.
    fn narrow_active(&self) -> Result<Option<bool>, Refusal> {
        match self.text("active").map(str::to_lowercase).as_deref() {
            None | Some("any") => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Refusal::field("active", "The value is not valid for active.")),
        }
    }
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().chain(&[0, 0]).take(3).fold(0u32, |group, byte| group << 8 | u32::from(*byte));
        for at in 0..4 {
            let is_padding = at > chunk.len();
            let digit = ALPHABET[(group >> (18 - 6 * at) & 63) as usize];
            text.push(if is_padding { '=' } else { char::from(digit) });
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut group = 0u32;
        for byte in chunk {
            let digit = ALPHABET.iter().position(|it| it == byte)?;
            group = group << 6 | digit as u32;
        }
        group <<= 6 * (4 - chunk.len() as u32);
        bytes.extend(&group.to_be_bytes()[1..chunk.len().max(1)]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_one_feed() {
        let place = Place { change: 77, since: Stamp(-5) };
        let token = place.token(1);
        assert_eq!(Place::read(&token, 1), Some(place));
        assert_eq!(Place::read(&token, 2), None);
        assert!(token.ends_with('='), "{token}");
        // One character spoilt, one lost.
        assert_eq!(Place::read(&token.replacen(&token[3..4], if &token[3..4] == "A" { "B" } else { "A" }, 1), 1), None);
        assert_eq!(Place::read(&token[1..], 1), None);
        assert_eq!(Place::read("", 1), None);
        assert_eq!(Place::read("2020-01-01", 1), None);
    }

    #[test]
    fn bytes_come_back() {
        for length in 0..9u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(83)).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
        assert_eq!(encode(b"any"), "YW55");
        assert_eq!(encode(b"an"), "YW4=");
    }
}
