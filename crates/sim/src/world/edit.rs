//! What people in a business' office do, and what each of it does to the rows and their stamps.

use serde::Deserialize;

use super::row::{
    Address, Appointment, AppointmentStatus, Assignment, Contact, ContactKind, Customer, CustomerKind, Job, JobStatus,
    Location, MembershipStatus, Note, OptOut, Place, Priority,
};
use super::table::{Head, Row, Table};
use super::tenant::Tenant;
use crate::stamp::{Stamp, TICKS_PER_SECOND};

/// When a new job's appointment begins and ends after it was booked, in hours.
const NEXT_VISIT_HOURS: (i64, i64) = (24, 26);

/// A customer that somebody enters.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NewCustomer {
    /// The display name.
    pub name: String,
    /// Household or business.
    #[serde(default = "residential")]
    pub kind: CustomerKind,
    /// Number and street.
    pub street: String,
    /// Apartment or suite.
    #[serde(default)]
    pub unit: Option<String>,
    /// City.
    pub city: String,
    /// Two letters.
    pub state: String,
    /// Five digits, or nine.
    pub zip: String,
    /// Phones and e-mail addresses.
    #[serde(default)]
    pub contacts: Vec<(ContactKind, String)>,
}

fn residential() -> CustomerKind {
    CustomerKind::Residential
}

impl NewCustomer {
    fn address(&self) -> Address {
        Address {
            street: self.street.as_str().into(),
            unit: self.unit.as_deref().map(Into::into),
            place: Place::Said(Box::new([self.city.clone(), self.state.clone(), self.zip.clone()])),
        }
    }
}

/// The kinds of rows, for edits that any row may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named as the tables of a tenant")]
pub enum Kind {
    Customers,
    Contacts,
    Locations,
    Notes,
    Jobs,
    Appointments,
    Assignments,
    JobTypes,
    Technicians,
    Memberships,
    MembershipTypes,
    Equipment,
    TagTypes,
}

/// One thing that somebody does. As JSON: `{"do": "rename", "customer": 1000001, "name": "Ada Marsh"}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[allow(missing_docs, reason = "fields are ids of the rows that they are named for, and new values")]
pub enum Edit {
    /// Another display name.
    Rename { customer: i64, name: String },
    /// Another street for bills.
    MoveCustomer { customer: i64, street: String },
    /// Another street of a service address.
    MoveLocation { location: i64, street: String },
    /// Money came in or is owed: changes `modifiedOn`, too.
    SetBalance { customer: i64, cents: i64 },
    /// Not served any more, or again.
    SetActive { customer: i64, active: bool },
    /// One customer of two: `into` takes locations, jobs, memberships and equipment, `from` stays behind, inactive.
    Merge { from: i64, into: i64 },
    /// A tag on a customer.
    Tag { customer: i64, tag: i64 },
    /// A tag taken off.
    Untag { customer: i64, tag: i64 },
    /// Another number or address in a contact. Does not touch the customer's stamp.
    SetContact { contact: i64, value: String },
    /// Texts to this contact are refused, or not.
    SetDoNotText { contact: i64, refused: bool },
    /// A contact is deleted: lists forget it, the feed says that it is inactive.
    DeleteContact { contact: i64 },
    /// A job is done.
    CompleteJob { job: i64, total_cents: i64 },
    /// A job will not be done.
    CancelJob { job: i64 },
    /// A membership stands otherwise.
    SetMembership { membership: i64, status: MembershipStatus },
    /// A number in E.164 that is not to be texted.
    OptOut { number: String },
    /// A number that may be texted again.
    OptIn { number: String },
    /// Deleted without a trace.
    Delete { kind: Kind, id: i64 },
    /// The first `count` rows of a kind get one and the same stamp, as by a bulk change.
    Restamp { kind: Kind, count: usize },
    #[serde(skip)]
    /// Through [`super::World::add_customer`].
    AddCustomer { customer: i64, location: i64, contacts: Vec<i64>, new: NewCustomer },
    #[serde(skip)]
    /// Through [`super::World::add_contact`].
    AddContact { contact: i64, customer: i64, kind: ContactKind, value: String },
    #[serde(skip)]
    /// Through [`super::World::add_job`].
    AddJob { job: i64, appointment: i64, assignment: i64, customer: i64, location: i64, summary: String },
    #[serde(skip)]
    /// Through the upstream's own door.
    AddNote { note: i64, customer: i64, text: String, is_pinned: bool, touches: bool },
}

