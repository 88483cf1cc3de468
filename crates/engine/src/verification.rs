//! Verifying that a web user is reached by a phone or an e-mail address: a code goes there, and the web user says it.
//!
//! What comes of it is a record, as from any other source: it says the web user and the identifier that was verified,
//! and whose it is follows by the rules. So a rebuild, a merge and an unmerge need to know nothing of it.
//!
//! Nothing here tells whether anybody is known by the identifier before the code was said: asking is answered alike.

use std::pin::Pin;

use doorstep_core::audit::{Act, Details};
use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, DecisionId, RecordId, VerificationId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::limit::Wait;
use doorstep_core::phone::Phone;
use doorstep_core::record::Source;
use doorstep_core::tenant::Permission;
use doorstep_core::verification::{
    Code, KEEP_SECONDS, MAX_REQUESTS, MAX_REQUESTS_OF_TENANT, REQUESTS_SECONDS, State, Verification, WebUser, wait,
};
use doorstep_core::{Scope, TenantId, Timestamp, planted};
use doorstep_store::task::{self, Claim};
use doorstep_store::{Tx, customer, decision, identifier, record, verification};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::resolve::{self, Draft, Start};
use crate::task::Key;
use crate::{Engine, random, rules};

/// The stream of records that verifications make.
const VERIFICATIONS: &str = "verifications";

/// A code on its way to whoever is reached by an identifier.
#[derive(Clone)]
pub struct CodeMessage {
    /// Whose code it is.
    pub tenant: TenantId,
    /// Which verification it is of.
    pub verification: VerificationId,
    /// Where it goes.
    pub to: Identifier,
    /// What it says.
    pub code: Code,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

doorstep_core::masked_debug!(CodeMessage: tenant, verification, to, expires_at);

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A channel took it.
    Sent,
    /// There is no channel: nobody gets it.
    NoChannel,
}

/// A channel did not take a message; the text names nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotSent(pub String);

/// What sending comes to.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Delivery, NotSent>> + Send + 'a>>;

/// Brings codes to people. It is called when the verification is committed, never within a transaction.
pub trait Sender: Send + Sync {
    /// Sends one message, once; it is not called again for the same one.
    fn send<'a>(&'a self, message: &'a CodeMessage) -> Sending<'a>;
}

/// Sends nothing, and writes down that there was something to send: neither where to nor what.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogOnly;

impl Sender for LogOnly {
    fn send<'a>(&'a self, message: &'a CodeMessage) -> Sending<'a> {
        tracing::warn!(
            tenant = %message.tenant, verification = %message.verification, kind = message.to.kind.as_str(),
            "a code was asked for, and there is no channel to send it by"
        );
        Box::pin(std::future::ready(Ok(Delivery::NoChannel)))
    }
}

/// A verification that was asked for. The same whoever is known by the identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requested {
    /// Which.
    pub verification: VerificationId,
    /// Until when the code is good.
    pub expires_at: Timestamp,
    /// Whether a channel took the code.
    pub delivery: Delivery,
}

/// A code was right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confirmed {
    /// Which verification.
    pub verification: VerificationId,
    /// Who the web user is.
    pub customer: CustomerId,
    /// Whether nobody was known by it before.
    pub is_new: bool,
}

impl Engine {
    /// Sends a code to a phone or an e-mail address, for `web_user` to say again. One that was sent before to the same
    /// web user is good no more.
    ///
    /// # Errors
    /// [`Error::Unfit`] for an identifier that identifies nobody; [`Error::TooManyTries`]; [`Error::NotSent`].
    #[crate::boxed]
    pub async fn request_verification(&self, scope: &Scope, web_user: &WebUser, to: &Identifier) -> Result<Requested> {
        scope.require(Permission::CreateCustomer)?;
        let mut tx = self.db.read(scope).await?;
        refuse_unfit(&mut tx, to).await?;
        refuse_too_many(&mut tx, web_user, to).await?;
        drop(tx);
        let code = Code::from_random(random::bytes()?);
        // Outside of the transaction: it takes its time on purpose.
        let hash = self.door.hasher.hash_code(&code).await?;
        let mut tx = self.db.write(scope).await?;
        // Of many who ask at the same time no more come through than may.
        tx.lock_identity().await?;
        refuse_too_many(&mut tx, web_user, to).await?;
        let now = tx.now();
        let new = Verification::new(self.ids.make(now), web_user.clone(), to.clone(), now);
        verification::insert(&mut tx, &new, &hash).await?;
        let (key, due_at) = forgetting(now);
        task::wake(&mut tx, &key.to_string(), due_at).await?;
        let details = Details::none().with("kind", to.kind);
        let act = Act::VerificationRequested;
        self.note_act(&mut tx, scope.actor(), act, Some(new.id.to_string()), details).await?;
        tx.commit().await?;
        let (verification, expires_at) = (new.id, new.expires_at);
        let message = CodeMessage { tenant: scope.tenant(), verification, to: to.clone(), code, expires_at };
        let delivery = self.sender.send(&message).await.map_err(|error| Error::NotSent(error.0))?;
        Ok(Requested { verification, expires_at, delivery })
    }

