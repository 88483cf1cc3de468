//! Lists for people and programs: a page at a time, forwards and backwards, by opaque positions.

use doorstep_core::Scope;
use doorstep_core::id::CustomerId;
use doorstep_core::phone::Region;
use doorstep_core::position::{Page, Position, Way, page_size};
use doorstep_core::survivorship::query_words;
use doorstep_core::tenant::Permission;
use doorstep_store::Tx;
use doorstep_store::listing::{self, Beside, Order, Row};
use doorstep_store::search;
use serde::Serialize;

use crate::Engine;
use crate::error::Result;

/// Pages of a search that are looked through for who stands beside a customer: of two words that are both common, those
/// who have both may be far apart. Each costs some ten milliseconds at worst.
const PAGES_BESIDE: usize = 8;

/// Which customers a person walks through.
#[derive(Debug, Clone, Copy)]
pub enum Among<'a> {
    /// Everybody, in that order.
    All(Order),
    /// Those whom a search finds.
    Found(&'a str),
}

impl Engine {
    /// Customers from `position` on, at most `limit` and never more than [`doorstep_core::position::MAX_PAGE`].
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`] for a position of another list or order.
    #[crate::boxed]
    pub async fn customers(
        &self,
        scope: &Scope,
        order: Order,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Row>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.glance(scope).await?;
        customers(&mut tx, order, position, limit).await
    }

    /// A page of customers for people: in an order, or as a search finds them.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn customer_list(
        &self,
        scope: &Scope,
        country: Region,
        among: Among<'_>,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Searched> {
        match among {
            Among::Found(query) => self.search_page(scope, country, query, position, limit).await,
            Among::All(order) => {
                let Page { rows, next, previous } = self.customers(scope, order, position, limit).await?;
                Ok(Searched { rows, next, previous, stopped: false })
            }
        }
    }

    /// Customers found by name, phone in any spelling, or e-mail, each word of `query` a beginning: those whose name
    /// begins with several words as they stand come first, then those who have the rarest of the words whole. Work is bounded: an answer that `stopped` early has more on its next page, and
    /// finds better with more letters. Numbers are read by `country`, which is the tenant's.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn search_page(
        &self,
        scope: &Scope,
        country: Region,
        query: &str,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Searched> {
        const LIST: &str = "search";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<search::Beside>(LIST)).transpose()?;
        let (words, limit) = (query_words(query, country), page_size(limit));
        let mut found = None;
        if words.len() == 1 {
            // Given back before anything else is asked for: whoever holds one connection and waits for another may wait
            // for somebody who does the same.
            found = search::glance(&mut self.db.glance(scope).await?, &words, from.as_ref(), limit).await?;
        }
        let found = match found {
            Some(found) => found,
            None => search::page(&mut self.db.read(scope).await?, &words, from.as_ref(), limit).await?,
        };
        let next = found.next.map(|beside| Position::new(LIST, Way::Forward, &beside));
        let previous = found.previous.map(|beside| Position::new(LIST, Way::Back, &beside));
        Ok(Searched { rows: found.rows, next, previous, stopped: found.stopped })
    }

    /// The customer after or before one, as the list shows them; `None` at its end, and for one whom the list does not
    /// show any more. Work is bounded: past `PAGES_BESIDE` pages of a search nobody stands beside anybody.
    pub async fn customer_beside(
        &self,
        scope: &Scope,
        country: Region,
        among: Among<'_>,
        id: CustomerId,
        way: Way,
    ) -> Result<Option<CustomerId>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        match among {
            Among::All(order) => {
                let here = listing::rows(&mut tx, &[id]).await?.pop();
                let name = here.map(|row| row.sort_name).filter(|_| order == Order::Name).unwrap_or_default();
                let beside = listing::page(&mut tx, order, Some(&(way, (name, id))), 1).await?;
                Ok(beside.first().map(|row| row.id))
            }
            Among::Found(query) => {
                let words = query_words(query, country);
                let mut place = search::place_of(&mut tx, &words, id).await?;
                for _ in 0..PAGES_BESIDE {
                    let Some(beside) = place else { return Ok(None) };
                    let found = search::page(&mut tx, &words, Some(&(way, beside)), 1).await?;
                    if let Some(row) = found.rows.first() {
                        return Ok(Some(row.id));
                    }
                    place = if way == Way::Back { found.previous } else { found.next };
                }
                Ok(None)
            }
        }
    }
}

/// As [`Engine::customers`], within a transaction that reads more than the list, for whoever may read.
///
/// # Errors
/// [`crate::Error::BadPosition`].
async fn customers(tx: &mut Tx, order: Order, position: Option<&Position>, limit: i64) -> Result<Page<Row>> {
    let list = match order {
        Order::Newest => "customers",
        Order::Name => "customers.name",
    };
    let from = position.map(|position| position.read::<Beside>(list)).transpose()?;
    let limit = page_size(limit);
    let read = listing::page(tx, order, from.as_ref(), limit as i64 + 1).await?;
    // Where the id alone counts, the position keeps the name to itself.
    let key = |row: &Row| -> (String, CustomerId) {
        let name = if order == Order::Name { row.sort_name.clone() } else { String::new() };
        (name, row.id)
    };
    Ok(Page::of(list, from.map(|(way, _)| way), read, limit, key))
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// Those of that name first, then whole words.
    pub rows: Vec<Row>,
    /// Where to go on, if there is more to look at.
    pub next: Option<Position>,
    /// Where to go back from, if there may be something before.
    pub previous: Option<Position>,
    /// Whether it stopped because it had looked at enough: more letters would find better.
    pub stopped: bool,
}
