//! Undo: takes out what carries the import's id, and resolves again what hung together with it.

use std::collections::BTreeSet;

use doorstep_core::Scope;
use doorstep_core::id::{ConversationId, CustomerId, ImportId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::import::State;
use doorstep_store::task::Claim;
use doorstep_store::{Tx, call, conversation, import, message, past, record, task};

use super::spool;
use crate::error::{Error, Result};
use crate::resolve::{self, Start};
use crate::{Engine, rules};

/// Rows of one transaction.
const PAGE: i64 = 2_000;
/// Records of one transaction: each brings its neighbourhood.
const RECORDS_PER_PAGE: i64 = 500;

struct Undoing<'a> {
    engine: &'a Engine,
    scope: &'a Scope,
    claim: &'a Claim,
    id: ImportId,
    left: u64,
}

#[crate::boxed]
pub(super) async fn run(engine: &Engine, scope: &Scope, claim: &Claim, id: ImportId, rows: u64) -> Result<()> {
    let mut undoing = Undoing { engine, scope, claim, id, left: rows };
    undoing.messages().await?;
    undoing.calls().await?;
    undoing.conversations().await?;
    undoing.records().await?;
    let mut tx = undoing.begin().await?;
    import::set_state(&mut tx, id, &[State::Undoing], State::Undone).await?;
    import::set_progress(&mut tx, id, 0).await?;
    tx.commit().await?;
    spool::release(&engine.spool_dir, id);
    Ok(())
}

impl Undoing<'_> {
    async fn begin(&self) -> Result<Tx> {
        let mut tx = self.engine.db.write(self.scope).await?;
        task::hold(&mut tx, self.claim).await?;
        Ok(tx)
    }

    async fn commit(&mut self, mut tx: Tx, rows: u64) -> Result<()> {
        self.left = self.left.saturating_sub(rows);
        import::set_progress(&mut tx, self.id, self.left).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn messages(&mut self) -> Result<()> {
        loop {
            let mut tx = self.begin().await?;
            let conversations = message::remove_of_import(&mut tx, self.id, PAGE).await?;
            if conversations.is_empty() {
                return Ok(());
            }
            let touched: BTreeSet<ConversationId> = conversations.iter().copied().collect();
            let touched: Vec<ConversationId> = touched.into_iter().collect();
            conversation::count_messages(&mut tx, &touched).await?;
            self.commit(tx, conversations.len() as u64).await?;
        }
    }

    async fn calls(&mut self) -> Result<()> {
        loop {
            let mut tx = self.begin().await?;
            let removed = call::remove_of_import(&mut tx, self.id, PAGE).await?;
            if removed == 0 {
                return Ok(());
            }
            self.commit(tx, removed).await?;
        }
    }

    async fn conversations(&mut self) -> Result<()> {
        loop {
            let mut tx = self.begin().await?;
            let removed = conversation::remove_of_import(&mut tx, self.id, PAGE).await?;
            if removed == 0 {
                return Ok(());
            }
            self.commit(tx, removed).await?;
        }
    }

    async fn records(&mut self) -> Result<()> {
        let mut size = RECORDS_PER_PAGE;
        loop {
            let mut tx = self.begin().await?;
            let ids = record::of_import(&mut tx, self.id, size).await?;
            if ids.is_empty() {
                return Ok(());
            }
            tx.lock_identity().await?;
            match self.remove_records(&mut tx, &ids).await {
                // Many neighbourhoods together may be too large where each is not.
                Err(Error::TooConnected { .. }) if size > 1 => {
                    size /= 2;
                    continue;
                }
                removed => removed?,
            }
            size = (size * 2).min(RECORDS_PER_PAGE);
            self.commit(tx, ids.len() as u64).await?;
        }
    }

    async fn remove_records(&self, tx: &mut Tx, ids: &[RecordId]) -> Result<()> {
        let rules = rules(tx).await?;
        let going = record::get_many(tx, ids).await?;
        let identifiers: Vec<Identifier> = going.iter().flat_map(|stored| rules.compared_by(&stored.record)).collect();
        let customers: BTreeSet<CustomerId> = going.iter().filter_map(|stored| stored.customer).collect();
        let customers: Vec<CustomerId> = customers.into_iter().collect();
        let staying = record::of_customers(tx, &customers).await?;
        let staying: Vec<RecordId> = staying.iter().map(|stored| stored.record.id).collect();
        record::remove(tx, ids).await?;
        let limit = self.engine.max_component;
        let start =
            Start { identifiers: &identifiers, records: &staying, customers: &customers, limit, ..Start::default() };
        resolve::again(tx, &self.engine.ids, &rules, &start).await?;
        // Last: what was overwritten just now had in it what these records said.
        past::forget(tx, ids, &customers).await?;
        Ok(())
    }
}
