//! Businesses made of a seed: people, houses, jobs and what an office makes of them in ten years.

mod drift;
mod name;
mod people;
pub mod place;
mod work;

pub use drift::{Drift, drift};

use super::row::{JobType, MembershipType, Priority, TagType, Technician};
use super::table::{Head, Row, Table};
use super::tenant::{Credentials, Tenant};
use crate::random::{Random, mix};
use crate::stamp::{Stamp, TICKS_PER_SECOND};

/// How long ago a business began to keep books, in seconds: ten years.
const BOOKS_SECONDS: i64 = 10 * 365 * 86_400;
/// Jobs for each customer unless said otherwise.
const JOBS_PER_CUSTOMER: u32 = 3;
/// Jobs for which one technician is enough in ten years, roughly.
const JOBS_PER_TECHNICIAN: u32 = 4000;

/// How much a tenant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Customers.
    pub customers: u32,
    /// Jobs of all customers together.
    pub jobs: u32,
}

impl Size {
    /// So many customers with three jobs each.
    pub fn of(customers: u32) -> Self {
        Self { customers, jobs: customers.saturating_mul(JOBS_PER_CUSTOMER) }
    }
}

/// What seeding goes by.
struct Seed {
    random: Random,
    size: Size,
    opened: Stamp,
    now: Stamp,
    /// Where the phone numbers begin.
    numbers: u64,
    issued: u64,
}

/// A business made of a seed.
pub(super) fn tenant(number: i64, seed: u64, size: Size, now: Stamp) -> Tenant {
    let mut random = Random::new(seed);
    let hex = |value: u64| format!("{value:016x}");
    let credentials = Credentials {
        // One application for all tenants of a world, whatever the seed.
        app_key: format!("ak1.{}", hex(mix(41))),
        client_id: format!("cid.{}", hex(random.next())),
        client_secret: format!("cs1.{}{}", hex(random.next()), hex(random.next())),
    };
    let place = number.unsigned_abs() as usize % name::TENANTS.len();
    let mut tenant = Tenant::empty(number, name::TENANTS[place].to_owned(), credentials);
    let opened = Stamp(now.0 - BOOKS_SECONDS * TICKS_PER_SECOND);
    let numbers = random.next();
    let mut seed = Seed { random, size, opened, now, numbers, issued: 0 };
    seed.catalogue(&mut tenant);
    let homes = seed.people(&mut tenant);
    seed.work(&mut tenant, &homes);
    tenant.order_all();
    tenant
}

impl Seed {
    /// The moment at which the `at`th of `count` rows is made: evenly over the years, later ones later.
    fn made(&mut self, at: u32, count: u32) -> Stamp {
        let span = self.now.0 - self.opened.0;
        let step = span / i64::from(count.max(1));
        Stamp(self.opened.0 + step * i64::from(at) + self.random.between(0, step.max(1) - 1))
    }

    /// A moment from `from` until now, not later.
    fn since(&mut self, from: Stamp) -> Stamp {
        Stamp(self.random.between(from.0, self.now.0.max(from.0)))
    }

    /// A number that nobody else in the tenant has, ten digits, valid and of no special use.
    fn phone(&mut self) -> String {
        let areas = place::AREA_CODES;
        loop {
            let area = areas[(self.issued % areas.len() as u64) as usize];
            // The areas take turns, and a stride without a common factor walks through all exchanges and lines before one comes again.
            let walk = self.issued.wrapping_mul(104_729).wrapping_add(self.numbers % 7_000_000);
            let (exchange, line) = (200 + walk / 10_000 % 700, walk % 10_000);
            self.issued += 1;
            // 555 is for films, and N11 for emergencies.
            if exchange != 555 && exchange % 100 != 11 {
                return format!("{area}{exchange}{line:04}");
            }
        }
    }

    /// A number as somebody types it.
    fn typed(&mut self, digits: &str) -> String {
        let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
        match self.random.below(10) {
            0 => format!("({area}) {exchange}-{line}"),
            1 => format!("{area}-{exchange}-{line}"),
            2 => format!("+1{digits}"),
            _ => digits.to_owned(),
        }
    }

    fn catalogue(&mut self, tenant: &mut Tenant) {
        let opened = self.opened;
        let head = |table: i64| Head::new(table, opened);
        for (name, code, color) in name::TAGS {
            let head = head(tenant.tag_types.reserve_id());
            let (name, code, color) = ((*name).into(), (*code).into(), (*color).into());
            tenant.tag_types.seed(TagType { head, name, code, color });
        }
        for (name, hours) in name::JOB_TYPES {
            let head = head(tenant.job_types.reserve_id());
            let duration_seconds = hours * 3600;
            tenant.job_types.seed(JobType { head, name: (*name).into(), duration_seconds, priority: Priority::Normal });
        }
        for name in name::MEMBERSHIP_TYPES {
            let head = head(tenant.membership_types.reserve_id());
            tenant.membership_types.seed(MembershipType { head, name: (*name).into() });
        }
        for at in 0..3 + self.size.jobs / JOBS_PER_TECHNICIAN {
            let mut head = head(tenant.technicians.reserve_id());
            // One has left.
            head.active = at != 1;
            let (name, phone) = (self.person().0.into(), self.phone().into());
            tenant.technicians.seed(Technician { head, name, phone });
        }
    }
}

impl Tenant {
    fn order_all(&mut self) {
        fn order<R: Row>(table: &mut Table<R>) {
            table.order();
        }
        order(&mut self.customers);
        order(&mut self.contacts);
        order(&mut self.locations);
        order(&mut self.notes);
        order(&mut self.jobs);
        order(&mut self.appointments);
        order(&mut self.assignments);
        order(&mut self.job_types);
        order(&mut self.technicians);
        order(&mut self.memberships);
        order(&mut self.membership_types);
        order(&mut self.equipment);
        order(&mut self.tag_types);
    }
}
