//! Reading lists page by page: for what changed, where a stream has no feed, and for sweeps.
//!
//! Where the next scan begins is the newest stamp that was delivered, capped at their clock when the scan began, less
//! an overlap as long as the declared lag; so a stamp from the future, a clock of ours that is wrong, and a change that
//! was committed late lose nothing. Within a scan pages are not counted but asked for from the last stamp on, because
//! an edit moves an object to the end of the list and every later one a place forward. Counted they are only where more
//! objects than a page have one stamp, or where the order that was asked for was not kept; and if something changed
//! while pages were counted, the scan is done again from where it began.

use doorstep_core::source::StreamSpec;
use doorstep_core::{Timestamp, planted};
use serde_json::Value;

use super::door::{Doors, Order};
use super::place::{Place, Scan};
use super::rows::{as_fed, rows};
use super::session::{Ask, Door, Session};
use crate::source::{Failure, Page, Row};

/// Objects that a page of a list asks for. They allow 5,000, at which some lists break off.
pub(super) const PAGE_SIZE: u32 = 1_000;
/// Most pages of one list that are counted: a hundred million objects. Nobody has them; a list that never ends does.
pub(super) const MAX_PAGES: u32 = 100_000;
/// Older than anything there: the bound for lists that want one.
pub(super) const FIRST_STAMP: &str = "1900-01-01T00:00:00Z";
/// The same as an instant.
const FIRST: Timestamp = Timestamp::from_micros(-2_208_988_800_000_000);

/// A page of a list as it came.
pub(super) struct Listed {
    pub data: Vec<Value>,
    pub more: bool,
    pub date: Option<Timestamp>,
}

/// What a page of a list is asked for by.
enum By {
    Stamp(Option<Timestamp>),
    Id,
}

