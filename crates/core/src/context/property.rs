//! The section of properties, with what stands there.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::address::Address;
use crate::equipment::{Equipment, EquipmentStatus};
use crate::job::Job;
use crate::property::Property;
use crate::record::Source;
use crate::time::{Date, Timestamp, Zone};

use super::assurance::{Field, Sight};
use super::job;
use super::known::{Known, Row};
use super::quote::{self, Author, Quote};
use super::who::is_zero;
use super::words;

/// Most properties in a context; a property manager has hundreds, and asks about one.
const MAX_PROPERTIES: usize = 20;
/// Most pieces of equipment told of one property.
const MAX_EQUIPMENT: usize = 12;
/// Most known issues told of one property.
const MAX_ISSUES: usize = 5;

/// The properties, the one where most is going on first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Properties {
    /// Those told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Place>,
    /// How many there are beyond those that a context has room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
}

/// One property.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What the source calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the business still serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_served: Option<bool>,
    /// What stands there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equipment: Vec<Piece>,
    /// Pieces beyond those that a context has room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_equipment: usize,
    /// What is wrong there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// What was done there last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_service: Option<String>,
    /// On which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_service_on: Option<Date>,
}

crate::masked_debug!(Place: is_served, more_equipment, last_service_on);

/// One piece of equipment.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// What kind of thing it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the source calls it, where that says more than its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// The day of its installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed_on: Option<Date>,
    /// Its age in whole years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_years: Option<i16>,
    /// The last day of any warranty on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_ends_on: Option<Date>,
    /// Whether an insight says to replace it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should_be_replaced: Option<bool>,
    /// What a technician wrote down about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<Quote>,
}

crate::masked_debug!(Piece: installed_on, age_years, warranty_ends_on, should_be_replaced);

/// A property as all sources have it: rows of one place are one.
pub(super) struct Group<'a> {
    /// The first is the one shown.
    rows: Vec<&'a Row<Property>>,
}

impl Group<'_> {
    /// Whether a row is of the same place, as another source has it: two units of one source are two, however they
    /// are spelt, since it counts them itself.
    fn takes(&self, row: &Row<Property>) -> bool {
        self.rows.iter().all(|other| {
            other.source != row.source
                && matches!((&other.value.address, &row.value.address), (Some(a), Some(b)) if a.same_place(b))
        })
    }

    /// Whether a source's key is one of its rows'.
    fn has(&self, source: Source, key: &str) -> bool {
        self.rows.iter().any(|row| row.source == source && row.key == key)
    }

    /// Its address or, for want of one, its name.
    pub(super) fn shown(&self) -> Option<String> {
        let address = self.rows.iter().find_map(|row| row.value.address.as_ref());
        let name = || self.rows.iter().find_map(|row| row.value.name.as_deref());
        address.map(|address| address.display()).as_deref().or_else(name).and_then(quote::value)
    }

    fn is_served(&self) -> bool {
        self.rows.iter().any(|row| row.value.is_active)
    }
}

/// The properties at hand, the rows of one place together: first where somebody is expected, then where work is open,
/// then by the newest work; those that are no longer served come last.
pub(super) struct Groups<'a> {
    all: Vec<Group<'a>>,
    /// The place in `all` of each row, by source and key.
    of_row: BTreeMap<(Source, &'a str), usize>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(known: &'a Known, now: Timestamp, zone: &Zone) -> Self {
        let rows: BTreeMap<(Source, &str), &Row<Property>> =
            known.properties.iter().map(|row| ((row.source, row.key.as_str()), row)).collect();
        let mut all: Vec<Group<'a>> = Vec::new();
        // A house number is the same however a street is spelt, so only few are compared.
        let mut of_number: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
        for row in rows.into_values() {
            let near = of_number.entry(row.value.address.as_ref().and_then(Address::number)).or_default();
            match near.iter().copied().find(|at| all[*at].takes(row)) {
                Some(at) => all[at].rows.push(row),
                None => {
                    near.push(all.len());
                    all.push(Group { rows: vec![row] });
                }
            }
        }
        let interest = Self::new(all).interest(known, now, zone);
        let mut ranked: Vec<_> = interest.into_iter().collect();
        // Of what nothing is known there is nothing to tell.
        ranked.sort_by_key(|(rank, group)| (!group.is_served(), rank.is_none(), *rank));
        Self::new(ranked.into_iter().map(|(_, group)| group).collect())
    }

    fn new(all: Vec<Group<'a>>) -> Self {
        let keys = all.iter().enumerate().flat_map(|(at, group)| group.rows.iter().map(move |row| (at, *row)));
        let of_row = keys.map(|(at, row)| ((row.source, row.key.as_str()), at)).collect();
        Self { all, of_row }
    }

    /// How much is going on at each, by its jobs.
    fn interest(self, known: &Known, now: Timestamp, zone: &Zone) -> Vec<(Option<(u8, i64)>, Group<'a>)> {
        let mut ranks: Vec<Option<(u8, i64)>> = vec![None; self.all.len()];
        for row in &known.jobs {
            let at = row.value.property_key.as_deref().and_then(|key| self.of_row.get(&(row.source, key)));
            if let Some(rank) = at.and_then(|at| ranks.get_mut(*at)) {
                let of_job = job::interest(&row.value, now, zone);
                *rank = Some(rank.map_or(of_job, |rank| rank.min(of_job)));
            }
        }
        ranks.into_iter().zip(self.all).collect()
    }

    /// The one that a source's key names.
    pub(super) fn find(&self, source: Source, key: &str) -> Option<&Group<'a>> {
        self.all.get(*self.of_row.get(&(source, key))?)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Properties {
    pub(super) fn of(known: &Known, groups: &Groups<'_>, today: Date, zone: &Zone) -> Self {
        let done = job::completed(known);
        let told = groups.all.iter().take(MAX_PROPERTIES);
        let items = told.map(|group| place(known, group, &done, today, zone)).collect();
        Self { items, more: groups.all.len().saturating_sub(MAX_PROPERTIES) }
    }

    pub(super) fn seen(self, sight: Sight) -> Self {
        let Self { items, more } = self;
        Self {
            items: sight.each(items, |item| item.seen(sight)),
            more: sight.option(Field::MoreProperties, Some(more)).unwrap_or_default(),
        }
    }
}

