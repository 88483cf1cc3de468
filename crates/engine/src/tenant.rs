//! Changing what a tenant is. Its own numbers are rules of identity: who hangs together by a number that becomes an
//! own one, or stops being one, is resolved again before anybody sees the change, or, where too many do, by a task.
//! Marks of single identifiers ([`crate::mark`]) go the same way.

use std::collections::BTreeSet;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_core::import::State;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Permission, Tenant};
use doorstep_core::time::{Timestamp, Zone};
use doorstep_store::{Tx, customer, identifier, import, record, task, tenant};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::rebuild::compare_identifiers;
use crate::resolve::{self, Start};
use crate::task::Key;
use crate::{Engine, rules};

/// Customers with the numbers in question that one transaction resolves again; with more of them a task goes through
/// all customers. An own number that slipped into the address book is in a few; one in hundreds is a mistake's.
pub const MAX_AT_ONCE: usize = 500;
/// An instant after every import.
const EVER: Timestamp = Timestamp::from_micros(i64::MAX / 2);

/// What is to be different; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// Its zone.
    pub time_zone: Option<Zone>,
    /// Its country.
    pub country: Option<Region>,
    /// Numbers that it calls and texts from, too.
    pub add_own_numbers: Vec<Phone>,
    /// Numbers that are not its own after all.
    pub remove_own_numbers: Vec<Phone>,
}

/// What a change came to, or would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The tenant as it was.
    pub before: Tenant,
    /// The tenant as it is.
    pub tenant: Tenant,
    /// What that did to customers.
    pub customers: Reached,
}

/// The customers that a change of own numbers, or a mark, reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Those that have one of the numbers, or the marked address; at least so many if the rest is left to the task.
    pub holders: u64,
    /// New ones: what the number had held together.
    pub created: u64,
    /// Those whose golden record is another now.
    pub changed: u64,
    /// Those that were joined to another.
    pub joined: u64,
    /// Too many for one transaction: the task [`Key::Rebuild`] goes through all customers.
    pub by_task: bool,
}

impl Engine {
    /// What the scope's tenant is.
    #[crate::boxed]
    pub async fn tenant(&self, scope: &Scope) -> Result<Tenant> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(tenant::get(&mut tx).await?)
    }

    /// Changes the scope's tenant. A preview does all of it and keeps nothing.
    ///
    /// Zone, country and own numbers are how later imports are read; what is stored stays as it was read.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a number that is none of its own, or while an import is coming in: its rows would be
    /// read in two ways.
    #[crate::boxed]
    pub async fn change_tenant(&self, scope: &Scope, change: &Change, preview: bool) -> Result<Changed> {
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let changed = self.change_tenant_in(&mut tx, scope, change).await?;
        if !preview && changed.tenant != changed.before {
            tx.commit().await?;
        }
        Ok(changed)
    }

    /// As [`Engine::change_tenant`], under the identity lock of a transaction that writes more.
    #[crate::boxed]
    pub(crate) async fn change_tenant_in(&self, tx: &mut Tx, scope: &Scope, change: &Change) -> Result<Changed> {
        scope.require(Permission::Administer)?;
        let mut before = tenant::get(tx).await?;
        before.own_numbers.sort();
        let tenant = changed(&before, change)?;
        let numbers = differing(&before, &tenant);
        let mut customers = Reached::default();
        if tenant == before {
            return Ok(Changed { before, tenant, customers });
        }
        let is_only_renamed = Tenant { name: before.name.clone(), ..tenant.clone() } == before;
        if !is_only_renamed {
            refuse_while_applying(tx).await?;
        }
        tenant::put(tx, &tenant).await?;
        self.retract_own_marks(tx, scope, &change.remove_own_numbers).await?;
        if !numbers.is_empty() {
            customers = self.resolve_with(tx, &numbers).await?;
        }
        let details = Details::none()
            .with("name", (tenant.name != before.name).then_some(&tenant.name))
            .with("time_zone", (tenant.time_zone != before.time_zone).then(|| tenant.time_zone.name()))
            .with("country", (tenant.country != before.country).then(|| tenant.country.as_str()))
            .with("own_numbers", (!numbers.is_empty()).then_some(numbers.len()));
        let subject = Some(scope.tenant().to_string());
        self.note_act(tx, scope.actor(), Act::TenantChanged, subject, details).await?;
        Ok(Changed { before, tenant, customers })
    }

    /// Resolves again whoever has one of `numbers`, by the rules as they are now.
    async fn resolve_with(&self, tx: &mut Tx, numbers: &[Phone]) -> Result<Reached> {
        let mut holders: Vec<CustomerId> = Vec::new();
        for phone in numbers {
            let limit = i64::try_from(MAX_AT_ONCE + 1).unwrap_or(i64::MAX);
            holders.extend(customer::find_by_identifier(tx, &Identifier::from(phone), limit).await?);
        }
        holders.sort_unstable();
        holders.dedup();
        Ok(self.resolve_whole(tx, &holders).await?.0)
    }

    /// Resolves customers again by the rules as they are now, or leaves it to the task where they are too many; and the
    /// customers that were written.
    #[crate::boxed]
    pub(crate) async fn resolve_whole(
        &self,
        tx: &mut Tx,
        holders: &[CustomerId],
    ) -> Result<(Reached, BTreeSet<CustomerId>)> {
        if holders.len() <= MAX_AT_ONCE {
            match self.resolve_holders(tx, holders).await {
                Err(Error::TooConnected { .. }) => {}
                resolved => return resolved,
            }
        }
        Ok((leave_to_task(tx, holders).await?, BTreeSet::new()))
    }

    async fn resolve_holders(&self, tx: &mut Tx, holders: &[CustomerId]) -> Result<(Reached, BTreeSet<CustomerId>)> {
        let rules = rules(tx).await?;
        let records = record::of_customers(tx, holders).await?;
        // A number that is an own one is not among what records are found by, and has to be once it no longer is.
        let (missing, surplus) = compare_identifiers(tx, &rules, &records).await?;
        identifier::remove(tx, &surplus).await?;
        identifier::insert(tx, missing).await?;
        let records: Vec<_> = records.iter().map(|stored| stored.record.id).collect();
        let start = Start { records: &records, customers: holders, limit: self.max_component, ..Start::default() };
        let resolution = resolve::again(tx, &self.ids, &rules, &start).await?;
        let reached = Reached {
            holders: holders.len() as u64,
            created: resolution.created.len() as u64,
            changed: resolution.changed.len() as u64,
            joined: resolution.removed.len() as u64,
            by_task: false,
        };
        let written = resolution.created.into_iter().chain(resolution.changed).chain(resolution.removed);
        Ok((reached, written.collect()))
    }
}

