//! What jobs, appointments, assignments and job types look like.

use serde_json::{Value, json};

use super::super::list::{Filter, Form, Listed};
use super::super::query::{Field, Query};
use super::super::refusal::Refusal;
use super::{USER, USUAL, dollars, holds};
use crate::stamp::Stamp;
use crate::world::Tenant;
use crate::world::row::{Appointment, AppointmentStatus, Assignment, Job, JobStatus, JobType, Priority};

/// The business unit that everything belongs to.
pub(super) const BUSINESS_UNIT: i64 = 31;
/// The campaign that everybody came by.
const CAMPAIGN: i64 = 41;
/// What is added to a job's number for its invoice's.
const INVOICES: i64 = 1_000_000_000;

/// True if nothing is asked or the word is the same in any case.
fn says(word: &str, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| word.eq_ignore_ascii_case(wanted))
}

/// Whether a moment, which is only asked for where it matters, lies within two parameters.
fn within(
    query: &Query,
    from: &'static str,
    until: &'static str,
) -> Result<impl Fn(&dyn Fn() -> Option<Stamp>) -> bool + use<>, Refusal> {
    let (from, until) = (query.stamp(from)?, query.stamp(until)?);
    let is_open = from.is_none() && until.is_none();
    let fits = move |at: Stamp| from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until);
    Ok(move |at: &dyn Fn() -> Option<Stamp>| is_open || at().is_some_and(fits))
}

impl Listed for Job {
    const SORTS: &'static [Field] = &[Field::Id, Field::ModifiedOn, Field::CreatedOn, Field::Priority];
    const HAS_ACTIVE: bool = false;
    const UNSUPPORTED: &'static [&'static str] = &[
        "appointmentStatus",
        "bookingId",
        "businessUnitId",
        "campaignId",
        "createdFromEstimateId",
        "estimateIds",
        "externalDataKey",
        "externalDataValues",
        "hasUnusedAppointments",
        "invoiceId",
        "projectId",
        "soldById",
        "tagTypeIds",
    ];

    fn shape(&self, _tenant: &Tenant, form: Form) -> Value {
        let mut shape = json!({
            "id": self.head.id,
            "jobNumber": self.head.id.to_string(),
            "projectId": null,
            "customerId": self.customer,
            "locationId": self.location,
            "jobStatus": self.status.word(),
            "completedOn": self.completed,
            "businessUnitId": BUSINESS_UNIT,
            "jobTypeId": self.kind,
            "priority": self.priority.word(),
            "campaignId": CAMPAIGN,
            "summary": self.summary,
            "customFields": [],
            "appointmentCount": self.appointments,
            "firstAppointmentId": self.first_appointment,
            "lastAppointmentId": self.last_appointment,
            "recallForId": null,
            "warrantyId": null,
            "jobGeneratedLeadSource": null,
            "noCharge": false,
            "notificationsEnabled": true,
            "createdOn": self.head.created,
            "createdById": USER,
            "modifiedOn": self.head.modified,
            "tagTypeIds": self.tags,
            "leadCallId": null,
            "partnerLeadCallId": null,
            "bookingId": null,
            "soldById": null,
            "customerPo": "",
            "invoiceId": self.head.id + INVOICES,
            "membershipId": null,
            "total": self.total_cents.map(dollars),
            "createdFromEstimateId": null,
            "estimateIds": [],
            "externalData": [],
        });
        if form == Form::Export {
            shape["active"] = self.head.active.into();
        }
        shape
    }

    fn filter<'a>(tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let (customer, location) = (query.number("customerId")?, query.number("locationId")?);
        let (kind, technician) = (query.number("jobTypeId")?, query.number("technicianId")?);
        let completed = within(query, "completedOnOrAfter", "completedBefore")?;
        let starts = within(query, "appointmentStartsOnOrAfter", "appointmentStartsBefore")?;
        let first_starts = within(query, "firstAppointmentStartsOnOrAfter", "firstAppointmentStartsBefore")?;
        let jobs_of =
            |id| tenant.assignments.iter().filter(|it| it.technician == id).map(|it| it.job).collect::<Vec<_>>();
        let sent = technician.map(jobs_of);
        Ok(Box::new(move |it| {
            let start = |id| tenant.appointments.get(id).map(|it: &Appointment| it.start);
            customer.is_none_or(|id| it.customer == id)
                && location.is_none_or(|id| it.location == id)
                && kind.is_none_or(|id| it.kind == id)
                && sent.as_ref().is_none_or(|jobs| jobs.binary_search(&it.head.id).is_ok())
                && query.text("number").is_none_or(|number| it.head.id.to_string() == number)
                && says(it.status.word(), query.text("jobStatus"))
                && says(it.priority.word(), query.text("priority"))
                && completed(&|| it.completed)
                && (starts(&|| start(it.first_appointment)) || starts(&|| start(it.last_appointment)))
                && first_starts(&|| start(it.first_appointment))
        }))
    }

    fn priority(&self) -> u8 {
        match self.priority {
            Priority::Low => 0,
            Priority::Normal => 1,
            Priority::High => 2,
            Priority::Urgent => 3,
        }
    }
}

