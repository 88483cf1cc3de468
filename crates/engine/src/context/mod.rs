//! The context of a customer from whatever a caller knows of them: who is meant, what is known, what may be told.
//!
//! One read transaction answers: whose the identifier is, how the tenant stands, which version the customer's context
//! has, and only where this process holds no rows of that version the rows themselves. So an answer is never older than
//! a commit that happened before it was asked for, on whichever machine that was, and there is no time for which anything
//! is believed without asking ([docs/decisions/0051](../../../../docs/decisions/0051-contexts-have-a-version.md)).
//!
//! What a level below staff is told never says whether there are several, or none: [`Answer::context`] is safe to hand on
//! whoever asks, [`Answer::found`] is for the office.

mod cache;
mod fresh;
mod gather;
mod load;
mod past;
mod reach;
mod ready;
mod receipt;
mod whom;

use std::sync::Arc;

use doorstep_core::context::{Assurance, CustomerContext, Known};
use doorstep_core::id::{CustomerId, ImportId, ReceiptId};
use doorstep_core::identifier::Identifier;
use doorstep_core::tenant::{Permission, Tenant};
use doorstep_core::{Scope, Timestamp, planted};
use doorstep_store::listing::{self, Row};
use doorstep_store::{Tx, context, refresh, tenant};

pub(crate) use cache::Cache;
pub use cache::{Figures, LOAD_BOUNDS_MICROS, Loads};
pub(crate) use fresh::Lately;
pub use fresh::{Freshness, STALE_AFTER};
pub(crate) use past::run_task as forget_past;
pub use past::{AsOf, NotThen, Untold};
pub use reach::{NotReached, Subject, may_ask};
use ready::Basis;
use receipt::Telling;
pub use receipt::{Form, Given, KEEP_SECONDS, without_time};
pub(crate) use receipt::{Receipts, run_task as forget_receipts};
pub use whom::{Kind, UnknownKind, Whom};

use crate::Engine;
use crate::error::Result;
use whom::Meant;

/// What is answered to whoever asks about a customer.
#[derive(Debug)]
pub struct Answer {
    /// What may be said, whoever was found: made for the level that was asked for, or a lower one where several are
    /// meant. It can be handed on.
    pub context: CustomerContext,
    /// When it was made.
    pub told_at: Timestamp,
    /// The customer that it is about; for what the program does next, never for whoever is talked to below staff.
    pub customer: Option<CustomerId>,
    /// The version of the customer's context: the number in the change feed that last changed it.
    pub version: Option<i64>,
    /// Up to when the live sources are known at least; `None` where nothing comes from any.
    pub known_at: Option<Timestamp>,
    /// Whether the rows were at hand.
    pub is_cached: bool,
    /// Who was found; `None` below staff, where nobody may learn it.
    pub found: Option<Found>,
    /// What this was, to be asked for later.
    pub receipt: ReceiptId,
    /// The text form, where that was asked for.
    pub text: Option<String>,
    /// What the context comes to without the instant at which it is told; `None` where nothing of anybody is.
    pub hash: Option<[u8; 32]>,
    /// As of when it is told, where that is not now.
    pub as_of: Option<AsOf>,
    /// What it was made from, where that may be told again.
    basis: Option<Basis>,
}

/// Who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One customer; `was` if it was asked for under an older id.
    One {
        /// The id asked for, where it is another one.
        was: Option<CustomerId>,
    },
    /// More than one has it, or one on a line that several use: nobody is guessed. Oldest first, at most twenty.
    Several(Vec<Row>),
    /// Nobody.
    Unknown(Unknown),
    /// A customer that was taken out again with this import.
    TakenOut(Option<ImportId>),
}

/// Why nobody was found, and what a new customer would need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Nobody has it yet: find-or-create makes a customer of it, best with a name.
    New(Identifier),
    /// It is the business' own, a placeholder or marked as either: it identifies nobody, and a new customer needs another.
    IdentifiesNobody,
    /// No connected source has such a customer; it comes when it is read there.
    NotAtTheSource,
    /// No customer ever had that id.
    NoSuchId,
}

