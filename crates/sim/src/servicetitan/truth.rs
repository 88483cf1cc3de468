//! What is so, without pages, filters and faults: what a hub is compared with, field by field.

use serde_json::{Value, json};

use super::list::{Form, Listed};
use crate::world::row::ContactKind;
use crate::world::table::Table;
use crate::world::{Kind, Tenant};

/// The rows that fit, as a feed would show them.
fn rows<R: Listed>(table: &Table<R>, tenant: &Tenant, fits: impl Fn(&R) -> bool) -> Vec<Value> {
    table.iter().filter(|row| fits(row)).map(|row| row.shape(tenant, Form::Export)).collect()
}

/// All rows of a kind, active or not, in the order of their numbers.
pub(crate) fn all(tenant: &Tenant, kind: Kind) -> Vec<Value> {
    let t = tenant;
    match kind {
        Kind::Customers => rows(&t.customers, t, |_| true),
        Kind::Contacts => rows(&t.contacts, t, |_| true),
        Kind::Locations => rows(&t.locations, t, |_| true),
        Kind::Notes => rows(&t.notes, t, |_| true),
        Kind::Jobs => rows(&t.jobs, t, |_| true),
        Kind::Appointments => rows(&t.appointments, t, |_| true),
        Kind::Assignments => rows(&t.assignments, t, |_| true),
        Kind::JobTypes => rows(&t.job_types, t, |_| true),
        Kind::Technicians => rows(&t.technicians, t, |_| true),
        Kind::Memberships => rows(&t.memberships, t, |_| true),
        Kind::MembershipTypes => rows(&t.membership_types, t, |_| true),
        Kind::Equipment => rows(&t.equipment, t, |_| true),
        Kind::TagTypes => rows(&t.tag_types, t, |_| true),
    }
}

/// One customer with all that is theirs; none if there is no such customer.
pub(crate) fn customer(tenant: &Tenant, id: i64) -> Option<Value> {
    let t = tenant;
    let customer = t.customers.get(id)?.shape(t, Form::Export);
    let jobs = rows(&t.jobs, t, |it| it.customer == id);
    let job_ids: Vec<i64> = t.jobs.ids(|it| it.customer == id);
    let numbers: Vec<String> = t
        .contacts
        .iter()
        .filter(|it| it.customer == id && it.kind != ContactKind::Email)
        .map(|it| it.value.chars().filter(char::is_ascii_digit).collect())
        .collect();
    let is_theirs = |number: &str| numbers.iter().any(|it| it.len() >= 10 && number.ends_with(&it[it.len() - 10..]));
    let opt_outs: Vec<&str> = t.opt_outs.iter().map(|it| it.number.as_str()).filter(|it| is_theirs(it)).collect();
    Some(json!({
        "customer": customer,
        "contacts": rows(&t.contacts, t, |it| it.customer == id),
        "locations": rows(&t.locations, t, |it| it.customer == id),
        "notes": rows(&t.notes, t, |it| it.customer == id),
        "jobs": jobs,
        "appointments": rows(&t.appointments, t, |it| it.customer == id),
        "assignments": rows(&t.assignments, t, |it| job_ids.binary_search(&it.job).is_ok()),
        "memberships": rows(&t.memberships, t, |it| it.customer == id),
        "equipment": rows(&t.equipment, t, |it| it.customer == id),
        "optOuts": opt_outs,
    }))
}

/// How many rows of each kind there are, deleted ones left out, inactive ones not.
pub(crate) fn counts(tenant: &Tenant) -> Value {
    let t = tenant;
    json!({
        "customers": t.customers.len(),
        "contacts": t.contacts.len(),
        "locations": t.locations.len(),
        "notes": t.notes.len(),
        "jobs": t.jobs.len(),
        "appointments": t.appointments.len(),
        "assignments": t.assignments.len(),
        "job_types": t.job_types.len(),
        "technicians": t.technicians.len(),
        "memberships": t.memberships.len(),
        "membership_types": t.membership_types.len(),
        "equipment": t.equipment.len(),
        "tag_types": t.tag_types.len(),
        "opt_outs": t.opt_outs.len(),
    })
}
