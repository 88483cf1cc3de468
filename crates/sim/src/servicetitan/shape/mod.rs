//! What customers, contacts, locations and notes look like.

mod trade;
mod work;

use serde_json::{Value, json};

use super::list::{Filter, Form, Listed};
use super::query::{Field, Query};
use super::refusal::Refusal;
use crate::random::mix;
use crate::stamp::Stamp;
use crate::world::row::{Address, Contact, ContactKind, Customer, Location, Note, Place};
use crate::world::table::Row;
use crate::world::{Tenant, place};

/// The user who does everything here.
pub(super) const USER: i64 = 12;
/// What most lists can be sorted by.
pub(super) const USUAL: &[Field] = &[Field::Id, Field::ModifiedOn, Field::CreatedOn];

/// What customers and locations cannot be looked for by.
const NO_PLACES: &[&str] = &["latitude", "longitude", "externalDataKey", "externalDataValues"];

/// Money as a decimal number of dollars.
pub(super) fn dollars(cents: i64) -> f64 {
    cents as f64 / 100.0
}

pub(super) fn address(address: &Address) -> Value {
    let (city, state, zip, near) = match &address.place {
        Place::Known(number) => {
            let town = &place::TOWNS[usize::from(*number) % place::TOWNS.len()];
            (town.city, town.state, town.zip, Some((town.latitude, town.longitude)))
        }
        Place::Said(said) => (said[0].as_str(), said[1].as_str(), said[2].as_str(), None),
    };
    // A house stands somewhere within a kilometre of the town's middle, always at the same spot.
    let spot = mix(address.street.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte))));
    let offset = |bits: u64| (bits % 20_000) as f64 / 1_000_000.0 - 0.01;
    let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
    json!({
        "street": address.street,
        "unit": address.unit,
        "city": city,
        "state": state,
        "zip": zip,
        "country": "USA",
        "latitude": near.map(|(it, _)| rounded(it + offset(spot))),
        "longitude": near.map(|(_, it)| rounded(it + offset(spot >> 20))),
    })
}

/// True if `wanted` is nothing, or part of `text` in any case.
pub(super) fn holds(text: &str, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| text.to_lowercase().contains(&wanted.to_lowercase()))
}

fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // The country's own number in front says nothing.
    if digits.len() == 11 { digits.trim_start_matches('1').to_owned() } else { digits }
}

/// What the parameters about an address ask for.
fn stands_at(place: &Address, query: &Query) -> bool {
    let names = ["street", "unit", "city", "state", "zip", "country"];
    let asked: Vec<(&str, &str)> = names.iter().filter_map(|name| Some((*name, query.text(name)?))).collect();
    if asked.is_empty() {
        return true;
    }
    let shown = address(place);
    asked.iter().all(|(name, wanted)| shown[*name].as_str().is_some_and(|text| holds(text, Some(wanted))))
}

impl Listed for Customer {
    const SORTS: &'static [Field] = USUAL;
    const UNSUPPORTED: &'static [&'static str] = NO_PLACES;

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "active": self.head.active,
            "name": self.name,
            "type": self.kind.word(),
            "address": address(&self.address),
            "customFields": [],
            "balance": dollars(self.balance_cents),
            "taxExempt": false,
            "tagTypeIds": self.tags,
            "doNotMail": self.do_not_mail,
            "doNotService": self.do_not_service,
            "nationalAccount": false,
            "createdOn": self.head.created,
            "createdById": USER,
            "modifiedOn": self.head.modified,
            "mergedToId": self.merged_to,
            "paymentTermId": null,
            "creditLimit": null,
            "creditLimitBalance": null,
            "externalData": [],
        })
    }

    fn filter<'a>(tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let reached = query.text("phone").map(|phone| {
            let wanted = digits(phone);
            let fits = |it: &&Contact| it.kind != ContactKind::Email && it.head.active && digits(&it.value) == wanted;
            tenant.contacts.iter().filter(fits).map(|it| it.customer).collect::<Vec<_>>()
        });
        Ok(Box::new(move |it| {
            holds(&it.name, query.text("name"))
                && reached.as_ref().is_none_or(|ids| ids.contains(&it.head.id))
                && stands_at(&it.address, query)
        }))
    }

    fn modified(&self, query: &Query) -> Stamp {
        let without_money = query.flag("excludeAccountingChangesFromModifiedDateRange");
        if matches!(without_money, Ok(Some(true))) { self.changed } else { self.head.modified }
    }
}

impl Listed for Contact {
    const SORTS: &'static [Field] = &[];
    const HAS_ACTIVE: bool = false;
    const HAS_IDS: bool = false;

    fn shape(&self, _tenant: &Tenant, form: Form) -> Value {
        let is_phone = self.kind != ContactKind::Email;
        let number = if is_phone { digits(&self.value) } else { String::new() };
        let mut shape = json!({
            "id": self.head.id,
            "type": self.kind.word(),
            "value": self.value,
            "memo": self.memo,
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
            "phoneSettings": { "phoneNumber": number, "doNotText": self.do_not_text },
            "preferences": {
                "jobRemindersEnabled": true,
                "marketingUpdatesEnabled": !self.do_not_text,
                "invoiceStatementNotification": !is_phone,
            },
        });
        if form != Form::Single {
            shape["customerId"] = self.customer.into();
        }
        if form == Form::Export {
            shape["active"] = self.head.active.into();
        }
        shape
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let customers = query.ids("customerIds")?;
        Ok(Box::new(move |it| customers.as_ref().is_none_or(|ids| ids.contains(&it.customer))))
    }
}

impl Listed for Location {
    const SORTS: &'static [Field] = USUAL;
    const UNSUPPORTED: &'static [&'static str] = NO_PLACES;

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "customerId": self.customer,
            "active": self.head.active,
            "name": self.name,
            "address": address(&self.address),
            "customFields": [],
            "createdOn": self.head.created,
            "createdById": USER,
            "modifiedOn": self.head.modified,
            "mergedToId": null,
            "zoneId": null,
            "taxZoneId": null,
            "taxExempt": false,
            "tagTypeIds": self.tags,
            "externalData": [],
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let customer = query.number("customerId")?;
        Ok(Box::new(move |it| {
            customer.is_none_or(|id| it.customer == id)
                && holds(&it.name, query.text("name"))
                && stands_at(&it.address, query)
        }))
    }
}

impl Listed for Note {
    const SORTS: &'static [Field] = &[];
    const HAS_ACTIVE: bool = false;
    const HAS_IDS: bool = false;

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head().id,
            "text": self.text,
            "isPinned": self.is_pinned,
            "createdById": USER,
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, _query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|_| true))
    }
}
