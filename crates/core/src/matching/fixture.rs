//! Contact records for tests of matching, identity and survivorship.

use uuid::Uuid;

use crate::address::Address;
use crate::contact::{Contact, ContactRecord};
use crate::customer::Field;
use crate::email::Email;
use crate::id::{DecisionId, PinId, RecordId};
use crate::identity::{Decision, Verb};
use crate::name::Name;
use crate::phone::Phone;
use crate::pin::Pin;
use crate::record::Source;
use crate::tenant::Actor;
use crate::time::Timestamp;

/// The id of the record made `number`th: ids ascend with the number.
pub(crate) fn record_id(number: u32) -> RecordId {
    RecordId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)))
}

/// An imported record made `number`th, with a source key of its own, that says nothing yet.
pub(crate) fn record(number: u32) -> ContactRecord {
    ContactRecord {
        id: record_id(number),
        source: Source::PhoneHistory,
        import: None,
        source_key: format!("phone_history:contacts:c{number}"),
        created_at: at(1_000 + i64::from(number)),
        contact: Contact::default(),
    }
}

/// An instant by seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// A decision made `number`th between the records of two numbers.
pub(crate) fn decision(number: u32, verb: Verb, a: u32, b: u32) -> Decision {
    Decision { id: DecisionId::from_uuid(record_id(number).uuid()), verb, a: record_id(a), b: record_id(b) }
}

/// A pin made `number`th, at that second, on the record of a number.
pub(crate) fn pin(number: u32, record: u32, field: Field, value: Option<&str>) -> Pin {
    Pin {
        id: PinId::from_uuid(record_id(number).uuid()),
        record: record_id(record),
        field,
        value: value.map(str::to_owned),
        actor: Actor::Operator("jo".to_owned()),
        pinned_at: at(i64::from(number)),
    }
}

impl ContactRecord {
    /// With a name; blank for none.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.contact.name = (!name.is_empty()).then(|| Name::parse(name)).flatten();
        self
    }

    /// With a company.
    pub(crate) fn of_company(mut self, company: &str) -> Self {
        self.contact.company = Some(company.to_owned());
        self
    }

    /// With one more phone, in E.164.
    pub(crate) fn phone(mut self, e164: &str) -> Self {
        self.contact.phones.push(Phone::from_normal(e164.to_owned()));
        self
    }

    /// With one more e-mail address, in its normal form.
    pub(crate) fn email(mut self, address: &str) -> Self {
        self.contact.emails.push(Email::from_normal(address.to_owned()));
        self
    }

    /// With one more address.
    pub(crate) fn living_at(mut self, address: &str) -> Self {
        self.contact.addresses.extend(Address::parse(address));
        self
    }

    /// As another saying of the upstream object `key`.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.source_key = format!("phone_history:contacts:{key}");
        self
    }

    /// As entered by hand.
    pub(crate) fn by_hand(mut self) -> Self {
        self.source = Source::Hub;
        self
    }

    /// As first and last seen at these seconds.
    pub(crate) fn seen(mut self, first: i64, last: i64) -> Self {
        self.contact.first_seen_at = Some(at(first));
        self.contact.last_seen_at = Some(at(last));
        self
    }
}