impl Tenant {
    /// Does it, stamped `at`; false if there is no such row.
    pub(super) fn apply(&mut self, edit: Edit, at: Stamp) -> bool {
        match edit {
            Edit::Rename { customer, name } => self.customer(customer, at, |it| it.name = name.into()),
            Edit::MoveCustomer { customer, street } => {
                self.customer(customer, at, |it| it.address.street = street.into())
            }
            Edit::MoveLocation { location, street } => {
                self.locations.touch(location, at, |it| it.address.street = street.into())
            }
            Edit::SetBalance { customer, cents } => self.customers.touch(customer, at, |it| it.balance_cents = cents),
            Edit::SetActive { customer, active } => self.customer(customer, at, |it| it.head.active = active),
            Edit::Merge { from, into } => self.merge(from, into, at),
            Edit::Tag { customer, tag } => self.tag(customer, tag, true, at),
            Edit::Untag { customer, tag } => self.tag(customer, tag, false, at),
            Edit::SetContact { contact, value } => self.contacts.touch(contact, at, |it| it.value = value.into()),
            Edit::SetDoNotText { contact, refused } => self.contacts.touch(contact, at, |it| it.do_not_text = refused),
            Edit::DeleteContact { contact } => self.contacts.touch(contact, at, |it| it.head.active = false),
            Edit::CompleteJob { job, total_cents } => self.end_job(job, JobStatus::Completed, Some(total_cents), at),
            Edit::CancelJob { job } => self.end_job(job, JobStatus::Canceled, None, at),
            Edit::SetMembership { membership, status } => self.memberships.touch(membership, at, |it| {
                it.status = status;
                it.head.active = status != MembershipStatus::Deleted;
            }),
            Edit::OptOut { number } => self.opt_out(number, true),
            Edit::OptIn { number } => self.opt_out(number, false),
            Edit::Delete { kind, id } => self.delete(kind, id, at),
            Edit::Restamp { kind, count } => self.restamp(kind, count, at),
            Edit::AddCustomer { customer, location, contacts, new } => {
                self.add_customer((customer, location), &contacts, &new, at)
            }
            Edit::AddContact { contact, customer, kind, value } => {
                self.add_contact(contact, customer, kind, &value, at)
            }
            Edit::AddJob { job, appointment, assignment, customer, location, summary } => {
                self.add_job((job, appointment, assignment), (customer, location), &summary, at)
            }
            Edit::AddNote { note, customer, text, is_pinned, touches } => {
                self.notes.add(Note { head: Head::new(note, at), customer, text: text.into(), is_pinned });
                !touches || self.customer(customer, at, |_| {})
            }
        }
    }

    /// A change of a customer that is more than money.
    fn customer(&mut self, id: i64, at: Stamp, change: impl FnOnce(&mut Customer)) -> bool {
        self.customers.touch(id, at, |it| {
            change(it);
            it.changed = at;
        })
    }

    fn tag(&mut self, customer: i64, tag: i64, is_on: bool, at: Stamp) -> bool {
        self.customer(customer, at, |it| {
            let mut tags: Vec<i64> = it.tags.iter().copied().filter(|had| *had != tag).collect();
            if is_on {
                tags.push(tag);
            }
            it.tags = tags.into();
        })
    }

    fn merge(&mut self, from: i64, into: i64, at: Stamp) -> bool {
        if from == into || self.customers.get(from).is_none() || self.customers.get(into).is_none() {
            return false;
        }
        for id in self.locations.ids(|it| it.customer == from) {
            self.locations.touch(id, at, |it| it.customer = into);
        }
        for id in self.jobs.ids(|it| it.customer == from) {
            self.jobs.touch(id, at, |it| it.customer = into);
        }
        for id in self.appointments.ids(|it| it.customer == from) {
            self.appointments.touch(id, at, |it| it.customer = into);
        }
        for id in self.memberships.ids(|it| it.customer == from) {
            self.memberships.touch(id, at, |it| it.customer = into);
        }
        for id in self.equipment.ids(|it| it.customer == from) {
            self.equipment.touch(id, at, |it| it.customer = into);
        }
        self.customer(into, at, |_| {});
        self.customer(from, at, |it| {
            it.head.active = false;
            it.merged_to = Some(into);
        })
    }

    fn end_job(&mut self, job: i64, status: JobStatus, total_cents: Option<i64>, at: Stamp) -> bool {
        let visit = if status == JobStatus::Completed { AppointmentStatus::Done } else { AppointmentStatus::Canceled };
        for id in self.appointments.ids(|it| it.job == job && it.status != AppointmentStatus::Done) {
            self.appointments.touch(id, at, |it| it.status = visit);
        }
        for id in self.assignments.ids(|it| it.job == job) {
            self.assignments.touch(id, at, |it| it.status = visit);
        }
        self.jobs.touch(job, at, |it| {
            it.status = status;
            it.total_cents = total_cents.or(it.total_cents);
            it.completed = (status == JobStatus::Completed).then_some(at);
        })
    }

    fn opt_out(&mut self, number: String, is_out: bool) -> bool {
        let before = self.opt_outs.len();
        self.opt_outs.retain(|it| it.number != number);
        if is_out {
            self.opt_outs.push(OptOut { number, is_marketing_only: false });
        }
        is_out || self.opt_outs.len() < before
    }

