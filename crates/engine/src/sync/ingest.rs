//! One page on its way in: its rows, what follows from them, where the next page begins, the progress and the hold on the
//! lease are one transaction (law 4).

use std::collections::{BTreeSet, HashSet};

use doorstep_core::contact::Contact;
use doorstep_core::id::{RecordId, RunId};
use doorstep_core::source::{Gone, Makes, Parent, StreamSpec};
use doorstep_core::sync::{Counts, Problem, Report};
use doorstep_core::{Scope, planted};
use doorstep_store::live_record::{self, Object, Word};
use doorstep_store::stream_cursor::Progress;
use doorstep_store::task::{self, Claim};
use doorstep_store::{Tx, stream_cursor, sync};
use doorstep_upstream::source::{Failure, Row, Skipped, Source};

use super::arrive::Arrival;
use super::deriving::Deriving;
use super::people::People;
use super::take::{self, How, Taken, Told};
use crate::error::{Error, Result};

/// Rows of one transaction: each may bring a person with identifiers, a customer and its words.
const ROWS_PER_STEP: usize = 1_000;

/// What stays the same while a connection is read.
pub(super) struct Reading<'a> {
    pub deriving: Deriving<'a>,
    pub scope: Scope,
    pub claim: &'a Claim,
    /// The run that this is of; none where one customer is read by itself.
    pub run: Option<RunId>,
    pub source: Box<dyn Source>,
}

