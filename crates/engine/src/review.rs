//! Reviews and decisions, as lists show them: what waits, the surest first or the oldest, and what people decided.

use std::collections::HashMap;

use doorstep_core::contact::Contact;
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, DecisionId, RecordId, ReviewId};
use doorstep_core::position::{Page, Position, Way, page_size};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_core::{Scope, Timestamp};
use doorstep_store::decision::{self, Shown};
use doorstep_store::listing::{self, Row};
use doorstep_store::review::{self, Review};
use doorstep_store::{Tx, customer, record};
use serde::Serialize;

use crate::Engine;
use crate::around::Around;
use crate::edit::EDITS;
use crate::error::Result;

/// The list of open reviews, as positions name it.
const REVIEWS: &str = "reviews";
/// The same, the surest first.
const SUREST: &str = "reviews.surest";
/// Decisions and open reviews that are counted for how far the work is.
pub const MAX_COUNTED: i64 = 1_000;

/// A pair that waits, with both customers in full.
#[derive(Debug)]
pub struct Pair {
    /// The review with its evidence.
    pub review: Review,
    /// The older customer.
    pub a: Customer,
    /// The younger customer.
    pub b: Customer,
}

/// Decisions with what their records said.
pub struct Decided {
    /// Newest first, in force or taken back.
    pub page: Page<Shown>,
    /// What the records said that were tied or kept apart: what tells two apart who are one by now.
    pub said: HashMap<RecordId, Contact>,
    /// With the names of those who decided.
    pub around: Around,
}

doorstep_core::masked_debug!(Decided: page);

impl Engine {
    /// Open reviews, oldest first, each with both customers as lists show them.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
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
    #[crate::boxed]
    pub async fn surest_reviews(
        &self,
        scope: &Scope,
        position: Option<&Position>,
        least: f32,
        limit: i64,
    ) -> Result<Page<Review>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        surest(&mut tx, position, least, limit).await
    }

    /// As [`Engine::surest_reviews`], each with both customers in full. A pair of which one is gone by now is left out.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn surest_pairs(
        &self,
        scope: &Scope,
        position: Option<&Position>,
        least: f32,
        limit: i64,
    ) -> Result<(Page<Pair>, Around)> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let page = surest(&mut tx, position, least, limit).await?;
        let ids: Vec<CustomerId> = page.rows.iter().flat_map(|one| [one.a, one.b]).collect();
        let found = if ids.is_empty() { Vec::new() } else { customer::get_many(&mut tx, &ids).await? };
        let by_id: HashMap<CustomerId, Customer> =
            found.into_iter().map(|put| (put.customer.id, put.customer)).collect();
        let of = |id: &CustomerId| by_id.get(id).cloned();
        let pair = |review: Review| Some(Pair { a: of(&review.a)?, b: of(&review.b)?, review });
        let rows = page.rows.into_iter().filter_map(pair).collect();
        Ok((Page { rows, next: page.next, previous: page.previous }, Around::read(&mut tx, &[]).await?))
    }

    /// How far the work on reviews is: how many decisions in force were made since that instant, and how many pairs wait;
    /// each counted no further than [`MAX_COUNTED`].
    #[crate::boxed]
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
    #[crate::boxed]
    pub async fn merges(&self, scope: &Scope, position: Option<&Position>, limit: i64) -> Result<Page<Shown>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        merges(&mut tx, position, limit).await
    }

    /// As [`Engine::merges`], with what the records said.
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn decided(&self, scope: &Scope, position: Option<&Position>, limit: i64) -> Result<Decided> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let page = merges(&mut tx, position, limit).await?;
        let records: Vec<RecordId> = page.rows.iter().flat_map(|one| [one.decision.a, one.decision.b]).collect();
        let said = if records.is_empty() { Vec::new() } else { record::get_many(&mut tx, &records).await? };
        let said = said.into_iter().map(|stored| (stored.record.id, stored.record.contact)).collect();
        let retracted_by = page.rows.iter().filter_map(|one| one.retracted_by.as_ref());
        let actors: Vec<&Actor> = page.rows.iter().map(|one| &one.decision.actor).chain(retracted_by).collect();
        let around = Around::read(&mut tx, &actors).await?;
        Ok(Decided { page, said, around })
    }
}

/// The page of open reviews, the surest first, that begins with this one.
pub fn beginning_with(review: &Review) -> Position {
    let (doubt, id) = review::place(review);
    let before = ReviewId::from_uuid(uuid::Uuid::from_u128(id.uuid().as_u128().saturating_sub(1)));
    Position::new(SUREST, Way::Forward, &(doubt, before))
}

async fn surest(tx: &mut Tx, position: Option<&Position>, least: f32, limit: i64) -> Result<Page<Review>> {
    let from = position.map(|position| position.read::<review::Place>(SUREST)).transpose()?;
    let limit = page_size(limit);
    let read = review::page_by_score(tx, from, review::score_of(least), limit as i64 + 1).await?;
    Ok(Page::of(SUREST, from.map(|(way, _)| way), read, limit, review::place))
}

async fn merges(tx: &mut Tx, position: Option<&Position>, limit: i64) -> Result<Page<Shown>> {
    const LIST: &str = "merges";
    let from = position.map(|position| position.read::<DecisionId>(LIST)).transpose()?;
    let limit = page_size(limit);
    let read = decision::page(tx, EDITS, from, limit as i64 + 1).await?;
    Ok(Page::of(LIST, from.map(|(way, _)| way), read, limit, |shown: &Shown| shown.decision.id))
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
