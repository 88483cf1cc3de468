//! Equipment: what is installed at a property, such as a water heater.

use serde::{Deserialize, Serialize};

use crate::time::Date;

crate::open_word! {
    /// Whether a piece of equipment is still there.
    EquipmentStatus {
        /// It is in use.
        Installed = "installed",
        /// Another one stands in its place.
        Replaced = "replaced",
    }
}

/// A piece of equipment as one source says it. Its `Debug` masks what was written by hand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    /// The source's key of the property where it stands.
    pub property_key: String,
    /// The source's key of the customer whose property that is, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_key: Option<String>,
    /// What the source calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What kind of thing it is: `Water Heater`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// The day of its installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_on: Option<Date>,
    /// The day when another took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_on: Option<Date>,
    /// The last day of the manufacturer's warranty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warranty_ends_on: Option<Date>,
    /// The last day of the business' own warranty on its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_warranty_ends_on: Option<Date>,
    /// What a technician wrote down about it, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// Whether it is still there; `None` where the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<EquipmentStatus>,
    /// Whether the source still lists it.
    pub is_active: bool,
}

crate::masked_debug!(Equipment: property_key, customer_key, installed_on, status, is_active);
