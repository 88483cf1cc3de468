//! The parameters of a request: those that are known are read strictly, all others are ignored, as ServiceTitan does.

use std::collections::BTreeSet;

use super::refusal::Refusal;
use crate::stamp::Stamp;
use crate::world::table::Head;

/// Rows of a page unless asked otherwise.
const DEFAULT_PAGE_SIZE: i64 = 50;
/// Rows of a page at most.
const MAX_PAGE_SIZE: i64 = 5000;
/// Ids in one list of them at most.
const MAX_IDS: usize = 50;

/// What stands behind the question mark.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// By number.
    Id,
    /// By the last change.
    ModifiedOn,
    /// By the time it was made.
    CreatedOn,
    /// Most urgent last; jobs only.
    Priority,
}

/// Which page of which rows.
#[derive(Debug)]
pub struct Paging {
    /// From 1.
    pub page: usize,
    /// Rows of a page.
    pub size: usize,
    /// Whether to count them all.
    pub total: bool,
    /// By what, and whether backwards.
    pub sort: (Field, bool),
}

/// What all lists can be narrowed by.
#[derive(Debug, Default)]
pub struct Narrow {
    ids: Option<BTreeSet<i64>>,
    created: (Option<Stamp>, Option<Stamp>),
    modified: (Option<Stamp>, Option<Stamp>),
    active: Option<bool>,
}

impl Query {
    /// Reads what stands behind the question mark.
    pub fn parse(text: &str) -> Self {
        Self(serde_urlencoded::from_str(text).unwrap_or_default())
    }

    /// A parameter that says something. Names are the same in any case, as in ASP.NET.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn read<T>(&self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = || Refusal::field(name, &format!("The value '{text}' is not valid for {name}."));
        read(text).map(Some).ok_or_else(wrong)
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.read(name, |text| text.parse().ok())
    }

    /// `true` or `false`, in any case.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, |text| text.to_lowercase().parse().ok())
    }

    /// A moment.
    pub fn stamp(&self, name: &str) -> Result<Option<Stamp>, Refusal> {
        self.read(name, Stamp::parse)
    }

    /// Up to fifty numbers between commas.
    pub fn ids(&self, name: &str) -> Result<Option<BTreeSet<i64>>, Refusal> {
        let ids =
            self.read(name, |text| text.split(',').map(|it| it.trim().parse().ok()).collect::<Option<Vec<i64>>>())?;
        match ids {
            Some(ids) if ids.len() > MAX_IDS => Err(Refusal::field(name, "No more than 50 ids can be provided.")),
            ids => Ok(ids.map(BTreeSet::from_iter)),
        }
    }

    /// Which page, in which order; `sorts` are the fields that the list can be sorted by.
    pub fn paging(&self, sorts: &[Field]) -> Result<Paging, Refusal> {
        let page = self.number("page")?.unwrap_or(1);
        if !(0..=i64::from(i32::MAX)).contains(&page) {
            return Err(Refusal::field("page", "The field page must be between 1 and 2147483647."));
        }
        let size = self.number("pageSize")?.unwrap_or(DEFAULT_PAGE_SIZE);
        if !(1..=MAX_PAGE_SIZE).contains(&size) {
            return Err(Refusal::field("pageSize", "The field pageSize must be between 1 and 5000."));
        }
        let total = self.flag("includeTotal")?.unwrap_or(false);
        // Most lists take page 0 for page 1.
        let (page, size) = (page.max(1) as usize, size as usize);
        Ok(Paging { page, size, total, sort: self.sort(sorts)? })
    }

    /// The order of the one list that has two parameters for it.
    pub fn order_by(&self) -> Result<(Field, bool), Refusal> {
        let field = self.read("orderBy", |text| match text.to_lowercase().as_str() {
            "id" => Some(Field::Id),
            "modifiedon" => Some(Field::ModifiedOn),
            "createdon" => Some(Field::CreatedOn),
            _ => None,
        })?;
        let is_down = self.read("orderByDirection", |text| match text.to_lowercase().as_str() {
            "asc" | "ascending" => Some(false),
            "desc" | "descending" => Some(true),
            _ => None,
        })?;
        Ok((field.unwrap_or(Field::Id), is_down.unwrap_or(false)))
    }

    fn sort(&self, sorts: &[Field]) -> Result<(Field, bool), Refusal> {
        let Some(text) = self.text("sort").filter(|_| !sorts.is_empty()) else { return Ok((Field::Id, false)) };
        // A plus that was not encoded arrives as a blank.
        let (name, is_down) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text.trim_start_matches(['+', ' ']), false),
        };
        let field = [
            ("id", Field::Id),
            ("modifiedon", Field::ModifiedOn),
            ("createdon", Field::CreatedOn),
            ("priority", Field::Priority),
        ];
        let found = field.iter().find(|(it, field)| name.eq_ignore_ascii_case(it) && sorts.contains(field));
        let wrong = || Refusal::field("sort", &format!("Sorting by '{name}' is not supported."));
        found.map(|(_, field)| (*field, is_down)).ok_or_else(wrong)
    }

    /// What the rows are narrowed to, by the parameters that every list has and the two that some have. A list without the parameter `active` holds active rows only.
    pub fn narrow(&self, has_active: bool, has_ids: bool) -> Result<Narrow, Refusal> {
        let active = self.read("active", |text| match text.to_lowercase().as_str() {
            "true" => Some(Some(true)),
            "false" => Some(Some(false)),
            "any" => Some(None),
            _ => None,
        });
        let active = if has_active { active?.unwrap_or(Some(true)) } else { Some(true) };
        let created = (self.stamp("createdOnOrAfter")?, self.stamp("createdBefore")?);
        let modified = (self.stamp("modifiedOnOrAfter")?, self.stamp("modifiedBefore")?);
        let ids = if has_ids { self.ids("ids")? } else { None };
        Ok(Narrow { ids, created, modified, active })
    }
}

impl Narrow {
    /// All that are active.
    pub fn active() -> Self {
        Self { active: Some(true), ..Self::default() }
    }

    /// True if a row is among those asked for; `modified` is the stamp that counts as its last change.
    pub fn fits(&self, head: &Head, modified: Stamp) -> bool {
        let within = |bounds: (Option<Stamp>, Option<Stamp>), at: Stamp| {
            bounds.0.is_none_or(|from| at >= from) && bounds.1.is_none_or(|until| at < until)
        };
        self.ids.as_ref().is_none_or(|ids| ids.contains(&head.id))
            && self.active.is_none_or(|active| head.active == active)
            && within(self.created, head.created)
            && within(self.modified, modified)
    }

    /// True if the rows are narrowed by when they were changed or made.
    pub fn is_timed(&self) -> bool {
        let any = |bounds: (Option<Stamp>, Option<Stamp>)| bounds.0.is_some() || bounds.1.is_some();
        any(self.created) || any(self.modified)
    }
}
