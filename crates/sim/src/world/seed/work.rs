//! Jobs of a seed, with their appointments and technicians.

use super::super::row::{Appointment, AppointmentStatus, Assignment, Job, JobStatus, Priority};
use super::super::table::Head;
use super::super::tenant::Tenant;
use super::people::Home;
use super::{Seed, name};
use crate::stamp::{Stamp, TICKS_PER_SECOND};

/// Seconds from a booking to the first visit at most: two weeks.
const BOOKED_AHEAD: i64 = 14 * 86_400;
/// Seconds between two visits of one job.
const BETWEEN_VISITS: i64 = 86_400;
const HOUR: i64 = 3600;

impl Seed {
    pub(super) fn work(&mut self, tenant: &mut Tenant, homes: &[Home]) {
        if homes.is_empty() {
            return;
        }
        let count = self.size.jobs;
        let (kinds, technicians) = (tenant.job_types.seeded_ids(), tenant.technicians.seeded_ids());
        for at in 0..count {
            let booked = self.made(at, count);
            // Whoever was a customer by then.
            let known = homes.partition_point(|home| home.created <= booked).max(1);
            let home = &homes[self.random.below(known as u64) as usize];
            let head = Head::new(tenant.jobs.reserve_id(), booked);
            let kind = *self.random.of(&kinds);
            self.job(tenant, head, home, kind, &technicians);
        }
    }

    fn job(&mut self, tenant: &mut Tenant, mut head: Head, home: &Home, kind: i64, technicians: &[i64]) {
        let booked = head.created;
        let visits = if self.random.percent(10) { 2 } else { 1 };
        let start = Stamp(booked.0 + self.random.between(HOUR, BOOKED_AHEAD) / HOUR * HOUR * TICKS_PER_SECOND);
        let last = Stamp(start.0 + ((visits - 1) * BETWEEN_VISITS + 2 * HOUR) * TICKS_PER_SECOND);
        let status = match self.random.below(100) {
            _ if last > self.now => JobStatus::Scheduled,
            0..=6 => JobStatus::Canceled,
            7 => JobStatus::Hold,
            _ => JobStatus::Completed,
        };
        let completed = (status == JobStatus::Completed).then_some(last);
        head.modified = completed.unwrap_or(booked);
        let ids: Vec<i64> = (0..visits).map(|_| tenant.appointments.reserve_id()).collect();
        for (at, id) in ids.iter().enumerate() {
            let begins = Stamp(start.0 + at as i64 * BETWEEN_VISITS * TICKS_PER_SECOND);
            self.visit(tenant, (*id, at as u16 + 1), &head, home.customer, (begins, status), technicians);
        }
        let total_cents = completed.map(|_| self.random.between(8_900, 1_250_000));
        tenant.jobs.seed(Job {
            head,
            customer: home.customer,
            location: home.location,
            kind,
            status,
            priority: *self.random.of(&[
                Priority::Normal,
                Priority::Normal,
                Priority::High,
                Priority::Urgent,
                Priority::Low,
            ]),
            summary: self.random.percent(85).then(|| (*self.random.of(name::SUMMARIES)).into()),
            completed,
            total_cents,
            tags: Box::default(),
            appointments: visits as u16,
            first_appointment: ids[0],
            last_appointment: ids[ids.len() - 1],
        });
    }

    fn visit(
        &mut self,
        tenant: &mut Tenant,
        (id, number): (i64, u16),
        job: &Head,
        customer: i64,
        (start, of): (Stamp, JobStatus),
        technicians: &[i64],
    ) {
        let mut head = Head::new(id, job.created);
        head.modified = job.modified;
        let status = match of {
            JobStatus::Completed => AppointmentStatus::Done,
            JobStatus::Canceled => AppointmentStatus::Canceled,
            JobStatus::Hold => AppointmentStatus::Hold,
            JobStatus::Scheduled | JobStatus::Dispatched | JobStatus::InProgress => AppointmentStatus::Scheduled,
        };
        let end = Stamp(start.0 + 2 * HOUR * TICKS_PER_SECOND);
        tenant.appointments.seed(Appointment { head, job: job.id, customer, number, start, end, status });
        // Several at one visit are usual; some visits have nobody yet.
        for _ in 0..*self.random.of(&[0, 1, 1, 1, 1, 1, 1, 2, 2, 3]) {
            let mut head = Head::new(tenant.assignments.reserve_id(), job.created);
            head.modified = job.modified;
            let technician = *self.random.of(technicians);
            tenant.assignments.seed(Assignment { head, technician, job: job.id, appointment: id, status });
        }
    }
}
