//! Rebuild: customers again from records, decisions and rules. `--check` proves that they are the same.
//!
//! First what the words of live sources make (contacts, properties, equipment, jobs, memberships, numbers that must not be
//! texted), then what records are found by, then whose they are: each goes by the one before.

use std::collections::HashSet;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::changeover::Changeover;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::matching::Rules;
use doorstep_core::source::StreamSpec;
use doorstep_core::tenant::Permission;
use doorstep_store::identifier::{self, Link};
use doorstep_store::record::Stored;
use doorstep_store::task::{self, Claim};
use doorstep_store::{Tx, changeover, connection, customer, record, tenant};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::resolve::{self, PAGE, Walk};
use crate::sync::remap::Words;
use crate::{Engine, rules};

/// Connections whose words are looked at together.
const CONNECTIONS: i64 = 50;
/// Objects of live sources whose rows are compared in one transaction.
const WORDS_PAGE: i64 = 500;
/// Records whose identifiers are compared in one transaction.
const IDENTIFIERS_PAGE: i64 = 2_000;
/// Differences that are named; more are counted.
const MAX_NAMED: usize = 20;

/// What a rebuild found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// Records looked at.
    pub records: u64,
    /// Customers that stand on them.
    pub customers: u64,
    /// What differs from what words, records, decisions and rules make: customers, and rows of live sources.
    pub different: u64,
    /// Of those, rows of live sources: contacts, properties, equipment, jobs, memberships, numbers not to be texted.
    pub rows_different: u64,
    /// Some of them.
    pub examples: Vec<CustomerId>,
}

/// One rebuild on its way.
struct Rebuild<'a> {
    engine: &'a Engine,
    scope: &'a Scope,
    check: bool,
    /// A task's, to hold in every transaction.
    claim: Option<&'a Claim>,
    /// Of a changeover, whose progress is written with every page.
    changeover: Option<&'a Changeover>,
    rebuilt: Rebuilt,
}

impl Engine {
    /// Computes every customer again. With `check` nothing is written and the differences are only counted;
    /// without, they are put right, a page to a transaction.
    pub async fn rebuild(&self, scope: &Scope, check: bool, progress: impl FnMut(u64)) -> Result<Rebuilt> {
        scope.require(Permission::Administer)?;
        if !check {
            // Before the first page: there is no rebuilding without an entry, even if it stops half-way.
            let mut tx = self.db.write(scope).await?;
            let tenant = Some(scope.tenant().to_string());
            self.note_act(&mut tx, scope.actor(), Act::CustomersRebuilt, tenant, Details::none()).await?;
            tx.commit().await?;
        }
        let (claim, changeover, rebuilt) = (None, None, Rebuilt::default());
        let rebuild = Rebuild { engine: self, scope, check, claim, changeover, rebuilt };
        rebuild.run(progress).await
    }
}

/// The task that puts everything right, under its lease.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim) -> Result<()> {
    let scope = Scope::worker(claim.tenant);
    let (claim, changeover, rebuilt) = (Some(claim), None, Rebuilt::default());
    Rebuild { engine, scope: &scope, check: false, claim, changeover, rebuilt }.run(|_| {}).await?;
    Ok(())
}

/// The same, for customers that follow the rules that were put in force: begins where the last try ended.
#[crate::boxed]
pub(crate) async fn follow(engine: &Engine, scope: &Scope, claim: &Claim, changeover: &Changeover) -> Result<()> {
    let (claim, changeover, rebuilt) = (Some(claim), Some(changeover), Rebuilt::default());
    Rebuild { engine, scope, check: false, claim, changeover, rebuilt }.run(|_| {}).await?;
    Ok(())
}

/// The identifiers that these records lack and those that they have too many, as the rules are now.
#[crate::boxed]
pub(crate) async fn compare_identifiers(
    tx: &mut Tx,
    rules: &Rules,
    records: &[Stored],
) -> Result<(Vec<Link>, Vec<Link>)> {
    let ids: Vec<RecordId> = records.iter().map(|stored| stored.record.id).collect();
    let stored: HashSet<Link> = identifier::of_records(tx, &ids).await?.into_iter().collect();
    let of = |stored: &Stored| {
        let id = stored.record.id;
        rules.stored_under(&stored.record).into_iter().map(move |identifier| (id, identifier))
    };
    let wanted: HashSet<Link> = records.iter().flat_map(of).collect();
    Ok((wanted.difference(&stored).cloned().collect(), stored.difference(&wanted).cloned().collect()))
}

