//! Marks: a person says that a phone or an e-mail address is shared, a placeholder, or the business' own. Each is
//! stored, has an actor, and can be taken back; whoever has the identifier is resolved again before anybody sees the
//! mark, or, where too many have it, by a task.
//!
//! That a phone is the business' own is said in one place, by the tenant's own numbers: marking it adds it to them,
//! and keeps beside it who said so and why.

use std::collections::BTreeSet;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::id::{CustomerId, MarkId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{IdentifierMark, MAX_MARKS, Rules, Verdict};
use doorstep_core::phone::Phone;
use doorstep_core::position::{Page, Position, page_size};
use doorstep_core::tenant::Permission;
use doorstep_store::mark::Stored;
use doorstep_store::{Tx, customer, identifier, mark, record, tenant};
use serde::Serialize;

use crate::Engine;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::tenant::{Change, MAX_AT_ONCE, Reached, leave_to_task};

/// Records of one identifier whose customers are looked up at once; with more of them a task goes through all.
const MAX_RECORDS: usize = 2_000;

/// What a mark, or taking it back, came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Marked {
    /// The mark as it is now.
    pub mark: Stored,
    /// What that did to customers.
    pub customers: Reached,
}

impl Engine {
    /// Says what an identifier is. Another mark that it has is taken back.
    ///
    /// # Errors
    /// [`Error::Unfit`] if it is that already, or the tenant has [`MAX_MARKS`]; [`Error::Denied`] also for a phone that is
    /// to be the business' own, if the scope may not change the tenant.
    #[crate::boxed]
    pub async fn mark_identifier(&self, scope: &Scope, mark: &IdentifierMark, reason: Option<&str>) -> Result<Marked> {
        self.mark_identifier_and(scope, mark, reason, None).await
    }

    #[crate::boxed]
    pub(crate) async fn mark_identifier_and(
        &self,
        scope: &Scope,
        wanted: &IdentifierMark,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Marked>>,
    ) -> Result<Marked> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let wanted = IdentifierMark { identifier: wanted.identifier.compared(), ..*wanted };
        let standing = refuse_needless(&mut tx, &wanted).await?;
        let id: MarkId = self.ids.make(tx.now());
        if let Some(standing) = &standing {
            mark::retract(&mut tx, standing.id, scope.actor()).await?;
            self.note_marked(&mut tx, scope, Act::IdentifierUnmarked, standing, &[]).await?;
        }
        mark::put(&mut tx, id, &wanted, reason, scope.actor()).await?;
        let holders = holders(&mut tx, &wanted.identifier).await?;
        let stored = mark::get(&mut tx, id).await?.ok_or(Error::NoMark(id))?;
        self.note_marked(&mut tx, scope, Act::IdentifierMarked, &stored, holders.shown()).await?;
        let customers = match own_number(&stored) {
            Some(phone) => {
                let change = Change { add_own_numbers: vec![phone], ..Change::default() };
                self.change_tenant_in(&mut tx, scope, &change).await?.customers
            }
            None => self.resolve_marked(&mut tx, &holders).await?,
        };
        let marked = Marked { mark: stored, customers };
        idempotency::put(&mut tx, scope, keep, &marked).await?;
        tx.commit().await?;
        Ok(marked)
    }

    /// Takes a mark back: whoever has the identifier is again what the records, the decisions and the rules make of
    /// them.
    ///
    /// # Errors
    /// [`Error::NoMark`]; [`Error::MarkTakenBack`].
    #[crate::boxed]
    pub async fn retract_mark(&self, scope: &Scope, id: MarkId) -> Result<Marked> {
        self.retract_mark_and(scope, id, None).await
    }

    #[crate::boxed]
    pub(crate) async fn retract_mark_and(
        &self,
        scope: &Scope,
        id: MarkId,
        keep: Option<&Keep<'_, Marked>>,
    ) -> Result<Marked> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let standing = mark::get(&mut tx, id).await?.ok_or(Error::NoMark(id))?;
        if standing.retracted_at.is_some() {
            return Err(Error::MarkTakenBack(id));
        }
        let customers = match own_number(&standing) {
            Some(phone) => {
                let change = Change { remove_own_numbers: vec![phone], ..Change::default() };
                self.change_tenant_in(&mut tx, scope, &change).await?.customers
            }
            None => {
                let holders = holders(&mut tx, &standing.identifier).await?;
                self.take_back(&mut tx, scope, &standing, holders.shown()).await?;
                self.resolve_marked(&mut tx, &holders).await?
            }
        };
        let mark = mark::get(&mut tx, id).await?.ok_or(Error::NoMark(id))?;
        let marked = Marked { mark, customers };
        idempotency::put(&mut tx, scope, keep, &marked).await?;
        tx.commit().await?;
        Ok(marked)
    }

    /// What people said of identifiers, newest first, in force or taken back.
    ///
    /// # Errors
    /// [`Error::BadPosition`].
    #[crate::boxed]
    pub async fn marks(&self, scope: &Scope, position: Option<&Position>, limit: i64) -> Result<Page<Stored>> {
        const LIST: &str = "marks";
        scope.require(Permission::Read)?;
        let from = position.map(|position| position.read::<MarkId>(LIST)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let read = mark::page(&mut tx, from, limit as i64 + 1).await?;
        Ok(Page::of(LIST, from.map(|(way, _)| way), read, limit, |stored: &Stored| stored.id))
    }

    /// Takes back the marks of numbers that stop being the business' own.
    #[crate::boxed]
    pub(crate) async fn retract_own_marks(&self, tx: &mut Tx, scope: &Scope, phones: &[Phone]) -> Result<()> {
        let identifiers: Vec<Identifier> = phones.iter().map(Identifier::from).collect();
        for standing in mark::find(tx, &identifiers).await? {
            if standing.verdict == Verdict::Mine {
                self.take_back(tx, scope, &standing, &[]).await?;
            }
        }
        Ok(())
    }

    async fn take_back(&self, tx: &mut Tx, scope: &Scope, standing: &Stored, shown: &[CustomerId]) -> Result<()> {
        mark::retract(tx, standing.id, scope.actor()).await?;
        self.note_marked(tx, scope, Act::IdentifierUnmarked, standing, shown).await
    }

    /// Resolves again whoever has a marked identifier. Their cards show the mark, so all of them are touched.
    async fn resolve_marked(&self, tx: &mut Tx, holders: &Holders) -> Result<Reached> {
        if !holders.is_all {
            return leave_to_task(tx, &holders.customers).await;
        }
        let (reached, written) = self.resolve_whole(tx, &holders.customers).await?;
        if !reached.by_task {
            let rest: Vec<CustomerId> = holders.customers.iter().filter(|id| !written.contains(id)).copied().collect();
            customer::touch(tx, &rest).await?;
        }
        Ok(reached)
    }

    /// The audit log's entry; these cards show it.
    async fn note_marked(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        act: Act,
        mark: &Stored,
        customers: &[CustomerId],
    ) -> Result<()> {
        let details = Details::none().with("verdict", mark.verdict).with("kind", mark.identifier.kind);
        let entry = self.entry(tx.now(), scope.actor(), act, Some(mark.id.to_string()), details);
        self.note_act_with(tx, &entry, customers).await
    }
}

