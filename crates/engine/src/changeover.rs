//! Going over to another version of the rules: what would change, then exactly that or nothing.
//!
//! A look goes through all records in one snapshot and writes nothing. To apply is to put the version in force, in one
//! transaction that also wakes the task which lets the customers follow, a page to a transaction, by the one path that a
//! rebuild goes. Whoever comes in meanwhile is resolved by the version in force, with all that hangs together around
//! them; so at any moment what hangs together stands on one version, and in the end all do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use doorstep_core::audit::{Act, Details};
use doorstep_core::changeover::{Changeover, Digest, MAX_EXAMPLES, MAX_NAMED, Merge, Split, State, Summary};
use doorstep_core::contact::Contact;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::linkage::{Observed, Rate, Scores};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, planted};
use doorstep_store::change::{self, Subject};
use doorstep_store::task::{self, Claim};
use doorstep_store::{Tx, changeover, customer, record, rule_set};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::resolve::{Neighbourhood, Outcome, Walk, decide};
use crate::rule_set::rules_of;
use crate::task::Key;
use crate::tenant::refuse_while_applying;
use crate::{Engine, rebuild};

/// Thresholds at which the errors to be expected are shown, in bits.
const SHOWN_RATES: [f32; 8] = [-1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0];

/// Records after which a look by the task notes how far it is: some seconds of work, and each note is a commit.
pub const NOTE_EVERY: u64 = 500;

/// A changeover as it is shown: with the names of whom it names.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The changeover.
    #[serde(flatten)]
    pub changeover: Changeover,
    /// Why it stands still, if its task was put aside: it goes on when somebody asks ([`Engine::resume_changeover`]).
    pub stopped: Option<String>,
    /// What the customers of its examples are called, or would be.
    pub names: BTreeMap<CustomerId, String>,
}

/// Whom a look tells how far it is.
enum Listener<'a> {
    Nobody,
    /// Whoever waits for it, at every step.
    Caller(&'a mut (dyn FnMut(u64, u64) + Send)),
    /// The store, for whoever asks; as long as the task is held and this look is what was asked for.
    Store {
        claim: &'a Claim,
        asked: &'a Changeover,
    },
}

/// What a look found.
struct Look {
    summary: Summary,
    digest: String,
    /// The head of the change feed in the snapshot.
    head: i64,
}

