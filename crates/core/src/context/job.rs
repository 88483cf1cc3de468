//! The section of jobs: what is coming, what is open, what was done.

use std::cmp::Reverse;

use serde::Serialize;

use crate::job::{Appointment, AppointmentStatus, Job, JobStatus};
use crate::money::Money;
use crate::time::{Date, Timestamp, Zone};

use super::assurance::{Assurance, Field, Sight};
use super::known::{Known, Row};
use super::property::{Group, Groups};
use super::quote::{self, Author, Quote};
use super::who::is_zero;
use super::words;

/// Most visits that are coming, and most open jobs, in a context.
const MAX_OPEN: usize = 10;
/// Most jobs that were done, newest first; the totals count all.
const MAX_RECENT: usize = 20;
/// Most technicians told of one job.
const MAX_TECHNICIANS: usize = 4;

/// The jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Jobs {
    /// Visits that are coming or going on, the next one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upcoming: Vec<Visit>,
    /// Jobs that are neither done nor canceled and have no visit to come, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Work>,
    /// Jobs that were done, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<Work>,
    /// Visits and open jobs beyond those that a context has room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_open: usize,
    /// Rows of jobs that were done beyond those that a context has room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_recent: usize,
}

/// From when until when somebody is expected, as the tenant's clocks show it: `08:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    /// From when on.
    pub from: String,
    /// Until when, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The same for people.
    #[serde(skip)]
    pub(super) shown: String,
}

/// A visit that is coming or going on.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Visit {
    /// On which day in the tenant's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// When on that day: what the customer was told, else when the work is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// How far the visit is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The work.
    #[serde(flatten)]
    pub work: Work,
}

crate::masked_debug!(Visit: day);

/// A piece of work.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// The number that people call it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What kind of work it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// The address where it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// How far the job is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_status: Option<String>,
    /// When it was booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked_on: Option<Date>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_on: Option<Date>,
    /// What it costs, in cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// Who comes, or came, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub technicians: Vec<String>,
    /// What is written about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Quote>,
}

crate::masked_debug!(Work: booked_on, completed_on);

/// When the work was done; for want of that, when its last visit was to end, or when it was booked.
pub(super) fn done_at(job: &Job) -> Option<Timestamp> {
    let visits = job.appointments.iter().filter_map(|visit| visit.ends_at.or(visit.starts_at)).max();
    job.completed_at.or(visits).or(job.booked_at)
}

/// Jobs that were done and are still listed, newest first.
pub(super) fn completed(known: &Known) -> Vec<&Row<Job>> {
    let is_done = |row: &&Row<Job>| row.value.is_active && row.value.status == Some(JobStatus::Completed);
    let mut rows: Vec<&Row<Job>> = known.jobs.iter().filter(is_done).collect();
    rows.sort_by_key(|row| (Reverse(done_at(&row.value)), row.source, &row.key));
    rows
}

/// How much is going on, least first: the next visit, open work, the newest work done.
pub(super) fn interest(job: &Job, now: Timestamp, zone: &Zone) -> (u8, i64) {
    if !is_open(job) {
        return (2, done_at(job).map_or(i64::MAX, |at| at.micros().saturating_neg()));
    }
    let next = job.appointments.iter().filter(|visit| is_coming(visit, now, zone)).filter_map(begins_at).min();
    next.map_or((1, 0), |at| (0, at.micros()))
}

fn is_open(job: &Job) -> bool {
    job.is_active && !matches!(job.status, Some(JobStatus::Completed | JobStatus::Canceled))
}

fn begins_at(visit: &Appointment) -> Option<Timestamp> {
    visit.window_starts_at.or(visit.starts_at)
}

/// Whether somebody is still to be expected: until the end that was said, else until the day is over.
fn is_coming(visit: &Appointment, now: Timestamp, zone: &Zone) -> bool {
    if matches!(visit.status, Some(AppointmentStatus::Done | AppointmentStatus::Canceled)) {
        return false;
    }
    let Some(begins_at) = begins_at(visit) else { return false };
    match visit.window_ends_at.max(visit.ends_at) {
        Some(ends_at) => ends_at >= now,
        None => words::day(begins_at, zone) >= words::day(now, zone),
    }
}

fn window(visit: &Appointment, zone: &Zone) -> Option<Window> {
    let (from, until) = match visit.window_starts_at {
        Some(from) => (from, visit.window_ends_at),
        None => (visit.starts_at?, visit.ends_at),
    };
    let from = words::clock(from, zone)?;
    let until = until.and_then(|until| words::clock(until, zone));
    let plain = |(hour, minute): (i8, i8)| format!("{hour:02}:{minute:02}");
    let shown = match until {
        Some(until) => format!("{} to {}", words::hour(from), words::hour(until)),
        None => words::hour(from),
    };
    Some(Window { from: plain(from), until: until.map(plain), shown })
}

