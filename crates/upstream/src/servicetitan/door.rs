//! Where each stream is at ServiceTitan: its feed, its list, and how one object of it is read.

use super::stream;

/// How one object is read by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum One {
    /// `…/customers/7`.
    Path,
    /// `…?ids=7`, because there is no path for one, or what it gives has another shape.
    Ids,
    /// Among those of its parent: `…?customerIds=7`.
    OfParent(&'static str),
    /// Only the whole list has it.
    Whole,
}

/// How a list is put in an order, as its own parameters have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `sort=+Id`, `sort=+ModifiedOn`.
    Sort,
    /// `orderBy=id&orderByDirection=asc`.
    ByField,
    /// None can be asked for.
    None,
}

/// The doors of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doors {
    pub stream: &'static str,
    /// The module with its version.
    pub module: &'static str,
    /// The feed of changes, where there is one.
    pub feed: Option<&'static str>,
    /// The list.
    pub list: &'static str,
    /// Whether the list leaves out what is inactive unless asked not to.
    pub hides_inactive: bool,
    /// Whether the list asks for a bound on the stamp, however old.
    pub needs_bound: bool,
    /// Whether the list comes in pages; else it is whole.
    pub is_paged: bool,
    pub order: Order,
    pub one: One,
}

const USUAL: Doors = Doors {
    stream: "",
    module: "",
    feed: None,
    list: "",
    hides_inactive: true,
    needs_bound: false,
    is_paged: true,
    order: Order::Sort,
    one: One::Path,
};

const DOORS: [Doors; 13] = [
    Doors { stream: stream::CUSTOMERS, module: "crm/v2", feed: Some("export/customers"), list: "customers", ..USUAL },
    Doors {
        stream: stream::CUSTOMER_CONTACTS,
        module: "crm/v2",
        feed: Some("export/customers/contacts"),
        list: "customers/contacts",
        hides_inactive: false,
        needs_bound: true,
        order: Order::None,
        one: One::OfParent("customerIds"),
        ..USUAL
    },
    Doors { stream: stream::LOCATIONS, module: "crm/v2", feed: Some("export/locations"), list: "locations", ..USUAL },
    Doors {
        stream: stream::JOBS,
        module: "jpm/v2",
        feed: Some("export/jobs"),
        list: "jobs",
        hides_inactive: false,
        ..USUAL
    },
    Doors {
        stream: stream::APPOINTMENTS,
        module: "jpm/v2",
        feed: Some("export/appointments"),
        list: "appointments",
        ..USUAL
    },
    Doors { stream: stream::JOB_TYPES, module: "jpm/v2", list: "job-types", order: Order::ByField, ..USUAL },
    Doors {
        stream: stream::ASSIGNMENTS,
        module: "dispatch/v2",
        feed: Some("export/appointment-assignments"),
        list: "appointment-assignments",
        one: One::Ids,
        ..USUAL
    },
    Doors {
        stream: stream::TECHNICIANS,
        module: "settings/v2",
        feed: Some("export/technicians"),
        list: "technicians",
        order: Order::None,
        ..USUAL
    },
    Doors {
        stream: stream::TAG_TYPES,
        module: "settings/v2",
        feed: Some("export/tag-types"),
        list: "tag-types",
        one: One::Whole,
        ..USUAL
    },
    Doors {
        stream: stream::MEMBERSHIPS,
        module: "memberships/v2",
        feed: Some("export/memberships"),
        list: "memberships",
        ..USUAL
    },
    Doors {
        stream: stream::MEMBERSHIP_TYPES,
        module: "memberships/v2",
        feed: Some("export/membership-types"),
        list: "membership-types",
        ..USUAL
    },
    Doors {
        stream: stream::INSTALLED_EQUIPMENT,
        module: "equipmentsystems/v2",
        feed: Some("export/installed-equipment"),
        list: "installed-equipment",
        // The path for one adds custom fields and attachments, and a payload's hash would go back and forth.
        one: One::Ids,
        ..USUAL
    },
    Doors {
        stream: stream::OPT_OUTS,
        module: "telecom/v3",
        list: "optinouts/optouts",
        hides_inactive: false,
        is_paged: false,
        order: Order::None,
        one: One::Whole,
        ..USUAL
    },
];

/// The doors of a stream.
pub(super) fn doors(stream: &str) -> Option<&'static Doors> {
    DOORS.iter().find(|doors| doors.stream == stream)
}

#[cfg(test)]
mod tests {
    use super::super::SPEC;
    use super::*;
    use doorstep_core::source::CursorKind;

    #[test]
    fn every_stream_that_is_declared_has_its_doors() {
        assert_eq!(SPEC.streams.len(), DOORS.len());
        for spec in SPEC.streams {
            let doors = doors(spec.name).unwrap();
            assert_eq!(doors.feed.is_some(), spec.cursor == CursorKind::Feed, "{}", spec.name);
            assert_eq!(doors.is_paged, spec.cursor != CursorKind::Whole, "{}", spec.name);
        }
    }
}
