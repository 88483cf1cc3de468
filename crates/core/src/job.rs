//! A job: work at a property, from the booking to the invoice.

use serde::{Deserialize, Serialize};

use crate::conversation::closed_set;
use crate::money::Money;
use crate::time::Timestamp;

crate::open_word! {
    /// How far a job is.
    JobStatus {
        /// Booked.
        Scheduled = "scheduled",
        /// A technician is on the way.
        Dispatched = "dispatched",
        /// Being worked on.
        InProgress = "in_progress",
        /// Waiting for something.
        Hold = "hold",
        /// Done; counts for lifetime value.
        Completed = "completed",
        /// Will not be done.
        Canceled = "canceled",
    }
}

crate::open_word! {
    /// How far an appointment is.
    AppointmentStatus {
        /// Booked.
        Scheduled = "scheduled",
        /// A technician is on the way.
        Dispatched = "dispatched",
        /// Being worked on.
        Working = "working",
        /// Waiting for something.
        Hold = "hold",
        /// Over.
        Done = "done",
        /// Will not take place.
        Canceled = "canceled",
    }
}

/// One visit of a job.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The source's key.
    pub key: String,
    /// When the work is to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// When the work is to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// From when on the customer was told to expect somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_starts_at: Option<Timestamp>,
    /// Until when the customer was told to expect somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_ends_at: Option<Timestamp>,
    /// How far it is; `None` where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AppointmentStatus>,
    /// Who was sent, by name, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technicians: Vec<String>,
}

crate::masked_debug!(Appointment: key, starts_at, ends_at, window_starts_at, window_ends_at, status);

/// A job as one source says it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The source's key of the customer who asked for it.
    pub customer_key: String,
    /// The source's key of the property where it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_key: Option<String>,
    /// The number that people call it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// How far it is; `None` where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<JobStatus>,
    /// What kind of work it is: `Drain cleaning`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// What is to be done or was done, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// When it was booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_at: Option<Timestamp>,
    /// When the work was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// What it costs; `None` where the source does not say, which is not nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// Its visits, by start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appointments: Vec<Appointment>,
    /// Who worked on it, by name, without repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub technicians: Vec<String>,
    /// Whether the source still lists it; one that it does not counts for nothing.
    pub is_active: bool,
}

closed_set! {
    /// Which jobs of a customer are asked for.
    Which, "choice of jobs (all, open, upcoming, recent)" {
        /// All, those done or booked last first.
        All = "all",
        /// Those that are not over.
        Open = "open",
        /// Those that somebody is still to come for, the next first.
        Upcoming = "upcoming",
        /// Those that are done, the last first.
        Recent = "recent",
    }
}

impl Job {
    /// Whether it is neither done nor called off, as far as its source says; a word that we do not know says nothing.
    pub fn is_open(&self) -> bool {
        use JobStatus::{Dispatched, Hold, InProgress, Scheduled};
        self.is_active && matches!(self.status, Some(Scheduled | Dispatched | InProgress | Hold))
    }

    /// When somebody comes next: the first visit of an open job that is not over at `now`.
    pub fn next_visit_at(&self, now: Timestamp) -> Option<Timestamp> {
        let is_ahead = |visit: &&Appointment| {
            let over = matches!(visit.status, Some(AppointmentStatus::Done | AppointmentStatus::Canceled));
            !over && visit.ends_at.or(visit.starts_at).is_some_and(|end| end >= now)
        };
        let ahead = self.appointments.iter().filter(is_ahead).filter_map(|visit| visit.starts_at);
        ahead.min().filter(|_| self.is_open())
    }
}

crate::masked_debug!(Job: customer_key, property_key, number, status, completed_at, is_active);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_nobody_knows_is_kept_as_it_was_said() {
        let check = |status: JobStatus, text: &str| {
            assert_eq!(serde_json::to_string(&status).unwrap(), format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<JobStatus>(&format!("\"{text}\"")).unwrap(), status);
        };
        check(JobStatus::InProgress, "in_progress");
        check(JobStatus::Other("Rained off".to_owned()), "Rained off");
        for word in JobStatus::KNOWN {
            assert!(!matches!(JobStatus::from_word(word), JobStatus::Other(_)), "{word}");
        }
    }
}