fn work(row: &Row<Job>, groups: &Groups<'_>, zone: &Zone) -> Work {
    let job = &row.value;
    let group = job.property_key.as_deref().and_then(|key| groups.find(row.source, key));
    let day = |at: Option<Timestamp>| at.and_then(|at| words::day(at, zone));
    let is_done = job.status == Some(JobStatus::Completed);
    Work {
        number: job.number.as_deref().and_then(quote::value),
        what: job.type_name.as_deref().and_then(quote::value),
        property: group.and_then(Group::shown),
        job_status: job.status.as_ref().and_then(|status| quote::value(status.as_str())),
        booked_on: day(job.booked_at),
        completed_on: if is_done { day(done_at(job)) } else { None },
        total: job.total,
        technicians: technicians(&job.technicians),
        note: job.summary.as_deref().and_then(|text| Quote::new(Author::Business, row.source, text)),
    }
}

fn technicians(names: &[String]) -> Vec<String> {
    names.iter().filter_map(|name| quote::value(name)).take(MAX_TECHNICIANS).collect()
}

impl Jobs {
    pub(super) fn of(known: &Known, groups: &Groups<'_>, now: Timestamp, zone: &Zone) -> Self {
        let mut visits: Vec<(Timestamp, &Appointment, &Row<Job>)> = Vec::new();
        let mut open: Vec<&Row<Job>> = Vec::new();
        for row in known.jobs.iter().filter(|row| is_open(&row.value)) {
            let coming = row.value.appointments.iter().filter(|visit| is_coming(visit, now, zone));
            let before = visits.len();
            visits.extend(coming.filter_map(|visit| Some((begins_at(visit)?, visit, row))));
            if visits.len() == before {
                open.push(row);
            }
        }
        visits.sort_by_key(|(at, visit, row)| (*at, row.source, &row.key, &visit.key));
        open.sort_by_key(|row| (Reverse(done_at(&row.value)), row.source, &row.key));
        let visit = |(at, visit, row): &(Timestamp, &Appointment, &Row<Job>)| Visit {
            day: words::day(*at, zone),
            window: window(visit, zone),
            status: visit.status.as_ref().and_then(|status| quote::value(status.as_str())),
            work: Work {
                technicians: technicians(if visit.technicians.is_empty() {
                    &row.value.technicians
                } else {
                    &visit.technicians
                }),
                ..work(row, groups, zone)
            },
        };
        let done = completed(known);
        let beyond = |all: usize, most: usize| all.saturating_sub(most);
        Self {
            more_open: beyond(visits.len(), MAX_OPEN) + beyond(open.len(), MAX_OPEN),
            more_recent: beyond(done.len(), MAX_RECENT),
            upcoming: visits.iter().take(MAX_OPEN).map(visit).collect(),
            open: open.into_iter().take(MAX_OPEN).map(|row| work(row, groups, zone)).collect(),
            recent: done.into_iter().take(MAX_RECENT).map(|row| work(row, groups, zone)).collect(),
        }
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self { upcoming, open, recent, more_open, more_recent } = self;
        // Whoever has shown nothing hears of the next visit only: how many there are tells about the customer.
        let most = if sight.level() < Assurance::Verified { 1 } else { upcoming.len() };
        let visit = |Visit { day, window, status, work }: Visit| Visit {
            day: sight.option(Field::VisitDay, day),
            window: sight.option(Field::VisitWindow, window),
            status: sight.option(Field::VisitStatus, status),
            work: work.seen(sight),
        };
        Self {
            upcoming: sight.each(upcoming.into_iter().take(most).collect(), visit),
            open: sight.each(open, |work| work.seen(sight)),
            recent: sight.each(recent, |work| work.seen(sight)),
            more_open: sight.option(Field::MoreOpen, Some(more_open)).unwrap_or_default(),
            more_recent: sight.option(Field::MoreRecent, Some(more_recent)).unwrap_or_default(),
        }
    }
}

impl Work {
    fn seen(self, sight: Sight) -> Self {
        let Self { number, what, property, job_status, booked_on, completed_on, total, technicians, note } = self;
        Self {
            number: sight.option(Field::JobNumber, number),
            what: sight.option(Field::JobWhat, what),
            property: sight.option(Field::JobProperty, property),
            job_status: sight.option(Field::JobStatus, job_status),
            booked_on: sight.option(Field::JobBookedOn, booked_on),
            completed_on: sight.option(Field::JobCompletedOn, completed_on),
            total: sight.option(Field::JobTotal, total),
            technicians: sight.list(Field::JobTechnicians, technicians),
            note: sight.option(Field::JobNote, note),
        }
    }
}
