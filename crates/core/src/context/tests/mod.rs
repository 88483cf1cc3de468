#![allow(clippy::unwrap_used)]

mod again;
pub(super) mod customers;
mod document;
mod fit;
pub(super) mod hostile;
mod levels;
mod rows;
mod shape;

use super::*;
use crate::address::Address;
use crate::consent::{DoNotText, SaidBy};
use crate::conversation::{Call, Channel, Direction, Message};
use crate::customer::{Field as Chosen, Identity, Provenance, Rule};
use crate::equipment::Equipment;
use crate::identifier::{Identifier, IdentifierKind};
use crate::job::{Appointment, Job, JobStatus};
use crate::matching::fixture::{record, record_id};
use crate::membership::{Membership, MembershipStatus};
use crate::money::Money;
use crate::phone::Phone;
use crate::property::Property;
use crate::record::Source;
use crate::survivorship::golden;
use crate::tenant::TenantId;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Monday morning in Quincy, the day after the clocks went forward.
fn now() -> Timestamp {
    instant("2025-03-10T15:00:00Z")
}

fn tenant() -> Tenant {
    Tenant {
        id: TenantId::from_number(1),
        name: "Quincy Plumbing".to_owned(),
        time_zone: "America/New_York".parse().unwrap(),
        country: Region::US,
        own_numbers: Vec::new(),
        created_at: instant("2020-01-01T00:00:00Z"),
    }
}

pub(super) fn told(known: &Known, level: Assurance) -> CustomerContext {
    CustomerContext::of(known, level, now(), &tenant())
}

fn row<T>(key: &str, value: T) -> Row<T> {
    Row { source: Source::ServiceTitan, key: key.to_owned(), value }
}

fn said_in(source: Source) -> Provenance {
    let said_at = instant("2025-01-01T00:00:00Z");
    Provenance { record: record_id(1), source, said_at, rule: Rule::OnlyValue, pin: None, pinned_by: None }
}

fn identity(kind: IdentifierKind, value: &str) -> Identity {
    Identity {
        identifier: Identifier { kind, value: value.to_owned() },
        source: Source::ServiceTitan,
        record: record_id(1),
        first_seen_at: instant("2024-01-01T00:00:00Z"),
        last_seen_at: instant("2025-01-01T00:00:00Z"),
        verified: false,
    }
}

/// A customer of ServiceTitan, read to its end five minutes ago.
fn person(name: &str, phone: &str, email: Option<&str>) -> Known {
    let seen = instant("2024-02-01T00:00:00Z").micros() / 1_000_000;
    let mut record = record(1).named(name).phone(phone).seen(seen, seen + 86_400);
    record.source = Source::ServiceTitan;
    let record = email.into_iter().fold(record, |record, email| record.email(email));
    let mut known = Known::new(golden(&[&record], &[]).unwrap());
    known.read_at = [(Source::ServiceTitan, now().plus_seconds(-300))].into();
    known
}

fn membership(name: &str, from: &str, to: Option<&str>) -> Membership {
    Membership {
        customer_key: "c1".to_owned(),
        property_key: None,
        type_name: Some(name.to_owned()),
        status: Some(MembershipStatus::Active),
        from: from.parse().ok(),
        to: to.and_then(|day| day.parse().ok()),
        canceled_on: None,
        is_active: true,
    }
}

fn property(address: &str) -> Property {
    Property { customer_key: "c1".to_owned(), name: None, address: Address::parse(address), is_active: true }
}

fn heater(property: &str, installed: &str) -> Equipment {
    Equipment {
        property_key: property.to_owned(),
        customer_key: None,
        name: Some("Tank".to_owned()),
        kind: Some("Water heater".to_owned()),
        manufacturer: Some("Rheem".to_owned()),
        model: None,
        serial_number: None,
        installed_on: installed.parse().ok(),
        replaced_on: None,
        warranty_ends_on: None,
        service_warranty_ends_on: None,
        memo: None,
        status: None,
        is_active: true,
    }
}

fn issue(property: &str, text: &str) -> Issue {
    Issue { source: Source::ServiceTitan, property_key: property.to_owned(), text: text.to_owned() }
}

fn waiting(what: &str) -> Job {
    Job {
        customer_key: "c1".to_owned(),
        property_key: Some("p1".to_owned()),
        number: Some("10452".to_owned()),
        status: Some(JobStatus::Hold),
        type_name: Some(what.to_owned()),
        summary: None,
        booked_at: Some(instant("2025-02-20T15:00:00Z")),
        completed_at: None,
        total: None,
        appointments: Vec::new(),
        technicians: Vec::new(),
        is_active: true,
    }
}

fn done(what: &str, at: &str, cents: i64) -> Job {
    Job {
        status: Some(JobStatus::Completed),
        completed_at: Some(instant(at)),
        booked_at: None,
        total: Some(Money::from_cents(cents)),
        technicians: vec!["Mike Reyes".to_owned()],
        ..waiting(what)
    }
}

fn booked(what: &str, from: &str, until: &str) -> Job {
    let visit = Appointment {
        key: format!("a-{what}"),
        starts_at: Some(instant(from)),
        ends_at: Some(instant(until)),
        window_starts_at: Some(instant(from)),
        window_ends_at: Some(instant(until)),
        status: Some(crate::job::AppointmentStatus::Scheduled),
        technicians: vec!["Mike Reyes".to_owned()],
    };
    Job { status: Some(JobStatus::Scheduled), appointments: vec![visit], ..waiting(what) }
}

fn forbidden(phone: &str, said_by: SaidBy) -> DoNotText {
    DoNotText { phone: Phone::from_normal(phone.to_owned()), said_by }
}

fn text_message(number: u32, direction: Direction, at: &str, body: &str) -> Written {
    let uuid = record_id(number).uuid();
    Written {
        source: Source::ServiceTitan,
        channel: Channel::Sms,
        message: Message {
            id: crate::Id::from_uuid(uuid),
            conversation_id: crate::Id::from_uuid(uuid),
            direction,
            from: None,
            to: None,
            body: body.to_owned(),
            sent_at: instant(at),
            status: None,
            attachments: Vec::new(),
        },
    }
}

fn call(number: u32, at: &str, status: Option<&str>, seconds: Option<i64>, voicemail: Option<&str>) -> Called {
    Called {
        source: Source::PhoneHistory,
        call: Call {
            id: crate::Id::from_uuid(record_id(number).uuid()),
            direction: Direction::Inbound,
            from: None,
            to: None,
            started_at: instant(at),
            duration_seconds: seconds,
            status: status.map(str::to_owned),
            voicemail_text: voicemail.map(str::to_owned),
        },
    }
}
