//! ServiceTitan, from its sim.

mod check;
mod credential;
mod customer;
mod list;
mod look;
mod meaning;
mod settings;

use doorstep_core::record::Source;

use crate::suite::Live;

/// What the suite of all live sources needs to know.
const LIVE: Live = Live { source: Source::ServiceTitan, stream: "customers", path: "/crm/" };

crate::source_suite!(crate::servicetitan::LIVE);