impl Rebuild<'_> {
    async fn run(mut self, mut progress: impl FnMut(u64)) -> Result<Rebuilt> {
        // Nor does what a source's words make hang on rules.
        if self.changeover.is_none() {
            self.words().await?;
        }
        // What records are found by does not hang on what is weighed: once is enough.
        if self.changeover.is_none_or(|changeover| changeover.after.is_none()) {
            self.identifiers().await?;
        }
        let alive = self.customers(&mut progress).await?;
        self.sweep_orphans(&alive).await?;
        Ok(self.rebuilt)
    }

    /// A transaction that reads, or that writes as long as the lease is held.
    async fn begin(&self) -> Result<Tx> {
        if self.check {
            return Ok(self.engine.db.read(self.scope).await?);
        }
        let mut tx = self.engine.db.write(self.scope).await?;
        // In this order, as whoever changes the rules and then wakes this task.
        tx.lock_identity().await?;
        if let Some(claim) = self.claim {
            task::hold(&mut tx, claim).await?;
        }
        Ok(tx)
    }

    /// What the stored words of live sources make.
    async fn words(&mut self) -> Result<()> {
        let mut after = None;
        loop {
            let mut tx = self.engine.db.read(self.scope).await?;
            let region = tenant::get(&mut tx).await?.country;
            let connections = connection::with_records(&mut tx, after, CONNECTIONS).await?;
            drop(tx);
            let Some(last) = connections.last() else { return Ok(()) };
            after = Some(last.id);
            for connection in connections {
                let Some(words) = Words::of(self.engine, connection, region) else { continue };
                for stream in words.streams() {
                    self.stream(&words, stream).await?;
                }
            }
        }
    }

    async fn stream(&mut self, words: &Words<'_>, stream: &'static StreamSpec) -> Result<()> {
        let (mut after, mut size) = (None, WORDS_PAGE);
        loop {
            let mut tx = self.begin().await?;
            let mut objects = words.page(&mut tx, stream, after, size).await?;
            let Some(last) = objects.last().map(|object| object.id) else { return Ok(()) };
            let wrong = words.wrong(&mut tx, stream, &objects).await?;
            objects.retain(|object| wrong.contains(&object.id));
            let (owners, is_one) = (objects.iter().map(|it| it.customer).collect::<Vec<_>>(), objects.len() == 1);
            if !self.check && !wrong.is_empty() {
                match words.remake(&mut tx, stream, objects).await {
                    // Many neighbourhoods together may be too large where each is not.
                    Err(Error::TooConnected { .. }) if !is_one => {
                        size = (size / 2).max(1);
                        continue;
                    }
                    made => made?,
                }
                tx.commit().await?;
            }
            (after, size) = (Some(last), (size * 2).min(WORDS_PAGE));
            self.rebuilt.rows_differ(&owners);
        }
    }

    /// What records are found by.
    async fn identifiers(&mut self) -> Result<()> {
        let mut after = None;
        loop {
            let mut tx = self.begin().await?;
            let page = record::ids_after(&mut tx, after, IDENTIFIERS_PAGE).await?;
            let Some(last) = page.last().copied() else { return Ok(()) };
            after = Some(last);
            let rules = rules(&mut tx).await?;
            let records = record::get_many(&mut tx, &page).await?;
            let (missing, surplus) = compare_identifiers(&mut tx, &rules, &records).await?;
            let wrong: HashSet<RecordId> = missing.iter().chain(&surplus).map(|(record, _)| *record).collect();
            let owners = records.iter().filter(|stored| wrong.contains(&stored.record.id));
            let owners: HashSet<CustomerId> = owners.filter_map(|stored| stored.customer).collect();
            owners.into_iter().for_each(|id| self.rebuilt.differ(id));
            if !self.check && !wrong.is_empty() {
                identifier::remove(&mut tx, &surplus).await?;
                identifier::insert(&mut tx, missing).await?;
                tx.commit().await?;
            }
        }
    }

    /// Whose records are; the customers that records stand behind.
    async fn customers(&mut self, progress: &mut impl FnMut(u64)) -> Result<HashSet<CustomerId>> {
        let mut alive: HashSet<CustomerId> = HashSet::new();
        let mut walk = Walk::from(self.changeover.and_then(|changeover| changeover.after), self.engine.max_component);
        let before = self.changeover.map_or(0, |changeover| changeover.records_done);
        loop {
            let mut tx = self.begin().await?;
            let rules = rules(&mut tx).await?;
            let Some(around) = walk.next(&mut tx, &rules).await? else { return Ok(alive) };
            alive.extend(around.stored_inside().map(|(_, customer)| customer));
            let outcome = resolve::decide(&rules, &around);
            self.rebuilt.note(&outcome);
            let is_changed = !self.check && !outcome.is_unchanged();
            if is_changed {
                resolve::write_again(&mut tx, &self.engine.ids, outcome).await?;
            }
            self.rebuilt.records = before + walk.seen();
            if self.changeover.is_some() {
                changeover::set_progress(&mut tx, walk.after(), self.rebuilt.records).await?;
            }
            if is_changed || self.changeover.is_some() {
                tx.commit().await?;
            }
            progress(self.rebuilt.records);
        }
    }

    /// Customers that no record stands behind.
    async fn sweep_orphans(&mut self, alive: &HashSet<CustomerId>) -> Result<()> {
        let mut after = None;
        loop {
            let mut tx = self.begin().await?;
            let page = customer::list(&mut tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            self.rebuilt.customers += page.len() as u64;
            let mut orphans = Vec::new();
            for listed in page.iter().filter(|listed| self.check && !alive.contains(&listed.id)) {
                self.rebuilt.differ(listed.id);
            }
            if !self.check {
                let ids: Vec<CustomerId> = page.iter().map(|listed| listed.id).collect();
                let records = record::of_customers(&mut tx, &ids).await?;
                let alive: HashSet<CustomerId> = records.iter().filter_map(|stored| stored.customer).collect();
                orphans.extend(ids.into_iter().filter(|id| !alive.contains(id)));
                orphans.iter().for_each(|id| self.rebuilt.differ(*id));
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

    /// Counts rows of live sources; those about people name whom they are about.
    fn rows_differ(&mut self, owners: &[Option<CustomerId>]) {
        self.rows_different += owners.len() as u64;
        owners.iter().flatten().for_each(|id| self.differ(*id));
        self.different += owners.iter().filter(|owner| owner.is_none()).count() as u64;
    }

    fn differ(&mut self, id: CustomerId) {
        self.different += 1;
        if self.examples.len() < MAX_NAMED {
            self.examples.push(id);
        }
    }
}
