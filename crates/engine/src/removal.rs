//! Taking a connection away: without its records, which stay as what was said, or with them, so that every customer is as if
//! the source had never been connected.
//!
//! Records go a page to a transaction, with what hangs on them, by a task: each page finds those that are left, so a process
//! that dies loses nothing and the next one goes on. There is no way back but connecting the source again and reading all
//! of it.

use std::collections::BTreeSet;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::connection::{Connection, Removal};
use doorstep_core::id::{ConnectionId, CustomerId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::sync::State;
use doorstep_core::tenant::Permission;
use doorstep_store::task::{self, Claim};
use doorstep_store::{Tx, connection, past, record, removal, sync};

use crate::error::{Error, Result};
use crate::resolve::{self, Start};
use crate::task::Key;
use crate::{Engine, rules};

/// Records of one transaction: each person among them brings a neighbourhood.
const PAGE: i64 = 500;
/// Connections on their way out that are listed at once.
const MAX_LISTED: i64 = 100;
/// Old runs forgotten at a time.
const RUNS_AT_ONCE: i64 = 500;

/// What becomes of what a connection said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// It stays with the customers, and is never read again; connecting the same books again goes on with it.
    Keep,
    /// It is taken out, for good.
    Remove,
}

impl Records {
    /// The name in JSON and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
        }
    }
}

impl Engine {
    /// Takes a connection away: a run under way is stopped and the credentials are forgotten. One that was taken away
    /// without its records may lose them later.
    ///
    /// # Errors
    /// [`Error::NoConnection`] where there is none, or nothing is left to be taken away.
    #[crate::boxed]
    pub async fn remove_connection(&self, scope: &Scope, id: ConnectionId, records: Records) -> Result<Connection> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        let found = connection::get(&mut tx, id).await?.ok_or(Error::NoConnection(id))?;
        let (is_connected, removes) = (found.removed_at.is_none(), records == Records::Remove);
        match found.removal {
            // It is on its way: a task that was parked goes on.
            Some(removal) if removes && !removal.is_over() => {}
            None if is_connected || removes => {
                if let Some(run) = sync::open(&mut tx, id).await? {
                    sync::finish(&mut tx, run.id, State::Canceled, Some("the connection was taken away")).await?;
                }
                connection::remove(&mut tx, id).await?;
                if removes {
                    let total = removal::count(&mut tx, id).await?;
                    connection::set_removal(&mut tx, id, Removal { left: total, total }).await?;
                }
                let details = Details::none().with("records", records.as_str()).with("name", found.name.as_str());
                let subject = Some(id.to_string());
                self.note_act(&mut tx, scope.actor(), Act::ConnectionRemoved, subject, details).await?;
            }
            Some(_) | None => return Err(Error::NoConnection(id)),
        }
        if removes {
            let now = tx.now();
            task::wake(&mut tx, &Key::Removal(id).to_string(), now).await?;
        }
        let after = connection::get(&mut tx, id).await?.ok_or(Error::NoConnection(id))?;
        tx.commit().await?;
        Ok(after)
    }

    /// The connections whose records are on their way out, oldest first.
    #[crate::boxed]
    pub async fn removals(&self, scope: &Scope) -> Result<Vec<Connection>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(connection::leaving(&mut tx, MAX_LISTED).await?)
    }
}

/// The task that takes the records of a connection out.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim, id: ConnectionId) -> Result<()> {
    let scope = Scope::worker(claim.tenant);
    let mut size = PAGE;
    loop {
        let mut tx = engine.db.write(&scope).await?;
        task::hold(&mut tx, claim).await?;
        tx.lock_connection(id).await?;
        let Some(removal) = connection::get(&mut tx, id).await?.and_then(|it| it.removal) else { return Ok(()) };
        let ids = removal::page(&mut tx, id, size).await?;
        if ids.is_empty() {
            removal::forget_streams(&mut tx, id).await?;
            sync::prune(&mut tx, id, 0, RUNS_AT_ONCE).await?;
            connection::set_removal(&mut tx, id, Removal { left: 0, ..removal }).await?;
            let are_more = !sync::list(&mut tx, id, None, 1).await?.is_empty();
            tx.commit().await?;
            if are_more {
                continue;
            }
            return Ok(());
        }
        tx.lock_identity().await?;
        match take_out(engine, &mut tx, &ids).await {
            // Many neighbourhoods together may be too large where each is not.
            Err(Error::TooConnected { .. }) if size > 1 => {
                size /= 2;
                continue;
            }
            taken => taken?,
        }
        size = (size * 2).min(PAGE);
        // Something is left until the last step is done, which is not about records.
        let left = removal.left.saturating_sub(ids.len() as u64).max(1);
        connection::set_removal(&mut tx, id, Removal { left, ..removal }).await?;
        tx.commit().await?;
    }
}

/// Takes records out, and resolves again whoever hung together with them.
async fn take_out(engine: &Engine, tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
    let rules = rules(tx).await?;
    let going = record::get_many(tx, ids).await?;
    let people = || going.iter().filter(|stored| stored.customer.is_some());
    let identifiers: Vec<Identifier> = people().flat_map(|stored| rules.compared_by(&stored.record)).collect();
    let customers: BTreeSet<CustomerId> = people().filter_map(|stored| stored.customer).collect();
    let customers: Vec<CustomerId> = customers.into_iter().collect();
    let staying = record::ids_of_customers(tx, &customers).await?;
    removal::take_out(tx, ids).await?;
    if customers.is_empty() {
        past::forget(tx, ids, &[]).await?;
        return Ok(());
    }
    let limit = engine.max_component;
    let start =
        Start { identifiers: &identifiers, records: &staying, customers: &customers, limit, ..Start::default() };
    resolve::again(tx, &engine.ids, &rules, &start).await?;
    // Last: what was overwritten just now had in it what these records said.
    past::forget(tx, ids, &customers).await?;
    Ok(())
}
