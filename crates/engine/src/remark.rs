//! Remarks: notes, preferences and addresses that people and agents say of customers by hand.
//!
//! A remark hangs on the record that the customer was named by, also where that customer is part of another by now: an
//! agent that talks to one of two who were merged has said it of that one, and that one gets it back when the two are
//! parted (I-11). It is no record, so whatever is written in it joins nobody.

use doorstep_core::Scope;
use doorstep_core::address::Address;
use doorstep_core::audit::{Act, Details};
use doorstep_core::conversation::Channel;
use doorstep_core::id::{CustomerId, RecordId, RemarkId};
use doorstep_core::planted;
use doorstep_core::position::{Page, Position, page_size};
use doorstep_core::remark::{Kind, Remark, Said, Topic, standing};
use doorstep_core::tenant::Permission;
use doorstep_store::change::Subject;
use doorstep_store::{Tx, customer, property, record, remark};
use serde::Serialize;

use crate::Engine;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::merge::{current, oldest};

/// For how long a note of the same words by the same actor is the same note: agents repeat themselves within one
/// conversation, while a colleague who writes "no answer" tomorrow means tomorrow.
const SAME_NOTE_SECONDS: i64 = 600;
/// Notes that are read with a customer: what somebody scrolls through, and far more than are written in ten minutes.
pub const NOTES_AT_HAND: i64 = 50;
/// Properties of one customer that an address is compared with: a landlord has some dozens.
const MAX_PROPERTIES: i64 = 1_000;

/// What saying something came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    /// The remark.
    #[serde(flatten)]
    pub remark: Remark,
    /// Whose it is now.
    pub customer: CustomerId,
    /// Whether it was said now; `false` where the same stood there already, and nothing was written.
    pub is_new: bool,
}

impl Engine {
    /// Adds a note about a customer.
    ///
    /// # Errors
    /// Those of [`Engine::add_remark`]; [`Error::BadRemark`].
    #[crate::boxed]
    pub async fn add_note(
        &self,
        scope: &Scope,
        customer: CustomerId,
        text: &str,
        channel: Option<Channel>,
    ) -> Result<Added> {
        self.add_remark(scope, customer, &Said::note(text)?, channel).await
    }

    /// Says what a customer likes. Another preference of the same topic is taken back, and stays readable.
    ///
    /// # Errors
    /// Those of [`Engine::add_remark`]; [`Error::BadRemark`].
    #[crate::boxed]
    pub async fn record_preference(
        &self,
        scope: &Scope,
        customer: CustomerId,
        topic: Topic,
        text: &str,
        channel: Option<Channel>,
    ) -> Result<Added> {
        self.add_remark(scope, customer, &Said::preference(topic, text)?, channel).await
    }

    /// Adds a service address of a customer. Nobody is found or joined by it, and nobody else's property is touched.
    ///
    /// # Errors
    /// Those of [`Engine::add_remark`]; [`Error::BadRemark`]; [`Error::Unfit`] for one that the customer has already.
    #[crate::boxed]
    pub async fn add_address(
        &self,
        scope: &Scope,
        customer: CustomerId,
        text: &str,
        channel: Option<Channel>,
    ) -> Result<Added> {
        self.add_remark(scope, customer, &Said::address(text)?, channel).await
    }

    /// Says something of a customer.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NoCustomer`]; [`Error::Unfit`] for an address that the customer has already, or where
    /// there is no room for more.
    #[crate::boxed]
    pub async fn add_remark(
        &self,
        scope: &Scope,
        customer: CustomerId,
        said: &Said,
        channel: Option<Channel>,
    ) -> Result<Added> {
        self.add_remark_and(scope, customer, said, channel, None).await
    }