impl Listed for Appointment {
    const SORTS: &'static [Field] = USUAL;
    const UNSUPPORTED: &'static [&'static str] = &["number", "projectId", "unused"];

    fn shape(&self, tenant: &Tenant, _form: Form) -> Value {
        let job = tenant.jobs.get(self.job);
        json!({
            "id": self.head.id,
            "jobId": self.job,
            "appointmentNumber": format!("{}-{}", self.job, self.number),
            "start": self.start,
            "end": self.end,
            "arrivalWindowStart": self.start,
            "arrivalWindowEnd": self.end,
            "status": self.status.word(),
            "specialInstructions": null,
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
            "customerId": self.customer,
            "unused": job.is_some_and(|job| job.status == JobStatus::Canceled),
            "createdById": USER,
            "isConfirmed": self.status != AppointmentStatus::Scheduled,
            "active": self.head.active,
        })
    }

    fn filter<'a>(tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let (customer, job) = (query.number("customerId")?, query.number("jobId")?);
        let starts = within(query, "startsOnOrAfter", "startsBefore")?;
        let technician = query.number("technicianId")?;
        let visits_of = |id| {
            let mut visits: Vec<i64> =
                tenant.assignments.iter().filter(|it| it.technician == id).map(|it| it.appointment).collect();
            visits.sort_unstable();
            visits
        };
        let sent = technician.map(visits_of);
        Ok(Box::new(move |it| {
            customer.is_none_or(|id| it.customer == id)
                && job.is_none_or(|id| it.job == id)
                && sent.as_ref().is_none_or(|visits| visits.binary_search(&it.head.id).is_ok())
                && says(it.status.word(), query.text("status"))
                && starts(&|| Some(it.start))
        }))
    }
}

impl Listed for Assignment {
    const SORTS: &'static [Field] = USUAL;

    fn shape(&self, tenant: &Tenant, _form: Form) -> Value {
        let status = match self.status {
            AppointmentStatus::Hold | AppointmentStatus::Canceled => AppointmentStatus::Scheduled,
            other => other,
        };
        json!({
            "id": self.head.id,
            "technicianId": self.technician,
            "technicianName": tenant.technicians.get(self.technician).map_or("", |it| &it.name),
            "assignedById": USER,
            "assignedOn": self.head.created,
            "status": status.word(),
            "isPaused": false,
            "jobId": self.job,
            "appointmentId": self.appointment,
            "createdOn": self.head.created,
            "modifiedOn": self.head.modified,
            "active": self.head.active,
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        let (job, visits) = (query.number("jobId")?, query.ids("appointmentIds")?);
        Ok(Box::new(move |it| {
            job.is_none_or(|id| it.job == id) && visits.as_ref().is_none_or(|ids| ids.contains(&it.appointment))
        }))
    }
}

impl Listed for JobType {
    const SORTS: &'static [Field] = &[];
    const HAS_ORDER_BY: bool = true;
    const UNSUPPORTED: &'static [&'static str] = &["minDuration", "maxDuration", "priority"];

    fn shape(&self, _tenant: &Tenant, _form: Form) -> Value {
        json!({
            "id": self.head.id,
            "name": self.name,
            "businessUnitIds": [BUSINESS_UNIT],
            "skills": [],
            "tagTypeIds": [],
            "priority": self.priority.word(),
            "duration": self.duration_seconds,
            "soldThreshold": null,
            "class": "Service",
            "summary": "",
            "noCharge": false,
            "enforceRecurringServiceEventSelection": null,
            "invoiceSignaturesRequired": false,
            "modifiedOn": self.head.modified,
            "createdOn": self.head.created,
            "externalData": [],
            "active": self.head.active,
            "isSmartDispatched": false,
        })
    }

    fn filter<'a>(_tenant: &'a Tenant, query: &'a Query) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|it| holds(&it.name, query.text("name"))))
    }
}
