//! What our cursors say: where in which door of which stream the next page begins.
//!
//! `feed:customers:TOKEN`, `since:job_types:MICROS`, `scan:job_types:…` in the middle of a list, `sweep:customers:PAGE`.
//! Each names its stream, so that one is never taken to another stream's door.

use doorstep_core::Timestamp;
use doorstep_core::source::Cursor;

use crate::source::Failure;

/// Where a list is in the middle of being read for changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    /// The bound that this scan began with: what the cursor stays at if it has to be done again.
    pub since: Option<Timestamp>,
    /// The bound that is asked for now.
    pub bound: Option<Timestamp>,
    /// The page that is asked for now, counted from 1.
    pub page: u32,
    /// The newest stamp that was delivered.
    pub newest: Option<Timestamp>,
    /// Their clock when the scan began.
    pub began: Timestamp,
    /// Whether pages were counted, so that an edit meanwhile may have moved an object over the edge of one.
    pub is_counted: bool,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In a feed, behind this token of theirs.
    Feed(String),
    /// In a list, at what changed since.
    Since(Timestamp),
    /// In a list, in the middle.
    Scan(Scan),
    /// In a sweep, at this page.
    Sweep(u32),
}

impl Place {
    /// The cursor that says so.
    pub fn cursor(&self, stream: &str) -> Result<Cursor, Failure> {
        let text = match self {
            Self::Feed(token) => format!("feed:{stream}:{token}"),
            Self::Since(at) => format!("since:{stream}:{}", at.micros()),
            Self::Sweep(page) => format!("sweep:{stream}:{page}"),
            Self::Scan(scan) => format!(
                "scan:{stream}:{},{},{},{},{},{}",
                written(scan.since),
                written(scan.bound),
                scan.page,
                written(scan.newest),
                scan.began.micros(),
                u8::from(scan.is_counted)
            ),
        };
        // Only a token can be too long or odd; all else is made of numbers.
        Cursor::new(text).map_err(|_| Failure::Fatal {
            why: format!("ServiceTitan says where {stream} go on in more bytes than a cursor may have"),
        })
    }

    /// Reads a cursor of `stream`.
    pub fn read(stream: &str, cursor: &Cursor) -> Result<Self, Failure> {
        let unknown = || Failure::Cursor { why: format!("the stored cursor is none of {stream}") };
        let mut parts = cursor.as_str().splitn(3, ':');
        let (kind, name, rest) = (parts.next(), parts.next(), parts.next().unwrap_or(""));
        if name != Some(stream) || rest.is_empty() {
            return Err(unknown());
        }
        let found = match kind {
            Some("feed") => Some(Self::Feed(rest.to_owned())),
            Some("since") => instant(rest).map(Self::Since),
            Some("sweep") => rest.parse().ok().filter(|page| *page > 0).map(Self::Sweep),
            Some("scan") => scan(rest).map(Self::Scan),
            _ => None,
        };
        found.ok_or_else(unknown)
    }
}

fn written(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.micros().to_string())
}

fn instant(text: &str) -> Option<Timestamp> {
    let at = Timestamp::from_micros(text.parse().ok()?);
    // One that the calendar has: it is written into a request.
    at.to_string().parse::<Timestamp>().ok()
}

fn scan(text: &str) -> Option<Scan> {
    let parts: Vec<&str> = text.split(',').collect();
    let [since, bound, page, newest, began, is_counted] = parts[..] else { return None };
    let maybe = |text: &str| if text == "-" { Some(None) } else { instant(text).map(Some) };
    Some(Scan {
        since: maybe(since)?,
        bound: maybe(bound)?,
        page: page.parse().ok().filter(|page| *page > 0)?,
        newest: maybe(newest)?,
        began: instant(began)?,
        is_counted: match is_counted {
            "0" => false,
            "1" => true,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    #[test]
    fn a_cursor_says_where_and_is_read_for_its_own_stream_only() {
        let scan =
            Scan { since: None, bound: Some(at(9)), page: 2, newest: Some(at(-3)), began: at(10), is_counted: true };
        let places = [
            Place::Feed("eyJ=:,ü".to_owned()),
            Place::Since(at(7)),
            Place::Scan(scan),
            Place::Scan(Scan { since: Some(at(1)), bound: None, newest: None, is_counted: false, ..scan }),
            Place::Sweep(3),
        ];
        for place in places {
            let cursor = place.cursor("jobs").unwrap();
            assert_eq!(Place::read("jobs", &cursor), Ok(place));
            assert!(matches!(Place::read("customers", &cursor), Err(Failure::Cursor { .. })));
        }
    }

    #[test]
    fn a_token_that_is_no_text_to_keep_is_refused() {
        for token in ["x".repeat(5_000), "a\0".to_owned()] {
            assert!(matches!(Place::Feed(token).cursor("jobs"), Err(Failure::Fatal { .. })));
        }
    }

    proptest! {
        #[test]
        fn garbage_is_a_cursor_of_nothing(text in "(feed|since|scan|sweep|x):(jobs|x):[-0-9,a-z:]{0,40}") {
            let cursor = Cursor::new(text).unwrap();
            match Place::read("jobs", &cursor) {
                Ok(place) => prop_assert_eq!(Place::read("jobs", &place.cursor("jobs").unwrap()), Ok(place)),
                Err(failure) => prop_assert!(matches!(failure, Failure::Cursor { .. }), "{failure}"),
            }
        }
    }
}
