//! A job with its visits and who was sent. The job itself knows neither the name of its type nor anybody who worked on
//! it: those are in three other streams.

use doorstep_core::job::{Appointment, AppointmentStatus, Job, JobStatus};

use super::super::stream;
use super::super::wire::Fields;
use super::{name_of, needed, parts};
use crate::html::plain;
use crate::source::{Part, Said, Why};

pub(super) fn job(said: &Said<'_>) -> Result<Job, Why> {
    let row = Fields(said.payload);
    let customer_key = needed(row, "customerId")?;
    let assignments = parts(said, stream::ASSIGNMENTS);
    let sent = |to: Option<&str>| technicians(said, &assignments, to);
    let visits = parts(said, stream::APPOINTMENTS);
    let mut appointments: Vec<Appointment> =
        visits.iter().map(|part| appointment(part, sent(Some(part.key)))).collect();
    appointments.sort_by_key(|visit| visit.starts_at);
    let kind = row.key("jobTypeId");
    Ok(Job {
        customer_key,
        property_key: row.key("locationId"),
        number: row.text("jobNumber"),
        status: row.text("jobStatus").map(status),
        type_name: name_of(said, stream::JOB_TYPES, kind.as_deref()),
        summary: row.text("summary").and_then(|html| plain(&html)),
        booked_at: row.instant("createdOn"),
        completed_at: row.instant("completedOn"),
        total: row.money("total"),
        technicians: sent(None),
        appointments,
        is_active: row.is_active(),
    })
}

fn status(word: String) -> JobStatus {
    match word.as_str() {
        "Scheduled" => JobStatus::Scheduled,
        "Dispatched" => JobStatus::Dispatched,
        // Their documents write it in both ways.
        "InProgress" | "In Progress" => JobStatus::InProgress,
        "Hold" => JobStatus::Hold,
        "Completed" => JobStatus::Completed,
        "Canceled" => JobStatus::Canceled,
        _ => JobStatus::Other(word),
    }
}

fn appointment(part: &Part<'_>, technicians: Vec<String>) -> Appointment {
    let visit = Fields(part.payload);
    Appointment {
        key: part.key.to_owned(),
        starts_at: visit.instant("start"),
        ends_at: visit.instant("end"),
        window_starts_at: visit.instant("arrivalWindowStart"),
        window_ends_at: visit.instant("arrivalWindowEnd"),
        status: visit.text("status").map(|word| match word.as_str() {
            "Scheduled" => AppointmentStatus::Scheduled,
            "Dispatched" => AppointmentStatus::Dispatched,
            "Working" => AppointmentStatus::Working,
            "Hold" => AppointmentStatus::Hold,
            "Done" => AppointmentStatus::Done,
            "Canceled" => AppointmentStatus::Canceled,
            _ => AppointmentStatus::Other(word),
        }),
        technicians,
    }
}

/// Who was sent to an appointment, or to any of the job: their name now, else as it was when they were sent.
fn technicians(said: &Said<'_>, assignments: &[Part<'_>], appointment: Option<&str>) -> Vec<String> {
    let mut names = Vec::new();
    for row in assignments.iter().map(|part| Fields(part.payload)) {
        let is_meant = appointment.is_none() || row.key("appointmentId").as_deref() == appointment;
        let known = || name_of(said, stream::TECHNICIANS, row.key("technicianId").as_deref());
        if let Some(name) = is_meant.then(|| known().or_else(|| row.text("technicianName"))).flatten()
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}
