//! A property: a service address of a customer, where equipment stands and jobs are done.

use serde::{Deserialize, Serialize};

use crate::address::Address;

/// A property as one source says it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// The source's key of the customer whose it is.
    pub customer_key: String,
    /// What the source calls it, where that is more than the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Whether the business still serves it.
    pub is_active: bool,
}

crate::masked_debug!(Property: customer_key, is_active);