fn place(known: &Known, group: &Group<'_>, done: &[&Row<Job>], today: Date, zone: &Zone) -> Place {
    let mut pieces: Vec<&Row<Equipment>> = known
        .equipment
        .iter()
        .filter(|row| group.has(row.source, &row.value.property_key))
        .filter(|row| row.value.is_active && row.value.status != Some(EquipmentStatus::Replaced))
        .collect();
    // What should be replaced is told first, then the oldest; where no day is known, last.
    let rank =
        |row: &Row<Equipment>| (!is_to_replace(known, row), row.value.installed_on.is_none(), row.value.installed_on);
    pieces.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| (a.source, &a.key).cmp(&(b.source, &b.key))));
    let mut issues: Vec<String> = known
        .issues
        .iter()
        .filter(|issue| group.has(issue.source, &issue.property_key))
        .filter_map(|issue| quote::value(&issue.text))
        .collect();
    issues.dedup();
    issues.truncate(MAX_ISSUES);
    let last = done.iter().find(|row| row.value.property_key.as_deref().is_some_and(|key| group.has(row.source, key)));
    let address = group.rows.iter().find_map(|row| row.value.address.as_ref());
    Place {
        name: group.rows.iter().find_map(|row| row.value.name.as_deref()).and_then(quote::value),
        address: address.and_then(|address| quote::value(&address.display())),
        is_served: Some(group.is_served()),
        equipment: pieces.iter().take(MAX_EQUIPMENT).map(|row| piece(known, row, today)).collect(),
        more_equipment: pieces.len().saturating_sub(MAX_EQUIPMENT),
        issues,
        last_service: last.and_then(|row| row.value.type_name.as_deref()).and_then(quote::value),
        last_service_on: last.and_then(|row| words::day(job::done_at(&row.value)?, zone)),
    }
}

fn is_to_replace(known: &Known, row: &Row<Equipment>) -> bool {
    let is_it = |(source, key): &(Source, String)| *source == row.source && *key == row.key;
    known.insights.iter().any(|insight| insight.replaces.as_ref().is_some_and(is_it))
}

fn piece(known: &Known, row: &Row<Equipment>, today: Date) -> Piece {
    let equipment = &row.value;
    let text = |text: &Option<String>| text.as_deref().and_then(quote::value);
    let (kind, name) = (text(&equipment.kind), text(&equipment.name));
    let repeats =
        kind.is_some() && kind.as_ref().map(|it| it.to_lowercase()) == name.as_ref().map(|it| it.to_lowercase());
    Piece {
        kind,
        name: name.filter(|_| !repeats),
        manufacturer: text(&equipment.manufacturer),
        model: text(&equipment.model),
        serial_number: text(&equipment.serial_number),
        installed_on: equipment.installed_on,
        age_years: equipment.installed_on.and_then(|from| words::years(from, today)),
        warranty_ends_on: equipment.warranty_ends_on.max(equipment.service_warranty_ends_on),
        should_be_replaced: Some(is_to_replace(known, row)),
        memo: equipment.memo.as_deref().and_then(|memo| Quote::new(Author::Business, row.source, memo)),
    }
}

impl Place {
    fn seen(self, sight: Sight) -> Self {
        let Self { name, address, is_served, equipment, more_equipment, issues, last_service, last_service_on } = self;
        Self {
            name: sight.option(Field::PropertyName, name),
            address: sight.option(Field::PropertyAddress, address),
            is_served: sight.option(Field::PropertyIsServed, is_served),
            equipment: sight.each(equipment, |piece| piece.seen(sight)),
            more_equipment: sight.option(Field::MoreEquipment, Some(more_equipment)).unwrap_or_default(),
            issues: sight.list(Field::PropertyIssues, issues),
            last_service: sight.option(Field::LastService, last_service),
            last_service_on: sight.option(Field::LastServiceOn, last_service_on),
        }
    }
}

impl Piece {
    fn seen(self, sight: Sight) -> Self {
        let Self {
            kind,
            name,
            manufacturer,
            model,
            serial_number,
            installed_on,
            age_years,
            warranty_ends_on,
            should_be_replaced,
            memo,
        } = self;
        Self {
            kind: sight.option(Field::EquipmentKind, kind),
            name: sight.option(Field::EquipmentName, name),
            manufacturer: sight.option(Field::EquipmentManufacturer, manufacturer),
            model: sight.option(Field::EquipmentModel, model),
            serial_number: sight.option(Field::EquipmentSerialNumber, serial_number),
            installed_on: sight.option(Field::EquipmentInstalledOn, installed_on),
            age_years: sight.option(Field::EquipmentAge, age_years),
            warranty_ends_on: sight.option(Field::EquipmentWarranty, warranty_ends_on),
            should_be_replaced: sight.option(Field::EquipmentReplace, should_be_replaced),
            memo: sight.option(Field::EquipmentMemo, memo),
        }
    }
}
