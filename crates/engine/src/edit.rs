//! Editing a customer: a person's word about fields becomes pins, and a phone or e-mail address that the customer does
//! not have yet becomes a record of its own.
//!
//! Nothing of a customer itself is written here: pins and records are ground state, and resolving makes the customer of
//! them. An edit is seen by the version that it was made from; one made from an older version is refused, so that two
//! people at one card do not undo each other unseen.

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::contact::Contact;
use doorstep_core::customer::{Customer, Field, Rule};
use doorstep_core::edit::{BadValue, Edit, Wanted};
use doorstep_core::id::{CustomerId, DecisionId, ImportId, PinId, RecordId};
use doorstep_core::identifier::Identifier;
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::pin::Pin;
use doorstep_core::record::Source;
use doorstep_core::tenant::Permission;
use doorstep_store::{Tx, customer, decision, import, pin, record};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::merge::{current, oldest};
use crate::resolve::{self, Draft, Start};
use crate::{Engine, rules};

/// Who may edit.
const EDIT: Permission = Permission::EditCustomer;
/// The stream of records that edits make. What ties one to its customer is a decision that nobody asked for by name, so
/// lists of merges leave it out.
pub const EDITS: &str = "edits";

/// A customer after an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edited {
    /// As it is now, or would be: a preview writes nothing.
    #[serde(flatten)]
    pub customer: Customer,
    /// Its version now; of a preview, the one that it was made from.
    pub version: i64,
}

impl Engine {
    /// Pins what `edit` says. A phone or e-mail address that the customer does not have is added first, as a record
    /// entered by hand: by the same rules as any other, so it may join somebody or ask for a review. With `if_version`
    /// the edit is made only if nobody changed the customer since; `preview` writes nothing.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::BadValue`] for a number that identifies nobody; [`Error::Unfit`] for an edit of
    /// nothing.
    #[crate::boxed]
    pub async fn edit_customer(
        &self,
        scope: &Scope,
        id: CustomerId,
        edit: &Edit,
        if_version: Option<i64>,
        preview: bool,
    ) -> Result<Edited> {
        scope.require(EDIT)?;
        if edit.is_empty() {
            return Err(Error::Unfit("the edit names no field: say which one and what it is to say".to_owned()));
        }
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let (before, version) = unchanged(&mut tx, id, if_version).await?;
        let home = self.add_identifiers(&mut tx, scope, &before, edit).await?;
        let now = tx.now();
        let make = |(field, wanted): (Field, Option<&Wanted>)| Pin {
            id: self.ids.make(now),
            record: oldest(home),
            field,
            value: wanted.map(|wanted| wanted.as_str().to_owned()),
            actor: scope.actor().clone(),
            pinned_at: now,
        };
        let pins: Vec<Pin> =
            edit.fields().filter(|(field, wanted)| !stands(&before, *field, *wanted)).map(make).collect();
        if !pins.is_empty() {
            pin::put(&mut tx, &pins).await?;
            self.resolve_around(&mut tx, &[home]).await?;
            let fields: Vec<&str> = pins.iter().map(|pin| pin.field.as_str()).collect();
            let details = Details::none().with("fields", fields);
            self.note_act(&mut tx, scope.actor(), Act::CustomerEdited, Some(home.to_string()), details).await?;
        }
        self.edited(tx, home, preview.then_some(version)).await
    }

    /// Takes the pins of a field back: it says again what the records say.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Unfit`] if the field is not pinned.
    #[crate::boxed]
    pub async fn unpin(&self, scope: &Scope, id: CustomerId, field: Field, if_version: Option<i64>) -> Result<Edited> {
        scope.require(EDIT)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let (before, _) = unchanged(&mut tx, id, if_version).await?;
        let records = record::of_customers(&mut tx, &[before.id]).await?;
        let records: Vec<RecordId> = records.iter().map(|stored| stored.record.id).collect();
        let of_field = pin::on(&mut tx, &records).await?.into_iter().filter(|pin| pin.field == field);
        let pins: Vec<PinId> = of_field.map(|pin| pin.id).collect();
        if pins.is_empty() {
            return Err(Error::Unfit(format!("`{}` is not pinned: it says what the records say", field.as_str())));
        }
        pin::retract(&mut tx, &pins, scope.actor()).await?;
        self.resolve_around(&mut tx, &[before.id]).await?;
        let details = Details::none().with("field", field.as_str());
        self.note_act(&mut tx, scope.actor(), Act::CustomerUnpinned, Some(before.id.to_string()), details).await?;
        self.edited(tx, before.id, None).await
    }

