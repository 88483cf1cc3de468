//! The context of a customer as it was at an instant, also where nobody asked for it then: from the rows that stood then,
//! which the store keeps when they are overwritten ([docs/decisions/0064](../../../../docs/decisions/0064-past-rows-are-kept.md)).
//!
//! Who is meant is asked of that instant, too: whoever had the number then, whatever was merged or parted since. Nothing is
//! worked out again, and nothing is guessed: what is not kept is said to be so. What was told word for word is a receipt's.

use doorstep_core::context::{Assurance, CustomerContext, Known, Totals};
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::remark::Kind;
use doorstep_core::tenant::{Permission, Tenant};
use doorstep_core::{Scope, Timestamp};
use doorstep_store::past::{self, KEEP_SECONDS, MAX_HANGING};
use doorstep_store::record::{self, Resolved};
use doorstep_store::task::Claim;
use doorstep_store::{
    Tx, consent, equipment, job, mark, membership, property, remark as remarks, task, tenant, timeline,
};

use super::load::{self, Hanging};
use super::receipt::Telling;
use super::whom::{self, Meant};
use super::{Answer, Form, Found, Unknown, Whom, fresh, may_ask, several};
use crate::Engine;
use crate::error::Result;
use crate::remark;
use crate::task::Next;

/// Customers who have or had an identifier that are looked at: far more than share one that still names somebody.
const MAX_CANDIDATES: i64 = 100;
/// Past rows of each kind forgotten in one transaction.
const PAGE: i64 = 1_000;

/// Why it cannot be told how things stood at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotThen {
    /// It is not over.
    #[error("`{0}` is yet to come: ask for an instant that is over, or leave `as_of` out for what is known now")]
    ToCome(Timestamp),
    /// That is not kept, or not any more.
    #[error("how things stood is known from `{since}` on: ask for that instant or a later one")]
    TooOld {
        /// From when on it is.
        since: Timestamp,
    },
    /// It went with what had been said.
    #[error(
        "what was known of this customer then has been taken out since, with the source or the archive that had said it: \
         nobody can tell it any more, but for receipts of what was told"
    )]
    TakenOut,
    /// There is more than is read.
    #[error("this customer had so many jobs or pieces of equipment then that they cannot be told as they were")]
    TooMuch,
}

/// What of a context is not told as it was, or not for sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// What the business says of itself.
    Business,
    /// Up to when sources were known.
    Ages,
    /// Who several are.
    Candidates,
    /// What an import or a source had brought.
    Undone,
}

impl Untold {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Ages => "ages",
            Self::Candidates => "candidates",
            Self::Undone => "undone",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Business => {
                "The name, the time zone, the country and the own numbers of the business are those of now."
            }
            Self::Ages => {
                "How old each part was is told by whole readings of the sources: a single customer may have been read later \
                 than that."
            }
            Self::Candidates => "Several had what was asked for; what is said of each of them is as of now.",
            Self::Undone => {
                "An import or a source that was in then has been taken out since: what it had brought is not here."
            }
        }
    }
}

/// As of when an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf {
    /// The instant.
    pub at: Timestamp,
    /// What is not told as it was.
    pub untold: Vec<Untold>,
}

impl Engine {
    /// What could have been told at an instant about whoever `whom` named then. For those who may see all of it now: an
    /// agent is never told what was.
    ///
    /// # Errors
    /// As of [`Engine::customer_context`] at [`Assurance::Staff`], whatever the level; [`crate::Error::NotThen`].
    #[crate::boxed]
    pub async fn context_as_of(
        &self,
        scope: &Scope,
        whom: &Whom,
        level: Assurance,
        form: Form,
        at: Timestamp,
    ) -> Result<Answer> {
        scope.require(Permission::Read)?;
        may_ask(scope, whom, Assurance::Staff)?;
        let mut answer = self.find_then(scope, whom, level, at).await?;
        if level != Assurance::Staff {
            answer.found = None;
        }
        let told = Telling::of(&answer, form);
        answer.receipt = self.receipt(scope, whom.kind(), form, &answer, &told).await?;
        (answer.hash, answer.text) = (told.hash(), told.text);
        Ok(answer)
    }