impl Engine {
    /// The tenant's newest changeover.
    #[crate::boxed]
    pub async fn changeover(&self, scope: &Scope) -> Result<Option<Shown>> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.read(scope).await?;
        match changeover::get(&mut tx).await? {
            Some(found) => Ok(Some(shown(&mut tx, found).await?)),
            None => Ok(None),
        }
    }

    /// Looks at what a version of the rules would change, at once; `progress` hears how many records were looked at, and
    /// how many there are. Of customers and their records nothing is written.
    ///
    /// # Errors
    /// [`Error::NoRuleSet`]; [`Error::StillFollowing`].
    pub async fn preview_rules(
        &self,
        scope: &Scope,
        version: i64,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Shown> {
        let wanted = self.wanted(scope, version).await?;
        let look = self.look(scope, version, Listener::Caller(&mut progress)).await?;
        let previewed = Changeover { records_done: look.summary.records, ..of_look(wanted, look) };
        self.keep_look(scope, None, previewed).await
    }

    /// The same by a task: how far it is, is in [`Engine::changeover`].
    ///
    /// # Errors
    /// Those of [`Engine::preview_rules`].
    #[crate::boxed]
    pub async fn start_preview(&self, scope: &Scope, version: i64) -> Result<Shown> {
        let wanted = self.wanted(scope, version).await?;
        let mut tx = self.db.write(scope).await?;
        refuse_while_following(&mut tx).await?;
        changeover::put(&mut tx, &wanted).await?;
        let now = tx.now();
        task::wake(&mut tx, &Key::Changeover.to_string(), now).await?;
        let started = shown(&mut tx, wanted).await?;
        tx.commit().await?;
        Ok(started)
    }

    /// Lets a changeover go on that stands still: its task was put aside after its tries were used up.
    ///
    /// # Errors
    /// [`Error::Unfit`] where there is nothing to go on with.
    #[crate::boxed]
    pub async fn resume_changeover(&self, scope: &Scope) -> Result<Shown> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        let stored = changeover::get(&mut tx).await?;
        let under_way = |it: &Changeover| matches!(it.state, State::Previewing | State::Checking | State::Applying);
        let stored = stored.filter(under_way).ok_or_else(|| {
            Error::Unfit(
                "no changeover is under way: there is nothing to go on with; look at a version first".to_owned(),
            )
        })?;
        let now = tx.now();
        task::wake(&mut tx, &Key::Changeover.to_string(), now).await?;
        let resumed = shown(&mut tx, stored).await?;
        tx.commit().await?;
        Ok(resumed)
    }

    /// Puts a version in force and lets the customers follow, if what that changes is what was looked at: `digest` is
    /// that of the look. Where anything has come in since, the task looks again first ([`State::Checking`]); if other
    /// things would change by now, it is [`State::Previewed`] again, with another digest, and nothing has changed. Who came
    /// in and changes nothing of it is no reason to refuse.
    ///
    /// # Errors
    /// [`Error::NotPreviewed`]; [`Error::StillFollowing`]; [`Error::Unfit`] while an import is coming in.
    #[crate::boxed]
    pub async fn apply_rules(&self, scope: &Scope, version: i64, digest: &str) -> Result<Shown> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        refuse_while_following(&mut tx).await?;
        let stored = changeover::get(&mut tx).await?.ok_or(Error::NotPreviewed(version))?;
        let is_that = stored.state == State::Previewed && stored.version == version;
        if !is_that || stored.digest.as_deref() != Some(digest) {
            return Err(Error::NotPreviewed(version));
        }
        refuse_while_applying(&mut tx).await?;
        let stored = Changeover { actor: scope.actor().clone(), ..stored };
        let now = match change::head(&mut tx).await? == stored.feed_number {
            true => self.switch(&mut tx, stored).await?,
            false => {
                let checking = Changeover { state: State::Checking, ..stored };
                changeover::put(&mut tx, &checking).await?;
                checking
            }
        };
        let due = tx.now();
        task::wake(&mut tx, &Key::Changeover.to_string(), due).await?;
        let started = shown(&mut tx, now).await?;
        tx.commit().await?;
        Ok(started)
    }

    /// Puts the version in force, in a transaction that wakes the task.
    async fn switch(&self, tx: &mut Tx, looked: Changeover) -> Result<Changeover> {
        let from_version = rule_set::in_force(tx).await?.version;
        rule_set::put_in_force(tx, looked.version).await?;
        let records_total = record::count(tx).await?;
        let (state, after, records_done) = (State::Applying, None, 0);
        let applying = Changeover { state, from_version, after, records_done, records_total, ..looked };
        changeover::put(tx, &applying).await?;
        let mut details = Details::none().with("from", from_version).with("digest", &applying.digest);
        if let Some(summary) = &applying.summary {
            details = details.with("merges", summary.merges).with("splits", summary.splits);
        }
        let subject = Some(applying.version.to_string());
        self.note_act(tx, &applying.actor, Act::RuleSetApplied, subject, details).await?;
        Ok(applying)
    }

    /// Looks again, and puts the version in force if that is still what was promised; else nothing but the new look is
    /// written. What came in after the look is resolved by the version in force, as all that comes in later.
    async fn check(&self, scope: &Scope, claim: &Claim, promised: Changeover) -> Result<Changeover> {
        let look = self.look(scope, promised.version, Listener::Nobody).await?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        task::hold(&mut tx, claim).await?;
        let asked = changeover::get(&mut tx).await?;
        if asked.as_ref() != Some(&promised) {
            // Another look was asked for meanwhile, and the task runs again.
            return Ok(promised);
        }
        let mut is_still = Some(&look.digest) == promised.digest.as_ref() || planted!("a-look-is-not-held-to");
        for subject in [Subject::Tenant, Subject::Decision, Subject::Mark] {
            is_still &= !change::any_since(&mut tx, look.head, subject).await?;
        }
        let is_free = refuse_while_applying(&mut tx).await.is_ok();
        let looked = of_look(promised, look);
        let now = if is_still && is_free {
            self.switch(&mut tx, looked).await?
        } else {
            let records_done = looked.summary.as_ref().map_or(0, |summary| summary.records);
            let looked = Changeover { records_done, ..looked };
            changeover::put(&mut tx, &looked).await?;
            looked
        };
        tx.commit().await?;
        Ok(now)
    }

    /// A changeover to a version, of which nothing is known yet.
    async fn wanted(&self, scope: &Scope, version: i64) -> Result<Changeover> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.read(scope).await?;
        refuse_while_following(&mut tx).await?;
        rule_set::get(&mut tx, version).await?.ok_or(Error::NoRuleSet(version))?;
        Ok(Changeover {
            version,
            from_version: rule_set::in_force(&mut tx).await?.version,
            state: State::Previewing,
            digest: None,
            feed_number: change::head(&mut tx).await?,
            summary: None,
            after: None,
            records_done: 0,
            records_total: record::count(&mut tx).await?,
            actor: scope.actor().clone(),
            created_at: tx.now(),
            applied_at: None,
        })
    }

    /// What a version would change, from one snapshot.
    async fn look(&self, scope: &Scope, version: i64, mut listener: Listener<'_>) -> Result<Look> {
        let mut tx = self.db.read(scope).await?;
        let head = change::head(&mut tx).await?;
        let total = record::count(&mut tx).await?;
        let rules = rules_of(&mut tx, version).await?;
        let mut walk = Walk::from(None, self.max_component);
        let (mut found, mut observed, mut noted) = (Found::default(), Observed::default(), 0);
        while let Some(around) = walk.next(&mut tx, &rules).await? {
            around.candidates.observe(&around.inside, &around.beside(&rules), &mut observed);
            let outcome = decide(&rules, &around);
            found.note(&around, &outcome);
            match &mut listener {
                Listener::Caller(progress) => progress(walk.seen(), total),
                Listener::Store { claim, asked } if walk.seen() - noted >= NOTE_EVERY => {
                    self.note_look(scope, claim, asked, walk.seen()).await?;
                    noted = walk.seen();
                }
                Listener::Store { .. } | Listener::Nobody => {}
            }
        }
        let (mut summary, digest) = (found.summary, found.digest.to_string());
        summary.records = walk.seen();
        summary.rates = rates(&observed.scores, rules.weights.link);
        Ok(Look { summary, digest, head })
    }

    /// Says how far a look is, unless another was asked for meanwhile. Beside the transaction that looks: nothing that
    /// it sees is changed by that.
    async fn note_look(&self, scope: &Scope, claim: &Claim, asked: &Changeover, done: u64) -> Result<()> {
        let mut tx = self.db.write(scope).await?;
        task::hold(&mut tx, claim).await?;
        if changeover::get(&mut tx).await?.is_some_and(|stored| is_asked(&stored, asked)) {
            changeover::set_progress(&mut tx, None, done).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Stores a look, unless another was asked for meanwhile.
    async fn keep_look(&self, scope: &Scope, claim: Option<&Claim>, looked: Changeover) -> Result<Shown> {
        let mut tx = self.db.write(scope).await?;
        if let Some(claim) = claim {
            task::hold(&mut tx, claim).await?;
            let asked = changeover::get(&mut tx).await?;
            if !asked.is_some_and(|stored| is_asked(&stored, &looked)) {
                return shown(&mut tx, looked).await;
            }
        }
        refuse_while_following(&mut tx).await?;
        changeover::put(&mut tx, &looked).await?;
        let kept = shown(&mut tx, looked).await?;
        tx.commit().await?;
        Ok(kept)
    }
}

/// The task: goes by the state that the database says.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim) -> Result<()> {
    let scope = Scope::worker(claim.tenant);
    let mut tx = engine.db.read(&scope).await?;
    let Some(stored) = changeover::get(&mut tx).await? else { return Ok(()) };
    drop(tx);
    let stored = match stored.state {
        State::Checking => engine.check(&scope, claim, stored).await?,
        State::Previewing | State::Previewed | State::Applying | State::Applied => stored,
    };
    match stored.state {
        State::Previewing => {
            let listener = Listener::Store { claim, asked: &stored };
            let look = engine.look(&scope, stored.version, listener).await?;
            let previewed = Changeover { records_done: look.summary.records, ..of_look(stored, look) };
            engine.keep_look(&scope, Some(claim), previewed).await?;
        }
        State::Applying => {
            rebuild::follow(engine, &scope, claim, &stored).await?;
            let mut tx = engine.db.write(&scope).await?;
            task::hold(&mut tx, claim).await?;
            let Some(now) = changeover::get(&mut tx).await? else { return Ok(()) };
            let (state, applied_at) = (State::Applied, Some(tx.now()));
            let records_total = now.records_done;
            changeover::put(&mut tx, &Changeover { state, applied_at, after: None, records_total, ..now }).await?;
            tx.commit().await?;
        }
        State::Previewed | State::Checking | State::Applied => {}
    }
    Ok(())
}