    /// How many pins would go with an import: those that hang on records which it brought. To be said before it is
    /// undone, since they do not come back when the archive does.
    #[crate::boxed]
    pub async fn pins_of_import(&self, scope: &Scope, id: ImportId) -> Result<i64> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        import::get(&mut tx, id).await?.ok_or(Error::NoImport(id))?;
        Ok(pin::count_of_import(&mut tx, id).await?)
    }

    /// Reads the outcome and keeps it, but for a preview.
    async fn edited(&self, mut tx: Tx, id: CustomerId, preview_of: Option<i64>) -> Result<Edited> {
        let id = current(&mut tx, id).await?;
        let customer = customer::get(&mut tx, id).await?.ok_or(Error::NoCustomer(id))?;
        let version = customer::version(&mut tx, id).await?.ok_or(Error::NoCustomer(id))?;
        match preview_of {
            Some(version) => Ok(Edited { customer, version }),
            None => {
                tx.commit().await?;
                Ok(Edited { customer, version })
            }
        }
    }

    /// Stores what of `edit` the customer cannot be reached by yet, and ties it to the customer; whose id it has then.
    async fn add_identifiers(&self, tx: &mut Tx, scope: &Scope, before: &Customer, edit: &Edit) -> Result<CustomerId> {
        let rules = rules(tx).await?;
        let mut contact = Contact::default();
        for (field, wanted) in edit.fields() {
            let identifier = match wanted {
                Some(Wanted::Phone(phone)) => Identifier::from(phone),
                Some(Wanted::Email(email)) => Identifier::from(email),
                Some(Wanted::Text(_)) | None => continue,
            };
            if before.identities.iter().any(|known| known.identifier == identifier) {
                continue;
            }
            if !rules.identifies(&identifier) {
                let why = "belongs to nobody in particular: a placeholder or one of the business's own; give one that \
                           reaches this customer";
                return Err(BadValue { field, why: why.to_owned() }.into());
            }
            match wanted {
                Some(Wanted::Phone(phone)) => contact.phones.push(phone.clone()),
                Some(Wanted::Email(email)) => contact.emails.push(email.clone()),
                Some(Wanted::Text(_)) | None => {}
            }
        }
        if contact == Contact::default() {
            return Ok(before.id);
        }
        let now = tx.now();
        let id: RecordId = self.ids.make(now);
        let draft = Draft {
            id,
            source: Source::Hub,
            stream: EDITS,
            key: id.to_string(),
            import: None,
            payload: serde_json::to_value(&contact).unwrap_or_default(),
            contact,
        };
        let link: DecisionId = self.ids.make(now);
        let link = Decision { id: link, verb: Verb::Link, a: oldest(before.id), b: id };
        decision::put(tx, &link, Some("added by an edit"), scope.actor()).await?;
        let start = Start { records: &[oldest(before.id)], customers: &[before.id], ..Start::default() };
        let around = resolve::gather(tx, &rules, vec![draft.record(now)], &start).await?;
        let resolution = resolve::put(tx, &self.ids, &rules, vec![draft], &around).await?;
        let home = current(tx, before.id).await?;
        if resolution.customers.get(&id) != Some(&home) {
            return Err(Error::Unfit(format!(
                "what was added would not belong to `{home}`: look at its reviews first"
            )));
        }
        Ok(home)
    }
}

/// The customer that `id` stands for now and its version, unless it changed since the version that was seen.
async fn unchanged(tx: &mut Tx, id: CustomerId, if_version: Option<i64>) -> Result<(Customer, i64)> {
    let id = current(tx, id).await?;
    let found = customer::version(tx, id).await?.ok_or(Error::NoCustomer(id))?;
    if let Some(seen) = if_version.filter(|seen| *seen != found) {
        return Err(Error::Stale { id, seen, found });
    }
    Ok((customer::get(tx, id).await?.ok_or(Error::NoCustomer(id))?, found))
}

/// Whether a pin says that already.
fn stands(customer: &Customer, field: Field, wanted: Option<&Wanted>) -> bool {
    let shown = match field {
        Field::Name => Some(customer.display_name.as_str()),
        Field::Company => customer.company.as_deref(),
        Field::Phone => customer.phone.as_deref(),
        Field::Email => customer.email.as_deref(),
        Field::Address => customer.address.as_deref(),
        Field::Notes => customer.notes.as_deref(),
    };
    let is_pinned = customer.provenance.get(&field).is_some_and(|said| said.rule == Rule::Pinned);
    is_pinned && shown == wanted.map(Wanted::as_str)
}
