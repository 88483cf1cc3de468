//! Whom a call is about: for the house whoever its arguments name, for an agent in a channel whoever it talks to.

use doorstep_core::email::Email;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_core::phone::Phone;
use doorstep_engine::customer::Lookup;
use doorstep_store::listing::Row;

use super::argument::{Argument, Takes, optional};
use super::{Call, told};
use crate::refusal::{Kind, Refusal};

/// Longest phone number, with whatever is written around it.
const MAX_PHONE_CHARS: usize = 60;
/// Longest e-mail address, by its standard.
const MAX_EMAIL_CHARS: usize = 254;
/// Longest id: longer than any of ours.
const MAX_ID_CHARS: usize = 40;
/// Customers that are told apart in words where several share what was named.
const MAX_TOLD_APART: usize = 5;

/// The phone of a call.
pub(super) const PHONE: Argument = optional("phone", Takes::Text(MAX_PHONE_CHARS));
/// The e-mail address of a call.
pub(super) const EMAIL: Argument = optional("email", Takes::Text(MAX_EMAIL_CHARS));
/// What names a customer: one of the three.
pub(super) const WHOM: [Argument; 3] =
    [optional("customer_id", Takes::Text(MAX_ID_CHARS)).naming(), PHONE.naming(), EMAIL.naming()];

/// Who was found.
pub(super) enum Found {
    /// This customer.
    One(CustomerId),
    /// Several share it, oldest first.
    Several(Vec<Row>),
    /// Nobody has it.
    Nobody,
}

/// Whom a call is about.
///
/// # Errors
/// Nobody is verified, or the arguments name nobody, or more than one way of naming is used.
pub(super) async fn find(call: &Call<'_>) -> Result<Found, Refusal> {
    if !call.session.names_anybody() {
        return call.session.subject().map(Found::One).ok_or_else(nobody_verified);
    }
    let id = call.said.customer("customer_id")?;
    match (id, call.said.text("phone").or(call.said.text("email"))) {
        (Some(_), Some(_)) => Err(one_of()),
        (Some(id), None) => by_id(call, id).await.map(Found::One),
        (None, _) => {
            let identifier = identifier(call).await?;
            let mut rows = call.engine.customers_with(call.session.scope(), &identifier).await?;
            Ok(match rows.len() {
                0 => Found::Nobody,
                1 => Found::One(rows.remove(0).id),
                _ => Found::Several(rows),
            })
        }
    }
}

/// The same where only one customer will do.
///
/// # Errors
/// Also where nobody or several are found, with what tells them apart.
pub(super) async fn only(call: &Call<'_>) -> Result<CustomerId, Refusal> {
    match find(call).await? {
        Found::One(id) => Ok(id),
        Found::Nobody => Err(Refusal::new(
            Kind::NotOne,
            "No customer is known by this. Look for them with `search_customers`, by name or in part.",
        )),
        Found::Several(rows) => {
            let told: Vec<String> = rows.iter().take(MAX_TOLD_APART).map(told::apart).collect();
            let text = format!(
                "{} customers share this, and nobody is guessed: {}. Find out which one is meant and name their `customer_id`.",
                rows.len(),
                told.join("; ")
            );
            Err(Refusal::new(Kind::NotOne, text))
        }
    }
}

/// The phone or the e-mail address that a call names.
pub(super) async fn identifier(call: &Call<'_>) -> Result<Identifier, Refusal> {
    match (call.said.text("phone"), call.said.text("email")) {
        (Some(phone), None) => {
            let region = call.engine.tenant(call.session.scope()).await?.country;
            let parsed = Phone::parse(phone, region);
            parsed.map(|phone| Identifier::from(&phone)).map_err(|bad| Refusal::arguments(format!("`phone`: {bad}.")))
        }
        (None, Some(email)) => {
            let parsed = Email::parse(email);
            parsed.map(|email| Identifier::from(&email)).map_err(|bad| Refusal::arguments(format!("`email`: {bad}.")))
        }
        _ => Err(one_of()),
    }
}

async fn by_id(call: &Call<'_>, id: CustomerId) -> Result<CustomerId, Refusal> {
    match call.engine.look_up(call.session.scope(), id).await? {
        Lookup::Customer { customer, .. } => Ok(customer.id),
        Lookup::TakenOut(_) => {
            Err(Refusal::new(Kind::NotOne, format!("`{id}` was taken out again with the import that had brought it.")))
        }
        Lookup::Unknown => Err(doorstep_engine::Error::NoCustomer(id).into()),
    }
}

/// Not exactly one way of naming somebody.
pub(super) fn one_of() -> Refusal {
    Refusal::arguments(
        "Say exactly one of what names somebody: a `phone`, an `email`, or, where the tool takes it, a `customer_id`.",
    )
}

/// It is not known whom the session talks to.
pub(super) fn nobody_verified() -> Refusal {
    Refusal::new(
        Kind::NobodyVerified,
        "It is not known who this is, so nothing of any customer can be told or written. Ask for their phone number or \
         e-mail address, call `request_verification`, and then `confirm_verification` with the code that they read out.",
    )
}
