//! Jobs, with their appointments and whoever is sent.

use super::{rows, words};
use crate::stamp::Stamp;
use crate::world::table::Head;

words! {
    /// How far a job is.
    JobStatus {
        /// Waits for its day.
        Scheduled,
        /// Somebody is on the way.
        Dispatched,
        /// Somebody is there.
        InProgress,
        /// Waits for parts or a person.
        Hold,
        /// Done.
        Completed,
        /// Will not be done.
        Canceled,
    }
}

words! {
    /// How far an appointment is.
    AppointmentStatus {
        /// Waits for its hour.
        Scheduled,
        /// Somebody is on the way.
        Dispatched,
        /// Somebody is there.
        Working,
        /// Waits.
        Hold,
        /// Over.
        Done,
        /// Will not be.
        Canceled,
    }
}

words! {
    /// How urgent a job is.
    Priority {
        /// Any day.
        Low,
        /// As usual.
        Normal,
        /// Soon.
        High,
        /// Now.
        Urgent,
    }
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// What every row has.
    pub head: Head,
    /// For whom.
    pub customer: i64,
    /// Where.
    pub location: i64,
    /// The number of its type.
    pub kind: i64,
    /// How far it is.
    pub status: JobStatus,
    /// How urgent.
    pub priority: Priority,
    /// What it is about, in HTML.
    pub summary: Option<Box<str>>,
    /// When it was completed.
    pub completed: Option<Stamp>,
    /// What it came to, in cents, once known.
    pub total_cents: Option<i64>,
    /// Its tags.
    pub tags: Box<[i64]>,
    /// How many appointments it has.
    pub appointments: u16,
    /// The number of the first of them; nought without any.
    pub first_appointment: i64,
    /// The number of the last of them.
    pub last_appointment: i64,
}

/// A visit for a job.
#[derive(Debug, Clone)]
pub struct Appointment {
    /// What every row has.
    pub head: Head,
    /// For which job.
    pub job: i64,
    /// For whom.
    pub customer: i64,
    /// Which of the job's visits: 1, 2, …
    pub number: u16,
    /// When it begins.
    pub start: Stamp,
    /// When it ends.
    pub end: Stamp,
    /// How far it is.
    pub status: AppointmentStatus,
}

/// Who is sent to an appointment.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// What every row has.
    pub head: Head,
    /// Who.
    pub technician: i64,
    /// For which job.
    pub job: i64,
    /// To which visit.
    pub appointment: i64,
    /// How far it is, in the appointment's words: one on hold or cancelled is `Scheduled` here.
    pub status: AppointmentStatus,
}

/// What kinds of job there are.
#[derive(Debug, Clone)]
pub struct JobType {
    /// What every row has.
    pub head: Head,
    /// What it is called.
    pub name: Box<str>,
    /// How long it takes, in seconds.
    pub duration_seconds: i64,
    /// How urgent.
    pub priority: Priority,
}

rows!(Job, Appointment, Assignment, JobType);
