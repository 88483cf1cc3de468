//! One business, with all that it keeps in ServiceTitan.

use std::fmt;

use super::row::{
    Appointment, Assignment, Contact, Customer, Equipment, Job, JobType, Location, Membership, MembershipType, Note,
    OptOut, TagType, Technician,
};
use super::table::Table;

/// What a program shows to read a tenant. Made up by the seed; its `Debug` shows none of it all the same, so that a
/// test of logs may look for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The application's key (`ST-App-Key`), the same for all tenants.
    pub app_key: String,
    /// Who asks for a token.
    pub client_id: String,
    /// The secret to it.
    pub client_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A business.
#[derive(Debug)]
pub struct Tenant {
    /// Its number, which stands in every path.
    pub number: i64,
    /// What it is called.
    pub name: String,
    /// Who may read it.
    pub credentials: Credentials,
    /// Customers.
    pub customers: Table<Customer>,
    /// Their phones and e-mail addresses.
    pub contacts: Table<Contact>,
    /// Their service addresses.
    pub locations: Table<Location>,
    /// Notes on customers.
    pub notes: Table<Note>,
    /// Jobs.
    pub jobs: Table<Job>,
    /// Their appointments.
    pub appointments: Table<Appointment>,
    /// Who is sent.
    pub assignments: Table<Assignment>,
    /// Kinds of jobs.
    pub job_types: Table<JobType>,
    /// Technicians.
    pub technicians: Table<Technician>,
    /// Memberships.
    pub memberships: Table<Membership>,
    /// Kinds of memberships.
    pub membership_types: Table<MembershipType>,
    /// What is installed.
    pub equipment: Table<Equipment>,
    /// Tags.
    pub tag_types: Table<TagType>,
    /// Numbers that are not to be texted.
    pub opt_outs: Vec<OptOut>,
}

impl Tenant {
    /// A business without anything. The numbers of each kind begin elsewhere, two of them beyond 32 bits, so that
    /// whoever mixes kinds up or cuts numbers short is found out.
    pub(super) fn empty(number: i64, name: String, credentials: Credentials) -> Self {
        Self {
            number,
            name,
            credentials,
            customers: Table::new(1_000_001),
            contacts: Table::new(20_000_001),
            locations: Table::new(4_300_000_001),
            notes: Table::new(70_000_001),
            jobs: Table::new(5_000_000_001),
            appointments: Table::new(80_000_001),
            assignments: Table::new(90_000_001),
            job_types: Table::new(301),
            technicians: Table::new(501),
            memberships: Table::new(60_000_001),
            membership_types: Table::new(701),
            equipment: Table::new(40_000_001),
            tag_types: Table::new(901),
            opt_outs: Vec::new(),
        }
    }
}
