//! Looking customers up, and find-or-create.

use std::collections::BTreeSet;

use doorstep_core::audit::{Act, Details};
use doorstep_core::contact::{Contact, ContactRecord};
use doorstep_core::conversation::{Call, Conversation, Message};
use doorstep_core::customer::Customer;
use doorstep_core::id::{CustomerId, ImportId, RecordId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{Rules, Verdict};
use doorstep_core::record::Source;
use doorstep_core::survivorship::{adds_to, query_words};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, Timestamp, planted};
use doorstep_store::customer::Listed;
use doorstep_store::listing::{self, Row};
use doorstep_store::record::Resolved;
use doorstep_store::{Tx, call, conversation, customer, message, record, review, tenant};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::resolve::{self, Draft, Start};
use crate::{Engine, rules};

/// Customers that share an identifier and are shown as candidates at most.
const MAX_CANDIDATES: i64 = 20;

/// What find-or-create came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Found {
    /// This customer was there already.
    Existing {
        /// Which.
        customer: CustomerId,
    },
    /// There was none; this one is new (or would be: a preview writes nothing).
    Created {
        /// Which; `None` in a preview.
        customer: Option<CustomerId>,
        /// Customers that share an identifier but look like somebody else: a review asks about them.
        resembles: Vec<CustomerId>,
    },
    /// Several customers share what was given and nothing tells them apart: nobody is guessed.
    Several {
        /// Oldest first.
        candidates: Vec<CustomerId>,
    },
}

/// What became of an id.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// The customer; `was` if it was asked for under an older id.
    Customer {
        /// The golden record.
        customer: Box<Customer>,
        /// The id asked for, where it is another one.
        was: Option<CustomerId>,
    },
    /// It was taken out again with this import.
    TakenOut(Option<ImportId>),
    /// The tenant never had it.
    Unknown,
}

/// A customer with what hangs on it, as a person looks it up.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    /// The golden record.
    #[serde(flatten)]
    pub customer: Customer,
    /// Goes up with every change of what the card shows of the customer itself; conversations and calls come in
    /// without raising it, so that a text message does not make an edit stale.
    pub version: i64,
    /// Newest conversations first.
    pub conversations: Vec<ConversationCard>,
    /// Newest calls first.
    pub calls: Vec<Call>,
    /// Customers that a review holds beside this one.
    pub in_review_with: Vec<CustomerId>,
}

/// A conversation with its newest messages.
#[derive(Debug, Clone, Serialize)]
pub struct ConversationCard {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// Newest first.
    pub messages: Vec<Message>,
}

