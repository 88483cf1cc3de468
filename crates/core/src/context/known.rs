//! What is known of a customer, as the store hands it over: plain rows, in any order, from any number of sources.

use std::collections::BTreeMap;

use crate::consent::DoNotText;
use crate::conversation::{Call, Channel, Message};
use crate::customer::Customer;
use crate::equipment::Equipment;
use crate::job::{Job, JobStatus};
use crate::membership::Membership;
use crate::money::Money;
use crate::property::Property;
use crate::record::Source;
use crate::time::{Timestamp, Zone};

use super::insight::Insight;
use super::words;

/// A row with the source that says it and that source's key of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    /// Who says it.
    pub source: Source,
    /// The source's key, unique among its rows of this kind.
    pub key: String,
    /// What it says.
    pub value: T,
}

/// A message with what its conversation says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where we have it from.
    pub source: Source,
    /// Over what it came.
    pub channel: Channel,
    /// The message.
    pub message: Message,
}

/// A telephone call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Where we have it from.
    pub source: Source,
    /// The call.
    pub call: Call,
}

/// Something that is wrong at a property, found in what technicians wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Issue {
    /// Where it was found.
    pub source: Source,
    /// The source's key of the property.
    pub property_key: String,
    /// What it is: `Tree roots in sewer line`.
    pub text: String,
}

crate::masked_debug!(Issue: source, property_key);

/// Totals over **all** jobs of a customer, worked out by the store: the rows at hand are only the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// What all completed jobs cost together.
    pub lifetime_value: Money,
    /// How many completed jobs there are.
    pub completed_jobs: u64,
    /// How many of them say no price; `lifetime_value` is without them.
    pub without_total: u64,
    /// When the first job was booked or done.
    pub first_job_at: Option<Timestamp>,
}

impl Totals {
    /// The totals of these rows, for whoever has all of them. Only jobs that are completed and still listed count.
    pub fn of<'a>(jobs: impl IntoIterator<Item = &'a Job>) -> Self {
        let mut totals = Self::default();
        for job in jobs.into_iter().filter(|job| job.is_active) {
            let first = [totals.first_job_at, job.booked_at, job.completed_at];
            totals.first_job_at = first.into_iter().flatten().min();
            if job.status == Some(JobStatus::Completed) {
                totals.completed_jobs += 1;
                match job.total {
                    Some(total) => totals.lifetime_value = totals.lifetime_value.plus(total),
                    None => totals.without_total += 1,
                }
            }
        }
        totals
    }
}

/// All that a context is made from.
#[derive(Clone)]
pub struct Known {
    /// The customer.
    pub customer: Customer,
    /// Whether a review asks if this is one customer: then everything here may be about two people.
    pub is_in_review: bool,
    /// What the customer likes, as somebody wrote it down, the newest first; none are learnt from conversations yet.
    pub preferences: Vec<(Source, String)>,
    /// What somebody wrote down about the customer, the newest first.
    pub remarks: Vec<(Source, String)>,
    /// Service addresses.
    pub properties: Vec<Row<Property>>,
    /// What stands there.
    pub equipment: Vec<Row<Equipment>>,
    /// What is wrong there; none are found yet.
    pub issues: Vec<Issue>,
    /// The newest jobs, and all that are open; `totals` counts the rest.
    pub jobs: Vec<Row<Job>>,
    /// Totals over all jobs.
    pub totals: Totals,
    /// Memberships, past ones, too.
    pub memberships: Vec<Row<Membership>>,
    /// Numbers that must not be texted.
    pub do_not_text: Vec<Row<DoNotText>>,
    /// What to recommend; none are found yet.
    pub insights: Vec<Insight>,
    /// The newest messages.
    pub messages: Vec<Written>,
    /// The newest calls.
    pub calls: Vec<Called>,
    /// What older messages come to; none are written yet.
    pub summary: Option<String>,
    /// What the customer is in touch about now; not worked out yet.
    pub current_issue: Option<String>,
    /// Up to when each source was last read to its end. One that is not read (an archive) stands with its import. What
    /// was entered by hand needs no entry: of that we are the source.
    pub read_at: BTreeMap<Source, Timestamp>,
}

crate::masked_debug!(Known: customer, is_in_review, properties, equipment, jobs, do_not_text, messages, calls, read_at);

impl Known {
    /// Whether a context of these rows that was made at `then` says the same at `now`, but for the instant itself: it is the
    /// same day, no visit was over in between, and no source is known up to later than that.
    pub fn is_steady(&self, then: Timestamp, now: Timestamp, zone: &Zone) -> bool {
        let visits = self.jobs.iter().flat_map(|row| &row.value.appointments);
        let mut ends = visits.filter_map(|visit| visit.window_ends_at.max(visit.ends_at));
        then <= now
            && words::day(then, zone) == words::day(now, zone)
            && !ends.any(|end| then <= end && end < now)
            && self.read_at.values().all(|at| *at < then)
    }

    /// A customer of whom nothing else is known.
    pub fn new(customer: Customer) -> Self {
        Self {
            customer,
            is_in_review: false,
            preferences: Vec::new(),
            remarks: Vec::new(),
            properties: Vec::new(),
            equipment: Vec::new(),
            issues: Vec::new(),
            jobs: Vec::new(),
            totals: Totals::default(),
            memberships: Vec::new(),
            do_not_text: Vec::new(),
            insights: Vec::new(),
            messages: Vec::new(),
            calls: Vec::new(),
            summary: None,
            current_issue: None,
            read_at: BTreeMap::new(),
        }
    }
}
