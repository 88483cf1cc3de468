//! Whether the installation can work, and how much of its work waits: for those who run the place, about no tenant.

use std::time::Duration;

use doorstep_store::{migrate, system};

use crate::Engine;
use crate::error::Result;

/// A store that can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// The schema that it has, which is the one that we know.
    pub schema: i64,
}

impl Engine {
    /// Asks the database for its schema.
    ///
    /// # Errors
    /// It does not answer, or its schema is another than ours.
    #[crate::boxed]
    pub async fn readiness(&self) -> Result<Ready> {
        migrate::check(&self.db).await?;
        let database = match self.db.dialect() {
            doorstep_store::dialect::Dialect::Sqlite => "sqlite",
            doorstep_store::dialect::Dialect::Postgres => "postgres",
        };
        Ok(Ready { database, schema: migrate::NEWEST })
    }

    /// How long the source that is most overdue waits to be read, of all tenants; zero where none is due.
    ///
    /// # Errors
    /// The database does not answer.
    #[crate::boxed]
    pub async fn sync_lag(&self) -> Result<Duration> {
        let due = system::next_due_of(&self.db, "sync").await?;
        let late = due.map_or(0, |due| self.db.clock().now().micros().saturating_sub(due.micros()));
        Ok(Duration::from_micros(u64::try_from(late).unwrap_or(0)))
    }

    /// How many tasks of all tenants are in each state.
    ///
    /// # Errors
    /// The database does not answer.
    #[crate::boxed]
    pub async fn tasks_by_state(&self) -> Result<Vec<(String, i64)>> {
        Ok(system::tasks_by_state(&self.db).await?)
    }
}