impl Engine {
    /// What an id stands for today: every id ever handed out resolves.
    #[crate::boxed]
    pub async fn look_up(&self, scope: &Scope, id: CustomerId) -> Result<Lookup> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        look_up(&mut tx, id).await
    }

    /// The card of a customer: at most `conversations` conversations with `messages` messages each, and as many calls.
    #[crate::boxed]
    pub async fn card(&self, scope: &Scope, id: CustomerId, conversations: i64, messages: i64) -> Result<Option<Card>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let Some(customer) = customer::get(&mut tx, id).await? else { return Ok(None) };
        let version = customer::version(&mut tx, id).await?.unwrap_or_default();
        let mut cards = Vec::new();
        for conversation in conversation::of_customer(&mut tx, id, conversations).await? {
            let messages = message::list(&mut tx, conversation.id, None, messages).await?;
            cards.push(ConversationCard { conversation, messages });
        }
        let calls = call::of_customer(&mut tx, id, conversations).await?;
        let reviews = review::touching(&mut tx, &[id]).await?;
        let in_review_with = reviews.iter().map(|review| if review.a == id { review.b } else { review.a }).collect();
        Ok(Some(Card { customer, version, conversations: cards, calls, in_review_with }))
    }

    /// The customers that an identifier belongs to, oldest first.
    #[crate::boxed]
    pub async fn by_identifier(&self, scope: &Scope, identifier: &Identifier) -> Result<Vec<CustomerId>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(customer::find_by_identifier(&mut tx, identifier, MAX_CANDIDATES).await?)
    }

    /// The customers that an identifier belongs to, as lists show them, oldest first.
    #[crate::boxed]
    pub async fn customers_with(&self, scope: &Scope, identifier: &Identifier) -> Result<Vec<Row>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let ids = customer::find_by_identifier(&mut tx, identifier, MAX_CANDIDATES).await?;
        let mut rows = if ids.is_empty() { Vec::new() } else { listing::rows(&mut tx, &ids).await? };
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    /// Customers found by name, phone in any spelling, or e-mail; each word of `query` is a prefix.
    #[crate::boxed]
    pub async fn search(&self, scope: &Scope, query: &str, limit: i64) -> Result<Vec<Listed>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let region = tenant::get(&mut tx).await?.country;
        Ok(customer::search(&mut tx, &query_words(query, region), limit).await?)
    }

    /// The customer that `contact` describes; a new one if there is none. A preview writes nothing.
    ///
    /// # Errors
    /// [`Error::Unfit`] without a phone or e-mail address that can identify somebody.
    #[crate::boxed]
    pub async fn find_or_create(&self, scope: &Scope, contact: &Contact, preview: bool) -> Result<Found> {
        if !preview {
            return self.find_or_create_and(scope, contact, None).await;
        }
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        match self.find_known(&mut tx, contact).await? {
            Some(found) => Ok(found),
            None => Ok(self.place(&mut tx, contact).await?.0),
        }
    }

    /// Find-or-create; what is written is written with its audit entry and the answer to keep.
    #[crate::boxed]
    pub(crate) async fn find_or_create_and(
        &self,
        scope: &Scope,
        contact: &Contact,
        keep: Option<&Keep<'_, Found>>,
    ) -> Result<Found> {
        scope.require(Permission::CreateCustomer)?;
        let mut tx = self.db.read(scope).await?;
        if let Some(found) = self.find_known(&mut tx, contact).await? {
            return Ok(found);
        }
        // Where nothing is to be written nobody waits for the writer: a number that several people share, a name that
        // says nothing new.
        if let (found, None) = self.place(&mut tx, contact).await? {
            return Ok(found);
        }
        drop(tx);
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let (found, draft) = self.place(&mut tx, contact).await?;
        let Some(draft) = draft else { return Ok(found) };
        let id = draft.id;
        let rules = rules(&mut tx).await?;
        let resolution = resolve::ingest(&mut tx, &self.ids, &rules, vec![draft], self.max_component).await?;
        let found = match (found, resolution.customers.get(&id)) {
            (Found::Created { resembles, .. }, Some(customer)) => {
                Found::Created { customer: Some(*customer), resembles }
            }
            (_, Some(customer)) => Found::Existing { customer: *customer },
            (found, None) => found,
        };
        let (act, customer) = match &found {
            Found::Created { customer, .. } => (Act::CustomerCreated, customer.map(|id| id.to_string())),
            Found::Existing { customer } => (Act::CustomerExtended, Some(customer.to_string())),
            Found::Several { .. } => (Act::CustomerExtended, None),
        };
        self.note_act(&mut tx, scope.actor(), act, customer, Details::none().with("record", id)).await?;
        idempotency::put(&mut tx, scope, keep, &found).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// The short way for a caller who gives one phone or e-mail address and no name: one look-up.
    async fn find_known(&self, tx: &mut Tx, contact: &Contact) -> Result<Option<Found>> {
        let identifiers: Vec<Identifier> =
            contact.phones.iter().map(Identifier::from).chain(contact.emails.iter().map(Identifier::from)).collect();
        let [identifier] = identifiers.as_slice() else { return Ok(None) };
        if contact.name.is_some() {
            return Ok(None);
        }
        let known = customer::known_by(tx, identifier, MAX_CANDIDATES).await?;
        if planted!("a-log-line-names-who-was-looked-up") {
            let found = known.as_ref().map_or(0, |known| known.customers.len());
            tracing::debug!(value = identifier.value, found, "looked up");
        }
        let Some(known) = known.filter(|known| !known.is_own && Rules::default().identifies(identifier)) else {
            return Ok(None);
        };
        Ok(match (known.verdict, known.customers.as_slice()) {
            (Some(Verdict::Placeholder | Verdict::Mine), _) => None,
            (None, [only]) => Some(Found::Existing { customer: *only }),
            // One that says nothing but a number joins none of several (I-12), nor the only one who is known on a shared
            // line, so there is nothing to resolve.
            _ => Some(Found::Several { candidates: known.customers }),
        })
    }

    /// Where `contact` belongs, by the same rules as everything else, and the record that would be stored:
    /// `None` if it would add nothing, or nobody can tell whose it is.
    async fn place(&self, tx: &mut Tx, contact: &Contact) -> Result<(Found, Option<Draft>)> {
        let rules = rules(tx).await?;
        let draft = self.draft(tx.now(), contact);
        let record = draft.record(tx.now());
        let telling = rules.identifying(&record);
        if !telling.iter().any(|identifier| identifier.kind != IdentifierKind::SourceKey) {
            return Err(Error::Unfit(
                "give a phone number or an e-mail address that belongs to one person: blank values, placeholders, the \
                 tenant's own numbers and what is marked as either identify nobody"
                    .to_owned(),
            ));
        }
        let start = Start { limit: self.max_component, ..Start::default() };
        let around = resolve::gather(tx, &rules, vec![record], &start).await?;
        let outcome = resolve::decide(&rules, &around);
        let Some(home) = outcome.of_new.get(&draft.id).copied() else {
            return Err(Error::Unfit("a record was left without a customer".to_owned()));
        };
        if let Some(before) = around.golden.get(&home) {
            let after = outcome.put.iter().find(|put| put.customer.id == home);
            let adds = after.is_some_and(|after| adds_to(Some(&before.customer), &after.customer));
            return Ok((Found::Existing { customer: home }, adds.then_some(draft)));
        }
        let shares = |record: &&ContactRecord| rules.identifying(record).iter().any(|one| telling.contains(one));
        let sharing = around.candidates.records().filter(shares);
        let resembles: BTreeSet<CustomerId> =
            sharing.filter_map(|record| around.customer_of.get(&record.id)).copied().collect();
        let resembles: Vec<CustomerId> = resembles.into_iter().collect();
        if contact.name.is_none() && !resembles.is_empty() {
            return Ok((Found::Several { candidates: resembles }, None));
        }
        Ok((Found::Created { customer: None, resembles }, Some(draft)))
    }

    fn draft(&self, now: Timestamp, contact: &Contact) -> Draft {
        let id: RecordId = self.ids.make(now);
        let payload = serde_json::to_value(contact).unwrap_or_default();
        Draft {
            id,
            source: Source::Hub,
            stream: "contacts",
            key: id.to_string(),
            import: None,
            payload,
            contact: contact.clone(),
        }
    }
}

/// What an id stands for today.
#[crate::boxed]
pub(crate) async fn look_up(tx: &mut Tx, id: CustomerId) -> Result<Lookup> {
    let Some(resolved) = record::resolve(tx, id).await? else { return Ok(Lookup::Unknown) };
    let current = match resolved {
        Resolved::Customer(current) => current,
        Resolved::TakenOut(import) => return Ok(Lookup::TakenOut(import)),
    };
    let found = customer::get(tx, current).await?.ok_or(Error::NoCustomer(id))?;
    Ok(Lookup::Customer { customer: Box::new(found), was: (current != id).then_some(id) })
}