    /// Takes what a web user says the code is. If it is right, the web user belongs to whoever is reached there from
    /// now on: to the one customer who is known by it, or to a new one.
    ///
    /// # Errors
    /// [`Error::WrongCode`] for whatever is not the code that was sent last, in time, and not tried too often: one answer
    /// for all of it.
    #[crate::boxed]
    pub async fn confirm_verification(&self, scope: &Scope, web_user: &WebUser, said: &str) -> Result<Confirmed> {
        scope.require(Permission::CreateCustomer)?;
        let code = Code::parse(said).ok_or(Error::WrongCode)?;
        let mut tx = self.db.write(scope).await?;
        let (pending, hash) = verification::find(&mut tx, web_user).await?.ok_or(Error::WrongCode)?;
        let may_try =
            pending.state(tx.now()) == State::Pending && verification::take_attempt(&mut tx, pending.id).await?;
        if !(may_try || planted!("codes-are-tried-for-ever")) {
            return Err(Error::WrongCode);
        }
        // Counted before it is looked at: who hangs up, or asks a hundred times at once, has tried as often.
        tx.commit().await?;
        if !self.door.hasher.verify_code(&code, hash).await? {
            return Err(Error::WrongCode);
        }
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        if !verification::verify(&mut tx, pending.id).await? {
            return Err(Error::WrongCode);
        }
        let confirmed = self.link_web_user(&mut tx, scope, &pending).await?;
        let details = Details::none().with("customer", confirmed.customer).with("kind", pending.identifier.kind);
        let entry =
            self.entry(tx.now(), scope.actor(), Act::VerificationConfirmed, Some(pending.id.to_string()), details);
        self.note_act_with(&mut tx, &entry, &[confirmed.customer]).await?;
        tx.commit().await?;
        Ok(confirmed)
    }

    /// The customer whom a code showed a web user to be; `None` if none did, or several are meant.
    #[crate::boxed]
    pub async fn customer_of_web_user(&self, scope: &Scope, web_user: &WebUser) -> Result<Option<CustomerId>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let known_as = Identifier::from(web_user);
        let [only] = customer::find_by_identifier(&mut tx, &known_as, 2).await?[..] else { return Ok(None) };
        Ok(customer::is_verified(&mut tx, only, &known_as).await?.then_some(only))
    }

    /// Stores what was verified, as a record, and says whose it is.
    async fn link_web_user(&self, tx: &mut Tx, scope: &Scope, verified: &Verification) -> Result<Confirmed> {
        let known_as = Identifier::from(&verified.web_user);
        if let Some(customer) = verified_before(tx, &known_as, &verified.identifier).await? {
            return Ok(Confirmed { verification: verified.id, customer, is_new: false });
        }
        let (now, rules) = (tx.now(), rules(tx).await?);
        let id: RecordId = self.ids.make(now);
        let contact = contact_of(verified, now);
        let payload = serde_json::to_value(&contact).unwrap_or_default();
        let (key, source) = (verified.id.to_string(), Source::Hub);
        let draft = Draft { id, source, stream: VERIFICATIONS, key, import: None, payload, contact };
        // One web user is one person: what was verified before and this belong together.
        let before = identifier::records_of(tx, &known_as, 1).await?;
        if let Some(before) = before.first().copied() {
            let link: DecisionId = self.ids.make(now);
            let link = Decision { id: link, verb: Verb::Link, a: before, b: id };
            decision::put(tx, &link, Some("one web user, verified by a code"), scope.actor()).await?;
        }
        // Also where so many records have the web user that nobody is looked for by it.
        let start = Start { records: &before, limit: self.max_component, ..Start::default() };
        let around = resolve::gather(tx, &rules, vec![draft.record(now)], &start).await?;
        let resolution = resolve::put(tx, &self.ids, &rules, vec![draft], &around).await?;
        let customer = resolution.customers.get(&id).copied();
        let customer = customer.ok_or_else(|| Error::Unfit("a record was left without a customer".to_owned()))?;
        Ok(Confirmed { verification: verified.id, customer, is_new: resolution.created.contains(&customer) })
    }
}