/// Why reading stops.
pub(super) enum Stop {
    /// The source gave no answer: the stream fails, the others go on.
    Failed(Failure),
    /// Somebody stopped the run.
    Canceled,
    /// Nothing of the source's: the task fails, and is tried again.
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<doorstep_store::Error> for Stop {
    fn from(error: doorstep_store::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Rows to be stored, and where the stream is once they are.
pub(super) struct Batch {
    pub rows: Vec<Row>,
    pub skipped: Vec<Skipped>,
    pub progress: Progress,
    /// They are a sweep's: what is known counts only if it is newer, and that they were met is noted.
    pub is_sweep: bool,
}

impl Reading<'_> {
    /// A transaction that counts only while the lease is held, and that nothing else of the connection is stored beside.
    #[crate::boxed]
    pub(super) async fn begin(&self) -> Result<Tx> {
        let mut tx = self.deriving.engine.db.write(&self.scope).await?;
        task::hold(&mut tx, self.claim).await?;
        tx.lock_connection(self.deriving.connection.id).await?;
        Ok(tx)
    }

    /// A transaction that works on a stream. The run comes first and who is who after it, in the order in which whoever
    /// stops a run takes them: else two wait for each other on PostgreSQL.
    #[crate::boxed]
    pub(super) async fn begin_page(&self, stream: &StreamSpec, report: &Report) -> Result<Tx, Stop> {
        let mut tx = self.begin().await?;
        match self.advance(&mut tx, stream.name, report, &[]).await? {
            true => Ok(tx),
            false => Err(Stop::Canceled),
        }
    }

    /// Writes down how far the run is, and what was wrong; whether it is to go on.
    #[crate::boxed]
    pub(super) async fn advance(
        &self,
        tx: &mut Tx,
        stream: &str,
        report: &Report,
        problems: &[Problem],
    ) -> Result<bool> {
        let Some(run) = self.run else { return Ok(true) };
        sync::add_problems(tx, run, problems).await?;
        Ok(sync::set_progress(tx, run, Some(stream), report).await?)
    }

    fn is_about_people(&self, stream: &'static StreamSpec) -> bool {
        self.deriving.whole_of(stream).makes.contains(&Makes::Contact)
    }

    /// Stores rows, in as many transactions as they need; only the last one moves the stream on (I-02: the cursor never
    /// passes a row that is not stored).
    #[crate::boxed]
    pub(super) async fn store(
        &self,
        stream: &'static StreamSpec,
        batch: Batch,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let problem = |key: Option<String>, why: String| Problem { stream: stream.name.to_owned(), key, reason: why };
        let mut refused: Vec<Problem> = batch.skipped.into_iter().map(|it| problem(it.key, it.why)).collect();
        let mut rows = Vec::with_capacity(batch.rows.len());
        for row in batch.rows {
            match take::sound(stream.name, row) {
                Ok(told) => rows.push(told),
                Err(problem) => refused.push(problem),
            }
        }
        if planted!("the-cursor-goes-first") {
            let mut tx = self.begin().await?;
            stream_cursor::put(&mut tx, self.deriving.connection.id, stream.name, &batch.progress).await?;
            tx.commit().await?;
        }
        let how = if batch.is_sweep { How::Sweep } else { How::Page };
        let mut left = in_steps(rows);
        while let Some(rows) = left.pop() {
            let mut tx = self.begin_page(stream, report).await?;
            if left.is_empty() {
                stream_cursor::put(&mut tx, self.deriving.connection.id, stream.name, &batch.progress).await?;
            }
            let mut after = report.clone();
            let entry = after.entry(stream.name.to_owned()).or_default();
            entry.counts.fetched += refused.len() as u64;
            entry.counts.skipped += refused.len() as u64;
            // Only people can be too many together.
            let mut again = if self.is_about_people(stream) { rows.clone() } else { Vec::new() };
            let stored = match self.step(&mut tx, stream, rows, how, true).await {
                // Many neighbourhoods together may be too large where each is not.
                Err(Error::TooConnected { .. }) if again.len() > 1 => {
                    let half = again.split_off(again.len() / 2);
                    left.extend([half, again]);
                    continue;
                }
                // One that hangs together with half the town is kept as it was said, and is nobody's.
                Err(error @ Error::TooConnected { .. }) => {
                    drop(tx);
                    tx = self.begin_page(stream, report).await?;
                    if left.is_empty() {
                        stream_cursor::put(&mut tx, self.deriving.connection.id, stream.name, &batch.progress).await?;
                    }
                    let key = again.first().map(|told| told.row.key.clone());
                    let (counts, mut problems) = self.step(&mut tx, stream, again, how, false).await?;
                    problems.push(problem(key, error.to_string()));
                    (counts, problems)
                }
                stored => stored?,
            };
            let (counts, mut problems) = stored;
            entry.counts.add(&counts);
            problems.append(&mut refused);
            if !self.advance(&mut tx, stream.name, &after, &problems).await? {
                return Err(Stop::Canceled);
            }
            tx.commit().await?;
            *report = after;
        }
        Ok(())
    }

    /// Stores rows and what follows from them within one transaction. `resolves`: whose they are is settled, too.
    pub(super) async fn step(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        rows: Vec<Told>,
        how: How<'_>,
        resolves: bool,
    ) -> Result<(Counts, Vec<Problem>)> {
        if rows.is_empty() {
            return Ok((Counts::default(), Vec::new()));
        }
        if self.is_about_people(stream) {
            tx.lock_identity().await?;
        }
        let (connection, now) = (self.deriving.connection.id, tx.now());
        let keys: Vec<&str> = rows.iter().map(|told| told.row.key.as_str()).collect();
        let heads = live_record::heads(tx, connection, stream.name, &keys).await?;
        if matches!(how, How::Sweep) {
            let met: Vec<String> = rows.iter().map(|told| told.row.key.clone()).collect();
            stream_cursor::met(tx, connection, stream.name, &met).await?;
        }
        let mut make_id = take::ids_at(&self.deriving.engine.ids, now);
        let mut taken = take::sort(connection, rows, &heads, how, &mut make_id);
        drop(make_id);
        let mut arrival = match stream.makes.contains(&Makes::Contact) && resolves {
            true => self.deriving.arrive(tx, stream, &mut taken.new).await?,
            false => Arrival::default(),
        };
        self.write(tx, stream, &taken).await?;
        let (seen, mut problems) = (std::mem::take(&mut arrival.seen), std::mem::take(&mut arrival.problems));
        if !seen.is_empty() {
            self.deriving.welcome(tx, arrival).await?;
        }
        problems.extend(self.follow(tx, stream, &mut taken, &seen, resolves).await?);
        taken.counts.failed += problems.len() as u64;
        Ok((taken.counts, problems))
    }

    /// Stores the words.
    async fn write(&self, tx: &mut Tx, stream: &'static StreamSpec, taken: &Taken) -> Result<()> {
        let kept: Vec<RecordId> =
            taken.before.iter().filter(|(_, head)| !take::is_out(head)).map(|(id, _)| *id).collect();
        let going: Vec<RecordId> = taken.going.iter().map(|(id, _)| *id).collect();
        live_record::keep_versions(tx, &[kept, going].concat()).await?;
        live_record::insert(tx, self.deriving.connection.id, self.deriving.connection.source, stream.name, &taken.new)
            .await?;
        live_record::replace(tx, &taken.changed).await?;
        live_record::set_modified(tx, &taken.modified).await?;
        Ok(())
    }

    /// Does what follows from words that were stored; what became nothing of ours, with the reason. `settled` are those of
    /// whom all is known already whose they are.
    async fn follow(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        taken: &mut Taken,
        settled: &HashSet<RecordId>,
        resolves: bool,
    ) -> Result<Vec<Problem>> {
        if taken.said().next().is_none() && taken.going.is_empty() {
            return Ok(Vec::new());
        }
        self.deriving.forbid(tx, stream, taken.said().map(|word| (word.id, &word.payload))).await?;
        let going: Vec<RecordId> = taken.going.iter().map(|(id, _)| *id).collect();
        let whole = self.deriving.whole_of(stream);
        let keys = touched(stream, whole, taken, settled);
        let is_itself = whole.name == stream.name;
        let problems = if whole.makes.contains(&Makes::Contact) {
            let mut people = People { keys, kept: HashSet::new(), ..People::default() };
            if is_itself {
                people.kept = taken.said().map(|word| word.id).collect();
                people.going.clone_from(&going);
                people.arrived = taken.arrived().map(|word| word.key.clone()).collect();
                (people.joined, people.parted) = merges(taken);
            } else {
                live_record::take_out(tx, &going).await?;
            }
            if resolves { self.deriving.people(tx, whole, people).await? } else { Vec::new() }
        } else {
            if is_itself {
                self.deriving.remove_derived(tx, stream, &going).await?;
            }
            live_record::take_out(tx, &going).await?;
            let new: HashSet<RecordId> =
                if is_itself { taken.new.iter().map(|word| word.id).collect() } else { HashSet::new() };
            let objects = match is_itself {
                true => objects_of(stream, taken),
                false => {
                    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                    live_record::by_keys(tx, self.deriving.connection.id, whole.name, &keys).await?
                }
            };
            self.deriving.derive(tx, whole, objects, &new).await?
        };
        self.mark(tx, stream, taken).await?;
        Ok(problems)
    }

    /// Notes what is to be made again elsewhere: what waited for an object that arrived, and what shows its name.
    async fn mark(&self, tx: &mut Tx, stream: &'static StreamSpec, taken: &Taken) -> Result<()> {
        let arrived: Vec<&str> = taken.arrived().map(|word| word.key.as_str()).collect();
        // What hung on an object that goes has no row any more.
        let touched: Vec<&str> = arrived.iter().copied().chain(taken.going_keys.iter().map(String::as_str)).collect();
        for child in self.deriving.spec.streams.iter().filter(|child| child.parent == Parent::HangsOn(stream.name)) {
            live_record::mark_children(tx, self.deriving.connection.id, child.name, &touched).await?;
        }
        let is_named = stream.makes.contains(&Makes::Name);
        if is_named || stream.makes.contains(&Makes::Property) {
            let said: Vec<&str> = match is_named {
                true => taken.said().map(|word| word.key.as_str()).collect(),
                false => arrived,
            };
            live_record::mark_referring(tx, self.deriving.connection.id, stream.name, &said).await?;
        }
        Ok(())
    }
}

/// Rows in as many steps as they need, the last one first.
fn in_steps(mut rows: Vec<Told>) -> Vec<Vec<Told>> {
    let mut steps = Vec::with_capacity(rows.len() / ROWS_PER_STEP + 1);
    while rows.len() > ROWS_PER_STEP {
        let whole = (rows.len() - 1) / ROWS_PER_STEP * ROWS_PER_STEP;
        steps.push(rows.split_off(whole));
    }
    steps.push(rows);
    steps
}

/// What was said, as it is stored by now. What it says is taken out of the words: nobody else asks for it after that.
fn objects_of(stream: &StreamSpec, taken: &mut Taken) -> Vec<Object> {
    let object = |word: &mut Word| Object {
        id: word.id,
        stream: stream.name.to_owned(),
        key: word.key.clone(),
        parent_key: word.parent_key.clone(),
        gone: word.gone.clone(),
        payload: std::mem::take(&mut word.payload),
        contact: Contact::default(),
        customer: None,
    };
    taken.new.iter_mut().chain(&mut taken.changed).map(object).collect()
}

/// The keys of the wholes that are to be computed again: of objects themselves, or of what they are and were part of.
fn touched(stream: &StreamSpec, whole: &StreamSpec, taken: &Taken, settled: &HashSet<RecordId>) -> BTreeSet<String> {
    if whole.name == stream.name {
        return taken.said().filter(|word| !settled.contains(&word.id)).map(|word| word.key.clone()).collect();
    }
    if planted!("a-part-touches-nothing") {
        return BTreeSet::new();
    }
    let now = taken.said().filter_map(|word| word.parent_key.clone());
    let before = taken.before.values().filter_map(|head| head.parent_key.clone());
    let gone = taken.going.iter().filter_map(|(_, head)| head.parent_key.clone());
    now.chain(before).chain(gone).collect()
}

type Merges = (Vec<(RecordId, String)>, Vec<(RecordId, String)>);

/// Which objects their source has merged into which since, and which no longer.
fn merges(taken: &Taken) -> Merges {
    let into = |gone: Option<&Gone>| match gone {
        Some(Gone::Merged { into }) => Some(into.clone()),
        Some(Gone::Inactive | Gone::Deleted) | None => None,
    };
    let (mut joined, mut parted) = (Vec::new(), Vec::new());
    for word in taken.said() {
        let now = into(word.gone.as_ref()).filter(|into| *into != word.key);
        let before = taken.before.get(&word.id).and_then(|head| into(head.gone.as_ref()));
        if now != before {
            joined.extend(now.map(|into| (word.id, into)));
            parted.extend(before.map(|into| (word.id, into)));
        }
    }
    (joined, parted)
}
