//! The task that reads one customer again (docs/decisions/0061).
//!
//! It runs at any hour, beside a run of the same connection or without one, and stores by the same steps as runs do. The two
//! store one after the other (`Reading::begin`), each compares what it has with what is there then, and this one knows besides
//! what was there before it asked: what was said since gives way to a newer stamp only. No cursor of a stream is touched, so that
//! a run reads what it would have read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use doorstep_core::connection::Connection;
use doorstep_core::id::{CustomerId, RecordId};
use doorstep_core::source::{Gone, Makes, Parent, StreamSpec};
use doorstep_core::{Scope, Timestamp, planted};
use doorstep_store::live_record::{self, Head};
use doorstep_store::refresh::{self, Refresh};
use doorstep_store::task::{self as task_table, Claim};
use doorstep_store::{Tx, connection, stream_cursor, tenant};
use doorstep_upstream::source::{Failure, OneCustomer, Row};

use super::ask::{self, RECENT_SECONDS, Rest};
use super::derive::deleted;
use super::deriving::{Deriving, in_order};
use super::figures::Outcome;
use super::ingest::{Reading, Stop};
use super::people::People;
use super::sweep::{MAX_MISSING, is_mass};
use super::take::{self, How, Told};
use crate::Engine;
use crate::error::{Error, Result};

/// The longest that the source is asked for one customer, its own tries included: whoever waits has gone by then, and a worker
/// has other things to do.
const LIMIT: Duration = Duration::from_secs(45);
/// Objects that are followed from the customer to whom it was merged into, and from there.
const MAX_MERGES: usize = 4;

/// What a source was found to say of one customer.
#[derive(Default)]
struct Answer {
    /// What was known before it was asked, by stream.
    seen: Seen,
    /// What it said, by stream.
    rows: BTreeMap<&'static str, Vec<Row>>,
    /// What could not be read, and why.
    left_out: Option<String>,
}

/// What is known of a customer's objects, by stream and key.
type Seen = BTreeMap<&'static str, HashMap<String, Head>>;

/// Reads a customer again from each connection that knows them.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim, id: CustomerId) -> Result<()> {
    let scope = Scope::worker(claim.tenant);
    let mut tx = engine.db.write(&scope).await?;
    task_table::hold(&mut tx, claim).await?;
    let customer = match ask::living(&mut tx, id).await {
        Err(Error::NoCustomer(_)) => return Ok(()),
        customer => customer?,
    };
    let now = tx.now();
    let mut records = ask::connected(&mut tx, customer).await?;
    // Woken again while it ran, for one who is content with what was read then; or one of several connections rests.
    let is_recent = |at: Timestamp| at >= now.plus_seconds(-RECENT_SECONDS);
    records.retain(|it| {
        it.readings.as_ref().is_none_or(|it| it.rest(now).is_none() && !it.read_at.is_some_and(is_recent))
    });
    let ids: Vec<RecordId> = records.iter().map(|it| it.record).collect();
    refresh::begin(&mut tx, &ids).await?;
    let mut by_connection: BTreeMap<_, Vec<Refresh>> = BTreeMap::new();
    records.into_iter().for_each(|it| by_connection.entry(it.connection).or_default().push(it));
    let mut all = Vec::new();
    for (id, records) in by_connection {
        let Some(connection) = connection::get(&mut tx, id).await? else { continue };
        let sealed = connection::credentials(&mut tx, id).await?;
        all.push((connection, sealed, records));
    }
    let region = tenant::get(&mut tx).await?.country;
    tx.commit().await?;
    for (connection, sealed, records) in all {
        let opened = engine.open_source(claim.tenant, &connection, sealed);
        let (mapping, ids) =
            (engine.mapping_of(connection.source)?, records.iter().map(|it| it.record).collect::<Vec<_>>());
        let source = match opened {
            Ok(source) => source,
            Err(error @ (Error::NoKey | Error::OtherKey | Error::Unsealable | Error::Source(_))) => {
                failed(engine, &scope, claim, &connection, &ids, &error.to_string()).await?;
                continue;
            }
            Err(other) => return Err(other),
        };
        let spec = mapping.spec();
        let (scope, run) = (scope.clone(), None);
        let deriving = Deriving { engine, connection, spec, mapping, region, missing: Mutex::default() };
        let reading = Reading { deriving, scope, claim, run, source };
        match reading.refresh(&records, now).await {
            Ok(()) => engine.refreshes.count(Outcome::Read),
            Err(Stop::Failed(failure)) => {
                failed(engine, &reading.scope, claim, &reading.deriving.connection, &ids, &failure.to_string()).await?;
            }
            Err(Stop::Broken(error)) => return Err(error),
            // That is said of runs.
            Err(Stop::Canceled) => {}
        }
    }
    Ok(())
}

