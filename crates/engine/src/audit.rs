//! The audit log: every act with consequences writes its entry in its own transaction, so that there is none without
//! the other.

use doorstep_core::Scope;
use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::id::{AuditEntryId, CustomerId};
use doorstep_core::position::{Page, Position, page_size};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_store::audit::Filter;
use doorstep_store::{Tx, audit, record};

use crate::Engine;
use crate::error::Result;

/// Records whose old ids are asked about for one customer: a customer is named by its oldest record, so the oldest
/// ones are those that ever were customers of their own.
const MAX_NAMES: usize = 256;

impl Engine {
    /// Entries before `before`, newest first, at most `limit`.
    pub async fn audit_entries(
        &self,
        scope: &Scope,
        filter: &Filter,
        before: Option<AuditEntryId>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        scope.require(Permission::ReadAudit)?;
        let mut tx = self.db.read(scope).await?;
        Ok(audit::list(&mut tx, filter, before, limit).await?)
    }

    /// What people and programs did to a customer, under whatever id it had: newest first, forwards only. Whoever may
    /// see the customer may see this (docs/decisions/0030).
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    pub async fn activity(
        &self,
        scope: &Scope,
        id: CustomerId,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<AuditEntry>> {
        const LIST: &str = "activity";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<AuditEntryId>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let mut names: Vec<CustomerId> = vec![id];
        let records = record::of_customers(&mut tx, &[id]).await?;
        names.extend(records.iter().map(|stored| CustomerId::from_uuid(stored.record.id.uuid())));
        names.sort_unstable();
        names.dedup();
        let names: Vec<String> = names.iter().take(MAX_NAMES).map(CustomerId::to_string).collect();
        let before = from.map(|(_, id)| id);
        let read = audit::about(&mut tx, &names, before, limit as i64 + 1).await?;
        let page = Page::of(LIST, from.map(|(way, _)| way), read, limit, |entry: &AuditEntry| entry.id);
        Ok(Page { previous: None, ..page })
    }

    /// Adds an entry to the transaction of an act that touched these customers, too.
    pub(crate) async fn note_act_with(&self, tx: &mut Tx, entry: &AuditEntry, customers: &[CustomerId]) -> Result<()> {
        audit::insert(tx, entry).await?;
        let customers: Vec<String> = customers.iter().map(CustomerId::to_string).collect();
        Ok(audit::relate(tx, entry.id, &customers).await?)
    }

    /// Adds an entry to the transaction of the act.
    pub async fn note_act(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        act: Act,
        subject_id: Option<String>,
        details: Details,
    ) -> Result<()> {
        let entry = self.entry(tx.now(), actor, act, subject_id, details);
        Ok(audit::insert(tx, &entry).await?)
    }

    pub(crate) fn entry(
        &self,
        at: doorstep_core::Timestamp,
        actor: &Actor,
        act: Act,
        subject_id: Option<String>,
        details: Details,
    ) -> AuditEntry {
        let (id, subject) = (self.ids.make(at), act.subject().to_owned());
        AuditEntry { id, at, actor: actor.clone(), act, subject, subject_id, details }
    }
}