/// The phone that a mark says is the business' own.
fn own_number(mark: &Stored) -> Option<Phone> {
    let is_own = mark.verdict == Verdict::Mine && mark.identifier.kind == IdentifierKind::Phone;
    is_own.then(|| Phone::from_normal(mark.identifier.value.clone()))
}

/// Whoever has an identifier, as far as one transaction looks.
struct Holders {
    customers: Vec<CustomerId>,
    is_all: bool,
}

impl Holders {
    /// Those on whose cards the mark is noted: all of them, or nobody where they are too many.
    fn shown(&self) -> &[CustomerId] {
        if self.is_all && self.customers.len() <= MAX_AT_ONCE { &self.customers } else { &[] }
    }
}

async fn holders(tx: &mut Tx, identifier: &Identifier) -> Result<Holders> {
    let records = identifier::records_of(tx, identifier, MAX_RECORDS as i64 + 1).await?;
    let customers: BTreeSet<CustomerId> = record::customers_of(tx, &records).await?.into_values().collect();
    Ok(Holders { customers: customers.into_iter().collect(), is_all: records.len() <= MAX_RECORDS })
}

/// The mark that the wanted one takes the place of.
async fn refuse_needless(tx: &mut Tx, wanted: &IdentifierMark) -> Result<Option<Stored>> {
    let (identifier, verdict) = (&wanted.identifier, wanted.verdict);
    if !matches!(identifier.kind, IdentifierKind::Phone | IdentifierKind::Email) {
        return Err(Error::Unfit("only a phone number or an e-mail address can be marked".to_owned()));
    }
    if !Rules::default().identifies(identifier) {
        return Err(Error::Unfit(
            "this is known for a placeholder already: it identifies nobody, and there is nothing to mark".to_owned(),
        ));
    }
    let standing = mark::find(tx, std::slice::from_ref(identifier)).await?.pop();
    if let Some(standing) = standing.as_ref().filter(|standing| standing.verdict == verdict) {
        return Err(Error::Unfit(format!("this is marked as {verdict} already (`{}`)", standing.id)));
    }
    if identifier.kind == IdentifierKind::Phone && tenant::has_own_number(tx, &identifier.value).await? {
        let what_to_do = match &standing {
            Some(standing) => format!("take the mark `{}` back first", standing.id),
            None => "take it out of the own numbers first".to_owned(),
        };
        return Err(Error::Unfit(format!(
            "this is one of the business's own numbers already, which identify nobody: if it is not, {what_to_do}"
        )));
    }
    if standing.is_none() && mark::count(tx).await? >= MAX_MARKS as i64 {
        return Err(Error::Unfit(format!(
            "{MAX_MARKS} identifiers are marked, and more cannot be: take back marks that are not needed any more; a \
             number that more than {} records share proves nothing without a mark",
            doorstep_core::identity::HUB_LIMIT
        )));
    }
    Ok(standing)
}
