//! Assurance: how sure it is who asks, and the one table of what each level may see.
//!
//! A field without a row cannot be given out: each section takes itself apart field by field and asks the table. What
//! may not be seen is not hidden in what is rendered, it is not there. The levels are about whoever is talked to: an
//! agent that speaks to a verified caller sees what that caller may see, whatever the agent's own role is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::planted;

/// How sure it is that whoever asks is the customer, or may see everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Nothing is known: a greeting and nothing about anybody.
    None,
    /// A caller id or a typed address says so; either is forged in a minute.
    Claimed,
    /// A code that went to a phone or an e-mail address of the customer came back.
    Verified,
    /// Somebody of the business, signed in.
    Staff,
}

impl Assurance {
    /// All levels, the least first.
    pub const ALL: [Self; 4] = [Self::None, Self::Claimed, Self::Verified, Self::Staff];

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Claimed => "claimed",
            Self::Verified => "verified",
            Self::Staff => "staff",
        }
    }
}

impl fmt::Display for Assurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A level that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a level of assurance (none, claimed, verified, staff)")]
pub struct UnknownAssurance(String);

impl FromStr for Assurance {
    type Err = UnknownAssurance;

    fn from_str(text: &str) -> Result<Self, UnknownAssurance> {
        let found = Self::ALL.into_iter().find(|level| level.as_str() == text);
        found.ok_or_else(|| UnknownAssurance(text.chars().take(64).collect()))
    }
}

macro_rules! fields {
    ($($name:ident $path:literal $least:ident;)*) => {
        /// A field of a context.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the path says it")]
        pub enum Field { $($name),* }

        impl Field {
            /// All of them, in the order of the JSON.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Where it stands in the JSON; `*` stands for one name. What stands for a part holds for all in it.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$name => $path),* }
            }

            /// The least level that may see it.
            pub const fn least(self) -> Assurance {
                match self { $(Self::$name => Assurance::$least),* }
            }
        }
    };
}

