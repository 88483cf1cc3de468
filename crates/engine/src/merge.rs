//! Decisions about who is who: merge, unmerge, keep apart. Each is stored, has an actor, and can be taken back;
//! what follows from it is computed by resolving again.

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::id::{CustomerId, DecisionId, RecordId, ReviewId};
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::tenant::Permission;
use doorstep_store::record::Resolved;
use doorstep_store::review::Review;
use doorstep_store::{Tx, decision, record, review};
use serde::Serialize;

use crate::edit::EDITS;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::resolve::{self, Start};
use crate::{Engine, rules};

/// What a person says about a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// These are one customer.
    Merge,
    /// These are two, for ever.
    Apart,
}

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The stored decision, if one was stored.
    pub decision: Option<DecisionId>,
    /// Where the first customer is now.
    pub a: CustomerId,
    /// Where the second is now; equal to `a` after a merge.
    pub b: CustomerId,
}

/// What taking a decision back came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retracted {
    /// The decision.
    pub decision: DecisionId,
    /// What it had said.
    pub verb: Verb,
    /// Where the first customer is now; `None` for one that was taken out with its import.
    pub a: Option<CustomerId>,
    /// Where the second is now.
    pub b: Option<CustomerId>,
}

impl Engine {
    /// Makes one customer of two. It does not matter which is named first: survivorship chooses each field.
    ///
    /// # Errors
    /// [`Error::Unfit`] if both are one customer already (a merge with itself destroys nothing: it is refused).
    #[crate::boxed]
    pub async fn merge(&self, scope: &Scope, a: CustomerId, b: CustomerId, reason: Option<&str>) -> Result<Decided> {
        self.merge_and(scope, a, b, reason, None).await
    }

