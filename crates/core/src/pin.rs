//! A pin: a person's word about one field of a customer, above whatever records say.
//!
//! Pins are ground state. A pin hangs on a record, the customer's oldest when it was made, and goes where that record
//! goes: merge, unmerge and undo need to know nothing about pins.

use crate::customer::Field;
use crate::id::{PinId, RecordId};
use crate::tenant::Actor;
use crate::time::Timestamp;

/// A pin in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Ours.
    pub id: PinId,
    /// The record that it hangs on.
    pub record: RecordId,
    /// Which field.
    pub field: Field,
    /// What stands there; `None` leaves the field empty.
    pub value: Option<String>,
    /// Who said so.
    pub actor: Actor,
    /// When.
    pub pinned_at: Timestamp,
}

/// The pin of `field` that stands: the newest whose value `holds`. A phone that went to another customer with its
/// record holds no more, and the pin before it stands, if there is one.
pub fn standing<'a>(pins: &[&'a Pin], field: Field, holds: impl Fn(&str) -> bool) -> Option<&'a Pin> {
    let of_field = pins.iter().copied().filter(|pin| pin.field == field);
    let held = of_field.filter(|pin| match &pin.value {
        Some(value) => holds(value),
        // A customer without a name could not be told from others: what follows is said by its records again.
        None => field != Field::Name,
    });
    held.max_by_key(|pin| (pin.pinned_at, pin.id))
}