    fn delete(&mut self, kind: Kind, id: i64, at: Stamp) -> bool {
        fn gone<R: Row>(table: &mut Table<R>, id: i64, at: Stamp) -> bool {
            table.touch(id, at, |it| it.head_mut().gone = true)
        }
        match kind {
            Kind::Customers => gone(&mut self.customers, id, at),
            Kind::Contacts => gone(&mut self.contacts, id, at),
            Kind::Locations => gone(&mut self.locations, id, at),
            Kind::Notes => gone(&mut self.notes, id, at),
            Kind::Jobs => gone(&mut self.jobs, id, at),
            Kind::Appointments => gone(&mut self.appointments, id, at),
            Kind::Assignments => gone(&mut self.assignments, id, at),
            Kind::JobTypes => gone(&mut self.job_types, id, at),
            Kind::Technicians => gone(&mut self.technicians, id, at),
            Kind::Memberships => gone(&mut self.memberships, id, at),
            Kind::MembershipTypes => gone(&mut self.membership_types, id, at),
            Kind::Equipment => gone(&mut self.equipment, id, at),
            Kind::TagTypes => gone(&mut self.tag_types, id, at),
        }
    }

    fn restamp(&mut self, kind: Kind, count: usize, at: Stamp) -> bool {
        fn first<R: Row>(table: &mut Table<R>, count: usize, at: Stamp) -> bool {
            let ids: Vec<i64> = table.iter().take(count).map(|it| it.head().id).collect();
            let is_enough = ids.len() == count;
            for id in ids {
                table.touch(id, at, |_| {});
            }
            is_enough
        }
        match kind {
            Kind::Customers => first(&mut self.customers, count, at),
            Kind::Contacts => first(&mut self.contacts, count, at),
            Kind::Locations => first(&mut self.locations, count, at),
            Kind::Notes => first(&mut self.notes, count, at),
            Kind::Jobs => first(&mut self.jobs, count, at),
            Kind::Appointments => first(&mut self.appointments, count, at),
            Kind::Assignments => first(&mut self.assignments, count, at),
            Kind::JobTypes => first(&mut self.job_types, count, at),
            Kind::Technicians => first(&mut self.technicians, count, at),
            Kind::Memberships => first(&mut self.memberships, count, at),
            Kind::MembershipTypes => first(&mut self.membership_types, count, at),
            Kind::Equipment => first(&mut self.equipment, count, at),
            Kind::TagTypes => first(&mut self.tag_types, count, at),
        }
    }

    fn add_customer(&mut self, ids: (i64, i64), contacts: &[i64], new: &NewCustomer, at: Stamp) -> bool {
        let (customer, location) = ids;
        self.customers.add(Customer {
            head: Head::new(customer, at),
            name: new.name.as_str().into(),
            kind: new.kind,
            address: new.address(),
            balance_cents: 0,
            changed: at,
            tags: Box::default(),
            do_not_mail: false,
            do_not_service: false,
            merged_to: None,
        });
        self.locations.add(Location {
            head: Head::new(location, at),
            customer,
            name: new.name.as_str().into(),
            address: new.address(),
            tags: Box::default(),
        });
        for (contact, (kind, value)) in contacts.iter().zip(&new.contacts) {
            self.add_contact(*contact, customer, *kind, value, at);
        }
        true
    }

    fn add_contact(&mut self, id: i64, customer: i64, kind: ContactKind, value: &str, at: Stamp) -> bool {
        let (value, memo) = (value.into(), None);
        self.contacts.add(Contact { head: Head::new(id, at), customer, kind, value, memo, do_not_text: false });
        true
    }

    fn add_job(&mut self, ids: (i64, i64, i64), whose: (i64, i64), summary: &str, at: Stamp) -> bool {
        let (job, appointment, assignment) = ids;
        let (customer, location) = whose;
        let first_of = |id: Option<i64>| id.unwrap_or_default();
        let kind = first_of(self.job_types.iter().next().map(|it| it.head.id));
        let technician = first_of(self.technicians.iter().next().map(|it| it.head.id));
        let hours = |hours: i64| Stamp(at.0 + hours * 3600 * TICKS_PER_SECOND);
        self.jobs.add(Job {
            head: Head::new(job, at),
            customer,
            location,
            kind,
            status: JobStatus::Scheduled,
            priority: Priority::Normal,
            summary: Some(summary.into()),
            completed: None,
            total_cents: None,
            tags: Box::default(),
            appointments: 1,
            first_appointment: appointment,
            last_appointment: appointment,
        });
        let (start, end) = (hours(NEXT_VISIT_HOURS.0), hours(NEXT_VISIT_HOURS.1));
        let status = AppointmentStatus::Scheduled;
        self.appointments.add(Appointment {
            head: Head::new(appointment, at),
            job,
            customer,
            number: 1,
            start,
            end,
            status,
        });
        self.assignments.add(Assignment { head: Head::new(assignment, at), technician, job, appointment, status });
        true
    }
}