    #[crate::boxed]
    pub(crate) async fn merge_and(
        &self,
        scope: &Scope,
        a: CustomerId,
        b: CustomerId,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Decided>>,
    ) -> Result<Decided> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let (now_a, now_b) = (current(&mut tx, a).await?, current(&mut tx, b).await?);
        if now_a == now_b {
            return Err(Error::Unfit(format!("`{a}` and `{b}` are one customer already (`{now_a}`)")));
        }
        let decided = self.decide(&mut tx, scope, Verb::Link, now_a, now_b, reason).await?;
        self.note_decided(&mut tx, scope, Act::CustomersMerged, (a, b), decided.decision).await?;
        idempotency::put(&mut tx, scope, keep, &decided).await?;
        tx.commit().await?;
        Ok(decided)
    }

    /// Says that two customers are never one; takes back a merge of the two.
    #[crate::boxed]
    pub async fn keep_apart(
        &self,
        scope: &Scope,
        a: CustomerId,
        b: CustomerId,
        reason: Option<&str>,
    ) -> Result<Decided> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        for id in [a, b] {
            current(&mut tx, id).await?;
        }
        if a == b {
            return Err(Error::Unfit(format!("`{a}` cannot be kept apart from itself")));
        }
        let decided = self.decide(&mut tx, scope, Verb::KeepApart, a, b, reason).await?;
        self.note_decided(&mut tx, scope, Act::CustomersKeptApart, (a, b), decided.decision).await?;
        tx.commit().await?;
        Ok(decided)
    }

    /// Gives the customer back that `id` was before it was joined to another: takes the merge back if a person
    /// had merged it, else keeps it apart from now on.
    ///
    /// # Errors
    /// [`Error::Unfit`] if `id` was not joined to an older customer; [`Error::StillOne`] if something else joins the two.
    #[crate::boxed]
    pub async fn unmerge(&self, scope: &Scope, id: CustomerId, reason: Option<&str>) -> Result<Decided> {
        self.unmerge_and(scope, id, reason, None).await
    }

    #[crate::boxed]
    pub(crate) async fn unmerge_and(
        &self,
        scope: &Scope,
        id: CustomerId,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Decided>>,
    ) -> Result<Decided> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let holder = current(&mut tx, id).await?;
        if holder == id {
            return Err(Error::Unfit(format!(
                "`{id}` was not joined to an older customer: name the id that was merged away (`doorstep customer show \
                 {id}` lists the records)"
            )));
        }
        let links = self.links_at(&mut tx, id).await?;
        let decided = if links.is_empty() {
            self.decide(&mut tx, scope, Verb::KeepApart, holder, id, reason).await?
        } else {
            decision::retract(&mut tx, &links, scope.actor()).await?;
            self.resolve_around(&mut tx, &[holder, id]).await?;
            Decided { decision: None, a: current(&mut tx, holder).await?, b: current(&mut tx, id).await? }
        };
        if decided.a == decided.b {
            return Err(Error::StillOne { id, holder });
        }
        self.note_decided(&mut tx, scope, Act::CustomerUnmerged, (id, holder), decided.decision).await?;
        idempotency::put(&mut tx, scope, keep, &decided).await?;
        tx.commit().await?;
        Ok(decided)
    }

    /// Takes one decision back, exactly that one: a merge gives both customers back, and two who were kept apart are
    /// again what their records and the rules make of them.
    ///
    /// # Errors
    /// [`Error::NoDecision`]; [`Error::TakenBack`]; [`Error::StillOne`] if after a merge something else joins the two.
    #[crate::boxed]
    pub async fn retract_decision(&self, scope: &Scope, id: DecisionId) -> Result<Retracted> {
        self.retract_decision_and(scope, id, None).await
    }

    #[crate::boxed]
    pub(crate) async fn retract_decision_and(
        &self,
        scope: &Scope,
        id: DecisionId,
        keep: Option<&Keep<'_, Retracted>>,
    ) -> Result<Retracted> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let stored = decision::get(&mut tx, EDITS, id).await?.ok_or(Error::NoDecision(id))?;
        if stored.retracted_at.is_some() {
            return Err(Error::TakenBack(id));
        }
        decision::retract(&mut tx, &[id], scope.actor()).await?;
        let (a, b) = (named_by(stored.a), named_by(stored.b));
        let mut here = Vec::new();
        for side in [a, b] {
            here.extend(current_if_any(&mut tx, side).await?.map(|_| side));
        }
        // What is about records that were taken out concerns nobody any more.
        if !here.is_empty() {
            self.resolve_around(&mut tx, &here).await?;
        }
        let retracted = Retracted {
            decision: id,
            verb: stored.verb,
            a: current_if_any(&mut tx, a).await?,
            b: current_if_any(&mut tx, b).await?,
        };
        let (older, younger) = (a.min(b), a.max(b));
        let act = match stored.verb {
            Verb::Link if retracted.a.is_some() && retracted.a == retracted.b => {
                return Err(Error::StillOne { id: younger, holder: older });
            }
            Verb::Link => Act::CustomerUnmerged,
            Verb::KeepApart => Act::CustomersNotKeptApart,
        };
        self.note_decided(&mut tx, scope, act, (younger, older), Some(id)).await?;
        idempotency::put(&mut tx, scope, keep, &retracted).await?;
        tx.commit().await?;
        Ok(retracted)
    }

    /// The audit log's entry about a decision between two customers; both cards show it.
    async fn note_decided(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        act: Act,
        (subject, other): (CustomerId, CustomerId),
        decision: Option<DecisionId>,
    ) -> Result<()> {
        let details = Details::none().with("other", other).with("decision", decision);
        let entry = self.entry(tx.now(), scope.actor(), act, Some(subject.to_string()), details);
        self.note_act_with(tx, &entry, &[other]).await
    }

    /// Open reviews after `after`, oldest first, at most `limit`.
    #[crate::boxed]
    pub async fn reviews(&self, scope: &Scope, after: Option<ReviewId>, limit: i64) -> Result<Vec<Review>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(review::list(&mut tx, after, limit).await?)
    }

    /// Decides a review.
    #[crate::boxed]
    pub async fn decide_review(
        &self,
        scope: &Scope,
        id: ReviewId,
        answer: Answer,
        reason: Option<&str>,
    ) -> Result<Decided> {
        self.decide_review_and(scope, id, answer, reason, None).await
    }

    #[crate::boxed]
    pub(crate) async fn decide_review_and(
        &self,
        scope: &Scope,
        id: ReviewId,
        answer: Answer,
        reason: Option<&str>,
        keep: Option<&Keep<'_, Decided>>,
    ) -> Result<Decided> {
        scope.require(Permission::DecideIdentity)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let review = review::get(&mut tx, id).await?.ok_or(Error::NoReview(id))?;
        let verb = match answer {
            Answer::Merge => Verb::Link,
            Answer::Apart => Verb::KeepApart,
        };
        let decided = self.decide(&mut tx, scope, verb, review.a, review.b, reason).await?;
        let said = if answer == Answer::Merge { "merge" } else { "apart" };
        let details = Details::none().with("answer", said).with("a", review.a).with("b", review.b);
        let details = details.with("decision", decided.decision);
        let entry = self.entry(tx.now(), scope.actor(), Act::ReviewDecided, Some(id.to_string()), details);
        self.note_act_with(&mut tx, &entry, &[review.a, review.b]).await?;
        idempotency::put(&mut tx, scope, keep, &decided).await?;
        tx.commit().await?;
        Ok(decided)
    }

    /// Stores a decision, takes back those that say the contrary, and resolves again.
    async fn decide(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        verb: Verb,
        a: CustomerId,
        b: CustomerId,
        reason: Option<&str>,
    ) -> Result<Decided> {
        let contrary = self.contrary(tx, verb, a, b).await?;
        decision::retract(tx, &contrary, scope.actor()).await?;
        let id: DecisionId = self.ids.make(tx.now());
        let stored = Decision { id, verb, a: oldest(a), b: oldest(b) };
        decision::put(tx, &stored, reason, scope.actor()).await?;
        self.resolve_around(tx, &[a, b]).await?;
        Ok(Decided { decision: Some(id), a: current(tx, a).await?, b: current(tx, b).await? })
    }

    /// Decisions in force between the records of two customers that say the contrary of `verb`.
    async fn contrary(&self, tx: &mut Tx, verb: Verb, a: CustomerId, b: CustomerId) -> Result<Vec<DecisionId>> {
        let mut sides = Vec::new();
        for id in [a, b] {
            let records = record::of_customers(tx, &[id]).await?;
            let mut records: Vec<RecordId> = records.iter().map(|stored| stored.record.id).collect();
            records.push(oldest(id));
            sides.push(records);
        }
        let in_force = decision::touching(tx, &sides.concat()).await?;
        let across = |x: RecordId, y: RecordId| sides[0].contains(&x) && sides[1].contains(&y);
        let contrary = in_force.into_iter().filter(|other| other.verb != verb);
        let between = contrary.filter(|other| across(other.a, other.b) || across(other.b, other.a));
        Ok(between.map(|other| other.id).collect())
    }

    /// The merges by hand that joined `id` to an older customer; what was merged into `id` before stays with it.
    async fn links_at(&self, tx: &mut Tx, id: CustomerId) -> Result<Vec<DecisionId>> {
        let touching = decision::touching(tx, &[oldest(id)]).await?;
        let joined = touching.into_iter().filter(|link| link.verb == Verb::Link && link.a.max(link.b) == oldest(id));
        Ok(joined.map(|link| link.id).collect())
    }

    #[crate::boxed]
    pub(crate) async fn resolve_around(&self, tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
        let rules = rules(tx).await?;
        let mut customers = Vec::new();
        for id in ids {
            customers.push(current(tx, *id).await?);
        }
        let records = record::of_customers(tx, &customers).await?;
        let mut records: Vec<RecordId> = records.iter().map(|stored| stored.record.id).collect();
        records.extend(ids.iter().map(|id| oldest(*id)));
        let start = Start { records: &records, customers: &customers, limit: self.max_component, ..Start::default() };
        resolve::again(tx, &self.ids, &rules, &start).await?;
        Ok(())
    }
}

/// The oldest record of a customer has its id.
pub(crate) fn oldest(id: CustomerId) -> RecordId {
    RecordId::from_uuid(id.uuid())
}

/// The customer that a record names.
fn named_by(record: RecordId) -> CustomerId {
    CustomerId::from_uuid(record.uuid())
}

/// The customer that an id stands for now.
#[crate::boxed]
pub(crate) async fn current(tx: &mut Tx, id: CustomerId) -> Result<CustomerId> {
    current_if_any(tx, id).await?.ok_or(Error::NoCustomer(id))
}

#[crate::boxed]
pub(crate) async fn current_if_any(tx: &mut Tx, id: CustomerId) -> Result<Option<CustomerId>> {
    Ok(match record::resolve(tx, id).await? {
        Some(Resolved::Customer(current)) => Some(current),
        Some(Resolved::TakenOut(_)) | None => None,
    })
}