/// Asks for a page of a list.
async fn ask(session: &Session, doors: &Doors, label: &str, by: By, page: u32, size: u32) -> Result<Listed, Failure> {
    let mut parameters: Vec<(&'static str, String)> = Vec::new();
    if doors.is_paged {
        parameters.extend([("page", page.to_string()), ("pageSize", size.to_string())]);
    }
    if doors.hides_inactive && !planted!("what-is-inactive-is-not-asked-for") {
        parameters.push(("active", "Any".to_owned()));
    }
    let (field, bound) = match by {
        By::Stamp(bound) => ("ModifiedOn", bound.map(|at| at.to_string())),
        By::Id => ("Id", None),
    };
    match doors.order {
        Order::Sort => parameters.push(("sort", format!("+{field}"))),
        Order::ByField => {
            let name = if field == "Id" { "id" } else { "modifiedOn" };
            parameters.extend([("orderBy", name.to_owned()), ("orderByDirection", "asc".to_owned())]);
        }
        Order::None => {}
    }
    if let Some(bound) = bound.or_else(|| doors.needs_bound.then(|| FIRST_STAMP.to_owned())) {
        parameters.push(("modifiedOnOrAfter", bound));
    }
    get(session, doors, label, parameters).await
}

/// Asks for objects of a list by parameters of one's own.
pub(super) async fn get(
    session: &Session,
    doors: &Doors,
    label: &str,
    parameters: Vec<(&'static str, String)>,
) -> Result<Listed, Failure> {
    let door = Door { module: doors.module, path: doors.list, label };
    let Some((mut body, date)) = session.ask(door, &Ask::Get(parameters)).await? else {
        return Err(Failure::Gone { why: format!("ServiceTitan has no list of {label} at this address (404)") });
    };
    let more = body.get("hasMore").and_then(Value::as_bool).unwrap_or(false);
    match body.get_mut("data").map(Value::take) {
        Some(Value::Array(data)) => Ok(Listed { data, more, date }),
        _ => Err(Failure::Retry { after: None, why: format!("ServiceTitan's list of {label} came without its rows") }),
    }
}

/// The next page of all there is. A list without pages has one.
pub(super) async fn sweep(session: &Session, spec: &StreamSpec, doors: &Doors, page: u32) -> Result<Page, Failure> {
    if page > 1 && !doors.is_paged {
        return Err(Failure::Cursor { why: format!("{} are swept whole, from no cursor", spec.label) });
    }
    let listed = ask(session, doors, spec.label, By::Id, page, PAGE_SIZE).await?;
    let more = listed.more && doors.is_paged && page < MAX_PAGES;
    let (rows, skipped) = taken(spec, listed.data);
    let cursor = if more { Some(Place::Sweep(page + 1).cursor(spec.name)?) } else { None };
    Ok(Page { rows, skipped, cursor, more })
}

/// The next page of what changed.
pub(super) async fn changes(
    session: &Session,
    spec: &StreamSpec,
    doors: &Doors,
    from: Option<Place>,
) -> Result<Page, Failure> {
    if !doors.is_paged {
        if from.is_some() {
            return Err(Failure::Cursor { why: format!("{} are read whole, from no cursor", spec.label) });
        }
        let listed = ask(session, doors, spec.label, By::Id, 1, PAGE_SIZE).await?;
        let (rows, skipped) = taken(spec, listed.data);
        return Ok(Page { rows, skipped, cursor: None, more: false });
    }
    let (since, scan) = match from {
        None => (None, None),
        Some(Place::Since(at)) => (Some(at), None),
        Some(Place::Scan(scan)) => (scan.since, Some(scan)),
        Some(Place::Feed(_) | Place::Sweep(_)) => {
            return Err(Failure::Cursor { why: format!("the stored cursor is none of the list of {}", spec.label) });
        }
    };
    let (bound, page) = scan.map_or((since, 1), |scan| (scan.bound, scan.page));
    let listed = ask(session, doors, spec.label, By::Stamp(bound), page, PAGE_SIZE).await?;
    let now = listed.date.unwrap_or_else(|| session.http.surroundings.clock.now());
    if scan.is_none() && since.is_some_and(|since| since > now.plus_seconds(1)) {
        // Nothing that changes until then would be seen.
        let why = format!("the stored cursor of {} lies in ServiceTitan's future", spec.label);
        return Err(Failure::Cursor { why });
    }
    let began = scan.map_or(now, |scan| scan.began);
    let (rows, skipped) = taken(spec, listed.data);
    let stamps = Stamps::of(&rows, bound);
    let state = Scan {
        since,
        bound,
        page,
        newest: stamps.newest.max(scan.and_then(|scan| scan.newest)),
        began,
        is_counted: scan.is_some_and(|scan| scan.is_counted),
    };
    let more = listed.more && page < MAX_PAGES;
    let next = match more {
        true => Place::Scan(next_page(state, &stamps)),
        false if planted!("our-clock-is-the-cursor") => Place::Since(session.http.surroundings.clock.now()),
        false => Place::Since(end(state, spec.lag_seconds)),
    };
    Ok(Page { rows, skipped, cursor: Some(next.cursor(spec.name)?), more })
}

/// Where the scan goes on.
fn next_page(scan: Scan, stamps: &Stamps) -> Scan {
    match stamps.last {
        Some(last) if stamps.are_in_order && scan.bound.is_none_or(|bound| last > bound) => {
            let bound = if planted!("ties-are-skipped") { last.plus_micros(1) } else { last };
            Scan { bound: Some(bound), page: 1, ..scan }
        }
        _ => Scan { page: scan.page + 1, is_counted: true, ..scan },
    }
}

/// Where the next scan begins.
fn end(scan: Scan, lag_seconds: u32) -> Timestamp {
    let overlap = if planted!("no-overlap") { 0 } else { -i64::from(lag_seconds) };
    // Their clock is told to the second, and a stamp of the same second may be before it or after.
    let was_edited = scan.newest.is_some_and(|newest| newest >= scan.began);
    if scan.is_counted && was_edited && !planted!("counted-pages-are-trusted") {
        // A cursor all the same: without one the caller would stay in the middle of this scan.
        return scan.since.unwrap_or(FIRST);
    }
    let reached = scan.newest.map_or(scan.began, |newest| newest.min(scan.began)).plus_seconds(overlap);
    // Never back: an old bound was reached by a scan that was whole.
    scan.since.map_or(reached, |since| since.max(reached))
}

fn taken(spec: &StreamSpec, data: Vec<Value>) -> (Vec<Row>, Vec<crate::source::Skipped>) {
    rows(spec.name, data.into_iter().map(|payload| as_fed(spec.name, payload, None)).collect())
}

/// What the stamps of a page say about the list.
struct Stamps {
    newest: Option<Timestamp>,
    last: Option<Timestamp>,
    are_in_order: bool,
}

impl Stamps {
    fn of(rows: &[Row], bound: Option<Timestamp>) -> Self {
        let stamps: Vec<Option<Timestamp>> = rows.iter().map(|row| row.modified_at).collect();
        let are_in_order = stamps.iter().all(Option::is_some)
            && stamps.windows(2).all(|pair| pair[0] <= pair[1])
            && stamps.first().is_none_or(|first| *first >= bound);
        Self { newest: stamps.iter().copied().max().flatten(), last: stamps.last().copied().flatten(), are_in_order }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(seconds)
    }

    fn scan() -> Scan {
        Scan {
            since: Some(at(50)),
            bound: Some(at(50)),
            page: 1,
            newest: Some(at(90)),
            began: at(100),
            is_counted: false,
        }
    }

    #[test]
    fn a_scan_ends_at_what_was_delivered_or_their_clock_whichever_is_older() {
        let check = |scan: Scan, expected: Option<i64>| {
            assert_eq!(end(scan, 10), expected.map_or(FIRST, at), "{scan:?}");
        };
        assert_eq!(FIRST.to_string(), FIRST_STAMP);
        check(scan(), Some(80));
        // A stamp from the future does not carry the cursor along.
        check(Scan { newest: Some(at(1_000_000)), ..scan() }, Some(90));
        check(Scan { newest: None, ..scan() }, Some(90));
        check(Scan { newest: Some(at(55)), ..scan() }, Some(50));
        check(Scan { since: None, newest: None, ..scan() }, Some(90));
        // Pages were counted and nothing changed meanwhile; then something did.
        check(Scan { is_counted: true, ..scan() }, Some(80));
        check(Scan { is_counted: true, newest: Some(at(100)), ..scan() }, Some(50));
        check(Scan { is_counted: true, newest: Some(at(100)), since: None, ..scan() }, None);
    }

    #[test]
    fn pages_are_counted_only_where_stamps_do_not_lead_on() {
        let page = |last: i64, are_in_order| Stamps { newest: Some(at(last)), last: Some(at(last)), are_in_order };
        let check = |stamps: Stamps, bound: i64, page: u32, is_counted: bool| {
            let next = Scan { bound: Some(at(bound)), page, is_counted, ..scan() };
            assert_eq!(next_page(scan(), &stamps), next);
        };
        check(page(70, true), 70, 1, false);
        check(page(50, true), 50, 2, true);
        check(page(70, false), 50, 2, true);
    }
}