/// Whether what is stored is the look that was asked for, and nobody has answered it yet.
fn is_asked(stored: &Changeover, asked: &Changeover) -> bool {
    stored.state == State::Previewing && (stored.version, stored.created_at) == (asked.version, asked.created_at)
}

/// Two versions at once would leave customers on neither.
async fn refuse_while_following(tx: &mut Tx) -> Result<()> {
    match changeover::get(tx).await? {
        Some(stored) if stored.state == State::Applying => Err(Error::StillFollowing(stored.version)),
        Some(_) | None => Ok(()),
    }
}

fn of_look(wanted: Changeover, look: Look) -> Changeover {
    let (digest, summary, feed_number) = (Some(look.digest), Some(look.summary), look.head);
    Changeover { state: State::Previewed, digest, summary, feed_number, ..wanted }
}

/// The errors to be expected at some thresholds, that of the version among them.
pub fn rates(scores: &Scores, link: f32) -> Vec<Rate> {
    let mut thresholds = [&SHOWN_RATES[..], &[link]].concat();
    thresholds.sort_by(f32::total_cmp);
    thresholds.dedup();
    thresholds.into_iter().map(|threshold| scores.rate(threshold)).collect()
}

/// With the names of the customers in its examples: what they are called now, or what the record says that they would be
/// named for.
async fn shown(tx: &mut Tx, changeover: Changeover) -> Result<Shown> {
    let mut ids = BTreeSet::new();
    if let Some(summary) = &changeover.summary {
        ids.extend(summary.example_merges.iter().flat_map(|merge| merge.customers.iter().chain([&merge.into])));
        ids.extend(summary.example_splits.iter().flat_map(|split| split.becomes.iter().chain([&split.customer])));
    }
    let customers: Vec<CustomerId> = ids.iter().copied().collect();
    let records: Vec<RecordId> = customers.iter().map(|id| RecordId::from_uuid(id.uuid())).collect();
    let mut names: BTreeMap<CustomerId, String> = BTreeMap::new();
    for stored in record::get_many(tx, &records).await? {
        names.insert(CustomerId::from_uuid(stored.record.id.uuid()), name_of(&stored.record.contact));
    }
    for put in customer::get_many(tx, &customers).await? {
        names.insert(put.customer.id, put.customer.display_name);
    }
    Ok(Shown { stopped: stopped(tx, &changeover).await?, changeover, names })
}