// The table. What a customer told us or was told by us is theirs once they are verified; what the office notes among
// itself, and what it thinks of the customer, is the office's.
fields! {
    Level "assurance" None;
    Request "request" None;
    Customer "customer" Staff;
    ToldAt "told_at" Verified;
    TimeZone "time_zone" Verified;
    Sources "*.sources" Staff;
    AsOf "*.as_of" Verified;
    Confidence "*.confidence" Staff;
    Name "who.name" Verified;
    FirstName "who.first_name" Claimed;
    Company "who.company" Verified;
    ReachedValue "who.*.value" Verified;
    ReachedIsVerified "who.*.is_verified" Verified;
    ReachedSource "who.*.source" Staff;
    ReachedLastSeenAt "who.*.last_seen_at" Staff;
    WebUsers "who.web_users" Staff;
    MoreReached "who.more" Staff;
    Address "who.address" Verified;
    Preferences "who.preferences" Verified;
    Notes "who.notes" Staff;
    Remarks "who.remarks" Staff;
    CustomerSince "who.customer_since" Verified;
    MembershipName "memberships.items.name" Verified;
    MembershipStanding "memberships.items.standing" Verified;
    MembershipFrom "memberships.items.from" Verified;
    MembershipTo "memberships.items.to" Verified;
    PropertyName "properties.items.name" Verified;
    PropertyAddress "properties.items.address" Verified;
    PropertyIsServed "properties.items.is_served" Verified;
    EquipmentKind "properties.items.equipment.kind" Verified;
    EquipmentName "properties.items.equipment.name" Verified;
    EquipmentManufacturer "properties.items.equipment.manufacturer" Verified;
    EquipmentModel "properties.items.equipment.model" Verified;
    EquipmentSerialNumber "properties.items.equipment.serial_number" Staff;
    EquipmentInstalledOn "properties.items.equipment.installed_on" Verified;
    EquipmentAge "properties.items.equipment.age_years" Verified;
    EquipmentWarranty "properties.items.equipment.warranty_ends_on" Verified;
    EquipmentReplace "properties.items.equipment.should_be_replaced" Staff;
    EquipmentMemo "properties.items.equipment.memo" Staff;
    MoreEquipment "properties.items.more_equipment" Verified;
    PropertyIssues "properties.items.issues" Verified;
    LastService "properties.items.last_service" Verified;
    LastServiceOn "properties.items.last_service_on" Verified;
    MoreProperties "properties.more" Verified;
    VisitDay "jobs.upcoming.day" Claimed;
    VisitWindow "jobs.upcoming.window" Claimed;
    VisitStatus "jobs.upcoming.status" Verified;
    JobNumber "jobs.*.number" Verified;
    JobWhat "jobs.*.what" Verified;
    JobProperty "jobs.*.property" Verified;
    JobStatus "jobs.*.job_status" Verified;
    JobBookedOn "jobs.*.booked_on" Verified;
    JobCompletedOn "jobs.*.completed_on" Verified;
    JobTotal "jobs.*.total" Verified;
    JobTechnicians "jobs.*.technicians" Verified;
    JobNote "jobs.*.note" Staff;
    MoreOpen "jobs.more_open" Verified;
    MoreRecent "jobs.more_recent" Verified;
    LifetimeValue "money.lifetime_value" Staff;
    CompletedJobs "money.completed_jobs" Staff;
    JobsWithoutTotal "money.jobs_without_total" Staff;
    Balance "money.balance" Verified;
    InsightPriority "insights.items.priority" Staff;
    InsightText "insights.items.text" Staff;
    Summary "conversations.summary" Verified;
    CurrentIssue "conversations.current_issue" Verified;
    MessageAuthor "conversations.messages.author" Verified;
    MessageChannel "conversations.messages.channel" Verified;
    MessageSentAt "conversations.messages.sent_at" Verified;
    MessageText "conversations.messages.text" Verified;
    MessageAttachments "conversations.messages.attachments" Verified;
    CallStatus "conversations.messages.call_status" Verified;
    CallSeconds "conversations.messages.call_seconds" Verified;
    MessageSource "conversations.messages.source" Staff;
    MoreMessages "conversations.more" Verified;
    ConsentPhone "consent.numbers.phone" Verified;
    DoNotText "consent.numbers.do_not_text" Verified;
    DoNotTextKnownFrom "consent.numbers.known_from" Staff;
    ForbidsAllNumbers "consent.forbids_all_numbers" Verified;
}

/// Whether a level may see a field.
pub const fn may_see(field: Field, level: Assurance) -> bool {
    field.least() as u8 <= level as u8
}

/// What a level makes of a section, field by field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight(Assurance);

impl Sight {
    pub(super) fn of(level: Assurance) -> Self {
        Self(level)
    }

    pub(super) fn level(self) -> Assurance {
        self.0
    }

    fn sees(self, field: Field) -> bool {
        if planted!("a-caller-id-is-proof") && self.0 == Assurance::Claimed {
            return may_see(field, Assurance::Verified);
        }
        may_see(field, self.0)
    }

    /// The value of a field, where it may be seen.
    pub(super) fn option<T>(self, field: Field, value: Option<T>) -> Option<T> {
        value.filter(|_| self.sees(field))
    }

    /// A field that is a list of values.
    pub(super) fn list<T>(self, field: Field, values: Vec<T>) -> Vec<T> {
        if self.sees(field) { values } else { Vec::new() }
    }

    /// A list of parts, each seen for itself. Parts of which nothing is left are gone: how many there were is told to
    /// nobody who may see none.
    pub(super) fn each<T: Default + PartialEq>(self, parts: Vec<T>, see: impl Fn(T) -> T) -> Vec<T> {
        parts.into_iter().map(see).filter(|part| *part != T::default()).collect()
    }
}