/// The task that forgets what was asked for on the day of `now`, and when that is due: one a day, however many ask.
fn forgetting(now: Timestamp) -> (Key, Timestamp) {
    const DAY_SECONDS: i64 = 24 * 60 * 60;
    let day = now.micros().div_euclid(DAY_SECONDS * 1_000_000);
    (Key::Verifications(day), Timestamp::from_micros((day + 1) * DAY_SECONDS * 1_000_000).plus_seconds(KEEP_SECONDS))
}

/// The task that forgets verifications which are of no use any more, under its lease.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim) -> Result<()> {
    let mut tx = engine.db.write(&Scope::worker(claim.tenant)).await?;
    task::hold(&mut tx, claim).await?;
    let before = tx.now().plus_seconds(-KEEP_SECONDS);
    verification::prune(&mut tx, before).await?;
    Ok(tx.commit().await?)
}

/// What a record of it says.
fn contact_of(verified: &Verification, now: Timestamp) -> Contact {
    let value = verified.identifier.value.clone();
    let mut contact = Contact {
        web_users: vec![verified.web_user.clone()],
        first_seen_at: Some(now),
        last_seen_at: Some(now),
        ..Contact::default()
    };
    match verified.identifier.kind {
        IdentifierKind::Phone => contact.phones.push(Phone::from_normal(value)),
        IdentifierKind::Email => contact.emails.push(Email::from_normal(value)),
        IdentifierKind::SourceKey | IdentifierKind::WebUser | IdentifierKind::NamePlace => {}
    }
    contact
}

/// The customer whom the web user belongs to, if the same was verified before.
async fn verified_before(tx: &mut Tx, web_user: &Identifier, identifier: &Identifier) -> Result<Option<CustomerId>> {
    let records = identifier::records_of(tx, web_user, MAX_LOOKED_AT).await?;
    for stored in record::get_many(tx, &records).await? {
        if stored.record.identifiers().iter().any(|said| said.compared() == identifier.compared()) {
            return Ok(stored.customer);
        }
    }
    Ok(None)
}

/// Records of a web user that are looked at: as many phones and addresses as nobody verifies.
const MAX_LOOKED_AT: i64 = 100;

async fn refuse_unfit(tx: &mut Tx, to: &Identifier) -> Result<()> {
    let is_address = matches!(to.kind, IdentifierKind::Phone | IdentifierKind::Email);
    if !is_address || !rules(tx).await?.identifies(to) {
        return Err(Error::Unfit(
            "no code is sent there: give a phone number or an e-mail address of the person, not a placeholder or one of \
             the business's own"
                .to_owned(),
        ));
    }
    Ok(())
}

async fn refuse_too_many(tx: &mut Tx, web_user: &WebUser, to: &Identifier) -> Result<()> {
    let now = tx.now();
    let found = verification::requests(tx, web_user, to, MAX_REQUESTS as i64).await?;
    let since = now.plus_seconds(-REQUESTS_SECONDS);
    let of_tenant = verification::newest(tx, since, MAX_REQUESTS_OF_TENANT as i64).await?;
    let waits = [
        wait(&found.of_web_user, MAX_REQUESTS, now),
        wait(&found.of_identifier, MAX_REQUESTS, now),
        wait(&of_tenant, MAX_REQUESTS_OF_TENANT, now),
    ];
    match waits.into_iter().flatten().max() {
        Some(seconds) => Err(Wait { seconds }.into()),
        None => Ok(()),
    }
}