/// Notes that a reading failed, for whoever waits and for whoever asks next.
async fn failed(
    engine: &Engine,
    scope: &Scope,
    claim: &Claim,
    connection: &Connection,
    ids: &[RecordId],
    reason: &str,
) -> Result<()> {
    tracing::warn!(tenant = %claim.tenant, connection = %connection.id, reason, "a customer could not be read again");
    let mut tx = engine.db.write(scope).await?;
    task_table::hold(&mut tx, claim).await?;
    refresh::fail(&mut tx, ids, reason).await?;
    tx.commit().await?;
    engine.refreshes.count(Outcome::Failed);
    Ok(())
}

impl Reading<'_> {
    /// Asks for what these records of one customer are at the source, and stores it.
    async fn refresh(&self, records: &[Refresh], began_at: Timestamp) -> Result<(), Stop> {
        let of_people = self.deriving.spec.streams.iter().find(|stream| stream.makes.contains(&Makes::Contact));
        let Some(of_people) = of_people else { return Ok(()) };
        let asking = self.answers(of_people, records);
        let answers = match tokio::time::timeout(LIMIT, asking).await {
            Ok(answers) => answers?,
            Err(_) => {
                let why = format!("the source has not told of the customer for {} seconds", LIMIT.as_secs());
                return Err(Failure::Retry { after: None, why }.into());
            }
        };
        let ids: Vec<RecordId> = records.iter().map(|it| it.record).collect();
        match self.keep(&answers, &ids, began_at, true).await {
            // One that hangs together with half the town is kept as it was said, and is nobody's.
            Err(Stop::Broken(Error::TooConnected { .. })) => self.keep(&answers, &ids, began_at, false).await,
            kept => kept,
        }
    }

    /// What the source says of the records, and of those whom it has merged them into.
    async fn answers(&self, of_people: &'static StreamSpec, records: &[Refresh]) -> Result<Vec<Answer>, Stop> {
        let mut wanted: Vec<String> =
            records.iter().filter(|it| it.stream == of_people.name).map(|it| it.key.clone()).collect();
        let most = wanted.len() + MAX_MERGES;
        let (mut asked, mut answers): (BTreeSet<String>, _) = (BTreeSet::new(), Vec::new());
        while let Some(key) = wanted.pop() {
            if asked.len() >= most || !asked.insert(key.clone()) {
                continue;
            }
            let seen = self.seen(of_people, &key).await?;
            let found = self.ask(self.source.customer(&key)).await?;
            let answer = self.answer(of_people, &key, seen, found).await?;
            wanted.extend(answer.rows.get(of_people.name).into_iter().flatten().filter_map(|row| match &row.gone {
                Some(Gone::Merged { into }) => Some(into.clone()),
                Some(Gone::Inactive | Gone::Deleted) | None => None,
            }));
            answers.push(answer);
        }
        Ok(answers)
    }

    /// What is known of a customer and of all that belongs to it.
    async fn seen(&self, of_people: &'static StreamSpec, key: &str) -> Result<Seen, Stop> {
        let (connection, mut seen) = (self.deriving.connection.id, Seen::new());
        let mut tx = self.deriving.engine.db.read(&self.scope).await?;
        seen.insert(of_people.name, live_record::heads(&mut tx, connection, of_people.name, &[key]).await?);
        // A parent may be declared behind what belongs to it.
        loop {
            let is_next = |stream: &&StreamSpec| match stream.parent {
                Parent::PartOf(parent) | Parent::HangsOn(parent) => {
                    seen.contains_key(parent) && !seen.contains_key(stream.name)
                }
                Parent::None => false,
            };
            let Some(stream) = self.deriving.spec.streams.iter().find(is_next) else { return Ok(seen) };
            let (Parent::PartOf(parent) | Parent::HangsOn(parent)) = stream.parent else { return Ok(seen) };
            let parents: Vec<&str> = seen.get(parent).into_iter().flat_map(HashMap::keys).map(String::as_str).collect();
            let found = live_record::heads_of_parents(&mut tx, connection, stream.name, &parents).await?;
            seen.insert(stream.name, found);
        }
    }

    /// Sorts an answer, and asks for each object that is known and was not told of.
    async fn answer(
        &self,
        of_people: &'static StreamSpec,
        key: &str,
        seen: Seen,
        found: Option<OneCustomer>,
    ) -> Result<Answer, Stop> {
        let mut answer = Answer { seen, ..Answer::default() };
        let mut told: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        match found {
            None => {
                answer.rows.insert(of_people.name, vec![deleted(key.to_owned(), None)]);
                told.extend(answer.seen.keys().map(|stream| (*stream, BTreeSet::new())));
                told.entry(of_people.name).or_default().insert(key.to_owned());
            }
            Some(found) => {
                let label = |name: &str| self.deriving.spec.stream(name).map_or("some of it", |stream| stream.label);
                answer.left_out = found.left_out.first().map(|(name, why)| format!("{}: {why}", label(name)));
                for portion in found.portions {
                    if portion.is_whole {
                        let keys = portion.rows.iter().map(|row| row.key.clone());
                        let skipped = portion.skipped.iter().filter_map(|it| it.key.clone());
                        told.insert(portion.stream, keys.chain(skipped).collect());
                    }
                    let sound =
                        portion.rows.into_iter().filter_map(|row| Some(take::sound(portion.stream, row).ok()?.row));
                    answer.rows.insert(portion.stream, sound.collect());
                }
            }
        }
        self.confirm_missing(&told, &mut answer).await?;
        Ok(answer)
    }

    /// Adds what became of objects that are known and were not told of. Absence is no deletion (I-05): each is asked for by
    /// itself, and where many are missing that is left to the sweep, which asks a person.
    async fn confirm_missing(
        &self,
        told: &BTreeMap<&'static str, BTreeSet<String>>,
        answer: &mut Answer,
    ) -> Result<(), Stop> {
        for (stream, told) in told {
            let Some(known) = answer.seen.get(stream) else { continue };
            let missing: Vec<(&String, &Head)> =
                known.iter().filter(|(key, head)| !told.contains(*key) && !take::is_out(head)).collect();
            if missing.is_empty() || missing.len() as u64 > MAX_MISSING {
                continue;
            }
            let (mut alive, mut gone) = (Vec::new(), Vec::new());
            for (key, head) in missing {
                match self.ask(self.source.read(stream, key, head.parent_key.as_deref())).await {
                    Ok(Some(row)) => alive.extend(take::sound(stream, row).ok().map(|told| told.row)),
                    Ok(None) => gone.push(deleted(key.clone(), head.parent_key.clone())),
                    // It is there, and cannot be read at this moment.
                    Err(Failure::Skip { .. }) => {}
                    Err(failure) => return Err(failure.into()),
                }
            }
            if gone.len() > 1 {
                let mut tx = self.deriving.engine.db.read(&self.scope).await?;
                let all = live_record::count(&mut tx, self.deriving.connection.id, stream).await?;
                if is_mass(gone.len() as u64, all) {
                    gone.clear();
                }
            }
            answer.rows.entry(stream).or_default().extend(alive.into_iter().chain(gone));
        }
        Ok(())
    }

    /// Stores all that was said, what follows from it, and when that was, in one transaction. `resolves`: whose it is is
    /// settled, too.
    async fn keep(
        &self,
        answers: &[Answer],
        records: &[RecordId],
        began_at: Timestamp,
        resolves: bool,
    ) -> Result<(), Stop> {
        let mut tx = self.begin().await?;
        let found = connection::get(&mut tx, self.deriving.connection.id).await?;
        if found.is_none_or(|it| it.removed_at.is_some()) {
            // It was taken away while it was asked: nothing of it comes back.
            return Ok(());
        }
        let mut touched: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for stream in in_order(self.deriving.spec) {
            let mut rows: Vec<Row> = Vec::new();
            let mut seen: HashMap<String, Head> = HashMap::new();
            for answer in answers {
                rows.extend(answer.rows.get(stream.name).into_iter().flatten().cloned());
                seen.extend(
                    answer.seen.get(stream.name).into_iter().flatten().map(|(key, it)| (key.clone(), it.clone())),
                );
            }
            touched
                .entry(stream.name)
                .or_default()
                .extend(rows.iter().map(|row| row.key.clone()).chain(seen.keys().cloned()));
            if !rows.is_empty() {
                let told = rows.into_iter().map(Told::from).collect();
                self.step(&mut tx, stream, told, How::Beside(&seen), resolves).await?;
            }
        }
        for stream in in_order(self.deriving.spec) {
            self.make_again(&mut tx, stream, touched.get(stream.name), resolves).await?;
            if planted!("a-refresh-moves-the-cursor") {
                let progress = stream_cursor::Progress { read_at: Some(began_at), ..Default::default() };
                stream_cursor::put(&mut tx, self.deriving.connection.id, stream.name, &progress).await?;
            }
        }
        let records = self.all_read(&mut tx, answers, records).await?;
        match answers.iter().find_map(|answer| answer.left_out.as_deref()) {
            Some(why) => refresh::fail(&mut tx, &records, why).await?,
            None => refresh::succeed(&mut tx, &records, began_at).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    /// The records that were to be read, and those whom they were merged into, who have been read with them.
    async fn all_read(&self, tx: &mut Tx, answers: &[Answer], records: &[RecordId]) -> Result<Vec<RecordId>> {
        let mut all: BTreeSet<RecordId> = records.iter().copied().collect();
        for stream in self.deriving.spec.streams.iter().filter(|stream| stream.makes.contains(&Makes::Contact)) {
            let told = answers.iter().filter_map(|answer| answer.rows.get(stream.name)).flatten();
            let keys: Vec<&str> = told.map(|row| row.key.as_str()).collect();
            let heads = live_record::heads(tx, self.deriving.connection.id, stream.name, &keys).await?;
            all.extend(heads.into_values().map(|head| head.id));
        }
        Ok(all.into_iter().collect())
    }

    /// Makes the rows again that wait for it, of these objects; those of others are left to the next run.
    async fn make_again(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        keys: Option<&BTreeSet<String>>,
        resolves: bool,
    ) -> Result<()> {
        let keys: Vec<&str> = keys.into_iter().flatten().map(String::as_str).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let heads = live_record::heads(tx, self.deriving.connection.id, stream.name, &keys).await?;
        let ids: Vec<RecordId> = heads.values().map(|head| head.id).collect();
        let stale = live_record::stale_among(tx, &ids).await?;
        if stale.is_empty() {
            return Ok(());
        }
        let objects = live_record::get_many(tx, &stale).await?;
        if !stream.makes.contains(&Makes::Contact) {
            self.deriving.derive(tx, stream, objects, &HashSet::new()).await?;
        } else if resolves {
            let keys = objects.iter().map(|object| object.key.clone()).collect();
            self.deriving.people(tx, stream, People { keys, ..People::default() }).await?;
        }
        live_record::set_fresh(tx, &stale).await?;
        Ok(())
    }
}
