//! The audit log: every act with consequences writes its entry in its own transaction, so that there is none without
//! the other.

use std::collections::BTreeSet;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::id::{AuditEntryId, CustomerId};
use doorstep_core::position::{Page, Position, page_size};
use doorstep_core::tenant::{Actor, Permission};
use doorstep_core::user::User;
use doorstep_store::audit::Filter;
use doorstep_store::{Tx, audit, record, user};

use crate::Engine;
use crate::error::Result;
use crate::merge::current_if_any;

/// Records whose old ids are asked about for one customer: a customer is named by its oldest record, so the oldest
/// ones are those that ever were customers of their own.
const MAX_NAMES: usize = 256;

impl Engine {
    /// Entries before `before`, newest first, at most `limit`. Those about a customer are those under whatever id it
    /// had.
    #[crate::boxed]
    pub async fn audit_entries(
        &self,
        scope: &Scope,
        filter: &Filter,
        before: Option<AuditEntryId>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        scope.require(Permission::ReadAudit)?;
        let mut tx = self.db.read(scope).await?;
        let mut about = Vec::new();
        for thing in &filter.about {
            match thing.parse() {
                Ok(customer) => about.extend(names(&mut tx, customer).await?),
                Err(_) => about.push(thing.clone()),
            }
        }
        Ok(audit::list(&mut tx, &Filter { about, ..filter.clone() }, before, limit).await?)
    }

    /// What people and programs did to a customer, under whatever id it had: newest first, forwards only. Whoever may
    /// see the customer may see this (docs/decisions/0030).
    ///
    /// # Errors
    /// [`crate::Error::BadPosition`].
    #[crate::boxed]
    pub async fn activity(
        &self,
        scope: &Scope,
        id: CustomerId,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<AuditEntry>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        activity(&mut tx, id, position, limit).await
    }

    /// The users that the audit log can be asked about, oldest first.
    #[crate::boxed]
    pub async fn audited_users(&self, scope: &Scope, limit: i64) -> Result<Vec<User>> {
        scope.require(Permission::ReadAudit)?;
        let mut tx = self.db.read(scope).await?;
        Ok(user::list(&mut tx, None, limit).await?)
    }

    /// Adds an entry to the transaction of an act that touched these customers, too.
    #[crate::boxed]
    pub(crate) async fn note_act_with(&self, tx: &mut Tx, entry: &AuditEntry, customers: &[CustomerId]) -> Result<()> {
        audit::insert(tx, entry).await?;
        let customers: Vec<String> = customers.iter().map(CustomerId::to_string).collect();
        Ok(audit::relate(tx, entry.id, &customers).await?)
    }

    /// Adds an entry to the transaction of the act.
    #[crate::boxed]
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

/// As [`Engine::activity`], within a transaction that reads more, for whoever may read.
#[crate::boxed]
pub(crate) async fn activity(
    tx: &mut Tx,
    id: CustomerId,
    position: Option<&Position>,
    limit: i64,
) -> Result<Page<AuditEntry>> {
    const LIST: &str = "activity";
    let from = position.map(|position| position.read::<AuditEntryId>(LIST)).transpose()?;
    let limit = page_size(limit);
    let filter = Filter { about: names(tx, id).await?, ..Filter::default() };
    let read = audit::list(tx, &filter, from.map(|(_, id)| id), limit as i64 + 1).await?;
    let page = Page::of(LIST, from.map(|(way, _)| way), read, limit, |entry: &AuditEntry| entry.id);
    Ok(Page { previous: None, ..page })
}

/// The ids that a customer had: its own, and those of its records, each of which may have been a customer once.
async fn names(tx: &mut Tx, id: CustomerId) -> Result<Vec<String>> {
    let now = current_if_any(tx, id).await?.unwrap_or(id);
    let records = record::of_customers(tx, &[now]).await?;
    let of_records = records.iter().map(|stored| CustomerId::from_uuid(stored.record.id.uuid()));
    let names: BTreeSet<CustomerId> = of_records.chain([id]).collect();
    Ok(names.iter().take(MAX_NAMES).map(CustomerId::to_string).collect())
}