/// Has all customers resolved again in the background.
#[crate::boxed]
pub(crate) async fn leave_to_task(tx: &mut Tx, holders: &[CustomerId]) -> Result<Reached> {
    let now = tx.now();
    task::wake(tx, &Key::Rebuild.to_string(), now).await?;
    Ok(Reached { holders: holders.len() as u64, by_task: true, ..Reached::default() })
}

/// The tenant with what is to be different.
fn changed(before: &Tenant, change: &Change) -> Result<Tenant> {
    let mut tenant = before.clone();
    if let Some(name) = &change.name {
        tenant.name.clone_from(name);
    }
    if let Some(zone) = &change.time_zone {
        tenant.time_zone = zone.clone();
    }
    tenant.country = change.country.unwrap_or(before.country);
    for phone in &change.remove_own_numbers {
        let shown = phone.national(tenant.country);
        if change.add_own_numbers.contains(phone) {
            return Err(Error::Unfit(format!("`{shown}` cannot be added and removed at once")));
        }
        if !before.own_numbers.contains(phone) {
            return Err(Error::Unfit(format!(
                "`{shown}` is not one of the own numbers of `{}`: `doorstep tenant list` shows them",
                before.name
            )));
        }
    }
    tenant.own_numbers.extend(change.add_own_numbers.iter().cloned());
    tenant.own_numbers.retain(|phone| !change.remove_own_numbers.contains(phone));
    tenant.own_numbers.sort();
    tenant.own_numbers.dedup();
    Ok(tenant)
}

/// The numbers that are own ones either before or after.
fn differing(before: &Tenant, after: &Tenant) -> Vec<Phone> {
    let only_in = |one: &Tenant, other: &Tenant| {
        let only = one.own_numbers.iter().filter(|phone| !other.own_numbers.contains(phone));
        only.cloned().collect::<Vec<_>>()
    };
    [only_in(before, after), only_in(after, before)].concat()
}

/// An import that stopped half-way reads its archive again: with another zone or other own numbers its rows would
/// not be known again, and come in twice.
#[crate::boxed]
pub(crate) async fn refuse_while_applying(tx: &mut Tx) -> Result<()> {
    let Some(id) = import::in_state(tx, State::Applying, EVER, 1).await?.pop() else { return Ok(()) };
    Err(Error::Unfit(format!(
        "the import `{id}` is coming in, and its rows would be read in two ways: let it finish (`doorstep import resume \
         {id}`) or take it out (`doorstep import undo {id}`) first"
    )))
}
