//! A membership with the name of its plan.

use doorstep_core::membership::{Membership, MembershipStatus};

use super::super::stream;
use super::super::wire::Fields;
use super::{name_of, needed};
use crate::source::{Said, Why};

pub(super) fn membership(said: &Said<'_>) -> Result<Membership, Why> {
    let row = Fields(said.payload);
    let kind = row.key("membershipTypeId");
    Ok(Membership {
        customer_key: needed(row, "customerId")?,
        property_key: row.key("locationId"),
        type_name: name_of(said, stream::MEMBERSHIP_TYPES, kind.as_deref()),
        status: row.text("status").map(|word| match word.as_str() {
            "Active" => MembershipStatus::Active,
            "Suspended" => MembershipStatus::Suspended,
            "Expired" => MembershipStatus::Expired,
            "Canceled" => MembershipStatus::Canceled,
            "Deleted" => MembershipStatus::Deleted,
            _ => MembershipStatus::Other(word),
        }),
        from: row.day("from"),
        to: row.day("to"),
        canceled_on: row.day("cancellationDate"),
        is_active: row.is_active(),
    })
}