    #[crate::boxed]
    pub(crate) async fn add_remark_and(
        &self,
        scope: &Scope,
        named: CustomerId,
        said: &Said,
        channel: Option<Channel>,
        keep: Option<&Keep<'_, Added>>,
    ) -> Result<Added> {
        scope.require(Permission::AddRemarks)?;
        let mut tx = self.db.write(scope).await?;
        // Of several who say the same at once one does, and nobody counts past the bound.
        tx.lock_identity().await?;
        let customer = current(&mut tx, named).await?;
        if let Some(remark) = said_already(&mut tx, scope, customer, said).await? {
            return Ok(Added { remark, customer, is_new: false });
        }
        refuse_needless(&mut tx, customer, said).await?;
        let record = home(&mut tx, named, customer).await?;
        replace(&mut tx, scope, customer, record, said).await?;
        let now = tx.now();
        let remark = Remark {
            id: self.ids.make(now),
            record,
            said: said.clone(),
            channel,
            said_by: scope.actor().clone(),
            said_at: now,
            retracted_at: None,
            retracted_by: None,
        };
        remark::insert(&mut tx, &remark).await?;
        self.note_remark(&mut tx, scope, Act::RemarkAdded, &remark, customer).await?;
        let added = Added { remark, customer, is_new: true };
        idempotency::put(&mut tx, scope, keep, &added).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Takes a remark back; it stays readable as what was said. Who may add remarks takes back their own; others' only
    /// who may edit customers.
    ///
    /// # Errors
    /// [`Error::NoRemark`]; [`Error::RemarkTakenBack`]; [`Error::Denied`].
    #[crate::boxed]
    pub async fn retract_remark(&self, scope: &Scope, id: RemarkId) -> Result<Remark> {
        self.retract_remark_and(scope, id, None).await
    }

    #[crate::boxed]
    pub(crate) async fn retract_remark_and(
        &self,
        scope: &Scope,
        id: RemarkId,
        keep: Option<&Keep<'_, Remark>>,
    ) -> Result<Remark> {
        scope.require(Permission::AddRemarks)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let standing = remark::get(&mut tx, id).await?.ok_or(Error::NoRemark(id))?;
        if standing.said_by != *scope.actor() {
            scope.require(Permission::EditCustomer)?;
        }
        let whose = record::customers_of(&mut tx, &[standing.record]).await?;
        let customer = *whose.get(&standing.record).ok_or(Error::NoRemark(id))?;
        if remark::retract(&mut tx, &[id], scope.actor()).await? == 0 {
            return Err(Error::RemarkTakenBack(id));
        }
        let retracted = remark::get(&mut tx, id).await?.ok_or(Error::NoRemark(id))?;
        self.note_remark(&mut tx, scope, Act::RemarkRetracted, &retracted, customer).await?;
        idempotency::put(&mut tx, scope, keep, &retracted).await?;
        tx.commit().await?;
        Ok(retracted)
    }

    /// What was said of a customer, newest first, also what was taken back.
    ///
    /// # Errors
    /// [`Error::NoCustomer`]; [`Error::BadPosition`].
    #[crate::boxed]
    pub async fn remarks(
        &self,
        scope: &Scope,
        customer: CustomerId,
        kind: Kind,
        position: Option<&Position>,
        limit: i64,
    ) -> Result<Page<Remark>> {
        scope.require(Permission::Read)?;
        let list = kind.as_str();
        let from = position.map(|position| position.read::<RemarkId>(list)).transpose()?;
        let limit = page_size(limit);
        let mut tx = self.db.read(scope).await?;
        let customer = current(&mut tx, customer).await?;
        let read = remark::page(&mut tx, customer, kind, from, limit as i64 + 1).await?;
        Ok(Page::of(list, from.map(|(way, _)| way), read, limit, |remark: &Remark| remark.id))
    }

    /// The audit log's entry, under the id that the remark hangs on, so that the entry, too, goes to the right one of two;
    /// and whoever looks at the customer learns of it. The customer's version stays: a note makes no edit stale.
    async fn note_remark(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        act: Act,
        remark: &Remark,
        customer: CustomerId,
    ) -> Result<()> {
        let details = Details::none().with("remark", remark.id).with("kind", remark.said.kind());
        let details = details.with("topic", remark.said.topic());
        let subject = CustomerId::from_uuid(remark.record.uuid()).to_string();
        tx.announce(Subject::Customer, customer.uuid());
        self.note_act(tx, scope.actor(), act, Some(subject), details).await
    }
}

/// What is said of a customer and stands, newest first: all preferences and addresses, which are few, and the newest
/// notes.
#[crate::boxed]
pub(crate) async fn of_customer(tx: &mut Tx, customer: CustomerId, kind: Kind) -> Result<Vec<Remark>> {
    Ok(standing(remark::of_customer(tx, customer, kind, at_hand(kind)).await?))
}

/// Of remarks in force, newest first, those of a kind that stand.
pub(crate) fn among(in_force: &[Remark], kind: Kind) -> Vec<Remark> {
    let of_kind = in_force.iter().filter(|remark| remark.said.kind() == kind);
    standing(of_kind.take(usize::try_from(at_hand(kind)).unwrap_or_default()).cloned().collect())
}

/// How many of a kind are read with a customer.
const fn at_hand(kind: Kind) -> i64 {
    match kind {
        Kind::Note => NOTES_AT_HAND,
        Kind::Preference | Kind::Address => all_of(kind),
    }
}

/// As many as there can be: two who were merged may have what two may.
const fn all_of(kind: Kind) -> i64 {
    2 * kind.most() as i64
}

/// The record that a remark hangs on: the one that the customer was named by, as long as it is one of the customer's.
async fn home(tx: &mut Tx, named: CustomerId, customer: CustomerId) -> Result<RecordId> {
    if planted!("a-note-stays-with-the-elder") {
        return Ok(oldest(customer));
    }
    let whose = record::customers_of(tx, &[oldest(named)]).await?;
    Ok(if whose.contains_key(&oldest(named)) { oldest(named) } else { oldest(customer) })
}

/// The remark that says the same already.
async fn said_already(tx: &mut Tx, scope: &Scope, customer: CustomerId, said: &Said) -> Result<Option<Remark>> {
    let since = tx.now().plus_seconds(-SAME_NOTE_SECONDS);
    let is_same = |remark: &Remark| match said.kind() {
        Kind::Note => remark.said == *said && remark.said_by == *scope.actor() && remark.said_at > since,
        Kind::Preference => remark.said == *said,
        Kind::Address => false,
    };
    Ok(of_customer(tx, customer, said.kind()).await?.into_iter().find(is_same))
}

async fn refuse_needless(tx: &mut Tx, customer: CustomerId, said: &Said) -> Result<()> {
    let kind = said.kind();
    if let Said::Address { address } = said
        && has_address(tx, customer, address).await?
    {
        return Err(Error::Unfit("the customer has this address already: there is nothing to add".to_owned()));
    }
    if remark::count(tx, customer, kind).await? >= kind.most() as i64 {
        return Err(Error::Unfit(format!(
            "this customer has {} remarks of this kind (`{}`), and more cannot be: take back what is not needed any more",
            kind.most(),
            kind.as_str()
        )));
    }
    Ok(())
}

/// Whether an address is one of the customer's, whoever says so.
async fn has_address(tx: &mut Tx, customer: CustomerId, wanted: &Address) -> Result<bool> {
    let golden = customer::get(tx, customer).await?.and_then(|found| found.address);
    let mut known: Vec<Address> = golden.as_deref().and_then(Address::parse).into_iter().collect();
    let properties = property::of_customer(tx, customer, MAX_PROPERTIES).await?;
    known.extend(properties.into_iter().filter_map(|stored| stored.property.address));
    for remark in of_customer(tx, customer, Kind::Address).await? {
        if let Said::Address { address } = remark.said {
            known.push(address);
        }
    }
    Ok(known.iter().any(|address| address.same_place(wanted)))
}

/// Takes back what the new word stands in the place of: of what hangs on the same record, so that of two who are one now
/// each has its own again when they are parted.
async fn replace(tx: &mut Tx, scope: &Scope, customer: CustomerId, record: RecordId, said: &Said) -> Result<()> {
    let Some(topic) = said.topic().filter(|topic| topic.has_one()) else { return Ok(()) };
    let in_force = remark::of_customer(tx, customer, Kind::Preference, all_of(Kind::Preference)).await?;
    let is_before = |remark: &&Remark| remark.record == record && remark.said.topic() == Some(topic);
    let before: Vec<RemarkId> = in_force.iter().filter(is_before).map(|remark| remark.id).collect();
    remark::retract(tx, &before, scope.actor()).await?;
    Ok(())
}