    /// From when on it can be told how things stood.
    ///
    /// # Errors
    /// [`crate::Error::Denied`].
    #[crate::boxed]
    pub async fn past_since(&self, scope: &Scope) -> Result<Timestamp> {
        scope.require(Permission::Read)?;
        since(&mut self.db.read(scope).await?).await
    }

    async fn find_then(&self, scope: &Scope, whom: &Whom, level: Assurance, at: Timestamp) -> Result<Answer> {
        let mut tx = self.db.read(scope).await?;
        let tx = &mut tx;
        if at > tx.now() {
            return Err(NotThen::ToCome(at).into());
        }
        let since = since(tx).await?;
        if at < since {
            return Err(NotThen::TooOld { since }.into());
        }
        let tenant = tenant::get(tx).await?;
        let mut untold = vec![Untold::Business];
        let nobody = Answer::nobody(&tenant, tx.now());
        let answer = if level == Assurance::None {
            nobody
        } else {
            match meant(tx, &tenant, whom, at).await? {
                Meant::One { id, was, is_proven } => {
                    let level = if is_proven == Some(false) { level.min(Assurance::Claimed) } else { level };
                    let known = known(tx, id, at).await?;
                    untold.push(Untold::Ages);
                    if past::undone_since(tx, at).await? {
                        untold.push(Untold::Undone);
                    }
                    Answer {
                        context: CustomerContext::of(&known, level, at, &tenant),
                        customer: Some(id),
                        known_at: fresh::known_at(&known),
                        found: Some(Found::One { was }),
                        ..nobody
                    }
                }
                Meant::Several(ids) => {
                    untold.push(Untold::Candidates);
                    several(tx, &tenant, &ids, level).await?
                }
                Meant::Nobody(why) => Answer { found: Some(Found::Unknown(why)), ..nobody },
                Meant::TakenOut(import) => Answer { found: Some(Found::TakenOut(import)), ..nobody },
            }
        };
        Ok(Answer { as_of: Some(AsOf { at, untold }), ..answer })
    }
}

/// From when on it can be told how things stood.
async fn since(tx: &mut Tx) -> Result<Timestamp> {
    let kept = past::since(tx).await?;
    Ok(kept.max(tx.now().plus_seconds(-KEEP_SECONDS)))
}

/// Who was meant at an instant.
async fn meant(tx: &mut Tx, tenant: &Tenant, whom: &Whom, at: Timestamp) -> Result<Meant> {
    match whom {
        Whom::Phone(_) | Whom::Email(_) | Whom::WebUser(_) => {
            by_identifier(tx, tenant, whom::identifier(tenant.country, whom)?, at).await
        }
        Whom::AtSource(source, key) => whom::at_source_then(tx, *source, key, at).await,
        Whom::Customer(id) => by_id(tx, *id, at).await,
    }
}

async fn by_identifier(tx: &mut Tx, tenant: &Tenant, identifier: Identifier, at: Timestamp) -> Result<Meant> {
    let verdict = mark::then(tx, &identifier, at).await?.map(|mark| mark.verdict);
    if !whom::identifies(tenant, &identifier, verdict) {
        return Ok(Meant::Nobody(Unknown::IdentifiesNobody));
    }
    let candidates = past::candidates(tx, &identifier, at, MAX_CANDIDATES).await?;
    let customers = past::customers(tx, &candidates, at).await?;
    for id in candidates.iter().filter(|id| !customers.iter().any(|customer| customer.id == **id)) {
        // One who was there then, but of whom it is not kept what they said: whether the number was theirs, nobody knows.
        if !past::records_of(tx, *id, at).await?.is_empty() {
            return Err(NotThen::TakenOut.into());
        }
    }
    let had =
        |customer: &Customer| customer.identities.iter().find(|it| it.identifier == identifier).map(|it| it.verified);
    let found: Vec<(CustomerId, bool)> =
        customers.iter().filter_map(|customer| Some((customer.id, had(customer)?))).collect();
    let is_proven = match found.as_slice() {
        [(_, verified)] if identifier.kind == IdentifierKind::WebUser => Some(*verified),
        _ => None,
    };
    let most = usize::try_from(whom::MAX_CANDIDATES).unwrap_or_default();
    let ids = found.into_iter().map(|(id, _)| id).take(most).collect();
    Ok(whom::among(identifier, ids, verdict, is_proven))
}

