//! A membership: a service plan that a customer has bought.

use serde::{Deserialize, Serialize};

use crate::time::Date;

crate::open_word! {
    /// How a membership stands.
    MembershipStatus {
        /// In force.
        Active = "active",
        /// Not in force for now.
        Suspended = "suspended",
        /// Over.
        Expired = "expired",
        /// Ended by somebody.
        Canceled = "canceled",
        /// Taken out of the books.
        Deleted = "deleted",
    }
}

/// A membership as one source says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The source's key of the customer.
    pub customer_key: String,
    /// The source's key of the property it is for; `None` for all of the customer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_key: Option<String>,
    /// The plan: `Family Discount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// How it stands; `None` where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MembershipStatus>,
    /// Its first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Its last day; `None` where it goes on until somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// The day when it was ended by somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_on: Option<Date>,
    /// Whether the source still lists it.
    pub is_active: bool,
}
