//! The world outside: businesses that keep their books in ServiceTitan, with a clock that can be turned.

mod edit;
pub mod row;
mod seed;
pub mod table;
mod tenant;

use std::time::Duration;

pub use edit::{Edit, Kind, NewCustomer};
pub use seed::{Size, place};
pub use tenant::{Credentials, Tenant};

use crate::clock::Clock;
use crate::random::{Random, mix};
use crate::stamp::Stamp;

/// The number of the first tenant; the others follow.
const FIRST_TENANT: i64 = 410_000_001;

/// All businesses, and the time.
#[derive(Debug)]
pub struct World {
    /// The time by which everything is stamped.
    pub clock: Clock,
    tenants: Vec<Tenant>,
    /// Edits that were made and that nobody can see yet.
    hidden: Vec<Hidden>,
    lag: Duration,
    random: Random,
}

/// An edit that is committed late: its stamp is that of when it was made.
#[derive(Debug)]
struct Hidden {
    tenant: i64,
    edit: Edit,
    made: Stamp,
    visible: Stamp,
}

impl World {
    /// Businesses that are the same for the same seed, size and time. They have the same numbers for different
    /// customers, so that mixing tenants up is noticed.
    pub fn seeded(seed: u64, size: Size, tenants: usize, clock: Clock) -> Self {
        let now = clock.now();
        let made = (0..tenants as i64).map(|at| {
            let seed = mix(seed ^ mix(at as u64));
            seed::tenant(FIRST_TENANT + at, seed, size, now)
        });
        let tenants = made.collect();
        Self { clock, tenants, hidden: Vec::new(), lag: Duration::ZERO, random: Random::new(mix(!seed)) }
    }

    /// What time it is.
    pub fn now(&self) -> Stamp {
        self.clock.now()
    }

    /// Turns the clock forward; what becomes visible by then is visible.
    pub fn advance(&mut self, time: Duration) {
        self.clock.advance(time);
        self.settle();
    }

    /// All tenants.
    pub fn tenants(&self) -> &[Tenant] {
        &self.tenants
    }

    /// The tenant with this number.
    pub fn tenant(&self, number: i64) -> Option<&Tenant> {
        self.tenants.iter().find(|it| it.number == number)
    }

    pub(crate) fn tenant_mut(&mut self, number: i64) -> Option<&mut Tenant> {
        self.tenants.iter_mut().find(|it| it.number == number)
    }

    /// The first tenant: most worlds have no other.
    ///
    /// # Panics
    /// The world was made without any tenant.
    pub fn first(&self) -> &Tenant {
        &self.tenants[0]
    }

    /// From now on edits become visible up to `lag` later, each after a time of its own: rows appear below the newest
    /// stamp that a reader has seen.
    pub fn set_lag(&mut self, lag: Duration) {
        self.lag = lag;
    }

    /// Makes an edit now. False if there is no such tenant or row; an edit that becomes visible later is not looked
    /// at before.
    pub fn edit(&mut self, tenant: i64, edit: Edit) -> bool {
        let made = self.now();
        if self.lag.is_zero() {
            return self.tenant_mut(tenant).is_some_and(|it| it.apply(edit, made));
        }
        let longest = u64::try_from(self.lag.as_micros()).unwrap_or(u64::MAX);
        let visible = made.after(Duration::from_micros(self.random.below(longest.saturating_add(1))));
        self.hidden.push(Hidden { tenant, edit, made, visible });
        true
    }

    /// A new customer with a location and its contacts; its number.
    ///
    /// # Errors
    /// There is no such tenant.
    pub fn add_customer(&mut self, tenant: i64, new: NewCustomer) -> Option<i64> {
        let owner = self.tenant_mut(tenant)?;
        let (customer, location) = (owner.customers.reserve_id(), owner.locations.reserve_id());
        let contacts = new.contacts.iter().map(|_| owner.contacts.reserve_id()).collect();
        self.edit(tenant, Edit::AddCustomer { customer, location, contacts, new }).then_some(customer)
    }

    /// A new contact of a customer; its number.
    pub fn add_contact(&mut self, tenant: i64, customer: i64, kind: row::ContactKind, value: &str) -> Option<i64> {
        let contact = self.tenant_mut(tenant)?.contacts.reserve_id();
        let edit = Edit::AddContact { contact, customer, kind, value: value.to_owned() };
        self.edit(tenant, edit).then_some(contact)
    }

    /// A new job with one appointment; its number.
    pub fn add_job(&mut self, tenant: i64, customer: i64, location: i64, summary: &str) -> Option<i64> {
        let owner = self.tenant_mut(tenant)?;
        let (job, appointment) = (owner.jobs.reserve_id(), owner.appointments.reserve_id());
        let assignment = owner.assignments.reserve_id();
        let summary = summary.to_owned();
        let edit = Edit::AddJob { job, appointment, assignment, customer, location, summary };
        self.edit(tenant, edit).then_some(job)
    }

    /// Makes `count` edits of the kinds that an office makes all day, at random.
    pub fn drift(&mut self, tenant: i64, count: usize) {
        for _ in 0..count {
            let mut random = self.random.clone();
            let drawn = self.tenant(tenant).and_then(|it| seed::drift(it, &mut random));
            self.random = random;
            match drawn {
                Some(seed::Drift::Edit(edit)) => {
                    self.edit(tenant, edit);
                }
                Some(seed::Drift::Customer(new)) => {
                    self.add_customer(tenant, new);
                }
                Some(seed::Drift::Job { customer, location, summary }) => {
                    self.add_job(tenant, customer, location, &summary);
                }
                None => {}
            }
        }
    }

    /// Makes visible what is due.
    pub fn settle(&mut self) {
        let now = self.now();
        let (mut due, later) =
            std::mem::take(&mut self.hidden).into_iter().partition::<Vec<_>, _>(|it| it.visible <= now);
        self.hidden = later;
        due.sort_by_key(|it| it.visible);
        for it in due {
            if let Some(tenant) = self.tenant_mut(it.tenant) {
                tenant.apply(it.edit, it.made);
            }
        }
    }
}