impl Engine {
    /// What may be told about whoever `whom` names, at a level of assurance.
    ///
    /// # Errors
    /// [`crate::Error::Denied`]; [`crate::Error::NotReached`] where the scope's role may not ask for that level;
    /// [`crate::Error::BadName`] for a phone number or an e-mail address that is none.
    #[crate::boxed]
    pub async fn customer_context(&self, scope: &Scope, whom: &Whom, level: Assurance, form: Form) -> Result<Answer> {
        may_ask(scope, whom, level)?;
        self.answer(scope, whom, level, form).await
    }

    /// What may be told to the subject of a session, at the level that the session has earned.
    ///
    /// # Errors
    /// [`crate::Error::Denied`].
    #[crate::boxed]
    pub async fn context_of_session(&self, scope: &Scope, subject: &Subject, form: Form) -> Result<Answer> {
        self.answer(scope, &subject.whom(), subject.assurance(), form).await
    }

    /// Whose context `whom` names now, and its version; `None` where that is nobody, or no single one. For the office:
    /// that there is such a customer is more than a caller may learn.
    ///
    /// # Errors
    /// As of [`Engine::customer_context`] at [`Assurance::Staff`].
    #[crate::boxed]
    pub async fn context_stand(&self, scope: &Scope, whom: &Whom) -> Result<Option<(CustomerId, i64)>> {
        scope.require(Permission::Read)?;
        may_ask(scope, whom, Assurance::Staff)?;
        let mut tx = self.db.read(scope).await?;
        let tenant = tenant::get(&mut tx).await?;
        let Meant::One { id, .. } = whom::find(&mut tx, &tenant, whom).await? else { return Ok(None) };
        Ok(context::version(&mut tx, id).await?.map(|version| (id, version)))
    }

    /// How contexts were served by this process so far.
    pub fn context_figures(&self) -> Figures {
        self.contexts.figures()
    }

    async fn answer(&self, scope: &Scope, whom: &Whom, level: Assurance, form: Form) -> Result<Answer> {
        if let Some((answer, ready)) = self.told_before(scope, whom, level, form).await? {
            return self.hand_out(scope, whom, level, form, answer, &ready.told).await;
        }
        let answer = self.find_and_tell(scope, whom, level).await?;
        let told = Telling::of(&answer, form);
        self.keep_told(scope, level, form, &answer, &told);
        self.hand_out(scope, whom, level, form, answer, &told).await
    }

    /// Gives an answer its text and its receipt, without what its reader may not learn.
    async fn hand_out(
        &self,
        scope: &Scope,
        whom: &Whom,
        level: Assurance,
        form: Form,
        mut answer: Answer,
        told: &Telling,
    ) -> Result<Answer> {
        if level != Assurance::Staff {
            answer.found = None;
        }
        self.wake_if_stale(scope, &answer).await;
        answer.receipt = self.receipt(scope, whom.kind(), form, &answer, told).await?;
        (answer.text, answer.hash) = (told.text.clone(), told.hash());
        Ok(answer)
    }

    async fn find_and_tell(&self, scope: &Scope, whom: &Whom, level: Assurance) -> Result<Answer> {
        scope.require(Permission::Read)?;
        let began = std::time::Instant::now();
        let mut tx = self.db.read(scope).await?;
        let tx = &mut tx;
        let tenant = tenant::get(tx).await?;
        if level == Assurance::None {
            // Not even looked for: no answer and no time that it takes can tell one customer from another.
            return Ok(Answer::nobody(&tenant, tx.now()));
        }
        let answer = match whom::find(tx, &tenant, whom).await? {
            Meant::One { id, was, is_proven } => {
                // What a code proved is the web user's; any other web user only claims to be one.
                let level = if is_proven == Some(false) { level.min(Assurance::Claimed) } else { level };
                self.one(tx, scope, &tenant, (id, was), level).await?
            }
            Meant::Several(ids) => several(tx, &tenant, &ids, level).await?,
            Meant::Nobody(why) => Answer { found: Some(Found::Unknown(why)), ..Answer::nobody(&tenant, tx.now()) },
            Meant::TakenOut(import) => {
                Answer { found: Some(Found::TakenOut(import)), ..Answer::nobody(&tenant, tx.now()) }
            }
        };
        if answer.customer.is_some() {
            self.contexts.note_load(answer.is_cached, began.elapsed());
        }
        Ok(answer)
    }

