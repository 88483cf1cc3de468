//! ServiceTitan, over version 2 of its API.
//!
//! What would surprise: a customer has no phone and no e-mail address (contacts do, and a change to one of them leaves
//! the customer's stamp as it was), a job has neither its technician nor the name of its type, an object that was
//! merged away is merely inactive and names the one it lives on in, and names of fields that look right (`firstName`,
//! `email`) are ignored in silence, as is every parameter that a door does not have.

mod client;
mod customer;
mod diagnose;
mod door;
mod list;
mod map;
mod place;
mod rows;
mod session;
mod settings;
mod wire;

pub use client::ServiceTitan;
pub use diagnose::{Noted, RawCustomer};
pub use map::ServiceTitanMapping;
pub use settings::Refused;

pub(crate) use session::Session;
pub(crate) use settings::{Settings, own_origins};

use doorstep_core::record::Source;
use doorstep_core::source::{CursorKind, Makes, Parent, SettingSpec, SourceSpec, StreamSpec};

/// How long after a change a feed may show it for the first time when asked for recent changes, in seconds: their feeds
/// lag a quarter of an hour unless recent changes are asked for, which we do, and then tell some changes twice.
const FEED_LAG_SECONDS: u32 = 0;
/// The same of a list, in seconds. Lists show a change at once, as far as anybody knows; this covers a change that was
/// stamped before it was committed.
const LIST_LAG_SECONDS: u32 = 5 * 60;

/// The names of the streams.
pub mod stream {
    /// People and businesses.
    pub const CUSTOMERS: &str = "customers";
    /// Their phone numbers and e-mail addresses.
    pub const CUSTOMER_CONTACTS: &str = "customer_contacts";
    /// Service addresses.
    pub const LOCATIONS: &str = "locations";
    /// Names of kinds of jobs.
    pub const JOB_TYPES: &str = "job_types";
    /// Who works for the business.
    pub const TECHNICIANS: &str = "technicians";
    /// Jobs.
    pub const JOBS: &str = "jobs";
    /// Visits of jobs.
    pub const APPOINTMENTS: &str = "appointments";
    /// Who was sent to a visit.
    pub const ASSIGNMENTS: &str = "assignments";
    /// Names of service plans.
    pub const MEMBERSHIP_TYPES: &str = "membership_types";
    /// Service plans that customers have.
    pub const MEMBERSHIPS: &str = "memberships";
    /// What is installed.
    pub const INSTALLED_EQUIPMENT: &str = "installed_equipment";
    /// Names of tags.
    pub const TAG_TYPES: &str = "tag_types";
    /// Numbers that have opted out of texts.
    pub const OPT_OUTS: &str = "opt_outs";
}

const FEED: StreamSpec = StreamSpec {
    name: "",
    label: "",
    key: "id",
    cursor: CursorKind::Feed,
    parent: Parent::None,
    makes: &[],
    lag_seconds: FEED_LAG_SECONDS,
    is_swept: true,
};

/// To be raised with every change of what their words become (`map/`).
const MAPPING_VERSION: i64 = 2;

/// What ServiceTitan is and has.
pub static SPEC: SourceSpec = SourceSpec {
    source: Source::ServiceTitan,
    // Where the API is reached is none of it: a proxy shows the same books.
    account: &["environment", "servicetitan_tenant"],
    mapping_version: MAPPING_VERSION,
    settings: &[
        SettingSpec {
            name: "environment",
            label: "`production`, or `integration` for ServiceTitan's own trial environment",
            is_secret: false,
            default: Some("production"),
            is_optional: false,
        },
        SettingSpec {
            name: "servicetitan_tenant",
            label: "the number of the business at ServiceTitan (Settings > Integrations > API Application Access)",
            is_secret: false,
            default: None,
            is_optional: false,
        },
        SettingSpec {
            name: "client_id",
            label: "the client id of the application for this business; begins with `cid.`",
            is_secret: false,
            default: None,
            is_optional: false,
        },
        SettingSpec {
            name: "client_secret",
            label: "the client secret that belongs to it; begins with `cs1.`",
            is_secret: true,
            default: None,
            is_optional: false,
        },
        SettingSpec {
            name: "app_key",
            label: "the key of the application (developer portal); begins with `ak1.`",
            is_secret: true,
            default: None,
            is_optional: false,
        },
        SettingSpec {
            name: "api_url",
            label: "where the API is, if not at the environment's usual place (a simulator, a proxy)",
            is_secret: false,
            default: None,
            is_optional: true,
        },
        SettingSpec {
            name: "auth_url",
            label: "where tokens come from, if not from the environment's usual place",
            is_secret: false,
            default: None,
            is_optional: true,
        },
    ],
    streams: &[
        StreamSpec { name: stream::TAG_TYPES, label: "names of tags", makes: &[Makes::Name], ..FEED },
        StreamSpec {
            name: stream::JOB_TYPES,
            label: "kinds of jobs",
            cursor: CursorKind::Stamp,
            makes: &[Makes::Name],
            lag_seconds: LIST_LAG_SECONDS,
            ..FEED
        },
        StreamSpec { name: stream::TECHNICIANS, label: "technicians", makes: &[Makes::Name], ..FEED },
        StreamSpec { name: stream::MEMBERSHIP_TYPES, label: "kinds of memberships", makes: &[Makes::Name], ..FEED },
        StreamSpec {
            name: stream::OPT_OUTS,
            label: "numbers that have opted out",
            key: "contactNumber",
            cursor: CursorKind::Whole,
            makes: &[Makes::DoNotText],
            // That a number is not listed any more allows nothing, so nobody looks for it.
            is_swept: false,
            ..FEED
        },
        StreamSpec { name: stream::CUSTOMERS, label: "customers", makes: &[Makes::Contact], ..FEED },
        StreamSpec {
            name: stream::CUSTOMER_CONTACTS,
            label: "phones and e-mail addresses",
            parent: Parent::PartOf(stream::CUSTOMERS),
            makes: &[Makes::DoNotText],
            ..FEED
        },
        StreamSpec {
            name: stream::LOCATIONS,
            label: "locations",
            parent: Parent::HangsOn(stream::CUSTOMERS),
            makes: &[Makes::Property],
            ..FEED
        },
        StreamSpec {
            name: stream::INSTALLED_EQUIPMENT,
            label: "installed equipment",
            parent: Parent::HangsOn(stream::LOCATIONS),
            makes: &[Makes::Equipment],
            ..FEED
        },
        StreamSpec {
            name: stream::JOBS,
            label: "jobs",
            parent: Parent::HangsOn(stream::CUSTOMERS),
            makes: &[Makes::Job],
            ..FEED
        },
        StreamSpec { name: stream::APPOINTMENTS, label: "appointments", parent: Parent::PartOf(stream::JOBS), ..FEED },
        StreamSpec {
            name: stream::ASSIGNMENTS,
            label: "who was sent to appointments",
            parent: Parent::PartOf(stream::JOBS),
            ..FEED
        },
        StreamSpec {
            name: stream::MEMBERSHIPS,
            label: "memberships",
            parent: Parent::HangsOn(stream::CUSTOMERS),
            makes: &[Makes::Membership],
            ..FEED
        },
    ],
};
