//! A property, and what is installed there.

use doorstep_core::equipment::{Equipment, EquipmentStatus};
use doorstep_core::property::Property;

use super::super::wire::Fields;
use super::contact::address;
use super::needed;
use crate::html::plain;
use crate::source::{Said, Why};

pub(super) fn property(said: &Said<'_>) -> Result<Property, Why> {
    let location = Fields(said.payload);
    let address = location.object("address").and_then(address);
    let name = location.text("name").filter(|name| {
        // Theirs are filled with the street where nobody typed a name.
        let street = location.object("address").and_then(|address| address.text("street"));
        !street.is_some_and(|street| street.eq_ignore_ascii_case(name))
    });
    Ok(Property { customer_key: needed(location, "customerId")?, name, address, is_active: location.is_active() })
}

pub(super) fn equipment(said: &Said<'_>) -> Result<Equipment, Why> {
    let row = Fields(said.payload);
    Ok(Equipment {
        property_key: needed(row, "locationId")?,
        customer_key: row.key("customerId"),
        name: row.text("name"),
        kind: row.object("type").and_then(|kind| kind.text("name")),
        manufacturer: row.text("manufacturer"),
        model: row.text("model"),
        serial_number: row.text("serialNumber"),
        installed_on: row.day("installedOn"),
        replaced_on: row.day("actualReplacementDate"),
        warranty_ends_on: row.day("manufacturerWarrantyEnd"),
        service_warranty_ends_on: row.day("serviceProviderWarrantyEnd"),
        memo: row.text("memo").and_then(|memo| plain(&memo)),
        status: row.text("status").map(|word| match word.as_str() {
            "Installed" => EquipmentStatus::Installed,
            "Replaced" => EquipmentStatus::Replaced,
            _ => EquipmentStatus::Other(word),
        }),
        is_active: row.is_active(),
    })
}
