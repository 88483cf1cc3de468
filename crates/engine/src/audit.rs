//! The audit log: every act with consequences writes its entry in its own transaction, so that there is none without
//! the other.

use doorstep_core::Scope;
use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::id::AuditEntryId;
use doorstep_core::tenant::{Actor, Permission};
use doorstep_store::audit::Filter;
use doorstep_store::{Tx, audit};

use crate::Engine;
use crate::error::Result;

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
