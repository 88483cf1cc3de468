//! Lists: pages by number, computed anew for each, so that what changes between two pages moves rows from one to the
//! other, as it does with the real one.

use std::cmp::Reverse;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::query::{Field, Narrow, Query};
use super::refusal::Refusal;
use crate::random::mix;
use crate::stamp::Stamp;
use crate::world::Tenant;
use crate::world::table::{Row, Table};

/// Where a row is shown: some fields are only in some places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In a list.
    List,
    /// In an export feed.
    Export,
    /// Alone.
    Single,
}

/// A row that can be listed.
pub trait Listed: Row {
    /// What it can be sorted by.
    const SORTS: &'static [Field];
    /// Whether its list has the parameter `active`.
    const HAS_ACTIVE: bool = true;
    /// Whether its list is put in order by `orderBy` and `orderByDirection`, and not by `sort`.
    const HAS_ORDER_BY: bool = false;
    /// Whether its list has the parameter `ids`.
    const HAS_IDS: bool = true;

    /// Parameters that the documents have and the sim does not: refused, so that nobody believes in them.
    const UNSUPPORTED: &'static [&'static str] = &[];

    /// What it looks like.
    fn shape(&self, tenant: &Tenant, form: Form) -> Value;

    /// Makes ready what its own parameters ask for.
    ///
    /// # Errors
    /// A parameter is not valid.
    fn filter<'a>(tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal>;

    /// The stamp that counts as its last change.
    fn modified(&self, _query: &Query) -> Stamp {
        self.head().modified
    }

    /// How urgent it is.
    fn priority(&self) -> u8 {
        0
    }
}

/// Whether a row is one of those asked for.
pub type Filter<'a, R> = Box<dyn Fn(&R) -> bool + 'a>;

/// How a list behaves when the upstream misbehaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moods {
    /// Rows in an order that nobody asked for, another for each value.
    pub shuffle: Option<u64>,
    /// Rows of a page at most, whatever was asked.
    pub page_cap: Option<usize>,
}

/// One page of a list.
///
/// # Errors
/// A parameter is not valid.
pub fn page<R: Listed>(table: &Table<R>, tenant: &Tenant, query: &Query, moods: Moods) -> Result<Value, Refusal> {
    let narrow = query.narrow(R::HAS_ACTIVE, R::HAS_IDS)?;
    page_of(table, tenant, query, (&narrow, Form::List), &|_| true, moods)
}

/// The same of rows that belong to something, `only`, narrowed and shown otherwise.
///
/// # Errors
/// A parameter is not valid.
pub fn page_of<R: Listed>(
    table: &Table<R>,
    tenant: &Tenant,
    query: &Query,
    (narrow, form): (&Narrow, Form),
    only: &dyn Fn(&R) -> bool,
    moods: Moods,
) -> Result<Value, Refusal> {
    if let Some(name) = R::UNSUPPORTED.iter().find(|name| query.text(name).is_some()) {
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, &format!("The sim does not know the parameter {name}.")));
    }
    let paging = query.paging(R::SORTS)?;
    let filter = R::filter(tenant, query)?;
    let fits = |row: &&R| narrow.fits(row.head(), row.modified(query)) && only(row) && filter(row);
    let mut rows: Vec<&R> = table.iter().filter(fits).collect();
    sort(&mut rows, if R::HAS_ORDER_BY { query.order_by()? } else { paging.sort }, moods);
    let size = paging.size.min(moods.page_cap.unwrap_or(usize::MAX)).max(1);
    let from = (paging.page - 1).saturating_mul(size).min(rows.len());
    let until = (from + size).min(rows.len());
    let data: Vec<Value> = rows[from..until].iter().map(|row| row.shape(tenant, form)).collect();
    Ok(json!({
        "page": paging.page,
        "pageSize": size,
        "hasMore": until < rows.len(),
        "totalCount": paging.total.then_some(rows.len()),
        "data": data,
    }))
}

/// Equal rows stay in the order of their numbers.
fn sort<R: Listed>(rows: &mut [&R], (field, is_down): (Field, bool), moods: Moods) {
    if let Some(by) = moods.shuffle {
        return rows.sort_unstable_by_key(|row| mix(row.head().id as u64 ^ by));
    }
    match (field, is_down) {
        (Field::Id, false) => {}
        (Field::Id, true) => rows.reverse(),
        (Field::ModifiedOn, false) => rows.sort_by_key(|row| row.head().modified),
        (Field::ModifiedOn, true) => rows.sort_by_key(|row| Reverse(row.head().modified)),
        (Field::CreatedOn, false) => rows.sort_by_key(|row| row.head().created),
        (Field::CreatedOn, true) => rows.sort_by_key(|row| Reverse(row.head().created)),
        (Field::Priority, false) => rows.sort_by_key(|row| row.priority()),
        (Field::Priority, true) => rows.sort_by_key(|row| Reverse(row.priority())),
    }
}
