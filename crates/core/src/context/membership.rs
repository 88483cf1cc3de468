//! The section of memberships.

use serde::Serialize;

use crate::membership::{Membership, MembershipStatus};
use crate::time::Date;

use super::assurance::{Field, Sight};
use super::known::{Known, Row};
use super::quote;

/// Most memberships in a context: one per property of somebody who has a few.
const MAX_MEMBERSHIPS: usize = 5;

/// How a membership stands on the day of asking: the source's word, unless the calendar says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In force.
    Active,
    /// Not begun.
    Upcoming,
    /// Not in force for now.
    Suspended,
    /// The source uses a word that this version does not know.
    Unknown,
    /// Over.
    Expired,
    /// Ended by somebody.
    Canceled,
}

/// The memberships, those in force first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Memberships {
    /// At most a few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Plan>,
}

/// One membership.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Its first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Its last day, or the day when it was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

crate::masked_debug!(Plan: standing, from, to);

impl Memberships {
    pub(super) fn of(known: &Known, today: Date) -> Self {
        let mut rows: Vec<(Standing, &Row<Membership>)> = known
            .memberships
            .iter()
            .filter_map(|row| {
                let is_kept = row.value.is_active && row.value.status != Some(MembershipStatus::Deleted);
                is_kept.then(|| (standing(&row.value, today), row))
            })
            .collect();
        rows.sort_by(|(a, x), (b, y)| a.cmp(b).then(y.value.to.cmp(&x.value.to)).then(x.key.cmp(&y.key)));
        let told = |(standing, row): (Standing, &Row<Membership>)| Plan {
            name: row.value.type_name.as_deref().and_then(quote::value),
            standing: Some(standing),
            from: row.value.from,
            to: if standing == Standing::Canceled { row.value.canceled_on.or(row.value.to) } else { row.value.to },
        };
        Self { items: rows.into_iter().map(told).take(MAX_MEMBERSHIPS).collect() }
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let plan = |Plan { name, standing, from, to }: Plan| Plan {
            name: sight.option(Field::MembershipName, name),
            standing: sight.option(Field::MembershipStanding, standing),
            from: sight.option(Field::MembershipFrom, from),
            to: sight.option(Field::MembershipTo, to),
        };
        let Self { items } = self;
        Self { items: sight.each(items, plan) }
    }
}

/// How it stands on `today`.
fn standing(membership: &Membership, today: Date) -> Standing {
    let is_canceled = membership.canceled_on.is_some_and(|day| day <= today);
    match &membership.status {
        Some(MembershipStatus::Canceled) => Standing::Canceled,
        _ if is_canceled => Standing::Canceled,
        Some(MembershipStatus::Expired) => Standing::Expired,
        _ if membership.to.is_some_and(|day| day < today) => Standing::Expired,
        Some(MembershipStatus::Suspended) => Standing::Suspended,
        _ if membership.from.is_some_and(|day| day > today) => Standing::Upcoming,
        Some(MembershipStatus::Active) | None => Standing::Active,
        Some(MembershipStatus::Other(_) | MembershipStatus::Deleted) => Standing::Unknown,
    }
}
