//! The paths of ServiceTitan that Doorstep asks for, and nothing else.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::list::{Form, Listed, page, page_of};
use super::query::{Narrow, Query};
use super::refusal::Refusal;
use super::{Asked, Upstream, export};
use crate::world::row::OptOut;
use crate::world::table::Table;
use crate::world::{Edit, Tenant};

impl Upstream<'_> {
    pub(super) fn door(
        &mut self,
        asked: &Asked<'_>,
        (module, version): (&str, &str),
        number: i64,
        rest: &[&str],
    ) -> Result<Value, Refusal> {
        let is_telecom = module == "telecom";
        if version != if is_telecom { "v3" } else { "v2" } {
            return Err(Refusal::not_found());
        }
        let query = Query::parse(asked.query);
        if *asked.method == Method::GET {
            return self.read((module, rest), number, &query);
        }
        match (asked.method.as_str(), module, rest) {
            ("POST", "crm", ["customers", id, "notes"]) => self.add_note(asked, number, id),
            ("POST", "crm", ["customers", id, "tags", tag]) => self.tag(number, (id, tag), true),
            ("DELETE", "crm", ["customers", id, "tags", tag]) => self.tag(number, (id, tag), false),
            _ => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")),
        }
    }

    fn read(&self, (module, rest): (&str, &[&str]), number: i64, query: &Query) -> Result<Value, Refusal> {
        let tenant = self.world.tenant(number).ok_or_else(Refusal::not_found)?;
        match module {
            "crm" => self.people(tenant, query, rest),
            "jpm" | "dispatch" => self.work(tenant, query, (module, rest)),
            _ => self.trade(tenant, query, (module, rest)),
        }
    }

    fn people(&self, t: &Tenant, q: &Query, rest: &[&str]) -> Result<Value, Refusal> {
        let moods = self.moods;
        match rest {
            ["customers"] => page(&t.customers, t, q, moods),
            ["customers", "contacts"] => self.all_contacts(t, q),
            ["customers", id] => single(&t.customers, t, id),
            ["customers", id, "contacts"] => self.contacts(t, q, id),
            ["customers", id, "notes"] => {
                let id = known(&t.customers, id)?;
                page_of(&t.notes, t, q, (&q.narrow(false, false)?, Form::List), &|it| it.customer == id, moods)
            }
            ["locations"] => page(&t.locations, t, q, moods),
            ["locations", id] => single(&t.locations, t, id),
            ["export", "customers"] => self.feed(&t.customers, t, q, "customers"),
            ["export", "customers", "contacts"] => self.feed(&t.contacts, t, q, "contacts"),
            ["export", "locations"] => self.feed(&t.locations, t, q, "locations"),
            _ => Err(Refusal::not_found()),
        }
    }

    fn work(&self, t: &Tenant, q: &Query, (module, rest): (&str, &[&str])) -> Result<Value, Refusal> {
        let moods = self.moods;
        match (module, rest) {
            ("jpm", ["jobs"]) => page(&t.jobs, t, q, moods),
            ("jpm", ["jobs", id]) => single(&t.jobs, t, id),
            ("jpm", ["export", "jobs"]) => self.feed(&t.jobs, t, q, "jobs"),
            ("jpm", ["appointments"]) => page(&t.appointments, t, q, moods),
            ("jpm", ["appointments", id]) => single(&t.appointments, t, id),
            ("jpm", ["export", "appointments"]) => self.feed(&t.appointments, t, q, "appointments"),
            ("jpm", ["job-types"]) => page(&t.job_types, t, q, moods),
            ("jpm", ["job-types", id]) => single(&t.job_types, t, id),
            ("dispatch", ["appointment-assignments"]) => page(&t.assignments, t, q, moods),
            ("dispatch", ["export", "appointment-assignments"]) => self.feed(&t.assignments, t, q, "assignments"),
            _ => Err(Refusal::not_found()),
        }
    }

    fn trade(&self, t: &Tenant, q: &Query, (module, rest): (&str, &[&str])) -> Result<Value, Refusal> {
        let moods = self.moods;
        match (module, rest) {
            ("settings", ["technicians"]) => page(&t.technicians, t, q, moods),
            ("settings", ["technicians", id]) => single(&t.technicians, t, id),
            ("settings", ["export", "technicians"]) => self.feed(&t.technicians, t, q, "technicians"),
            ("settings", ["tag-types"]) => page(&t.tag_types, t, q, moods),
            ("settings", ["export", "tag-types"]) => self.feed(&t.tag_types, t, q, "tag-types"),
            ("memberships", ["memberships"]) => page(&t.memberships, t, q, moods),
            ("memberships", ["memberships", id]) => single(&t.memberships, t, id),
            ("memberships", ["export", "memberships"]) => self.feed(&t.memberships, t, q, "memberships"),
            ("memberships", ["membership-types"]) => page(&t.membership_types, t, q, moods),
            ("memberships", ["membership-types", id]) => single(&t.membership_types, t, id),
            ("memberships", ["export", "membership-types"]) => self.feed(&t.membership_types, t, q, "membership-types"),
            ("equipmentsystems", ["installed-equipment"]) => page(&t.equipment, t, q, moods),
            ("equipmentsystems", ["installed-equipment", id]) => single(&t.equipment, t, id),
            ("equipmentsystems", ["export", "installed-equipment"]) => self.feed(&t.equipment, t, q, "equipment"),
            ("telecom", ["optinouts", "optouts"]) => Ok(opt_outs(t)),
            _ => Err(Refusal::not_found()),
        }
    }

    fn feed<R: Listed>(&self, table: &Table<R>, tenant: &Tenant, query: &Query, name: &str) -> Result<Value, Refusal> {
        export::page(table, tenant, name, query, (self.world.now(), self.export_size))
    }

    /// Contacts of many customers: there must be a bound, or customers.
    fn all_contacts(&self, tenant: &Tenant, query: &Query) -> Result<Value, Refusal> {
        let narrow = query.narrow(false, false)?;
        if query.text("customerIds").is_none() && !narrow.is_timed() {
            return Err(Refusal::field("customerIds", "Either customerIds or a date range must be provided."));
        }
        page_of(&tenant.contacts, tenant, query, (&narrow, Form::List), &|_| true, self.moods)
    }

    fn contacts(&self, tenant: &Tenant, query: &Query, id: &str) -> Result<Value, Refusal> {
        let id = known(&tenant.customers, id)?;
        let is_merged = tenant.customers.get(id).is_some_and(|it| it.merged_to.is_some());
        if is_merged && !self.tells_merged_contacts {
            return Err(Refusal::not_found());
        }
        // This list has no parameters but for the page.
        page_of(&tenant.contacts, tenant, query, (&Narrow::active(), Form::Single), &|it| it.customer == id, self.moods)
    }

    fn add_note(&mut self, asked: &Asked<'_>, number: i64, id: &str) -> Result<Value, Refusal> {
        let tenant = self.world.tenant_mut(number).ok_or_else(Refusal::not_found)?;
        let customer = known(&tenant.customers, id)?;
        if asked.content_type() != "application/json" {
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"));
        }
        let body = asked.json().ok_or_else(|| Refusal::field("request", "The request field is required."))?;
        let text = body["text"].as_str().filter(|text| !text.trim().is_empty());
        let missing = || Refusal::field("text", "Required property 'text' not found in JSON.");
        let text = text.ok_or_else(missing)?.to_owned();
        let is_pinned = body["pinToTop"].as_bool().unwrap_or(false);
        let note = tenant.notes.reserve_id();
        let touches = self.notes_touch_customers;
        let now = self.world.now();
        self.world.edit(number, Edit::AddNote { note, customer, text: text.clone(), is_pinned, touches });
        Ok(json!({
            "id": note,
            "text": text,
            "isPinned": is_pinned,
            "createdById": super::shape::USER,
            "createdOn": now,
            "modifiedOn": now,
        }))
    }

    fn tag(&mut self, number: i64, (id, tag): (&str, &str), is_on: bool) -> Result<Value, Refusal> {
        let tenant = self.world.tenant(number).ok_or_else(Refusal::not_found)?;
        let customer = known(&tenant.customers, id)?;
        let tag = known(&tenant.tag_types, tag)?;
        let mut tags = tenant.customers.get(customer).map(|it| it.tags.to_vec()).unwrap_or_default();
        if tags.contains(&tag) == is_on {
            let status = if is_on { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
            return Err(Refusal::new(status, if is_on { "The tag is there already." } else { "Not Found" }));
        }
        self.world.edit(number, if is_on { Edit::Tag { customer, tag } } else { Edit::Untag { customer, tag } });
        if !is_on {
            return Ok(Value::Null);
        }
        tags.push(tag);
        Ok(json!({ "customerId": customer, "tagTypeIds": tags }))
    }
}

/// The number in a path, if there is such a row.
fn known<R: Listed>(table: &Table<R>, id: &str) -> Result<i64, Refusal> {
    let wrong = || Refusal::field("id", &format!("The value '{id}' is not valid."));
    let id: i64 = id.parse().map_err(|_| wrong())?;
    table.get(id).map(|_| id).ok_or_else(Refusal::not_found)
}

fn single<R: Listed>(table: &Table<R>, tenant: &Tenant, id: &str) -> Result<Value, Refusal> {
    let id = known(table, id)?;
    table.get(id).map(|row| row.shape(tenant, Form::Single)).ok_or_else(Refusal::not_found)
}

/// All numbers that are not to be texted, in one answer.
fn opt_outs(tenant: &Tenant) -> Value {
    let shape = |it: &OptOut| {
        let kind = if it.is_marketing_only { "Marketing" } else { "Global" };
        json!({ "contactNumber": it.number, "optOutType": kind })
    };
    json!({ "data": tenant.opt_outs.iter().map(shape).collect::<Vec<_>>() })
}