    async fn one(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        tenant: &Tenant,
        (id, was): (CustomerId, Option<CustomerId>),
        level: Assurance,
    ) -> Result<Answer> {
        let now = tx.now();
        let Some((known, version, is_cached)) = self.known(tx, scope, id).await? else {
            self.contexts.forget(scope.tenant(), id);
            return Ok(Answer { found: Some(Found::Unknown(Unknown::NoSuchId)), ..Answer::nobody(tenant, now) });
        };
        Ok(Answer {
            context: CustomerContext::of(&known, level, now, tenant),
            told_at: now,
            customer: Some(id),
            version: Some(version),
            known_at: fresh::known_at(&known),
            is_cached,
            found: Some(Found::One { was }),
            basis: Some(Basis { known, zone: tenant.time_zone.clone(), country: tenant.country }),
            ..Answer::nobody(tenant, now)
        })
    }

    /// What is known of a customer: of this process' memory if it is of the version that this transaction sees.
    async fn known(&self, tx: &mut Tx, scope: &Scope, id: CustomerId) -> Result<Option<(Arc<Known>, i64, bool)>> {
        let key = (scope.tenant(), id);
        if planted!("a-cache-is-believed")
            && let Some((known, version)) = self.contexts.newest(key)
        {
            return Ok(Some((known, version, true)));
        }
        let Some(version) = context::version(tx, id).await? else { return Ok(None) };
        let mut read_at = context::read_at(tx).await?;
        // Who was read by itself since the last run is known up to then.
        for (source, at) in refresh::read_at(tx, id).await? {
            read_at.entry(source).and_modify(|known| *known = at.max(*known)).or_insert(at);
        }
        if let Some(known) = self.contexts.get(key, version) {
            if known.read_at == read_at {
                return Ok(Some((known, version, true)));
            }
            // A source was read again and said nothing new of this customer: the same rows, known up to later.
            let known = Arc::new(Known { read_at, ..Known::clone(&known) });
            self.contexts.put(key, version, known.clone());
            return Ok(Some((known, version, true)));
        }
        let Some(known) = load::known(tx, id).await? else { return Ok(None) };
        let known = Arc::new(Known { read_at, ..known });
        self.contexts.put(key, version, known.clone());
        Ok(Some((known, version, false)))
    }
}

impl Answer {
    fn nobody(tenant: &Tenant, now: Timestamp) -> Self {
        let context = CustomerContext::of_nobody(tenant);
        Self {
            context,
            told_at: now,
            customer: None,
            version: None,
            known_at: None,
            is_cached: false,
            found: None,
            receipt: ReceiptId::from_uuid(Default::default()),
            text: None,
            hash: None,
            as_of: None,
            basis: None,
        }
    }
}

/// Several have it: the office chooses, anybody else is asked to say who they are.
async fn several(tx: &mut Tx, tenant: &Tenant, ids: &[CustomerId], level: Assurance) -> Result<Answer> {
    let mut rows = Vec::new();
    if level == Assurance::Staff {
        rows = listing::rows(tx, ids).await?;
        rows.sort_by_key(|row| row.id);
    }
    let context = CustomerContext::of_several(tenant);
    let nobody = Answer::nobody(tenant, tx.now());
    Ok(Answer { context, found: Some(Found::Several(rows)), ..nobody })
}
