//! Rebuild: customers again from records, decisions and rules. `--check` proves that they are the same.

use std::collections::HashSet;

use doorstep_core::Scope;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::tenant::Permission;
use doorstep_store::{customer, record};
use serde::Serialize;

use crate::error::Result;
use crate::resolve::{self, Start};
use crate::{Engine, rules};

/// Records whose neighbourhoods are looked at in one transaction.
const PAGE: i64 = 500;
/// Differences that are named; more are counted.
const MAX_NAMED: usize = 20;

/// What a rebuild found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Records looked at.
    pub records: u64,
    /// Customers that stand on them.
    pub customers: u64,
    /// Customers that differ from what their records, decisions and rules make.
    pub different: u64,
    /// Some of them.
    pub examples: Vec<CustomerId>,
}

impl Engine {
    /// Computes every customer again. With `check` nothing is written and the differences are only counted;
    /// without, they are put right, a page to a transaction.
    pub async fn rebuild(&self, scope: &Scope, check: bool, mut progress: impl FnMut(u64)) -> Result<Rebuilt> {
        scope.require(Permission::Administer)?;
        let mut rebuilt = Rebuilt::default();
        let mut seen: HashSet<RecordId> = HashSet::new();
        let mut alive: HashSet<CustomerId> = HashSet::new();
        let mut after = None;
        loop {
            let mut tx = if check { self.db.read(scope).await? } else { self.db.write(scope).await? };
            let page = record::ids_after(&mut tx, after, PAGE).await?;
            let Some(last) = page.last().copied() else { break };
            after = Some(last);
            let fresh: Vec<RecordId> = page.into_iter().filter(|id| !seen.contains(id)).collect();
            if !check {
                tx.lock_identity().await?;
            }
            let rules = rules(&mut tx).await?;
            let start = Start { records: &fresh, ..Start::default() };
            let mut around = resolve::gather(&mut tx, &rules, &[], &start).await?;
            for record in &around.records {
                seen.insert(record.id);
                if let Some(customer) = around.customer_of.get(&record.id) {
                    alive.insert(*customer);
                }
            }
            let outcome = resolve::decide(&rules, &mut around, Vec::new());
            rebuilt.note(&outcome);
            if !check && !outcome.is_unchanged() {
                resolve::write(&mut tx, &self.ids, &rules, Vec::new(), outcome).await?;
                tx.commit().await?;
            }
            rebuilt.records = seen.len() as u64;
            progress(rebuilt.records);
        }
        self.sweep_orphans(scope, check, &alive, &mut rebuilt).await?;
        Ok(rebuilt)
    }

    /// Customers that no record stands behind.
    async fn sweep_orphans(
        &self,
        scope: &Scope,
        check: bool,
        alive: &HashSet<CustomerId>,
        rebuilt: &mut Rebuilt,
    ) -> Result<()> {
        let mut after = None;
        loop {
            let mut tx = if check { self.db.read(scope).await? } else { self.db.write(scope).await? };
            let page = customer::list(&mut tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            rebuilt.customers += page.len() as u64;
            let mut orphans = Vec::new();
            for listed in page.iter().filter(|listed| check && !alive.contains(&listed.id)) {
                rebuilt.differ(listed.id);
            }
            if !check {
                for listed in &page {
                    if record::of_customers(&mut tx, &[listed.id]).await?.is_empty() {
                        orphans.push(listed.id);
                    }
                }
                orphans.iter().for_each(|id| rebuilt.differ(*id));
                customer::remove(&mut tx, &orphans).await?;
                tx.commit().await?;
            }
        }
    }
}

impl Rebuilt {
    fn note(&mut self, outcome: &resolve::Outcome) {
        let moved = outcome.moved.iter().map(|(_, customer)| *customer);
        let put = outcome.put.iter().map(|put| put.customer.id);
        let removed = outcome.removed.iter().map(|(id, _)| *id);
        let reviews = outcome.opened.iter().map(|pair| pair.a);
        let different: HashSet<CustomerId> = moved.chain(put).chain(removed).chain(reviews).collect();
        for id in different {
            self.differ(id);
        }
        self.different += outcome.closed.len() as u64;
    }

    fn differ(&mut self, id: CustomerId) {
        self.different += 1;
        if self.examples.len() < MAX_NAMED {
            self.examples.push(id);
        }
    }
}
