//! What an office changes from minute to minute, drawn at random.

use super::super::edit::{Edit, NewCustomer};
use super::super::row::{ContactKind, JobStatus};
use super::super::table::{Row, Table};
use super::super::tenant::Tenant;
use super::{name, place};
use crate::random::Random;

/// How often a row is drawn again when the drawn one does not fit, before giving up.
const DRAWS: usize = 16;

/// Something that happens.
pub enum Drift {
    /// A row changes.
    Edit(Edit),
    /// Somebody new calls.
    Customer(NewCustomer),
    /// A job is booked.
    Job {
        /// For whom.
        customer: i64,
        /// Where.
        location: i64,
        /// About what.
        summary: String,
    },
}

/// One thing that happens at a business; none if it has no row for it.
pub fn drift(tenant: &Tenant, random: &mut Random) -> Option<Drift> {
    let edit = match random.below(100) {
        0..=14 => return Some(Drift::Customer(somebody(random))),
        15..=34 => {
            let home = any(&tenant.locations, random, |it| it.head.active)?;
            let summary = (*random.of(name::SUMMARIES)).to_owned();
            return Some(Drift::Job { customer: home.customer, location: home.head.id, summary });
        }
        35..=59 => {
            let is_open = |status| matches!(status, JobStatus::Scheduled | JobStatus::Dispatched | JobStatus::Hold);
            let job = any(&tenant.jobs, random, |it| is_open(it.status))?.head.id;
            Edit::CompleteJob { job, total_cents: random.between(9_900, 900_000) }
        }
        60..=69 => {
            let customer = any(&tenant.customers, random, |it| it.head.active)?.head.id;
            let name = format!("{} {}", random.of(name::GIVEN).0, random.of(name::FAMILY));
            Edit::Rename { customer, name }
        }
        70..=79 => {
            let contact = any(&tenant.contacts, random, |it| it.head.active && it.kind != ContactKind::Email)?.head.id;
            Edit::SetContact { contact, value: phone(random) }
        }
        80..=89 => {
            let customer = any(&tenant.customers, random, |_| true)?.head.id;
            Edit::SetBalance { customer, cents: random.between(-2_000, 80_000) }
        }
        90..=92 => {
            let from = any(&tenant.customers, random, |it| it.head.active)?.head.id;
            let into = any(&tenant.customers, random, |it| it.head.active && it.head.id != from)?.head.id;
            Edit::Merge { from, into }
        }
        93..=94 => {
            let customer = any(&tenant.customers, random, |_| true)?;
            Edit::SetActive { customer: customer.head.id, active: !customer.head.active }
        }
        95..=97 => {
            let location = any(&tenant.locations, random, |_| true)?.head.id;
            let street = format!("{} {}", random.between(1, 899), random.of(place::STREETS));
            Edit::MoveLocation { location, street }
        }
        _ => Edit::DeleteContact { contact: any(&tenant.contacts, random, |it| it.head.active)?.head.id },
    };
    Some(Drift::Edit(edit))
}

fn any<'a, R: Row>(table: &'a Table<R>, random: &mut Random, fits: impl Fn(&R) -> bool) -> Option<&'a R> {
    let places = table.places() as u64;
    let draw = |random: &mut Random| table.nth(random.below(places) as usize).filter(|row| fits(row));
    (0..DRAWS).find_map(|_| draw(random))
}

fn phone(random: &mut Random) -> String {
    // An exchange that is neither 555 nor ends in 11.
    format!("{}{}{:04}", random.of(place::AREA_CODES), 600 + random.below(11), random.below(10_000))
}

fn somebody(random: &mut Random) -> NewCustomer {
    let town = random.of(place::TOWNS);
    NewCustomer {
        name: format!("{} {}", random.of(name::GIVEN).0, random.of(name::FAMILY)),
        kind: super::super::row::CustomerKind::Residential,
        street: format!("{} {}", random.between(1, 899), random.of(place::STREETS)),
        unit: None,
        city: town.city.to_owned(),
        state: town.state.to_owned(),
        zip: town.zip.to_owned(),
        contacts: vec![(ContactKind::MobilePhone, phone(random))],
    }
}
