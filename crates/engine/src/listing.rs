//! Lists for people and programs: a page at a time, forwards and backwards, by opaque positions.

use std::collections::HashMap;

use doorstep_core::id::{CustomerId, DecisionId, ReviewId};
use doorstep_core::phone::Region;
use doorstep_core::position::{Page, Position, Way, page_size};
use doorstep_core::survivorship::query_words;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::decision::{self, Shown};
use doorstep_store::listing::{self, Beside, Order, Row};
use doorstep_store::review::{self, Review};
use doorstep_store::search;
use doorstep_store::{Tx, tenant};
use serde::Serialize;

use crate::Engine;
use crate::edit::EDITS;
use crate::error::Result;

/// The list of open reviews, as positions name it.
const REVIEWS: &str = "reviews";
/// The same, the surest first.
const SUREST: &str = "reviews.surest";
/// Decisions and open reviews that are counted for how far the work is.
pub const MAX_COUNTED: i64 = 1_000;
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
    pub async fn customers(
        &self,
        scope: &Scope,
        order: Order,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Row>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        customers(&mut tx, order, position, limit).await
    }

    /// Customers found by name, phone in any spelling, or e-mail, each word of `query` a beginning: those whose name
    /// begins with several words as they stand come first, then those who have the rarest of the words whole. Work is bounded: an answer that `stopped` early has more on its next page, and
    /// finds better with more letters.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn search_page(
        &self,
        scope: &Scope,
        query: &str,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Searched> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let region = tenant::get(&mut tx).await?.country;
        search_page(&mut tx, region, query, position, limit).await
    }

    /// The customer after or before one, as the list shows them; `None` at its end, and for one whom the list does not
    /// show any more. Work is bounded: past `PAGES_BESIDE` pages of a search nobody stands beside anybody.
    pub async fn customer_beside(
        &self,
        scope: &Scope,
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
                let words = query_words(query, tenant::get(&mut tx).await?.country);
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

    /// Open reviews, oldest first, each with both customers as lists show them.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn review_page(&self, scope: &Scope, position: Option<&Position>, limit: i64) -> Result<Page<ReviewRow>> {
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<ReviewId>(REVIEWS)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = review::page(&mut tx, from, limit as i64 + 1).await?;
        let page = Page::of(REVIEWS, from.map(|(way, _)| way), read, limit, |review: &Review| review.id);
        let ids: Vec<CustomerId> = page.rows.iter().flat_map(|review| [review.a, review.b]).collect();
        let rows: HashMap<CustomerId, Row> =
            listing::rows(&mut tx, &ids).await?.into_iter().map(|row| (row.id, row)).collect();
        let of = |id: CustomerId| rows.get(&id).cloned();
        Ok(page.map(|review| ReviewRow { a_customer: of(review.a), b_customer: of(review.b), review }))
    }

    /// Open reviews, the surest first, none less sure than the share `least`.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn surest_reviews(
        &self,
        scope: &Scope,
        position: Option<&Position>,
        least: f32,
        limit: i64,
    ) -> Result<Page<Review>> {
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<review::Place>(SUREST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = review::page_by_score(&mut tx, from, review::score_of(least), limit as i64 + 1).await?;
        Ok(Page::of(SUREST, from.map(|(way, _)| way), read, limit, review::place))
    }

    /// How far the work on reviews is: how many decisions in force were made since that instant, and how many pairs wait;
    /// each counted no further than [`MAX_COUNTED`].
    pub async fn review_progress(&self, scope: &Scope, since: Timestamp) -> Result<(i64, i64)> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let decided = decision::count_since(&mut tx, EDITS, since, MAX_COUNTED).await?;
        Ok((decided, review::count_up_to(&mut tx, MAX_COUNTED).await?))
    }

    /// What people decided about identity, newest first, in force or taken back.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn merges(&self, scope: &Scope, position: Option<&Position>, limit: i64) -> Result<Page<Shown>> {
        const LIST: &str = "merges";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<DecisionId>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = decision::page(&mut tx, EDITS, from, limit as i64 + 1).await?;
        Ok(Page::of(LIST, from.map(|(way, _)| way), read, limit, |shown: &Shown| shown.decision.id))
    }
}

/// The page of open reviews, the surest first, that begins with this one.
pub fn beginning_with(review: &Review) -> Position {
    let (doubt, id) = review::place(review);
    let before = ReviewId::from_uuid(uuid::Uuid::from_u128(id.uuid().as_u128().saturating_sub(1)));
    Position::new(SUREST, Way::Forward, &(doubt, before))
}

/// As [`Engine::customers`], within a transaction that reads more than the list, for whoever may read.
///
/// # Errors
/// [`crate::Error::BadPosition`].
pub async fn customers(tx: &mut Tx, order: Order, position: Option<&Position>, limit: i64) -> Result<Page<Row>> {
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

/// As [`Engine::search_page`], within a transaction that reads more, for whoever may read; `region` is the country of
/// the transaction's tenant.
///
/// # Errors
/// [`crate::Error::BadPosition`].
pub async fn search_page(
    tx: &mut Tx,
    region: Region,
    query: &str,
    position: Option<&Position>,
    limit: i64,
) -> Result<Searched> {
    const LIST: &str = "search";
    let from = position.map(|position| position.read::<search::Beside>(LIST)).transpose()?;
    let found = search::page(tx, &query_words(query, region), from.as_ref(), page_size(limit)).await?;
    let next = found.next.map(|beside| Position::new(LIST, Way::Forward, &beside));
    let previous = found.previous.map(|beside| Position::new(LIST, Way::Back, &beside));
    Ok(Searched { rows: found.rows, next, previous, stopped: found.stopped })
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

/// A review with the customers it asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewRow {
    /// The review with its evidence.
    #[serde(flatten)]
    pub review: Review,
    /// The older customer.
    pub a_customer: Option<Row>,
    /// The younger customer.
    pub b_customer: Option<Row>,
}