async fn by_id(tx: &mut Tx, id: CustomerId, at: Timestamp) -> Result<Meant> {
    let oldest = RecordId::from_uuid(id.uuid());
    if let Some(owner) = past::owners(tx, &[oldest], at).await?.get(&oldest) {
        return Ok(Meant::One { id: *owner, was: (*owner != id).then_some(id), is_proven: None });
    }
    if !past::was_stored(tx, oldest, at).await? {
        return Ok(Meant::Nobody(Unknown::NoSuchId));
    }
    // It had been taken out by then, or it was taken out for good since.
    Ok(match record::resolve(tx, id).await? {
        Some(Resolved::TakenOut(import)) => Meant::TakenOut(import),
        Some(Resolved::Customer(_)) | None => Meant::TakenOut(None),
    })
}

/// What was known of a customer who was there at an instant.
async fn known(tx: &mut Tx, id: CustomerId, at: Timestamp) -> Result<Known> {
    let customer = past::customers(tx, &[id], at).await?.pop().ok_or(NotThen::TakenOut)?;
    let records = past::records_of(tx, id, at).await?;
    let mut known = Known::new(customer);
    known.is_in_review = past::is_in_review(tx, id, at).await?;
    hang(tx, &mut known, &records, at).await?;
    let identifiers: Vec<Identifier> = known.customer.identities.iter().map(|it| it.identifier.clone()).collect();
    let entries = timeline::then(tx, &records, &identifiers, at, load::MAX_SAID).await?;
    load::say(tx, &mut known, entries).await?;
    let in_force = remarks::then(tx, &records, at).await?;
    for kind in [Kind::Preference, Kind::Note, Kind::Address] {
        load::note(&mut known, kind, remark::among(&in_force, kind));
    }
    known.read_at = past::read_at(tx, at).await?;
    Ok(known)
}

/// What hung on the customer's records: the same rows, and as many, as are read of what hangs on them now.
async fn hang(tx: &mut Tx, known: &mut Known, records: &[RecordId], at: Timestamp) -> Result<()> {
    let mut properties = property::then(tx, records, at).await?;
    let mut equipment = equipment::then(tx, records, at).await?;
    let mut memberships = membership::then(tx, records, at).await?;
    let mut jobs = job::then(tx, records, at).await?;
    if [properties.len(), equipment.len(), memberships.len(), jobs.len()].iter().any(|count| *count >= MAX_HANGING) {
        return Err(NotThen::TooMuch.into());
    }
    known.totals = Totals::of(jobs.iter().map(|it| &it.job));
    let most = usize::try_from(load::MAX_ROWS).unwrap_or_default();
    properties.sort_by_key(|it| it.record);
    properties.truncate(most);
    equipment.sort_by_key(|it| it.record);
    equipment.truncate(usize::try_from(load::MAX_EQUIPMENT).unwrap_or_default());
    memberships.sort_by_key(|it| it.record);
    memberships.truncate(most);
    load::newest_and_open(&mut jobs, most);
    let forbidden = consent::forbidden_then(tx, &load::phones(&known.customer), at).await?;
    load::hang(tx, known, Hanging { properties, equipment, jobs, memberships, forbidden }).await
}

/// The task that forgets how things stood too long ago, under its lease, a page at a time; when it is to run again.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim) -> Result<Next> {
    loop {
        let mut tx = engine.db.write(&Scope::worker(claim.tenant)).await?;
        task::hold(&mut tx, claim).await?;
        let before = tx.now().plus_seconds(-KEEP_SECONDS);
        let gone = past::prune(&mut tx, before, PAGE).await?;
        let oldest = past::oldest(&mut tx).await?;
        tx.commit().await?;
        if gone < PAGE as u64 {
            return Ok(oldest.map_or(Next::Done, |until| Next::At(until.plus_seconds(KEEP_SECONDS + 1))));
        }
    }
}