/// Why it stands still, if it does.
async fn stopped(tx: &mut Tx, changeover: &Changeover) -> Result<Option<String>> {
    if matches!(changeover.state, State::Previewed | State::Applied) {
        return Ok(None);
    }
    let task = task::get(tx, &Key::Changeover.to_string()).await?.filter(|task| task.state == "parked");
    Ok(task.map(|task| task.reason.unwrap_or_else(|| "no reason was written down".to_owned())))
}

fn name_of(contact: &Contact) -> String {
    let name = contact.name.as_ref().map(|name| name.as_written().to_owned());
    let name = name.or_else(|| contact.company.clone());
    let name = name.or_else(|| contact.phones.first().map(|phone| phone.as_str().to_owned()));
    name.or_else(|| contact.emails.first().map(|email| email.as_str().to_owned())).unwrap_or_default()
}

/// What a look finds, neighbourhood by neighbourhood.
#[derive(Default)]
struct Found {
    summary: Summary,
    digest: Digest,
}

impl Found {
    fn note(&mut self, around: &Neighbourhood, outcome: &Outcome) {
        let moved: HashMap<RecordId, CustomerId> = outcome.moved.iter().copied().collect();
        // By what they are and by what they would be: both ways, in the order of age.
        let mut before: BTreeMap<CustomerId, BTreeSet<CustomerId>> = BTreeMap::new();
        let mut after: BTreeMap<CustomerId, BTreeSet<CustomerId>> = BTreeMap::new();
        for (record, was) in around.stored_inside() {
            let becomes = moved.get(&record).copied().unwrap_or(was);
            before.entry(was).or_default().insert(becomes);
            after.entry(becomes).or_default().insert(was);
        }
        let some = |ids: BTreeSet<CustomerId>| ids.into_iter().take(MAX_NAMED).collect();
        let summary = &mut self.summary;
        summary.customers_before += before.len() as u64;
        summary.customers_after += after.len() as u64;
        summary.records_moved += moved.len() as u64;
        summary.reviews_opened += outcome.opened.len() as u64;
        summary.reviews_closed += outcome.closed.len() as u64;
        for (into, customers) in after.into_iter().filter(|(_, customers)| customers.len() > 1) {
            summary.merges += 1;
            if summary.example_merges.len() < MAX_EXAMPLES {
                summary.example_merges.push(Merge { into, customers: some(customers) });
            }
        }
        for (customer, becomes) in before.into_iter().filter(|(_, becomes)| becomes.len() > 1) {
            summary.splits += 1;
            if summary.example_splits.len() < MAX_EXAMPLES {
                summary.example_splits.push(Split { customer, becomes: some(becomes) });
            }
        }
        for (record, becomes) in &moved {
            self.digest.add(format!("{record} {becomes}").as_bytes());
        }
        for pair in &outcome.opened {
            self.digest.add(format!("opens {} {}", pair.a, pair.b).as_bytes());
        }
        for review in &outcome.closed {
            self.digest.add(format!("closes {review}").as_bytes());
        }
    }
}
