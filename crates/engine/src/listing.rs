//! Lists for people and programs: a page at a time, forwards and backwards, by opaque positions.

use doorstep_core::Scope;
use doorstep_core::id::CustomerId;
use doorstep_core::position::{Page, Position, page_size};
use doorstep_core::tenant::Permission;
use doorstep_store::listing::{self, Beside, Order, Row};

use crate::Engine;
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
}
