//! Lists for people and programs: a page at a time, forwards and backwards, by opaque positions.

use std::collections::HashMap;

use doorstep_core::Scope;
use doorstep_core::id::{CustomerId, DecisionId, ReviewId};
use doorstep_core::position::{Page, Position, Way, page_size};
use doorstep_core::survivorship::query_words;
use doorstep_core::tenant::Permission;
use doorstep_store::decision::{self, Shown};
use doorstep_store::listing::{self, Beside, Order, Row};
use doorstep_store::review::{self, Review};
use doorstep_store::search::{self, After};
use doorstep_store::tenant;
use serde::Serialize;

use crate::Engine;
use crate::edit::EDITS;
use crate::error::Result;

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
        let list = match order {
            Order::Newest => "customers",
            Order::Name => "customers.name",
        };
        let from = position.map(|position| position.read::<Beside>(list)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = listing::page(&mut tx, order, from.as_ref(), limit as i64 + 1).await?;
        // Where the id alone counts, the position keeps the name to itself.
        let key = |row: &Row| -> (String, CustomerId) {
            let name = if order == Order::Name { row.sort_name.clone() } else { String::new() };
            (name, row.id)
        };
        Ok(Page::of(list, from.map(|(way, _)| way), read, limit, key))
    }

    /// Customers found by name, phone in any spelling, or e-mail, each word of `query` a beginning: those who have the
    /// first word whole come first. Work is bounded: an answer that `stopped` early has more on its next page, and
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
        const LIST: &str = "search";
        scope.require(Permission::Read)?;
        let after = position.map(|position| position.read::<After>(LIST)).transpose()?.map(|(_, after)| after);
        let mut tx = self.db.read(scope).await?;
        let region = tenant::get(&mut tx).await?.country;
        let words = query_words(query, region);
        let found = search::page(&mut tx, &words, after.as_ref(), page_size(limit)).await?;
        let next = found.next.map(|after| Position::new(LIST, Way::Forward, &after));
        Ok(Searched { rows: found.rows, next, stopped: found.stopped })
    }

    /// Open reviews, oldest first, each with both customers as lists show them.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn review_page(&self, scope: &Scope, position: Option<&Position>, limit: i64) -> Result<Page<ReviewRow>> {
        const LIST: &str = "reviews";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<ReviewId>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = review::page(&mut tx, from, limit as i64 + 1).await?;
        let page = Page::of(LIST, from.map(|(way, _)| way), read, limit, |review: &Review| review.id);
        let ids: Vec<CustomerId> = page.rows.iter().flat_map(|review| [review.a, review.b]).collect();
        let rows: HashMap<CustomerId, Row> =
            listing::rows(&mut tx, &ids).await?.into_iter().map(|row| (row.id, row)).collect();
        let of = |id: CustomerId| rows.get(&id).cloned();
        Ok(page.map(|review| ReviewRow { a_customer: of(review.a), b_customer: of(review.b), review }))
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

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// Whole words first.
    pub rows: Vec<Row>,
    /// Where to go on, if there is more to look at.
    pub next: Option<Position>,
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
